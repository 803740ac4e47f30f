"""What the users of a trial do, as data: it travels to the generator, and into the record.

A workload is closed or open. In a closed one a fixed number of users each wait for their answer before they ask again:
right for capacity, and for readers who pause. In an open one requests arrive by a schedule that waits for no answer,
as visitors do who know nothing of each other: right for latency.

Latency counts from when a request was due. Without a schedule that is when it is sent. With one (an open workload, or a
closed one with a `pace`) it is the moment that the schedule names, however late the request could be sent.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from benchmarks.plan import arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USERS = {
    "reader": "benchmarks.users.reader:Reader",
    "browser": "benchmarks.users.browser:Browser",
    "poll": "benchmarks.users.poll:Poll",
    "zipf": "benchmarks.users.zipf:Zipf",
    "writer": "benchmarks.users.writer:Writer",
}
POST = frozenset({"writer"})  # those of them who write into the site's database: the newsroom's, and no other
MOST = 2000  # users at once: some 100 kB each, and a connection each (`load.files`)


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """What both kinds have.

    page      the path that is asked for
    pages     several paths, asked for in turn; instead of `page`
    timeout   seconds without a byte after which a user gives up; that is counted as a failure
    settings  further attributes of the user class, such as `articles` for zipf
    """

    kind: ClassVar[str]

    page: str = "/"
    pages: tuple[str, ...] = ()
    user: str | None = None
    timeout: float = 30.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.timeout > 0:
            raise ValueError(f"timeout={self.timeout}: users must give up after some time, in seconds, above 0")
        for page in self.paths:
            if not page.startswith("/"):
                raise ValueError(
                    f"page {page!r}: give a path that starts with /; the address comes with the deployment"
                )

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that is asked for."""
        return self.pages or (self.page,)

    @property
    def samples(self) -> tuple[str, ...]:
        """Paths that can be asked for once: the first of those that a template such as /articles/{}/ stands for."""
        return tuple(path.replace("{}", "1") for path in self.paths)

    @property
    def posts(self) -> bool:
        """Whether its users write into the site's database."""
        return self.user in POST

    def attributes(self) -> dict[str, Any]:
        """What the user class is given."""
        return {
            "page": self.page,
            "pages": self.paths,
            "connection_timeout": self.timeout,
            "network_timeout": self.timeout,
            **self.settings,
        }

    def replace(self, **changes: Any) -> Self:
        """The same workload with some fields changed, as a point of a sweep does."""
        known = {each.name for each in dataclasses.fields(self)}
        if unknown := set(changes) - known:
            article = "an" if self.kind == "open" else "a"
            raise ValueError(
                f"{article} {self.kind} workload has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}"
            )
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it; what is empty stays out."""
        values = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        plain["settings"] = dict(self.settings)
        return {"kind": self.kind} | {name: value for name, value in plain.items() if value not in ([], {}, None)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Back from `to_json`."""
        fields: dict[str, Any] = {name: value for name, value in values.items() if name != "kind"}
        for name, value in fields.items():
            fields[name] = tuple(value) if isinstance(value, list) else value
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Closed(_Asking):
    """A fixed number of users who wait for their answers.

    users  how many
    user   who they are: reader, browser, poll, zipf, writer, or `package.module:Class` of any Locust user class;
           by default a reader where there is a pause, and poll where there is none
    pause  shortest and longest pause between two pages, in seconds, drawn evenly; None for no pause at all
    pace   seconds from one due time of a user to the next, instead of a pause. Who is kept waiting asks late, at once
           when the answer is there, and every such latency counts from the due time
    """

    kind: ClassVar[str] = "closed"

    users: int
    pause: tuple[float, float] | None = None
    pace: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.users < 1:
            raise ValueError(f"users={self.users}: a workload needs at least one user")
        if self.pause is not None and not 0 <= self.pause[0] <= self.pause[1]:
            raise ValueError(f"pause={self.pause}: give the shortest and the longest pause, in seconds")
        if self.pause is not None and self.pause[1] == 0:
            raise ValueError("pause=(0, 0): say pause=None for users who do not pause")
        if self.pace is not None and not self.pace > 0:
            raise ValueError(f"pace={self.pace}: give the seconds from one due time to the next, above 0")
        if self.pace is not None and (self.pause is not None or self.user in ("browser", "writer")):
            raise ValueError(f"pace={self.pace}: for users who ask for single pages and do not pause")
        if self.user is not None and self.user not in USERS and ":" not in self.user:
            raise ValueError(f"user={self.user!r}: one of {', '.join(USERS)}, or package.module:Class")
        if self.pages and self.user not in (None, "poll") and ":" not in self.user:
            raise ValueError(
                f"pages={self.pages}: a {self.user} has one page; leave `user` out, or name your own class"
            )

    @property
    def user_class(self) -> str:
        """The Locust class, as `package.module:Class`."""
        name = self.user or ("reader" if self.pause and not self.pages else "poll")
        return USERS.get(name, name)

    def __str__(self) -> str:
        people = f"closed: {self.users} user{'s' if self.users > 1 else ''}"
        if self.pace is not None:
            return f"{people}, each due every {self.pace:g} s"
        return (
            f"{people}, pauses of {self.pause[0]:g} to {self.pause[1]:g} s" if self.pause else f"{people} without pause"
        )

    def schedule(self, _seed: str) -> Iterator[float] | None:
        """Seconds from the start at which requests are due, over all users, who take turns; None without a pace."""
        return arrivals.constant(self.users / self.pace) if self.pace else None


