"""The form of a record (format 1): what its file holds, as types; and what a single type cannot say, checked.

`schema` makes the JSON Schema beside the records from these types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from benchmarks.codec import NULL, Amount, Count, Format, WrongError, decode
from benchmarks.trials.block import Block
from benchmarks.trials.trial import Value

FORMAT = 1
Moment = Annotated[str, Format("date-time")]
Stopped = Literal["settled", "narrow enough", "budget", "too many void blocks", "not over"]


class NewerError(WrongError):
    """The record is of a format that only a newer version reads."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that was to happen: a word or a function, to which server, when (`benchmarks.plan.event`)."""

    what: str
    of: str | None = None
    at: Amount | None = None
    share: Amount | None = None
    edit: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One side of an effect: a deployment by name with its options, and what happened to it within the window: `during` is one
    function that was called a third into it."""

    deployment: str
    options: Mapping[str, Any] = field(default_factory=dict)
    during: str | None = None
    events: tuple[Event, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What a sweep varies; `main` is the value whose ratio stands for the whole."""

    name: str
    label: str
    unit: str | None = field(default=None, metadata=NULL)
    values: tuple[Value, ...]
    main: Value | None = field(default=None, metadata=NULL)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What was written before anything was measured (`benchmarks.plan.experiment`)."""

    claim: str
    arms: Mapping[str, Arm]
    favoured: str
    against: str
    metric: str
    unit: str = ""
    better: Literal["lower", "higher"]
    matters: Amount
    expected: Literal["favoured", "against", "no difference", "depends"] | None = None
    workload: Mapping[str, Any] = field(default_factory=dict)
    expectation: Mapping[str, Any] = field(default_factory=dict)
    simultaneous: bool = False
    pinned: bool = True
    unpinned: str | None = field(default=None, metadata=NULL)
    regime: str
    watch: tuple[str, ...] | None = None
    left_out: tuple[str, ...] | None = None
    factor: Factor | None = field(default=None, metadata=NULL)


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Seconds of warm-up and window, and how many blocks, turns an arm in each, there must be at least and at most.

    later     seconds of warm-up of servers that had a window at another value of the sweep
    together  whether all arms were started at once
    """

    warmup: Amount
    seconds: Amount
    blocks: Count
    most: Count | None = None
    turns: Count | None = None
    later: Amount | None = None
    together: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Seconds of one phase of the run: of wall time, and of CPU time of the harness and of the generators."""

    seconds: Amount
    harness_cpu: Amount
    generator_cpu: Amount


@dataclass(frozen=True, kw_only=True)
class Workers:
    """How many processes shared the generator's work."""

    count: Count
    where: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """The reader's own project, by what tells it from others; a record without one is of the newsroom."""

    settings: str
    page: str
    python: Any = None
    sqlite: Any = None
    django: Any = None
    code: Any = None
    debug: Any = None
    database: Any = None
    databases: Any = None
    caches: Any = None
    middleware: Any = None
    lent: Any = None
    packages: Mapping[str, str] | None = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at for a behaviour."""

    what: str
    expected: str
    seen: str
    ok: bool


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What records of both kinds say: of what they are, and where and when they were made. `digest` is of all the rest."""

    format: Literal[1]
    id: str
    profile: str
    recorded_at: Moment
    commit: str | None = field(default=None, metadata=NULL)
    versions: Mapping[str, str]
    fingerprint: Mapping[str, Any]
    site: Site | None = None
    seconds: Amount | None = None
    workers: Workers | None = None
    changed: tuple[str, ...] | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Behaviour(Origin):
    """Whether a statement is true here."""

    kind: Literal["behaviour"]
    holds: bool
    note: str = ""
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Short:
    """Blocks of the shape of a smoke run, beside a reference record's own: what such a run is held against
    (`benchmarks.result.held`). Measured with it or later, so it says itself by which code and where."""

    profile: str
    recorded_at: Moment
    commit: str | None = field(default=None, metadata=NULL)
    versions: Mapping[str, str]
    fingerprint: Mapping[str, Any]
    seed: int | None = None
    experiment: Experiment
    windows: Windows
    stopped: Stopped | None = None
    blocks: tuple[Block, ...]
    limits: tuple[str, ...] | None = None
    limiter: Mapping[str, str] | None = None
    cost: Mapping[str, Spent] | None = None
    seconds: Amount | None = None


