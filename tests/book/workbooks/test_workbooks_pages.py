"""Every page of the book as a workbook: nothing in it needs an extension, and everything in it is true."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

import nbformat
import pytest

from book._ext.data import LABELS, load
from book._ext.value import value
from book.contents import TOP, notebooks, source
from book.workbooks import FOLDER, write
from book.workbooks.edition import Edition
from book.workbooks.notebook import parse
from book.workbooks.roles import key
from book.workbooks.sources import Source, sources

if TYPE_CHECKING:
    from pathlib import Path

    from book._ext.data import Claim, Data
    from book.workbooks import Written
    from book.workbooks.notebook import Node

PAGES = sources()
FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,}).*?^ {0,3}(?P=mark)[`~]*\s*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
OPENED = re.compile(r"^[ >]*(?:`{3,}|:{3,})\{\w", re.MULTILINE)
VALUE = re.compile(r"\{value\}`([^`]+)`")


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest) -> Source:
    found: Source = request.param
    return found


@pytest.fixture(scope="module")
def claims(data: Data) -> dict[str, Claim]:
    return {claim.id: claim for claim in data.claims}


def read(whole: Written, page: Source) -> Node:
    return parse((whole.folder / page.filename).read_text("utf-8"))


def texts(notebook: Node) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def prose(text: str) -> str:
    """What is neither code nor an address."""
    return SPAN.sub("", re.sub(r'src="[^"]*"', "", FENCE.sub("", text)))


def test_every_page_has_its_workbook_and_the_first_is_the_first(whole: Written) -> None:
    assert sorted(path.name for path in whole.folder.glob("*.ipynb")) == sorted(page.filename for page in PAGES)
    assert whole.first.is_file()
    assert whole.first.name == PAGES[0].filename
    assert not whole.left


def test_the_names_sort_in_the_order_of_the_book() -> None:
    """As file browsers sort that know of numbers, JupyterLab's among them."""
    names = [page.filename for page in PAGES]
    assert sorted(names, key=lambda name: [int(each) for each in name.split()[0].split(".")]) == names


def test_no_directive_and_no_role_is_left(whole: Written, page: Source) -> None:
    for text in texts(read(whole, page)):
        assert not OPENED.search(text)
        assert not re.search(r"\{[A-Za-z:-]+\}", prose(text))
        assert not re.search(r"<(svg|iframe|script|style)\b", prose(text)), "JupyterLab removes these from text"


def test_the_test_above_would_see_them() -> None:
    """Of what stands in the sources, each kind is seen."""
    found = [cell.text for page in PAGES for cell in page.cells if cell.kind == "markdown"]
    assert sum(len(OPENED.findall(text)) for text in found) > 200
    assert sum(len(re.findall(r"\{[A-Za-z:-]+\}", prose(re.sub(r"(?<=\})`", "", text)))) for text in found) > 100


def test_every_link_leads_to_something(whole: Written, page: Source) -> None:
    for text in texts(read(whole, page)):
        for href in [*re.findall(r"\]\(([^\s()]+)", prose(text)), *re.findall(r'href="([^"]+)"', prose(text))]:
            if re.match(r"https?:", href):
                continue
            path, _, anchor = unquote(href).partition("#")
            target = whole.folder / path if path else whole.folder / page.filename
            assert target.is_file(), href
            assert target.suffix != ".ipynb" or target.parent == whole.folder, f"{href} is a tracked notebook"
            if anchor.startswith("cell-id="):
                assert anchor.removeprefix("cell-id=") in [
                    cell["id"] for cell in parse(target.read_text("utf-8"))["cells"]
                ]
            elif anchor:
                assert f'id="{anchor}"' in "".join(texts(parse(target.read_text("utf-8"))))


def test_every_value_is_the_records(whole: Written, claims: dict[str, Claim]) -> None:
    counted = 0
    for each in PAGES:
        shown = "\n".join(texts(read(whole, each)))
        for said in VALUE.findall("\n".join(cell.text for cell in each.cells)):
            name, _, what = key(said).partition(" ")
            book = claims[name].book
            assert book
            assert book.analysis
            assert value(book.analysis, what) in shown
            counted += 1
    assert counted > 50


def test_a_value_may_have_words_before_its_key() -> None:
    assert key("0.9 pages/s <tune-keepalive prefork, on @ 40>") == "tune-keepalive prefork, on @ 40"
    assert key("tune-keepalive prefork, on / unanswered @ 40") == "tune-keepalive prefork, on / unanswered @ 40"


def test_every_card_says_statement_and_verdict(whole: Written, claims: dict[str, Claim]) -> None:
    cards = {
        cell["id"].removeprefix("claim-"): cell["source"]
        for each in PAGES
        for cell in read(whole, each)["cells"]
        if cell["id"].startswith("claim-")
    }
    assert set(cards) == {claim for each in PAGES for claim in each.claims}
    for name, card in cards.items():
        assert claims[name].row.statement.replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;") in card
        assert LABELS[claims[name].mark] in card


