"""What will be measured, complete before anything is: arms, workload, metric, and the effect that would matter.

experiment = Experiment(
    claim="fastcgi-startup",
    arms={"CGI": Arm("cgi-lighttpd"), "FastCGI": Arm("fastcgi-lighttpd")},
    favoured="FastCGI",
    against="CGI",
    workload=Closed(users=2, page="/hello/"),
    metric="cpu_per_request",
    expected="favoured",
    matters=0.10,
    regime="2 users without pause",
)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmarks.judge import metrics
from benchmarks.plan.elsewhere import NOT_SAID, Elsewhere
from benchmarks.plan.event import THIRD, Event, timed
from benchmarks.plan.watch import Watch
from benchmarks.plan.workload import Expectation, Workload

Expected = Literal["favoured", "against", "no difference", "depends"]
Point = float | int | str
PER_WINDOW = ("pages_per_second", "cpu_per_request", "cpu_per_page")
COUNTS = ("failed", "unanswered")
SMOKE = "smoke"  # the profile of short runs
BY_TURNS = (*PER_WINDOW, "latency_p50", "latency_p95", "latency_p99")


class DesignError(ValueError):
    """An experiment that cannot be run as it is written; the message names the claim and the field."""


@dataclass(frozen=True)
class Arm:
    """One side: a deployment by name, with its options.

    server     text that its Server header must contain, so that the wrong one is not measured
    keepalive  whether it keeps a connection open after an answer; None takes it from the option `keepalive`, and
               where that is not given either, what is seen is recorded and not judged
    headers    further headers of an answer: name -> text that it must contain
    cached     whether the second request for a page must be answered by the per-site cache (header X-Cache: hit)
    events     what happens to its servers within the window, such as a kill and a start; requests that fail of it belong to the
               subject and are allowed in the experiment's `expectation`
    """

    deployment: str
    options: Mapping[str, Any] = field(default_factory=dict)
    server: str | None = None
    keepalive: bool | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cached: bool | None = None
    events: tuple[Event, ...] = ()

    def keeps_alive(self, options: Mapping[str, Any]) -> bool | None:
        """What is promised of its connections, with these options."""
        if self.keepalive is not None:
            return self.keepalive
        seconds = options.get("keepalive")
        return None if seconds is None else bool(seconds)

    def happenings(self) -> dict[str, Any]:
        """Its events as the record keeps them. One function, a third into the window, is `during`, as in every record so far."""
        if len(self.events) == 1 and not isinstance(self.events[0].what, str) and self.events[0].due(1) == THIRD:
            return {"during": self.events[0].name}
        return {"events": [event.to_json() for event in self.events]} if self.events else {}


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What a sweep varies.

    name, label, unit  for records, axes and sentences
    values             rising, where they are numbers
    workload           value -> fields of the workload that change with it
    options            value -> options of the deployments that change with it; each value then needs servers of its own
    main               the value whose ratio stands for the whole where there is room for one: named before, since the
                       best one of many is better than it is
    """

    name: str
    label: str
    unit: str
    values: tuple[Point, ...]
    workload: Callable[[Any], Mapping[str, Any]] | None = None
    options: Callable[[Any], Mapping[str, Any]] | None = None
    main: Point

    @property
    def per(self) -> Literal["deployment", "workload"]:
        """Whether each value needs fresh servers, or one start serves them all."""
        return "deployment" if self.options else "workload"


