from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from itertools import cycle

import psutil
import pytest
from patience import HANG
from small_server import SmallServer

from benchmarks.host import clocks
from benchmarks.host.lock import BusyError, HostLock
from benchmarks.judge import metrics
from benchmarks.load.process import Generator
from benchmarks.plan.behaviour import Behaviour, Finding
from benchmarks.plan.event import Event
from benchmarks.plan.experiment import Arm, DesignError, Experiment, Factor, Window
from benchmarks.plan.profiles import Profile
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.result.analysis import analyse
from benchmarks.run import headroom
from benchmarks.run import run as running
from benchmarks.run.blocks import run_experiment
from benchmarks.run.looking import run_behaviour
from benchmarks.run.progress import Progress
from benchmarks.run.run import HOPELESS
from benchmarks.run.session import Session
from benchmarks.store import form, records
from labs.errors import LabError, Missing

pytestmark = pytest.mark.servers
SHORT = Profile(name="smoke", blocks=2, warmup=0.1, seconds=0.3, purpose="tests")


class Servers:
    """Starts small servers by name, and remembers them."""

    def __init__(self) -> None:
        self.started: list[SmallServer] = []
        self.problems: list[LabError | None] = []

    def __call__(self, name: str, *, cpus: set[int] | None = None, **options: int) -> SmallServer:
        problem = self.problems.pop(0) if self.problems else None
        if problem is not None:
            raise problem
        self.started.append(SmallServer(cpus=cpus, threads=options.get("threads", 1 if name == "closing" else 4)))
        return self.started[-1]

    @property
    def running(self) -> int:
        return sum(server.process is not None for server in self.started)


def experiment(**changes) -> Experiment:
    plan = {
        "claim": "tune-keepalive",
        "arms": {"kept": Arm("keeping", {"keepalive": 2}), "closed": Arm("closing", {"keepalive": 0})},
        "favoured": "kept",
        "against": "closed",
        "workload": Closed(users=2),
        "metric": "cpu_per_request",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "2 users without pause",
        "expectation": Expectation(marker="hello"),
    }
    return Experiment(**{**plan, **changes})


class Kept(Generator):
    """A generator that the next run uses too: starting one takes a second."""

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def generators() -> Iterator[list[Kept]]:
    pair = [Kept(), Kept()]
    yield pair
    for generator in pair:
        generator.close()


@pytest.fixture(autouse=True)
def kept_generators(monkeypatch, generators):
    """These runs check what is recorded, not how fast it was: the generators serve one after the other."""
    turn = cycle(generators)
    monkeypatch.setattr("benchmarks.run.session.Generator", lambda *_given, **_named: next(turn))


@pytest.fixture
def servers():
    made = Servers()
    yield made
    assert made.running == 0


def run(plan: Experiment, servers: Servers, profile: Profile = SHORT, **more):
    return run_experiment(plan, profile, deploy=servers, **more)


def test_something_is_done_to_an_arm_within_its_window(servers):
    done: list[object] = []

    def poke(deployment: object) -> None:
        done.append(deployment)

    plan = experiment(
        arms={
            "kept": Arm("keeping", {"keepalive": 2}, events=(Event(poke),)),
            "closed": Arm("closing", {"keepalive": 0}),
        }
    )
    record = run(plan, servers)
    assert len(done) == len(record["blocks"])
    acts = {trial["arm"]: trial.get("act_seconds") for trial in record["blocks"][0]["trials"]}
    assert acts["kept"] is not None
    assert acts["closed"] is None
    assert record["experiment"]["arms"]["kept"]["during"] == "poke", "as records have always called it"
    (event,) = next(trial for trial in record["blocks"][0]["trials"] if trial["arm"] == "kept")["events"]
    assert event["what"] == "poke"
    assert event["due"] == pytest.approx(SHORT.seconds / 3)
    assert event["reads"]["failures"] == 0
    form.check(json.loads(json.dumps(record)))


