"""The order of the tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright keeps an event loop on the main thread until the end, and Django refuses
    to touch a database beside one."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
