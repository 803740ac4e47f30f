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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.notebook import predictions
from benchmarks.notebook.outcome import Run, Text
from benchmarks.notebook.predictions import NEITHER, Prediction
from benchmarks.plan.ledger import Row, ledger
from benchmarks.result import summary
from benchmarks.store import records
from labs.errors import LabError, NotHere, Stopped

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.plan.behaviour import Behaviour
    from benchmarks.plan.experiment import Experiment
    from benchmarks.store.records import Record

PROFILE = "BOOK_PROFILE"  # environment variable: the profile of runs that name none
# Environment variable: "reference" shows the reference record in place of what has just run. The stored outputs of the
# notebooks are made so: a page that is read without running shows the book's result, not one machine's short run.
PATIENCE = 1800.0  # seconds that a notebook waits for another measurement; it says so meanwhile
SHOW = "BOOK_SHOW"


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
            self.last = Run(record=reference, here=False)
            return self.last
        except KeyboardInterrupt:
            display.end("Stopped.")
            raise Stopped(self._stopped(earlier.path.parent if earlier and earlier.path else folder)) from None
        except BaseException:
            display.end("Nothing was measured.")  # why, stands below it
            raise
        reference = records.find_reference(self.id) if os.environ.get(SHOW) == "reference" else None
        shown = reference if reference and reference.kind == "effect" else record
        self.last = Run(record=shown, here=shown is record)
        display.end(self.last.line, self.last.narrowing)
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
