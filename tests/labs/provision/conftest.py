from __future__ import annotations

import pytest

from labs.provision import apt


@pytest.fixture(scope="session")
def needs_apt() -> None:
    if why := apt.missing():
        pytest.skip(f"servers are unpacked where there is apt: {why}")
