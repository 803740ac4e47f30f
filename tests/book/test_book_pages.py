"""The built site: whole, linked, quiet, offline, usable by everybody."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from visiting import Window, listen, opened, served, visit

from book.contents import documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

LOADS = (("link", "href"), ("script", "src"), ("img", "src"), ("object", "data"), ("source", "src"), ("iframe", "src"))


@cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf8"), "html.parser")


def pages(built: Path) -> list[Path]:
    return [path for path in sorted(built.rglob("*.html")) if "_static" not in path.parts]


def test_every_page_of_the_contents_is_there(built: Path) -> None:
    assert [page for page in documents() if not (built / f"{page}.html").is_file()] == []


def test_links_lead_somewhere(built: Path) -> None:
    bad, seen = [], 0
    for page in pages(built):
        for tag, attribute in (("a", "href"), *LOADS):
            for element in soup(page).find_all(tag, attrs={attribute: True}):
                address = urlsplit(str(element[attribute]))
                if address.scheme or address.netloc:
                    continue
                seen += 1
                target = (page.parent / unquote(address.path)).resolve() if address.path else page
                target = target / "index.html" if target.is_dir() else target
                if not target.is_file():
                    bad.append(f"{page.relative_to(built)}: no file {element[attribute]}")
                elif (
                    address.fragment
                    and target.suffix == ".html"
                    and not soup(target).find(id=unquote(address.fragment))
                ):
                    bad.append(f"{page.relative_to(built)}: no anchor {element[attribute]}")
    assert bad == []
    assert seen > 20 * len(documents())


def test_nothing_is_asked_of_another_host(built: Path) -> None:
    bad = [
        f"{page.relative_to(built)}: {element[attribute]}"
        for page in pages(built)
        for tag, attribute in LOADS
        for element in soup(page).find_all(tag, attrs={attribute: True})
        if re.match(r"(https?:)?//", str(element[attribute])) and "canonical" not in (element.get("rel") or [])
    ]
    sheets = [
        path
        for path in built.rglob("bundle-*.css")
        if re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", path.read_text("utf8"))
    ]
    assert bad + sheets == []


def test_a_page_says_what_it_is_about(built: Path) -> None:
    lacking = [
        page
        for page in documents()
        if not (
            soup(built / f"{page}.html").find("meta", attrs={"name": "description"}) and soup(built / f"{page}.html").h1
        )
    ]
    assert lacking == []


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[list[Window]]:
    yield from opened(browser)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe."""
    part = pytest.importorskip(
        "axe_core_python.sync_playwright", reason="axe-core-python is not installed: tests/requirements.txt"
    )
    script: str = part.Axe().axe_script
    return script


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("document", documents())
def test_a_page_in_a_browser(document: str, address: str, windows: list[Window], axe: str) -> None:
    """No error, nothing from elsewhere, no sideways scroll, no barrier that axe finds: narrow and wide, light and dark."""
    assert visit(windows, address, f"/{document}.html", axe) == []


FAULTY = """<!doctype html><html lang=en><head><title>A page</title><meta name=viewport content="width=device-width">
<script>document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"</script>
<style>
main {{ color: #000; background: #fff }} {style}
</style></head><body><main><h1>A heading</h1><p class=phone>For a phone.</p><p class=laptop>For a laptop.</p><p>{body}</p>
</main></body></html>"""
PHONE = "@media (min-width: 800px) { .phone { display: none } }"
LAPTOP = "@media (max-width: 800px) { .laptop { display: none } }"
DARK = "@media (prefers-color-scheme: dark) { %s { color: #eee } }"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("style", "body", "said"),
    [
        ("", "Nothing is wrong.", []),
        (PHONE + DARK % ".phone", "", ["390 px, dark: axe color-contrast"]),
        (LAPTOP + DARK % ".laptop", "", ["1440 px, dark: axe color-contrast"]),
        (".laptop { color: #eee }", "", ["390 px, light: axe color-contrast", "390 px, dark: axe color-contrast"]),
        ("", "<img src='data:,'>", ["390 px, light: axe image-alt", "390 px, dark: axe image-alt"]),
        (
            "pre { width: 1000px }",
            "<pre>wide</pre>",
            ["390 px, light: scrolls sideways", "390 px, dark: scrolls sideways"],
        ),
        (
            LAPTOP,
            "<script>if (innerWidth > 800 && document.documentElement.dataset.theme == 'dark') nowhere()</script>",
            ["1440 px, dark: error: nowhere is not defined"],
        ),
        (
            PHONE,
            "<script>if (innerWidth > 800) document.documentElement.dataset.theme = 'light'</script>",
            ["1440 px, dark: theme light"],
        ),
    ],
)
def test_a_visit_finds_what_is_wrong_in_one_look_alone(
    style: str, body: str, said: list[str], tmp_path: Path, windows: list[Window], axe: str
) -> None:
    (tmp_path / "page.html").write_text(FAULTY.format(style=style, body=body))
    (tmp_path / "favicon.ico").touch()
    with served(tmp_path) as address:
        found = visit(windows, address, "/page.html", axe)
    assert [line for line in found if not line.startswith(tuple(said))] == []
    assert [start for start in said if not any(line.startswith(start) for line in found)] == []


@pytest.mark.browser
def test_pages_open_without_a_server(built: Path, browser: Browser) -> None:
    page = browser.new_page()
    told: list[str] = []
    listen(page, told.append, lambda: "file:")
    for document in documents():
        page.goto((built / f"{document}.html").as_uri())
    page.close()
    assert told == []


@pytest.mark.browser
def test_the_scorecard_filters_by_keyboard(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/book/scorecard.html")
    everything = page.locator("tr[data-verdict]:visible").count()
    select = page.locator(".filter select")
    select.focus()
    page.keyboard.press("ArrowDown")
    some = page.locator("tr[data-verdict]:visible").count()
    assert 0 < some < everything
    assert "section=" in page.url
    page.reload()
    assert page.locator("tr[data-verdict]:visible").count() == some
    page.locator(".filter button").press("Enter")
    page.wait_for_function(f"document.querySelectorAll('tr[data-verdict]:not([hidden])').length === {everything}")
    page.close()
