from __future__ import annotations

import os
import time

import pytest
from synthetic import effect

from benchmarks.result import cost
from benchmarks.result.cost import Cost
from benchmarks.store.records import Record


class Clocks:
    """A wall clock and two CPU clocks that go on as they are told."""

    def __init__(self) -> None:
        self.wall, self.own, self.load = 100.0, 5.0, {11: 1.0}

    def spend(self, wall: float, own: float = 0.0, load: float = 0.0) -> None:
        self.wall += wall
        self.own += own
        self.load = {pid: used + load for pid, used in self.load.items()}


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    found = Clocks()
    monkeypatch.setattr(time, "monotonic", lambda: found.wall)
    monkeypatch.setattr(time, "process_time", lambda: found.own)
    monkeypatch.setattr(cost, "_cpu", lambda _pids: dict(found.load))
    return found


def test_each_phase_has_what_was_spent_in_it(clocks: Clocks) -> None:
    spent = Cost(lambda: [11])
    clocks.spend(1.0)
    for _ in range(2):  # two arms
        spent.enter("start")
        clocks.spend(2.0, own=0.2)
        spent.enter("warm-up")
        clocks.spend(0.5, load=0.1)
        spent.enter("window")
        clocks.spend(2.0, own=0.05, load=0.5)
        spent.enter("window")  # a progress line within it
        clocks.spend(0.5)
        spent.enter("drain")
    spent.enter("done")
    clocks.spend(0.25, own=0.25)
    spent.enter("start")
    found = spent.to_json()
    assert found["set up"] == {"seconds": 1.0, "harness_cpu": 0.0, "generator_cpu": 1.0}
    assert found["start"]["seconds"] == pytest.approx(4.0) and found["start"]["harness_cpu"] == pytest.approx(0.4)
    assert found["load"]["seconds"] == pytest.approx(5.0) and found["load"]["generator_cpu"] == pytest.approx(1.0)
    assert found["statistics"]["harness_cpu"] == pytest.approx(0.25)
    share = cost.under_load(Record(data=effect() | {"cost": found}))
    assert share == pytest.approx((1.0 + 5.0) / (1.0 + 4.0 + 1.0 + 5.0 + 0.25))


def test_a_run_that_goes_on_adds_to_what_was_spent(clocks: Clocks) -> None:
    earlier = {"load": {"seconds": 10.0, "harness_cpu": 1.0, "generator_cpu": 2.0}}
    spent = Cost(list, earlier)
    spent.enter("window")
    clocks.spend(5.0)
    spent.enter("drain")
    assert spent.to_json()["load"]["seconds"] == pytest.approx(15.0)
    assert earlier["load"]["seconds"] == 10.0, "the record it came from stays as it is"


def test_processes_that_are_gone_cost_nothing() -> None:
    assert cost._cpu([2**22 + 1]) == {}
    assert cost._cpu([os.getpid()])[os.getpid()] > 0


def test_an_old_record_does_not_know() -> None:
    record = Record(data=effect())
    assert cost.under_load(record) is None
    assert cost.table(record) is None
