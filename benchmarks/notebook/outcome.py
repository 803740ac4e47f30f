"""What a run in a notebook shows: its figure, its table, its summary, and the line that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.notebook import predictions
from benchmarks.result import seen, summary
from benchmarks.store import records

if TYPE_CHECKING:
    from benchmarks.result.narrowing import Narrowing
    from benchmarks.show.figures import Picture
    from benchmarks.store.records import Record
    from benchmarks.tables import Table


@dataclass(frozen=True)
class Text:
    """Text that a notebook shows without quotation marks; two are equal when they read the same."""

    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True, repr=False)
class Run:
    """What one run measured, or, where it could not run here, the reference record in its place.

    record   the record that is shown
    here     whether it was measured on this machine
    """

    record: Record
    here: bool

    def figure(self) -> Picture | Table | Text:
        """This machine beside the reference, drawn; for a behaviour, its checks.

        A run of which nothing counts, such as one beside a busy neighbour, is told in the caption in place of drawn.
        """
        if self.record.kind == "behaviour":
            return self.table()
        from benchmarks.show import figures  # imported here: it brings matplotlib

        reference = records.find_reference(self.record.id)
        if not self.here:
            return figures.draw(None, reference)
        if not summary.failed(self.record):
            return figures.draw(self.record, reference)
        if reference is None:
            return self._nothing()
        drawn = figures.draw(None, reference)
        return replace(drawn, caption=f"{self._nothing()} {drawn.caption}", alt=f"{self._nothing()} {drawn.alt}")

    def table(self) -> Table | Text:
        """The numbers behind the figure: every arm with its interval, the other metrics beside; or the checks."""
        from benchmarks.show import report

        if self.record.kind == "behaviour":
            return report.checks_table(self.record.checks)
        return self._nothing() if summary.failed(self.record) else report.values_table(self.record)

    def _nothing(self) -> Text:
        said = summary.sentence(self.record).removeprefix("undecided: ")
        shown = seen.direction(self.record, *seen.ratio(self.record))
        beside = f" What it saw: {shown}." if shown else ""
        return Text(f"This run gave no number that counts: {said}. Run it again, with nothing else at work.{beside}")

    def summary(self) -> Text:
        """Verdict, ratio, regime, what limited it, and what was predicted."""
        from benchmarks.result.analysis import analyse

        lines = [_sentence(self.record)]
        if self.record.kind == "effect" and not summary.failed(self.record):
            analysis = analyse(self.record)
            lines.append(f"regime: {self.record.experiment['regime']}")
            if counted := summary.counted(self.record):
                lines.append(f"counted: {counted}")
            if analysis.limiter:
                lines.append(f"limited by: {analysis.limiter}")
            if prediction := predictions.find(self.record.id):
                lines.append(prediction.beside(analysis))
        if not self.here:
            lines.append("This is the reference run.")
        elif self.record.path:
            lines.append(f"record: {records.shown(self.record.path)}")
        return Text("\n".join(lines))

    def __repr__(self) -> str:
        return f"{self.record.id}, {'this machine' if self.here else 'reference'}: .figure() .table() .summary()"

    @property
    def line(self) -> str:
        """What it leaves behind: which claim, how long, and what came."""
        seconds: Any = self.record.data.get("seconds")
        took = f", {words.clock(seconds)}" if isinstance(seconds, int | float) else ""
        return f"{self.record.id} ({self.record.profile}{took}) {_sentence(self.record)}."

    @property
    def narrowing(self) -> Narrowing | None:
        """What is drawn beside the line; None where it is true or false, or gave no number that counts."""
        from benchmarks.result.analysis import analyse
        from benchmarks.result.narrowing import Narrowing

        if self.record.kind == "behaviour" or summary.failed(self.record):
            return None
        return Narrowing.from_analysis(analyse(self.record))


def _sentence(record: Record) -> str:
    """The verdict of a run, or, since a smoke run of an effect is too short for one, its answer beside the book."""
    from benchmarks.result.held import answer

    found = answer(record) if record.kind == "effect" else None
    return found.sentence if found else summary.sentence(record)
