"""A run whose load several workers make."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from small_server import SmallServer

from benchmarks.plan import profiles
from benchmarks.plan.experiment import Arm, Experiment
from benchmarks.plan.profiles import Profile
from benchmarks.plan.workload import Closed, Open
from benchmarks.result.analysis import analyse
from benchmarks.run import blocks, runs
from benchmarks.show.report import report
from labs.errors import OptionError

pytestmark = pytest.mark.servers
SHORT = Profile(name="smoke", blocks=2, warmup=0.1, seconds=0.4, purpose="tests")
PLAN = Experiment(
    claim="tune-keepalive",
    arms={"kept": Arm("keeping"), "closed": Arm("closing")},
    favoured="kept",
    against="closed",
    workload=Open(rate=40, page="/wait/?seconds=0.03"),
    metric="latency_p50",
    matters=0.1,
    expected="favoured",
    regime="40 requests a second",
)
LAG = 0.12  # seconds: one arm is five times the other, which two blocks of sixteen requests tell from any noise


def server(name: str, *, cpus: set[int] | None = None, **_options: object) -> SmallServer:
    return SmallServer(cpus=cpus, threads=8, lag=LAG if name == "closing" else 0)


@pytest.fixture(autouse=True)
def these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_deploy", lambda: server)
    monkeypatch.setitem(profiles.PROFILES, "smoke", SHORT)


@pytest.mark.alone
def test_the_verdict_is_the_same_and_the_record_says_who_made_the_load(tmp_path: Path) -> None:
    one, two = (
        runs.measure(PLAN, folder=tmp_path / str(workers), profile=SHORT, say=lambda _step: None, workers=workers)
        for workers in (0, 2)
    )
    assert [[trial.due for trial in block.trials] for block in one.blocks] == [[16, 16]] * 2
    assert [[trial.due for trial in block.trials] for block in two.blocks] == [[16, 16]] * 2
    assert analyse(one).name == analyse(two).name == "holds", (analyse(one).reason, analyse(two).reason)
    assert "workers" not in one.data
    assert two.data["workers"] == {"count": 2, "where": "this machine"}
    assert runs.generators(two) == 2
    told = report(two)
    assert "2 processes generated the load, on this machine" in told
    assert "--profile smoke --seed 1 --workers 2" in told
    assert "--workers" not in report(one)


def test_arms_at_once_have_generators_of_their_own(tmp_path: Path) -> None:
    plan = dataclasses.replace(PLAN, simultaneous=True, workload=Closed(users=2, pause=(0.1, 0.2)))
    with pytest.raises(OptionError, match="leave --workers out"):
        runs.measure(plan, folder=tmp_path, profile=SHORT, say=lambda _step: None, workers=2)
