"""The daily loop leaves out what it says, and no more; long files come first."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from choosing import ALONE, ANOTHER, COLLECTED, PAGES, SERVERS, SLOW, given, in_order, left_out, weights

from labs.deployments.catalogue import ARRANGEMENTS
from labs.paths import TOP

LONG = {"servers", "browser", "slow", "alone"}


@pytest.fixture(scope="module")
def tests(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """Every test there is."""
    found = request.config.stash[COLLECTED]
    if len({item.path for item in found}) < len(list((TOP / "tests").rglob("test_*.py"))):
        pytest.skip("it is about all tests together: run pytest without paths")
    return found


def marks(test: pytest.Item) -> set[str]:
    return {mark.name for mark in test.iter_markers()}


def looks_at_pages(test: pytest.Item) -> bool:
    return "browser" in marks(test) or "built" in getattr(test, "fixturenames", ())


def test_what_is_left_out_has_its_reason(tests: list[pytest.Item]) -> None:
    out = left_out(tests)
    for test, reason in out.items():
        assert {
            PAGES: looks_at_pages(test),
            SLOW: "slow" in marks(test),
            ALONE: "alone" in marks(test),
            SERVERS: "servers" in marks(test) and not given(test),
            ANOTHER: "servers" in marks(test) and given(test) != [],
        }[reason], test.nodeid
    assert set(out.values()) == {PAGES, SLOW, ALONE, SERVERS, ANOTHER}


def test_what_starts_nothing_stays(tests: list[pytest.Item]) -> None:
    out = left_out(tests)
    quick = [test for test in tests if not LONG & marks(test) and not looks_at_pages(test)]
    assert [test.nodeid for test in quick if test in out] == []
    assert len(quick) > len(tests) / 2


def test_of_each_kind_of_deployment_one_stays(tests: list[pytest.Item]) -> None:
    """In every test that is given deployments by name."""
    out = left_out(tests)
    stays: Counter[tuple[str, str]] = Counter()
    for test in tests:
        if "servers" in marks(test) and given(test) and not {"slow", "alone", "browser"} & marks(test):
            stays[test.nodeid.partition("[")[0], ARRANGEMENTS[given(test)[0]].interface] += test not in out
    assert set(stays.values()) == {1}
    every = {arrangement.interface for arrangement in ARRANGEMENTS.values()}
    assert {kind for _, kind in stays} == every, "no kind is without a test"


def test_files_that_take_long_come_first(tests: list[pytest.Item]) -> None:
    ordered = list(tests)
    in_order(ordered)
    weight = weights(ordered)
    taken = [weight[test.path] for test in ordered]
    assert taken == sorted(taken, reverse=True)
    files = [test.path for test in ordered]
    assert sum(one != two for one, two in pairwise(files)) == len(set(files)) - 1, "every file in one piece"
