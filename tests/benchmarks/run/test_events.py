"""Things happen to real servers under load, and each server is metered for itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from benchmarks.load.process import Generator
from benchmarks.plan.event import Event
from benchmarks.plan.experiment import Arm, Experiment
from benchmarks.plan.profiles import Profile
from benchmarks.plan.watch import Look, Watch
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.run import posting
from benchmarks.run.sampler import Sampler
from benchmarks.run.trial import measure, place
from benchmarks.run.verify import VerificationError
from benchmarks.trials.trial import Trial
from labs import Deployment, deploy
from labs.errors import LabError
from labs.servers.machine import Machine
from labs.supervisor import ladder

pytestmark = pytest.mark.servers

READERS = Closed(users=4, page="/hello/", pause=(0.02, 0.04))
WRITERS = Closed(users=4, page="/hello/", user="writer", pause=(0.02, 0.04))


@pytest.fixture(scope="module")
def site() -> Iterator[Deployment]:
    with deploy("gunicorn-nginx", workers=1, threads=8) as running:
        yield running


def trial(
    site: Deployment,
    generator: Generator,
    *events: Event,
    seconds: float,
    workload: Closed = READERS,
    watch: tuple[Watch, ...] = (),
    failures: tuple[str, ...] = ("status 502", "status 504", "body", "timeout"),
) -> Trial:
    arm = Arm("gunicorn-nginx", events=events)
    experiment = Experiment(
        claim="tune-keepalive",
        arms={"one": arm, "other": Arm("gunicorn-nginx")},
        favoured="one",
        against="other",
        workload=workload,
        metric="lost",
        matters=0.1,
        expected="depends",
        regime="a test",
        expectation=Expectation(marker="Hello", failures=failures),
        watch=watch,
        elsewhere="a test",
    )
    return measure(
        site,
        generator,
        arm="one",
        point=None,
        workload=workload,
        experiment=experiment,
        profile=Profile(name="smoke", blocks=1, warmup=0.5, seconds=seconds, purpose="tests"),
        placement=place(False),
        null_rate=None,
        seed="1",
        on_phase=lambda _phase: None,
    )


def test_a_back_end_that_is_killed_and_started_again(site: Deployment, generator: Generator) -> None:
    """nginx answers 502 for as long as nobody listens behind it: to who reads and to who writes."""
    posting.verify(site.url)
    seen = trial(
        site,
        generator,
        Event("kill", of="gunicorn", at=1.0),
        Event("start", of="gunicorn", at=2.0),
        seconds=6.0,
        workload=WRITERS,
    )
    assert site.pid_of("gunicorn"), "it runs again"
    kill, start = seen.events or ()
    assert (kill.what, kill.of, kill.due) == ("kill", "gunicorn", 1.0)
    assert kill.ended <= start.began
    for kind in ("reads", "writes"):
        killed, started = getattr(kill, kind), getattr(start, kind)
        # What nginx had got before may still arrive a moment after the kill, which itself took until `ended`
        assert killed.longest_gap > start.began - kill.ended - 0.2, kind
        assert killed.failures > 5, kind
        assert killed.last_failure < start.began - kill.began, kind
        assert started.repaired is not None, "its start ended the gap"
        assert started.repaired + start.began >= killed.repaired + kill.began - 0.001, kind
    assert sum(getattr(each, kind).failures for each in (kill, start) for kind in ("reads", "writes")) == seen.failed
    assert set(seen.failures) <= {"status 502", "status 504", "body without the expected text"}
    assert seen.act_seconds == pytest.approx(start.ended - kill.began)


def test_a_server_that_is_frozen_makes_readers_wait_and_fails_none(site: Deployment, generator: Generator) -> None:
    seen = trial(
        site, generator, Event("freeze", of="gunicorn", at=0.5), Event("thaw", of="gunicorn", at=1.7), seconds=3.0
    )
    assert seen.failures == {}
    freeze, thaw = seen.events or ()
    assert freeze.reads is not None
    assert thaw.reads is not None
    frozen = thaw.began - freeze.ended
    assert freeze.reads.longest_gap > frozen - 0.05
    assert freeze.reads.longest_gap < 3 * frozen, "and not for long after"
    assert freeze.reads.repaired is not None
    assert freeze.reads.repaired > frozen - 0.05
    assert freeze.reads.failures == 0
    assert freeze.writes is None, "nobody writes"


def test_an_event_that_names_no_server_is_told(site: Deployment, generator: Generator) -> None:
    with pytest.raises(LabError, match=r"gunicorn-nginx has no postgresql\. It has: gunicorn, nginx"):
        trial(site, generator, Event("kill", of="postgresql", at=0.1), seconds=0.5)


def test_a_comment_that_is_not_taken_is_told_before_the_clock_runs(site: Deployment) -> None:
    with pytest.raises(VerificationError, match=r"status 404.* shows no form"):
        posting.verify(f"{site.url}/nowhere")


def test_each_server_is_metered_and_the_sum_is_the_whole(site: Deployment, generator: Generator) -> None:
    seen = trial(site, generator, seconds=1.5)
    assert seen.servers is not None
    assert set(seen.servers) == {"gunicorn", "nginx"}
    # One look gives the whole and its parts. What ended is counted to the microsecond in one, by ticks of 10 ms in the other
    assert sum(used.cpu_seconds for used in seen.servers.values()) == pytest.approx(seen.cpu_seconds, abs=0.05)
    assert seen.servers["gunicorn"].cpu_seconds > seen.servers["nginx"].cpu_seconds
    assert sum(used.pss_bytes for used in seen.servers.values()) == pytest.approx(seen.pss_bytes, abs=4096)
    assert seen.servers["gunicorn"].pss_bytes > seen.servers["nginx"].pss_bytes > 0
    assert seen.machines is None, "all run on this one"


def test_the_parts_agree_with_a_whole_that_is_read_apart(site: Deployment) -> None:
    """Within what happens between two readings."""
    first = site.cpu_usage()
    for _ in range(50):
        site.get("/hello/")
    before, parts, after = site.cpu_seconds(), site.cpu_usage(), site.cpu_seconds()
    assert before <= parts.total <= after
    grown = sum(parts.servers.values()) - sum(first.servers.values())
    assert before - first.total - 0.05 <= grown <= after - first.total + 0.05
    assert parts.servers["gunicorn"] > first.servers["gunicorn"]


def test_reading_by_server_costs_no_more_than_reading_the_whole(site: Deployment) -> None:
    """By CPU time, which another process does not change: of this process and of the keeper, who looks through /proc."""

    assert site._keeper is not None
    keeper = psutil.Process(site._keeper.pid)

    def used() -> float:
        return time.process_time() + sum(keeper.cpu_times()[:2])

    def cost(*reads: Callable[[], object]) -> float:
        before = used()
        for _ in range(6):
            for read in reads:
                read()
        return used() - before

    # In turn, and the least of each: what shares the processor's caches makes either cost more for a while
    rounds = [(cost(site.cpu_seconds, site.pss), cost(site.cpu_usage, site.memory_usage)) for _ in range(5)]
    whole, parts = (min(each) for each in zip(*rounds, strict=True))
    assert parts < 1.5 * whole + 0.02


def test_connections_are_sampled_while_readers_idle(site: Deployment) -> None:
    """nginx keeps each connection; gunicorn behind it has none of an idle reader."""
    watches = [Watch("connections", of="nginx"), Watch("waiting", of="nginx"), Watch("pss", of="gunicorn")]
    with Sampler(watches, site, window=2.0, every=0.05) as sampler:
        sampler.begin(time.monotonic())
        _until_looks(sampler, 3)
        with site.idle_readers(7) as readers:
            assert readers.held == 7
            held_from = len(sampler.samples.at)  # type: ignore[union-attr]
            _until_looks(sampler, held_from + 3)
            held_to = len(sampler.samples.at)  # type: ignore[union-attr]
        sampler.end()
    seen = sampler.samples
    assert seen is not None
    held = seen.values["connections of nginx"]
    assert held[0] == 0
    assert set(held[held_from : held_to - 1]) == {7}, "the last of these looks may have come after they left"
    assert set(seen.values["waiting of nginx"]) == {0}
    assert min(each or 0 for each in seen.values["pss of gunicorn"]) > 1_000_000
    assert {len(each) for each in seen.values.values()} == {len(seen.at)}
    assert list(seen.at) == sorted(seen.at)
    before = time.thread_time()
    Path("/proc/net/tcp").read_text()  # what all sockets of this machine cost, those of other tests too
    least = time.thread_time() - before
    assert seen.cpu_seconds < (3 * least + 0.01) * len(seen.at), "one look at the tables, and milliseconds for the rest"


def _until_looks(sampler: Sampler, number: int) -> None:
    end = time.monotonic() + 20
    while sampler.samples is None or len(sampler.samples.at) < number:
        assert time.monotonic() < end, "the sampler looks no more"
        time.sleep(0.01)


def test_a_server_that_is_frozen_leaves_connections_waiting(site: Deployment) -> None:
    """Its socket takes them, up to its backlog, and nobody accepts."""
    server = site.running("nginx")
    server.freeze()
    try:
        with Sampler([Watch("waiting", of="nginx")], site, window=2.0, every=0.05) as sampler:
            sampler.begin(time.monotonic())
            with _connected(site, 3):
                number = len(sampler.samples.at) if sampler.samples else 0
                _until_looks(sampler, number + 3)
            sampler.end()
    finally:
        server.thaw()
    assert sampler.samples is not None
    assert max(each or 0 for each in sampler.samples.values["waiting of nginx"]) == 3


def test_series_are_kept_in_the_trial(site: Deployment, generator: Generator) -> None:
    seen = trial(site, generator, seconds=0.8, watch=(Watch("processes", of="gunicorn"), Watch(_always)))
    assert seen.samples is not None
    assert set(seen.samples.values["processes of gunicorn"]) == {2.0}, "a master and its worker"
    assert set(seen.samples.values["_always"]) == {42.0}


def test_what_cannot_be_watched_is_told_before_the_load(site: Deployment) -> None:
    with pytest.raises(LabError, match=r"called 'lag'\. There are: connections, waiting, pss, swap"):
        Sampler([Watch("lag", of="gunicorn")], site, window=1.0)
    with pytest.raises(LabError, match="has no memcached"):
        Sampler([Watch("hits", of="memcached")], site, window=1.0)


def _always(_site: Deployment) -> Look:
    return lambda: 42.0


@contextmanager
def _connected(site: Deployment, number: int) -> Iterator[None]:
    with ExitStack() as opened:
        for _ in range(number):
            opened.enter_context(socket.create_connection(site.address_of("nginx"), timeout=10))  # type: ignore[arg-type]
        yield


def test_a_configuration_is_edited_and_read_anew(site: Deployment, generator: Generator) -> None:
    """In the middle of the window nginx begins to add a header; readers notice nothing."""
    edit = Event("edit", at=0.2, edit=("nginx.conf", "server_tokens      off;", "server_tokens      on;"))
    assert site.get("/hello/").header("Server") == "nginx"
    seen = trial(site, generator, edit, Event("reload", of="nginx", at=0.3), seconds=1.5)
    assert seen.failures == {}
    assert (site.get("/hello/").header("Server") or "").startswith("nginx/")
    edited, reloaded = seen.events or ()
    assert (edited.what, edited.of, reloaded.what, reloaded.of) == ("edit", None, "reload", "nginx")


@pytest.mark.skipif(bool(ladder.why_not("network")), reason=ladder.why_not("network"))
def test_a_machine_that_is_unplugged_is_silent(generator: Generator) -> None:
    """No refusal and no answer: nginx waits, and readers with it, until the cable is back."""
    with deploy("gunicorn-nginx", workers=1, machines={"gunicorn": Machine(name="web")}) as site:
        pulled, plugged = Event("unplug", of="gunicorn", at=0.5), Event("plug", of="gunicorn", at=1.5)
        seen = trial(site, generator, pulled, plugged, seconds=6.0)
    unplug, plug = seen.events or ()
    assert unplug.reads is not None
    assert unplug.reads.longest_gap > plug.began - unplug.ended - 0.1
    assert unplug.reads.failures == 0, "nobody was refused"
    assert unplug.reads.repaired is not None
    assert seen.machines is not None
    assert set(seen.machines) == {"web", "this one"}
