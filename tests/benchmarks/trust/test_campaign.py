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
from benchmarks.trust.power import Comparison


def comparison(**changes: Any) -> Comparison:
    made = {"ratios": {"cpu_per_request": [1.0, 1.01]}, "values": {"cpu_per_request": [5.0, 5.0]}, "void": []}
    return Comparison(**{**made, "seconds": 12.0, **changes})


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been measured, in order; no server is started."""
    done: list[tuple[Any, ...]] = []

    def ours(burn: int, profile: str, *, seed: int, say: object) -> Comparison:
        done.append(("ours", burn, seed))
        return comparison()

    def plainly(burn: int, *, seconds: float) -> Comparison:
        done.append(("plain", burn, seconds))
        return comparison(load=None)

    monkeypatch.setattr(power, "calibrate", lambda _say: 0.005)
    monkeypatch.setattr(power, "compare", ours)
    monkeypatch.setattr(power, "compare_plainly", plainly)
    return done


def go(path: Path, rounds: int = 1, **more: Any) -> campaigns.Campaign:
    return carry_on(path, profile="lesson", rounds=rounds, say=lambda _line: None, **more)


def test_every_round_has_two_controls_and_each_effect_by_both_tools() -> None:
    tasks = list(plan(3))
    assert len(set(tasks)) == len(tasks)
    counts = Counter((task.tool, task.effect) for task in tasks)
    assert counts == {(tool, e): 6 if e == 0 else 3 for tool in ("ours", "plain") for e in (0.0, *EFFECTS)}
    assert list(plan(4))[: len(tasks)] == tasks, "more rounds go on with the same ones"


def test_the_burnt_time_is_a_share_of_a_request_and_plain_locust_gets_the_same_length(tmp_path, measured) -> None:
    go(tmp_path / "lesson.jsonl")
    assert {burn for tool, burn, _ in measured if tool == "ours"} == {0, 100, 250, 500, 1000}  # microseconds of 5 ms
    assert {length for tool, _, length in measured if tool == "plain"} == {12.0}


def test_a_campaign_goes_on_where_it_was(tmp_path, measured) -> None:
    path = tmp_path / "lesson.jsonl"
    first = go(path)
    assert len(measured) == 12
    with path.open("a") as file:
        file.write('{"tool": "ours", "eff')  # a crash in the middle of a line
    assert read(path).runs == first.runs
    again = go(path, 2)
    assert len(measured) == 24
    assert len(again.runs) == len({run.task for run in again.runs}) == 24
    assert read(path).runs == again.runs


def test_a_campaign_ends_when_its_hours_are_over(tmp_path, measured) -> None:
    assert go(tmp_path / "lesson.jsonl", hours=0.0).runs == []
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
    assert len(go(path).runs) == len(read(path).runs) == 12


def test_nothing_but_void_blocks_ends_it_with_the_reason(tmp_path, measured, monkeypatch) -> None:
    empty = comparison(ratios={}, values={}, void=["status 503"])
    monkeypatch.setattr(power, "compare", lambda *_args, **_more: empty)
    with pytest.raises(CampaignError, match=r"3 runs in a row .* status 503"):
        go(tmp_path / "lesson.jsonl")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no campaign"),
        ('{"format": 9}\n', "has format 9"),
        ('{"form', "There is no campaign"),
        ('{"format": 1}\nnonsense\n{}\n', "damaged at line 2"),
        ('{"format": 1}\n{"tool": "ours"}\n', "is no campaign"),
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
    assert found.runs == made.runs
    assert found.head == made.head
    assert [path.name for path in tmp_path.iterdir()] == ["campaign.jsonl"]


def test_a_task_is_named_in_words() -> None:
    assert Task(tool="plain", effect=0.05, seed=3).name == "plain Locust, +5 %, seed 3"
    assert Task(tool="ours", effect=0.0, seed=1).name == "A/A, seed 1"


@pytest.mark.servers
def test_a_known_effect_is_there_on_real_servers() -> None:
    """What is burnt is in the processor time of a request, by this harness and beside plain Locust; rates are not judged here,
    since they are as noisy as whatever else this machine does."""
    from benchmarks.plan.profiles import Profile

    short = Profile(name="smoke", blocks=1, warmup=0.2, seconds=0.8, purpose="tests")
    ours = power.compare(50_000, short, seed=1, say=lambda _step: None)
    plainly = power.compare_plainly(50_000, seconds=14)
    assert ours.ratios.keys() == set(power.METRICS), ours.void
    assert plainly.ratios.keys() == set(power.PLAIN)
    for found in (ours, plainly):
        one, other = found.values["cpu_per_request"]
        assert other - one > 35  # ms; a short run counts the time of requests that it does not wait for
