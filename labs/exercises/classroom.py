"""Who of a class is where: a folder of workbooks as learners hand them in, looked through for exercises and predictions."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labs.errors import LabError, OptionError
from labs.exercises.exercise import check, is_obeyed, names
from labs.exercises.workbook import Call, ForeignError, Workbook, read
from labs.tables import Tabled

PASSED, TRIED, NOT_YET = "passed", "tried", "not yet"
SIGNS = {PASSED: "P", TRIED: "t", NOT_YET: "."}
LONGEST = 100  # characters of an answer, while it is asked for
AS_STORED = "*"  # behind a state that was not asked for again, though all were to be


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a learner stands with one exercise.

    state   "passed", "tried" or "not yet"
    call    the answer that counts: the last that passed, else the last
    stored  whether the state is what the workbook stores; False after the servers were asked again
    why     what the servers, asked again, complained of
    """

    state: str
    call: Call
    stored: bool = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """One learner: the exercises in the workbooks that were handed in, by name, and the claims that were predicted."""

    name: str
    standings: Mapping[str, Standing]
    predictions: frozenset[str]

    def count(self, state: str) -> int:
        """How many of the exercises are in this state."""
        return sum(each.state == state for each in self.standings.values())


@dataclass(frozen=True, kw_only=True)
class Classroom:
    """All learners.

    exercises    those that are in any of the workbooks, in the order of the workbooks' names
    passed_over  what is no workbook: each file with the reason
    """

    learners: Sequence[Learner]
    exercises: Sequence[str]
    passed_over: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        """All of it, for programs."""
        return {
            "learners": [
                {
                    "learner": learner.name,
                    "exercises": {
                        name: {"state": each.state, "stored": each.stored, "why": each.why}
                        for name, each in learner.standings.items()
                    },
                    "predictions": sorted(learner.predictions),
                }
                for learner in self.learners
            ],
            "passed_over": dict(self.passed_over),
        }


class Overview(Tabled):
    """A row a learner. In words where they fit into `width` characters, else a letter an exercise under its number."""

    def __init__(self, classroom: Classroom, width: int) -> None:
        self._classroom, self._width = classroom, width
        self._names = classroom.exercises
        shortest = [max(len(name), len(NOT_YET)) + 2 for name in self._names]
        learner = max([len("learner"), *(len(each.name) for each in classroom.learners)])
        self._words = learner + len("  passed  predictions") + sum(shortest) <= width
        heads = self._names if self._words else [str(number) for number in range(1, len(self._names) + 1)]
        self.columns = ("learner", "passed", "predictions", *heads)
        every = [each for learner in classroom.learners for each in learner.standings.values()]
        asked = [each for each in every if not each.stored]
        self._marked = 0 < len(asked) < len(every)  # some were asked again, and some could not be

    def cells(self) -> Sequence[Sequence[str]]:
        """Learner, how many passed of how many, predictions, each exercise."""
        return [
            (
                learner.name,
                f"{learner.count(PASSED)}/{len(learner.standings)}",
                str(len(learner.predictions)),
                *(self._cell(learner.standings.get(name)) for name in self._names),
            )
            for learner in self._classroom.learners
        ]

    @property
    def below(self) -> str:
        """What the letters mean."""
        lines = []
        if not self._words:
            numbered = ", ".join(f"{number}\u00a0{name}" for number, name in enumerate(self._names, 1))
            signs = ", ".join(f"{sign} {state}" for state, sign in SIGNS.items())
            lines += [signs, *textwrap.wrap(numbered, self._width)]
        if self._marked:
            lines.append(
                f"{AS_STORED} as stored: the answer is no literal, or a server would obey it; it was not asked again"
            )
        return "\n".join(lines).replace("\u00a0", " ")

    def _cell(self, standing: Standing | None) -> str:
        if standing is None:
            return ""
        shown = standing.state if self._words else SIGNS[standing.state]
        return f"{shown}{AS_STORED}" if self._marked and standing.stored else shown


