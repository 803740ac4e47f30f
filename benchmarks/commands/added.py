"""Blocks of the shape of a smoke run, added to the tracked records: `python -m benchmarks run --all --smoke-blocks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.commands import terminal
from benchmarks.store import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.plan.ledger import Row


def run(rows: Sequence[Row], *, missing: bool = False, patience: float = 0.0) -> None:
    """Measure them for each effect that has a record, one after the other; a record is written when its blocks are done.

    missing  leave out those that have such blocks already

    Raises OptionError where files were changed since the last commit, and what a run raises.
    """
    from benchmarks import experiments
    from benchmarks.plan.experiment import Experiment
    from benchmarks.run import runs, short
    from benchmarks.run.session import Session

    short.clean()
    screen = terminal.screen_for(False)
    with Session() as session:
        for row in rows:
            experiment, record = experiments.get(row.id), records.find_reference(row.id)
            if not isinstance(experiment, Experiment) or record is None:
                continue
            if missing and short.there(record, experiment):
                screen.print(f"{row.id}   has its short blocks")
                continue
            screen.print(f"[bold]{row.id}[/bold]")
            plan = experiment.narrowed("smoke").to_json()
            with terminal.lines(quiet=False) as shown:
                tell = runs.Teller(experiment=plan, say=shown.step)
                found = short.add(
                    record, experiment, folder=records.REFERENCE, patience=patience, say=tell, session=session
                )
            assert found.short is not None
            screen.print(
                f"  {len(found.short.counted)} short blocks that count, in {records.shown(found.path or records.REFERENCE)}"
            )
