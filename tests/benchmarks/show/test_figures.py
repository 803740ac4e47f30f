from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
from synthetic import effect

from benchmarks.show import style
from benchmarks.show.figures import Picture, draw
from benchmarks.store.records import Record

CSS = Path(__file__).parents[3] / "book" / "_static" / "book.css"
SVG = "{http://www.w3.org/2000/svg}"
WORK = {"name": "work", "label": "what the page does", "unit": ""}


@cache
def pictures() -> dict[str, Picture]:
    here, there = effect(), effect(ratio=3.5, seed=2)
    return {
        "effect": draw(Record(data=here)),
        "effect, both": draw(Record(data=here), Record(data=there)),
        "one block": draw(Record(data=effect(blocks=1))),
        "log values": draw(Record(data=effect(ratio=80, deployments=("fastcgi-lighttpd", "cgi-lighttpd")))),
        "sweep": draw(Record(data=effect(sweep={0: 0.5, 10: 2.0})), Record(data=effect(sweep={0: 0.6, 10: 2.2}))),
        "late boundary": draw(Record(data=effect(sweep={1: 3.0, 10: 2.0, 100: 0.8}))),
        "sweep over names": draw(Record(data=effect(sweep={"waits": 2.0, "computes": 0.5}, factor=WORK))),
    }


@pytest.fixture(scope="module", params=sorted(pictures()))
def picture(request: pytest.FixtureRequest) -> Picture:
    return pictures()[request.param]


def words(picture: Picture) -> list[str]:
    return ["".join(text.itertext()).strip() for text in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def test_a_picture_is_small_and_whole(picture: Picture) -> None:
    root = ET.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == picture.alt
    assert 4_000 < len(picture.svg) < 20_000
    assert "<metadata" not in picture.svg
    assert len(words(picture)) > 5  # text is text


def test_a_caption_is_a_finding(picture: Picture) -> None:
    assert picture.caption.startswith("On this machine")
    assert re.search(r" blocks?\.( Both are even at \S+ ms \(\S+ to \S+\)\.)? Closed workload\.$", picture.caption)
    assert "Verdict: " in picture.alt


def test_a_notebook_shows_it_with_its_text(picture: Picture) -> None:
    data, metadata = picture._repr_mimebundle_()
    assert data["image/svg+xml"] == picture.svg == picture._repr_svg_()
    assert data["text/plain"] == repr(picture) == picture.caption
    assert metadata["image/svg+xml"]["alt"] == picture.alt


def test_the_same_record_gives_the_same_bytes() -> None:
    assert draw(Record(data=effect())).svg == draw(Record(data=effect())).svg


def test_names_stand_at_the_data() -> None:
    shown = words(draw(Record(data=effect()), Record(data=effect(seed=2))))
    assert {"on", "off", "reference", "this machine", "on ÷ off"} <= set(shown)
    assert "right of the line speaks for the chapter" in shown


def test_a_small_ratio_is_drawn_as_it_is_told() -> None:
    """Coordinates are cut to two decimals, the numbers in texts are not."""
    shown = words(draw(Record(data=effect(ratio=0.004))))
    assert any(re.match(r"0\.00(39|4|41) \(", text) for text in shown)


def test_a_sweep_names_its_boundary() -> None:
    shown = words(draw(Record(data=effect(sweep={0: 0.5, 10: 2.0}))))
    assert any(re.fullmatch(r"even at [45]\.\d ms \(4\.\d to 5\.\d\)", text) for text in shown)


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no record"):
        draw(None)


@pytest.mark.parametrize(
    ("deployment", "server"),
    [
        ("cgi-lighttpd", "cgi"),
        ("fastcgi-apache", "apache"),
        ("fastcgi-lighttpd", "lighttpd"),
        ("gunicorn-nginx", "gunicorn"),
        ("gunicorn", "gunicorn"),
        ("modpython-apache", "apache"),
        ("modwsgi-apache", "modwsgi"),
        ("something-new", "flup"),
    ],
)
def test_the_colour_of_a_deployment(deployment: str, server: str) -> None:
    assert style.server(deployment) == server


def test_arms_of_one_server_differ_by_their_mark() -> None:
    looks = style.marks({"on": "fastcgi-apache", "off": "fastcgi-apache"})
    assert looks["on"][0] == looks["off"][0]
    assert looks["on"][1] != looks["off"][1]


@pytest.mark.parametrize(
    ("low", "high"), [(0.9, 1.1), (0.8, 1.3), (0.5, 2.0), (0.9, 4.0), (0.3, 9.0), (0.9, 90.0), (0.9, 5000.0)]
)
def test_ratio_ticks_hold_one_and_are_few(low: float, high: float) -> None:
    ticks = style.ratio_ticks(low, high)
    assert 1 in ticks
    assert 2 <= len(ticks) <= 8
    assert all(low * 0.99 <= tick <= high * 1.01 for tick in ticks)


def test_colours_are_those_of_the_site() -> None:
    if not CSS.exists():
        pytest.skip("the book's style sheet is not there")
    first = CSS.read_text("utf-8").split("}")[0]
    tokens = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", first))
    for server, colour in style.SERVERS.items():
        assert tokens[f"srv-{server}"] == colour
    names = {"holds": "v-holds", "holds when": "v-when", "no longer holds": "v-gone", "undecided": "v-open"}
    for verdict, colour in style.VERDICTS.items():
        assert tokens[names[verdict]] == colour
    assert (tokens["paper-2"], tokens["rule"], tokens["ink"], tokens["ink-2"], tokens["paper"]) == (
        style.PAPER_2, style.RULE, style.INK, style.INK_2, style.PAPER,
    )  # fmt: skip
