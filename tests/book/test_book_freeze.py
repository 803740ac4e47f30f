"""The model of a frozen server: what it says, by keyboard, by pointer, without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PART = (TOP / "book/_explorables/freeze.html").read_text("utf8")
SCRIPT = (TOP / "book/_static/freeze.js").read_text("utf8")
SAID = re.search(r'<p class="say"[^>]*>(.+?)</p>', PART, flags=re.DOTALL)
WAYS = ("sent", "paced", "open")


@pytest.fixture
def model(browser: Browser) -> Iterator[Page]:
    """The model alone on an empty page."""
    page = browser.new_page(viewport={"width": 800, "height": 1000})
    page.set_content(f"<!doctype html><html lang=en><body>{PART}<script>{SCRIPT}</script></body></html>")
    yield page
    page.close()


def told(page: Page, way: str, name: str) -> str:
    return page.locator(f"[data-way={way}] [data-out={name}]").inner_text()


def seconds(page: Page, way: str, name: str) -> float:
    number, unit = told(page, way, name).split()
    return float(number) / (1000 if unit == "ms" else 1)


def test_without_a_script_it_is_a_picture_with_words() -> None:
    assert PART.count('role="img"') == len(WAYS)
    assert SAID and "3000 requests are due" in SAID[1]
    assert not re.search(r'data-out="\w+"></dd>|class="dots" d=""', PART)


@pytest.mark.browser
def test_at_the_start_it_shows_what_the_page_showed_before(model: Page) -> None:
    assert SAID and model.locator(".say").inner_text() == SAID[1]
    for way in WAYS:
        dots = model.locator(f"[data-way={way}] .dots").get_attribute("d")
        assert dots and dots in PART
        for name in ("n", "p50", "p95", "p99", "open"):
            assert f'data-out="{name}">{told(model, way, name)}</dd>' in PART


@pytest.mark.browser
def test_users_who_wait_hide_the_freeze_and_the_due_time_shows_it(model: Page) -> None:
    assert seconds(model, "sent", "p95") < 0.05
    assert int(told(model, "sent", "n")) < 3000 == int(told(model, "open", "n")) == int(told(model, "paced", "n"))
    # 200 requests a second: 150 of 3000 waited longer than the p95, so it is met 0.75 s after the freeze began
    assert seconds(model, "open", "p95") == pytest.approx(2.0 - 0.75 + 0.15, abs=0.1)
    assert seconds(model, "paced", "p95") == pytest.approx(seconds(model, "open", "p95"), abs=0.1)


@pytest.mark.browser
def test_by_keyboard(model: Page) -> None:
    slider = model.locator("input[name=length]")
    slider.focus()
    model.keyboard.press("Home")
    assert "never stands still" in model.locator(".say").inner_text()
    assert {told(model, way, "p99") for way in WAYS} == {"10 ms"}
    assert {told(model, way, "n") for way in WAYS[1:]} == {"3000"}
    model.keyboard.press("End")
    in_service = int(told(model, "open", "open")) - 2000
    assert 0 <= in_service <= 10, "no request that is due after the freeze begins at 5 s is answered"
    assert told(model, "sent", "open") == "20, not told"
    model.locator(".preset").nth(1).press("Enter")
    assert model.locator("input[name=users]").input_value() == "1"
    model.locator(".reset").press("Enter")
    assert SAID and model.locator(".say").inner_text() == SAID[1]


@pytest.mark.browser
def test_a_freeze_is_drawn(model: Page) -> None:
    lane = model.locator("[data-way=open] svg")
    lane.scroll_into_view_if_needed()
    box = lane.bounding_box()
    assert box
    at = [box["x"] + box["width"] * (44 + 656 * time / 15) / 720 for time in (3, 6)]
    model.mouse.move(at[1], box["y"] + 50)  # from its end to its beginning, as well as the other way
    model.mouse.down()
    model.mouse.move(at[0], box["y"] + 50)
    model.mouse.up()
    model.mouse.move(at[1], box["y"] + 50)
    assert model.locator("input[name=start]").input_value() == "3"
    assert model.locator("input[name=length]").input_value() == "3"
