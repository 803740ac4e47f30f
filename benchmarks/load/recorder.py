"""Every request of a trial, as it happens; counted apart for the warm-up and for the window.

The rule for the window, where users ask when they like: an answer belongs to it when it *arrives* inside. A request that was sent before the window
and answered in it counts, with its whole latency; one that is still open when the window ends is no answer, and shows
in `in_flight`, `waiting` and `unanswered`. In a steady state as many straddle the beginning as the end, so the rate is
true; counting by the time of sending would drop exactly the slow ones at the end. Where a schedule says when requests are
due, the rule is another one: `scheduled`.

Users are seen through Locust's own hooks: `User.context()`, which its client calls as a request begins, and
`events.request` when it is over. So any user class will do.
"""

from __future__ import annotations

import socket
import time
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import hdrh.histogram  # noqa: F401 - now: `recorded` needs it when this process may have no file left to open
from gevent.timeout import Timeout as GeventTimeout  # type: ignore[import-untyped]
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError

from benchmarks.load.files import ran_out
from benchmarks.load.marks import Marks
from benchmarks.trials.histogram import recorded

if TYPE_CHECKING:
    from benchmarks.plan.workload import Expectation

clock = time.monotonic


def reason(error: BaseException) -> str:
    """Why a request failed, in the few words under which it is counted."""
    error = getattr(error, "original", None) or error
    if isinstance(error, TimeoutError | GeventTimeout):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "reset"
    if isinstance(error, HTTPConnectionClosed):
        return "closed without an answer"
    if isinstance(error, HTTPParseError):
        return "not HTTP"
    if isinstance(error, socket.gaierror):
        return "no such host"
    return f"{type(error).__name__}: {error}"[:120]


class Tally:
    """What arrived in one phase. Latencies are whole microseconds."""

    def __init__(self) -> None:
        self.begin = clock()
        self.latencies, self.pages = array("q"), array("q")
        self.failures: Counter[str] = Counter()
        self.bytes = 0
        self.last, self.gap = self.begin, 0.0  # when the last expected answer came, and the longest time without one
        self.held = 0.0  # seconds that requests which ended here took, failures included
        self.marks: Marks | None = None  # when each request ended, where that is asked

    @property
    def requests(self) -> int:
        """Answered as expected."""
        return len(self.latencies)


