"""A measurement as a terminal shows it: what is expected, where it is, what came of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from benchmarks import words
from benchmarks.result import summary
from benchmarks.store import records
from labs.errors import LabError, NotHere
from labs.own import isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.plan.ledger import Row
    from benchmarks.run.runs import Step
    from benchmarks.store.records import Record

COLOURS = {"holds": "blue", "holds when": "yellow", "no longer holds": "red", "undecided": "dim"}
FEW = 3  # blocks that do not count and are told with their numbers
ANSWERS = {"as in the book": "blue", "differs": "red", "cannot tell": "dim"}

# On a terminal tables fit its width; elsewhere nothing is cut off.
console = Console(highlight=False) if sys.stdout.isatty() else Console(width=200, highlight=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a claim: for a program, for the exit status, and the record, None where nothing was measured."""

    entry: dict[str, Any]
    status: int
    record: Record | None = None


def outcome(row: Row, how: dict[str, Any], say: Callable[[Step], None]) -> Outcome:
    """Measure one claim. What a reader can mend is an outcome, not an exception."""
    from benchmarks import experiments
    from benchmarks.plan.ownsite import NotOnThisSiteError
    from benchmarks.run import runs

    entry: dict[str, Any] = {"id": row.id, "kind": row.kind, "record": None, "answer": None}
    try:
        record = runs.measure(experiments.get(row.id), say=say, **how)
    except NotOnThisSiteError as refused:
        return Outcome(entry={**entry, "verdict": "not on this site", "reason": str(refused)}, status=2)
    except NotHere as missing:
        return Outcome(entry={**entry, "verdict": "cannot run here", "reason": str(missing)}, status=3)
    except LabError as error:
        return Outcome(entry={**entry, "verdict": None, "reason": str(error)}, status=1)
    return Outcome(entry=told(row, record), status=1 if summary.failed(record) else 0, record=record)


def told(row: Row, record: Record) -> dict[str, Any]:
    """What a record says, for a program: as in the scorecard, with the answer of a smoke run."""
    from benchmarks.result.held import answer
    from benchmarks.result.scorecard import result

    found = answer(record)
    where = records.shown(record.path) if record.path else None
    entry = {"id": row.id, "kind": row.kind, **result(record)}
    return {**entry, "record": where, "answer": found.to_json() if found else None}


def measure(row: Row, how: dict[str, Any], *, quiet: bool, aside: bool = False) -> tuple[dict[str, Any], int]:
    """Measure one claim and tell about it; what is told, and the exit status that it means.

    aside  others run at the same time: all is told at once, when it is over
    """
    screen = screen_for(quiet)
    if not aside:
        return _measure(row, how, screen, Lines(screen))
    with screen.capture() as text:  # of this thread alone
        found = _measure(row, how, screen, Lines(screen, still=True))
    screen.out(text.get(), end="")
    return found


def _measure(row: Row, how: dict[str, Any], screen: Console, shown: Lines) -> tuple[dict[str, Any], int]:
    from benchmarks import experiments

    screen.print(f"[bold]{row.id}[/bold]   {escape(row.statement)}{_expected(experiments.get(row.id))}")
    _interrupted(screen, row, how)
    with shown:
        found = outcome(row, how, shown.step)
    if found.record is not None:
        _tell(screen, found.record)
    else:
        name = {2: "refused", 3: "cannot run here"}.get(found.status, "failed")
        screen.print(f"  {name:<16} {escape(found.entry['reason'])}")
    return found.entry, found.status


def _site(how: dict[str, Any]) -> dict[str, str] | None:
    """What tells the reader's project from others; None for the newsroom."""
    return {"settings": isolation.own_settings(how["site"]), "page": how["page"]} if how.get("site") else None


def _interrupted(screen: Console, row: Row, how: dict[str, Any]) -> None:
    """Say from where a run goes on; else, that there is one that could."""
    from benchmarks.run import resuming

    earlier = how.get("earlier")
    left = earlier or resuming.find(row.id, site=_site(how))
    if left is None or not (earlier or left.profile == how["profile"]):
        return
    done = (
        f"{resuming.finished(left)} are finished in {records.shown(left.path)}"
        if left.path
        else resuming.finished(left)
    )
    screen.print(
        f"  {'goes on          ' if earlier else 'interrupted      '}{escape(done)}{'' if earlier else ': add --go-on to go on from them'}",
        soft_wrap=True,
    )


def recall(row: Row, record: Record, *, quiet: bool) -> tuple[dict[str, Any], int]:
    """Tell of a result that still stands instead of measuring it again; as `measure`."""
    entry = told(row, record)
    sentence = coloured(str(entry["verdict"]), summary.sentence(record))
    screen_for(quiet).print(f"[bold]{row.id}[/bold]   {sentence}   (measured {escape(day(record))} by this code)")
    return entry, 0


