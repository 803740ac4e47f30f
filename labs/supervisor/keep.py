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

import ctypes
import errno
import fcntl
import importlib.util
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
IPC_RMID = 0
SOCKET_PATH_LIMIT = 95  # bytes: what Apache's mod_proxy takes (by trying); unix(7) allows 107
# What every server takes in the path of a socket; a folder with other characters gets its sockets elsewhere.
SOCKET_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+ ")
SOCKET_NAME = 30  # of them: /socket/ and a name, mod_wsgi's being the longest
JOURNAL = ".keeper.json"
MARK = "LABS_START"  # a variable of every process that a server was started with: which start it was
UNFINISHED = ".new-"  # then the keeper's process number: a folder that has no name of its own yet
ORPHAN_PATIENCE = 2.0  # seconds that servers get to stop by themselves once the owner is gone
TICK = os.sysconf("SC_CLK_TCK")
ADOPTS = sys.platform == "linux"  # whether this process is made the parent of its orphaned descendants


def prctl(option: int, value: int) -> None:
    """prctl(2), on Linux; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def processes(some: list[int] | None = None) -> dict[int, tuple[int, int, float, str]]:
    """pid -> (parent, session, CPU seconds with its dead children, state) of every process that can be seen, or of some."""
    if sys.platform != "linux":
        listing = subprocess.run(["ps", "-axo", "pid=,ppid=,sess=,stat="], capture_output=True, text=True, check=False)
        rows = (line.split(None, 3) for line in listing.stdout.splitlines())
        return {int(r[0]): (int(r[1]), int(r[2], 16) if r[2].strip("0") else 0, 0.0, r[3][:1]) for r in rows}
    found = {}
    for folder in Path("/proc").iterdir() if some is None else (Path("/proc", str(pid)) for pid in some):
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it ended meanwhile
                continue
            f = stat[stat.rindex(")") + 2 :].split()
            found[int(folder.name)] = (int(f[1]), int(f[3]), sum(map(int, f[11:15])) / TICK, f[0])
    return found


def send(pids: list[int], number: int) -> None:
    """Send a signal to processes, some of which may have ended."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def short_folder() -> Path:
    """A name for a folder of sockets that leaves room for theirs; nothing is made yet. Raises OSError without one."""
    for base in (os.environ.get("TMPDIR"), "/tmp"):  # noqa: S108 - the name cannot be guessed, and mkdir(2) is exclusive
        short = base and len(os.fsencode(base)) < SOCKET_PATH_LIMIT - 40 and set(base) <= SOCKET_PLAIN
        if base and short and os.access(base, os.W_OK | os.X_OK):
            return Path(base, f"labs-{os.urandom(6).hex()}")
    raise OSError(
        errno.ENAMETOOLONG,
        "the path is too long for a Unix socket, or has characters that servers do not take, and so is that of TMPDIR",
    )


def remove(folder: Path) -> None:
    """Remove a deployment's folder, so that whoever is killed meanwhile leaves something that `labs reset` knows.

    The journal may be the first file to go. Under its own name what remains would be taken for a folder that was kept on
    purpose; under this one it belongs to a process that has ended.
    """
    rubbish = folder.with_name(f"{UNFINISHED}{os.getpid()}")
    try:
        folder.rename(rubbish)
    except OSError:
        rubbish = folder
    empty(rubbish)
    if rubbish.exists():  # a file that appeared while the folder was being emptied
        empty(rubbish)


def empty(folder: Path) -> None:
    """Remove a folder and all in it, also what overlayfs leaves in its working folder with no rights for anybody."""

    def opened(_call: object, path: str, _why: object) -> None:
        try:
            Path(path).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass

    shutil.rmtree(folder, onerror=opened)
    shutil.rmtree(folder, ignore_errors=True)


