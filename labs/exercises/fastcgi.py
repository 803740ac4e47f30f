"""Exercises of the FastCGI pages."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence

import psutil

from labs import deploy
from labs.clients.fastcgi import Conversation
from labs.clients.fastcgi.client import request
from labs.clients.fastcgi.errors import ConversationError
from labs.exercises.exercise import Step, exercise
from labs.runtime.shell import Shell


@exercise("by-hand", obeyed=False)
def by_hand(params: Mapping[str, str]) -> Iterator[Step]:
    """Make Django believe that it lives below /paper and was asked for /whoami/ there."""
    with deploy("fastcgi-lighttpd") as site:
        answer = request(site.address_of("flup"), "/whoami/", params=params)
        yield Step(
            "the server answers 200",
            answer.status == 200,
            seen=str(answer.status),
            hint="Only PATH_INFO is matched with the URLconf: it must still be /whoami/.",
        )
        said = json.loads(answer.body)
        yield Step(
            "Django says that its path is /whoami/",
            said["path_info"] == "/whoami/",
            seen=said["path_info"],
            hint="PATH_INFO is what is left for the URLconf.",
        )
        yield Step(
            "Django says that it lives below /paper",
            said["script_name"] == "/paper",
            seen=said["script_name"] or "at the root",
            hint="The web server tells the mount point in SCRIPT_NAME, without a slash at its end.",
        )


@exercise("runfcgi")
def runfcgi(options: Sequence[str]) -> Iterator[Step]:
    """Start the site in the foreground, threaded with three threads, on {folder}/site.sock, with a pidfile."""
    with Shell() as shell:
        pid = shell.start_manage("runfcgi", *options)
        end, status, said = time.monotonic() + 10, None, {}
        while status is None and time.monotonic() < end and shell.ended(pid) in (None, 0):
            try:
                answer = request(str(shell / "site.sock"), "/whoami/")
                status, said = answer.status, json.loads(answer.body)
            except ConversationError:
                time.sleep(0.05)
        complaint = (shell.folder.log / "1.log").read_text("utf-8").strip()
        yield Step(
            "it answers on site.sock in the folder",
            status == 200,
            seen=complaint.splitlines()[-1] if complaint and status is None else str(status),
            hint="Name the socket as socket={folder}/site.sock.",
        )
        yield Step(
            "it stays in the foreground",
            pid in [said["pid"], *(parent.pid for parent in psutil.Process(said["pid"]).parents())],
            hint="runfcgi goes to the background unless daemonize=false.",
        )
        yield Step(
            "it answers with threads of one process",
            bool(said["multithread"]) and not said["multiprocess"],
            hint="The default of method is prefork.",
        )
        threads = next(process.num_threads() for process in shell.processes() if process.pid == pid)
        yield Step(
            "it has three threads for requests",
            threads == 4,
            seen=f"{threads - 1} beside the main one",
            hint="flup starts maxspare threads; minspare and maxchildren may not contradict it.",
        )
        pidfile = shell / "site.pid"
        yield Step(
            "site.pid in the folder holds its number",
            pidfile.exists() and pidfile.read_text().strip() == str(pid),
            hint="Name the file as pidfile={folder}/site.pid.",
        )


@exercise("broken-record", obeyed=False)
def broken_record(data: bytes) -> Iterator[Step]:
    """Send bytes of which the only worker of flup as it comes dies; the mended one survives them."""
    for plain in (True, False):
        with Shell() as shell:
            words = ("method=prefork", "minspare=1", "maxspare=1", "maxchildren=1", "socket={folder}/site.sock")
            parent = shell.start_manage("runfcgi", *words, f"plain={str(plain).lower()}", "daemonize=false")
            shell.answers()
            before = _children(shell, parent)
            with Conversation(str(shell / "site.sock"), timeout=0.5) as talk:
                talk.send_bytes(data)
                talk.closed()
            # It is replaced at once: whether it is the same one tells.
            answered = shell.answers(seconds=3)
            same = _children(shell, parent) == before
        if plain:
            yield Step(
                "the worker of flup as it comes dies of it",
                not same,
                seen="the same process goes on" if same else "another process is in its place",
                hint="A header that promises more than follows only makes it wait. Let a begin request be complete, "
                "and of another length than the specification's eight bytes.",
            )
        else:
            yield Step(
                "the mended worker goes on, and answers the next request",
                same and answered == 200,
                seen=str(answered),
                hint="If this one dies too, it is a fault of this book. Please report the bytes.",
            )


def _children(shell: Shell, parent: int) -> set[int]:
    return {process.pid for process in shell.processes()} - {parent}