def day(record: Record) -> str:
    """When it was measured, in the time of this machine."""
    return f"{datetime.fromisoformat(record.data['recorded_at']).astimezone():%d %B, %H:%M}".lstrip("0")


def screen_for(quiet: bool) -> Console:
    """Where a run is told; beside standard output where that is for a program."""
    if not quiet:
        return console
    # Standard output is for a program; the run is told beside it, as wide as there.
    width = None if sys.stderr.isatty() else 200
    return Console(stderr=True, highlight=False, width=width, soft_wrap=width is not None)


def _tell(screen: Console, record: Record) -> None:
    from benchmarks.result import seen
    from benchmarks.result.analysis import analyse, limiter
    from benchmarks.result.held import answer
    from benchmarks.result.scorecard import result
    from benchmarks.show import parts

    found = result(record)
    name = str(found["verdict"])
    held = answer(record)
    rest = summary.sentence(record).removeprefix(name).removeprefix(":").strip()
    if held is None:
        screen.print(f"  {coloured(name, f'{name:<16}')} {escape(rest)}")
    else:  # a smoke run has no verdict
        more = escape(held.sentence.removeprefix(held.answer).lstrip(": "))
        screen.print(f"  {coloured_answer(f'{held.answer:<16}', held.answer)} {more}")
    void = [block for block in record.blocks if block.void is not None]
    if void:
        report = f"python -m benchmarks report {record.id} --mine"
        screen.print(f"                   {words.counted(len(void), 'block')} did not count: {report}")
    for block in void[:FEW]:  # a disturbed block is shown, with its cause
        number = seen.direction(record, seen.of_block(record, block), True) or "no number"
        screen.print(f"                   block {block.number}, {escape(f'{number}: {seen.first(str(block.void))}')}")
    if record.kind == "behaviour":
        for check in record.checks:
            mark = "as expected" if check["ok"] else f"expected {check['expected']}"
            screen.print(f"                   {escape(check['what'])}: {escape(check['seen'])} ({escape(mark)})")
    else:
        screen.print(f"  regime           {escape(record.experiment['regime'])}")
        if not summary.failed(record) and (values := summary.counted(record)):
            screen.print(f"  counted          {escape(values)}")
        if not summary.failed(record) and (beside := analyse(record).beside):
            screen.print(f"  beside it        {escape(beside)}")
        limits = (limiter(record) or "not known").split("; ")
        screen.print(
            "\n                   ".join([f"  limited by       {escape(limits[0])}", *map(escape, limits[1:])])
        )
        for part in (parts.servers(record), parts.events(record), parts.samples(record)):
            if part:
                screen.print("\n".join(f"  {escape(line)}" for line in part.splitlines()), soft_wrap=True)
    book = records.find_reference(record.id)
    if book and book.path != record.path and "site" not in record.data:
        same = "" if held else ": the same" if result(book)["verdict"] == name else ": not the same"
        screen.print(f"  in the book      {escape(summary.sentence(book))}{same}")
    if record.path:
        screen.print(f"  record           {escape(records.shown(record.path))}", soft_wrap=True)


def _expected(experiment: Any) -> str:
    """What was written down before: the direction, and the smallest effect that matters."""
    side = getattr(experiment, "expected", None)
    if side is None:
        return ""
    better = f"{getattr(experiment, side)} better" if side in ("favoured", "against") else side
    return f"      expected: {escape(better)}; {100 * experiment.matters:.0f} % or more matters"


@contextmanager
def lines(*, quiet: bool) -> Iterator[Lines]:
    """Where a run tells how it goes; beside standard output where that is for a program."""
    shown = Lines(screen_for(quiet))
    with shown:
        yield shown


class Lines:
    """Progress on a terminal in one line that is rewritten; elsewhere a line a block."""

    def __init__(self, screen: Console, *, still: bool = False) -> None:
        self._screen = screen
        moves = screen.is_terminal and not still
        self._status = screen.status("getting ready", spinner="line") if moves else None

    def __enter__(self) -> None:
        if self._status:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def step(self, step: Step) -> None:
        if self._status:
            self._status.update(f"{escape(str(step))}")
        elif step.over:
            self._screen.print(f"  {escape(str(step))}")


def coloured_answer(text: str, answer: str) -> str:
    """A text in the colour of an answer of a smoke run, for rich."""
    colour = ANSWERS.get(answer, "dim")
    return f"[{colour}]{escape(text)}[/{colour}]"


def coloured(verdict: str | None, text: str) -> str:
    """A text in the colour of a verdict, for rich."""
    colour = COLOURS.get(verdict or "", "dim")
    return f"[{colour}]{escape(text)}[/{colour}]"
