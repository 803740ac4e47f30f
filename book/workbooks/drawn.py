"""The tables and the figure of the recorded campaign, drawn once for each state of records and code: it takes seconds."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from book import site
from labs.paths import CACHE

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = ("benchmarks", "book/_ext")
FOLDER = CACHE / "workbooks"


@cache
def campaign(top: Path) -> dict[str, str]:
    """Name of a piece -> its HTML."""
    kept = FOLDER / f"campaign-{site.digest(INPUTS)}.json"
    if kept.is_file():
        return dict(json.loads(kept.read_text("utf-8")))
    from book._ext import evidence  # imported here: it brings numpy and matplotlib

    drawn = {name: draw(top / "benchmarks" / "results" / "campaign") for name, draw in evidence.PIECES.items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("campaign-*.json"):
        old.unlink(missing_ok=True)
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(drawn), "utf-8")
    part.replace(kept)
    return drawn
