"""What the pages show of the ledger and its records: read at build time, judged by `benchmarks`, never written down here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan import ledger
from benchmarks.plan.experiment import SMOKE
from benchmarks.result import held, scorecard, seen
from benchmarks.result.analysis import Analysis, analyse
from benchmarks.result.point import Point
from benchmarks.store import records
from benchmarks.store.records import RecordError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.result.held import Held
    from benchmarks.store.records import Record

# Verdicts as `benchmarks` names them -> the class of their mark. None is a claim that nobody has recorded yet.
MARKS: dict[str | None, str] = {
    "holds": "holds",
    "holds when": "when",
    "no longer holds": "gone",
    "undecided": "undecided",
    "cannot run here": "cannot",
    None: "notyet",
}
LABELS = {
    "holds": "Holds",
    "when": "Holds when …",
    "gone": "No longer holds",
    "undecided": "Undecided",
    "cannot": "Cannot run here",
    "notyet": "Not yet",
}
BOOK, HERE = "reference", "this machine"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One interval in a picture: `who` measured it, `at` is its point of a sweep ("" without one)."""

    who: str
    at: str
    mark: str
    ratio: float
    low: float
    high: float

    @property
    def name(self) -> str:
        return f"{self.who}, {self.at}" if self.at else self.who


@dataclass(frozen=True, kw_only=True)
class Result:
    """One record of a claim, judged. `analysis` is None for a behaviour and where no ratio exists; `held` is the answer of a
    smoke run, which is too short for a verdict."""

    who: str
    record: Record
    verdict: str
    note: str
    analysis: Analysis | None
    held: Held | None = None

    @property
    def source(self) -> Path:
        assert self.record.path  # every record here was read from a file
        return self.record.path

    @property
    def mark(self) -> str:
        return MARKS[self.verdict]

    @property
    def bars(self) -> list[Bar]:
        """Every point that has an interval; of one block alone the ratio, and of disturbed ones too."""
        if self.held and not self.held.counted and self.held.ratio:
            ratio = self.held.ratio
            at = f"{seen.where(self.record)}disturbed"
            return [Bar(who=self.who, at=at, mark=MARKS["undecided"], ratio=ratio, low=ratio, high=ratio)]
        return [bar for point in self.analysis.points if (bar := self._bar(point))] if self.analysis else []

    @property
    def main(self) -> Bar | None:
        """The bar that stands for the whole where there is room for one."""
        if self.analysis is None:
            return next(iter(self.bars), None)
        return self._bar(self.analysis.main)

    @property
    def matters(self) -> float:
        return float(self.record.experiment["matters"])

    @property
    def metric(self) -> str:
        """What was divided by what."""
        return f"{self.analysis.metric.label}, {self.analysis.ratio_label}" if self.analysis else ""

    @property
    def blocks(self) -> str:
        return words.counted(len(self.record.counted), "block")

    @property
    def regime(self) -> str:
        return str(self.record.experiment.get("regime", ""))

    @property
    def limiter(self) -> str:
        return (self.analysis.limiter or "") if self.analysis else ""

    @property
    def day(self) -> str:
        return str(self.record.data["recorded_at"])[:10]

    def _bar(self, point: Point) -> Bar | None:
        assert self.analysis
        interval = point.interval
        if interval.low is None or interval.high is None:
            if self.held is None:
                return None
            interval = replace(interval, low=interval.estimate, high=interval.estimate)
        assert interval.low is not None
        assert interval.high is not None
        at = self.analysis.at(point) if point.value is not None else ""
        mark = MARKS[point.judgement.name]
        return Bar(who=self.who, at=at, mark=mark, ratio=interval.estimate, low=interval.low, high=interval.high)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A row of the ledger with what is known of it: the book's own record, and this machine's newest."""

    row: ledger.Row
    book: Result | None
    here: Result | None
    code: Path | None

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def section(self) -> str:
        return self.row.section

    @property
    def mark(self) -> str:
        return self.book.mark if self.book else MARKS[None]

    @property
    def results(self) -> list[Result]:
        return [result for result in (self.book, self.here) if result]

    @property
    def bars(self) -> list[Bar]:
        """All intervals, point by point, the book's above this machine's."""
        return [bar for result in self.results for bar in result.bars]

    @property
    def mains(self) -> list[Bar]:
        """At most one interval for the book and one for this machine."""
        return [result.main for result in self.results if result.main]


@dataclass(frozen=True, kw_only=True)
class Data:
    """Sections (key -> name), claims in the chapter's order, and what is copied into the site (file -> path in _static)."""

    sections: dict[str, str]
    claims: list[Claim]
    copies: dict[Path, str]


def load(top: Path) -> Data:
    """The ledger of the checkout at `top`, with the reference records and this machine's newest ones."""
    rows = ledger.load(top / "benchmarks" / "plan" / "ledger.json")
    experiments = top / "benchmarks" / "experiments"
    claims, copies = [], {}
    for row in rows:
        book = result(BOOK, [top / "benchmarks" / "results" / "reference" / f"{row.id}.json"])
        here = result(HERE, sorted((top / "results").glob(f"*/{row.id}.json")), book)
        module = experiments / f"{row.id.replace('-', '_')}.py"
        code = module if module.is_file() else None
        claims.append(Claim(row=row, book=book, here=here, code=code))
        for found, folder in ((book, "records"), (here, "records/this-machine")):
            if found:
                copies[found.source] = f"{folder}/{row.id}.json"
        if code:
            copies[code] = f"experiments/{code.name}.txt"
    return Data(sections={section.key: section.name for section in rows.sections}, claims=claims, copies=copies)


def result(who: str, paths: list[Path], book: Result | None = None) -> Result | None:
    """The last of `paths` that is a record, judged; None where nothing is recorded. `book` is what a smoke run is held against.

    Raises `RecordError` for a broken reference record. A broken record of this machine is passed over: it is not the book's,
    and `python -m benchmarks scorecard` says what is wrong with it.
    """
    record = None
    for path in reversed([path for path in paths if path.is_file()]):
        try:
            found = records.read(path)
            if found.data.get("site") is None:  # a site of the reader's own has answers of its own
                record = found
                break
        except RecordError:
            if who == BOOK:
                raise
    if record is None:
        return None
    judged = scorecard.result(record)
    note, analysis = str(judged["condition"] or judged["reason"]), None
    if record.kind == "effect" and record.counted:
        try:
            analysis = analyse(record)
        except UndefinedError:
            analysis = None  # the verdict is "undecided", and its reason says which block has no ratio
    if analysis and analysis.name in ("holds", "no longer holds"):
        note = analysis.sentence.partition(": ")[2]  # which arm is better, and by how much
    answer = held.held(record, book.record if book else None) if record.profile == SMOKE and who == HERE else None
    return Result(who=who, record=record, verdict=judged["verdict"], note=note, analysis=analysis, held=answer)
