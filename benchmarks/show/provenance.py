"""Where a record comes from: when, how, on what, with which configuration, and the commands that repeat it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from benchmarks import words
from benchmarks.show import sites
from benchmarks.store import records

if TYPE_CHECKING:
    from benchmarks.store.records import Record


def lines(record: Record) -> str:
    """As a part of the report."""
    data = record.data
    found = [
        "Where it comes from",
        f"  recorded  {data['recorded_at']}, profile {record.profile}, commit {_commit(data.get('commit'))}"
        + (f", seed {data['seed']}" if "seed" in data else ""),
    ]
    if windows := data.get("windows"):
        most = f" to {windows['most']}" if windows.get("most", 0) > windows["blocks"] else ""
        turns = f" of {windows['turns']} windows an arm, in turn" if windows.get("turns", 1) > 1 else ""
        found.append(
            f"  windows   {windows['seconds']:g} s after {windows['warmup']:g} s of warm-up, {windows['blocks']}{most} blocks{turns}"
            + (f"; ended: {data['stopped']}" if "stopped" in data else "")
        )
    found += [f"  went on   {moment}" for moment in data.get("went_on") or ()]
    if (short := record.short) is not None:
        found.append(
            f"  short     {words.counted(len(short.counted), 'block')} of the shape of a smoke run, recorded {short.data['recorded_at']}, "
            f"commit {_commit(short.data.get('commit'))}"
        )
    if windows and windows.get("together"):
        found.append("  started   the servers of both arms at once")
    if gauged := (data["fingerprint"].get("generator") or {}).get("gauged_for"):
        found.append(f"  gauged    the generator, for {gauged} in the same call")
    if left_out := record.experiment.get("left_out"):
        found.append(f"  left out  {', '.join(left_out)}")
    found.append(f"  versions  {', '.join(f'{name} {version}' for name, version in data['versions'].items())}")
    if workers := data.get("workers"):
        found.append(f"  workers   {workers['count']} processes generated the load, on {workers['where']}")
    found += sites.lines(record)
    found += [f"  {key.replace('_', ' ')}: {_plain(value)}" for key, value in data["fingerprint"].items()]
    for arm, described in (data.get("deployments") or {}).items():
        options = ", ".join(f"{name}={value!r}" for name, value in described.get("options", {}).items())
        found.append(f"  {arm}: {described.get('deployment')}{f' with {options}' if options else ''}")
    for arm, files in (data.get("configurations") or {}).items():
        found.append(f"  configuration of {arm}: {', '.join(files)} (all of it: report {record.id} --configurations)")
    if record.path:
        found.append(f"  file      {records.shown(record.path)}")
    return "\n".join([*found, "", f"Repeat it: {command(record)}", f"Does its verdict stand? {_replay(record)}"])


def command(record: Record) -> str:
    """The command that makes a record like this one; of a site of the reader's own without its folder, which no record holds."""
    seed = f" --seed {record.data['seed']}" if "seed" in record.data else ""
    workers = f" --workers {record.data['workers']['count']}" if "workers" in record.data else ""
    return f"python -m benchmarks run {record.id} --profile {record.profile}{seed}{workers}{_site(record)}"


def configurations(record: Record) -> str:
    """Every configuration file of every arm as it was, with the paths and ports of that run replaced by names."""
    found = [
        f"# {arm}: {name}\n{text.rstrip()}"
        for arm, files in (record.data.get("configurations") or {}).items()
        for name, text in files.items()
    ]
    return "\n\n".join(found) or f"The record of {record.id} holds no configuration."


def _replay(record: Record) -> str:
    inside = record.path is None or record.path.parent == records.REFERENCE
    name = record.id if inside or record.path is None else records.shown(record.path)
    return f"python -m benchmarks replay {name}{_site(record).partition(' --page ')[0]}"


def _site(record: Record) -> str:
    site = record.data.get("site")
    if not site:
        return ""
    mine = " --database mine" if site.get("database") == "mine" else ""
    return f" --site FOLDER --settings {site['settings']}{mine} --page {shlex.quote(site['page'])}"


def _commit(commit: str | None) -> str:
    if not commit:
        return "unknown"
    return f"{commit} (and files that were changed since)" if commit.endswith("+") else commit


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
