"""A measurement as a terminal shows it: what is expected, where it is, what came of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
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
    from collections.abc import Iterator

    from benchmarks.plan.ledger import Row
    from benchmarks.run.runs import Step
    from benchmarks.store.records import Record

COLOURS = {"holds": "blue", "holds when": "yellow", "no longer holds": "red", "undecided": "dim"}

# On a terminal tables fit its width; elsewhere nothing is cut off.
console = Console(highlight=False) if sys.stdout.isatty() else Console(width=200, highlight=False, soft_wrap=True)


def measure(row: Row, how: dict[str, Any], *, quiet: bool) -> tuple[dict[str, Any], int]:
    """Measure one claim and tell about it; what is told, and the exit status that it means."""
    from benchmarks import experiments
    from benchmarks.plan.ownsite import NotOnThisSiteError
    from benchmarks.result.scorecard import result
    from benchmarks.run import runs

    screen = _screen(quiet)
    experiment = experiments.get(row.id)
    screen.print(f"[bold]{row.id}[/bold]   {escape(row.statement)}{_expected(experiment)}")
    _interrupted(screen, row, how)
    shown = Lines(screen)
    entry: dict[str, Any] = {"id": row.id, "kind": row.kind}
    try:
        with shown:
            record = runs.measure(experiment, say=shown.step, **how)
    except NotOnThisSiteError as refused:
        screen.print(f"  refused          {escape(str(refused))}")
        return {**entry, "verdict": "not on this site", "reason": str(refused), "record": None}, 2
    except NotHere as missing:
        screen.print(f"  cannot run here  {escape(str(missing))}")
        return {**entry, "verdict": "cannot run here", "reason": str(missing), "record": None}, 3
    except LabError as error:
        screen.print(f"  failed           {escape(str(error))}")
        return {**entry, "verdict": None, "reason": str(error), "record": None}, 1
    _tell(screen, record)
    found = {**entry, **result(record), "record": records.shown(record.path) if record.path else None}
    return found, 1 if summary.failed(record) else 0


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
    from benchmarks.result.scorecard import result

    screen, found = _screen(quiet), result(record)
    name, sentence = str(found["verdict"]), summary.sentence(record)
    screen.print(f"[bold]{row.id}[/bold]   {coloured(name, sentence)}   (measured {escape(_day(record))} by this code)")
    return {"id": row.id, "kind": row.kind, **found, "record": records.shown(record.path) if record.path else None}, 0


def _day(record: Record) -> str:
    return f"{datetime.fromisoformat(record.data['recorded_at']).astimezone():%d %B, %H:%M}".lstrip("0")


def _screen(quiet: bool) -> Console:
    if not quiet:
        return console
    # Standard output is for a program; the run is told beside it, as wide as there.
    width = None if sys.stderr.isatty() else 200
    return Console(stderr=True, highlight=False, width=width, soft_wrap=width is not None)


def _tell(screen: Console, record: Record) -> None:
    from benchmarks.result.analysis import analyse, limiter
    from benchmarks.result.scorecard import result

    found = result(record)
    name = str(found["verdict"])
    rest = summary.sentence(record).removeprefix(name).removeprefix(":").strip()
    screen.print(f"  {coloured(name, f'{name:<16}')} {escape(rest)}")
    void = sum(block.void is not None for block in record.blocks)
    if void:
        screen.print(
            f"                   {words.counted(void, 'block')} did not count: python -m benchmarks report {record.id} --mine"
        )
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
    book = records.find_reference(record.id)
    if book and book.path != record.path and "site" not in record.data:
        same = "the same" if result(book)["verdict"] == name else "not the same"
        screen.print(f"  in the book      {escape(summary.sentence(book))}: {same}")
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
    shown = Lines(_screen(quiet))
    with shown:
        yield shown


class Lines:
    """Progress on a terminal in one line that is rewritten; elsewhere a line a block."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._status = screen.status("getting ready", spinner="line") if screen.is_terminal else None

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


def coloured(verdict: str | None, text: str) -> str:
    """A text in the colour of a verdict, for rich."""
    colour = COLOURS.get(verdict or "", "dim")
    return f"[{colour}]{escape(text)}[/{colour}]"
