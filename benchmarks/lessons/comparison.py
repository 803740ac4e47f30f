"""What several ways of measuring say of the same server, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from benchmarks import words
from benchmarks.judge import starved
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load.outcome import TrialLoad
    from benchmarks.trust.plain import PlainResult

NOT_SAID = "does not say"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. Times are milliseconds, None where there is no time to tell.

    answered  requests that got what they asked for; of Locust, those that it did not count as failed
    waiting   who had no answer at the end, in words
    rate      answers a second; of Locust its own number, failures among them
    """

    who: str
    answered: int
    failed: int
    waiting: str
    rate: float
    p50: float | None
    p95: float | None

    @classmethod
    def by_locust(cls, who: str, seen: PlainResult) -> Self:
        """In Locust's own numbers."""
        return cls(
            who=who,
            answered=seen.requests - seen.failures,
            failed=seen.failures,
            waiting=NOT_SAID,
            rate=seen.rps,
            p50=seen.p50,
            p95=seen.p95,
        )

    @classmethod
    def by_us(cls, who: str, seen: TrialLoad, *, open_workload: bool = False) -> Self:
        """In the numbers that the records of this book hold; of an open workload, requests without an answer are counted."""
        times = [_milliseconds(starved.percentile(seen, which)) if seen.requests else None for which in (50, 95)]
        return cls(
            who=who,
            answered=seen.requests,
            failed=sum(seen.failures.values()),
            waiting=f"{seen.unanswered} requests" if open_workload else f"{seen.unanswered} of {seen.users} users",
            rate=seen.requests / seen.seconds,
            p50=times[0],
            p95=times[1],
        )

    @property
    def cells(self) -> list[str]:
        """As a table has them."""
        times = [
            "none" if time is None else f"{time:.{int(time < 10 and time % 1 > 0)}f} ms"
            for time in (self.p50, self.p95)
        ]
        return [
            self.who,
            str(self.answered),
            str(self.failed),
            self.waiting,
            f"{words.number(round(self.rate, 1))} /s",
            *times,
        ]


def _milliseconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def compared(rows: Sequence[Row], note: str = "") -> Comparison:
    """The rows as one thing that a notebook shows."""
    return Comparison(rows=tuple(rows), note=note)


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """The rows, by name; `note` is a line below."""

    rows: tuple[Row, ...]
    note: str = ""

    def __getitem__(self, who: str) -> Row:
        return next(row for row in self.rows if row.who == who)

    @property
    def table(self) -> Table:
        """For people."""
        head = ["", "answered", "failed", "without an answer", "rate", "p50", "p95"]
        return Table(header=head, rows=[row.cells for row in self.rows], note=self.note)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()
