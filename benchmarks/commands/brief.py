"""Many claims on a terminal: a line each with a bar while it runs, then what it came to. The records have the rest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from benchmarks import words
from benchmarks.commands import terminal

if TYPE_CHECKING:
    from benchmarks.plan.ledger import Row
    from benchmarks.run.runs import Step
    from benchmarks.store.records import Record

NAME, ANSWER = 24, 16  # columns


class Board:
    """Use as a context manager. Claims may run at the same time, each in a thread of its own.

    quiet  standard output is for a program: the lines go to the error stream
    """

    def __init__(self, *, quiet: bool) -> None:
        self._screen = terminal.screen_for(quiet)
        self._told: set[str] = set()
        columns = TextColumn(f"{{task.description:<{NAME}}}"), BarColumn(12), TextColumn("{task.fields[said]}")
        self._bars = Progress(*columns, console=self._screen, transient=True) if self._screen.is_terminal else None

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def measure(self, row: Row, how: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """As `terminal.measure`."""
        begun = time.monotonic()
        task = self._bars.add_task(row.id, total=1.0, said="") if self._bars else None

        def step(seen: Step) -> None:
            if self._bars is not None and task is not None:
                self._bars.update(task, completed=seen.share, said=escape(str(seen)))
            elif seen.text.startswith("waits"):
                self._waits(row, seen.text)

        try:
            found = terminal.outcome(row, how, step)
        finally:
            if self._bars is not None and task is not None:
                self._bars.remove_task(task)
        self._tell(found.entry, words.clock(time.monotonic() - begun))
        return found.entry, found.status

    def _waits(self, row: Row, text: str) -> None:
        """Once for all claims that wait for the same."""
        what = text.partition(" (")[0].partition(": ")[0]
        if what not in self._told:
            self._told.add(what)
            self._screen.print(f"{row.id:<{NAME}} {escape(text)}", soft_wrap=True)

    def recall(self, row: Row, record: Record) -> tuple[dict[str, Any], int]:
        """As `terminal.recall`."""
        entry = terminal.told(row, record)
        self._tell(entry, f"measured {terminal.day(record)}")
        return entry, 0

    def _tell(self, entry: dict[str, Any], when: str) -> None:
        name, rest = said(entry)
        name = terminal.coloured_answer(f"{name:<{ANSWER}}", name)
        self._screen.print(f"{entry['id']:<{NAME}} {name} {escape(rest)}  [dim]{when}[/dim]", soft_wrap=True)


def said(entry: dict[str, Any]) -> tuple[str, str]:
    """The answer of a claim in a word or two, and what there is to say of it in a line."""
    found = entry.get("answer")
    if found is None:
        reason = str(entry["reason"]).partition("\n")[0]
        return ("cannot tell" if entry["verdict"] == "cannot run here" else entry["verdict"] or "failed"), reason
    if found["answer"] == "as in the book":
        return found["answer"], found["direction"] or found["reason"]
    return found["answer"], "; ".join(part for part in (found["direction"], found["reason"]) if part)
