"""The behaviour suite: does a server hand a site's requests and answers on as they are?

from labs.conformance import check_deployment, run
check_deployment(deployment)               # one of the book's, while it runs
run("http://127.0.0.1:8000")               # your own

What is asked is in one module a topic: status, headers, paths, bodies, streaming, media, static, connections, limits,
methods, prefix, forwarded, errors, identity. Where a deployment is known to differ, exceptions.py says so and why.
"""

from __future__ import annotations

from labs.conformance.report import Report, Result
from labs.conformance.runner import check_deployment, run

__all__ = ["Report", "Result", "check_deployment", "run"]
