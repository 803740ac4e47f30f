"""What a report tells of each server, of events, and over time; nothing of it where the record has none of it."""

from __future__ import annotations

from typing import Any

from synthetic import effect

from benchmarks.codec import encode
from benchmarks.show import parts
from benchmarks.show.report import report
from benchmarks.store import form
from benchmarks.store.records import Record
from benchmarks.trials.event import Happened, Seen
from benchmarks.trials.roles import Used
from benchmarks.trials.samples import Samples


def told() -> dict[str, Any]:
    """A record of which one arm was metered by server and machine, was killed and started, and was looked at."""
    data = effect(blocks=3)
    data["experiment"]["arms"]["on"]["events"] = [{"what": "kill", "of": "gunicorn", "at": 5.0}]
    data["experiment"]["watch"] = ["connections of nginx"]
    for number, block in enumerate(data["blocks"], 1):
        trial = next(trial for trial in block["trials"] if trial["arm"] == "on")
        whole = trial["cpu_seconds"]
        used = {
            "gunicorn": Used(cpu_seconds=0.75 * whole, pss_bytes=60_000_000),
            "nginx": Used(cpu_seconds=0.25 * whole, pss_bytes=20_000_000),
        }
        seen = Seen(longest_gap=0.5 * number, failures=2 * number, repaired=None if number == 3 else 0.4 * number)
        trial |= {
            "servers": encode(used),
            "machines": encode({"web": used["gunicorn"], "this one": used["nginx"]}),
            "carriers": {"door": 0},
            "act_seconds": 0.1,
            "events": encode((Happened(what="kill", of="gunicorn", due=5.0, began=5.01, ended=5.11, reads=seen),)),
            "samples": encode(
                Samples(every=0.25, cpu_seconds=0.01, at=(0.0, 0.25), values={"connections of nginx": (40.0, None)})
            ),
        }
    return data


def test_each_server_each_event_and_each_series_is_told() -> None:
    record = Record(data=told())
    form.check(record.data)
    text = report(record)
    for rows in (
        ("on   gunicorn", "75%", "60 MB"),
        ("on   nginx", "25%", "20 MB"),
        ("on   machine web", "75%", "60 MB"),
        ("on   beside them: door", "0 ms", "0%"),
        ("on   kill gunicorn", "5.0 s", "0.10 s", "reads", "1.00 s", "4", "0.60 s; 1 of 3 not within the window"),
        ("on   connections of nginx", "40", "40", "40"),
    ):
        (line,) = [line for line in text.splitlines() if line.startswith(rows[0])]
        for part in rows:
            assert part in line, (part, line)


def test_a_record_that_has_none_of_it_is_told_as_it_was() -> None:
    record = Record(data=effect(blocks=3))
    assert parts.servers(record) == parts.events(record) == parts.samples(record) == ""
    assert "for itself" not in report(record)