def test_this_machines_result_stands_beside_the_books(tmp_path: Path) -> None:
    name, own = "scale-media", "results/2026-11-30-061500"
    for file, copy in (
        ("benchmarks/plan/ledger.json", "benchmarks/plan/ledger.json"),
        (f"benchmarks/results/reference/{name}.json", f"benchmarks/results/reference/{name}.json"),
        (f"benchmarks/results/reference/{name}.json", f"{own}/{name}.json"),
    ):
        (tmp_path / copy).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / file, tmp_path / copy)
    names = {page.name: page.filename for page in PAGES}
    pages = {page.name: page for page in PAGES}
    edition = Edition(top=TOP, folder=tmp_path / "workbooks", pages=pages, names=names, data=load(tmp_path))
    page = next(page for page in PAGES if name in page.claims)
    card = next(leaf.text for leaf in edition.leaves(page) if leaf.id == f"claim-{name}")
    assert "<b>This machine</b>" in card
    assert f'href="../{own}/{name}.json"' in card


def test_every_picture_is_one(whole: Written, page: Source) -> None:
    for text in texts(read(whole, page)):
        for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', text):
            svg = base64.b64decode(data).decode()
            assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
            assert "var(--" not in re.sub(r"var\(--[\w-]+, #\w+\)", "", svg)


def test_it_is_a_notebook_in_form(whole: Written, page: Source) -> None:
    nbformat.validate(nbformat.read(whole.folder / page.filename, as_version=4))  # type: ignore[no-untyped-call]


def test_saving_in_jupyter_alone_is_no_work_of_the_readers(whole: Written, tmp_path: Path) -> None:
    folder = tmp_path / "workbooks"
    shutil.copytree(whole.folder, folder)
    for path in folder.glob("*.ipynb"):
        nbformat.write(nbformat.read(path, as_version=4), path)  # type: ignore[no-untyped-call]
    done = write(folder)
    # links to records lead from another folder, which is all that may be new
    assert (done.new, done.edited, done.kept, done.left) == ([], [], [], {})


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_code_and_what_it_shows_are_those_of_the_chapter(whole: Written, path: Path) -> None:
    page = next(each for each in PAGES if source(each.name) == path)
    there = {cell["id"]: cell for cell in read(whole, page)["cells"]}
    for cell in parse(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            mine = there[cell["id"]]
            assert mine["source"] == cell["source"]
            assert mine["execution_count"] == cell["execution_count"]
            assert [output.get("text") or output.get("data", {}).get("text/plain") for output in mine["outputs"]] == [
                output.get("text") or output.get("data", {}).get("text/plain") for output in cell["outputs"]
            ]
    assert "nbval" not in json.dumps([cell["metadata"] for cell in there.values()])


def test_after_each_prediction_comes_a_cell_to_answer_in(whole: Written, page: Source) -> None:
    cells = read(whole, page)["cells"]
    for number, cell in enumerate(cells):
        if cell["id"].startswith("predict-"):
            after = next(other for other in cells[number:] if other["cell_type"] == "code")
            assert ".predict(" in after["source"] or after["id"].startswith("answer-")


def test_an_explorable_is_live_and_has_a_picture_where_it_cannot_be(whole: Written) -> None:
    found = [cell for each in PAGES for cell in read(whole, each)["cells"] if cell["id"].startswith("explorable-")]
    assert len(found) == len(list((TOP / "book" / "_explorables").glob("*.html")))
    for cell in found:
        html = cell["outputs"][0]["data"]["text/html"]
        assert "srcdoc=" in html
        assert html.index("</iframe>") < html.index("<img")
        assert len(cell["source"].splitlines()) <= 3


def test_the_teachers_edition_has_no_answers(tmp_path: Path, whole: Written) -> None:
    before = {page.name: page.path.read_bytes() for page in PAGES}
    withheld = write(tmp_path / "workbooks", withhold=True)
    assert {page.name: page.path.read_bytes() for page in PAGES} == before, "the sources are as they were"
    said = ("Show the solution", "Show what the record says")

    def told(folder: Path) -> list[str]:
        shown = ["".join(texts(parse((folder / each.filename).read_text("utf-8")))) for each in PAGES]
        return [word for word in said if any(word in text for text in shown)]

    assert told(withheld.folder) == []
    assert told(whole.folder) == list(said)
    again = write(withheld.folder)
    assert (again.new, again.gained) == ([], []), "what was handed out without answers stays without"
    assert told(write(withheld.folder, withhold=False).folder) == list(said)
    assert told(write(withheld.folder).folder) == list(said), "and once given, they stay"


def test_nothing_tracked_is_touched(whole: Written) -> None:
    """A workbook has its own folder, which git does not look at, and the folder of the sources has none."""
    ignored = ["git", "check-ignore", "-q", str(FOLDER / PAGES[0].filename)]
    assert subprocess.run(ignored, cwd=TOP, check=False).returncode == 0
    assert not [
        path
        for path in (TOP / "book").rglob("*.ipynb")
        if "workbook" in json.loads(path.read_text("utf-8"))["metadata"]
    ]
