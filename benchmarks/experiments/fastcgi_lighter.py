"""The memory of workers: children of Apache with Django in them, and processes with Django alone.

Memory is PSS of all processes of a deployment, the front-end among them: pages that forked processes share are counted once,
which is what a machine has to have. RSS would count them for each. The factor is the number of workers, so that the slope is
the price of one more. Each arm is asked by as many readers as the most workers, without pauses, until all have loaded the
site and have collected their garbage once; the page opens the database.

The collecting matters. A worker that was forked shares with its parent what neither has written to, and Python's collector
writes to every object. It first looks through all of them after some 250 pages: eight flup workers took 200 MB before that
and 266 MB after it, on the machine of the reference record. A window of seconds would see the smaller number.
"""

from __future__ import annotations

from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.workload import Closed

MOST = 8
FRONT: dict[str, object] = {"connections": MOST, "mpm": "prefork", "keepalive": 0}

experiment = Experiment(
    claim="fastcgi-lighter",
    arms={
        "FastCGI, prefork": Arm("fastcgi-apache", FRONT | {"method": "prefork"}, server="Apache"),
        "mod_python": Arm("modpython-apache", {"keepalive": 0}, server="Apache"),
        "mod_wsgi, embedded": Arm(
            "modwsgi-apache", {"mode": "embedded", "mpm": "prefork", "keepalive": 0}, server="Apache"
        ),
        "mod_wsgi, daemons": Arm("modwsgi-apache", FRONT | {"mode": "daemon", "threads": 1}, server="Apache"),
        "FastCGI, threaded": Arm("fastcgi-apache", FRONT | {"method": "threaded"}, server="Apache"),
        "gunicorn": Arm("gunicorn", {"keepalive": 0}, server="gunicorn"),
        "gunicorn, preloaded": Arm("gunicorn", {"keepalive": 0, "preload": True}, server="gunicorn"),
    },
    favoured="FastCGI, prefork",
    against="mod_python",
    workload=Closed(
        users=MOST,
        page="/articles/1/",
        user="benchmarks.users.ageing:Ageing",
        settings={"collect": "/collect/"},
    ),
    factor=Factor(
        name="workers",
        label="number of workers",
        unit="",
        values=(1, 4, MOST),
        main=MOST,
        options=lambda workers: {"workers": workers},
    ),
    metric="pss",
    matters=0.10,
    expected="favoured",
    regime="1 to 8 workers that have loaded the site and collected their garbage, the front-end's processes counted in",
    elsewhere=Elsewhere(
        regime="1 to 8 workers that have loaded the site, none told to collect its garbage, the front-end's processes counted "
        "in; 8 readers without pauses, {page}"
    ),
    windows={
        "smoke": Window(warmup=1.6, seconds=0.3, points=(1, 4)),
        "lesson": Window(warmup=5.0, seconds=0.6, blocks=3),
        "reference": Window(warmup=4.0, seconds=0.6, blocks=10),
    },
    pinned=False,
    unpinned="memory does not depend on whose processor it is, and eight workers load the site in half the time on two",
)
