"""What the pages make of records: a copy of the checkout, with records made for the test, built in a path with a space."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup, Tag
from made_campaign import campaign
from synthetic import trial

from benchmarks.codec import encode
from book.contents import TOP

if TYPE_CHECKING:
    from pathlib import Path

OWN = "results/2026-11-25-101500"
REFERENCE = "benchmarks/results/reference"
YOURS = {"site": {"settings": "shop.settings", "page": "/"}}
CROSSCHECK = "benchmarks/results/crosscheck/fastcgi-socket.json"
CAMPAIGN = "benchmarks/results/campaign/campaign.jsonl"
CARDS = ("fastcgi-startup", "tune-keepalive", "scale-media", "fastcgi-method", "fastcgi-options", "intro-limited")
VALUES = "; ".join(
    f"{{value}}`{what}`"
    for what in (
        "fastcgi-startup ratio",
        "fastcgi-startup on",
        "fastcgi-startup on / pss",
        "tune-keepalive interval @ 5",
        "tune-keepalive boundary",
        "intro-limited ratio",
        "old words <fastcgi-startup ratio>",
    )
)
FINDINGS = "tune-keepalive | holds when | Right for readers | Words for one verdict\nfastcgi-startup | undecided | Wrong | Words for another"


def record(claim: str, kind: str, **more: Any) -> dict[str, Any]:
    when = "2026-11-24T10:00:00+00:00"
    return {
        "format": 1, "id": claim, "kind": kind, "profile": "reference", "recorded_at": when, "versions": {}, "fingerprint": {}, **more
    }  # fmt: skip


def effect(claim: str, ratios: dict[int | None, float], blocks: int) -> dict[str, Any]:
    """Blocks whose ratios differ by two per cent around `ratios`, one a point of a sweep."""
    experiment = {
        "claim": claim,
        "arms": {"on": {"deployment": "fastcgi-apache"}, "off": {"deployment": "fastcgi-apache"}},
        "favoured": "off",
        "against": "on",
        "metric": "cpu_per_page",
        "better": "lower",
        "matters": 0.1,
        "regime": "40 readers",
        "factor": {"name": "readers", "label": "number of readers", "unit": "", "values": list(ratios)}
        if None not in ratios
        else None,
    }
    made = [
        {
            "number": number,
            "order": ["on", "off"],
            "void": None,
            "trials": [
                each
                for point, ratio in ratios.items()
                for each in (
                    encode(trial("on", point=point, cpu_ms=10 * ratio * (1 + 0.02 * (-1) ** number), server_cpus=64)),
                    encode(trial("off", point=point, cpu_ms=10.0)),
                )
            ],
        }
        for number in range(1, blocks + 1)
    ]
    return record(claim, "effect", experiment=experiment, blocks=made, limiter={"on": "workers: all held"})


def behaviour(claim: str, *, holds: bool) -> dict[str, Any]:
    checks = [
        {"what": "help lists the options", "expected": "all", "seen": "all", "ok": True},
        {
            "what": "a wrong one is named",
            "expected": "its name",
            "seen": "its name" if holds else "nothing",
            "ok": holds,
        },
    ]
    return record(claim, "behaviour", holds=holds, checks=checks)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("a checkout") / "with a space"
    top.mkdir()
    for name in ("book", "benchmarks", "labs"):
        shutil.copytree(
            TOP / name, top / name, ignore=shutil.ignore_patterns("__pycache__", "results", "*.ipynb", "*.woff2")
        )
    shutil.copy(TOP / "_config.yml", top)
    for folder, data in (
        (REFERENCE, effect("fastcgi-startup", {None: 41.0}, 12)),
        (OWN, effect("fastcgi-startup", {None: 30.0}, 3)),
        (REFERENCE, effect("tune-keepalive", {5: 0.7, 15: 1.6, 40: 4.0}, 12)),
        (OWN, effect("fastcgi-method", {None: 1.5}, 1)),
        # newer, and of a site of the reader's own: neither where they belong nor elsewhere are they of this machine's newsroom
        ("results/site/2026-11-26-101500", effect("fastcgi-startup", {None: 9.0}, 3) | YOURS),
        ("results/2026-11-26-101500", effect("fastcgi-startup", {None: 9.0}, 3) | YOURS),
        (REFERENCE, behaviour("fastcgi-options", holds=False)),
    ):
        path = top / folder / f"{data['id']}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data))
    campaign(5, noise=0.03).publish(top / CAMPAIGN)
    (top / CROSSCHECK).parent.mkdir()
    shutil.copy(TOP / CROSSCHECK, top / CROSSCHECK)
    (top / OWN / "tune-keepalive.json").write_text("{")  # broken: passed over
    blocks = "".join(f"```{{claim}} {claim}\nOld words.\n```\n\n" for claim in CARDS)
    findings = f"```{{findings}} tune-keepalive fastcgi-startup intro-easy\n{FINDINGS}\n```\n"
    (top / "book/intro.md").write_text("# Front\n\n```{verdict-strip}\n```\n\n" + findings)
    (top / "book/cards.md").write_text(
        f"# Cards\n\nOf {{verdict}}`tune-keepalive` and {{verdict}}`shared-local`.\n\n{VALUES}\n\n{blocks}"
    )
    (top / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\nchapters:\n- file: book/cards\n- file: book/scorecard\n- file: book/reading-a-verdict\n- file: book/setting-up\n- file: book/own-site\n- file: book/measuring/campaign\n"
    )
    made = subprocess.run([sys.executable, "-m", "book", "site"], cwd=top, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return top


@pytest.fixture(scope="module")
def cards(checkout: Path) -> BeautifulSoup:
    return BeautifulSoup((checkout / "_build/html/book/cards.html").read_text("utf8"), "html.parser")


def card(cards: BeautifulSoup, claim: str) -> Tag:
    found = cards.find(id=f"claim-{claim}")
    assert isinstance(found, Tag)
    return found


def words(tag: Tag, selector: str) -> str:
    found = tag.select_one(selector)
    return " ".join(found.get_text(" ", strip=True).split()) if found else ""


def test_this_machine_stands_beside_the_reference(cards: BeautifulSoup) -> None:
    shown = card(cards, "fastcgi-startup")
    assert words(shown, ".verdict").startswith("Holds off is better, by about 40 times")
    assert len(shown.select(".interval .bar")) == 2
    assert len(shown.select(".interval .here")) == 1
    picture = shown.select_one(".interval")
    assert picture
    assert str(picture["aria-label"]).startswith("reference: ratio 41, 95 % interval")
    assert "this machine: ratio 30" in str(picture["aria-label"])
    assert "3 blocks" in words(shown, ".machine")


def test_a_sweep_shows_every_point_and_its_condition(cards: BeautifulSoup) -> None:
    shown = card(cards, "tune-keepalive")
    assert words(shown, ".verdict").startswith("Holds when … the number of readers is above")
    assert len(shown.select(".interval .bar")) == 3
    assert not shown.select(".machine")


def test_one_block_has_no_bar(cards: BeautifulSoup) -> None:
    shown = card(cards, "fastcgi-method")
    assert words(shown, ".verdict").startswith("Not yet")
    assert not shown.select(".interval")
    assert "Undecided one block has no interval" in words(shown, ".machine")


def test_a_behaviour_shows_what_was_checked(cards: BeautifulSoup) -> None:
    shown = card(cards, "fastcgi-options")
    assert words(shown, ".verdict").startswith("No longer holds")
    assert words(shown, ".checks summary") == "2 checks, 1 as the chapter says"
    assert len(shown.select(".checks tbody tr")) == 2


def test_a_campaign_is_shown_and_what_is_not_recorded_is_said(checkout: Path) -> None:
    page = BeautifulSoup((checkout / "_build/html/book/measuring/campaign.html").read_text("utf8"), "html.parser")
    tables = page.select("table.measured")
    assert [len(table.select("tbody tr")) for table in tables] == [6, 16, 21, 4, 12, 4, 9]
    assert "0 of 40 (" in words(page, "#the-same-arm-twice table")
    assert "CPU time a request: +5 % is the smallest" in words(page, "figure figcaption")
    assert page.select_one("figure svg[aria-label]")
    assert words(page, "#the-same-comparison-again table tbody tr:last-child").startswith("all")
    assert "Nothing is recorded yet. python -m benchmarks reproduce" in words(page, "#the-same-verdict-again")
    assert words(page, "#under-another-generator strong") == "fastcgi-socket"
    assert words(page, "#under-another-generator tbody tr").startswith("CPU/request")
    assert "40 pairs of equal arms in 20 sessions, 200 comparisons" in page.text
    assert "40 sessions in" in page.text, "half of them by plain Locust"


def test_nothing_recorded_is_not_yet(cards: BeautifulSoup) -> None:
    shown = card(cards, "intro-limited")
    assert words(shown, ".verdict").startswith("Not yet")
    assert not shown.select("svg.interval, .machine, .checks")
    assert [link.get_text() for link in shown.select(".links a")] == ["scorecard"]


def test_a_card_leads_to_its_record(checkout: Path, cards: BeautifulSoup) -> None:
    links = {link.get_text(): str(link["href"]) for link in card(cards, "fastcgi-startup").select(".links a")}
    folder = checkout / "_build/html/book"
    assert json.loads((folder / links["record"]).read_text())["id"] == "fastcgi-startup"
    assert json.loads((folder / links["this machine’s record"]).read_text())["id"] == "fastcgi-startup"


def test_numbers_in_prose_come_from_the_record(cards: BeautifulSoup) -> None:
    paragraph = next(each for each in cards.find_all("p") if "not recorded" in each.get_text())
    said = [" ".join(part.split()) for part in paragraph.get_text().split(";")]
    assert said[0].startswith("41 times (95 % interval")
    assert said[1:3] == ["410 ms", "80 MB"]
    assert said[3].startswith("0.69 to 0.71")
    assert "95 % interval" in said[4]
    assert said[5] == "(not recorded yet)"
    assert said[6] == said[0]
    assert "Old words" not in cards.get_text(), "they are for those who see the source alone"


def test_a_role_leads_to_the_card_or_to_the_scorecard(cards: BeautifulSoup) -> None:
    assert [link["href"] for link in cards.select(".verdict-link")] == [
        "#claim-tune-keepalive",
        "scorecard.html#row-shared-local",
    ]


def test_findings_show_what_is_recorded_and_words_only_for_their_verdict(checkout: Path) -> None:
    front = BeautifulSoup((checkout / "_build/html/book/intro.html").read_text("utf8"), "html.parser")
    found = front.select(".finding")
    assert words(found[0], "h2") == "Right for readers"
    assert len(found) == 2
    assert "Wrong" not in words(front, ".findings")
    assert words(front, ".legend").endswith("57 not yet")


def test_a_build_that_fails_leaves_the_site_as_it_was(checkout: Path) -> None:
    page = checkout / "book/cards.md"
    before, built = page.read_text(), (checkout / "_build/html/book/cards.html").read_text()
    page.write_text(
        before + "\n```{claim} no-such-claim\n```\n\n[nowhere](no-such-page.md), {value}`fastcgi-startup speed`\n"
    )
    for _ in range(2):  # and says so each time
        made = subprocess.run(
            [sys.executable, "-m", "book", "site"], cwd=checkout, capture_output=True, text=True, check=False
        )
        assert made.returncode == 1
        assert "no-such-claim" in made.stderr
        assert "no-such-page" in made.stderr
        assert "'speed'" in made.stderr
    page.write_text(before)
    assert (checkout / "_build/html/book/cards.html").read_text() == built


def test_the_ledger_names_the_page_that_holds_each_card() -> None:
    from benchmarks.plan.ledger import ledger
    from book.contents import documents, source

    homes = {}
    for page in documents():
        path = source(page)
        for id_ in re.findall(r"```\{claim\} ([a-z-]+)", path.read_text("utf8")) if path else ():
            homes[id_] = page
    assert {row.id: row.page for row in ledger() if row.page} == homes
