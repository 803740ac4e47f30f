"""The built site on a loopback address, and a browser to look at it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from visiting import served

from book import site
from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def one_build() -> FileLock:
    """Hold it while the checkout's own site is built: tests run in several processes."""
    return FileLock(TOP / ".cache" / "site-of-the-tests.lock")


@pytest.fixture(scope="session")
def built(one_build: FileLock) -> Path:
    """The folder of the built site; building takes no time when nothing has changed."""
    # in a process of its own, as readers build it: Sphinx looks at every object of its process, and the unread settings
    # of a Django that another test has imported refuse to be looked at
    with one_build:
        done = subprocess.run(
            [sys.executable, "-m", "book", "site"], cwd=TOP, capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return site.HTML


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """Where the built site is served, without a slash at its end."""
    with served(built) as address:
        yield address


@pytest.fixture(scope="session")
def libraries() -> Iterator[None]:
    """Playwright's driver needs libatomic, which a bare Debian lacks; .servers has it, and only the driver is told so."""
    found = sorted((TOP / ".servers/root/usr/lib").glob("*-linux-gnu"))
    before = os.environ.get("LD_LIBRARY_PATH")
    if found:
        os.environ["LD_LIBRARY_PATH"] = str(found[0])
    yield
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before


@pytest.fixture(scope="module")
def browser(libraries: None) -> Iterator[Browser]:
    """One for the tests of a file. While it is there, Playwright keeps an event loop on the main thread, beside which Django
    refuses to touch a database; so it ends before another file begins."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: tests/requirements.txt")
    named = os.environ.get("CHROMIUM")
    known = [*([Path(named)] if named else []), TOP / ".servers/root/usr/bin/chromium", Path("/usr/bin/chromium")]
    found = [path for path in known if path.is_file()]
    if not found:
        pytest.skip("no Chromium: set CHROMIUM, or run: python -m labs.provision.servers browser")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(found[0]), args=FLAGS)
        yield chromium
        chromium.close()
