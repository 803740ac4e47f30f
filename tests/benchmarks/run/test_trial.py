from __future__ import annotations

import pytest
import synthetic

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.event import Event
from benchmarks.plan.experiment import Arm, DesignError, Experiment, Factor, Window
from benchmarks.plan.watch import Watch
from benchmarks.plan.workload import Closed, Open, from_json
from benchmarks.run.limiter import limiter, over_points
from benchmarks.run.trial import place, usable_cpus
from benchmarks.trials.trial import Trial


def trial(**changes) -> Trial:
    good = {
        "seconds": 4.0,
        "meter_seconds": 4.01,
        "requests": 4000,
        "users": 4,
        "users_alive": 4,
        "cpu_seconds": 3.0,
        "generator_cpu_seconds": 1.0,
        "in_flight_mean": 3.5,
        "held_seconds": 14.0,
    }
    return synthetic.trial(**(good | changes))


def plan(**changes) -> Experiment:
    given = {
        "claim": "tune-keepalive",
        "arms": {"on": Arm("fastcgi-apache"), "off": Arm("fastcgi-apache", {"keepalive": 0})},
        "favoured": "off",
        "against": "on",
        "workload": Closed(users=4),
        "metric": "pages_per_second",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "4 users",
    }
    return Experiment(**(given | changes))


def test_server_and_generator_get_a_processor_each():
    placed = place(True)
    if len(usable_cpus()) > 1 and placed.servers is not None:
        assert placed.generator is not None
        assert not placed.servers & placed.generator
        assert placed.server_cpus == 1
    assert place(False).server_cpus == len(usable_cpus())


@pytest.mark.parametrize(
    ("changes", "options", "pause", "says"),
    [
        ({"generator_cpu_seconds": 3.2}, {}, None, "generator: it used 80%"),
        ({"cpu_seconds": 3.9}, {}, None, "processor: servers used 98%"),
        (
            {"cpu_seconds": 0.1, "unanswered": 30, "users": 40},
            {"workers": 10},
            (1, 10),
            "workers: 30 of 40 users were never served",
        ),
        (
            {"cpu_seconds": 0.1, "in_flight_mean": 4.0},
            {"workers": 2, "threads": 2},
            None,
            "workers: 4 requests in flight for 4 workers",
        ),
        (
            {"cpu_seconds": 0.1, "in_flight_mean": 8.0},
            {"workers": 1, "connections": 8},
            None,
            "workers: 8 requests in flight for 1 worker, ",
        ),
        (
            {"cpu_seconds": 0.1, "in_flight_mean": 8.0},
            {"workers": 5, "threads": 4, "connections": 8},
            None,
            "workers: 8 requests in flight for 8 workers, ",
        ),
        ({"cpu_seconds": 0.1, "in_flight_mean": 0.1}, {"workers": 4}, (1, 10), "users: they pause"),
        ({"cpu_seconds": 1.0}, {}, None, "waiting: 3.5 requests in flight"),
    ],
)
def test_the_limiter_is_named(changes, options, pause, says):
    workload = Closed(users=4, pause=pause).to_json()
    assert limiter([trial(**changes)], options, workload).startswith(says)


def test_the_limiters_of_a_sweep_are_told_by_stretches():
    found = [(5, "users: they pause"), (10, "users: they rest"), (40, "workers: 22 of 40 users were never served")]
    told = "users at 5 to 10: they rest, then workers at 40: 22 of 40 users were never served"
    assert over_points(found, "") == told
    assert over_points(found[:2], "") == "users: they rest"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"favoured": "of"}, "tune-keepalive: favoured: 'of' is none of the arms: on, off"),
        ({"against": "off"}, "'off' is also the favoured arm"),
        ({"metric": "pages_per_secnd"}, "did you mean pages_per_second"),
        ({"matters": 10}, "write 0.1 for ten per cent"),
        ({"workload": Open(rate=5), "metric": "cpu_per_request"}, "judge a latency"),
        ({"workload": Closed(users=1, user="writer"), "elsewhere": Elsewhere(regime="{page}")}, "users who post write"),
        (
            {
                "arms": {
                    "on": Arm("fastcgi-apache"),
                    "off": Arm("fastcgi-apache", events=(Event("kill", "flup", at=3),)),
                },
                "windows": {"smoke": Window(warmup=0.1, seconds=2.0)},
            },
            "smoke: off: kill comes after its window of 2 s is over",
        ),
        ({"watch": (Watch("pss", "nginx"), Watch("pss", "nginx"))}, "pss of nginx, pss of nginx stands there twice"),
        ({"pinned": False}, "needs a reason in `unpinned`"),
        ({"factor": Factor(name="wait", label="", unit="ms", values=(1, 5), main=1)}, "wait changes nothing"),
        (
            {"factor": Factor(name="wait", label="", unit="ms", values=(5, 1), main=1, options=lambda _: {})},
            "must rise",
        ),
        (
            {
                "factor": Factor(
                    name="wait", label="", unit="ms", values=(1, 5), main=1, workload=lambda _: {"pge": "/"}
                )
            },
            "a closed workload has no pge",
        ),
    ],
)
def test_a_design_that_cannot_run_is_refused_with_the_reason(changes, says):
    with pytest.raises(DesignError) as refused:
        plan(**changes)
    assert says in str(refused.value)


def test_an_arm_promises_what_its_options_say_of_keep_alive():
    assert Arm("gunicorn").keeps_alive({}) is None
    assert Arm("gunicorn").keeps_alive({"keepalive": 0}) is False
    assert Arm("gunicorn").keeps_alive({"keepalive": 5}) is True
    assert Arm("gunicorn", keepalive=False).keeps_alive({"keepalive": 5}) is False


@pytest.mark.parametrize(
    "workload",
    [
        Closed(users=3),
        Closed(users=40, page="/sections/science/", pause=(1, 10), timeout=15),
        Closed(users=2, pages=("/a/", "/b/")),
        Closed(users=2, user="zipf", page="/articles/{}/", settings={"articles": 500, "exponent": 1.2}),
    ],
)
def test_a_workload_survives_the_record(workload):
    assert from_json(workload.to_json()) == workload


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"users": 0}, "at least one user"),
        ({"users": 1, "pause": (3, 1)}, "shortest and the longest"),
        ({"users": 1, "page": "http://127.0.0.1/"}, "starts with /"),
        ({"users": 1, "user": "raeder"}, "one of reader, browser"),
        ({"users": 1, "pages": ("/",), "user": "zipf"}, "has one page"),
    ],
)
def test_a_workload_that_cannot_be_is_refused(fields, says):
    with pytest.raises(ValueError, match=says):
        Closed(**fields)


def test_a_workload_of_another_kind_is_named():
    with pytest.raises(ValueError, match="kind 'ajar'"):
        from_json({"kind": "ajar"})
