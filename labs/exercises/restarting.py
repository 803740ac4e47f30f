"""Exercises about restarts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labs import deploy
from labs.exercises.exercise import Step, exercise

SERVERS = ("runfcgi", "runfcgi-2")


@exercise("restart", obeyed=False)
def restart(steps: Sequence[str]) -> Iterator[Step]:
    """Renew both back-ends of one nginx, by steps such as "stop runfcgi" or "start runfcgi-2", and lose no request."""
    known = [f"{verb} {server}" for verb in ("stop", "start") for server in SERVERS]
    strange = [step for step in steps if step not in known]
    yield Step("every step is known", not strange, seen=", ".join(strange), hint=f"The steps are: {', '.join(known)}.")
    with deploy("fastcgi-nginx", backends=2) as site:
        before = {server: site.pid_of(server) for server in SERVERS}
        running = dict(before)
        with site.readers(6) as readers:
            for step in steps:
                verb, _, server = step.partition(" ")
                if verb == "stop":
                    site.stop_server(server)
                    running.pop(server, None)
                else:
                    running[server] = site.start_server(server)
        old = [server for server in SERVERS if running.get(server) in (None, before[server])]
        yield Step(
            "both back-ends run, and are new",
            not old,
            seen="; ".join(f"{server} {'is the old one' if server in running else 'does not run'}" for server in old),
            hint="Each of them has to stop and to start.",
        )
        yield Step(
            "no reader was lost",
            not readers.failed,
            seen=repr(readers),
            hint="nginx asks the other one where one refuses: at every moment, one of the two must run.",
        )
