"""An experiment with an open workload, from the servers to the report."""

from __future__ import annotations

import dataclasses

import pytest
from small_server import SmallServer

from benchmarks.judge import metrics
from benchmarks.plan import ownsite
from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Factor
from benchmarks.plan.profiles import Profile
from benchmarks.plan.workload import Closed, Open
from benchmarks.result.analysis import analyse
from benchmarks.run.blocks import run_experiment
from benchmarks.show.figures import draw
from benchmarks.show.report import report
from benchmarks.store import records

experiment = Experiment(
    claim="tune-keepalive",
    arms={"off": Arm("fast"), "on": Arm("slow")},
    favoured="off",
    against="on",
    workload=Open(rate=40, arrivals="poisson", page="/wait/?seconds=0.02"),
    metric="latency_p95",
    matters=0.1,
    expected="favoured",
    regime="40 requests a second, each 20 ms",
)


def deployed(name: str, *, cpus: set[int] | None = None, **_options: object) -> SmallServer:
    """`slow` has one thread for pages of 20 ms, so that those who arrive together wait for each other."""
    return SmallServer(threads=8 if name == "fast" else 1, cpus=cpus)


@pytest.mark.servers
def test_an_open_workload_runs_end_to_end(tmp_path, monkeypatch):
    # a busy machine may be a slow generator: what is asked is whether all the parts understand each other
    monkeypatch.setattr("benchmarks.run.limits.NULL_SHARE", 10.0)
    profile = Profile(name="smoke", blocks=2, warmup=0.2, seconds=1.0, purpose="tests")
    data = run_experiment(experiment, profile, deploy=deployed)
    record = records.read(records.write(data, tmp_path))
    for block in record.counted:
        off, on = sorted(block.trials, key=lambda trial: trial.arm)
        assert off.due == on.due and (off.due or 0) > 10, "the same seed asks both arms the same"
        assert off.behind == 0
        assert off.requests + off.unanswered == off.due
    assert record.data["fingerprint"]["generator"]["null_rate"] > 0
    assert record.data["fingerprint"]["generator"]["kept"] is False
    analysis = analyse(record)
    assert analysis.interval.estimate > 1, "who must wait for others waits longer"
    text = report(record)
    assert "workload  open: 40 requests a second, at random, connections of their own" in text
    assert draw(record).caption.endswith("Open workload.")
    assert data["limiter"]["off"]


@pytest.mark.servers
def test_a_server_that_dies_in_the_middle_of_a_block_makes_it_void():
    class Dying(SmallServer):
        """Ends as its window begins: nothing but the meter looks at it in between."""

        looks = 0

        def cpu_seconds(self) -> float:
            self.looks += 1
            used = super().cpu_seconds() if self.process else 0.0
            if self.looks == 1:
                self.stop()
            return used

        def pss(self) -> int:
            return super().pss() if self.process else 0

    profile = Profile(name="smoke", blocks=1, warmup=0.1, seconds=0.3, purpose="tests")
    data = run_experiment(experiment, profile, deploy=lambda _name, *, cpus=None, **_options: Dying(cpus=cpus))
    assert all("unexpected failures" in block["void"] for block in data["blocks"])
    assert len(data["blocks"]) == 3, "three void blocks at the beginning, and nothing else is to be expected"


def test_a_sweep_may_change_the_rate_and_a_site_of_ones_own_its_page():
    factor = Factor(
        name="rate", label="requests a second", unit="/s", values=(5, 50), main=50, workload=lambda rate: {"rate": rate}
    )
    swept = dataclasses.replace(experiment, factor=factor)
    assert [swept.workload_at(point).rate for point in swept.points] == [5, 50]
    elsewhere = dataclasses.replace(experiment, elsewhere=Elsewhere(regime="{page} of your own site"))
    mine = ownsite.adapt(elsewhere, "/shop/")
    assert mine.workload == experiment.workload.replace(page="/shop/")


def test_the_words_of_a_workload():
    assert str(Closed(users=1)) == "closed: 1 user without pause"
    assert str(Closed(users=40, pause=(1, 10))) == "closed: 40 users, pauses of 1 to 10 s"
    assert str(Closed(users=5, pace=0.1)) == "closed: 5 users, each due every 0.1 s"


def test_an_older_record_is_read_by_the_same_rule():
    """Its trials say who waited and how long, so its latencies count them in too."""
    record = records.reference("tune-keepalive")
    seen = [trial for block in record.counted for trial in block.of("prefork, on", 40)]
    assert all(trial.unanswered > 10 for trial in seen)
    assert all(metrics.value(trial, "latency_p95") > 4000 for trial in seen)
