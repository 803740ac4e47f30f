"""The owner's side of the keeper: a process that starts a deployment's servers and outlives nobody (labs/supervisor/keep.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from labs.errors import LabError, start_error

SCRIPT = Path(__file__).with_name("keep.py")


class Keeper:
    """Starts, watches and ends the servers of one deployment, in a private folder that it makes and removes.

    base   where the folder is made
    name   its name; a number is added when the name is taken
    keep   leave the folder behind, without anything running
    """

    def __init__(self, base: Path, name: str, *, keep: bool = False) -> None:
        self._lock = threading.Lock()
        try:
            self._process = subprocess.Popen(
                # -I: neither the reader's PYTHON* variables nor the working folder; -S: no site-packages to read
                [sys.executable, "-I", "-S", str(SCRIPT), str(base), name, str(os.getpid()), "1" if keep else "0"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,  # empty, but for the last words of a keeper that fails
                start_new_session=True,  # Ctrl+C in the terminal is the owner's to handle
            )
        except OSError as error:
            raise start_error(f"The keeper of {name} could not be started", error) from error
        try:
            answer = self._read()
        except BaseException:  # an interrupt, for instance: nobody else knows of this process yet
            self._let_go()
            raise
        self.folder = Path(answer["folder"])
        self.sockets = Path(answer["sockets"])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LabError(self._gone())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            if "errno" in answer:
                raise start_error(answer["error"], OSError(answer["errno"], answer["text"], answer["path"]))
            raise LabError(answer["error"])
        return answer

    def _gone(self) -> str:
        """What there is to say of a keeper that ended by itself: its status, and its last words if it had any."""
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            status = None
        said = ["The keeper of this deployment has ended", "" if status is None else f" (exit status {status})", "."]
        pipe, words = self._process.stderr, ""
        if pipe is not None and not pipe.closed:
            os.set_blocking(pipe.fileno(), False)
            words = (pipe.read() or b"").decode("utf-8", "replace").strip()
        return "".join([*said, " python -m labs reset clears what it left.", f"\n{words}" if words else ""])

    def _ask(self, do: str, **more: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
                self._process.stdin.flush()
            except (BrokenPipeError, ValueError):
                raise LabError(self._gone()) from None
            return self._read()

    def shield(self, projects: Sequence[Path], writable: Sequence[Path]) -> str:
        """Let no server started from now on change these projects, nor anything else but what is writable (sandbox.py).

        What they write below a project lands in the folder, in `written`. The answer is empty, or says why this system cannot.
        """
        return str(self._ask("shield", projects=list(map(str, projects)), writable=list(map(str, writable)))["why"])

    def machines(self, asked: Sequence[Mapping[str, object]], library: str) -> str:
        """Make machines (machines/cluster.py) that servers started from now on are put on; the path of the door to them.

        library  the folder of pyroute2; empty for control groups alone
        Raises LabError where the system does not allow them.
        """
        return str(self._ask("machines", machines=[dict(each) for each in asked], library=library)["door"])

    def plug(self, machine: str, *, up: bool) -> None:
        """Pull a machine's cable out at its far end, or plug it in again."""
        self._ask("plug", machine=machine, up=up)

    def machines_seen(self) -> dict[str, Any]:
        """CPU seconds of what carries the machines ("cpu"), and what the system counted of each machine ("groups")."""
        return self._ask("machines seen")

    def spawn(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        signal: str = "SIGTERM",
        discard: str = "",
        patience: float = 5.0,
        cpus: set[int] | None = None,
        listen: str | None = None,
        machine: str = "",
    ) -> int:
        """Start a server in the folder and return its process number.

        log       where its standard output and error go; a pipe would fill up and block a chatty server
        signal    how it is asked to stop
        discard   the same where all that it has written goes too; empty: as else
        patience  seconds until it is made to
        listen    path of a Unix socket that the keeper listens on and hands over as standard input; it stays open between
                  two servers that are given the same one
        machine   the name of the one that it runs on
        """
        answer = self._ask(
            "spawn",
            command=list(command),
            environment=dict(environment),
            log=str(log),
            signal=signal,
            discard=discard,
            patience=patience,
            cpus=sorted(cpus) if cpus else None,
            listen=listen,
            machine=machine,
        )
        return int(answer["pid"])

    def ended(self) -> dict[int, int]:
        """Servers that have ended: process number -> exit status, negative for a signal."""
        return {int(pid): status for pid, status in self._ask("ended")["ended"].items()}

    def family(self) -> list[int]:
        """Process numbers of everything that runs for this deployment, detached daemons included."""
        return list(self.origins())

    def origins(self) -> dict[int, int]:
        """The same, each with the process number of the server that it came from; 0 for a daemon whose line is lost."""
        return {int(pid): server for pid, server in self._ask("family")["pids"].items()}

    def members(self, pid: int) -> list[int]:
        """Process numbers of a server and of all that came from it; of one that has ended, those that it left."""
        return [int(each) for each in self._ask("members", pid=pid)["pids"]]

    def cpu_seconds(self) -> float:
        """User and system seconds of the whole tree since it started, dead processes included."""
        return float(self._ask("cpu")["seconds"])

    def cpu_of(self) -> dict[int, float]:
        """The same for each server that was ever started, by its process number."""
        return self.cpu()[1]

    def cpu(self) -> tuple[float, dict[int, float]]:
        """Both, from one look: of the whole tree, and of each server that was ever started."""
        answer = self._ask("cpu")
        return float(answer["seconds"]), {int(pid): float(seconds) for pid, seconds in answer["servers"].items()}

    def stop(self, pid: int) -> None:
        """End one server and all that came from it: it is asked, and gets its patience."""
        self._ask("stop", pid=pid)

    def kill(self, pid: int) -> None:
        """End one server and all that came from it at once (SIGKILL)."""
        self._ask("kill", pid=pid)

    def freeze(self, pid: int) -> None:
        """Stop one server and all that came from it where they are (SIGSTOP)."""
        self._ask("freeze", pid=pid)

    def thaw(self, pid: int) -> None:
        """Let a frozen server go on."""
        self._ask("thaw", pid=pid)

    def keep(self, keep: bool) -> None:
        """Leave the folder behind at the end, or not."""
        self._ask("keep", keep=keep)

    def end(self) -> None:
        """End all servers and remove the folder. Certain, and safe to call twice."""
        try:
            self._ask("end")
        except LabError:
            pass
        self._let_go()

    def _let_go(self) -> None:
        """Close its input, at whose end it ends what it has started, and see it end."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what could not be written to a keeper that was killed
                    pipe.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
