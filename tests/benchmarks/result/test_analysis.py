from __future__ import annotations

import pytest
from synthetic import behaviour, effect

from benchmarks.judge.statistics import UndefinedError
from benchmarks.result.analysis import analyse
from benchmarks.result.point import block_ratio
from benchmarks.result.summary import counted
from benchmarks.store.records import Record, RecordError, blocks_of


def test_an_effect() -> None:
    found = analyse(Record(data=effect(ratio=4.0)))
    assert found.name == "holds"
    assert found.interval.estimate == pytest.approx(4.0, rel=0.05)
    assert found.sentence == "holds: off is better, by about 4 times"
    assert not found.provisional
    assert found.ratio_label == "on ÷ off"
    arms = found.main.arms
    assert arms["on"].interval.estimate / arms["off"].interval.estimate == pytest.approx(found.interval.estimate)
    assert found.limiter == "on: workers held by idle connections; off: CPU of the server"


@pytest.mark.parametrize(
    ("ratio", "noise", "sentence"),
    [
        (0.25, 0.05, "no longer holds: on is better, by about 4 times"),
        (1.0, 0.01, "no longer holds: no difference that matters"),
        (1.3, 0.01, "holds: off is better, by about 30 %"),
        (1.0, 0.5, "undecided"),
    ],
)
def test_sentences(ratio: float, noise: float, sentence: str) -> None:
    assert analyse(Record(data=effect(ratio=ratio, noise=noise))).sentence == sentence


def test_none_against_some_is_told_as_a_count() -> None:
    """The ratio 0.5 to 20.5 is the correction's, not what was seen."""
    data = effect(metric="lost")
    for block in data["blocks"]:
        for trial in block["trials"]:
            trial |= {"act_seconds": 0.5, "failures": {"status 502": 20} if trial["arm"] == "off" else {}}
    assert analyse(Record(data=data)).sentence == "no longer holds: on is better, with none against about 20 requests"
    data["experiment"]["metric"] = "failed"
    assert analyse(Record(data=data)).sentence == "no longer holds: on is better, with none against about 2 %"
    assert counted(Record(data=data)) == "off 2 %, on 0 %"
    assert counted(Record(data=effect())) is None


def test_a_claim_of_no_difference() -> None:
    assert analyse(Record(data=effect("fastcgi-socket", ratio=1.0, noise=0.01))).name == "holds"
    assert analyse(Record(data=effect("fastcgi-socket", ratio=2.0, noise=0.01))).name == "no longer holds"


def test_a_sweep_with_a_boundary() -> None:
    found = analyse(Record(data=effect(sweep={0: 0.5, 5: 0.7, 10: 1.4, 20: 3.0})))
    assert found.name == "holds when"
    assert found.crossing is not None
    assert found.crossing.interval is not None
    assert found.crossing.interval.estimate == pytest.approx(7.5, abs=0.5)
    assert found.sentence.startswith("holds when the time a page waits is above about ")
    assert found.main.value == 20


def test_a_sweep_that_falls() -> None:
    found = analyse(Record(data=effect(sweep={0: 3.0, 10: 0.4})))
    assert found.condition is not None
    assert "is below about" in found.condition


def test_a_sweep_without_one_crossing_gives_the_two_points() -> None:
    """At 1 there is no difference that matters: the ratio need not cross the line there, yet the verdicts differ."""
    found = analyse(Record(data=effect(sweep={1: 1.0, 2: 1.0, 10: 3.0}, noise=0.01)))
    assert found.condition == "the time a page waits is above a boundary between 2 and 10 ms"


def test_a_sweep_over_names() -> None:
    factor = {"name": "method", "label": "method", "unit": ""}
    found = analyse(Record(data=effect(sweep={"threaded": 2.0, "prefork": 0.5}, factor=factor)))
    assert found.sentence == "holds when the method is threaded"
    assert found.crossing is None


def test_void_blocks_do_not_count() -> None:
    data = effect(blocks=11)
    data["blocks"][0]["void"] = "a neighbour took the processor"
    assert analyse(Record(data=data)).interval.n == 10


def test_all_void() -> None:
    data = effect(blocks=2)
    for block in data["blocks"]:
        block["void"] = "refused"
    with pytest.raises(UndefinedError, match="no block counts: refused"):
        analyse(Record(data=data))


def test_an_arm_that_served_nothing_names_the_block() -> None:
    data = effect()
    data["blocks"][4]["trials"][1]["requests"] = 0
    with pytest.raises(UndefinedError, match="block 5: arm 'on' has no requests"):
        analyse(Record(data=data))


def test_a_behaviour_has_no_ratio() -> None:
    with pytest.raises(RecordError, match="is a behaviour"):
        analyse(Record(data=behaviour()))


def test_the_ratio_of_one_block_while_a_run_goes_on() -> None:
    data = effect(noise=0.0, ratio=3.0)
    assert block_ratio(data["experiment"], blocks_of(data)[0].trials) == pytest.approx(3.0)


def test_a_control_is_analysed_without_a_row() -> None:
    assert analyse(Record(data=effect("control", ratio=1.0, noise=0.01))).row is None


def test_a_rate_never_stands_alone() -> None:
    """Wherever a rate is told, the CPU time a request of every arm stands beside it: figure, report, terminal and card read it."""
    from benchmarks.show.figures import draw
    from benchmarks.show.report import report

    data = effect(metric="pages_per_second", blocks=3)
    data["experiment"]["better"] = "higher"
    rate = Record(data=data)
    told = analyse(rate).beside
    assert told is not None
    assert told.startswith("CPU time a request: off ")
    assert ", on " in told
    assert told[1:] in draw(rate).caption
    assert told in report(rate)
    assert analyse(Record(data=effect(blocks=3))).beside is None


def test_a_run_that_something_limited_decides_nothing() -> None:
    limited = {**effect(ratio=4.0), "limits": ["on: limited by the generator: it used 80% of its processor"]}
    found = analyse(Record(data=limited))
    assert (found.name, found.sentence) == ("undecided", "undecided")
    assert found.reason == "on: limited by the generator: it used 80% of its processor"
    assert found.interval.estimate == pytest.approx(4.0, rel=0.05), "the numbers are shown all the same"


def test_a_run_that_is_not_over_decides_nothing() -> None:
    assert analyse(Record(data={**effect(), "stopped": "not over"})).reason == "the run is not over"
    assert analyse(Record(data={**effect(), "stopped": "settled"})).name == "holds"


def test_none_on_either_side_needs_many_requests() -> None:
    """Nothing of twenty is not the same as nothing of thousands."""
    data = effect(metric="failed")
    assert analyse(Record(data=data)).sentence == "no longer holds: no difference that matters"
    for block in data["blocks"]:
        for trial in block["trials"]:
            trial["requests"] = 2
    with pytest.raises(UndefinedError, match=r"nothing was counted on either side, and off was asked only 20 times"):
        analyse(Record(data=data))


def test_a_sweep_holds_when_both_sides_say_so_clearly() -> None:
    """One of three points that is just beyond 95 % is what chance gives often enough."""
    faint = effect(sweep={0: 0.5, 5: 1.0, 10: 1.22}, noise=0.19)
    found = analyse(Record(data=faint))
    assert [point.judgement.name for point in found.points] == ["no longer holds", "undecided", "holds"]
    assert found.name == "undecided"
    assert found.reason.startswith("at 5 ms the interval is too wide")
    assert analyse(Record(data=effect(sweep={0: 0.5, 10: 2.0}))).name == "holds when"
