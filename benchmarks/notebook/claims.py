"""A claim in a notebook: predict, run, look, and read the verdict.

    from benchmarks import claim
    startup = claim("fastcgi-startup")
    startup.predict(winner="FastCGI", times=10)
    run = startup.run()
    run.figure()
    startup.verdict()

Every object shows itself. What runs, runs in processes of its own; this module only starts them and reads their records.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.notebook import predictions
from benchmarks.notebook.predictions import NEITHER, Prediction
from benchmarks.plan.ledger import Row, ledger
from benchmarks.result import seen, summary
from benchmarks.store import records
from labs.errors import LabError, NotHere, Stopped

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment
    from benchmarks.result.narrowing import Narrowing
    from benchmarks.show.figures import Picture
    from benchmarks.store.records import Record
    from benchmarks.tables import Table

PROFILE = "BOOK_PROFILE"  # environment variable: the profile of runs that name none
# Environment variable: "reference" shows the reference record in place of what has just run. The stored outputs of the
# notebooks are made so: a page that is read without running shows the book's result, not one machine's short run.
PATIENCE = 1800.0  # seconds that a notebook waits for another measurement; it says so meanwhile
SHOW = "BOOK_SHOW"


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

    claim: Claim
    record: Record
    here: bool

    def figure(self) -> Picture | Table | Text:
        """This machine beside the reference, drawn; for a behaviour, its checks.

        A run of which nothing counts, such as one beside a busy neighbour, is told in the caption in place of drawn.
        """
        if self.record.kind == "behaviour":
            return self.table()
        from benchmarks.show import figures  # imported here: it brings matplotlib

        reference = records.find_reference(self.claim.id)
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
            if prediction := predictions.find(self.claim.id):
                lines.append(prediction.beside(analysis))
        if not self.here:
            lines.append("This is the reference run.")
        elif self.record.path:
            lines.append(f"record: {records.shown(self.record.path)}")
        return Text("\n".join(lines))

    def __repr__(self) -> str:
        return f"{self.claim.id}, {'this machine' if self.here else 'reference'}: .figure() .table() .summary()"


@dataclass(kw_only=True, repr=False)
class Claim:
    """One claim of the ledger. `claim("fastcgi-startup")` makes one."""

    row: Row
    last: Run | None = field(default=None)

    @property
    def id(self) -> str:
        """Its id in the ledger."""
        return self.row.id

    @property
    def statement(self) -> str:
        """What the chapter says, as one sentence that can be tested."""
        return self.row.statement

    @property
    def experiment(self) -> Experiment | Behaviour:
        """What is measured for it. Raises LabError when there is none yet."""
        from benchmarks import experiments

        return experiments.get(self.id)

    def predict(self, *, winner: str, times: float | None = None) -> Prediction:
        """Commit to a direction and a size before measuring; kept, and shown beside the result.

        winner  the name of an arm, or "neither"
        times   how many times better it is, such as 10
        """
        arms = getattr(self.experiment, "arms", None)
        if arms is None:
            raise LabError(f"{self.id} is true or false: there is nothing to win. Run it: claim({self.id!r}).run()")
        prediction = Prediction(claim=self.id, winner=_one_of(winner, [*arms, NEITHER]), times=times)
        if times is not None and not times >= 1:
            raise LabError(f"times={times}: say how many times better, 1 or more; name the other arm to turn it round")
        predictions.keep(prediction)
        return prediction

    def run(self, profile: str | None = None, *, seed: int = 1, go_on: bool = False) -> Run:
        """Measure on this machine. Where a server is missing, say what would bring it and show the reference instead.

        profile  smoke, lesson or reference; default: the environment variable BOOK_PROFILE, else lesson
        go_on    from the finished blocks of the run that was stopped last, with its profile and its seed
        """
        from benchmarks.notebook.display import Display
        from benchmarks.run import resuming, runs

        experiment = self.experiment
        earlier = self._interrupted() if go_on else None
        display = Display()
        folder = records.new_folder()
        how = {"folder": folder, "profile": profile or os.environ.get(PROFILE) or "lesson", "seed": seed}
        try:
            record = runs.measure(
                experiment, **{**how, **resuming.options(earlier)}, say=display.step, patience=PATIENCE
            )
        except NotHere as missing:
            reference = records.find_reference(self.id)
            if reference is None:
                display.end(f"Cannot run here: {missing}. There is no reference record to show in its place.")
                raise
            display.end(f"Cannot run here: {missing}. The reference run is shown in its place.")
            self.last = Run(claim=self, record=reference, here=False)
            return self.last
        except KeyboardInterrupt:
            display.end("Stopped.")
            raise Stopped(self._stopped(earlier.path.parent if earlier and earlier.path else folder)) from None
        except BaseException:
            display.end("Nothing was measured.")  # why, stands below it
            raise
        reference = records.find_reference(self.id) if os.environ.get(SHOW) == "reference" else None
        shown = reference if reference and reference.kind == "effect" else record
        self.last = Run(claim=self, record=shown, here=shown is record)
        display.end(f"{self.id} ({_length(shown)}) {_sentence(shown)}.", _narrowing(shown))
        return self.last

    def _interrupted(self) -> Record:
        from benchmarks.run import resuming

        found = resuming.find(self.id)
        if found is None:
            raise LabError(f"{self.id} has no run that was stopped with a finished block: claim({self.id!r}).run()")
        return found

    def _stopped(self, folder: Path) -> str:
        """What is left of a run that was stopped, and how to go on."""
        from benchmarks.run import resuming

        kept = resuming.find(self.id)
        if kept is None or kept.path is None or kept.path.parent != folder:
            return "Stopped before a block was over: nothing is kept, and nothing of it runs."
        done = resuming.finished(kept)
        return f"Stopped; nothing of it runs. Finished and kept: {done}. claim({self.id!r}).run(go_on=True) goes on from them."

    def record(self) -> Record:
        """The reference record. Raises NoRecordError when there is none yet."""
        return records.reference(self.id)

    def verdict(self) -> Text:
        """The verdict as text that does not change with noise.

        For an effect it is computed from the raw data of the reference record; for a behaviour from the checks that
        this machine has just seen, else from the reference record.
        """
        from benchmarks.result.analysis import analyse

        if self.row.kind == "behaviour":
            seen = self.last.record if self.last else records.find_reference(self.id)
            return Text("not yet: nothing is recorded" if seen is None else _behaviour(seen))
        reference = records.find_reference(self.id)
        if reference is None:
            return Text("not yet: nothing is recorded")
        return Text(summary.sentence(reference) if summary.failed(reference) else analyse(reference).sentence)

    def __repr__(self) -> str:
        return self.statement


def claim(id: str) -> Claim:  # noqa: A002 - a claim is named by its id, everywhere
    """The claim with this id; raises `UnknownClaimError`, which offers the nearest."""
    return Claim(row=ledger()[id])


def _behaviour(record: Record) -> str:
    if record.data["holds"]:
        return "holds"
    against = [str(check["what"]) for check in record.checks if not check["ok"]]
    return f"no longer holds: {words.listed(against)}"


def _one_of(name: str, known: list[str]) -> str:
    for each in known:
        if each.casefold() == name.casefold():
            return each
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise LabError(f"{name!r} is not one of {words.listed((repr(each) for each in known), 'or')}.{hint}")


def _sentence(record: Record) -> str:
    """The verdict of a run, or, since a smoke run of an effect is too short for one, its answer beside the book."""
    from benchmarks.result.held import answer

    found = answer(record) if record.kind == "effect" else None
    return found.sentence if found else summary.sentence(record)


def _length(record: Record) -> str:
    seconds: Any = record.data.get("seconds")
    took = f", {words.clock(seconds)}" if isinstance(seconds, int | float) else ""
    return f"{record.profile}{took}"


def _narrowing(record: Record) -> Narrowing | None:
    """What is drawn of a run that is over; None where it is true or false, or gave no number that counts."""
    from benchmarks.result.analysis import analyse
    from benchmarks.result.narrowing import Narrowing

    if record.kind == "behaviour" or summary.failed(record):
        return None
    return Narrowing.from_analysis(analyse(record))
