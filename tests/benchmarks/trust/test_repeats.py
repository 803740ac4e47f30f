from __future__ import annotations

from dataclasses import replace

from made_campaign import campaign

from benchmarks.trust.power import PLAIN
from benchmarks.trust.repeats import Repeats, repeats, table


def said(*answers: tuple[int, str]) -> Repeats:
    return Repeats(tool="ours", metric="cpu_per_request", effect=0.0, answers=answers)


def test_undecided_agrees_with_nothing_and_contradicts_nothing() -> None:
    found = said((1, "worse"), (2, "undecided"), (3, "undecided"), (4, "worse"), (5, "no difference"))
    assert len(found.pairs) == 10
    assert (found.agreeing, found.contradicting) == (1, 2)
    assert found.said == {"worse": 2, "no difference": 1, "undecided": 2}


def test_runs_of_one_session_are_no_pair() -> None:
    found = said((1, "worse"), (1, "worse"), (2, "worse"), (2, "better"))
    assert len(found.pairs) == 4
    assert (found.agreeing, found.contradicting) == (2, 2)


def test_paired_blocks_never_contradict_each_other_and_single_runs_do() -> None:
    found = [each for each in repeats(campaign(10, noise=0.03)) if each.metric == "cpu_per_request"]
    assert {each.effect for each in found} == {0.0, 0.02, 0.05, 0.1, 0.2}
    known = [each for each in found if each.effect in (0.0, 0.2)]
    ours, plain = ([each for each in known if each.tool == tool] for tool in ("ours", "plain"))
    assert sum(each.contradicting for each in ours) == 0
    assert all(each.agreeing > 0.9 * len(each.pairs) for each in ours)
    assert sum(each.contradicting for each in plain) > 0


def test_a_run_without_a_counted_block_is_undecided() -> None:
    made = campaign(1)
    first = made.sessions[0]
    nothing = tuple(replace(each, ratios={}, values={}) for each in first.session.comparisons)
    empty = replace(made, sessions=[replace(first, session=replace(first.session, comparisons=nothing))])
    assert {answer for each in repeats(empty) for _, answer in each.answers} == {"undecided"}


def test_the_table_has_a_row_an_effect_and_one_for_all() -> None:
    found = table(repeats(campaign(5)))
    assert len(found.rows) == len(PLAIN) * 5 + 1
    assert found.rows[-1][0] == "all"
    assert found.rows[0][:2] == ["CPU time a request", "none"]
    assert "not known" in table(repeats(replace(campaign(1), sessions=[]))).rows[-1]
