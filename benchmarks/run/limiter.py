"""What limited an arm, in a sentence: a rate is worth little without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import words

if TYPE_CHECKING:
    from benchmarks.trials.trial import Trial

GENERATOR_LIMIT = 0.70  # of its CPU: above this the generator itself shapes the result (Locust's documentation says so)
NULL_SHARE = 1 / 3  # of what it reaches at a server that does nothing: above this, too, it shapes the result
IN_TIME = 0.98  # of the requests that are due: a generator that gets to fewer is too slow for its schedule
PROCESSOR_LIMIT = 0.85  # of the CPUs that the servers may use


def rate(trial: Trial) -> float:
    """Requests that ended, a second, failures included: what the generator did."""
    return trial.ended / trial.seconds


def limiter(trials: Sequence[Trial], options: Mapping[str, Any], workload: Mapping[str, Any]) -> str:
    """One sentence that begins with generator, processor, workers, users or waiting.

    It also says where servers and generator had to share processors: rates and latencies then hold for both together.

    trials    those of one arm that count
    options   of its deployment; `workers` with `threads` each, and Apache's `connections`, are read where given
    workload  as in the record
    """
    if not trials:
        return "not known: no trial counts"
    shared = not all(trial.apart is not False for trial in trials)
    return _limiter(trials, options, workload) + (", on processors shared with the generator" if shared else "")


def _limiter(trials: Sequence[Trial], options: Mapping[str, Any], workload: Mapping[str, Any]) -> str:
    def middle(read: Callable[[Trial], float]) -> float:
        return median(read(trial) for trial in trials)

    generator = middle(lambda trial: trial.generator_cpu_seconds / trial.seconds)
    processor = middle(lambda trial: trial.cpu_seconds / trial.seconds / trial.server_cpus)
    waiting = middle(lambda trial: trial.unanswered)
    flight = middle(lambda trial: trial.in_flight_mean)
    busy = f"servers used {processor:.0%} of their processor"
    if generator >= GENERATOR_LIMIT:
        return f"generator: it used {generator:.0%} of its processor, so the servers could do more than is seen here"
    shares = [rate(trial) / trial.null_rate for trial in trials if trial.null_rate]
    if len(shares) == len(trials):
        share = median(shares)
        if share > NULL_SHARE:
            return f"generator: it went at {share:.0%} of the rate that it reaches at a server that does nothing"
    if processor >= PROCESSOR_LIMIT:
        return f"processor: {busy}"
    workers = _workers(options)
    if waiting >= 1:
        due = trials[0].due
        missing = f"{trials[0].users} users were never served" if due is None else f"{due} requests had no answer"
        return f"workers: {waiting:.0f} of {missing}, while {busy}"
    if workers is not None and flight >= 0.9 * workers:
        return f"workers: {flight:.0f} requests in flight for {words.counted(workers, 'worker')}, while {busy}"
    if workload.get("pause") and flight < 0.5 * trials[0].users:
        return f"users: they pause most of the time, and {busy}"
    return f"waiting: {flight:.1f} requests in flight, while {busy} and the generator {generator:.0%} of its own"


def over_points(found: Sequence[tuple[object, str]], unit: str) -> str:
    """The limiters along a sweep as one sentence: neighbouring points with the same one are named together.

    The words are those of the last point of each stretch, where the limiter shows most.
    """
    stretches: list[list[tuple[object, str]]] = []
    for point, sentence in found:
        kind = sentence.partition(":")[0]
        if stretches and stretches[-1][-1][1].partition(":")[0] == kind:
            stretches[-1].append((point, sentence))
        else:
            stretches.append([(point, sentence)])
    if len(stretches) == 1:
        return stretches[0][-1][1]
    unit = f" {unit}" if unit else ""
    sentences = []
    for stretch in stretches:
        kind, _, rest = stretch[-1][1].partition(": ")
        first, last = stretch[0][0], stretch[-1][0]
        where = f"{first}{unit}" if first == last else f"{first} to {last}{unit}"
        sentences.append(f"{kind} at {where}: {rest}")
    return ", then ".join(sentences)  # a reader of the record may join arms with semicolons


def _workers(options: Mapping[str, Any]) -> int | None:
    """How many requests can be worked on at once: the fewer of what the front-end holds and what the back-end does."""
    threads = int(options.get("threads") or 1)
    found = [(options.get("connections"), 1), (options.get("workers"), threads)]
    return min((number * each for number, each in found if isinstance(number, int)), default=None)
