"""Which tests the daily loop leaves out, and in which order files run."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from labs.deployments.catalogue import names
from labs.deployments.register import arrangement

COLLECTED = pytest.StashKey[list[pytest.Item]]()  # every test that was found, also those that are left out

PAGES, SLOW, ALONE = "it looks at the built pages", "it is marked slow", "it is marked alone"
ANOTHER = "another deployment of its kind is tried"
SERVERS = "it starts servers, but not those of a deployment that it is given by name"

# How long a test takes beside one that starts nothing, about. Used for the order alone.
WEIGHTS = {"slow": 300, "browser": 20, "servers": 10}


def left_out(items: list[pytest.Item]) -> dict[pytest.Item, str]:
    """The tests that the daily loop leaves out, each with the reason.

    Of a test that is given deployments by name, the first of each interface by which Django is called stays.
    """
    found: dict[pytest.Item, str] = {}
    tried: set[tuple[str, str]] = set()
    for item in items:
        if reason := why(item):
            found[item] = reason
        elif item.get_closest_marker("servers"):
            case = item.nodeid.partition("[")[0], arrangement(given(item)[0]).interface
            if case in tried:
                found[item] = ANOTHER
            tried.add(case)
    return found


def why(item: pytest.Item) -> str:
    """Why a test is left out whatever else is run; empty where it is not."""
    if item.get_closest_marker("browser") or "built" in getattr(item, "fixturenames", ()):
        return PAGES
    if item.get_closest_marker("slow"):
        return SLOW
    if item.get_closest_marker("alone"):
        return ALONE
    return SERVERS if item.get_closest_marker("servers") and not given(item) else ""


def given(item: pytest.Item) -> list[str]:
    """The deployments that a test is given by name."""
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return [value for value in parameters.values() if isinstance(value, str) and value in names()]


def weights(items: list[pytest.Item]) -> Counter[object]:
    """How long each file takes, about."""
    found: Counter[object] = Counter()
    for item in items:
        found[item.path] += max(
            (weight for mark, weight in WEIGHTS.items() if item.get_closest_marker(mark)), default=1
        )
    return found


def in_order(items: list[pytest.Item]) -> None:
    """Put the tests of long files first, every file in one piece."""
    weight = weights(items)
    items.sort(key=lambda item: -weight[item.path])
