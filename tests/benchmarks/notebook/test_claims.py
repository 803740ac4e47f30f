from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from patience import children
from synthetic import behaviour, effect

from benchmarks import claim, experiments
from benchmarks.notebook import predictions
from benchmarks.notebook.outcome import Run
from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.ledger import UnknownClaimError
from benchmarks.run import runs
from benchmarks.store import records
from benchmarks.store.records import Record
from labs.errors import LabError, Missing
from labs.exercises.marks import PREDICTION

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    arms = SimpleNamespace(arms={"on": None, "off": None})
    looked_at = Behaviour(claim="fastcgi-options", checks=lambda deploy: [])  # noqa: ARG005 - the form of a check
    known = {"tune-keepalive": arms, "fastcgi-options": looked_at}
    monkeypatch.setattr(experiments, "get", known.__getitem__)


def measured(monkeypatch: pytest.MonkeyPatch, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Stand in for minutes of load: `runs.measure` gives `data`, and keeps what it was asked."""
    asked: list[dict[str, Any]] = []

    def measure(_experiment: object, *, folder: Path, say: Callable[[runs.Step], None], **how: Any) -> Record:
        asked.append(how)
        say(runs.Step(share=0.5, text="block 5/10", left=3.0))
        return Record(data=data, path=records.write(data, folder))

    monkeypatch.setattr(runs, "measure", measure)
    return asked


def test_a_claim_shows_its_statement() -> None:
    assert repr(claim("tune-keepalive")) == claim("tune-keepalive").statement
    with pytest.raises(UnknownClaimError, match="tune-keepalive"):
        claim("keepalive")


def test_a_prediction_is_kept_and_shown() -> None:
    made = claim("tune-keepalive").predict(winner="Off", times=10)
    assert repr(made) == "You expect off to be better, about 10 times."
    assert predictions.find("tune-keepalive") == made
    assert made._repr_mimebundle_()[PREDICTION] == {"claim": "tune-keepalive", "winner": "off", "times": 10}
    claim("tune-keepalive").predict(winner="neither")
    assert repr(predictions.find("tune-keepalive")) == "You expect no difference that matters."


@pytest.mark.parametrize(
    ("winner", "times", "message"),
    [("of", 2, "Did you mean 'off'"), ("off", 0.5, "1 or more"), ("nobody", None, "'on', 'off' or 'neither'")],
)
def test_a_prediction_that_says_nothing(winner: str, times: float | None, message: str) -> None:
    with pytest.raises(LabError, match=message):
        claim("tune-keepalive").predict(winner=winner, times=times)


def test_nothing_to_predict_about_a_behaviour() -> None:
    with pytest.raises(LabError, match="true or false"):
        claim("fastcgi-options").predict(winner="on")


def test_a_run_ends_as_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measured(monkeypatch, effect())
    keepalive = claim("tune-keepalive")
    keepalive.predict(winner="off", times=10)
    run = keepalive.run()
    assert capsys.readouterr().out.count("\n") == 1
    summary = repr(run.summary())
    assert summary.startswith("holds: 4.0 times (95 % interval 3.9 to 4.2), 10 blocks")
    assert "regime: 40 readers" in summary
    assert "You said off, about 10 times. It was 4.0 times: right, the size was off by a factor of 2.5." in summary
    assert "<svg" in run.figure()._repr_mimebundle_()[0]["image/svg+xml"]  # type: ignore[union-attr]
    assert "this machine: .figure()" in repr(run)


def test_a_run_of_which_nothing_counts_says_so_beside_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = effect()
    for block in spoilt["blocks"]:
        block["void"] = "something else used the servers' processor"
    measured(monkeypatch, spoilt)
    run = claim("tune-keepalive").run()
    why = (
        "This run gave no number that counts: no block counts: something else used the servers' processor. Run it again"
    )
    assert repr(run.figure()).startswith(why)
    assert repr(run.table()).startswith(why)
    assert "What it saw: off is better, 4.0 times (disturbed, does not count)." in repr(run.table())
    records.write(effect(), records.REFERENCE)
    assert run.figure().caption.startswith(why)  # type: ignore[union-attr]
    assert "In the reference run" in run.figure().caption  # type: ignore[union-attr]


def test_the_profile_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = measured(monkeypatch, effect())
    monkeypatch.delenv("BOOK_PROFILE", raising=False)
    claim("tune-keepalive").run()
    monkeypatch.setenv("BOOK_PROFILE", "smoke")
    claim("tune-keepalive").run()
    claim("tune-keepalive").run("reference", seed=7)
    assert [each["profile"] for each in asked] == ["lesson", "smoke", "reference"]
    assert asked[-1]["seed"] == 7


def missing(*_: object, **__: object) -> Record:
    raise Missing("lighttpd", "make servers")


def test_a_missing_server_shows_the_reference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runs, "measure", missing)
    records.write(effect(), records.REFERENCE)
    run = claim("tune-keepalive").run()
    assert not run.here
    assert "It comes with: make servers. The reference run is shown in its place." in capsys.readouterr().out
    assert run.figure().caption.startswith("In the reference run")  # type: ignore[union-attr]
    assert "This is the reference run." in repr(run.summary())


def test_a_missing_server_without_reference_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "measure", missing)
    with pytest.raises(Missing, match="make servers"):
        claim("tune-keepalive").run()


def test_the_verdict_comes_from_the_reference() -> None:
    keepalive = claim("tune-keepalive")
    assert repr(keepalive.verdict()) == "not yet: nothing is recorded"
    records.write(effect(sweep={0: 0.5, 10: 2.0}), records.REFERENCE)
    assert repr(keepalive.verdict()) == "holds when the time a page waits is above about 5 ms"


def test_a_behaviour_is_judged_by_what_was_just_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    records.write(behaviour(holds=True), records.REFERENCE)
    options = claim("fastcgi-options")
    assert repr(options.verdict()) == "holds"
    measured(monkeypatch, behaviour(holds=False))
    run = options.run()
    assert repr(options.verdict()) == "no longer holds: a wrong option"
    assert "a wrong option          an error  nothing  no" in repr(run.table())
    assert repr(run.figure()) == repr(run.table())


@pytest.mark.parametrize(
    ("ratio", "noise", "winner", "times", "text"),
    [
        (4.0, 0.02, "off", 4, "right, and close."),
        (4.0, 0.02, "off", None, "You said off: right, 4.0 times."),
        (0.25, 0.02, "off", 4, "It was on, 4.0 times."),
        (1.0, 0.01, "neither", None, "There was no difference that matters: right."),
        (1.0, 0.01, "off", 2, "There was no difference that matters."),
        (1.0, 0.9, "off", 2, "could not decide."),
    ],
)
def test_a_prediction_beside_its_result(
    ratio: float, noise: float, winner: str, times: float | None, text: str
) -> None:
    claim("tune-keepalive").predict(winner=winner, times=times)
    run = Run(record=Record(data=effect(ratio=ratio, noise=noise)), here=True)
    assert text in repr(run.summary())


def test_importing_is_light() -> None:
    """No Locust, ever; nothing heavy before it is used; in under 0.15 s on an idle machine (best of five)."""
    script = (
        "import sys, benchmarks; "
        "print([m for m in ('locust', 'gevent', 'scipy', 'numpy', 'matplotlib', 'hdrh', 'IPython') if m in sys.modules])"
    )
    best = 9.0
    for _ in range(5):
        begun = children()
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        best = min(best, children() - begun)
        assert done.stdout.strip() == "[]"
    assert best < 0.3  # the interpreter's own start is in it
    assert os.path.isdir(ROOT)  # noqa: PTH112 - the checkout was not touched