@dataclass(frozen=True, kw_only=True)
class Window:
    """How long one trial lasts, in seconds, how many blocks there are (None: as the profile says), which values of the
    factor are visited (None: all), how many turns each arm has in a block, and how long the warm-up of a further value is
    (`profiles.Profile`). A smoke run needs the ends of a sweep, no more."""

    warmup: float
    seconds: float
    blocks: int | None = None
    points: tuple[Point, ...] | None = None
    turns: int = 1
    later: float | None = None


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An effect.

    arms          name -> Arm; two of them are compared, others are shown
    favoured      the arm that the chapter speaks for; a ratio above 1 speaks for it
    against       the arm that it speaks against
    metric        a name in `benchmarks.judge.metrics`; judged
    better        "lower" or "higher"; None takes the metric's own
    matters       smallest relative effect that would change somebody's choice
    expected      what we thought before measuring
    regime        users, pauses, workers, in a few words: the verdict is true there
    expectation   what counts as a success, and which failures belong to the subject
    simultaneous  the arms run at the same time, each with its own generator: only where processors idle
    pinned        servers on one CPU, the generator on another, where there are two; False needs `unpinned`, the reason
    windows       profile -> Window, where the profile's own does not fit
    watch         what is looked at over time within each window (`run.sampler`)
    alerts        True where the servers are expected to complain in their logs
    short         the same mechanism in less time, for a smoke run: shorter pauses and timeouts where a steady state needs it
    every_arm     a smoke run has all arms, not only the two that are judged
    left_out      arms that a smoke run does without; set by `narrowed`
    elsewhere     what it is on a site of the reader's own, or the reason why it means nothing there
    """

    claim: str
    arms: Mapping[str, Arm]
    favoured: str
    against: str
    workload: Workload
    metric: str
    matters: float
    expected: Expected
    regime: str
    better: Literal["lower", "higher"] | None = None
    factor: Factor | None = None
    expectation: Expectation = field(default_factory=Expectation)
    simultaneous: bool = False
    pinned: bool = True
    unpinned: str | None = None
    windows: Mapping[str, Window] = field(default_factory=dict)
    watch: tuple[Watch, ...] = ()
    alerts: bool = False
    short: Callable[[Experiment], Experiment] | None = None
    every_arm: bool = False
    left_out: tuple[str, ...] = ()
    elsewhere: Elsewhere | str = NOT_SAID

    def __post_init__(self) -> None:
        known = ", ".join(self.arms)
        if len(self.arms) < 2:
            raise self._wrong("arms", f"an effect compares two arms or more, there is {known or 'none'}")
        for role in ("favoured", "against"):
            if getattr(self, role) not in self.arms:
                raise self._wrong(role, f"{getattr(self, role)!r} is none of the arms: {known}")
        if self.favoured == self.against:
            raise self._wrong("against", f"{self.against!r} is also the favoured arm")
        try:
            own = metrics.find(self.metric)
        except metrics.UnknownMetricError as error:
            raise self._wrong("metric", str(error)) from None
        if self.better is None:
            object.__setattr__(self, "better", own.better)
        if not 0 < self.matters < 10:
            raise self._wrong("matters", f"{self.matters!r}; write 0.1 for ten per cent")
        if self.expected not in ("favoured", "against", "no difference", "depends"):
            raise self._wrong("expected", f"{self.expected!r}; one of favoured, against, no difference, depends")
        if not self.pinned and not self.unpinned:
            raise self._wrong(
                "pinned", "False needs a reason in `unpinned`: the generator then takes CPU from the servers"
            )
        if self.simultaneous and self.metric.startswith("latency") and self.workload.pause is None:
            raise self._wrong(
                "simultaneous", "arms that run at the same time need users who pause, else they share one CPU"
            )
        if self.metric in PER_WINDOW and self.workload.schedule("") is not None:
            raise self._wrong(
                "metric",
                f"{self.metric} divides by the window, and answers to a schedule may come a second after it; judge a latency",
            )
        for name, window in self.windows.items():
            self._check_turns(name, window.turns)
            self._check_events(name, window.seconds)
        if len({each.name for each in self.watch}) < len(self.watch):
            raise self._wrong("watch", f"one of {', '.join(each.name for each in self.watch)} stands there twice")
        if self.workload.posts and isinstance(self.elsewhere, Elsewhere):
            raise self._wrong(
                "elsewhere", "users who post write into a database: say why it means nothing on other sites"
            )
        if isinstance(self.elsewhere, Elsewhere) and {self.favoured, self.against} & set(self.elsewhere.without):
            raise self._wrong("elsewhere", "an arm that is judged cannot be left out")
        if self.factor is not None:
            self._check_factor(self.factor)

    def _check_turns(self, name: str, turns: int) -> None:
        if turns < 1:
            raise self._wrong("windows", f"{name} has {turns} turns; an arm needs one or more in a block")
        if turns == 1:
            return
        if self.metric not in BY_TURNS:
            why = f"while all arms are up, {self.metric} is not that of one alone; by turns go {', '.join(BY_TURNS)}"
            raise self._wrong("windows", f"{name}: {why}")
        if self.simultaneous or any(arm.events for arm in self.arms.values()):
            why = "arms that run at the same time, or to whose servers something happens, have one window in a block"
            raise self._wrong("windows", f"{name}: {why}")

    def _check_events(self, name: str, seconds: float) -> None:
        for arm, side in self.arms.items():
            late = [event for at, event in timed(side.events, seconds) if at >= seconds]
            if late:
                raise self._wrong(
                    "windows", f"{name}: {arm}: {late[0].name} comes after its window of {seconds:g} s is over"
                )

    def narrowed(self, profile: str) -> Experiment:
        """The experiment as this profile runs it: a sweep of the values that its window names; in a smoke run its short form,
        with the two arms that are judged."""
        window, found = self.windows.get(profile), self
        if profile == SMOKE:
            found = found.short(found) if found.short else found
            pair = found.arms if found.every_arm else (found.favoured, found.against)
            judged = {name: arm for name, arm in found.arms.items() if name in pair}
            left_out = (*found.left_out, *(name for name in found.arms if name not in judged))
            found = dataclasses.replace(found, arms=judged, left_out=left_out, short=None)
        if window is None or window.points is None or found.factor is None:
            return found
        main = found.factor.main if found.factor.main in window.points else window.points[-1]
        factor = dataclasses.replace(found.factor, values=window.points, main=main)
        return dataclasses.replace(found, factor=factor, windows={})

    @property
    def stands_together(self) -> bool:
        """Whether arms that are up together and idle but for one measure as one alone does: memory does not."""
        done = any(arm.events for arm in self.arms.values())
        return not self.simultaneous and not done and self.metric in (*BY_TURNS, *COUNTS)

    def _check_factor(self, factor: Factor) -> None:
        if len(factor.values) < 2:
            raise self._wrong("factor", f"{factor.name} has {len(factor.values)} values; a sweep needs two or more")
        for name, window in self.windows.items():
            if strange := set(window.points or ()) - set(factor.values):
                raise self._wrong("windows", f"{name} visits {strange}, which {factor.name} does not have")
        if factor.main not in factor.values:
            raise self._wrong("factor", f"main is {factor.main!r}, none of the values of {factor.name}")
        numbers = [value for value in factor.values if not isinstance(value, str)]
        if numbers and numbers != sorted(set(numbers)):
            raise self._wrong("factor", f"the values of {factor.name} must rise: {factor.values}")
        if factor.workload is None and factor.options is None:
            raise self._wrong("factor", f"{factor.name} changes nothing; give `workload`, `options` or both")
        for value in factor.values:
            try:
                self.workload_at(value)
            except ValueError as error:
                raise self._wrong("factor", f"{factor.name}={value}: {error}") from None

    def _wrong(self, what: str, why: str) -> DesignError:
        return DesignError(f"{self.claim}: {what}: {why}")

    @property
    def points(self) -> tuple[Point | None, ...]:
        """The values of the sweep; (None,) without one."""
        return self.factor.values if self.factor else (None,)

    def workload_at(self, point: Point | None) -> Workload:
        """The workload at one point."""
        if point is None or self.factor is None or self.factor.workload is None:
            return self.workload
        return self.workload.replace(**self.factor.workload(point))

    def options_at(self, arm: str, point: Point | None) -> dict[str, Any]:
        """The options of an arm's deployment at one point."""
        options = dict(self.arms[arm].options)
        if point is not None and self.factor is not None and self.factor.options is not None:
            options.update(self.factor.options(point))
        return options

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it."""
        factor = self.factor
        return {
            "claim": self.claim,
            "arms": {
                name: {
                    "deployment": arm.deployment,
                    "options": {key: plain(value) for key, value in arm.options.items()},
                    **arm.happenings(),
                }
                for name, arm in self.arms.items()
            },
            "favoured": self.favoured,
            "against": self.against,
            "metric": self.metric,
            "unit": metrics.find(self.metric).unit,
            "better": self.better,
            "matters": self.matters,
            "expected": self.expected,
            "workload": self.workload.to_json(),
            "expectation": self.expectation.to_json(),
            "simultaneous": self.simultaneous,
            "pinned": self.pinned,
            "unpinned": self.unpinned,
            "regime": self.regime,
            **({"watch": [each.name for each in self.watch]} if self.watch else {}),
            **({"left_out": list(self.left_out)} if self.left_out else {}),
            "factor": factor
            and {
                "name": factor.name,
                "label": factor.label,
                "unit": factor.unit,
                "values": list(factor.values),
                "main": factor.main,
            },
        }


def plain(value: Any) -> Any:
    """An option as JSON can hold it: sets sorted, paths by their last part, the rest as it reads."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    return getattr(value, "name", None) or str(value)