def test_a_run_gives_a_record_that_can_be_read(servers, tmp_path):
    seen: list[Progress] = []
    record = run(experiment(), servers, on_progress=seen.append)
    path = records.write(json.loads(json.dumps(record)), tmp_path)
    assert len(records.read(path).counted) == 2
    assert len(servers.started) == 2 * len(record["blocks"]), "fresh servers for each arm in each block"
    trial = record["blocks"][0]["trials"][0]
    assert trial["requests"] > 10
    assert trial["cpu_seconds"] > 0
    assert trial["pss_bytes"] > 1_000_000
    assert set(trial["phases"]) == {"start", "verify", "warmup", "load", "drain", "stop"}
    assert {block["order"][0] for block in record["blocks"]} <= {"kept", "closed"}
    assert record["versions"]["gunicorn"] == "27"
    assert record["configurations"].keys() == record["limiter"].keys() == {"kept", "closed"}
    assert record["deployments"]["kept"]["keepalive_seen"] is True
    phases = [step.phase for step in seen if step.arm == record["blocks"][0]["order"][0] and step.block == 1]
    assert list(dict.fromkeys(phases)) == ["start", "verify", "warm-up", "window", "drain", "stop"]
    assert seen[-1].phase == "done"
    assert len(seen[-1].blocks) == len(record["blocks"])


def test_a_sweep_has_every_point_in_every_block(servers):
    factor = Factor(
        name="wait",
        label="time a page waits",
        unit="ms",
        values=(1, 20),
        main=20,
        workload=lambda ms: {"page": f"/wait/?seconds={ms / 1000}"},
    )
    record = run(experiment(factor=factor), servers)
    assert len(servers.started) == 2 * len(record["blocks"]), "one start serves every point"
    for block in record["blocks"]:
        assert sorted((trial["arm"], trial["point"]) for trial in block["trials"]) == [
            ("closed", 1),
            ("closed", 20),
            ("kept", 1),
            ("kept", 20),
        ]


def test_a_sweep_over_options_starts_servers_for_each_point(servers):
    factor = Factor(
        name="threads", label="threads", unit="", values=(2, 3), main=3, options=lambda threads: {"threads": threads}
    )
    plan = experiment(arms={"kept": Arm("keeping"), "closed": Arm("keeping")}, factor=factor)
    record = run(plan, servers, Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.2, purpose="tests"))
    assert sorted(server.threads for server in servers.started[:4]) == [2, 2, 3, 3]
    assert len(record["blocks"][0]["trials"]) == 4


def test_a_void_block_is_repeated_and_kept(servers):
    servers.problems = [None, LabError("the server did not start")]
    record = run(experiment(), servers)
    voids = [block["void"] for block in record["blocks"]]
    assert voids[0] == "the server did not start"
    assert voids.count(None) == 2


def test_what_a_server_complained_of_voids_the_block_and_keeps_its_trials(servers, monkeypatch):
    monkeypatch.setattr(SmallServer, "alerts", lambda _self: ["[error] worker died"])
    record = run(experiment(), servers, Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.1, purpose="tests"))
    assert "[error] worker died" in record["blocks"][0]["void"]
    assert len(record["blocks"][0]["trials"]) == 1
    assert record["blocks"][0]["trials"][0]["phases"]["stop"] > 0


def test_a_laptop_that_slept_voids_the_block_and_the_next_one_counts(servers, monkeypatch):
    readings = iter([0.0, 700.0])  # of what the machine slept, at the ends of the first block
    real = clocks.now

    def slept():
        at, asleep = real(), next(readings, 700.0)
        return dataclasses.replace(at, boot=at.steady + asleep, wall=at.wall + asleep)

    monkeypatch.setattr("benchmarks.host.clocks.now", slept)
    record = run(experiment(), servers, Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.2, purpose="tests"))
    assert [block["void"] for block in record["blocks"]] == ["this machine slept for 700.0 s", None]
    assert record["stopped"] == "budget"


