"""An exercise about who hears of a failure."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from labs import deploy
from labs.almanac import site as almanac
from labs.errors import OptionError
from labs.exercises.exercise import Step, exercise
from labs.runtime.deployment import Deployment
from labs.runtime.draft import Draft

LOG = "apache-error.log"
MODULE = "almanac/logged.py"
SETTINGS = "from almanac.settings import *\n\nLOGGING = {logging!r}\n"
FAILURE = "RuntimeError: This page fails on purpose."
SOON = 1.0  # seconds for a line that was written to be in the file


@exercise("error-log")
def error_log(logging: Mapping[str, object]) -> Iterator[Step]:
    """Give LOGGING, so that a view's failure is in Apache's log, with its traceback, and a mistyped address is not."""
    if not isinstance(logging, Mapping):
        raise OptionError("logging is a dictionary, as LOGGING is in settings.py.")
    with Draft(almanac(), settings="almanac.logged") as draft:
        draft.write(MODULE, SETTINGS.format(logging=dict(logging)))
        with deploy("modpython-apache", site=draft.site, workers=1) as site:
            yield Step("the site starts with it", True)
            answer = site.get("/fail/")
            log = _log(site, failures=1)
            yield Step(
                "the failure of /fail/ is in the log, with its traceback",
                answer.status == 500 and FAILURE in log,
                seen="only a line that it failed" if "/fail/" in log else "",
                hint="Django tells the logger django.request of it. Give that logger a handler that writes to standard error, "
                "logging.StreamHandler, which mod_python's Apache sends to its log.",
            )
            site.get("/hullo/")
            site.get("/fail/")  # once this one is there a line for the other would be too
            log = _log(site, failures=2)
            yield Step(
                "a mistyped address leaves it alone",
                "/hullo/" not in log,
                hint="A missing page is a warning. What has the level ERROR is worth being woken for.",
            )


def _log(site: Deployment, *, failures: int) -> str:
    """Apache's error log, as soon as it tells of so many failures."""
    end = time.monotonic() + SOON
    while (log := str(site.log(LOG))).count(FAILURE) < failures and time.monotonic() < end:
        time.sleep(0.02)
    return log
