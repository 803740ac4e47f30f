from __future__ import annotations

import time

import pytest
from patience import HANG

from benchmarks.run.act import Act


def test_it_is_done_once_after_its_time_and_timed() -> None:
    seen: list[tuple[object, float]] = []
    begun = time.monotonic()
    with Act(lambda deployment: seen.append((deployment, time.monotonic())), "site", after=0.05) as act:
        act.begin()
    assert [deployment for deployment, _ in seen] == ["site"]
    assert seen[0][1] - begun >= 0.05
    assert act.seconds is not None


def test_nothing_to_do_is_nothing_done() -> None:
    with Act(None, "site", after=0.0) as act:
        act.begin()
    assert act.seconds is None


def test_what_it_raises_is_raised_at_the_end() -> None:
    def fail(_deployment: object) -> None:
        raise LookupError("no such server")

    with pytest.raises(LookupError, match="no such server"), Act(fail, "site", after=0.0) as act:
        act.begin()


def test_an_error_of_the_load_cancels_it() -> None:
    done: list[object] = []
    begun = time.monotonic()

    def interrupted() -> None:
        with Act(done.append, "site", after=300.0) as act:
            act.begin()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not done
    assert time.monotonic() - begun < HANG
