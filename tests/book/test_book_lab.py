"""The life of `make lab`: where it listens and writes, which Python its kernels have, and that nothing outlives it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest
from labpage import Lab, command, environment, reached, running
from patience import HANG, wait_for

from book import lab
from book.contents import TOP

if TYPE_CHECKING:
    from pathlib import Path


def kernel(lab: Lab) -> psutil.Process:
    """A kernel that the lab has just started."""
    post = urllib.request.Request(
        f"{lab.address}/api/kernels", b"{}", {"Authorization": f"token {lab.token}"}, method="POST"
    )
    urllib.request.urlopen(post, timeout=HANG).close()
    (started,) = [
        child for child in psutil.Process(lab.process.pid).children() if "ipykernel_launcher" in child.cmdline()
    ]
    return started


@pytest.mark.servers
def test_it_keeps_to_the_checkout_and_its_own_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel and a setting of the reader's own Jupyter do not reach it, a taken port is passed over, Ctrl+C ends all."""
    home = tmp_path / "reader"
    stale = home / ".local/share/jupyter/kernels/python3"
    stale.mkdir(parents=True)
    (stale / "kernel.json").write_text(
        json.dumps({"argv": ["/no/such/python"], "display_name": "stale", "language": "python"})
    )
    (home / ".jupyter").mkdir()
    (home / ".jupyter/jupyter_server_config.py").write_text("raise SystemExit('another Jupyter')\n")
    before = sorted(home.rglob("*"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("JUPYTER_PATH", str(stale.parents[1]))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, command(port=port)) as lab:
            assert f"Port {port} is taken" in lab.said()
            started = kernel(lab)
            assert started.cmdline()[0] == sys.executable
            assert started.environ()["PYTHONPATH"].split(":")[0] == str(TOP)
            family = psutil.Process(lab.process.pid)
            listening = [c for p in (family, started) for c in p.net_connections("inet") if c.status == "LISTEN"]
            assert {c.laddr.ip for c in listening} == {"127.0.0.1"}
            lab.process.send_signal(signal.SIGINT)
            assert lab.process.wait(HANG) == 0
            assert not started.is_running()
            assert "y/[n]" not in lab.said()
            assert "Ending 1 kernel" in lab.said()
    assert sorted(home.rglob("*")) == before
    assert [path.name for path in (tmp_path / "jupyter/runtime").iterdir()] == ["jupyter_cookie_secret"]


@pytest.mark.servers
def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = f"import subprocess; subprocess.run({command()!r})"
    with said.open("wb") as stream:
        starter = subprocess.Popen(
            [sys.executable, "-c", script], cwd=TOP, env=environment(tmp_path), stdout=stream, stderr=subprocess.STDOUT
        )
    address, token = reached(starter, said)
    (process,) = psutil.Process(starter.pid).children()
    try:
        started = kernel(Lab(process=process, home=tmp_path, address=address, token=token))  # type: ignore[arg-type]
        starter.kill()
        starter.wait()
        assert wait_for(lambda: not process.is_running() and not started.is_running(), HANG)
    finally:
        for left in (starter, process):
            if left.poll() is None if isinstance(left, subprocess.Popen) else left.is_running():
                left.kill()


def test_what_a_reader_made_of_the_windows_stays(tmp_path: Path) -> None:
    lab.lay_out(tmp_path, "1 First.ipynb")
    (kept,) = tmp_path.iterdir()
    assert "notebook:1 First.ipynb" in kept.read_text("utf8")
    lab.lay_out(tmp_path, "2 Another.ipynb")
    assert "2 Another" not in kept.read_text("utf8")
