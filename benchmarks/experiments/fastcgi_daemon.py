"""In the background with a pidfile, ended by kill; in the foreground, ended by Ctrl+C; and what a crash leaves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding
from labs.runtime.shell import Shell


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return true()


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """The chapter's four uses, then a server that was killed without a chance to tidy up."""
    with Shell() as shell:
        socket, pidfile = shell / "site.sock", shell / "site.pid"
        words = ("method=prefork", f"socket={socket}", f"pidfile={pidfile}")

        result = shell.manage("runfcgi", *words)
        status = shell.answers()
        yield Finding(
            what="started without daemonize=false",
            expected="the command returns, the server answers",
            seen=f"returned with status {result.status}, the server answered {status}",
            ok=(result.status, status) == (0, 200),
        )
        pid = int(pidfile.read_text())
        running = {process.pid for process in shell.processes()}
        yield Finding(
            what="the pidfile",
            expected="the number of the process in the background",
            seen="a process of the server" if pid in running else f"{pid}, which is none of the server's",
            ok=pid in running and pid != result.pid,
        )
        os.kill(pid, signal.SIGTERM)
        gone = until(lambda: not shell.processes())
        left = [path.name for path in (socket, pidfile) if path.exists()]
        yield Finding(
            what="kill, with the number in the pidfile",
            expected="no process, no socket, no pidfile",
            seen=f"{'no' if gone else 'a'} process, left: {', '.join(left) or 'nothing'}",
            ok=gone and not left,
        )

        foreground = shell.start_manage("runfcgi", *words, "daemonize=false")
        status = shell.answers()
        os.kill(foreground, signal.SIGINT)
        ended = until(lambda: shell.ended(foreground) is not None)
        yield Finding(
            what="daemonize=false, then Ctrl+C",
            expected="it stays in the foreground, answers, and ends",
            seen=f"answered {status}, {'ended' if ended else 'still runs'}",
            ok=status == 200 and ended,
        )

        shell.manage("runfcgi", *words)
        shell.answers()
        for process in shell.processes():
            process.kill()
        until(lambda: not shell.processes())
        left = [path.name for path in (socket, pidfile) if path.exists()]
        again = shell.manage("runfcgi", *words)
        status = shell.answers()
        yield Finding(
            what="started again after kill -9, which left " + (" and ".join(left) or "nothing"),
            expected="it takes over the stale files and answers",
            seen=f"returned with status {again.status}, answered {status}",
            ok=(again.status, status) == (0, 200),
        )


experiment = Behaviour(claim="fastcgi-daemon", checks=checks)
