"""A reader's workbooks through the editions of a book: what is theirs stays, what is new comes, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from book.workbooks.finding import NoChapterError
from book.workbooks.parse import SourceError
from book.workbooks.shelf import Shelf, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from book.workbooks.notebook import Node
    from tests.book.workbooks.conftest import Library

ONE, TWO = "0 First.ipynb", "1.1 Second.ipynb"
MARK = "*New in this edition."
SECOND = ("1.1", "book/second")
CODE = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Second"},
{"cell_type": "code", "id": "run", "metadata": {"tags": ["nbval-check-output"]}, "source": "CELL", "execution_count": 3,
 "outputs": [{"output_type": "stream", "name": "stdout", "text": "SHOWN"}]}]}"""


def cell(notebook: Node, id: str) -> Node:  # noqa: A002
    found: Node = next(each for each in notebook["cells"] if each["id"] == id)
    return found


def change(id: str, text: str) -> Callable[[Node], None]:  # noqa: A002
    return lambda notebook: cell(notebook, id).update(source=text)


def code(source: str, shown: str) -> str:
    return CODE.replace("CELL", source).replace("SHOWN", shown)


def kept(library: Library) -> list[Path]:
    return sorted((library.folder / ".kept").glob("*"))


def test_a_second_run_writes_nothing(library: Library) -> None:
    assert library.write().new == [ONE, TWO]
    before = {path: path.stat().st_mtime_ns for path in library.folder.glob("*.ipynb")}
    done = library.write()
    assert (done.new, done.gained, done.edited, done.left, done.kept) == ([], [], [], {}, [])
    assert done.sentence == "Workbooks: nothing new."
    assert {path: path.stat().st_mtime_ns for path in library.folder.glob("*.ipynb")} == before


def test_what_the_reader_has_not_changed_is_renewed(library: Library) -> None:
    library.write()
    library.pages[SECOND] = library.pages[SECOND].replace("Two.", "Two, mended.")
    done = library.write()
    assert done.gained == [TWO]
    assert library.texts(TWO) == ["# Second\n\nOne.", "## Two\n\nTwo, mended.", "## Three\n\nThree."]
    assert not kept(library), "nothing of the reader's was written over"


