"""The logs of a deployment: their text, the lines that should not be there, and a failed start explained from them."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from labs import paths
from labs.errors import LabError
from labs.runtime.firstpage import FirstPage
from labs.servers.advice import advice, bare
from labs.servers.base import Server
from labs.servers.folder import Folder

FULL = 1 << 14  # bytes free on a disk that is as good as full
TAIL = 8  # lines of a log that a failed start shows
# What a hint says of, and what goes with a failed start else
STAYS = " --keep leaves its folder behind for that, in a notebook keep=True."
READ = 1 << 16  # bytes of its end that are read for what to try
EXCEPTION = r"[A-Za-z_][\w.]*(Error|Exception|Exists|Exist|Denied|Refused|Configured|NotReady|Found)\b"  # of Python


def text(folder: Folder, deployment: str, name: str | None = None) -> str:
    """One log file, or without a name all that is in the folder of logs. Raises LabError for a log that is not there."""
    files = sorted(folder.log.iterdir()) if name is None else [folder.log / name]
    missing = [file for file in files if not file.exists()]
    if missing:
        there = ", ".join(sorted(file.name for file in folder.log.iterdir()))
        raise LabError(f"{deployment} has no log {missing[0].name}. It has: {there}.")
    return joined(files)


def joined(files: Iterable[Path]) -> str:
    """The text of those of these logs that are there."""
    texts = (file.read_text("utf-8", "replace").rstrip() for file in files if file.exists())
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


def explain(folder: Folder, server: Server, servers: Sequence[Server], what: str, hint: str = "") -> str:
    """What happened to a server, its command, the end of the logs, what to try.

    hint  what to try where the logs know nothing; by default the server's own
    """
    ends = _ends(folder, [server, *(each for each in servers if each is not server)])
    parts = [f"{server.title} {what}.", f"  command  {shlex.join(server.command(folder))}", *_shown(ends)]
    own = f"{server.hint}{'' if folder.stays else STAYS}" if server.hint else ""
    return "\n".join([*parts, *_tried(folder, ends, hint or own)])


def explain_page(folder: Folder, server: Server, servers: Sequence[Server], which: str, page: FirstPage) -> str:
    """Why a site whose servers run is not up: what its first page answered, what the logs say of it, what to try.

    which  the site, in words
    """
    ends = _ends(folder, servers) if page.logged else {}
    failed = {name: lines for name, lines in ends.items() if any(map(_raised, lines))}
    parts = [f"{server.title} came up, but {which} did not: {page.problem}.", *_shown(failed or ends)]
    return "\n".join([*parts, *_tried(folder, ends, page.advice)])


def _tried(folder: Folder, ends: Mapping[str, Sequence[str]], otherwise: str) -> list[str]:
    """What to try about all that the logs say, a line each."""
    said = "\n".join(line for lines in ends.values() for line in lines)
    full = shutil.disk_usage(folder.path).free < FULL  # logs of a full disk say nothing
    if full:
        said += "\n" + os.strerror(errno.ENOSPC)
    known = advice(said) or ([otherwise] if otherwise else [])
    return [
        *([f"  The disk that holds {folder.path} is full."] if full else []),
        *(f"  try      {each}" for each in known),
    ]


def _ends(folder: Folder, servers: Iterable[Server]) -> dict[str, list[str]]:
    """Log -> the lines at its end, of those that have any."""
    found = {log.name: _end(log) for server in servers for log in server.logs(folder)}
    return {name: lines for name, lines in found.items() if lines}


def _shown(ends: Mapping[str, list[str]]) -> list[str]:
    """The last lines of each log, and before them its last exception, where a server has said more after it."""
    parts = []
    for name, lines in ends.items():
        last = max((number for number, line in enumerate(lines) if _raised(line)), default=-1)
        if 0 <= last < len(lines) - TAIL:
            shown = [*lines[max(0, last - 2) : last + 1], "…", *lines[-TAIL // 2 :]]
        else:
            shown = lines[-TAIL:]
        parts += [f"  {name}", *(f"    {line}" for line in shown)]
    return parts


def _raised(line: str) -> bool:
    """Whether a line is the last of a traceback: what was raised."""
    return re.match(EXCEPTION, bare(line)) is not None


def _end(log: Path) -> list[str]:
    """The lines at the end of a log, no more than are worth reading."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - READ))
        return file.read().decode("utf-8", "replace").splitlines()