class Recorder:
    """Listens to one trial."""

    def __init__(self, expectation: Expectation, paged: bool = False) -> None:
        self.marked = False  # whether it is asked when each request of the window ended
        self.paged = paged  # whether a page is several requests, which its user reports as PAGE
        self.status = expectation.status
        self.marker = expectation.marker.encode() if expectation.marker else None
        self.tally: Tally | None = Tally()
        self.open: dict[int, tuple[float, Any]] = {}  # requests without an answer yet: when due, whose
        self.answered: dict[Any, float] = {}  # user -> when last answered as expected
        self.since: dict[Any, float] = {}  # user -> since when they have been asking without such an answer
        self.spoilt: set[Any] = set()  # users whose current page has lost a part
        self.sent = 0
        self.area, self.changed = 0.0, clock()  # requests in flight, integrated over time
        self.seen: dict[str, Any] = {}
        self.out_of_files = 0  # requests that this process itself could not send: they are in no tally

    def set_off(self, start: float) -> None:
        """The users begin at this moment (CLOCK_MONOTONIC)."""
        assert self.tally is not None
        self.tally.begin = self.tally.last = self.changed = start

    def start(self, user: Any) -> dict[str, Any]:
        """A request begins, and is due now; the answer becomes its Locust context."""
        now = clock()
        self.sent += 1
        self._advance(now)
        self.since.setdefault(user, now)
        self.open[self.sent] = (now, user)
        return {"sample": self.sent, "late": 0.0}

    def on_request(
        self,
        request_type: str,
        response_time: float,
        response_length: int,
        context: dict[str, Any] | None = None,
        exception: BaseException | None = None,
        response: Any = None,
        **_rest: Any,
    ) -> None:
        """Locust's event: a request is over, well or not."""
        context = context or {}
        tally = self.tally_of(context)
        if request_type == "PAGE":
            whole = context["user"] not in self.spoilt and exception is None
            self.spoilt.discard(context["user"])
            if tally and whole:
                tally.pages.append(round(response_time * 1000))
            return
        now = clock()
        self._advance(now)
        _, user = self.open.pop(context.get("sample", 0), (now, None))
        if ran_out(exception):
            self.out_of_files += 1
            return
        problem = self.problem(context, exception, response)
        if problem is None:
            self.answered[user] = now
            self.since.pop(user, None)
        else:
            self.spoilt.add(user)
        if tally is None:
            return
        latency = response_time / 1000 + context.get("late", 0.0)
        tally.held += latency
        if tally.marks is not None:
            tally.marks.add(request_type, now, problem is not None)
        if problem is not None:
            tally.failures[problem] += 1
            return
        tally.gap, tally.last = max(tally.gap, now - tally.last), now
        tally.latencies.append(round(latency * 1_000_000))
        tally.bytes += response_length

    def tally_of(self, _context: dict[str, Any]) -> Tally | None:
        """Where a request that is over just now counts; None where nobody counts any more."""
        return self.tally

    def problem(self, context: dict[str, Any], exception: BaseException | None, response: Any) -> str | None:
        """Why this is not the expected answer; None where it is. A user class may say in a request's context that it is a `part`
        of a page, which need not hold the text, and which `status` it expects instead."""
        if exception is not None:
            return reason(exception)
        if response is None or response.status_code != context.get("status", self.status):
            return f"status {getattr(response, 'status_code', 'unknown')}"
        if self.marker and context.get("part") is None and self.marker not in (response.content or b""):
            return "body without the expected text"
        return None

    def on_user_error(self, user_instance: Any, exception: BaseException, **_rest: Any) -> None:
        """Locust's event: the user class itself raised. Its open requests are over."""
        user = getattr(user_instance, "user", user_instance)
        self.out_of_files += ran_out(exception)
        self._advance(clock())
        for number in [number for number, (_due, whose) in self.open.items() if whose is user]:
            del self.open[number]
        if self.tally:
            self.tally.failures[f"error in the user class: {reason(exception)}"] += 1

    def _advance(self, now: float) -> None:
        self.area += len(self.open) * (now - self.changed)
        self.changed = now

    def turn(self) -> Tally:
        """End the warm-up, begin the window; gives the warm-up's tally."""
        ended = self.tally
        assert ended is not None
        self.tally = Tally()
        self.tally.marks = Marks() if self.marked else None
        self.area, self.changed = 0.0, self.tally.begin
        return ended

    def close(self) -> float:
        """End the window, and give the moment."""
        now, window = clock(), self.tally
        assert window is not None
        self.tally = None
        seconds = now - window.begin
        self._advance(now)
        # A user is unanswered who had no answer in the window and has been asking for half of it or longer, giving up
        # and asking again included. Without that half every user of a closed workload would be: each has a request on
        # its way when the window ends.
        starved = {
            user: since
            for user, since in self.since.items()
            if self.answered.get(user, 0.0) < window.begin and now - since >= seconds / 2
        }
        # They wait since they began to ask, not since they gave up last.
        ages = [now - starved.get(user, due) for due, user in self.open.values()]
        self.seen = self.result(window, now, len(starved)) | {
            "waiting": recorded(round(age * 1_000_000) for age in ages).encoded
        }
        return now

    def result(self, window: Tally, end: float, unanswered: int) -> dict[str, Any]:
        """What the window saw, as the generator answers it."""
        seconds = end - window.begin
        return {
            "begin": window.begin,
            "end": end,
            "seconds": seconds,
            "requests": window.requests,
            "pages": len(window.pages) if self.paged else window.requests,
            "failures": dict(window.failures),
            "unanswered": unanswered,
            "bytes": window.bytes,
            "in_flight": len(self.open),
            "in_flight_mean": self.area / seconds,
            "held_seconds": window.held,
            "longest_gap": max(window.gap, end - window.last),
            "latency": recorded(window.latencies).encoded,
            "page_latency": recorded(window.pages).encoded if self.paged else None,
            "marks": window.marks.since(window.begin) if window.marks else None,
            "due": None,
            "behind": 0,
        }

    def finish(self) -> dict[str, Any]:
        """What the window saw, once it is closed."""
        return self.seen
