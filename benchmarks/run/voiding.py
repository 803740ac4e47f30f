"""Which blocks do not count, by rules written down before the run. None of them looks at a result.

A rule for a trial sees that trial alone, so it cannot know which arm is ahead; it reads what tells whether the measuring went
well: errors, lateness of the generator, the two clocks of the meter, what strangers took of the servers' processor. How many
answers came, how long they took, memory and CPU time it does not read. What depends on how fast an arm is, such as a generator
near its own limit, is judged once for the whole run (`limits`).
A rule for a block reads the machine: its clocks, and what other guests of the host took.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.host.clocks import SLEPT, STEPPED, Moment, disagreement
from benchmarks.plan.event import THIRD
from benchmarks.run.drain import PATIENCE as DRAINED
from benchmarks.run.limiter import IN_TIME

if TYPE_CHECKING:
    from benchmarks.plan.experiment import Experiment
    from benchmarks.plan.workload import Workload
    from benchmarks.trials.trial import Trial

LATE = 0.050  # seconds: the generator's own alarm may ring this much too late, at the 99th percentile
SKEW = 0.05  # of the window, and at least a tenth of a second: how far reading the CPU times may miss its ends
STRANGER = 0.10  # of the servers' CPUs, and at least a tenth of a second: what nobody of this run may use there
STEAL = 0.05  # share of CPU time taken by other guests of the host, above which a block is void

# Metrics that the generator's own speed shapes
OF_THE_GENERATOR = ("pages_per_second", "latency_p50", "latency_p95", "latency_p99")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One reason for a trial not to count.

    limit   what is allowed, in words
    broken  the trial, its experiment and its workload -> what is wrong, None where nothing is
    only    the metrics that it is applied to; empty for all
    """

    limit: str
    broken: Callable[[Trial, Experiment, Workload], str | None]
    only: Sequence[str] = ()


def objection(trial: Trial, experiment: Experiment, workload: Workload) -> str | None:
    """Why a trial may not count: the first rule that it breaks; None where it may."""
    broken = (
        rule.broken(trial, experiment, workload) for rule in RULES if not rule.only or experiment.metric in rule.only
    )
    return next((why for why in broken if why), None)


def machine(begin: Moment, end: Moment, steal: float) -> str | None:
    """Why a block may not count, from the machine alone. steal: share of CPU time, 0 to 1, taken by other guests."""
    if why := disagreement(begin, end):
        return why
    if steal > STEAL:
        return f"other guests of this host took {steal:.0%} of the CPU time ({STEAL:.0%} are allowed)"
    return None


def _errors(trial: Trial, experiment: Experiment, _workload: Workload) -> str | None:
    unexpected = experiment.expectation.unexpected(trial.failures)
    if not unexpected:
        return None
    return "unexpected failures: " + ", ".join(f"{count} times {reason}" for reason, count in unexpected.items())


def _crashed(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if trial.users_alive >= trial.users:
        return None
    return f"{trial.users - trial.users_alive} of {trial.users} users ended before the window did"


def _events(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if trial.events is not None:  # each says by itself when it was over
        took, over = trial.act_seconds or 0.0, max((event.ended for event in trial.events), default=0.0)
    else:  # a record from before they did: one, a third into the window
        took = trial.act_seconds or 0.0
        over = THIRD * trial.seconds + took
    if over <= trial.seconds:
        return None
    return f"what was done to it took {took:.1f} s, and was not over when the window of {trial.seconds:.1f} s was"


def _skew(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if abs(trial.meter_seconds - trial.seconds) <= max(0.1, SKEW * trial.seconds):
        return None
    return f"CPU times were read over {trial.meter_seconds:.2f} s for a window of {trial.seconds:.2f} s: this machine is too busy"


def _behind(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if not trial.due or not trial.behind or trial.behind <= (1 - IN_TIME) * trial.due:
        return None
    return f"limited by the generator: of {trial.due} requests that were due it had not got to {trial.behind}"


def _late(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if trial.lateness.p99 <= LATE:
        return None
    return f"the generator woke up to {trial.lateness.p99 * 1000:.0f} ms late: something else ran on its processor"


def _drained(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    if trial.drained:
        return None
    return f"its connections were still there {DRAINED:.0f} s after the load: the next trial would pay for them"


def _stranger(trial: Trial, _experiment: Experiment, _workload: Workload) -> str | None:
    """What ran on the servers' CPUs and is none of the servers. Known only where those CPUs are theirs alone."""
    used, had = trial.strangers_seconds, trial.server_cpus * trial.meter_seconds
    if used is None or used <= max(0.1, STRANGER * had):
        return None
    return f"something else used {used:.2f} s of the servers' processor ({STRANGER:.0%} are allowed)"


# In this order: the first that is broken names the reason.
RULES = (
    Rule(limit="no failure that the experiment did not foresee", broken=_errors),
    Rule(limit="every user lives until the window ends", broken=_crashed),
    Rule(limit="what is done to the servers is over within the window", broken=_events),
    Rule(limit=f"CPU times read over the window, within {SKEW:.0%} and a tenth of a second", broken=_skew),
    Rule(limit=f"the generator gets to {IN_TIME:.0%} of what is due in time", broken=_behind, only=OF_THE_GENERATOR),
    Rule(
        limit=f"the generator is at most {1000 * LATE:.0f} ms late, at the 99th percentile",
        broken=_late,
        only=OF_THE_GENERATOR,
    ),
    Rule(
        limit=f"strangers take at most {STRANGER:.0%} of the servers' processor, or a tenth of a second",
        broken=_stranger,
    ),
    Rule(limit=f"every connection is gone {DRAINED:.0f} s after the load", broken=_drained),
)
OF_THE_MACHINE = (
    f"the machine sleeps for at most {SLEPT:g} s",
    f"its clock is set by at most {STEPPED:g} s",
    f"other guests of the host take at most {STEAL:.0%} of its CPU time",
)
