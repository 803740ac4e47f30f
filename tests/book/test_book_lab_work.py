"""A reader at work in JupyterLab: a chapter run to its end, a kernel restarted, a measurement interrupted, an edit kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from labpage import IDLE, Lab, Window, running, window
from nbformat.v4 import new_code_cell, new_notebook
from patience import HANG, wait_for

from book import lab as jupyterlab
from book import workbooks
from book.workbooks.merge import KERNEL
from tests.labs.conftest import nothing_is_left, survivors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

CHAPTER = "book/fastcgi/apache"  # what it asks of servers is true or false; nothing in it takes a second of measuring
LONG = "fastcgi-startup"  # what is measured until it is interrupted: a block is short, and there are several
WHOLE = 240  # seconds for it on a machine that does other things too


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def reader(browser: Browser, lab: Lab) -> Iterator[Window]:
    """One window for all of them, as a reader has it."""
    with window(browser, lab) as reader:
        yield reader


def stored(path: Path) -> Any:
    return json.loads(path.read_text("utf8"))


def own(lab: Lab, name: str, code: str) -> str:
    """A notebook of the reader's own beside the workbooks."""
    cell = new_code_cell(code)  # type: ignore[no-untyped-call]
    nbformat.write(new_notebook(cells=[cell], metadata=KERNEL), lab.workbooks / name)  # type: ignore[no-untyped-call]
    return name


def test_a_chapter_runs_to_its_end(lab: Lab, reader: Window) -> None:
    (name,) = [
        each.name for each in lab.workbooks.glob("*.ipynb") if stored(each)["metadata"]["workbook"]["page"] == CHAPTER
    ]
    before = stored(lab.workbooks / name)["cells"]
    reader.start(name)
    reader.do("notebook:clear-all-cell-outputs")
    reader.run(WHOLE)
    reader.save()
    cells = [cell for cell in stored(lab.workbooks / name)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    for was, now in zip([cell for cell in before if cell["cell_type"] == "code"], cells, strict=True):
        assert bool(was["outputs"]) <= bool(now["outputs"]), now["source"]
    assert reader.told == []


def test_a_restarted_kernel_leaves_no_server(lab: Lab, reader: Window) -> None:
    reader.start(own(lab, "mine.ipynb", "from labs import deploy\nsite = deploy('gunicorn')\nsite.start()"))
    reader.run(HANG)
    assert survivors(lab.run)
    reader.do("kernelmenu:restart")
    reader.page.click(".jp-Dialog button.jp-mod-accept")
    nothing_is_left(lab.run)


def test_an_interrupted_measurement_ends_its_servers_and_keeps_its_blocks(lab: Lab, reader: Window) -> None:
    code = f"from benchmarks import claim\nclaim('{LONG}').run('lesson')"
    reader.start(own(lab, "long.ipynb", code))
    reader.do("notebook:run-all-cells")
    assert wait_for(lambda: any(blocks(lab)), WHOLE), reader.text()
    reader.do("notebook:interrupt-kernel")
    reader.page.wait_for_function(IDLE)
    nothing_is_left(lab.run)
    (kept,) = blocks(lab)  # on a busy machine they are there and do not count
    counted = sum(block.get("void") is None for block in kept)
    assert kept and f"Finished and kept: {counted} of 10 blocks" in reader.text()


def blocks(lab: Lab) -> list[list[Any]]:
    """The blocks that are kept of what is measured, one list a record."""
    return [stored(path).get("blocks", []) for path in lab.results.rglob(f"*{LONG}*.json")]


def test_an_edit_is_kept_when_a_new_edition_comes(lab: Lab, reader: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition without solutions stands for a newer one: its text is another."""
    name = next(path.name for path in sorted(lab.workbooks.glob("*.ipynb")) if "<details" in path.read_text("utf8"))
    reader.start(name)
    cell = reader.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").first
    cell.click()
    reader.page.keyboard.press("Control+End")
    reader.page.keyboard.type("\n# this is mine")
    reader.page.keyboard.press("Escape")
    reader.save()
    monkeypatch.setenv(jupyterlab.OWN, str(lab.home / "jupyter"))
    done = workbooks.write(lab.workbooks, withhold=True)
    assert name in done.edited
    assert name in done.gained
    reader.do("docmanager:reload")
    reader.page.wait_for_function("done")
    reader.arrive(name)
    assert "# this is mine" in reader.text()
    assert reader.told == []
