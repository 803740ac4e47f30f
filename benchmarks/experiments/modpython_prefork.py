"""mod_python under each of Apache's process models: which requests fail, on a page without a database and on one with it.

The threaded models are expected to fail, and the cause is known. mod_python keeps a store of thread states for each
interpreter and gives any of them to the thread that a request comes on. Python keeps a thread's own data in that state, so
a request finds what another thread left there: a connection to the database, which Django refuses to use from a thread that
has not opened it, whatever the database is. `/thread/` of `labs.newsroom.variants.site("talk")` shows it without one.

Two arms show that neither threads nor the model are at fault by themselves: worker with one thread in each of four
processes, and event with mod_wsgi, whose threads keep their states.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.pages import PAGES
from benchmarks.plan.workload import Closed, Expectation

SHAPE = {"workers": 4, "keepalive": 0}

experiment = Experiment(
    claim="modpython-prefork",
    arms={
        "prefork": Arm("modpython-apache", SHAPE | {"mpm": "prefork"}, server="Apache"),
        "worker": Arm("modpython-apache", SHAPE | {"mpm": "worker"}, server="Apache"),
        "event": Arm("modpython-apache", SHAPE | {"mpm": "event"}, server="Apache"),
        "worker, one thread": Arm("modpython-apache", SHAPE | {"mpm": "worker", "threads": 1}, server="Apache"),
        "event, mod_wsgi": Arm("modwsgi-apache", SHAPE | {"mpm": "event", "mode": "embedded"}, server="Apache"),
    },
    favoured="prefork",
    against="worker",
    workload=Closed(users=4, page=PAGES["article"]),
    factor=Factor(
        name="page",
        label="page",
        unit="",
        values=("hello", "article"),
        main="article",
        workload=lambda page: {"page": PAGES[page]},
    ),
    expectation=Expectation(failures=("status 500", "closed", "reset", "not HTTP")),
    metric="failed",
    matters=0.10,
    expected="favoured",
    regime="4 readers without pauses; 4 processes, or 4 threads of one; a page without a database, and one with it",
    elsewhere="it compares pages of the newsroom with each other",
    alerts=True,  # each failure is in the log
    windows={
        "smoke": Window(warmup=0.9, seconds=0.8, later=0.2),
        "lesson": Window(warmup=2.0, seconds=1.5, blocks=4),
        "reference": Window(warmup=2.5, seconds=3.0, blocks=10),
    },
)
