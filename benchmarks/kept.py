"""Results of this machine that still stand: measured by the code that is here now, with the versions that are here now."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import fingerprint, records
from benchmarks.records import NoRecordError, RecordError

if TYPE_CHECKING:
    from benchmarks.records import Record

ROOT = Path(__file__).resolve().parent.parent
MEASURES = ("labs", "benchmarks")  # what a result depends on, besides the machine
OUTPUT = {"__pycache__", "results"}


@cache
def code() -> str:
    """A digest of everything in the checkout that starts servers, loads them or reads a result: 16 hexadecimal digits."""
    found = hashlib.sha256()
    paths = sorted(path for top in MEASURES for path in (ROOT / top).rglob("*") if path.is_file())
    for path in paths:
        place = path.relative_to(ROOT)
        if not OUTPUT.intersection(place.parts):
            found.update(f"{place}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def kept(claim: str, profile: str) -> Record | None:
    """This machine's newest record of a claim, where measuring it again would repeat it; else None.

    It must be whole, of this profile, of the code and the packages as they are now, and of this processor and kernel. A
    server that was replaced in between is not seen: who updates one asks for everything again.
    """
    try:
        record = records.latest(claim)
    except (NoRecordError, RecordError):
        return None
    here = fingerprint.fingerprint()
    print_ = record.data["fingerprint"]
    same = all(print_.get(key) == here[key] for key in ("cpu", "cpus_usable", "kernel"))
    versions = fingerprint.versions()
    same &= {name: record.data["versions"].get(name) for name in versions} == versions
    return record if same and record.profile == profile and print_.get("code") == code() and _whole(record) else None


def _whole(record: Record) -> bool:
    if record.kind == "behaviour":
        return bool(record.checks)
    return len(record.counted) >= int(record.data["windows"]["blocks"])
