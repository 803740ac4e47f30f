"""Pages that stall half-way: some 10,000 bodies from 0 bytes to 5 MB, each compared byte by byte.

The chapter says that only old versions of flup let pages stall. Those versions need a Python that no Django of today
runs on, so the old arm cannot be had. What can be asked is whether the flup of today lets more pages stall than a server
that nobody ever said it of. Hence the two arms that are judged: flup as it comes, by the command's default method,
against gunicorn, both behind nginx with the same ten workers, and the claim holds where there is no difference. flup by
threads, and flup with the mends that runfcgi puts around it, stand beside them.

A page fails that says nothing for two seconds (each takes some tens of milliseconds), ends before its length, holds other
bytes, or is not what the site says it received. A page that is refused, with a 502, is not what the claim speaks of, but
a reader has no page either: it counts as failed, and the record tells it by its reason. There are half as many visitors
as workers, so that refusals are rare: flup's threads as they come refuse a connection that finds none of them idle, and
a thread is not idle at once when its visitor has the page. Any other failure makes the block void.

One visitor in twenty leaves in the middle of a page of 5 MB, because real ones do: nginx then breaks its connection to
flup, which is the hardest thing that happens to a FastCGI server every day. They are not counted themselves.
"""

from __future__ import annotations

from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation

POOL = {"workers": 10}

experiment = Experiment(
    claim="fastcgi-stall",
    arms={
        "flup, prefork": Arm("fastcgi-nginx", {"method": "prefork", "plain": True, **POOL}),
        "flup, threaded": Arm("fastcgi-nginx", {"method": "threaded", "plain": True, **POOL}),
        "mended, prefork": Arm("fastcgi-nginx", {"method": "prefork", **POOL}),
        "mended, threaded": Arm("fastcgi-nginx", {"method": "threaded", **POOL}),
        "gunicorn": Arm("gunicorn-nginx", {"workers": 1, "threads": 10}),
    },
    favoured="flup, prefork",
    against="gunicorn",
    workload=Closed(users=5, page="/download/?bytes=100000", user="benchmarks.users.exact:Exact", timeout=2.0),
    metric="failed",
    matters=0.10,
    expected="no difference",
    expectation=Expectation(failures=("timeout", "closed", "reset", "not HTTP", "status 502", "BodyError")),
    regime="5 visitors without pauses, bodies from 0 to 5 MB there and back, one in twenty leaves half-way",
    elsewhere="it asks for bodies that only the newsroom makes, and looks at each of their bytes",
    alerts=True,  # who leaves half-way is an error in flup's log
    windows={
        "smoke": Window(warmup=0.3, seconds=1.0),
        "lesson": Window(warmup=0.5, seconds=4.0, blocks=3),
        "reference": Window(warmup=0.5, seconds=3.5, blocks=10),
    },
)
