"""Open files of a generating process: each connection is one, and how many there may be is a limit of the shell's.

Known before a trial begins, since a connection that this process could not open says nothing about a server.
"""

from __future__ import annotations

import errno
import resource
from contextlib import suppress
from pathlib import Path

FILES = 8192  # what a generator takes where it may; the usual limit is 1024, and macOS allows some 10,000
SPARE = 16  # for what is opened beside the connections, such as a module


def claim(needed: int = FILES) -> int:
    """Raise this process's limit to `needed` open files, or as far as it may; the limit that it then has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return needed
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft < wanted:
        with suppress(OSError, ValueError):  # some systems have a further limit below the one that they tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return soft


def lacking(users: int, connections: int = 1) -> str:
    """Why this process cannot hold so many users, and what to do; empty where it can. Its limit is raised first, if it may be.

    connections  that a user may have at once. One each is what is refused for; that all of them use all is rare
    """
    used = sum(1 for _ in Path("/dev/fd").iterdir()) + SPARE
    limit = claim(max(FILES, used + users * connections))
    if used + users <= limit:
        return ""
    return (
        f"{users} users need a connection each, and this process may have {limit} files open, {used} of which it needs "
        f"itself: raise the limit before (ulimit -n {used + users}, as far as ulimit -Hn allows), take fewer users, or share "
        "them among processes with --workers"
    )


def ran_out(error: BaseException | None) -> bool:
    """Whether a request failed since this process, or this machine, could open no further file: no fault of a server's."""
    error = getattr(error, "original", None) or error
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)
