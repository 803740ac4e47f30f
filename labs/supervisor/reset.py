"""Clearing what is left when a keeper could not: after a power cut, or a kill -9 of the keeper itself."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import psutil

from labs.paths import RUN
from labs.supervisor.keeper import SCRIPT
from labs.supervisor.keeping.folder import JOURNAL, UNFINISHED, empty, forget_shared_memory, remove
from labs.supervisor.machines import groups


def reset(base: Path = RUN) -> list[dict[str, object]]:
    """Remove every folder whose keeper is gone, and end the processes that its journal names.

    A living keeper holds a lock on its journal, so a deployment that is in use is never touched; nor is another user's.
    """
    removed: list[dict[str, object]] = []
    groups.remove(groups.forgotten())  # empty ones alone: whose they were is not known here
    for folder in sorted(base.iterdir()) if base.is_dir() else []:
        try:
            file = (folder / JOURNAL).open("r+")
        except FileNotFoundError:
            if _unfinished(folder):  # killed before it could write its journal
                empty(folder)
                removed.append({"folder": str(folder), "processes": 0})
            continue  # any other was kept on purpose: labs up --keep
        except OSError:  # another user's, or a file that is not ours
            continue
        with file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                continue  # another user's, whom root must not believe
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if folder.name.startswith(UNFINISHED) and not _unfinished(folder):
                continue  # about to take its lock
            said = _last(file.read())
            ended = _end(set(said.get("pids", [])), folder)
            groups.clear([group for group in said.get("groups", []) if groups.is_one(group)])
            sockets = Path(said.get("sockets", folder))
            if sockets != folder and _ours(sockets):
                shutil.rmtree(sockets, ignore_errors=True)
            forget_shared_memory(folder)
            remove(folder)
            removed.append({"folder": str(folder), "processes": ended})
    return removed


def _ours(sockets: Path) -> bool:
    """Whether a folder of sockets is one that a keeper of this user made: its name comes from a file."""
    if not re.fullmatch(r"labs-[0-9a-f]{12}", sockets.name) or sockets.is_symlink():
        return False
    try:
        return sockets.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _unfinished(folder: Path) -> bool:
    """Whether this is the folder of a keeper that ended before it could give it a name."""
    number = folder.name.removeprefix(UNFINISHED)
    if number == folder.name or not number.isdigit():
        return False
    try:
        return SCRIPT.name not in " ".join(psutil.Process(int(number)).cmdline())
    except psutil.AccessDenied:
        return False
    except psutil.Error:
        return True


def _last(text: str) -> dict[str, Any]:
    """The last whole line of a journal; an empty one when there is none, since the keeper was killed in its first."""
    for line in reversed(text.splitlines()):
        try:
            said: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:  # cut off in the middle
            continue
        return said
    return {}


def _end(heads: set[int], folder: Path) -> int:
    """Kill what came from these servers: members of their sessions that carry the folder's name in their environment.

    Process numbers are used again, so a number alone proves nothing.
    """
    victims = []
    for process in psutil.process_iter():
        try:
            session = os.getsid(process.pid)
            tagged = process.environ().get("LABS_FOLDER") == str(folder)
        except (psutil.Error, ProcessLookupError, PermissionError):
            continue
        if tagged or (session in heads and _named(process, folder)):
            victims.append(process)
    for process in victims:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(victims, timeout=5)
    return len(victims)


def _named(process: psutil.Process, folder: Path) -> bool:
    """nginx writes its title over its environment: its working folder still tells whose it is."""
    try:
        cwd = Path(process.cwd().removesuffix(" (deleted)"))
        return folder == cwd or folder in cwd.parents
    except psutil.Error:
        return False
