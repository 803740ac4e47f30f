from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_campaign import campaign

from benchmarks.host import fingerprint
from benchmarks.plan.profiles import Profile
from benchmarks.store import journal
from benchmarks.trust import campaign as campaigns
from benchmarks.trust import control, power
from benchmarks.trust.campaign import EFFECTS, CampaignError, Task, carry_on, plan, read
from benchmarks.trust.power import PAIRS, Comparison, Session


def session(**changes: Any) -> Session:
    one = Comparison(ratios={"cpu_per_request": [1.0, 1.01]}, values={"cpu_per_request": [5.0, 5.0]})
    return Session(**{"comparisons": (one,) * len(PAIRS), "void": [], "seconds": 24.0, **changes})


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been measured, in order; no server is started."""
    done: list[tuple[Any, ...]] = []

    def ours(burn: int, profile: str, *, seed: int, say: object) -> Session:
        done.append(("ours", burn, seed))
        return session()

    def plainly(burn: int, *, seconds: float, seed: int) -> Session:
        done.append(("plain", burn, seconds))
        return session(load=None)

    monkeypatch.setattr(power, "calibrate", lambda _say: 0.005)
    monkeypatch.setattr(power, "compare", ours)
    monkeypatch.setattr(power, "compare_plainly", plainly)
    return done


def go(path: Path, rounds: int = 1, **more: Any) -> campaigns.Campaign:
    return carry_on(path, profile="lesson", rounds=rounds, say=lambda _line: None, **more)


def test_every_round_has_each_effect_by_both_tools() -> None:
    tasks = list(plan(3))
    assert len(set(tasks)) == len(tasks)
    counts = Counter((task.tool, task.effect) for task in tasks)
    assert counts == {(tool, effect): 3 for tool in ("ours", "plain") for effect in EFFECTS}
    assert list(plan(4))[: len(tasks)] == tasks, "more rounds go on with the same ones"


def test_the_burnt_time_is_a_share_of_a_request_and_plain_locust_gets_the_same_length(tmp_path, measured) -> None:
    go(tmp_path / "lesson.jsonl")
    assert {burn for tool, burn, _ in measured if tool == "ours"} == {100, 250, 500, 1000}  # microseconds of 5 ms
    assert {length for tool, _, length in measured if tool == "plain"} == {24.0}


def test_a_session_holds_two_pairs_of_equals_and_two_of_the_effect(tmp_path, measured) -> None:
    runs = [run for run in go(tmp_path / "lesson.jsonl").runs if run.task == Task(tool="ours", effect=0.05, seed=1)]
    assert [(run.pair, run.effect, run.burn, run.seconds) for run in runs] == [
        (("A1", "A2"), 0.0, 0, 12.0),
        (("B1", "B2"), 0.0, 0, 12.0),
        (("A1", "B1"), 0.05, 250, 12.0),
        (("A2", "B2"), 0.05, 250, 12.0),
    ]


def test_a_campaign_goes_on_where_it_was(tmp_path, measured) -> None:
    path = tmp_path / "lesson.jsonl"
    first = go(path)
    assert len(measured) == 8
    with path.open("a") as file:
        file.write('{"tool": "ours", "eff')  # a crash in the middle of a line
    assert read(path).sessions == first.sessions
    again = go(path, 2)
    assert len(measured) == 16
    assert len(again.sessions) == len({done.task for done in again.sessions}) == 16
    assert read(path).sessions == again.sessions


def test_a_campaign_ends_when_its_hours_are_over(tmp_path, measured) -> None:
    assert go(tmp_path / "lesson.jsonl", hours=0.0).sessions == []
    assert measured == []


def test_another_machine_does_not_go_on_with_it(tmp_path, measured, monkeypatch) -> None:
    path = tmp_path / "lesson.jsonl"
    go(path)
    monkeypatch.setattr(fingerprint, "fingerprint", lambda: {"cpu": "another"})
    with pytest.raises(CampaignError, match=r"another cpu, .*Move it away"):
        go(path)
    with pytest.raises(CampaignError, match="profile"):
        carry_on(path, profile="smoke", rounds=1, say=lambda _line: None)


def test_another_code_does_not_go_on_with_it(tmp_path, measured, monkeypatch) -> None:
    path = tmp_path / "lesson.jsonl"
    go(path)
    monkeypatch.setattr(campaigns, "code", lambda: "another")
    with pytest.raises(CampaignError, match="another code"):
        go(path)


def test_a_file_whose_head_was_never_written_is_begun_anew(tmp_path, measured) -> None:
    path = tmp_path / "lesson.jsonl"
    path.write_text('{"form')
    assert len(go(path).sessions) == len(read(path).sessions) == 8


def test_nothing_but_void_blocks_ends_it_with_the_reason(tmp_path, measured, monkeypatch) -> None:
    nothing = Comparison(ratios={}, values={})
    empty = session(comparisons=(nothing,) * len(PAIRS), void=["status 503"])
    monkeypatch.setattr(power, "compare", lambda *_args, **_more: empty)
    with pytest.raises(CampaignError, match=r"3 sessions in a row .* status 503"):
        go(tmp_path / "lesson.jsonl")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no campaign"),
        ('{"format": 9}\n', "has format 9"),
        ('{"form', "There is no campaign"),
        ('{"format": 2}\nnonsense\n{}\n', "damaged at line 2"),
        ('{"format": 2}\n{"tool": "ours"}\n', "is no campaign"),
        ('{"format": 1}\n{"tool": "ours", "effect": 0.0}\n', "has format 1"),
        ("[]\n", "damaged at line 1"),
    ],
)
def test_a_file_that_is_no_campaign(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "lesson.jsonl"
    path.write_text(text)
    with pytest.raises(journal.JournalError, match=says):
        read(path)


def test_what_is_published_reads_the_same(tmp_path: Path) -> None:
    made = campaign(1)
    made.publish(tmp_path / "campaign.jsonl")
    found = read(tmp_path / "campaign.jsonl")
    assert found.sessions == made.sessions
    assert found.head == made.head
    assert [path.name for path in tmp_path.iterdir()] == ["campaign.jsonl"]


def test_a_task_is_named_in_words() -> None:
    assert Task(tool="plain", effect=0.05, seed=3).name == "plain Locust, +5 %, seed 3"
    assert Task(tool="ours", effect=0.1, seed=1).name == "+10 %, seed 1"


BURNT = 50_000  # microseconds a request, several times what the page itself costs
CLOSE = 6.0  # ms by which the time of one request may be wrong for what is counted at the ends of a window
SHORTEST, LONGEST = 2, 30  # seconds of a window
ATTEMPTS = 4


def blur(found: Session, seconds: int) -> float:
    """Milliseconds by which `cpu_per_request` can be wrong in windows of so many seconds, in the arm where it is worst.

    The request that is on its way as the window ends has cost processor time and is not counted, the one at its beginning
    the other way round: each is at most the cost of one request, shared among all that were counted. So a window is long
    enough by the requests in it, and not by its seconds.
    """
    costs = [cost for each in found.comparisons for cost in each.values["cpu_per_request"]]
    rates = [rate for each in found.comparisons for rate in each.values["pages_per_second"]]
    return max(cost / (rate * seconds) if rate else math.inf for cost, rate in zip(costs, rates, strict=True))


def sharp(measured: Callable[[int], Session]) -> Session:
    """What is measured in windows that hold requests enough, however few a second this machine answers just now."""
    seconds, seen = SHORTEST, []
    for _attempt in range(ATTEMPTS):
        found = measured(seconds)
        seen.append((seconds, blur(found, seconds)))
        if seen[-1][1] <= CLOSE:
            return found
        seconds = min(LONGEST, math.ceil(seconds * min(8, 1.5 * seen[-1][1] / CLOSE)))
    pytest.fail(f"no window held requests enough; seconds, and milliseconds of blur: {seen}")


@pytest.mark.servers
@pytest.mark.timeout(600)  # windows grow on a busy machine
@pytest.mark.parametrize("tool", ["ours", "plain"])
def test_a_known_effect_is_there_on_real_servers(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is burnt is in the processor time of a request, by this harness and beside plain Locust; rates are not judged here,
    since they are as noisy as whatever else this machine does. One reader, so that one request at most is on its way."""
    alone = dataclasses.replace(control.experiment.workload, users=1)
    monkeypatch.setattr(control, "experiment", dataclasses.replace(control.experiment, workload=alone))

    def by_ours(seconds: int) -> Session:
        short = Profile(name="smoke", blocks=1, warmup=0.2, seconds=seconds, purpose="tests")
        return power.compare(BURNT, short, seed=1, say=lambda _step: None)

    def by_plain(seconds: int) -> Session:
        found = power.compare_plainly(BURNT, seconds=len(power.ARMS) * (seconds + power.STARTING), seed=1)
        assert found.load == len(power.ARMS) * seconds / found.seconds, "four arms, and so many seconds each"
        return found

    found = sharp(by_ours if tool == "ours" else by_plain)
    assert found.load is not None
    assert 0 < found.load < 1
    for pair, each in zip(PAIRS, found.comparisons, strict=True):
        assert each.ratios.keys() == set(power.METRICS if tool == "ours" else power.PLAIN), found.void
        one, other = each.values["cpu_per_request"]
        # ms; a page costs some more where somebody else uses the processor's caches
        assert other - one > 35 if pair in power.EFFECT else abs(other - one) < 25
