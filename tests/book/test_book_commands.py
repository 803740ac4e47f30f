"""The commands of `python -m book`, as a reader runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book import refresh, site
from book.closing import broken, closing
from book.contents import TOP, documents
from book.serve import server

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import FileLock


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "book", *words], cwd=TOP, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["site", "book", "read", "lab", "edit", "refresh", "words", "test"])
def test_help_teaches(name: str) -> None:
    told = command(name, "--help")
    assert told.returncode == 0
    assert f"Example: python -m book {name}" in told.stdout


def test_a_second_build_has_nothing_to_do(built: Path, one_build: FileLock) -> None:
    with one_build:
        again = command("site")
    assert again.returncode == 0, again.stderr
    assert "nothing has changed" in again.stdout
    assert f"{len(documents())} pages" in again.stdout


def test_a_page_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "documents", lambda: ["book/intro", "book/nowhere"])
    with pytest.raises(site.BuildError, match="book/nowhere"):
        site.build()


def test_no_notebook_of_that_name() -> None:
    told = command("refresh", "no-such-notebook")
    assert told.returncode == 2
    assert "no-such-notebook" in told.stderr


def test_a_wrong_option_is_named() -> None:
    told = command("site", "--fast")
    assert told.returncode == 2
    assert "--fast" in told.stderr
    assert "Traceback" not in told.stderr


def test_read_serves_until_interrupted(built: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "book", "read"],
        cwd=TOP,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout
        assert reader.stderr
        address = reader.stdout.readline().split()[0]
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"intro.html" in answer.read()
        reader.send_signal(signal.SIGINT)
        assert reader.wait(timeout=10) == 0
        assert reader.stderr.read() == ""


def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with server(tmp_path, (0,)) as first:
        taken = first.server_port
        with server(tmp_path, (taken, 0)) as second:
            assert second.server_port != taken


def write(path: Path, *sources: str) -> bytes:
    cells = [new_markdown_cell("# Title"), *map(new_code_cell, sources)]  # type: ignore[no-untyped-call]
    nbformat.write(new_notebook(cells=cells), path)  # type: ignore[no-untyped-call]
    return path.read_bytes()


def test_refresh_stores_what_a_notebook_says_and_then_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "TOP", tmp_path)
    path = tmp_path / "a notebook.ipynb"
    write(path, "import os, time\nprint('at', time.time())", "os.environ['BOOK_PROFILE']")
    assert refresh.refresh(path)
    stored = path.read_bytes()
    assert b"'smoke'" in stored
    assert not refresh.refresh(path)
    assert path.read_bytes() == stored
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_refresh_leaves_a_notebook_that_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "TOP", tmp_path)
    path = tmp_path / "broken.ipynb"
    before = write(path, "1 + 1", "1 / 0", "2 + 2")
    with pytest.raises(refresh.RefreshError, match="cell 3 raised ZeroDivisionError"):
        refresh.refresh(path)
    assert path.read_bytes() == before


def entry(claim: str, answer: str | None) -> dict[str, Any]:
    """What `python -m benchmarks run --json` says of a claim that ran."""
    found = {"answer": answer} if answer else None
    return {"id": claim, "verdict": "undecided", "reason": "", "record": f"results/{claim}.json", "answer": found}


def test_the_closing_sentence_counts_what_ran() -> None:
    ran = [
        entry("one", "as in the book"),
        entry("two", "cannot tell"),
        entry("three", "differs"),
        entry("four", None),
        entry("five", "as in the book"),
    ]
    said = closing("_build/html/index.html", ran)
    assert said.startswith("The book is in _build/html/index.html; 5 claims ran on this machine: 2 as in the book")
    assert "1 cannot tell (two:" in said
    assert "1 differs (three)" in said
    assert "1 that the book has no record of yet" in said
    assert "no claim ran" in closing("x", [])


def test_the_closing_sentence_says_why_a_claim_did_not_run() -> None:
    entries: list[dict[str, Any]] = [
        {"id": "one", "verdict": "holds", "reason": "", "record": "results/one.json"},
        {"id": "two", "verdict": "cannot run here", "reason": "apache2 is not on this machine.", "record": None},
        {"id": "three", "verdict": None, "reason": "port taken.", "record": None},
        {"id": "four", "verdict": "undecided", "reason": "no block counts", "record": "results/four.json"},
    ]
    assert broken(entries) == ["three"], "a run that a neighbour spoilt is a run"
    lines = closing("x", entries).splitlines()
    assert lines[1:] == ["  two: could not run here. apache2 is not on this machine.", "  three: failed. port taken."]


def test_the_server_stops() -> None:
    with server(site.HTML, (0,)) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        http.shutdown()
        thread.join(timeout=5)
        assert not thread.is_alive()
