"""What the users of a trial do, as data: it travels to the generator, and into the record.

A workload is closed or open. In a closed one a fixed number of users each wait for their answer before they ask again:
right for capacity, and for readers who pause. Its latency starts when the request is sent, which is when it was due.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = {
    "reader": "benchmarks.users.reader:Reader",
    "browser": "benchmarks.users.browser:Browser",
    "poll": "benchmarks.users.poll:Poll",
    "zipf": "benchmarks.users.zipf:Zipf",
}


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A fixed number of users who wait for their answers.

    users     how many
    page      the path that they ask for
    pages     several paths, asked for in turn; instead of `page`
    user      who they are: reader, browser, poll, zipf, or `package.module:Class` of any Locust user class;
              by default a reader where there is a pause, and poll where there is none
    pause     shortest and longest pause between two pages, in seconds, drawn evenly; None for no pause at all
    timeout   seconds without a byte after which a user gives up; that is counted as a failure
    settings  further attributes of the user class, such as `articles` for zipf
    """

    kind: ClassVar[str] = "closed"

    users: int
    page: str = "/"
    pages: tuple[str, ...] = ()
    user: str | None = None
    pause: tuple[float, float] | None = None
    timeout: float = 30.0
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.users < 1:
            raise ValueError(f"users={self.users}: a workload needs at least one user")
        if not self.timeout > 0:
            raise ValueError(f"timeout={self.timeout}: users must give up after some time, in seconds, above 0")
        if self.pause is not None and not 0 <= self.pause[0] <= self.pause[1]:
            raise ValueError(f"pause={self.pause}: give the shortest and the longest pause, in seconds")
        if self.pause is not None and self.pause[1] == 0:
            raise ValueError("pause=(0, 0): say pause=None for users who do not pause")
        for page in self.paths:
            if not page.startswith("/"):
                raise ValueError(
                    f"page {page!r}: give a path that starts with /; the address comes with the deployment"
                )
        if self.user is not None and self.user not in USERS and ":" not in self.user:
            raise ValueError(f"user={self.user!r}: one of {', '.join(USERS)}, or package.module:Class")
        if self.pages and self.user not in (None, "poll") and ":" not in self.user:
            raise ValueError(
                f"pages={self.pages}: a {self.user} has one page; leave `user` out, or name your own class"
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
    def user_class(self) -> str:
        """The Locust class, as `package.module:Class`."""
        name = self.user or ("reader" if self.pause and not self.pages else "poll")
        return USERS.get(name, name)

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
            raise ValueError(
                f"a closed workload has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}"
            )
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it; what was left at its default stays out, save users and page."""
        values = {"users": self.users, "page": self.page, "pages": list(self.pages), "user": self.user}
        values |= {
            "pause": list(self.pause) if self.pause else None,
            "timeout": self.timeout,
            "settings": dict(self.settings),
        }
        return {"kind": self.kind} | {name: value for name, value in values.items() if value not in ([], {}, None)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Back from `to_json`."""
        fields = {name: value for name, value in values.items() if name != "kind"}
        for name in ("pages", "pause"):
            if fields.get(name) is not None:
                fields[name] = tuple(fields[name])
        return cls(**fields)


Workload = Closed
KINDS: dict[str, type[Workload]] = {Closed.kind: Closed}


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
