"""Programs are found where the reader says, then in .servers, then in the system, then in pip's wheels."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.errors import Missing
from labs.servers import program
from labs.servers.nginx import Nginx
from labs.servers.program import Program


def make(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho 'server/{version}'\n")
    path.chmod(0o755)
    return path


def test_the_order_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Program(name="exampled", apt="exampled")
    monkeypatch.setattr(program, "SERVERS", tmp_path / "servers")
    monkeypatch.setattr(program, "SYSTEM", ())
    monkeypatch.setenv("PATH", f"{tmp_path / 'system'}:/usr/bin:/bin")
    with pytest.raises(Missing, match="LABS_EXAMPLED=/path/to/exampled"):
        wanted.find()
    make(tmp_path / "system/exampled", "1.0")
    assert (wanted.find().source, wanted.find().version) == ("system", "1.0")
    make(tmp_path / "servers/usr/sbin/exampled", "2.0")
    assert (wanted.find().source, wanted.find().version) == (".servers", "2.0")
    monkeypatch.setenv("LABS_EXAMPLED", str(make(tmp_path / "mine/exampled", "3.0")))
    assert (wanted.find().source, wanted.find().version) == ("named by you", "3.0")


def test_of_several_versions_the_highest_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Program(name="exampled", also=("xd",), apt="exampled", folders=("usr/lib/exampled/*/bin",))
    monkeypatch.setattr(program, "SERVERS", tmp_path)
    for version in ("9", "15", "14"):
        make(tmp_path / "usr/lib/exampled" / version / "bin/xd", f"{version}.3")
    assert (wanted.find().source, wanted.find().version) == (".servers", "15.3")


def test_pip_brings_nginx_where_nothing_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SERVERS", tmp_path)
    monkeypatch.setattr(program, "SYSTEM", ())
    monkeypatch.setenv("PATH", "/nowhere")
    found = Nginx.program.find()
    assert found.source == "pip"
    assert found.version.startswith("1.")
