"""What a refresh keeps and what it takes over."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.normalise import KERNEL, VERDICT, normalise, shape
from labs.exercises.marks import MARKS


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)  # type: ignore[no-untyped-call, no-any-return]


def notebook(*outputs: NotebookNode, tags: tuple[str, ...] = (), count: int = 1) -> NotebookNode:
    metadata = {"tags": list(tags), "execution": {"iopub.execute_input": "2026-11-24T10:00:00Z"}}
    cells = [
        new_markdown_cell("# Title", id="title"),  # type: ignore[no-untyped-call]
        new_code_cell("show()", id="show", outputs=list(outputs), execution_count=count, metadata=metadata),  # type: ignore[no-untyped-call]
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "mine", "display_name": "Mine"}})  # type: ignore[no-untyped-call, no-any-return]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("took 1.3 s", "took 12.25 s"),
        ("http://127.0.0.1:40817/", "http://127.0.0.1:51111/"),
        ("run/fastcgi-3fa9c2d1e0/log", "run/fastcgi-00aa11bb22/log"),
        ("<rect fill='#1f68b0'/>", "<rect fill='#8f163a'/>"),
        ("M 10.5 20.1 L 30 40", "M 11 2 L 3.25 4 L 5 6"),
        ("blocks ████░░ 2", "blocks ██████ 3"),
        ("flup      38.4 MB", "flup     138.4 MB"),
        ("object at 0x7f3a1b2c4d50", "object at 0x7f9999999990"),
    ],
)
def test_what_differs_from_run_to_run_is_kept(before: str, after: str) -> None:
    kept = normalise(notebook(printed(after)), notebook(printed(before)))
    assert kept.cells[1].outputs[0].text == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("holds", "no longer holds"),
        ("2 workers", "2 threads"),
        ("Server: lighttpd", "Server: nginx"),
        ("ok", "ok\nwarning"),
    ],
)
def test_what_says_something_else_is_taken_over(before: str, after: str) -> None:
    kept = normalise(notebook(printed(after)), notebook(printed(before)))
    assert kept.cells[1].outputs[0].text == after


def test_a_verdict_is_always_taken_over() -> None:
    kept = normalise(
        notebook(printed("above about 8"), tags=(VERDICT,)), notebook(printed("above about 5"), tags=(VERDICT,))
    )
    assert kept.cells[1].outputs[0].text == "above about 8"


def test_everything_is_taken_over_when_asked() -> None:
    kept = normalise(notebook(printed("took 2 s")), notebook(printed("took 1 s")), every=True)
    assert kept.cells[1].outputs[0].text == "took 2 s"


def test_only_what_the_notebook_says_is_stored() -> None:
    result = new_output("execute_result", data={"text/plain": "4"}, execution_count=17)  # type: ignore[no-untyped-call]
    fresh = normalise(notebook(printed("a\n"), printed("b\n"), result, count=17), notebook())
    cell = fresh.cells[1]
    assert cell.execution_count == 1
    assert [output.get("text", output.get("execution_count")) for output in cell.outputs] == ["a\nb\n", 1]
    assert "execution" not in cell.metadata
    assert dict(fresh.metadata) == KERNEL
    assert [each.id for each in fresh.cells] == ["title", "show"]


def test_a_number_more_is_a_change() -> None:
    before: list[Any] = [printed("1 2 words 3")]
    after: list[Any] = [printed("1 2 words 3 words 4")]
    assert shape(before) != shape(after)


def test_the_mark_of_a_learners_check_is_not_stored() -> None:
    data = {"text/plain": "Solved.", **dict.fromkeys(MARKS, "x")}
    marked = new_output("execute_result", data=data, execution_count=1)  # type: ignore[no-untyped-call]
    assert dict(normalise(notebook(marked), notebook()).cells[1].outputs[0].data) == {"text/plain": "Solved."}