def test_an_edit_stays_and_the_new_text_comes_after_it(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    (library.folder / TWO).chmod(0o600)
    before = (library.folder / TWO).read_bytes()
    library.pages[SECOND] = library.pages[SECOND].replace("Two.", "Two, mended.")
    done = library.write()
    assert {path.stat().st_mode & 0o777 for path in (library.folder / TWO, *kept(library))} == {0o600}
    texts = library.texts(TWO)
    assert texts[:2] == ["# Second\n\nOne.", "mine"]
    assert texts[2].startswith(MARK)
    assert texts[2].endswith("Two, mended.")
    assert texts[3] == "## Three\n\nThree."
    assert done.edited == done.gained == [TWO]
    assert [path.read_bytes() for path in kept(library)] == [before]
    assert str(kept(library)[0]) in library.said[0]

    library.pages[SECOND] = library.pages[SECOND].replace("mended.", "mended twice.")
    library.write()
    assert library.texts(TWO)[1] == "mine"
    assert library.texts(TWO)[2].endswith("mended twice.")
    assert len(library.texts(TWO)) == 4
    assert library.write().gained == []


def test_an_edit_of_which_the_book_has_nothing_new_stays_alone(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    library.pages[SECOND] = library.pages[SECOND].replace("Three.", "Three, mended.")
    library.write()
    assert library.texts(TWO) == ["# Second\n\nOne.", "mine", "## Three\n\nThree, mended."]


def test_what_the_reader_deleted_does_not_come_back(library: Library) -> None:
    library.write()
    library.edit(TWO, lambda notebook: notebook["cells"].remove(cell(notebook, "two")))
    library.pages[SECOND] = library.pages[SECOND].replace("Two.", "Two, mended.")
    for _ in range(2):
        assert library.write().left == {}
        assert library.texts(TWO) == ["# Second\n\nOne.", "## Three\n\nThree."]


def test_the_readers_own_cells_stay_where_they_are(library: Library) -> None:
    library.write()
    own: Any = new_markdown_cell("my note")  # type: ignore[no-untyped-call]
    library.edit(TWO, lambda notebook: notebook["cells"].insert(1, dict(own)))
    library.pages[SECOND] = (
        library.pages[SECOND].replace("## Three", "## Between\n\nNew.\n\n## Three").replace("One.", "One, mended.")
    )
    done = library.write()
    assert library.texts(TWO) == [
        "# Second\n\nOne, mended.",
        "my note",
        "## Two\n\nTwo.",
        "## Between\n\nNew.",
        "## Three\n\nThree.",
    ]
    assert done.edited == [TWO]


def test_cells_that_the_book_drops_go_unless_they_were_changed(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    library.pages[SECOND] = "# Second\n\nOne.\n"
    library.write()
    assert library.texts(TWO) == ["# Second\n\nOne.", "mine"]


def test_what_a_cell_showed_stays_until_its_code_is_another(library: Library) -> None:
    library.pages[SECOND] = code("1 + 1", "2")
    library.write()
    assert cell(library.read(TWO), "run")["metadata"] == {}
    library.edit(TWO, lambda notebook: cell(notebook, "run")["outputs"][0].update(text="mine"))
    library.pages[SECOND] = code("1 + 1", "two")
    done = library.write()
    assert cell(library.read(TWO), "run")["outputs"][0]["text"] == "mine"
    assert done.edited == [TWO]
    library.pages[SECOND] = code("1 + 2", "3")
    library.write()
    assert cell(library.read(TWO), "run")["outputs"][0]["text"] == "3"
    assert len(kept(library)) == 1, "the output was the reader's"


def test_an_edit_in_code_is_marked_by_a_comment(library: Library) -> None:
    library.pages[SECOND] = code("1 + 1", "2")
    library.write()
    library.edit(TWO, change("run", "40 + 2"))
    library.pages[SECOND] = code("1 + 2", "3")
    library.write()
    assert library.texts(TWO)[1] == "40 + 2"
    assert library.texts(TWO)[2].startswith("# New in this edition.")
    compile(library.texts(TWO)[2], "cell", "exec")


def test_a_chapter_with_another_name_or_place_moves_with_its_edits(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    library.pages = {
        ("0", "book/first"): library.pages[("0", "book/first")],
        ("2.1", "book/second"): library.pages[SECOND].replace("# Second", "# Last"),
    }
    library.write()
    assert sorted(path.name for path in library.folder.glob("*.ipynb")) == [ONE, "2.1 Last.ipynb"]
    assert library.texts("2.1 Last.ipynb")[1] == "mine"
    assert f"{TWO} is now called 2.1 Last.ipynb" in library.said


def test_a_page_whose_file_has_another_name_is_known_by_its_cells(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    library.pages = {
        ("0", "book/first"): library.pages[("0", "book/first")],
        ("1.1", "book/other"): library.pages[SECOND],
    }
    assert library.write().new == []
    assert library.texts(TWO)[1] == "mine"


def test_a_workbook_that_the_reader_renamed_keeps_the_name(library: Library) -> None:
    library.pages[("0", "book/first")] += "\nSee [the second](second.md).\n"
    library.write()
    (library.folder / TWO).rename(library.folder / "mine.ipynb")
    assert library.write().new == []
    assert sorted(path.name for path in library.folder.glob("*.ipynb")) == [ONE, "mine.ipynb"]
    assert "(mine.ipynb)" in library.texts(ONE)[1]


def test_a_copy_of_a_workbook_is_the_readers_own(library: Library) -> None:
    library.write()
    copy = library.folder / "1.1 Second-Copy1.ipynb"
    copy.write_bytes((library.folder / TWO).read_bytes())
    library.pages[SECOND] = library.pages[SECOND].replace("Two.", "Two, mended.")
    before = copy.read_bytes()
    library.write()
    assert copy.read_bytes() == before
    assert "## Two\n\nTwo, mended." in library.texts(TWO)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"nbformat": 4, "cells": [{"id": 1}]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
    ],
)
def test_a_file_that_is_no_workbook_is_left_alone_and_named(library: Library, text: str) -> None:
    library.write()
    (library.folder / TWO).write_text(text)
    done = library.write()
    assert list(done.left) == [TWO]
    assert TWO in done.sentence
    assert (library.folder / TWO).read_text() == text


def test_a_chapter_afresh_keeps_the_old_one(library: Library) -> None:
    library.write()
    library.edit(TWO, change("two", "mine"))
    for wanted in ("1.1", "second", "book/second", "Second"):
        library.edit(TWO, change("two", f"mine {wanted}"))
        before = (library.folder / TWO).read_bytes()
        library.write(afresh=wanted)
        assert library.texts(TWO)[1] == "## Two\n\nTwo."
        assert before in [path.read_bytes() for path in kept(library)]
        assert ".kept" in library.said[0]
    assert len(kept(library)) == 4


def test_afresh_mends_a_file_that_cannot_be_read(library: Library) -> None:
    library.write()
    (library.folder / TWO).write_text("{")
    assert library.write(afresh="1.1").left == {}
    assert library.texts(TWO)[0] == "# Second\n\nOne."
    assert [path.read_text() for path in kept(library)] == ["{"]


@pytest.mark.parametrize(
    ("wanted", "said"), [("secnod", "Did you mean '1.1 Second'?"), ("o", "may be"), ("zzz", "numbered from 0 to 1.1")]
)
def test_a_chapter_that_there_is_not(library: Library, wanted: str, said: str) -> None:
    library.pages[("1.2", "book/more")] = "# Another\n"
    library.pages[("1.1", "book/second")] = library.pages.pop(SECOND)
    with pytest.raises(NoChapterError, match=wanted) as raised:
        library.write(afresh=wanted)
    assert said in str(raised.value)


def test_two_writers_at_once(library: Library) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = [run.result() for run in [pool.submit(library.write) for _ in range(2)]]
    assert sorted(len(each.new) for each in done) == [0, 2]
    assert not list(library.folder.glob(".*.part"))
    assert library.write().gained == []


def test_a_file_that_is_saved_meanwhile_is_not_written_over(library: Library) -> None:
    library.write()
    shelf, path = Shelf(library.folder), library.folder / TWO
    file = read(path)
    path.write_text("saved")
    assert not shelf.write(path, "new", file)
    assert path.read_text() == "saved"


def test_scripts_run_where_the_book_wrote_them_and_not_where_another_did(library: Library) -> None:
    library.write()
    shelf = Shelf(library.folder)
    assert shelf.is_signed(read(library.folder / TWO))
    foreign: Any = new_code_cell(
        "1", outputs=[{"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}]
    )  # type: ignore[no-untyped-call]
    library.edit(TWO, lambda notebook: notebook["cells"].append(dict(foreign)))
    library.pages[SECOND] = library.pages[SECOND].replace("Two.", "Two, mended.")
    library.write()
    assert not shelf.is_signed(read(library.folder / TWO))
    shelf.sign((library.folder / TWO).read_text())  # as JupyterLab does, when its reader has run all cells
    library.pages[SECOND] = library.pages[SECOND].replace("mended", "mended twice")
    library.write()
    assert shelf.is_signed(read(library.folder / TWO))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```{nothing} x\n```", "line 5: no workbook knows the directive {nothing}"),
        ("a\n{nothing}`x`", "line 6: no workbook knows the role {nothing}"),
        ("{value}`none ratio`", "line 5: {value}`none ratio`: there is no claim 'none'"),
        ("[a](nowhere.md)", "line 5: there is no 'nowhere.md'"),
        ("[a](second.md#nothing)", "line 5: book/second has no heading #nothing"),
        ("```{explorable} none\n```", "line 5: there is no explorable 'none'"),
        (":::{list-table}\n:header-rows: 1\n\n* - a\n  - b\n* - c\n:::", "as many cells in each row"),
        ("- a\n  ```{nothing} x\n  ```", "line 6: no workbook knows the directive {nothing}"),
    ],
)
def test_what_cannot_be_resolved_is_named_with_page_and_line(library: Library, text: str, said: str) -> None:
    library.pages[("1.2", "book/third")] = f"# Third\n\nA page.\n\n{text}\n"
    with pytest.raises(SourceError, match=r"^book/third\.md, line ") as raised:
        library.write()
    assert said in str(raised.value)
    assert not list(library.folder.glob("*.ipynb")), "all or nothing"
