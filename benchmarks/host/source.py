"""The code that a result comes from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
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
