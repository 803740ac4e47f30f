"""The order of the tests, and what they run under."""

from __future__ import annotations

import signal

import pytest

# A shell starts what runs in the background with Ctrl+C ignored, and whatever a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright keeps an event loop on the main thread until the end, and Django refuses
    to touch a database beside one."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
