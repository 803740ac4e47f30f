"""A tiny site, and a look at what a deployment leaves behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from patience import Stopwatch

from labs import deploy, paths
from labs.runtime.deployment import Deployment
from labs.site import Site

HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def run_folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for deployments, with a space in its name, that this test alone uses.

    A test that fails may leave an owner that lives, and its servers with it: what has the folder in its environment is ended.
    """
    folder = tmp_path / "run here"
    monkeypatch.setattr(paths, "RUN", folder)
    yield folder
    if request.node.stash.get(FAILED, False):
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("LABS_RUN_FOLDER") == str(folder):
                    process.kill()


@pytest.fixture
def tiny(tmp_path: Path) -> Site:
    """A Django project that starts fast, with one media file."""
    media = tmp_path / "media files"
    media.mkdir()
    (media / "a.txt").write_text("a file\n")
    return Site(
        folder=HERE / "site", settings="tiny", wsgi="tiny_wsgi:application", python=Path(sys.executable), media=media
    )


def survivors(folder: Path) -> list[str]:
    """Processes that belong to deployments below a folder: by working folder, environment or command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.cwd(), process.environ().get("LABS_FOLDER", ""), " ".join(process.cmdline())]
        except psutil.Error:
            continue
        if any(str(folder) in trace for trace in traces):
            found.append(f"{process.pid} {traces[2][:80]}")
    return found


@pytest.fixture
def nothing_left(run_folder: Path) -> Callable[[], None]:
    """Call it: within five seconds no process and no folder of a deployment is there."""
    return lambda: nothing_is_left(run_folder)


def nothing_is_left(run_folder: Path) -> None:
    watch = Stopwatch()
    while True:
        rest = survivors(run_folder)
        folders = sorted(path.name for path in run_folder.iterdir()) if run_folder.exists() else []
        if not rest and not folders:
            return
        assert not watch.over(5), f"left behind: {rest} {folders}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def nothing_left_in() -> Callable[[Path], None]:
    """The same for any folder of deployments."""
    return nothing_is_left


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Deployment]]:
    """Call it as `deploy`: a deployment that runs already, where a test of this file asked for the same before.

    For tests that only read. One that changes anything of the servers or of the site starts its own. All of them end with
    the file, and nothing of them is left.
    """
    folder = tmp_path_factory.mktemp("shared") / "run here"
    running: dict[str, Deployment] = {}

    def ask(name: str, **options: Any) -> Deployment:
        key = repr((name, sorted(options.items())))
        if key not in running:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(paths, "RUN", folder)
                running[key] = deploy(name, **options).start()
        return running[key]

    try:
        yield ask
    finally:
        for deployment in running.values():
            deployment.stop()
    nothing_is_left(folder)