def look(folder: Path) -> Classroom:
    """Read every notebook below a folder: those in a folder of it are one learner's, each other is a learner's own.

    Nothing is executed and nothing written. Raises OptionError where there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder} is no folder. Name the one that holds the learners' workbooks.")
    exercises, passed_over = frozenset(names()), {}
    found: dict[str, list[Workbook]] = {}
    for path in sorted(folder.rglob("*.ipynb"), key=lambda path: _counted(str(path))):
        inside = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue  # such as .ipynb_checkpoints, where JupyterLab keeps copies
        try:
            workbook = read(path, exercises)
        except ForeignError as error:
            passed_over[_shown(str(inside))] = str(error)
        else:
            found.setdefault(_shown(inside.parts[0] if len(inside.parts) > 1 else inside.stem), []).append(workbook)
    if not found and not passed_over:
        raise OptionError(f"There is no notebook below {folder}. Workbooks end in .ipynb.")
    by_name = sorted((book for books in found.values() for book in books), key=lambda book: _counted(book.path.name))
    learners = [_learner(name, books) for name, books in found.items()]
    return Classroom(
        learners=[learner for learner in learners if learner.standings or learner.predictions],
        exercises=list(dict.fromkeys(call.exercise for book in by_name for call in book.calls)),
        passed_over=passed_over,
    )


def again(classroom: Classroom, say: Callable[[str], None]) -> Classroom:
    """Ask real servers for every answer that is made of literals and that no server obeys; what two learners gave alike is
    asked once.

    say  is told of each answer before it is asked for, and what came of it, which ends the line
    """
    asked: dict[str, tuple[bool, str]] = {}
    wanted = dict.fromkeys(
        _written(each.call)
        for learner in classroom.learners
        for each in learner.standings.values()
        if _is_asked(each.call)
    )
    learners = []
    for learner in classroom.learners:
        standings = dict(learner.standings)
        for name, standing in learner.standings.items():
            if _is_asked(standing.call):
                key = _written(standing.call)
                if key not in asked:
                    say(f"{len(asked) + 1} of {len(wanted)}  {textwrap.shorten(key, LONGEST, placeholder='…')}: ")
                    began = time.monotonic()
                    asked[key] = _ask(name, standing.call.answer or {})
                    say(f"{PASSED if asked[key][0] else 'open'}, {time.monotonic() - began:.0f} s\n")
                passed, why = asked[key]
                # an answer that nobody has run and that does not pass is the one that the chapter gives
                state = PASSED if passed else NOT_YET if standing.call.passed is None else TRIED
                standings[name] = replace(standing, state=state, stored=False, why=why)
        learners.append(replace(learner, standings=standings))
    return replace(classroom, learners=learners)


def _is_asked(call: Call) -> bool:
    """Whether a server may be asked: an answer that it would obey could do anything here."""
    return call.answer is not None and not is_obeyed(call.exercise)


def _ask(name: str, answer: Mapping[str, object]) -> tuple[bool, str]:
    try:
        outcome = check(name, **answer)
    except LabError as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001 - whatever one answer does to its check, the others are asked all the same
        return False, f"{type(error).__name__}: {error}"
    return outcome.passed, "" if outcome.passed else outcome.lines()[-1]


def _learner(name: str, books: Sequence[Workbook]) -> Learner:
    calls: dict[str, list[Call]] = {}
    for call in (call for book in books for call in book.calls):
        calls.setdefault(call.exercise, []).append(call)
    return Learner(
        name=name,
        standings={exercise: _standing(made) for exercise, made in calls.items()},
        predictions=frozenset[str]().union(*(book.predictions for book in books)),
    )


def _standing(calls: Sequence[Call]) -> Standing:
    passed = [call for call in calls if call.passed]
    run = [call for call in calls if call.passed is not None]
    state = PASSED if passed else TRIED if run else NOT_YET
    return Standing(state=state, call=(passed or run or calls)[-1])


def _written(call: Call) -> str:
    answer = call.answer or {}
    return f"{call.exercise} {', '.join(f'{name}={value!r}' for name, value in answer.items())}"


def _counted(name: str) -> list[str | int]:
    """A name as a key of order, in which 10 comes after 9."""
    return [int(part) if number % 2 else part for number, part in enumerate(re.split(r"(\d+)", name))]


def _shown(name: str) -> str:
    """A name of a file without characters that would steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)
