from __future__ import annotations

from itertools import islice, pairwise
from statistics import fmean, stdev

import pytest

from benchmarks.plan.arrivals import constant, poisson
from benchmarks.plan.workload import Closed, Open, from_json


@pytest.mark.parametrize(
    "workload",
    [
        Open(rate=50),
        Open(rate=0.5, arrivals="poisson", pages=("/a/", "/b/"), timeout=3, keep=True, limit=7),
        Open(rate=5, user="benchmarks.users.poll:Poll"),
        Closed(users=20, pace=0.1),
    ],
)
def test_a_workload_with_a_schedule_survives_the_record(workload):
    assert from_json(workload.to_json()) == workload


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (Open, {"rate": 0}, "requests a second, above 0"),
        (Open, {"rate": -1}, "requests a second, above 0"),
        (Open, {"rate": float("nan")}, "requests a second, above 0"),
        (Open, {"rate": 1, "timeout": -1}, "in seconds, above 0"),
        (Open, {"rate": 1, "arrivals": "now and then"}, "constant or poisson"),
        (Open, {"rate": 1, "limit": 0}, "at least one user"),
        (Open, {"rate": 1, "user": "browser"}, "visitors of its own"),
        (Open, {"rate": 1, "page": "hello/"}, "starts with /"),
        (Closed, {"users": -1}, "at least one user"),
        (Closed, {"users": 1, "pace": 0}, "above 0"),
        (Closed, {"users": 1, "pace": -1}, "above 0"),
        (Closed, {"users": 1, "pace": 1, "pause": (1, 2)}, "do not pause"),
        (Closed, {"users": 1, "pace": 1, "user": "browser"}, "single pages"),
        (Closed, {"users": 1, "pause": (-1, 2)}, "shortest and the longest"),
        (Closed, {"users": 1, "timeout": 0}, "in seconds, above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_give(kind, fields, says):
    with pytest.raises(ValueError, match=says):
        kind(**fields)


def test_a_field_that_the_other_kind_has_is_named():
    with pytest.raises(ValueError, match="an open workload has no users; it has arrivals"):
        Open(rate=5).replace(users=3)


def test_a_schedule_is_the_same_for_every_arm_and_another_for_every_block():
    load = Open(rate=100, arrivals="poisson")
    first, again, other = (list(islice(load.schedule(seed), 50)) for seed in ("1/1", "1/1", "1/2"))
    assert first == again != other


def test_constant_arrivals_are_evenly_spaced():
    assert list(islice(constant(4), 5)) == [0, 0.25, 0.5, 0.75, 1]


def test_the_gaps_of_random_arrivals_spread_as_much_as_they_last():
    moments = list(islice(poisson(100, "seed"), 20_000))
    gaps = [after - before for before, after in pairwise(moments)]
    assert fmean(gaps) == pytest.approx(0.01, rel=0.05)
    assert stdev(gaps) == pytest.approx(0.01, rel=0.05)  # as those of an exponential distribution do


def test_paced_users_take_turns():
    assert list(islice(Closed(users=4, pace=2).schedule("any"), 3)) == [0, 0.5, 1]
    assert Closed(users=4).schedule("any") is None