@dataclass(frozen=True, kw_only=True)
class Effect(Origin):
    """Arms compared, block by block.

    stopped  what ended the run: a reason of `judge.stopping`, "too many void blocks", or "not over"
    limits   why the run as a whole decides nothing; limiter: what limited each arm
    went_on  when the run was taken up again
    """

    kind: Literal["effect"]
    seed: int | None = None
    experiment: Experiment
    windows: Windows | None = None
    stopped: Stopped | None = None
    blocks: tuple[Block, ...]
    short: Short | None = None
    deployments: Mapping[str, Mapping[str, Any]] | None = None
    configurations: Mapping[str, Mapping[str, str]] | None = None
    limits: tuple[str, ...] | None = None
    limiter: Mapping[str, str] | None = None
    cost: Mapping[str, Spent] | None = None
    went_on: tuple[Moment, ...] | None = None


KINDS: Mapping[str, type[Effect | Behaviour]] = {"effect": Effect, "behaviour": Behaviour}


def read(data: Any) -> Effect | Behaviour:
    """The record that `data` holds. Raises `WrongError` at the first place where it is none."""
    if not isinstance(data, Mapping):
        raise WrongError("it is no JSON object")
    found = data.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise NewerError(f"format is {found}, of a newer version; this one reads {FORMAT}")
    if found != FORMAT:
        older = ", of an older version" if isinstance(found, int) else ""
        raise WrongError(f"format is {found!r}{older}; this one reads {FORMAT}")
    kind = KINDS.get(str(data.get("kind")))
    if kind is None:
        raise WrongError(f"kind is {data.get('kind')!r}, neither 'effect' nor 'behaviour'")
    record = decode(kind, data)
    try:
        datetime.fromisoformat(record.recorded_at)
    except ValueError:
        raise WrongError(f"recorded_at is no time: {record.recorded_at!r}") from None
    if isinstance(record, Effect):
        _whole(record)
        if record.short is not None:
            try:
                _whole(record.short)
            except WrongError as wrong:
                raise WrongError(f"short.{wrong}") from None
    return record


def check(data: Any) -> None:
    """Raises `WrongError` at the first place where `data` is no record."""
    read(data)


def _whole(record: Effect | Short) -> None:
    """The arms and values that are named are those of the experiment, and a block that counts has a trial of each."""
    experiment = record.experiment
    arms = experiment.arms
    for role, name in (("favoured", experiment.favoured), ("against", experiment.against)):
        if name not in arms:
            raise WrongError(f"experiment.{role} is {name!r}, none of the arms {', '.join(arms)}")
    points = experiment.factor.values if experiment.factor else (None,)
    for index, block in enumerate(record.blocks):
        where = f"blocks[{index}]"
        for place, trial in enumerate(block.trials):
            if trial.arm not in arms:
                raise WrongError(f"{where}.trials[{place}].arm is {trial.arm!r}, none of the arms {', '.join(arms)}")
            if trial.point not in points:
                raise WrongError(f"{where}.trials[{place}].point is {trial.point!r}, no value of the sweep")
        seen = {(trial.arm, trial.point) for trial in block.trials}
        lacking = [(arm, point) for arm in arms for point in points if (arm, point) not in seen]
        if block.void is None and lacking:
            arm, point = lacking[0]
            raise WrongError(f"{where} has no trial of arm {arm!r}{'' if point is None else f' at {point}'}")
