"""Several claims in one call: what is true or false goes side by side, what is measured one after the other.

A statement that is true or false needs no quiet machine, and most of its time servers start, or a timeout passes. So some
are looked at at a time, the longest first, by what the book's record says of their length. Then effects are measured, alone.
"""

from __future__ import annotations

import os
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from benchmarks.store import records
from benchmarks.store.records import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.plan.ledger import Row

    Told = tuple[dict[str, Any], int]  # of one claim: what is told, and the exit status that it means


def jobs() -> int:
    """Behaviours at a time: one more than there are processors, since each waits for something now and then."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable + 1


def run(rows: Sequence[Row], measure: Callable[[Row, bool], Told], *, at_a_time: int | None = None) -> list[Told]:
    """Every claim once; what is told of each, in the order of `rows`.

    measure    called with a claim and whether others run at the same time, maybe in another thread
    at_a_time  behaviours; 1 leaves everything in its order, one after the other

    Raises what `measure` raised. After Ctrl+C the threads are left to end with this process; servers end with it.
    """
    chosen = [row for row in rows if row.kind == "behaviour"]
    found: dict[str, Told] = {}
    if len(chosen) > 1 and (at_a_time or jobs()) > 1:
        found = _side_by_side(sorted(chosen, key=_seconds, reverse=True), measure, at_a_time or jobs())
    return [found[row.id] if row.id in found else measure(row, False) for row in rows]


def _side_by_side(rows: Sequence[Row], measure: Callable[[Row, bool], Told], at_a_time: int) -> dict[str, Told]:
    waiting: SimpleQueue[Row] = SimpleQueue()
    over: SimpleQueue[tuple[str, Told | BaseException]] = SimpleQueue()
    for row in rows:
        waiting.put(row)

    def work() -> None:
        while True:
            try:
                row = waiting.get_nowait()
            except Empty:
                return
            try:
                over.put((row.id, measure(row, True)))
            except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
                over.put((row.id, error))

    for _ in range(min(at_a_time, len(rows))):
        threading.Thread(target=work, daemon=True).start()
    found: dict[str, Told] = {}
    while len(found) < len(rows):
        claim, told = over.get()
        if isinstance(told, BaseException):
            raise told
        found[claim] = told
    return found


def _seconds(row: Row) -> float:
    try:
        book = records.find_reference(row.id)
    except RecordError:
        return 0.0
    return float(book.data.get("seconds", 0.0)) if book else 0.0
