"""The logs of a deployment: their text, the lines that should not be there, and a failed start explained from them."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from labs import paths
from labs.errors import LabError, advice
from labs.firstpage import FirstPage
from labs.folder import Folder
from labs.servers.base import Server

FULL = 1 << 14  # bytes free on a disk that is as good as full
TAIL = 8  # lines of a log that a failed start shows
STAYS = " --keep leaves its folder behind for that."  # what a hint says of, and what goes with a failed start else
READ = 1 << 16  # bytes of its end that are read for what to try
EXCEPTION = r"[A-Za-z_][\w.]*(Error|Exception|Exists|Exist|Denied|Refused|Configured|NotReady|Found)\b"  # of Python


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


def explain(folder: Folder, server: Server, servers: Sequence[Server], what: str, advice: str = "") -> str:
    """What happened to a server, its command, the end of the logs, what to try.

    advice  what to try where the logs know nothing; by default the server's own hint
    """
    shown, tried = _told(folder, [server, *(each for each in servers if each is not server)])
    parts = [f"{server.title} {what}.", f"  command  {shlex.join(server.command(folder))}", *shown]
    hint = f"{server.hint}{'' if folder.stays else STAYS}" if server.hint else ""
    return "\n".join([*parts, *(f"  try      {text}" for text in tried or [advice or hint] if text)])


def explain_page(folder: Folder, server: Server, servers: Sequence[Server], which: str, page: FirstPage) -> str:
    """Why a site whose servers run is not up: what its first page answered, the end of the logs where they say more, what
    to try.

    which  the site, in words
    """
    shown, tried = _told(folder, servers) if page.logged else ([], [])
    parts = [f"{server.title} came up, but {which} did not: {page.problem}.", *shown]
    return "\n".join([*parts, *(f"  try      {text}" for text in tried or [page.advice])])


def _told(folder: Folder, servers: Iterable[Server]) -> tuple[list[str], list[str]]:
    """The ends of the logs, and what to try about all that they say."""
    parts, said = [], ""
    for server in servers:
        for log in server.logs(folder):
            lines = _end(log)
            if lines:
                parts += [f"  {log.name}", *(f"    {line}" for line in _shown(lines))]
                said += "\n".join(lines) + "\n"
    if shutil.disk_usage(folder.path).free < FULL:  # logs of a full disk say nothing
        parts.append(f"  The disk that holds {folder.path} is full.")
        said += os.strerror(errno.ENOSPC)
    return parts, advice(said)


def _end(log: Path) -> list[str]:
    """The lines at the end of a log, no more than are worth reading."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - READ))
        return file.read().decode("utf-8", "replace").splitlines()


def _shown(lines: list[str]) -> list[str]:
    """The last lines, and before them the last exception's, where a server has said something after it."""
    last = max((number for number, line in enumerate(lines) if re.match(EXCEPTION, line)), default=-1)
    if 0 <= last < len(lines) - TAIL:
        return [*lines[max(0, last - 2) : last + 1], "…", *lines[-(TAIL - 4) :]]
    return lines[-TAIL:]
