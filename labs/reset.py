"""Clearing what is left when a keeper could not: after a power cut, or a kill -9 of the keeper itself."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path

import psutil

from labs.keep import JOURNAL
from labs.paths import RUN


def reset(base: Path = RUN) -> list[dict[str, object]]:
    """Remove every folder whose keeper is gone, and end the processes that its journal names.

    A living keeper holds a lock on its journal, so a deployment that is in use is never touched.
    """
    removed: list[dict[str, object]] = []
    for folder in sorted(base.iterdir()) if base.is_dir() else []:
        journal = folder / JOURNAL
        if not journal.exists():
            continue  # kept on purpose: labs up --keep
        with journal.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            try:
                said = json.load(file)
            except json.JSONDecodeError:  # cut off in the middle of a line
                said = {}
            ended = _end(set(said.get("pids", [])), folder)
            sockets = Path(said.get("sockets", folder))
            if sockets != folder:
                shutil.rmtree(sockets, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            removed.append({"folder": str(folder), "processes": ended})
    return removed


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
        return Path(process.cwd()) == folder
    except psutil.Error:
        return False
