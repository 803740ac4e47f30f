"""Whether the numbers of a record fit each other: what a hand that edits one of them forgets.

Together with the digest of the file (`records.write`) it is a guard against accidents, not against forgers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.codec import WrongError
from benchmarks.store import form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.trials.histogram import Histogram
    from benchmarks.trials.trial import Trial

# CPU seconds may exceed those of the window by the ticks of 10 ms that Linux counts a process in, and by the reading.
CPU_SLACK = 1.2


def check(data: Mapping[str, Any]) -> None:
    """Raises `WrongError` at the first place where a record of the right form contradicts itself."""
    record = form.read(data)
    if isinstance(record, form.Behaviour):
        holds = bool(record.checks) and all(check.ok for check in record.checks)
        if record.holds is not holds:
            raise WrongError(f"holds is {record.holds}, and its checks say {holds}")
        return
    _blocks(record)
    if record.short is not None:
        try:
            _blocks(record.short)
        except WrongError as wrong:
            raise WrongError(f"short.{wrong}") from None


def _blocks(record: form.Effect | form.Short) -> None:
    for index, block in enumerate(record.blocks):
        where = f"blocks[{index}]"
        if block.number != index + 1:
            raise WrongError(f"{where}.number is {block.number}: a block is missing, or was put elsewhere")
        if sorted(block.order) != sorted(record.experiment.arms):
            raise WrongError(f"{where}.order is {', '.join(block.order)}: not every arm once")
        for place, trial in enumerate(block.trials):
            _trial(trial, f"{where}.trials[{place}]")


def _trial(trial: Trial, where: str) -> None:
    counted = _count(trial.latency, f"{where}.latency")
    # With a schedule, requests without an answer are in the histogram too, by their age.
    late = 0 if trial.due is None else trial.unanswered
    if counted != trial.requests + late:
        raise WrongError(f"{where} has {trial.requests} requests, and {counted} in its histogram of latency")
    if trial.page_latency and (pages := _count(trial.page_latency, f"{where}.page_latency")) != trial.pages:
        raise WrongError(f"{where} has {trial.pages} pages, and {pages} in its histogram of pages")
    if trial.due is not None and trial.due != trial.ended + late:
        raise WrongError(f"{where}: of {trial.due} requests that were due, some are missing")
    if trial.due is None and trial.unanswered > trial.users:
        raise WrongError(f"{where} has {trial.unanswered} unanswered of {trial.users} users")
    # The meter may be read after the window's end: the block is void then, and its record as whole as any.
    cpus, metered = trial.server_cpus, max(trial.seconds, trial.meter_seconds)
    if cpus and trial.cpu_seconds > CPU_SLACK * cpus * metered + 0.1:
        raise WrongError(f"{where}.cpu_seconds is {trial.cpu_seconds:g}: more than {cpus} CPUs have in {metered:g} s")
    if (spent := sum(used.cpu_seconds for used in (trial.servers or {}).values())) > trial.cpu_seconds + 0.1:
        raise WrongError(f"{where}: its servers used {spent:g} s of CPU, and the whole of them {trial.cpu_seconds:g}")


def _count(histogram: Histogram, where: str) -> int:
    try:
        return histogram.count
    except WrongError as error:
        raise WrongError(f"{where} is {error}") from None
