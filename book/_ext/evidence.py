"""What the recorded campaign says, as HTML: tables and a figure, drawn from its runs.

Where nothing is recorded, the page says so.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks import words
from benchmarks.judge import metrics
from benchmarks.store import records
from benchmarks.trust import agreement, campaign, crosscheck, evidence, repeats, reproduction, simulated
from benchmarks.trust.power import PLAIN

from .inline_svg import inline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.tables import Table

NOTHING = "Nothing is recorded yet. <code>{}</code> measures it on your machine."


def files(folder: Path) -> list[Path]:
    """What the pieces are drawn from."""
    found = [folder / campaign.REFERENCE.name, *folder.glob(f"{reproduction.REFERENCE.name}/*.jsonl")]
    return [*found, *_crosschecks(folder), *folder.glob(f"../{records.REFERENCE.name}/*.json")]


def _alarms(folder: Path) -> str:
    found = _campaign(folder)
    return _table(evidence.alarms_table(found)) if found else _nothing("python -m benchmarks campaign")


def _power(folder: Path) -> str:
    found = _campaign(folder)
    if not found:
        return _nothing("python -m benchmarks campaign")
    from benchmarks.show.style import power

    entries = evidence.found(found)
    sentences = []
    for metric in PLAIN:
        smallest = evidence.smallest(entries, "ours", metric)
        label = metrics.find(metric).label
        sentences.append(
            f"{label}: +{100 * smallest:.0f} % is the smallest that was found nine times in ten"
            if smallest
            else f"{label}: none was found nine times in ten"
        )
    caption = f"{'; '.join(sentences)}."
    caption = caption[0].upper() + caption[1:]
    svg = inline(power.draw(entries, caption), "", "power")
    return (
        f"<figure>{svg}<figcaption><p>{escape(caption)}</p></figcaption></figure>{_table(evidence.power_table(found))}"
    )


def _repeats(folder: Path) -> str:
    found = _campaign(folder)
    return _table(repeats.table(repeats.repeats(found))) if found else _nothing("python -m benchmarks campaign")


def _reproduced(folder: Path) -> str:
    runs = sorted(reproduction.published(folder / reproduction.REFERENCE.name), key=lambda run: (run.noisy, run.claim))
    if not runs:
        return _nothing("python -m benchmarks reproduce")
    days = sorted({run.recorded_at[:10] for run in runs})
    versions = words.counted(len({run.code for run in runs}), "version")
    origin = f"{words.counted(len(runs), 'run')} by {versions} of the code, {' to '.join({days[0]: 0, days[-1]: 0})}."
    return f"<p>{escape(origin)}</p>{_table(agreement.table(agreement.agreements(runs, agreement.recorded())))}"


def _others(folder: Path) -> str:
    found = [records.read(path) for path in _crosschecks(folder)]
    if not found:
        return _nothing("python -m benchmarks crosscheck reference")
    parts = []
    for record in found:
        blocks = words.counted(len(record.counted), "block")
        parts.append(
            f"<p><strong>{escape(record.id)}</strong>, recorded {escape(str(record.data['recorded_at'])[:10])}, {blocks}:"
            f"</p>{_table(crosscheck.table(record))}"
        )
    return "".join(parts)


def _crosschecks(folder: Path) -> list[Path]:
    return sorted((folder.parent / records.CROSSCHECK.name).glob("*.json"))


def _origin(folder: Path) -> str:
    found = _campaign(folder)
    if not found:
        return _nothing("python -m benchmarks campaign")
    head, hours = found.head, sum(each.session.seconds for each in found.sessions) / 3600
    parts = [
        f"Recorded from {str(head['recorded_at'])[:10]} on, commit {head['commit'] or 'unknown'}, in the {head['profile']} profile",
        ", ".join(str(head["fingerprint"][name]) for name in ("cpu", "kernel") if name in head["fingerprint"]),
        f"{words.counted(len(found.sessions), 'session')} in {hours:.1f} h, half of them by plain Locust",
        f"a request of the first arm cost {1000 * head['base_seconds']:.1f} ms of processor time",
    ]
    return f"<p>{escape('; '.join(parts))}.</p>"


def _campaign(folder: Path) -> campaign.Campaign | None:
    path = folder / campaign.REFERENCE.name
    return campaign.read(path) if path.exists() else None


def _nothing(command: str) -> str:
    return f"<p>{NOTHING.format(escape(command))}</p>"


def _table(table: Table) -> str:
    return f'<div class="pst-scrollable-table-container">{table._repr_html_()}</div>'


PIECES: dict[str, Callable[[Path], str]] = {
    "alarms": _alarms,
    "power": _power,
    "repeats": _repeats,
    "reproduced": _reproduced,
    "origin": _origin,
    "others": _others,
    "errors": lambda _folder: _table(simulated.errors_table()),
    "coverage": lambda _folder: _table(simulated.coverage_table()),
    "prediction": lambda _folder: _table(simulated.prediction_table()),
}
