"""Every workbook in a real JupyterLab: nothing unresolved, no error, no request that leaves this machine."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from labpage import IDLE, UNRESOLVED, Lab, Window, running, window

from book.workbooks.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

WINDOWS = "light", "dark"
KERNELS = "@jupyter-widgets/jupyterlab-manager", "@jupyterlab/debugger-extension"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab without what cannot do without a kernel, since starting thirty would take a minute."""
    home = tmp_path_factory.mktemp("lab")
    settings = home / "jupyter/config/labconfig/page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"disabledExtensions": dict.fromkeys(KERNELS, True)}))
    with running(home) as lab:
        yield lab


def test_the_first_page_is_laid_out_to_be_read(browser: Browser, lab: Lab) -> None:
    """Chapters at the left in the book's order, the first of them open, its headings at the right, and nothing asked."""
    with window(browser, lab) as first:
        page = first.page
        page.wait_for_selector(".jp-NotebookPanel h1")
        page.wait_for_selector("#jp-right-stack .jp-TableOfContents-tree h1, #jp-right-stack .jp-tocItem")
        page.wait_for_load_state("networkidle")
        shown = page.locator(".jp-DirListing-itemText").all_inner_texts()
        assert len(shown) > 20  # the rest is below
        assert shown == [page.filename for page in sources()][: len(shown)]
        page.wait_for_function(IDLE)
        assert not page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty"), "opening it has changed it"
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        assert first.told == []


def test_every_workbook_is_resolved(browser: Browser, lab: Lab) -> None:
    wrong: list[str] = []
    names = sorted(path.name for path in lab.workbooks.glob("*.ipynb"))
    with ExitStack() as stack:
        windows: list[Window] = [stack.enter_context(window(browser, lab, name=name, theme=name)) for name in WINDOWS]
        for start in range(0, len(names), len(windows)):
            pair = names[start : start + len(windows)]
            for each, name in zip(windows, pair, strict=False):
                each.begin(name)
            for each, name in zip(windows, pair, strict=False):
                each.arrive(name)
                wrong += [f"{name}: {line}" for line in [*each.page.evaluate(UNRESOLVED), *each.told]]
                each.told.clear()
                each.close()
    assert not wrong, "\n".join(wrong)
