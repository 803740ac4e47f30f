"""A tiny site, and a look at what a deployment leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labs import paths
from labs.site import Site

HERE = Path(__file__).parent


@pytest.fixture
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for deployments, with a space in its name, that this test alone uses."""
    folder = tmp_path / "run here"
    monkeypatch.setattr(paths, "RUN", folder)
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Site:
    """A Django project that starts fast, with one media file."""
    media = tmp_path / "media files"
    media.mkdir()
    (media / "a.txt").write_text("a file\n")
    return Site(
        folder=HERE / "site", settings="tiny", wsgi="tiny_wsgi:application", python=Path(sys.executable), media=media
    )


def survivors(folder: Path) -> list[str]:
    """Processes that belong to deployments below a folder: by working folder, environment or command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.cwd(), process.environ().get("LABS_FOLDER", ""), " ".join(process.cmdline())]
        except psutil.Error:
            continue
        if any(str(folder) in trace for trace in traces):
            found.append(f"{process.pid} {traces[2][:80]}")
    return found


@pytest.fixture
def nothing_left(run_folder: Path) -> Callable[[], None]:
    """Call it: within five seconds no process and no folder of a deployment is there."""
    import time

    def check() -> None:
        end = time.monotonic() + 5
        while True:
            rest = survivors(run_folder)
            folders = sorted(path.name for path in run_folder.iterdir()) if run_folder.exists() else []
            if not rest and not folders:
                return
            assert time.monotonic() < end, f"left behind: {rest} {folders}"
            time.sleep(0.05)

    return check
