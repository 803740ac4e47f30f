"""The campaign: how often this harness sees an effect where there is none, and how small a real one it finds.

Each round holds a session of each known effect (`power`), beside one of plain Locust of the same wall time. A finished
session is a line of a file and is never lost: a campaign that was stopped goes on where it was, on the same machine.
The file holds ratios, not findings: `evidence` computes those, as verdicts are computed from records.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from benchmarks.codec import Count, WrongError, decode, encode
from benchmarks.host import fingerprint
from benchmarks.host.source import code
from benchmarks.run.progress import lines
from benchmarks.store import journal, records
from benchmarks.trust import power
from benchmarks.trust.power import EFFECT, EQUALS, PAIRS, Comparison, Session

FORMAT = 2
EFFECTS = (0.02, 0.05, 0.10, 0.20)
HOPELESS = 3  # sessions in a row without a counted block after which a campaign ends
SAME = ("cpu", "cpus_usable", "kernel", "memory_bytes")  # of the fingerprint: a campaign is of one machine

REFERENCE = journal.REFERENCE / "campaign.jsonl"

Tool = Literal["ours", "plain"]
TOOLS: tuple[Tool, ...] = ("ours", "plain")


class CampaignError(journal.JournalError):
    """A campaign that cannot go on, or whose file cannot be read; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One session of the plan. effect is a share of what a request costs. seed tells sessions of one kind apart."""

    tool: Tool
    effect: float
    seed: int

    @property
    def name(self) -> str:
        """In words, for a line of progress."""
        return f"{'plain Locust, ' if self.tool == 'plain' else ''}+{100 * self.effect:.0f} %, seed {self.seed}"


@dataclass(frozen=True, kw_only=True)
class Done:
    """A session that is finished. burn: microseconds of processor time a request that the pages of its B used more."""

    task: Task
    burn: int
    session: Session

    def to_json(self) -> dict[str, Any]:
        """A line of the file."""
        return {**encode(self.task), "burn": self.burn, **encode(self.session)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Done:
        """Back from `to_json`. Raises WrongError where something is missing, or of another kind."""
        return cls(
            task=decode(Task, values), burn=decode(Count, values.get("burn"), "burn"), session=decode(Session, values)
        )


@dataclass(frozen=True, kw_only=True)
class Run:
    """One of the four comparisons of a session.

    effect   0 for two arms that are equal
    burn     microseconds of processor time a request that the second arm used more than the first
    seconds  wall time that it takes alone
    """

    task: Task
    pair: tuple[str, str]
    effect: float
    burn: int
    seconds: float
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What a file holds. head: profile, base_seconds (processor time of a request), machine, versions, commit, time."""

    head: Mapping[str, Any]
    sessions: Sequence[Done]

    @property
    def runs(self) -> list[Run]:
        """Every comparison."""
        return [run for done in self.sessions for run in _runs(done)]

    def publish(self, path: Path = REFERENCE) -> None:
        """Make it the campaign that the book shows."""
        journal.publish([self.head, *(done.to_json() for done in self.sessions)], path)


def plan(rounds: int, effects: Sequence[float] = EFFECTS) -> Iterator[Task]:
    """The tasks of so many rounds, in order. After any whole number of rounds all kinds have been run as they should."""
    for number in range(1, rounds + 1):
        for effect in effects:
            for tool in TOOLS:
                yield Task(tool=tool, effect=effect, seed=number)


def default(profile: str) -> Path:
    """Where this machine keeps its own campaign."""
    return journal.OWN / f"{profile}.jsonl"


