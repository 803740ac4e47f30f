"""The order of the tests, and what they run under."""

from __future__ import annotations

import signal

import pytest

# A shell starts what runs in the background with Ctrl+C ignored, and whatever a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests in a browser come last: Playwright keeps an event loop on the main thread until the end, and Django
    refuses to touch a database beside one. Files, since each is run by one process as a whole."""
    browsing = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in browsing)
