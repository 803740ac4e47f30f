"""Each machine of a deployment is metered for itself, on whichever rung this host gives; and what a cache counts is seen."""

from __future__ import annotations

import time

import pytest

from benchmarks.plan.watch import Watch
from benchmarks.run.meter import Meter
from benchmarks.run.sampler import Sampler
from benchmarks.trials import roles
from benchmarks.trials.roles import Used
from labs import deploy
from labs.servers.machine import Machine


@pytest.mark.servers
@pytest.mark.parametrize("rung", [1, None])
def test_each_machine_is_metered(rung: int | None) -> None:
    """The front-end on this one, the site and its cache on another. What they ask each other is no part of either's network."""
    machines = {"gunicorn": Machine(name="web"), "memcached": Machine(name="web")}
    with deploy("gunicorn-nginx", cache="memcached", cache_pages=60, machines=machines, workers=1, rung=rung) as site:
        meter = Meter.of(site)
        watches = [Watch(what, of=of) for what, of in (("hits", "memcached"), ("connections", "memcached"))]
        with Sampler(watches, site, window=5.0, every=0.02) as sampler:
            sampler.begin(time.monotonic())
            meter.begin()
            for _ in range(20):
                site.get("/articles/1/")
            time.sleep(0.2)
            sampler.end()
            meter.end()
    assert meter.servers is not None
    assert meter.machines is not None
    assert set(meter.machines) == {"web", "this one"}
    web = [meter.servers[label] for label in ("gunicorn", "memcached")]
    assert meter.machines["web"] == roles.together(web)
    assert meter.machines["this one"] == meter.servers["nginx"]
    assert sum(used.cpu_seconds for used in meter.machines.values()) == pytest.approx(meter.cpu_seconds, abs=0.05)
    assert meter.machines["web"].pss_bytes > 10_000_000
    assert meter.carriers is not None
    assert sampler.samples is not None
    hits = [each for each in sampler.samples.values["hits of memcached"] if each is not None]
    assert hits[-1] - hits[0] >= 15, "the first page was made, the others came from the cache"
    assert max(each or 0 for each in sampler.samples.values["connections of memcached"]) >= 1


def test_trials_of_one_arm_are_pooled_by_server() -> None:
    one, two = Used(cpu_seconds=1.0, pss_bytes=10), Used(cpu_seconds=2.0, pss_bytes=30)
    assert roles.pooled([{"a": one}, {"a": two}]) == {"a": Used(cpu_seconds=3.0, pss_bytes=30)}
    assert roles.pooled([{"a": one}, None]) is None, "a record from before each was metered"
    assert roles.pooled([{"a": one}, {"b": one}]) is None