def forget_shared_memory(folder: Path) -> None:
    """Remove what a database that was killed leaves in the kernel, when all of its processes have ended.

    PostgreSQL notes its System V segment in postmaster.pid, on line 7: key and number (its pidfile.h). One that is still in use,
    or that is another's by now, stays.
    """
    for note in folder.glob("*/postmaster.pid"):
        try:
            key, number = map(int, note.read_text().splitlines()[6].split())
            rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
        except (OSError, ValueError, IndexError):  # it had none yet; or a system that does not say which there are
            continue
        # proc(5): key, number, …, and seventh how many processes have it
        if any((int(r[0]) & 0xFFFFFFFF, int(r[1]), int(r[6])) == (key & 0xFFFFFFFF, number, 0) for r in rows):
            ctypes.CDLL(None).shmctl(number, IPC_RMID, None)


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
    """The folder, the servers, and what is known of those that have ended."""

    def __init__(self, base: Path, name: str, owner: int, keep: bool) -> None:
        self.base, self.name, self.owner, self.keep = base, name, owner, keep
        self.children: dict[int, dict[str, Any]] = {}  # every server ever started: pid -> what was asked
        self.ended: dict[int, int] = {}  # pid -> exit status, negative for a signal
        self.origin: dict[int, int] = {}  # pid of a descendant -> the server that it came from, as it was last seen
        self.marks: list[int] = []  # number of a start, which is in the environment of what came from it -> its server
        self.spent: dict[int, float] = {}  # server -> CPU seconds of those of its processes that ended as our children
        self.frozen: set[int] = set()  # servers that were stopped by SIGSTOP
        self.parent = os.getppid()
        self.listening: dict[str, socket.socket] = {}  # address -> a socket that outlives the servers it is handed to
        self.enter: Any = None  # puts a server into the view of the file system that was made for it
        self.cluster: Any = None  # its machines, where it has any (machines/cluster.py)
        self.helped = 0.0  # CPU seconds of the machines' helpers that this process has waited for

    def make_folder(self) -> None:
        """`run/NAME`, or `run/NAME.2` and so on where another terminal has the first. mkdir decides, atomically."""
        if not self.base.exists():
            self.base.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:  # the checkout is root's, and other users of this machine may work with it too
                self.base.chmod(0o1777)
        new = self.base / f"{UNFINISHED}{os.getpid()}"
        shutil.rmtree(new, ignore_errors=True)  # of a keeper that was killed and had the same number
        new.mkdir()
        try:
            self.lock = (new / JOURNAL).open("a")
            fcntl.flock(self.lock, fcntl.LOCK_EX)
            # Named with its journal and its lock in it: `labs reset` never sees a folder of which it knows nothing.
            self.folder = self.claim(new)
            self.sockets = self.folder
            long = len(os.fsencode(self.folder)) > SOCKET_PATH_LIMIT - SOCKET_NAME
            if long or not set(str(self.folder)) <= SOCKET_PLAIN:
                self.sockets = short_folder()
            self.write_journal()  # before the folder of sockets is made, so that it is known whenever it is there
            if self.sockets != self.folder:
                self.sockets.mkdir(mode=0o700)
                self.sockets.chmod(0o755)
        except OSError:
            shutil.rmtree(getattr(self, "folder", new), ignore_errors=True)
            raise

    def claim(self, new: Path) -> Path:
        """Give the finished folder the first free name. rename(2) decides: it fails where somebody's folder is."""
        for number in range(1, 1000):
            folder = self.base / (self.name if number == 1 else f"{self.name}.{number}")
            if os.path.lexists(folder):
                continue
            try:
                return new.rename(folder)
            except OSError:
                if not os.path.lexists(folder):
                    raise
        raise OSError(f"{self.base} holds 999 folders of {self.name}; python -m labs reset clears it")

    def write_journal(self) -> None:
        """What `labs reset` needs if the keeper itself is killed: the last whole line of the journal."""
        journal = {
            "keeper": os.getpid(),
            "owner": self.owner,
            "sockets": str(self.sockets),
            "pids": list(self.children),
            "groups": [each for folders in self.cluster.folders.values() for each in folders] if self.cluster else [],
        }
        os.write(self.lock.fileno(), json.dumps(journal).encode() + b"\n")

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
                env={**ask["environment"], MARK: str(len(self.marks))},
                stdin=self.listener(handed).fileno() if handed else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Apache signals its whole process group when it is told to stop.
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 - the keeper has one thread
            )
        child.returncode = 0  # reaped by the keeper itself, together with adopted children
        for known in (self.ended, self.spent, self.origin):  # of an earlier process of the same number
            known.pop(child.pid, None)
        self.children[child.pid] = ask
        self.marks.append(child.pid)
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
        sys.path.append(str(Path(__file__).parent))  # the last: nothing there is taken for the standard library's
        from machines import namespaces  # only here: most keepers need none
        from machines.cluster import Cluster

        namespaces.PRIVATE[:] = [self.lock.fileno()]  # `labs reset` waits for nobody who holds it
        self.cluster = Cluster(ask["machines"], f"labs-{os.getpid()}-")
        try:
            self.cluster.make_groups(self.write_journal)
            if ask["library"]:
                self.cluster.make_network(ask["library"], self.sockets)
        except OSError:
            self.kill(lambda: [pid for pid in self.cluster.helpers if pid not in self.ended])
            self.cluster.end()
            self.cluster = None
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

    def reap(self) -> None:
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) if ADOPTS else None
                # An orphan may end before it was ever seen: its session tells whose it was
                session = processes([found.si_pid])[found.si_pid][1] if found else 0
                pid, status, usage = os.wait4(found.si_pid if found else -1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self.cluster and pid in self.cluster.helpers:
                self.helped += usage.ru_utime + usage.ru_stime
            self.ended[pid] = os.waitstatus_to_exitcode(status)
            server = self.origin.pop(pid, session)
            if server in self.children:
                self.spent[server] = self.spent.get(server, 0.0) + usage.ru_utime + usage.ru_stime

    def family(self) -> list[int]:
        """Every living descendant, and on systems without a subreaper every member of a server's session."""
        return [pid for pid, row in self.kin().items() if row[3] not in "ZX" and pid not in self.helpers]

    @property
    def helpers(self) -> dict[int, str]:
        """The machines' own processes, which are no part of what is measured: process number -> what it does."""
        return self.cluster.helpers if self.cluster else {}

    def kin(self) -> dict[int, tuple[int, int, float, str]]:
        """The rows of `processes()` that are descendants, from one reading."""
        table = processes()
        # Where orphans are adopted, the line of parents is complete. Elsewhere the session of a server tells.
        sessions = set() if ADOPTS else set(self.children)
        mine, grown = {os.getpid()}, True
        while grown:
            more = {p for p, (parent, session, _, _) in table.items() if parent in mine or session in sessions}
            grown = not more <= mine
            mine |= more
        return {pid: table[pid] for pid in mine - {os.getpid()} if pid in table}

    def origins(self, table: dict[int, tuple[int, int, float, str]]) -> dict[int, int]:
        """Descendant -> the server that it came from: by the line of its parents; of an orphan, by its session, by what was
        seen before, or by its environment. Of a daemon that shed all of these, nothing."""
        found: dict[int, int] = {}
        for pid in table:
            line, at = [], pid
            while at in table and at not in self.children and at not in found:
                line.append(at)
                at = table[at][0]
            server = found.get(at, at if at in self.children else 0)
            for each in reversed(line):
                server = server or self.origin_of_orphan(each, table[each][1])
                if server:
                    found[each] = server
            if pid in self.children:
                found[pid] = pid
        self.origin = found
        return found

    def origin_of_orphan(self, pid: int, session: int) -> int:
        for known in (session, self.origin.get(pid, 0)):
            if known in self.children:
                return known
        try:
            variables = Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
        except OSError:  # it ended, or there is no /proc
            return 0
        starts = [each.partition(b"=")[2] for each in variables if each.startswith(f"{MARK}=".encode())]
        return self.marks[int(starts[0])] if starts and int(starts[0]) < len(self.marks) else 0

    def members(self, pid: int, *, but: str = "") -> list[int]:
        """A server and all that came from it: only among descendants, so that a number used again is nobody's here.

        but  states (proc(5)) of which none is wanted, besides those of processes that have ended
        """
        table = self.kin()
        return [
            each for each, server in self.origins(table).items() if server == pid and table[each][3] not in f"ZX{but}"
        ]

    def wait(self, left: Any, seconds: float) -> list[int]:
        end, pause = time.monotonic() + seconds, 0.002
        while True:
            self.reap()
            remaining: list[int] = left()
            if not remaining or time.monotonic() > end:
                return remaining
            time.sleep(pause)
            pause = min(pause * 1.5, 0.03)

    def kill(self, left: Any) -> None:
        end = time.monotonic() + 5
        while (remaining := self.wait(left, 0.05)) and time.monotonic() < end:
            send(remaining, signal.SIGKILL)

    def ask_to_end(self, pid: int, *, last: bool = False) -> None:
        """Send a server its own signal, if it still runs; one that is frozen goes on, to hear it.

        last  nobody will read what it has written: one that has a shorter way of ending takes it
        """
        if pid not in self.ended:
            ask = self.children[pid]
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
        while (running := self.members(pid, but="T")) and time.monotonic() < end:
            send(running, signal.SIGSTOP)
            time.sleep(0.001)

    def thaw(self, pid: int) -> None:
        """Let it go on."""
        self.frozen.discard(pid)
        send(self.members(pid), signal.SIGCONT)

    def stop(self, pid: int, *, last: bool = False) -> None:
        """Ask a server to end, wait for all that came from it, then insist.

        Comes back early where the owner ends meanwhile: then all servers are ended at once (`end`).
        """

        def left() -> list[int]:
            return [] if self.orphaned else self.members(pid)

        if pid not in self.ended:
            self.ask_to_end(pid, last=last)
            self.wait(left, self.children[pid]["patience"])
        self.kill(left)

    def end(self, patience: float | None = None) -> None:
        """Stop all, the last started first, then whatever is left; remove the folder.

        patience  seconds for all together, when nobody is there to wait for each
        """
        last = not self.keep
        if patience is None:
            for pid in reversed(self.children):
                self.stop(pid, last=last)
            if self.orphaned:
                patience = ORPHAN_PATIENCE
        if patience is not None:
            for pid in reversed(self.children):
                self.ask_to_end(pid, last=last)
            self.wait(self.family, patience)
        for opened in self.listening.values():
            opened.close()
        self.kill(self.family)
        forget_shared_memory(self.folder)
        if self.cluster:
            self.kill(lambda: [pid for pid in self.helpers if pid not in self.ended])
            self.cluster.end()
        if self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self.keep:
            (self.folder / JOURNAL).unlink(missing_ok=True)
        else:
            remove(self.folder)

    def cpu(self) -> tuple[float, dict[int, float]]:
        """CPU seconds of the whole tree, and of each server, dead processes included.

        A living process counts with the children it has waited for (proc(5), fields 14 to 17, cut to ticks of 10 ms);
        what the keeper has waited for itself is in its own RUSAGE_CHILDREN, to the microsecond.
        """
        before: set[int] | None = None
        for _ in range(5):
            self.reap()
            usage = os.times()
            kin = self.kin()
            # A process that ended while /proc was being read could be missed here and in its parent: read again.
            if before == set(kin):
                break
            before = set(kin)
        each = dict(self.spent)
        for pid, server in self.origins(kin).items():
            each[server] = each.get(server, 0.0) + kin[pid][2]
        apart = self.helped + (self.cluster.spent if self.cluster else 0.0)  # what carries the machines
        living = sum(row[2] for pid, row in kin.items() if pid not in self.helpers)
        return usage.children_user + usage.children_system - apart + living, each

    def helper_cpu(self) -> dict[str, float]:
        """What a helper does -> its CPU seconds; "set-up" is what making the machines, and changing them, took."""
        rows = processes()
        seconds = {what: rows[pid][2] for pid, what in self.helpers.items() if pid in rows}
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
                self.reap()
                return {"ended": {str(pid): self.ended[pid] for pid in self.children if pid in self.ended}}
            case "family":
                self.reap()
                table = self.kin()
                servers = self.origins(table)
                living = [pid for pid, row in table.items() if row[3] not in "ZX" and pid not in self.helpers]
                return {"pids": {str(pid): servers.get(pid, 0) for pid in living}}
            case "members":
                self.reap()
                return {"pids": self.members(ask["pid"])}
            case "cpu":
                total, each = self.cpu()
                return {"seconds": total, "servers": {str(pid): seconds for pid, seconds in each.items()}}
            case "kill":
                self.kill(lambda: self.members(ask["pid"]))
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
            self.reap()
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
                number = ask.pop("number")
                if ask["do"] == "end":
                    self.end()
                    say({"number": number})
                    return
                try:
                    answer = self.answer(ask)
                except OSError as error:
                    doing = " ".join(map(str, ask.get("command", [ask["do"]])))
                    answer = complaint(f"The keeper could not run {doing}", error)
                except Exception as error:  # noqa: BLE001 - the owner shows it to the reader
                    answer = {"error": f"The keeper could not {ask['do']}: {type(error).__name__}: {error}"}
                say({"number": number, **answer})


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
    keeper = Keeper(Path(base), name, int(owner), keep == "1")
    try:
        keeper.make_folder()
    except OSError as error:
        say({"number": 0, **complaint(f"The folder of {name} cannot be made in {base}", error)})
        return
    say({"number": 0, "folder": str(keeper.folder), "sockets": str(keeper.sockets)})
    keeper.serve()


if __name__ == "__main__":
    main()
