from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import synthetic

from benchmarks import experiments
from benchmarks.run.progress import Progress
from benchmarks.trust import reproduction
from benchmarks.trust.noise import Neighbour
from benchmarks.trust.reproduction import read, reproduce
from labs.errors import LabError

CLAIMS = ["tune-keepalive", "fastcgi-options"]


class Measured:
    """Makes records, and remembers what was asked for."""

    def __init__(self, *ratios: float) -> None:
        self.asked: list[tuple[str, int]] = []
        self.ratios = ratios or (4.0,)

    def __call__(
        self, experiment: Any, profile: str, seed: int, begin: Callable[[], None], _say: Callable[[str], None]
    ) -> dict[str, Any]:
        begin()
        assert profile == "lesson"
        self.asked.append((experiment.claim, seed))
        if experiment.claim == "fastcgi-options":
            return synthetic.behaviour()
        return synthetic.effect(ratio=self.ratios[(seed - 1) % len(self.ratios)], noise=0.02, seed=seed)


def go(path: Path, measure: reproduction.Measure, times: int = 3, **more: Any) -> list[reproduction.Run]:
    return reproduce(CLAIMS, times=times, path=path, measure=measure, say=lambda _line: None, **more)


def test_all_claims_once_before_any_twice_and_no_run_twice(tmp_path: Path) -> None:
    path, measure = tmp_path / "reproduce.jsonl", Measured()
    go(path, measure, 1)
    runs = go(path, measure, 2)
    assert measure.asked == [(claim, seed) for seed in (1, 2) for claim in CLAIMS]
    assert read(path) == runs
    go(path, measure, 1, noisy=True)
    assert len(measure.asked) == 6, "in a noisy neighbourhood everything is new"


def test_the_neighbour_lives_while_it_is_measured_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Neighbour] = []
    monkeypatch.setattr(reproduction, "Neighbour", lambda **how: made.append(Neighbour(**how)) or made[-1])

    def measure(experiment: Any, profile: str, seed: int, begin: Callable[[], None], _say: object) -> dict[str, Any]:
        assert made[-1].process is None, "not before the measurement has begun"
        begin()
        begin()
        assert made[-1].process is not None
        assert made[-1].process.poll() is None
        raise LabError(f"{experiment.claim} {profile} {seed}")

    with pytest.raises(LabError, match="tune-keepalive lesson 1"):
        go(tmp_path / "reproduce.jsonl", measure, noisy=True)
    assert [each.process for each in made] == [None]


def test_runs_of_another_machine_do_not_count_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, measure = tmp_path / "reproduce.jsonl", Measured()
    go(path, measure, 1)
    monkeypatch.setattr(reproduction, "machine", lambda: "another CPU, 8 CPUs")
    assert len(go(path, measure, 1)) == len(CLAIMS)
    assert len(measure.asked) == 2 * len(CLAIMS)


def test_the_neighbour_does_not_begin_while_somebody_else_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    phases: list[str] = []

    def run(_experiment: Any, _profile: str, **how: Any) -> dict[str, Any]:
        for phase, block in (("waiting", 0), ("start", 1), ("window", 1), ("start", 2)):
            how["on_progress"](
                Progress(
                    claim="tune-keepalive", phase=phase, block=block, of=2, elapsed=0.0, left=None, detail="for another"
                )
            )
            phases.append(phase)
        return {"seed": how["seed"]}

    monkeypatch.setattr("benchmarks.run.blocks.run_experiment", run)
    seen: list[int] = []
    said: list[str] = []
    found = reproduction._measure(
        experiments.get("tune-keepalive"), "smoke", 7, lambda: seen.append(len(phases)), said.append
    )
    assert found == {"seed": 7}
    assert seen[0] == 1, "not in the first phase, which is waiting"
    assert said == ["tune-keepalive: for another", "tune-keepalive: block 1/2", "tune-keepalive: block 2/2"]


def test_a_series_never_mixes_two_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, measure = tmp_path / "reproduce.jsonl", Measured()
    go(path, measure, 1)
    monkeypatch.setattr(reproduction, "code", lambda: "another")
    assert {run.code for run in go(path, measure, 1)} == {"another"}
    assert len(measure.asked) == 2 * len(CLAIMS)


def test_what_is_published_stands_beside_other_machines_and_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, shown = tmp_path / "reproduce.jsonl", tmp_path / "shown"
    here = go(own, Measured(), 1)
    reproduction.publish("lesson", own, shown)
    monkeypatch.setattr(reproduction, "machine", lambda: "another CPU, 8 CPUs")
    there = go(own, Measured(), 1)
    reproduction.publish("lesson", own, shown)
    assert sorted(map(repr, reproduction.published(shown))) == sorted(map(repr, [*here, *there]))
    monkeypatch.setattr(reproduction, "code", lambda: "another")
    later = go(own, Measured(), 1)
    reproduction.publish("lesson", own, shown)
    assert len(reproduction.published(shown)) == len(here) + len(there) + len(later), "a series of earlier code stays"
    with pytest.raises(LabError, match="Nothing of the smoke profile"):
        reproduction.publish("smoke", own, shown)


def test_a_behaviour_holds_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[str] = []

    class Lock:
        def __init__(self, what: str, **_: object) -> None:
            self.what = what

        def __enter__(self) -> None:
            held.append(self.what)

        def __exit__(self, *_: object) -> None:
            held.clear()

    seen: list[str] = []
    monkeypatch.setattr(reproduction, "HostLock", Lock)
    monkeypatch.setattr("benchmarks.run.looking.run_behaviour", lambda *_: seen.extend(held) or {})
    reproduction._measure(experiments.get("fastcgi-options"), "smoke", 1, lambda: seen.extend(held), seen.append)
    assert seen == ["fastcgi-options, smoke"] * 2


def test_a_behaviour_keeps_what_was_not_as_the_chapter_says(tmp_path: Path) -> None:
    path, seen = tmp_path / "reproduce.jsonl", [synthetic.behaviour(), synthetic.behaviour(holds=False)]

    def measure(*_: object) -> dict[str, Any]:
        return seen.pop(0)

    reproduce(["fastcgi-options"], times=2, path=path, measure=measure, say=lambda _line: None)
    assert [list(run.faults) for run in read(path)] == [[], ["a wrong option: nothing"]]
