"""The logs of a deployment: their text, the lines that should not be there, and a failed start explained from them."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
from collections.abc import Iterable

from labs import paths
from labs.errors import LabError, advice
from labs.folder import Folder
from labs.servers.base import Server

FULL = 1 << 14  # bytes free on a disk that is as good as full
TAIL = 8  # lines of a log that a failed start shows


def text(folder: Folder, deployment: str, name: str | None = None) -> str:
    """One log file, or without a name all that is in the folder of logs. Raises LabError for a log that is not there."""
    files = sorted(folder.log.iterdir()) if name is None else [folder.log / name]
    missing = [file for file in files if not file.exists()]
    if missing:
        there = ", ".join(sorted(file.name for file in folder.log.iterdir()))
        raise LabError(f"{deployment} has no log {missing[0].name}. It has: {there}.")
    texts = (file.read_text("utf-8", "replace").rstrip() for file in files)
    return paths.short("\n".join(text for text in texts if text))


def alerts(folder: Folder, servers: Iterable[Server]) -> list[str]:
    """Lines that mean that something went wrong; none after a good run."""
    found = []
    for server in servers:
        if server.alert is None:
            continue
        for log in server.logs(folder):
            lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
            found += [x for x in lines if re.search(server.alert, x) and not re.search(server.harmless, x)]
    return found


def explain(folder: Folder, server: Server, servers: Iterable[Server], what: str) -> str:
    """What happened to a server, its command, the end of the logs, what to try."""
    parts = [f"{server.title} {what}.", f"  command  {shlex.join(server.command(folder))}"]
    said = ""
    for other in [server, *(each for each in servers if each is not server)]:
        for log in other.logs(folder):
            tail = log.read_text("utf-8", "replace").splitlines()[-TAIL:] if log.exists() else []
            if tail:
                parts += [f"  {log.name}", *(f"    {line}" for line in tail)]
                said += "\n".join(tail) + "\n"
    if shutil.disk_usage(folder.path).free < FULL:  # logs of a full disk say nothing
        parts.append(f"  The disk that holds {folder.path} is full.")
        said += os.strerror(errno.ENOSPC)
    parts += [f"  try      {text}" for text in advice(said) or [server.hint] if text]
    return "\n".join(parts)
