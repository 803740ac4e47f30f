"""The keeper of one deployment, run as a process of its own: `python keep.py BASE NAME OWNER KEEP`.

It makes the deployment's folder, starts its servers, and outlives nobody: when the owner ends, however it ends, the
keeper stops every process that came from it, removes the folder and goes. It knows this from two sources: the pipe on
its standard input, which the system closes with the owner, and the owner's own end (pidfd), since a forked child of
the owner could hold the pipe open.

On Linux it is a child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): a daemon that detaches itself becomes the keeper's
child instead of init's and is found like all others. Servers get a parent-death signal, so that they do not survive a
keeper that is itself killed; `labs reset` removes what such a keeper leaves, from the journal in the folder.

Servers that run a reader's project enter a view of the file system in which nothing of the reader's can be changed
(sandbox.py); the keeper itself stays outside, and removes what was written in it.

Only the standard library is imported here: starting takes some 20 ms.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.append(str(Path(__file__).parent))  # the last: nothing there is taken for the standard library's

from keeping.family import MARK, Family
from keeping.folder import Folder, empty, forget_shared_memory
from keeping.processes import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl, processes, send

if TYPE_CHECKING:
    import socket

ORPHAN_PATIENCE = 2.0  # seconds that servers get to stop by themselves once the owner is gone


def view_of(projects: list[str], writable: list[str], store: str, within: Any = None) -> Any:
    """Handles of a view of the file system, and the function that enters it (sandbox.py). Raises OSError where there is none.

    within  puts a process where all that enter the view will come from
    """
    where = importlib.util.spec_from_file_location("sandbox", Path(__file__).with_name("sandbox.py"))
    assert where is not None
    assert where.loader is not None
    sandbox = importlib.util.module_from_spec(where)
    where.loader.exec_module(sandbox)
    spaces = sandbox.made(sandbox.Plan(tuple(projects), tuple(writable), store), within)
    if not sandbox.usable(spaces, store, within):
        raise OSError(errno.EIO, "another process that enters it sees other folders")
    return lambda: sandbox.join(spaces)


class Keeper:
    """Starts servers in a folder, watches them, and ends them."""

    def __init__(self, base: Path, name: str, owner: int, keep: bool) -> None:
        self.owner, self.keep = owner, keep
        self.family = Family()
        self.frozen: set[int] = set()  # servers that were stopped by SIGSTOP
        self.parent = os.getppid()
        self.listening: dict[str, socket.socket] = {}  # address -> a socket that outlives the servers it is handed to
        self.enter: Any = None  # puts a server into the view of the file system that was made for it
        self.cluster: Any = None  # its machines, where it has any (machines/cluster.py)
        self.place = Folder(base, name, self.journal)
        self.folder, self.sockets = self.place.path, self.place.sockets

    @property
    def journal(self) -> dict[str, Any]:
        """What `labs reset` needs if this process is killed."""
        return {
            "keeper": os.getpid(),
            "owner": self.owner,
            "pids": list(self.family.children),
            "groups": [each for folders in self.cluster.folders.values() for each in folders] if self.cluster else [],
        }

    def write_journal(self) -> None:
        """Write it down, before what it speaks of can be left behind."""
        self.place.write(self.journal)

    def spawn(self, ask: dict[str, Any]) -> dict[str, Any]:
        cpus, handed, machine = ask.get("cpus"), ask.get("listen"), ask.get("machine", "")
        keeper = os.getpid()

        def prepare() -> None:
            if self.cluster:
                self.cluster.enter(machine)
            if self.enter:
                self.enter()
                os.chdir(self.folder)
            # Last: the kernel forgets it where a process gets other rights, as on entering a user namespace
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != keeper:  # it was killed before the line above
                os._exit(1)
            # A core file is written where the process works, which may be in a reader's project.
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
            if cpus and hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, cpus)

        with Path(ask["log"]).open("ab") as log:
            child = subprocess.Popen(
                ask["command"],
                cwd=self.folder,
                env={**ask["environment"], MARK: str(len(self.family.marks))},
                stdin=self.listener(handed).fileno() if handed else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Apache signals its whole process group when it is told to stop.
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 - the keeper has one thread
            )
        child.returncode = 0  # reaped by the keeper itself, together with adopted children
        self.family.add(child.pid, ask)
        self.write_journal()
        return {"pid": child.pid}

    def shield(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Make the view that every server started from now on enters; the answer says why there is none."""
        store = self.folder / "written"
        store.mkdir(exist_ok=True)
        try:
            writable = [str(self.folder), *ask["writable"]]
            if self.sockets != self.folder:
                writable.append(str(self.sockets))
            # In the user namespace that owns the machines' networks: who is in a view can enter no other
            within = self.cluster.enter_user if self.cluster else None
            self.enter = view_of(ask["projects"], writable, str(store), within)
        except OSError as error:
            empty(store)
            return {"why": error.strerror or str(error)}
        return {"why": ""}

    def machines(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Make the machines that servers started from now on are put on. Raises OSError, with nothing left of them."""
        from machines import namespaces  # only here: most keepers need none
        from machines.cluster import Cluster

        namespaces.PRIVATE[:] = [self.place.lock.fileno()]  # `labs reset` waits for nobody who holds it
        self.cluster = Cluster(ask["machines"], f"labs-{os.getpid()}-")
        self.family.helpers = self.cluster.helpers
        try:
            self.cluster.make_groups(self.write_journal)
            if ask["library"]:
                self.cluster.make_network(ask["library"], self.sockets)
        except OSError:
            self.end_helpers()
            self.cluster.end()
            self.cluster = None
            self.family.helpers = {}
            raise
        return {"door": str(self.sockets / "readers.door") if ask["library"] else ""}

    def listener(self, address: str) -> socket.socket:
        """A listening socket on this path, opened at the first use: spawn-fcgi and systemd hand over theirs like this.

        Whoever connects while no server runs waits in its queue, instead of being refused.
        """
        if address not in self.listening:
            import socket  # only here: it would make every keeper start later

            opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            opened.bind(address)
            Path(address).chmod(0o666)  # for a front-end that works as somebody else
            opened.listen(socket.SOMAXCONN)
            self.listening[address] = opened
        return self.listening[address]

    @property
    def orphaned(self) -> bool:
        """Whether the owner has ended, also while the keeper is busy with what it was asked."""
        return self.parent == self.owner != os.getppid()

    def ask_to_end(self, pid: int, *, last: bool = False) -> None:
        """Send a server its own signal, if it still runs; one that is frozen goes on, to hear it.

        last  nobody will read what it has written: one that has a shorter way of ending takes it
        """
        if pid not in self.family.ended:
            ask = self.family.children[pid]
            try:
                os.kill(pid, getattr(signal, (last and ask.get("discard")) or ask["signal"]))
            except ProcessLookupError:
                pass
        if pid in self.frozen:
            self.thaw(pid)

    def freeze(self, pid: int) -> None:
        """Stop a server and all that came from it (SIGSTOP), so that none has started another meanwhile."""
        self.frozen.add(pid)
        end = time.monotonic() + 5
        while (running := self.family.members(pid, but="T")) and time.monotonic() < end:
            send(running, signal.SIGSTOP)
            time.sleep(0.001)

    def thaw(self, pid: int) -> None:
        """Let it go on."""
        self.frozen.discard(pid)
        send(self.family.members(pid), signal.SIGCONT)

    def stop(self, pid: int, *, last: bool = False) -> None:
        """Ask a server to end, wait for all that came from it, then insist.

        Comes back early where the owner ends meanwhile: then all servers are ended at once (`end`).
        """

        def left() -> list[int]:
            return [] if self.orphaned else self.family.members(pid)

        if pid not in self.family.ended:
            self.ask_to_end(pid, last=last)
            self.family.wait(left, self.family.children[pid]["patience"])
        self.family.kill(left)

    def end_helpers(self) -> None:
        """End the machines' own processes."""
        self.family.kill(lambda: [pid for pid in self.family.helpers if pid not in self.family.ended])

    def end(self, patience: float | None = None) -> None:
        """Stop all, the last started first, then whatever is left; remove the folder.

        patience  seconds for all together, when nobody is there to wait for each
        """
        last = not self.keep
        if patience is None:
            for pid in reversed(self.family.children):
                self.stop(pid, last=last)
            if self.orphaned:
                patience = ORPHAN_PATIENCE
        if patience is not None:
            for pid in reversed(self.family.children):
                self.ask_to_end(pid, last=last)
            self.family.wait(self.family.living, patience)
        for opened in self.listening.values():
            opened.close()
        self.family.kill(self.family.living)
        forget_shared_memory(self.folder)
        if self.cluster:
            self.end_helpers()
            self.cluster.end()
        self.place.end(keep=self.keep)

    def helper_cpu(self) -> dict[str, float]:
        """What a helper does -> its CPU seconds; "set-up" is what making the machines, and changing them, took."""
        rows = processes()
        seconds = {what: rows[pid].seconds for pid, what in self.family.helpers.items() if pid in rows}
        return {**seconds, "set-up": self.cluster.spent} if self.cluster else {}

    def answer(self, ask: dict[str, Any]) -> dict[str, Any]:
        match ask["do"]:
            case "spawn":
                return self.spawn(ask)
            case "shield":
                return self.shield(ask)
            case "machines":
                return self.machines(ask)
            case "plug":
                if not self.cluster or not self.cluster.hub:
                    raise OSError(errno.EOPNOTSUPP, "it is an address on loopback, without a cable")
                self.cluster.plug(ask["machine"], up=ask["up"])
                return {}
            case "machines seen":
                return {"cpu": self.helper_cpu(), "groups": self.cluster.got() if self.cluster else {}}
            case "stop":
                self.stop(ask["pid"])
                return {}
            case "ended":
                self.family.reap()
                return {
                    "ended": {
                        str(pid): self.family.ended[pid] for pid in self.family.children if pid in self.family.ended
                    }
                }
            case "family":
                self.family.reap()
                table = self.family.kin()
                servers = self.family.origins(table)
                living = [pid for pid, row in table.items() if row.state not in "ZX" and pid not in self.family.helpers]
                return {"pids": {str(pid): servers.get(pid, 0) for pid in living}}
            case "members":
                self.family.reap()
                return {"pids": self.family.members(ask["pid"])}
            case "cpu":
                total, each = self.family.cpu(self.cluster.spent if self.cluster else 0.0)
                return {"seconds": total, "servers": {str(pid): seconds for pid, seconds in each.items()}}
            case "kill":
                self.family.kill(lambda: self.family.members(ask["pid"]))
                return {}
            case "freeze":
                self.freeze(ask["pid"])
                return {}
            case "thaw":
                self.thaw(ask["pid"])
                return {}
            case "keep":
                self.keep = bool(ask["keep"])
                return {}
        raise ValueError(f"the keeper does not know how to {ask['do']}")

    def serve(self) -> None:
        """Answer the owner, line by line, until it says end or is gone."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)  # a handler, not SIG_IGN, which servers would inherit
        watch = select.poll()
        watch.register(0, select.POLLIN | select.POLLHUP)
        watch.register(wake_read, select.POLLIN)
        owner = -1
        if hasattr(os, "pidfd_open"):
            try:
                owner = os.pidfd_open(self.owner)
            except OSError:
                self.end(ORPHAN_PATIENCE)
                return
            watch.register(owner, select.POLLIN)
        buffer = b""
        while True:
            ready = {fd for fd, _ in watch.poll()}
            if wake_read in ready and set(os.read(wake_read, 4096)) & {signal.SIGTERM}:
                self.end(ORPHAN_PATIENCE)
                return
            self.family.reap()
            if owner in ready:
                self.end(ORPHAN_PATIENCE)
                return
            if 0 not in ready:
                continue
            data = os.read(0, 1 << 20)
            if not data:
                self.end(ORPHAN_PATIENCE)
                return
            buffer += data
            while b"\n" in buffer:
                line, buffer = buffer.split(b"\n", 1)
                ask = json.loads(line)
                if ask["do"] == "end":
                    self.end()
                    say({})
                    return
                try:
                    say(self.answer(ask))
                except OSError as error:
                    doing = " ".join(map(str, ask.get("command", [ask["do"]])))
                    say(complaint(f"The keeper could not run {doing}", error))
                except Exception as error:  # noqa: BLE001 - the owner shows it to the reader
                    say({"error": f"The keeper could not {ask['do']}: {type(error).__name__}: {error}"})


def say(answer: dict[str, Any]) -> None:
    """Answer the owner, in one line."""
    try:
        os.write(1, json.dumps(answer).encode() + b"\n")
    except BrokenPipeError:  # the owner is gone; the loop sees that by itself
        pass


def complaint(doing: str, error: OSError) -> dict[str, Any]:
    """An error of the system's, as the owner can tell it to the reader (labs.errors.told)."""
    path = error.filename if isinstance(error.filename, str) else None
    return {"error": doing, "errno": error.errno, "text": error.strerror or str(error), "path": path}


def main() -> None:
    """Make the folder and serve the owner."""
    base, name, owner, keep = sys.argv[1:5]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        keeper = Keeper(Path(base), name, int(owner), keep == "1")
    except OSError as error:
        say(complaint(f"The folder of {name} cannot be made in {base}", error))
        return
    say({"folder": str(keeper.folder), "sockets": str(keeper.sockets)})
    keeper.serve()


if __name__ == "__main__":
    main()
