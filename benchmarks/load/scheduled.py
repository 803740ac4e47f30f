"""The recorder of a workload whose requests are due by a schedule.

The rule for the window: a request belongs to it when it was *due* inside, whenever it was sent and answered. So every arm of
a block is asked the same. When the window closes the users go on, and for a second more its requests may still be answered;
those that are not then are `unanswered`, and enter the latencies with the age that they have. Thus

    due = requests + failures + unanswered

holds exactly, and neither a frozen server nor a generator that fell behind can make a request disappear. A healthy server
leaves none unanswered, since a second is longer than its answers take.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from benchmarks.load.marks import Marks
from benchmarks.load.recorder import Recorder, Tally, clock
from benchmarks.trials.histogram import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.plan.workload import Expectation

SETTLE = 1.0  # seconds after the window in which its requests may still be answered


class Scheduled(Recorder):
    """Listens to one trial.

    schedule  seconds from the start at which requests are due, the same that is dispatched
    warmup    seconds from then to the window; window: its length
    """

    def __init__(self, expectation: Expectation, schedule: Iterator[float], *, warmup: float, window: float) -> None:
        super().__init__(expectation)
        self.before, self.window = Tally(), Tally()
        self.tally = self.before
        # By number, and not by moment: a request that is due exactly at an end of the window must fall to the same side
        # in every arm, whatever the clock showed when it began.
        due = list(takewhile(lambda after: after < warmup + window, schedule))
        self.first = sum(after < warmup for after in due)
        self.dues = due[self.first :]
        self.begin, self.end = warmup, warmup + window

    def set_off(self, start: float) -> None:
        """The moment (CLOCK_MONOTONIC) from which the schedule counts; said once, before anything is due."""
        self.begin, self.end = start + self.begin, start + self.end
        self.dues = [start + after for after in self.dues]
        self.before.begin = self.before.last = self.changed = start
        self.window.begin = self.window.last = self.begin

    def arrive(self, due: float) -> int:
        """The next of the schedule is due, perhaps a little since; gives its number, from 1."""
        now = clock()
        self.sent += 1
        self._advance(now)
        self.area += max(0.0, now - max(due, self.window.begin))
        self.open[self.sent] = (due, None)
        return self.sent

    def start(self, user: Any, sample: int | None = None) -> dict[str, Any]:
        """A request begins, by the number that `arrive` gave it."""
        if sample is None:
            raise RuntimeError("a user with a schedule makes one request a task")
        due, _nobody = self.open[sample]
        self.open[sample] = due, user
        return {"sample": sample, "late": clock() - due}

    def tally_of(self, context: dict[str, Any]) -> Tally | None:
        """By when the request was due."""
        place = context["sample"] - self.first
        return self.before if place < 1 else self.window if place <= len(self.dues) else None

    def turn(self) -> Tally:
        """The window begins: requests that were due before stay with the warm-up."""
        self.tally, self.changed = self.window, clock()
        self.window.marks = Marks() if self.marked else None
        # those in flight now count from the window's beginning, which was a moment ago
        self.area = sum(self.changed - max(due, self.begin) for due, _user in self.open.values())
        return self.before

    def close(self) -> float:
        """The window is over; its requests may still be answered."""
        self.tally, now = None, clock()
        self._advance(now)
        self.area -= sum(now - max(due, self.end) for due, _user in self.open.values())
        self.seen = self.result(self.window, self.end, 0) | {"behind": len(self.dues) - self.arrived}
        return self.end

    @property
    def arrived(self) -> int:
        """How many of the window's requests have become due, as far as the generator got to them."""
        return min(max(0, self.sent - self.first), len(self.dues))

    @property
    def waiting(self) -> list[float]:
        """When the window's requests were due that have no answer yet, or that nobody was asked to send yet."""
        last = self.first + len(self.dues)
        sent = [due for sample, (due, _user) in self.open.items() if self.first < sample <= last]
        return sent + self.dues[self.arrived :]

    def finish(self) -> dict[str, Any]:
        """What the window saw, now that its requests had their time."""
        now, window, waiting = clock(), self.window, self.waiting
        ages = [now - due for due in waiting]
        late = [round(age * 1_000_000) for age in ages]
        window.held += sum(ages)
        latencies = recorded([*window.latencies, *late]).encoded
        kept = {name: self.seen[name] for name in ("in_flight", "in_flight_mean", "longest_gap", "behind")}
        result = self.result(window, self.end, len(waiting))
        return result | kept | {"latency": latencies, "waiting": recorded(late).encoded, "due": len(self.dues)}
