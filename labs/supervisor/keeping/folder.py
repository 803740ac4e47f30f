"""The folder of one deployment, with the journal by which `labs reset` knows it, and how either goes."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import Any

IPC_RMID = 0
SOCKET_PATH_LIMIT = 95  # bytes: what Apache's mod_proxy takes (by trying); unix(7) allows 107
# What every server takes in the path of a socket; a folder with other characters gets its sockets elsewhere.
SOCKET_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+ ")
SOCKET_NAME = 30  # of them: /socket/ and a name, mod_wsgi's being the longest
JOURNAL = ".keeper.json"
UNFINISHED = ".new-"  # then the keeper's process number: a folder that has no name of its own yet


class Folder:
    """A folder with a locked journal in it, and one for sockets where its own path is too long for them.

    base  where it is made
    name  its name; a number is added when the name is taken

    Raises OSError where it cannot be made; then nothing of it is left.
    """

    def __init__(self, base: Path, name: str, journal: dict[str, Any]) -> None:
        self.base, self.name = base, name
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
            self.path = self._claim(new)
            self.sockets = self.path
            long = len(os.fsencode(self.path)) > SOCKET_PATH_LIMIT - SOCKET_NAME
            if long or not set(str(self.path)) <= SOCKET_PLAIN:
                self.sockets = short_folder()
            self.write(journal)  # before the folder of sockets is made, so that it is known whenever it is there
            if self.sockets != self.path:
                self.sockets.mkdir(mode=0o700)
                self.sockets.chmod(0o755)
        except OSError:
            shutil.rmtree(getattr(self, "path", new), ignore_errors=True)
            raise

    def _claim(self, new: Path) -> Path:
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

    def write(self, journal: dict[str, Any]) -> None:
        """What `labs reset` needs if the keeper itself is killed: the last whole line of the journal."""
        os.write(self.lock.fileno(), json.dumps({**journal, "sockets": str(self.sockets)}).encode() + b"\n")

    def end(self, *, keep: bool) -> None:
        """Remove it, or leave it behind without its journal."""
        if self.sockets != self.path:
            shutil.rmtree(self.sockets, ignore_errors=True)
        if keep:
            (self.path / JOURNAL).unlink(missing_ok=True)
        else:
            remove(self.path)


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