def test_a_run_goes_on_to_the_blocks_that_its_spread_asks_for(servers, monkeypatch):
    """Ratios are set, so that the plan is known: the first two blocks ask for more than the budget."""
    values = cycle([1.0, 1.6])
    known = {}
    monkeypatch.setattr(
        "benchmarks.run.run.block_ratio", lambda _plan, trials, _point: known.setdefault(id(trials), next(values))
    )
    profile = Profile(name="smoke", blocks=2, most=3, warmup=0.0, seconds=0.1, purpose="tests")
    seen: list[Progress] = []
    record = run(experiment(workload=Closed(users=1)), servers, profile, on_progress=seen.append)
    assert sum(block["void"] is None for block in record["blocks"]) == 3
    assert record["stopped"] == "budget"
    assert record["windows"]["most"] == 3
    assert {step.of for step in seen} == {2, 3}


def test_arms_take_turns_while_all_of_them_are_up(servers, monkeypatch):
    up: list[int] = []
    measured = running.measure
    monkeypatch.setattr(
        running, "measure", lambda *given, **more: up.append(servers.running) or measured(*given, **more)
    )
    profile = Profile(name="smoke", blocks=2, warmup=0.0, seconds=0.1, turns=3, purpose="tests")
    record = run(experiment(workload=Closed(users=1)), servers, profile)
    assert record["windows"]["turns"] == 3
    assert len(servers.started) == 4, "two arms, two blocks: one start serves the three turns"
    assert up == [2] * 12
    for block in record["blocks"]:
        assert block["void"] is None
        arms = [trial["arm"] for trial in block["trials"]]
        assert [sorted(arms[at : at + 2]) for at in (0, 2, 4)] == [["closed", "kept"]] * 3
    point = analyse(records.Record(data=record)).main
    pooled = [metrics.pool(records.blocks_of(record)[0].of(arm)) for arm in ("kept", "closed")]
    assert point.ratios[0] == metrics.ratio(*pooled, "cpu_per_request")


def test_a_short_run_starts_both_arms_at_once_and_does_without_the_others(servers, monkeypatch):
    up: list[int] = []
    measured = running.measure
    monkeypatch.setattr(
        running, "measure", lambda *given, **more: up.append(servers.running) or measured(*given, **more)
    )
    short = Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.1, purpose="tests", together=True, extra=1)
    arms = {**experiment().arms, "shown": Arm("keeping", {"keepalive": 2})}
    record = run(experiment(arms=arms, workload=Closed(users=1)), servers, short)
    assert record["windows"]["together"] is True
    assert record["experiment"]["left_out"] == ["shown"]
    assert set(record["experiment"]["arms"]) == {"kept", "closed"}
    assert up == [2, 2]
    records.check(record, "a short run")
    up.clear()
    run(experiment(arms=arms, workload=Closed(users=1), every_arm=True), servers, short)
    assert up == [3, 3, 3]
    up.clear()
    run(experiment(metric="pss", workload=Closed(users=1)), servers, short)
    assert up == [1, 1], "memory is that of one alone"


def test_an_arm_that_does_not_start_ends_those_that_did(servers):
    short = Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.1, purpose="tests", together=True, extra=0)
    servers.problems = [None, LabError("it did not start")]
    record = run(experiment(workload=Closed(users=1)), servers, short)
    assert record["blocks"][0]["void"] == "it did not start"
    assert servers.running == 0
    assert len(servers.started) == 1


