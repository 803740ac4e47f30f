"""What a crash takes down: a page ends the process that makes it, while other readers wait for theirs."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from labs.almanac import site as almanac
from labs.clients.readers import Readers, Reading
from labs.errors import LabError
from labs.runtime.deploying import deploy
from labs.runtime.deployment import Deployment
from labs.tables import Tabled

CRASHES, WAITS = "/today/", "/sky/"  # pages of the almanac
OTHERS = 7  # readers beside the one whose page crashes, each of whom always has a request under way
AFTER = 2.0  # seconds in which a good answer must come again: Apache's parent looks after its children once a second
LONGEST = 10.0  # seconds for a line of the log to come
LOOK = 0.1  # seconds between two looks


@dataclass(frozen=True, kw_only=True)
class Model:
    """A way to share the work out, as a deployment with at least one worker more than there are other readers."""

    deployment: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Crash:
    """What one crash did.

    visitor     what the reader of the page that crashed got
    in_flight   requests of other readers that were under way when it happened
    lost        those of them that failed
    afterwards  requests that began later and failed, until the site answered again or AFTER was over
    serves      whether it answered again by itself
    """

    visitor: str
    in_flight: int
    lost: int
    afterwards: int
    serves: bool

    def __repr__(self) -> str:
        end = "it serves again by itself" if self.serves else "it stays down"
        return (
            f"the visitor got {self.visitor}; of {self.in_flight} requests in flight {self.lost} were lost, "
            f"{self.afterwards} more failed afterwards; {end}"
        )


WORKERS = OTHERS + 1
MODELS = {
    "mod_python, prefork": Model(deployment="modpython-apache", options={"mpm": "prefork", "workers": WORKERS}),
    "mod_python, worker": Model(deployment="modpython-apache", options={"mpm": "worker", "workers": WORKERS}),
    "FastCGI, prefork": Model(deployment="fastcgi-lighttpd", options={"method": "prefork", "workers": WORKERS}),
    "FastCGI, threaded": Model(deployment="fastcgi-lighttpd", options={"method": "threaded", "workers": WORKERS}),
    "mod_wsgi, threads": Model(deployment="modwsgi-apache", options={"workers": 1, "threads": WORKERS}),
    "gunicorn, processes": Model(deployment="gunicorn", options={"workers": WORKERS}),
}


def crash(site: Deployment, *, others: int = OTHERS, crashes: str = CRASHES, waits: str = WAITS) -> Crash:
    """Ask for the page that crashes while other readers wait for another page, and see what becomes of them."""
    with Readers(site.url, others, waits, pause=0, patient=False) as readers:
        begun = time.monotonic()
        visitor = answer(site, crashes)
        died = time.monotonic()
        while not (serves := answer(site, site.site.ready) == "200") and time.monotonic() < died + AFTER:
            time.sleep(LOOK)
    return count(readers.readings, begun, died, visitor=visitor, serves=serves)


def answer(site: Deployment, path: str) -> str:
    """Ask for a page: the status of an answer, or what there was in its place."""
    try:
        return str(site.get(path).status)
    except (OSError, http.client.HTTPException):
        return "no answer"


def count(readings: Sequence[Reading], begun: float, died: float, *, visitor: str, serves: bool) -> Crash:
    """Tell requests apart by the moments at which the visitor's began and broke.

    A connection breaks when the process dies, which may be seen a moment before the visitor's own failure is.
    """
    lost = [each for each in readings if each.failed and each.begun < died and each.ended > begun]
    outlived = [each for each in readings if not each.failed and each.begun < died <= each.ended]
    return Crash(
        visitor=visitor,
        in_flight=len(lost) + len(outlived),
        lost=len(lost),
        afterwards=sum(1 for reading in readings if reading.begun >= died and reading.failed),
        serves=serves,
    )


def deaths(site: Deployment, number: int = 1) -> list[str]:
    """Lines of Apache's error log that tell of a child and the signal that ended it, once there are so many.

    The parent looks after its children once a second. Raises LabError when the lines do not come.
    """
    end = time.monotonic() + LONGEST
    while len(lines := [line for line in site.log("apache-error.log").splitlines() if "exit signal" in line]) < number:
        if time.monotonic() > end:
            raise LabError(f"Apache's log tells of {len(lines)} children that died, not of {number}: apache-error.log.")
        time.sleep(LOOK)
    return lines


class Crashes(Tabled):
    """One crash under each of some models, as a table."""

    columns = ("model", "in flight", "of them lost", "failed afterwards", "serves again by itself")

    def __init__(self, seen: Mapping[str, Crash]) -> None:
        self.seen = dict(seen)

    def cells(self) -> list[tuple[str, ...]]:
        """A row a model."""
        return [
            (name, str(each.in_flight), str(each.lost), str(each.afterwards), "yes" if each.serves else "no")
            for name, each in self.seen.items()
        ]

    def __getitem__(self, model: str) -> Crash:
        return self.seen[model]


def crash_each(*names: str, start: Callable[..., Deployment] = deploy) -> Crashes:
    """One crash under each of these models of MODELS; under all when none is named. Raises Missing for a server."""
    seen = {}
    for name in names or MODELS:
        model = MODELS[name]
        with start(model.deployment, site=almanac(), **model.options) as site:
            seen[name] = crash(site)
    return Crashes(seen)
