"""What can stop runfcgi before it serves. `str()` of each is the one line that the user sees."""

from __future__ import annotations


class RunfcgiError(Exception):
    """The server could not start, though the command was right. Exit status 1."""

    status = 1


class UsageError(RunfcgiError):
    """The command was wrong: an option, a value, or a socket or pidfile that is taken. Exit status 2."""

    status = 2