def test_short_runs_of_one_session_share_the_generator_and_say_so(servers, monkeypatch):
    gauged: list[object] = []
    gauge = headroom.gauge
    monkeypatch.setattr(headroom, "gauge", lambda *given, **more: gauged.append(given) or gauge(*given, **more))
    short = Profile(name="smoke", blocks=1, warmup=0.0, seconds=0.1, purpose="tests", together=True, extra=0)
    plan = experiment(workload=Closed(users=1), pinned=False, unpinned="a test")
    with Session() as session:
        first = run(plan, servers, short, session=session)
        second = run(dataclasses.replace(plan, claim="tune-often"), servers, short, session=session)
    assert len(gauged) == 1
    assert "gauged_for" not in first["fingerprint"]["generator"]
    assert second["fingerprint"]["generator"]["gauged_for"] == "tune-keepalive"
    assert second["cost"]["set up"]["generator_cpu"] < first["cost"]["set up"]["generator_cpu"]
    with Session() as session:
        run(plan, servers, dataclasses.replace(short, together=False), session=session)
    assert len(gauged) == 2, "a longer run shares nothing"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"metric": "pss"}, "pss is not that of one alone"),
        ({"simultaneous": True, "workload": Closed(users=1, pause=(0.1, 0.2))}, "have one window in a block"),
        ({"windows": {"lesson": Window(warmup=0, seconds=1, turns=0)}}, "0 turns"),
    ],
    ids=["memory", "simultaneous", "none"],
)
def test_what_cannot_be_measured_by_turns_is_refused(changes, why):
    with pytest.raises(DesignError, match=why):
        experiment(**{"windows": {"lesson": Window(warmup=0, seconds=1, turns=2)}, **changes})


def test_a_failed_verification_shows_what_was_seen(servers):
    plan = experiment(arms={"kept": Arm("keeping"), "closed": Arm("keeping", keepalive=False)})
    record = run(plan, servers)
    assert len(record["blocks"]) == HOPELESS, "what fails three times at once will fail again"
    assert "expected a connection that is closed, saw a connection that stays open" in record["blocks"][0]["void"]
    assert "server: gunicorn" in record["blocks"][0]["void"]


def test_a_missing_server_ends_the_run(servers):
    servers.problems = [Missing("lighttpd", "apt install lighttpd")]
    with pytest.raises(Missing, match="apt install"):
        run(experiment(), servers)


def test_ctrl_c_keeps_what_is_finished(servers, generators, monkeypatch):
    monkeypatch.setattr("benchmarks.run.session.Generator", Generator)
    kept: list[dict] = []

    def interrupt(step: Progress) -> None:
        if len(step.blocks) == 1 and step.phase == "window":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(experiment(), servers, on_progress=interrupt, on_record=kept.append)
    assert [len(record["blocks"]) for record in kept] == [1]
    records.check(json.loads(json.dumps(kept[-1])), "the record")
    with HostLock("the next one"):
        pass
    ours = {generator.process.pid for generator in generators if generator.process}
    left = [child for child in psutil.Process().children() if "benchmarks.load.generator" in child.cmdline()]
    assert {child.pid for child in left} <= ours


def test_arms_at_the_same_time_share_their_window(servers):
    plan = experiment(
        workload=Closed(users=3, pause=(0.05, 0.1)),
        simultaneous=True,
        metric="unanswered",
        regime="3 readers, short pauses",
    )
    profile = Profile(name="smoke", blocks=1, warmup=0.2, seconds=0.5, purpose="tests")
    record = run(plan, servers, profile)
    block = record["blocks"][0]
    assert len(block["trials"]) == 2, block["void"]
    assert block["seconds"] < HANG
    assert all(trial["phases"]["start"] for trial in block["trials"])
    assert all(trial["strangers_seconds"] is None for trial in block["trials"]), "the other arm is no stranger"


def test_two_runs_never_overlap(servers):
    with (
        HostLock("fastcgi-startup, lesson"),
        pytest.raises(BusyError, match=r"\(fastcgi-startup, lesson.*is measuring"),
    ):
        run(experiment(), servers)
    with HostLock("the next one"):
        pass


def test_a_behaviour_notes_its_servers_and_its_findings(servers):
    def checks(deploy):
        with deploy("keeping") as server:
            seen = server.get("/").decode()
        yield Finding(what="the page", expected="hello", seen=seen, ok="hello" in seen)

    record = run_behaviour(Behaviour(claim="fastcgi-options", checks=checks), "smoke", deploy=servers)
    records.check(json.loads(json.dumps(record)), "the record")
    assert record["holds"] is True
    assert record["versions"]["gunicorn"] == "27"
