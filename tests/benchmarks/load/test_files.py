"""A generator that may open few files: it takes what it may, says what it cannot, and holds nothing of it against a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_server import SmallServer

from benchmarks.load.process import Generator, RefusalError
from benchmarks.plan.workload import Closed, Open

pytestmark = pytest.mark.servers
FEW = 160  # open files; the generator itself needs some thirty


@contextmanager
def limited(folder: Path, limit: str) -> Iterator[Generator]:
    """A generator that is started by a shell with such a limit."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nulimit {limit} && exec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    with Generator(python=python) as generator:
        yield generator


def test_it_takes_what_its_hard_limit_allows(tmp_path: Path) -> None:
    """Also where that is below what it would like to have."""
    with SmallServer() as server, limited(tmp_path, "-Sn 100 && ulimit -Hn 1000") as generator:
        load = generator.trial(server.url, Closed(users=200, pause=(0.2, 0.4)), warmup=0.5, window=0.5)
    assert load.connections + load.requests > 200 and load.users_alive == 200
    assert not load.failures and not load.warmup.failures


def test_users_without_a_file_each_are_refused_before_they_ask(tmp_path: Path) -> None:
    with SmallServer() as server, limited(tmp_path, f"-n {FEW}") as generator:
        with pytest.raises(RefusalError, match=rf"200 users need a connection each.* may have {FEW} files open"):
            generator.trial(server.url, Closed(users=200), warmup=0.1, window=0.2)
        assert len(server.finished()) <= 1, "nothing but its own start has asked it"
        assert generator.trial(server.url, Closed(users=3), warmup=0.1, window=0.2).requests, "it is well"


def test_what_it_could_not_open_is_its_own_failure(tmp_path: Path) -> None:
    """Nobody knows before how many users a rate needs: the trial is refused afterwards, with that reason."""
    crowd = Open(rate=800, page="/wait/?seconds=1", limit=1000)
    with SmallServer() as server, limited(tmp_path, f"-n {FEW}") as generator:
        with pytest.raises(RefusalError, match=r"could open no further file .* its own failure"):
            generator.trial(server.url, crowd, warmup=0.1, window=0.6)
        assert generator.trial(server.url, Closed(users=4), warmup=0.5, window=1).users_alive == 4, "it is well"
