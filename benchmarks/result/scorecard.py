"""The scorecard: one entry a claim, in the ledger's order, computed from the records.

The verdict is that of the reference record, which the book prints; `here` is the reader's own newest, when there is one.
"""

from __future__ import annotations

from typing import Any

from benchmarks import words
from benchmarks.judge.statistics import UndefinedError
from benchmarks.plan.experiment import SMOKE
from benchmarks.plan.ledger import Row, ledger
from benchmarks.result import held
from benchmarks.result.analysis import analyse, limiter
from benchmarks.store import records
from benchmarks.store.records import NoRecordError, Record, RecordError

_EMPTY: dict[str, Any] = {
    "verdict": None,
    "condition": None,
    "ratio": None,
    "low": None,
    "high": None,
    "point": None,
    "blocks": None,
    "profile": None,
    "recorded_at": None,
    "commit": None,
    "limiter": None,
    "regime": None,
    "metric": None,
    "matters": None,
    "reason": None,
}


def entries() -> list[dict[str, Any]]:
    """One mapping a claim; values are None where nothing is recorded.

    id, kind, page         as in the ledger, with section, title, statement, headline
    verdict                "holds", "holds when", "no longer holds", "undecided", or None: not yet
    condition, reason      what "holds when" depends on; why the verdict is what it is
    ratio, low, high       above 1 speaks for the chapter; in a sweep at `point`, its main one
    blocks, profile, recorded_at, commit, limiter, regime, metric, matters   of the record
    here                   the same from the reader's newest own record, with `agrees`, or None; of a smoke run also its `answer`
    """
    return [_entry(row) for row in ledger()]


def result(record: Record) -> dict[str, Any]:
    """What a record says, as an entry of the scorecard holds it."""
    found = {
        **_EMPTY,
        "profile": record.profile,
        "recorded_at": record.data["recorded_at"],
        "commit": record.data.get("commit"),
    }
    if record.kind == "behaviour":
        good = sum(bool(check["ok"]) for check in record.checks)
        found["verdict"] = "holds" if record.data["holds"] else "no longer holds"
        found["reason"] = (
            record.data.get("note") or f"{good} of {words.counted(len(record.checks), 'check')} as expected"
        )
        return found
    experiment = record.experiment
    found |= {key: experiment[key] for key in ("regime", "metric", "matters")}
    found |= {"blocks": len(record.counted), "limiter": limiter(record)}
    try:
        analysis = analyse(record)
    except UndefinedError as error:
        return {**found, "verdict": "undecided", "reason": str(error)}
    interval = analysis.interval
    return {
        **found,
        "verdict": analysis.name,
        "condition": analysis.condition,
        "reason": analysis.reason,
        "ratio": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "point": analysis.at(analysis.main) if len(analysis.points) > 1 else None,
    }


def line(entry: dict[str, Any]) -> tuple[str, str, str, str]:
    """The cells of one row: claim, verdict, ratio with its interval, this machine."""
    verdict = entry["verdict"] or "not yet"
    if entry["condition"]:
        verdict = f"holds when {entry['condition']}"
    here = entry["here"]
    if here is None:
        own = ""
    elif entry["verdict"] is None:
        own = here["verdict"] or ""
    elif here.get("answer"):
        return entry["id"], verdict, _ratio(entry), f"{here['answer']['answer']}  {here['answer']['direction']}".strip()
    else:
        own = "as in the book" if here["agrees"] else str(here["verdict"])
    return entry["id"], verdict, _ratio(entry), f"{own}  {_ratio(here)}".strip() if here else own


def _ratio(entry: dict[str, Any]) -> str:
    if entry["ratio"] is None:
        return ""
    if entry["low"] is None:
        return words.number(entry["ratio"])
    at = f" at {entry['point']}" if entry["point"] else ""
    return f"{words.number(entry['ratio'])} ({words.number(entry['low'])} to {words.number(entry['high'])}){at}"


def _entry(row: Row) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": row.id,
        "kind": row.kind,
        "page": row.page,
        "section": row.section,
        "title": row.title,
        "statement": row.statement,
        "headline": row.headline,
        **_EMPTY,
        "here": None,
    }
    if reference := records.find_reference(row.id):
        entry |= result(reference)
    try:
        newest = records.latest(row.id)
        own, answered = result(newest), held.held(newest, reference) if newest.profile == SMOKE else None
        entry["here"] = {
            **own,
            "agrees": None if entry["verdict"] is None else own["verdict"] == entry["verdict"],
            "answer": answered.to_json() if answered else None,
        }
    except NoRecordError:
        pass
    except RecordError as error:  # the reader's own file must not take the whole scorecard down
        entry["here"] = {**_EMPTY, "verdict": "undecided", "reason": str(error), "agrees": False, "answer": None}
    return entry
