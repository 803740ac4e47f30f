"""One measurement at a time on one machine: two would each see the other's load. Who comes meanwhile waits in a queue.

What needs no quiet, such as looking whether a statement is true, shares the lock with others of its kind, and not with a
measurement.

The lock is an flock(2) on a file in the temporary folder, and so is a place in the queue: the kernel releases either however
its owner ends, `kill -9` included. Files are opened without creating them where they exist, since Linux refuses O_CREAT on
another user's file in a sticky folder (fs.protected_regular); so root and ordinary users share one lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks.host.caller import caller
from labs.errors import LabError
from labs.runtime.stillness import still

if TYPE_CHECKING:
    from collections.abc import Callable

LOCK = Path(tempfile.gettempdir()) / "deploying-django-measuring.lock"
LOOK = 0.2  # seconds between two looks at the lock
SETTLE = 5.0  # seconds: who shares the lock waits that long for those of its kind who are about to take their share
NEW = "new-"  # begins the name of a place that is being taken


class BusyError(LabError):
    """Another run is measuring on this machine."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Who waits is told this once a second, and whenever what is waited for changes.

    line      who holds the lock, and how many wait before
    waited    seconds so far, and at most `patience`
    """

    line: str
    waited: float
    patience: float


class HostLock:
    """Held while something is measured. Use as a context manager; who waits longest comes first.

    what      said to whoever comes meanwhile
    patience  seconds to wait for others to end; 0 says at once who is there
    shared    what is done needs no quiet: it goes beside others of its kind
    on_wait   called while another measures
    """

    def __init__(
        self,
        what: str,
        *,
        patience: float = 0.0,
        shared: bool = False,
        on_wait: Callable[[Wait], object] | None = None,
    ) -> None:
        self.what, self.shared, self.path = what, shared, LOCK
        self.patience = max(patience, SETTLE) if shared else patience
        self._say = on_wait or (lambda _wait: None)
        self._file: int | None = None
        self._still = ExitStack()

    def __enter__(self) -> Self:
        file = _open(self.path)
        try:
            with _Place(self.path.with_suffix(".queue"), self.what) as place:
                self._wait(file, place)
        except BaseException:
            os.close(file)
            raise
        told = _told(self.what)
        os.pwrite(file, told, 0)  # then the rest goes: who looks meanwhile, or writes beside, finds whole words
        os.ftruncate(file, len(told))
        self._file = file
        self._still.enter_context(still())
        return self

    def __exit__(self, *_: object) -> None:
        self._still.close()
        file, self._file = self._file, None
        if file is not None:
            if not self.shared:  # others may hold it still; the next one writes its own name
                os.ftruncate(file, 0)
            os.close(file)

    def _wait(self, file: int, place: _Place) -> None:
        begun, said = time.monotonic(), ("", 0)
        while True:
            before = place.before()
            if not before and _locked(file, shared=self.shared):
                return
            # The first of the queue may be about to take a lock that is free: then it is the one to name.
            holder = _named(os.pread(file, 4096, 0)) or next(iter(before), "another process")
            waited = time.monotonic() - begun
            if waited >= self.patience:
                raise BusyError(
                    f"{holder} is measuring on this machine{_queue(before)}, and two measurements at once would both be "
                    f"wrong. Run this again when it is over{self._longer()}."
                )
            line = f"waits for {holder}{_queue(before)}"
            if (line, int(waited)) != said:
                self._say(Wait(line=line, waited=waited, patience=self.patience))
                said = line, int(waited)
            time.sleep(LOOK)

    def _longer(self) -> str:
        return f"; this one has waited {self.patience:.0f} s" if self.patience else ", or let it wait: --wait 600"


class _Place:
    """A place in the queue: a locked file named after the moment it was taken. One that is not locked was left behind."""

    def __init__(self, queue: Path, what: str) -> None:
        self.queue, self.what = queue, what
        self._file: int | None = None

    def __enter__(self) -> Self:
        with suppress(FileExistsError):
            self.queue.mkdir()
            self.queue.chmod(0o1777)  # as the temporary folder itself: everybody may wait, nobody may send others away
        # CLOCK_MONOTONIC is the same in every process of a machine, and nobody sets it back
        name = f"{time.monotonic_ns():020d}-{os.getpid()}"
        self.path, unseen = self.queue / name, self.queue / f"{NEW}{name}"
        try:
            self._file = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            os.fchmod(self._file, 0o644)  # who comes later must be able to see that it is taken, whatever the umask
            fcntl.flock(self._file, fcntl.LOCK_EX)
            os.pwrite(self._file, _told(self.what), 0)
            unseen.rename(self.path)  # seen only now: a place that is not locked would be taken for an abandoned one
        except OSError as error:
            raise LabError(f"{self.queue} cannot be used: {error.strerror}. Remove it and run this again.") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(FileNotFoundError):
                self.path.unlink()
            os.close(self._file)

    def before(self) -> list[str]:
        """Who waits before this one, the longest first. What somebody who is gone left behind is removed."""
        found = []
        for path in sorted(self.queue.iterdir()):
            if path.name >= self.path.name or path.name.startswith(NEW):
                continue
            try:
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except OSError:
                continue  # gone in between, or another user's that says nothing
            try:
                if _locked(file):
                    with suppress(OSError):  # another user's, in a folder where each removes his own
                        path.unlink()
                else:
                    found.append(_named(os.pread(file, 4096, 0)) or "another process")
            finally:
                os.close(file)
        return found


def _open(path: Path) -> int:
    for _ in range(10):
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            pass
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except FileExistsError:
            continue
        os.fchmod(file, 0o666)  # the umask took some of it away, and every user of the machine must be able to wait
        return file
    raise LabError(f"{path} comes and goes; remove it and run this again")


def _locked(file: int, *, shared: bool = False) -> bool:
    """Take the lock if it is free, or, shared, if only others who share it have it."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(what: str) -> bytes:
    return json.dumps({"pid": os.getpid(), "what": what, "by": caller(), "since": time.time()}).encode()


def _named(told: bytes) -> str | None:
    try:
        holder = json.loads(told)
        if not _lives(holder["pid"]):  # one who shared the lock and has gone
            return None
        since = time.strftime("%H:%M", time.localtime(holder["since"]))
        by = f"{holder['by']}, " if "by" in holder else ""  # a checkout of an earlier edition shares the lock
        return f"process {holder['pid']} ({holder['what']}, {by}since {since})"
    except (ValueError, KeyError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _queue(before: list[str]) -> str:
    match len(before):
        case 0:
            return ""
        case 1:
            return "; 1 other waits before this one"
        case others:
            return f"; {others} others wait before this one"
