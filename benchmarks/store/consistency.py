"""Whether the numbers of a record fit each other: what a hand that edits one of them forgets.

Together with the digest of the file (`records.write`) it is a guard against accidents, not against forgers.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from benchmarks.store.form import WrongError

if TYPE_CHECKING:
    from collections.abc import Mapping

# CPU seconds may exceed those of the window by the ticks of 10 ms that Linux counts a process in, and by the reading.
CPU_SLACK = 1.2


def check(data: Mapping[str, Any]) -> None:
    """Raises `WrongError` at the first place where a record of the right form contradicts itself."""
    if data["kind"] == "behaviour":
        holds = bool(data["checks"]) and all(check["ok"] for check in data["checks"])
        if data["holds"] is not holds:
            raise WrongError(f"holds is {data['holds']}, and its checks say {holds}")
        return
    if "short" in data:
        try:
            _blocks(data["short"])
        except WrongError as wrong:
            raise WrongError(f"short.{wrong}") from None
    _blocks(data)


def _blocks(data: Mapping[str, Any]) -> None:
    arms = set(data["experiment"]["arms"])
    for index, block in enumerate(data["blocks"]):
        where = f"blocks[{index}]"
        if block["number"] != index + 1:
            raise WrongError(f"{where}.number is {block['number']}: a block is missing, or was put elsewhere")
        if sorted(block["order"]) != sorted(arms):
            raise WrongError(f"{where}.order is {', '.join(map(str, block['order']))}: not every arm once")
        for place, trial in enumerate(block["trials"]):
            _trial(trial, f"{where}.trials[{place}]")


def _trial(trial: Mapping[str, Any], where: str) -> None:
    counted = _count(trial["latency"], f"{where}.latency")
    # With a schedule, requests without an answer are in the histogram too, by their age.
    silent = trial["unanswered"] if "due" in trial else 0
    if counted != trial["requests"] + silent:
        raise WrongError(f"{where} has {trial['requests']} requests, and {counted} in its histogram of latency")
    if (
        trial.get("page_latency")
        and (pages := _count(trial["page_latency"], f"{where}.page_latency")) != trial["pages"]
    ):
        raise WrongError(f"{where} has {trial['pages']} pages, and {pages} in its histogram of pages")
    if "due" in trial and trial["due"] != trial["requests"] + sum(trial["failures"].values()) + silent:
        raise WrongError(f"{where}: of {trial['due']} requests that were due, some are missing")
    if "due" not in trial and trial["unanswered"] > trial["users"]:
        raise WrongError(f"{where} has {trial['unanswered']} unanswered of {trial['users']} users")
    cpus = trial.get("server_cpus")
    # The meter may be read after the window's end: the block is void then, and its record as whole as any.
    metered = max(trial["seconds"], trial.get("meter_seconds", 0.0))
    if cpus and trial["cpu_seconds"] > CPU_SLACK * cpus * metered + 0.1:
        raise WrongError(
            f"{where}.cpu_seconds is {trial['cpu_seconds']:g}: more than {cpus} CPUs have in {metered:g} s"
        )


def _count(encoded: str, where: str) -> int:
    from hdrh.codec import HdrCookieException, HdrHistogramSettingsException, HdrLengthException
    from hdrh.histogram import HdrHistogram  # imported here: only who reads a record pays for it

    try:
        return int(HdrHistogram.decode(encoded).get_total_count())
    except (HdrCookieException, HdrHistogramSettingsException, HdrLengthException, ValueError, zlib.error) as error:
        raise WrongError(f"{where} is no histogram: {error}") from None
