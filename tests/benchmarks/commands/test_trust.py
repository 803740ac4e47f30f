"""The commands that measure the measuring: what they refuse, and what they show. Real runs are in the tests of their modules."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_campaign import campaign

from benchmarks.commands.cli import main
from benchmarks.store import journal
from benchmarks.trust import campaign as campaigns
from benchmarks.trust import reproduction, simulated


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["campaign", "--profile", "lessson"], "--profile lessson: one of smoke, lesson, reference"),
        (["campaign", "--rounds", "-1"], "greater than or equal to 0"),
        (["campaign", "--hours", "-0.5"], "greater than or equal to 0"),
        (["reproduce", "tune-keepaliv"], "tune-keepalive"),
        (["reproduce", "--times", "0"], "greater than or equal to 1"),
        (["reproduce", "scale-media", "--profile", "long"], "--profile long"),
    ],
)
def test_wrong_use_is_a_line_and_status_two(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_the_simulation_needs_no_server(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated.errors_table, "__kwdefaults__", {"matters": 0.05, "runs": 200})
    monkeypatch.setattr(simulated.coverage_table, "__kwdefaults__", {"spread": 0.05, "blocks": 10, "runs": 200})
    assert main(["campaign", "--simulate"]) == 0
    said = capsys.readouterr().out
    assert "an effect seen where none is" in said
    assert "signed ranks" in said


def test_a_finished_campaign_is_shown_and_published_without_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = campaign(1)
    monkeypatch.setattr(journal, "OWN", tmp_path)
    monkeypatch.setattr(campaigns, "_check", lambda *_: None)  # the made one is of no machine
    monkeypatch.setattr(campaigns.Campaign.publish, "__defaults__", (tmp_path / "shown.jsonl",))
    made.publish(tmp_path / "lesson.jsonl")
    assert main(["campaign", "--profile", "lesson", "--rounds", "1", "--record-as-reference"]) == 0
    assert "effects of a known size" in capsys.readouterr().out.lower()
    assert campaigns.read(tmp_path / "shown.jsonl").sessions == made.sessions


def test_the_campaign_of_the_book_is_whole() -> None:
    """Whatever is recorded can be read; where nothing is, the page says so."""
    if campaigns.REFERENCE.exists():
        assert campaigns.read(campaigns.REFERENCE).runs
    reproduction.published()