@dataclass(frozen=True, kw_only=True)
class Open(_Asking):
    """Requests that arrive by a schedule, whatever became of the ones before.

    rate      requests a second
    arrivals  "constant": evenly spaced; "poisson": at random, as those of many people who know nothing of each other
    user      None, or `package.module:Class` of a Locust user class that makes one request a task
    keep      whether a connection is used again by who comes next; else each request has one of its own, which the
              client closes with the answer
    limit     most users at once. Requests beyond it are late, not lost: they wait for a user, and that counts
    """

    kind: ClassVar[str] = "open"
    pause: ClassVar[None] = None

    rate: float
    arrivals: Literal["constant", "poisson"] = "constant"
    keep: bool = False
    limit: int = MOST

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.rate < float("inf"):
            raise ValueError(f"rate={self.rate}: give the requests a second, above 0")
        if self.arrivals not in ("constant", "poisson"):
            raise ValueError(f"arrivals={self.arrivals!r}: constant or poisson")
        if self.limit < 1:
            raise ValueError(f"limit={self.limit}: somebody must ask, so at least one user at once")
        if self.user is not None and ":" not in self.user:
            raise ValueError(
                f"user={self.user!r}: an open workload has visitors of its own, or those of package.module:Class"
            )

    @property
    def user_class(self) -> str:
        """The Locust class, as `package.module:Class`."""
        return self.user or "benchmarks.users.visitor:Visitor"

    @property
    def users(self) -> int:
        """How many users there are to begin with; more come as they are needed, up to `limit`."""
        return min(self.limit, 10)

    def attributes(self) -> dict[str, Any]:
        """What the user class is given."""
        return {"keep": self.keep, **super().attributes()}

    def __str__(self) -> str:
        how = "at random" if self.arrivals == "poisson" else "evenly spaced"
        kept = "kept" if self.keep else "of their own"
        return f"open: {self.rate:g} requests a second, {how}, connections {kept}"

    def schedule(self, seed: str) -> Iterator[float]:
        """Seconds from the start at which requests are due; the same seed gives every arm the same."""
        return arrivals.poisson(self.rate, seed) if self.arrivals == "poisson" else arrivals.constant(self.rate)


Workload = Closed | Open
KINDS: dict[str, type[Workload]] = {Closed.kind: Closed, Open.kind: Open}


def from_json(values: Mapping[str, Any]) -> Workload:
    """The workload of a record or a command, by its `kind`."""
    kind = values.get("kind")
    if kind not in KINDS:
        raise ValueError(f"workload of kind {kind!r}: this version knows {', '.join(KINDS)}")
    return KINDS[kind].from_json(values)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What counts as a success; anything else is a failure and is never timed as an answer.

    status    HTTP status of an answer
    marker    text that the page's body must contain; images are not searched for it
    failures  failures that belong to what is measured: they are counted, and do not void a block. Each is the
              beginning of a reason: "timeout", "refused", "reset", "closed", "status 503", "body", …
    """

    status: int = 200
    marker: str | None = None
    failures: tuple[str, ...] = ()

    def unexpected(self, failures: Mapping[str, int]) -> dict[str, int]:
        """Those of the counted failures that nobody foresaw."""
        return {reason: count for reason, count in failures.items() if not reason.startswith(self.failures or ("\0",))}

    def to_json(self) -> dict[str, Any]:
        """For the generator and the record."""
        return {"status": self.status, "marker": self.marker, "failures": list(self.failures)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Back from `to_json`."""
        return cls(status=values["status"], marker=values["marker"], failures=tuple(values["failures"]))
