"""Results of this machine that still stand: measured by the code that is here now, with the versions that are here now."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from benchmarks.host.source import code
from benchmarks.judge.stopping import Reason
from benchmarks.store import origin, records
from benchmarks.store.records import NoRecordError, RecordError

if TYPE_CHECKING:
    from benchmarks.store.records import Record


def kept(claim: str, profile: str) -> Record | None:
    """This machine's newest record of a claim, where measuring it again would repeat it; else None.

    It must be whole, of this profile, of the code and the packages as they are now, and of this machine. A server that was
    replaced in between is not seen: who updates one asks for everything again.
    """
    try:
        record = records.latest(claim)
    except (NoRecordError, RecordError):
        return None
    same = record.data["fingerprint"].get("code") == code() and not origin.differs(record.data, origin.here())
    return record if same and record.profile == profile and _whole(record) else None


def _whole(record: Record) -> bool:
    if record.kind == "behaviour":
        return bool(record.checks)
    return record.data.get("stopped") in get_args(Reason)
