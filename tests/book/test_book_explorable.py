"""The Keep-Alive model: by hand, by keyboard, without motion, without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PART = (TOP / "book/_explorables/keepalive.html").read_text("utf8")
SCRIPT = (TOP / "book/_static/keepalive.js").read_text("utf8")


@pytest.fixture
def model(browser: Browser) -> Iterator[Page]:
    """The model alone on an empty page, for a reader who wants no motion."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_content(f"<!doctype html><html lang=en><body>{PART}<script>{SCRIPT}</script></body></html>")
    yield page
    context.close()


def number(page: Page, panel: str, name: str) -> float:
    found = re.search(r"[\d.]+", page.locator(f"[data-keep={panel}] [data-out={name}]").inner_text())
    assert found
    return float(found[0])


def slide(page: Page, name: str, value: int) -> None:
    """Move a slider with the keyboard alone."""
    slider = page.locator(f"input[name={name}]")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(value - int(slider.get_attribute("min") or 0)):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == str(value)


def test_without_a_script_it_is_a_picture_with_words() -> None:
    assert PART.count('role="img"') == 3
    said = re.search(r'<p class="say"[^>]*>(.+?)</p>', PART, flags=re.DOTALL)
    assert said
    assert "Keep-Alive queues, closing does not." in said[1]


@pytest.mark.browser
def test_at_the_start_it_shows_what_the_page_showed_before(model: Page) -> None:
    said = re.search(r'<p class="say"[^>]*>(.+?)</p>', PART, flags=re.DOTALL)
    assert said
    assert model.locator(".say").inner_text() == said[1]


@pytest.mark.browser
def test_readers_who_pause_take_every_worker(model: Page) -> None:
    assert number(model, "on", "wait") > 0
    assert number(model, "off", "wait") == 0
    assert number(model, "off", "rate") > number(model, "on", "rate")


@pytest.mark.browser
def test_a_benchmark_without_pauses_says_the_opposite(model: Page) -> None:
    slide(model, "readers", 8)
    slide(model, "think", 0)
    assert "nobody waits" in model.locator(".say").inner_text()
    assert number(model, "on", "rate") > number(model, "off", "rate")


@pytest.mark.browser
def test_the_sentence_and_the_model_agree(model: Page) -> None:
    """At the number of readers where the sentence lets the queue begin, the model queues; well below it, nobody waits."""
    found = re.search(r"queue begins at (\d+) readers with", model.locator(".say").inner_text())
    assert found
    begins = int(found[1])
    slide(model, "readers", begins + 6)
    assert number(model, "on", "wait") > 0
    slide(model, "readers", begins // 2)
    assert number(model, "on", "wait") == 0


@pytest.mark.browser
def test_without_motion_it_moves_by_hand(model: Page) -> None:
    before = model.locator(".panels").inner_html()
    model.wait_for_timeout(300)
    assert model.locator(".panels").inner_html() == before
    model.locator(".step").focus()
    model.keyboard.press("Enter")
    assert model.locator(".panels").inner_html() != before
    model.locator(".preset").nth(1).press("Enter")
    assert model.locator("input[name=readers]").input_value() == "7"
    model.locator(".reset").press("Enter")
    assert model.locator("input[name=readers]").input_value() == "30"
