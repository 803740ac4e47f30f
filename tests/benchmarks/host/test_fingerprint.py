from __future__ import annotations

import getpass
import json
import platform
import subprocess
from pathlib import Path

import pytest

from benchmarks.host import fingerprint, machine


def test_what_shapes_a_result_is_there() -> None:
    found = fingerprint.fingerprint()
    assert found.keys() >= {"cpu", "cpus_usable", "memory_bytes", "kernel", "os", "virtual", "open_files", "python"}
    assert fingerprint.versions().keys() >= {"Python", "OpenSSL", "SQLite", "django", "locust", "gevent", "scipy"}
    json.dumps(found, allow_nan=False)


def test_nothing_names_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_NGINX", str(Path.home() / "bin" / "nginx"))
    monkeypatch.setenv("NEWSROOM_SECRET_KEY", "hush")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("HOSTNAME", "mine")
    found = fingerprint.environment()
    assert found["LABS_NGINX"] == "(a path)"
    assert found["LC_ALL"] == "C.UTF-8"
    assert {"NEWSROOM_SECRET_KEY", "HOSTNAME", "HOME", "PATH"}.isdisjoint(found)
    text = json.dumps(fingerprint.fingerprint())
    assert platform.node() not in text
    assert getpass.getuser() not in text.split() and str(fingerprint.ROOT) not in text


@pytest.mark.parametrize(
    ("cpuinfo", "there", "vendor", "said"),
    [
        ("flags : fpu hypervisor\n", True, None, "container in a virtual machine"),
        ("flags : fpu hypervisor\n", False, "QEMU", "virtual machine (QEMU)"),
        ("flags : fpu\n", True, None, "container"),
        ("flags : fpu\n", False, None, None),
    ],
)
def test_a_container_in_a_guest_is_both(
    cpuinfo: str, there: bool, vendor: str | None, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_read", lambda _path: cpuinfo)
    monkeypatch.setattr(machine, "_line", lambda _path: vendor)
    monkeypatch.setattr(Path, "exists", lambda path: there and path.name == ".dockerenv")
    assert machine.virtual() == said


def test_a_changed_file_makes_a_commit_unclean_and_a_new_record_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "benchmarks/results/reference").mkdir(parents=True)
    files = tmp_path / "code.py", tmp_path / "benchmarks/results/reference/one.json"
    for file in files:
        file.write_text("1")
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    files[1].write_text("2")
    clean = fingerprint.commit()
    assert clean
    assert not clean.endswith("+")
    files[0].write_text("2")
    assert fingerprint.commit() == f"{clean}+"
