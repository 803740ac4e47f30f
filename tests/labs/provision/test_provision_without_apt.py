"""A machine without apt, such as a Mac: no error, and a word on what brings the servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from provisioning import servers

from labs.provision.servers import elsewhere


def test_it_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = servers("--into", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    assert "brew install httpd lighttpd nginx memcached postgresql@17" in done.stdout
    assert not (tmp_path / "s").exists()


def test_sets_that_brew_does_not_need_are_not_named() -> None:
    assert "brew" not in elsewhere(["playwright"], "apt-get is not here")