def carry_on(
    path: Path,
    *,
    profile: str,
    rounds: int,
    hours: float | None = None,
    effects: Sequence[float] = EFFECTS,
    say: Callable[[str], None],
) -> Campaign:
    """Run what the file lacks of so many rounds, and give all of it. Stops after `hours`, at the end of a session.

    say  gets a line before and after each session, and at its changes

    Raises CampaignError where the file is another machine's or profile's; Missing, BusyError and whatever a run raises.
    """
    until = time.monotonic() + 3600 * hours if hours is not None else None
    with journal.Journal(path) as kept:
        if not kept.entries:
            kept.append(_head(profile, say))
        found = _campaign(kept.entries, path)
        _check(found.head, profile, path)
        sessions = list(found.sessions)
        finished = {each.task for each in sessions}
        missing = [task for task in plan(rounds, effects) if task not in finished]
        for number, task in enumerate(missing, 1):
            if until is not None and time.monotonic() >= until:
                say(
                    f"the time is over; {len(missing) - number + 1} sessions are left, the same command goes on with them"
                )
                break
            done = _do(task, found.head, sessions, say)
            kept.append(done.to_json())
            sessions.append(done)
            _worth_it(sessions)
            left = (len(missing) - number) * sum(each.session.seconds for each in sessions) / len(sessions)
            say(f"{number}/{len(missing)}  {task.name}: {done.session.seconds:.0f} s, about {left / 60:.0f} min left")
    return Campaign(head=found.head, sessions=sessions)


def read(path: Path) -> Campaign:
    """The campaign of a file; raises CampaignError where there is none, or something else."""
    entries = journal.read(path)
    if not entries:
        raise CampaignError(f"There is no campaign at {records.shown(path)} yet: python -m benchmarks campaign")
    return _campaign(entries, path)


def _campaign(entries: Sequence[Mapping[str, Any]], path: Path) -> Campaign:
    try:
        head = entries[0]
        if head["format"] != FORMAT:
            raise CampaignError(f"{records.shown(path)} has format {head['format']}, this version reads {FORMAT}")
        sessions = [Done.from_json(entry) for entry in entries[1:]]
    except (KeyError, WrongError) as error:
        raise CampaignError(f"{records.shown(path)} is no campaign ({error}): move it away") from error
    return Campaign(head=head, sessions=sessions)


def _runs(done: Done) -> Iterator[Run]:
    for pair, comparison in zip(PAIRS, done.session.comparisons, strict=True):
        known = pair in EFFECT
        assert known or pair in EQUALS
        yield Run(
            task=done.task,
            pair=pair,
            effect=done.task.effect if known else 0.0,
            burn=done.burn if known else 0,
            seconds=done.session.seconds / 2,
            comparison=comparison,
        )


def _do(task: Task, head: Mapping[str, Any], sessions: Sequence[Done], say: Callable[[str], None]) -> Done:
    burn = round(task.effect * head["base_seconds"] * 1e6)
    if task.tool == "plain":
        say(f"{task.name}")
        ours = [each.session.seconds for each in sessions if each.task.tool == "ours"]
        return Done(task=task, burn=burn, session=power.compare_plainly(burn, seconds=ours[-1], seed=task.seed))
    tell = lines(task.name, say)
    return Done(task=task, burn=burn, session=power.compare(burn, head["profile"], seed=task.seed, say=tell))


def _worth_it(sessions: Sequence[Done]) -> None:
    """Sessions without a counted block belong to the campaign; nothing but such ones means that something is broken."""
    last = [each.session for each in sessions if each.task.tool == "ours"][-HOPELESS:]
    if len(last) == HOPELESS and not any(pair.ratios for each in last for pair in each.comparisons):
        raise CampaignError(
            f"{HOPELESS} sessions in a row had no block that counts, the last because of: {last[-1].void[-1]}. "
            "Mend that, move the file away, and begin anew."
        )


def _head(profile: str, say: Callable[[str], None]) -> dict[str, Any]:
    say("what a request costs")
    base = power.calibrate(lambda step: say(str(step.detail)) if step.phase == "waiting" else None)
    say(f"a request costs {1000 * base:.2f} ms of processor time")
    return {
        "format": FORMAT,
        "profile": profile,
        "base_seconds": base,
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": fingerprint.commit(),
        "code": code(),
        "versions": fingerprint.versions(),
        "fingerprint": fingerprint.fingerprint(),
    }


def _check(head: Mapping[str, Any], profile: str, path: Path) -> None:
    here = fingerprint.fingerprint()
    differs = [name for name in SAME if head["fingerprint"].get(name) != here.get(name)]
    if head["versions"] != fingerprint.versions():
        differs.append("versions")
    if head["profile"] != profile:
        differs.append("profile")
    if head.get("code") != code():
        differs.append("code")
    if differs:
        raise CampaignError(
            f"{records.shown(path)} was begun with another {', '.join(differs)}; its sessions and new ones would not be of one "
            "kind. Move it away to begin anew."
        )
