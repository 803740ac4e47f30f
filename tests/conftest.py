"""The order of the tests, which of them the daily loop runs, and what they run under."""

from __future__ import annotations

import signal

import pytest
from choosing import COLLECTED, in_order, left_out

# A shell starts what runs in the background with Ctrl+C ignored, and whatever a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--daily",
        action="store_true",
        help="leave out what takes long: the built pages, slow tests, servers but for one deployment of each kind",
    )


def pytest_configure(config: pytest.Config) -> None:
    # xdist would begin with the files that have most tests, however short those are
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files come first: a process that is given one at the end works on alone."""
    config.stash[COLLECTED] = list(items)
    if config.getoption("--daily"):
        out = left_out(items)
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]
    in_order(items)
