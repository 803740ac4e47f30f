from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from made_campaign import campaign

from benchmarks.host import fingerprint
from benchmarks.store import journal
from benchmarks.trust import campaign as campaigns
from benchmarks.trust import power
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


@pytest.mark.servers
def test_a_known_effect_is_there_on_real_servers() -> None:
    """What is burnt is in the processor time of a request, by this harness and beside plain Locust; rates are not judged here,
    since they are as noisy as whatever else this machine does."""
    from benchmarks.plan.profiles import Profile

    short = Profile(name="smoke", blocks=1, warmup=0.2, seconds=0.8, purpose="tests")
    ours = power.compare(50_000, short, seed=1, say=lambda _step: None)
    plainly = power.compare_plainly(50_000, seconds=24, seed=1)
    for found, names in ((ours, power.METRICS), (plainly, power.PLAIN)):
        for pair, each in zip(PAIRS, found.comparisons, strict=True):
            assert each.ratios.keys() == set(names), found.void
            one, other = each.values["cpu_per_request"]
            # ms; a short run counts the time of requests that it does not wait for
            assert other - one > 35 if pair in power.EFFECT else abs(other - one) < 25
    assert plainly.load == 4 * 3 / plainly.seconds, "four arms, three seconds each"
    assert 0 < ours.load < 1
