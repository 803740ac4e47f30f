"""runfcgi's options: the chapter's command lines and those of Django 1.x's command, against today's Django."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding
from labs.runtime.shell import Shell

# Every option of the command as Django 1.x had it (docs.djangoproject.com, 1.8, "How to use Django with FastCGI")
OPTIONS = (
    "protocol host port socket method maxrequests maxspare minspare maxchildren daemonize pidfile workdir debug "
    "outlog errlog umask"
).split()

STARTS = {
    "threaded, on a socket": ("method=threaded", "socket={folder}/site.sock"),
    "prefork, on a socket": ("method=prefork", "socket={folder}/site.sock"),
    "options in the other spelling": ("--method", "threaded", "--socket", "{folder}/site.sock"),
}

WRONG = {
    "no address": ((), "host"),
    "a socket and a port": (("socket={folder}/a.sock", "host=127.0.0.1", "port=1"), "socket"),
    "a method that is none": (("method=asynchronous", "socket={folder}/a.sock"), "method"),
    "a number that is none": (("maxspare=many", "socket={folder}/a.sock"), "maxspare"),
    "a misspelt option": (("sockt={folder}/a.sock",), "socket"),
}


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Read the help, start the server in the chapter's ways, and use the command wrongly."""
    with Shell() as shell:
        text = shell.manage("runfcgi", "help").output
        listed = [option for option in OPTIONS if f"\n  {option}=" in text]
        yield Finding(
            what="options that runfcgi help lists",
            expected=f"the {len(OPTIONS)} of Django 1.x",
            seen=f"{len(listed)} of {len(OPTIONS)}",
            ok=listed == OPTIONS,
        )
    for what, words in STARTS.items():
        with Shell() as shell:
            shell.start_manage("runfcgi", *words, "daemonize=false")
            status = shell.answers()
            yield Finding(what=f"started {what}", expected="200", seen=str(status), ok=status == 200)
    with Shell() as shell:
        for what, (words, names) in WRONG.items():
            result = shell.manage("runfcgi", *words)
            lines = len(result.output.strip().splitlines())
            yield Finding(
                what=f"wrong use: {what}",
                expected=f"exit status 2, and one line that names {names}",
                seen=f"exit status {result.status}, {lines} line{'s' if lines != 1 else ''}",
                ok=result.status == 2 and lines == 1 and names in result.output,
            )


experiment = Behaviour(
    claim="fastcgi-options",
    checks=checks,
    note="Django removed the command in 1.9; this one is ours, with its options and on its library.",
)
