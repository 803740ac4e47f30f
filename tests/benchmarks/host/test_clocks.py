from __future__ import annotations

import time

import pytest

from benchmarks.host.clocks import Moment, disagreement, now


def moment(steady: float, boot: float | None, wall: float) -> Moment:
    return Moment(steady=steady, boot=boot, wall=wall)


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (moment(30, 30, 1030), None),
        (moment(30, 30.05, 1030.2), None),  # a hair, as two readings of two clocks have
        (moment(30, 630, 1630), "slept for 600.0 s"),
        (moment(30, 30, 1029), "jumped by -1.0 s"),
        (moment(30, 30, 4630), "jumped by +3600.0 s"),
        (moment(30, None, 1630), "jumped by +600.0 s: it was set, or the machine slept"),
        (moment(30, None, 1030), None),
    ],
)
def test_what_the_clocks_tell(end: Moment, says: str | None) -> None:
    why = disagreement(moment(0, 0 if end.boot is not None else None, 1000), end)
    assert (why is None) if says is None else (says in str(why))


def test_real_clocks_agree() -> None:
    begin = now()
    time.sleep(0.05)
    assert disagreement(begin, now()) is None
