"""A class's workbooks: what is read of them, what is asked again, and that nothing in them runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode, v4
from typer.testing import CliRunner

from labs.cli.main import app
from labs.errors import OptionError
from labs.exercises import classroom
from labs.exercises.classroom import Overview
from labs.exercises.marks import CHECK, PREDICTION
from labs.paths import TOP

RIGHT, WRONG = 'check("keep-alive", keepalive=0.2)', 'check("keep-alive", keepalive="x")'


def run(source: str, passed: bool, exercise: str = "keep-alive") -> NotebookNode:
    """A cell that was run: its code, and the mark of a check."""
    return marked(source, CHECK, {"exercise": exercise, "passed": passed, "answer": {}})


def marked(source: str, kind: str, mark: dict[str, Any]) -> NotebookNode:
    output = v4.new_output("execute_result", data={"text/plain": "", kind: mark}, execution_count=1)  # type: ignore[no-untyped-call]
    return v4.new_code_cell(source, outputs=[output], execution_count=1)  # type: ignore[no-untyped-call, no-any-return]


def raised(source: str) -> NotebookNode:
    error = v4.new_output("error", ename="OptionError", evalue="", traceback=[])  # type: ignore[no-untyped-call]
    return v4.new_code_cell(source, outputs=[error])  # type: ignore[no-untyped-call, no-any-return]


def code(source: str) -> NotebookNode:
    return v4.new_code_cell(source)  # type: ignore[no-untyped-call, no-any-return]


def write(path: Path, *cells: NotebookNode) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(v4.writes(v4.new_notebook(cells=list(cells))), "utf-8")  # type: ignore[no-untyped-call]
    return path


def states(folder: Path) -> dict[str, dict[str, str]]:
    learners = classroom.look(folder).learners
    return {each.name: {name: standing.state for name, standing in each.standings.items()} for each in learners}


def test_folders_and_files_are_learners_and_the_best_of_an_exercise_counts(tmp_path: Path) -> None:
    write(tmp_path / "Ann Lee/1.ipynb", run(WRONG, False), run(RIGHT, True), run(WRONG, False))
    write(tmp_path / "Ann Lee/more/2.ipynb", run('check("swap", buffers="nginx")', False, "swap"))
    write(tmp_path / "Ann Lee/.ipynb_checkpoints/2.ipynb", run('check("swap", buffers="x")', True, "swap"))
    write(tmp_path / "bo-keepalive.ipynb", raised(WRONG), code('check("swap", buffers="nginx")'))
    assert states(tmp_path) == {
        "Ann Lee": {"keep-alive": "passed", "swap": "tried"},
        "bo-keepalive": {"keep-alive": "tried", "swap": "not yet"},
    }


def test_a_copy_of_a_chapter_has_been_worked_on_by_nobody(tmp_path: Path) -> None:
    shutil.copy(TOP / "book/tuning/keep-alive.ipynb", tmp_path / "copy.ipynb")
    (learner,) = classroom.look(tmp_path).learners
    assert [each.state for each in learner.standings.values()] == ["not yet"]
    assert learner.predictions == frozenset()


def test_a_page_without_an_exercise_is_no_stranger_and_exercises_stand_in_the_order_of_the_workbooks(
    tmp_path: Path,
) -> None:
    write(tmp_path / "ann/10.1 x.ipynb", run('check("swap", buffers="nginx")', False, "swap"))
    write(tmp_path / "bo/9.2 y.ipynb", run(WRONG, False))
    page = v4.new_notebook(metadata={"workbook": {}})  # type: ignore[no-untyped-call]
    (tmp_path / "page.ipynb").write_text(v4.writes(page))  # type: ignore[no-untyped-call]
    found = classroom.look(tmp_path)
    assert found.exercises == ["keep-alive", "swap"]
    assert [learner.name for learner in found.learners] == ["ann", "bo"]
    assert found.passed_over == {}


def test_each_claim_is_predicted_once(tmp_path: Path) -> None:
    made = [marked("x.predict()", PREDICTION, {"claim": claim}) for claim in ("one", "two", "one")]
    write(tmp_path / "a.ipynb", *made, code("x.predict()"))
    assert classroom.look(tmp_path).learners[0].predictions == {"one", "two"}


FOREIGN: dict[str, bytes] = {
    "not JSON": b"{",
    "no notebook of format 4": b'{"worksheets": []}',
    "no exercise and no prediction": json.dumps({"cells": [{"cell_type": "code", "source": 3}, 7]}).encode(),
    "not JSON, so": b"[" * 100_000,
    "no exercise": json.dumps({"cells": [{"cell_type": "code", "source": "check('paint')\n"}]}).encode(),
}


@pytest.mark.parametrize("why", FOREIGN)
def test_what_is_no_workbook_is_named_and_the_others_are_read(why: str, tmp_path: Path) -> None:
    (tmp_path / "odd\x1b[2J.ipynb").write_bytes(FOREIGN[why])
    write(tmp_path / "good.ipynb", run(RIGHT, True))
    found = classroom.look(tmp_path)
    assert [learner.name for learner in found.learners] == ["good"]
    ((name, reason),) = found.passed_over.items()
    assert name == "odd?[2J.ipynb"
    assert reason.startswith(why)


@pytest.mark.parametrize(
    "outputs", [None, 3, [3], [{"data": 3}], [{"data": {CHECK: 3}}], [{"data": {CHECK: {"exercise": 3, "passed": 1}}}]]
)
def test_outputs_that_nobody_expects_are_no_check(outputs: object, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": RIGHT, "outputs": outputs}
    (tmp_path / "odd.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert states(tmp_path) == {"odd": {"keep-alive": "not yet"}}


def test_a_folder_without_workbooks_is_said(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"end in \.ipynb"):
        classroom.look(tmp_path)
    with pytest.raises(OptionError, match="is no folder"):
        classroom.look(tmp_path / "nowhere")


def test_nothing_of_a_learner_runs_and_nothing_is_written(tmp_path: Path) -> None:
    folder, trap = tmp_path / "handed in", tmp_path / "trap"
    touch = f"__import__('pathlib').Path({str(trap)!r}).touch()"
    # Python in a literal, which mod_python would evaluate, and the name of a function, which Django's logging would call
    obeyed = [("python-path", {"path": f"[{touch}] + sys.path"}), ("error-log", {"logging": {"version": 1, "()": "x"}})]
    literal = [
        run(f"check({name!r}, {', '.join(f'{part}={value!r}' for part, value in answer.items())})", True, name)
        for name, answer in obeyed
    ]
    write(folder / "a.ipynb", code(touch), run(f'check("keep-alive", keepalive={touch})', True), *literal)
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    told: list[str] = []
    (learner,) = classroom.again(classroom.look(folder), told.append).learners
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]} == before
    assert not trap.exists()
    assert told == [], "what is no literal, or what a server would obey, is not asked again"
    assert set(learner.standings) == {"keep-alive", "python-path", "error-log"}
    assert all(each.state == "passed" and each.stored for each in learner.standings.values())
    assert all(each.call.answer is not None for name, each in learner.standings.items() if name != "keep-alive")


def test_what_two_gave_alike_is_asked_once_and_a_forged_pass_is_found(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.ipynb", run(WRONG, True), run('check("swap", buffers=chosen)', True, "swap"))
    write(tmp_path / "c.ipynb", code(WRONG))
    told: list[str] = []
    found = classroom.again(classroom.look(tmp_path), told.append)
    assert "".join(told) == "1 of 1  keep-alive keepalive='x': open, 0 s\n"
    assert [each.standings["keep-alive"].state for each in found.learners] == ["tried", "tried", "not yet"]
    assert "keepalive" in found.learners[0].standings["keep-alive"].why
    lines = repr(Overview(found, 100)).splitlines()
    assert lines[1].split() == ["a", "1/2", "0", "tried", "passed*"]
    assert lines[-1].startswith("* as stored")


def test_a_table_is_in_words_where_they_fit_and_in_signs_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "ann.ipynb", run(RIGHT, True), code('check("swap", buffers="nginx")'))
    write(tmp_path / "bo.ipynb", run(WRONG, False))
    found = classroom.look(tmp_path)
    assert [line.split() for line in repr(Overview(found, 80)).splitlines()] == [
        ["learner", "passed", "predictions", "keep-alive", "swap"],
        ["ann", "1/2", "0", "passed", "not", "yet"],
        ["bo", "0/1", "0", "tried"],
    ]
    narrow = repr(Overview(found, 40)).splitlines()
    assert narrow[0].split() == ["learner", "passed", "predictions", "1", "2"]
    assert narrow[1].split() == ["ann", "1/2", "0", "P", "."]
    assert narrow[3:] == ["P passed, t tried, . not yet", "1 keep-alive, 2 swap"]
    assert max(map(len, narrow)) <= 40


@pytest.mark.servers
def test_a_check_that_ran_in_a_kernel_is_found_and_asked_again(tmp_path: Path) -> None:
    notebook = v4.new_notebook(cells=[code(f"from labs.exercises import check\n{RIGHT}")])  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(TOP)}}).execute()
    path = write(tmp_path / "ann.ipynb", *notebook.cells)
    assert states(tmp_path) == {"ann": {"keep-alive": "passed"}}
    path.write_text(path.read_text("utf-8").replace('"passed": true', '"passed": false'), "utf-8")
    assert states(tmp_path) == {"ann": {"keep-alive": "tried"}}
    said = CliRunner().invoke(app, ["check", "--all", str(tmp_path), "--again", "--json"])
    assert said.exit_code == 0, said.stderr
    (learner,) = json.loads(said.stdout)["learners"]
    assert learner["exercises"] == {"keep-alive": {"state": "passed", "stored": False, "why": ""}}
    assert said.stderr.startswith("1 of 1  keep-alive keepalive=0.2: passed, ")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "Name an exercise"),
        (["swap", "--all", "x"], "is not asked for beside it"),
        (["swap", "--again"], "of a folder of workbooks"),
        (["--all", "/no/such"], "is no folder"),
    ],
)
def test_a_wrong_call_is_refused_with_the_reason(words: list[str], why: str) -> None:
    said = CliRunner().invoke(app, ["check", *words])
    assert said.exit_code == 2
    assert why in said.stderr


def test_the_command_prints_a_table_and_says_what_it_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "ann.ipynb", run(RIGHT, True))
    (tmp_path / "bad.ipynb").write_text("{")
    said = CliRunner().invoke(app, ["check", "--all", str(tmp_path)])
    assert said.exit_code == 0
    assert said.stdout.splitlines()[1].split() == ["ann", "1/1", "0", "passed"]
    assert said.stderr == "passed over: bad.ipynb: not JSON, so no notebook\n"
