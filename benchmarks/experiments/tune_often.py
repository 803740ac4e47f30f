"""Use the cache often: the per-site cache in memcached against none, as more and more of the requests meet a page
that is there already."""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.workload import Closed

experiment = Experiment(
    claim="tune-often",
    arms={
        "no cache": Arm("fastcgi-nginx", cached=False),
        "memcached": Arm("fastcgi-nginx", {"cache": "memcached", "cache_pages": 600}, cached=True),
    },
    favoured="memcached",
    against="no cache",
    workload=Closed(users=4, page="/articles/1/", user="benchmarks.users.repeat:Repeat"),
    factor=Factor(
        name="known",
        label="share of requests whose page is cached",
        unit="%",
        values=(0, 10, 20, 30, 60, 100),
        main=60,
        workload=lambda share: {"settings": {"known": share}},
    ),
    metric="cpu_per_request",
    matters=0.10,
    expected="favoured",
    regime="4 readers without pauses, an article by nginx and flup, whole pages cached for 10 minutes",
    elsewhere="it needs the newsroom's articles and its cache",
    windows={
        "smoke": Window(warmup=0.3, seconds=0.6, points=(0, 100)),
        "lesson": Window(warmup=0.5, seconds=1.2),
        "reference": Window(warmup=1.0, seconds=2.0),
    },
)
