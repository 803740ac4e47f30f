"""When each request of a window ended: as many as were counted, in every kind of load."""

from __future__ import annotations

import pytest
from small_server import SmallServer

from benchmarks.load.marks import Marks, answers, joined
from benchmarks.load.process import Generator
from benchmarks.plan.workload import Closed, Expectation, Open, Workload

FAILS = Expectation(failures=("status 500",))


@pytest.mark.servers
@pytest.mark.parametrize(
    "workload",
    [Closed(users=2, pages=("/", "/fail/")), Open(rate=60, pages=("/", "/fail/")), Closed(users=1, pace=0.05)],
)
def test_each_request_is_marked(workload: Workload, server: SmallServer, generator: Generator) -> None:
    load = generator.trial(server.url, workload, warmup=0.2, window=0.8, expectation=FAILS, marks=True)
    seen = answers(load.marks or {})
    assert len(seen["reads"].good) == load.requests > 5
    assert len(seen["reads"].failed) == sum(load.failures.values())
    assert list(seen["reads"].good) == sorted(seen["reads"].good)
    assert seen["reads"].good[0] >= 0
    assert not seen["writes"].good and not seen["writes"].failed
    if load.due is None:
        assert seen["reads"].good[-1] <= load.seconds
        gaps = seen["reads"].around(0.0, load.seconds, load.seconds)
        assert gaps is not None
        assert gaps.longest_gap == pytest.approx(load.longest_gap, abs=1e-4), "the same as was found while it ran"


@pytest.mark.servers
def test_nothing_is_kept_where_nobody_asks(server: SmallServer, generator: Generator) -> None:
    assert generator.trial(server.url, Closed(users=1), warmup=0.1, window=0.2).marks is None


@pytest.mark.servers
def test_workers_share_it(server: SmallServer) -> None:
    with Generator(workers=2) as shared:
        load = shared.trial(server.url, Closed(users=2), warmup=0.3, window=0.6, marks=True)
    seen = answers(load.marks or {})
    assert len(seen["reads"].good) == load.requests
    assert 0 <= seen["reads"].good[0] <= seen["reads"].good[-1] <= load.end - load.begin + 0.001


def test_what_several_saw_is_counted_from_the_first_window() -> None:
    one, two = Marks(), Marks()
    for method, at, failed in (("GET", 10.5, False), ("POST", 10.75, True)):
        one.add(method, at, failed)
    two.add("DELETE", 20.25, False)
    seen = answers(joined([one.since(10.0), two.since(20.0)], [0.0, 0.125]))
    assert seen["reads"].good == [0.5]
    assert seen["writes"].failed == [0.75]
    assert seen["writes"].good == [0.375]
