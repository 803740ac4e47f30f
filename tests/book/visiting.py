"""A page as its readers meet it: narrow and wide, light and dark, four windows of one browser at once.

Every window loads the page for itself. axe looks at the narrow one of each theme, then widens it and looks at what shows
only there; so everything that is ever shown is looked at once in each theme.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from book.serve import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
HEIGHT = 900
NARROW, WIDE = 390, 1440  # pixels: a phone, a laptop

# What a reader sees, or reaches by scrolling down, is remembered by the page, so that it is known after it was widened.
# axe lists all violations, and of what passed nothing: writing that down takes it as long as looking.
LOOKING = """
window.shown = () => [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect()
    return element.checkVisibility({opacityProperty: true, visibilityProperty: true})
        && box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth
})
window.run = what => { window.found = axe.run(what, {resultTypes: ["violations"]}) }
window.look = () => {
    window.before = new Set(shown())
    run(document)
}
window.lookAtTheRest = () => {
    const fresh = new Set(shown().filter(element => !before.has(element)))
    const roots = [...fresh].filter(element => !fresh.has(element.parentElement))
    if (roots.length) run({include: roots})
    else window.found = {violations: []}
}
null  // Playwright would call a function that stands last
"""


REACHED = """[...document.querySelectorAll("pre")].every(
    block => block.scrollWidth <= block.clientWidth || block.tabIndex >= 0)"""
PATIENCE = 5000  # ms


@dataclass(kw_only=True)
class Window:
    """One window that goes from page to page, so that what pages share is fetched and compiled once. told: what it met."""

    page: Page
    width: int
    theme: Theme
    told: list[str] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        listen(self.page, self.tell, lambda: self.address)

    def tell(self, line: str) -> None:
        self.told.append(f"{self.width} px, {self.theme}: {line}")


def listen(page: Page, tell: Callable[[str], None], address: Callable[[], str]) -> None:
    """Tell of errors, and of requests for what does not begin with the address."""

    def request(url: str) -> None:
        if not url.startswith((address(), "data:")):
            tell(f"asks for {url}")

    page.on("pageerror", lambda error: tell(f"error: {error}"))
    page.on("console", lambda message: tell(f"console: {message.text}") if message.type == "error" else None)
    page.on("request", lambda request_: request(request_.url))
    page.on("response", lambda answer: tell(f"{answer.status} for {answer.url}") if answer.status >= 400 else None)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where a folder is served as readers' pages are, without a slash at its end."""
    with server(folder, (0,)) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def opened(browser: Browser) -> Iterator[list[Window]]:
    """Four windows, narrow before wide; closed in the end."""
    windows, contexts = [], []
    for width in (NARROW, WIDE):
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHT}, color_scheme=theme, reduced_motion="reduce"
            )
            contexts.append(context)
            windows.append(Window(page=context.new_page(), width=width, theme=theme))
    yield windows
    for context in contexts:
        context.close()


def visit(windows: list[Window], address: str, path: str, axe: str) -> list[str]:
    """What is wrong with a page, a line each: errors, requests to other hosts, sideways scroll, barriers that axe finds.

    axe  its script
    """
    for window in windows:
        window.address, window.told = address, []
        window.page.goto(f"{address}{path}", wait_until="commit")
    for window in windows:
        page = window.page
        page.wait_for_load_state("networkidle")
        if (theme := page.evaluate("document.documentElement.dataset.theme")) != window.theme:
            window.tell(f"theme {theme}")
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > window.width:
            window.tell(f"scrolls sideways: {wide} px")
    narrow = [window for window in windows if window.width == NARROW]
    for window in narrow:
        window.page.evaluate(axe + LOOKING)
        window.page.evaluate("look()")
    collect(narrow, NARROW)
    for window in narrow:
        window.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        settle(window.page)
        window.page.evaluate("lookAtTheRest()")
    collect(narrow, WIDE)
    for window in narrow:
        window.page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    return [line for window in windows for line in window.told]


def settle(page: Page) -> None:
    """Wait until the theme has seen the new width: it does a moment later, and lets what scrolls by then be reached by keyboard.

    What it never lets be reached is for axe to find.
    """
    from playwright.sync_api import TimeoutError as TooLong  # whoever has no browser reads this module too

    with suppress(TooLong):
        page.wait_for_function(REACHED, timeout=PATIENCE)


def collect(windows: list[Window], width: int) -> None:
    """Take what axe found, which works in all windows at once."""
    for window in windows:
        found: dict[str, Any] = window.page.evaluate("found")
        for violation in found["violations"]:
            for node in violation["nodes"]:
                window.told.append(f"{width} px, {window.theme}: axe {violation['id']}: {node['html'][:120]}")
