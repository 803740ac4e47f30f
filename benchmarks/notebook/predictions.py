"""What a reader expected before measuring: kept beside the reader's own records, shown beside the result."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.store import records
from labs.exercises.marks import PREDICTION

if TYPE_CHECKING:
    from benchmarks.result.analysis import Analysis

NEITHER = "neither"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Which arm wins, or "neither", and by how many times (None: no guess)."""

    claim: str
    winner: str
    times: float | None = None

    def __repr__(self) -> str:
        if self.winner == NEITHER:
            return "You expect no difference that matters."
        much = "" if self.times is None else f", about {words.number(self.times)} times"
        return f"You expect {self.winner} to be better{much}."

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002 - IPython's form
        """What a notebook stores beside the text."""
        return {PREDICTION: asdict(self)}

    def beside(self, analysis: Analysis) -> str:
        """The prediction beside the result, in one sentence."""
        ratio = analysis.interval.estimate
        outcome = analysis.main.judgement.outcome
        better = {"favours": analysis.favoured, "opposes": analysis.against}.get(outcome, NEITHER)
        size = ratio if ratio >= 1 else 1 / ratio
        said = f"You said {self.winner}" + ("" if self.times is None else f", about {words.number(self.times)} times")
        if outcome == "open":
            return f"{said}. This run could not decide."
        if better == NEITHER:
            return f"{said}. There was no difference that matters{': right' if self.winner == NEITHER else ''}."
        if self.winner != better:
            return f"{said}. It was {better}, {words.number(size)} times."
        if self.times is None:
            return f"{said}: right, {words.number(size)} times."
        off = max(size / self.times, self.times / size)
        close = "and close" if off < 1.5 else f"the size was off by a factor of {words.number(off)}"
        return f"{said}. It was {words.number(size)} times: right, {close}."


def keep(prediction: Prediction) -> None:
    """Write a prediction down; a later one for the same claim takes its place."""
    kept = _all() | {prediction.claim: asdict(prediction)}
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=".predictions.", delete=False, encoding="utf-8") as file:
        json.dump(kept, file, indent=1, ensure_ascii=False)
    os.replace(file.name, path)  # noqa: PTH105 - a temporary file's name is text


def find(claim: str) -> Prediction | None:
    """What was predicted for a claim, if anything."""
    kept = _all().get(claim)
    if not isinstance(kept, dict) or not isinstance(kept.get("winner"), str):
        return None
    times = kept.get("times")
    return Prediction(claim=claim, winner=kept["winner"], times=times if isinstance(times, int | float) else None)


def _path() -> Path:
    return records.OWN / "predictions.json"


def _all() -> dict[str, object]:
    try:
        kept = json.loads(_path().read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # a guess is not worth an error: the next one writes the file anew
    return kept if isinstance(kept, dict) else {}
