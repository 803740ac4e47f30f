"""One measurement at a time on one machine: two would each see the other's load.

An flock(2) on a file in the temporary folder, which the kernel releases however its owner ends. The file is opened
without creating it where it exists, since Linux refuses O_CREAT on another user's file in a sticky folder
(fs.protected_regular); so root and ordinary users share one lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Self

from labs.errors import LabError

LOCK = Path(tempfile.gettempdir()) / "deploying-django-measuring.lock"


class BusyError(LabError):
    """Another run is measuring on this machine."""


class HostLock:
    """Held while something is measured. Use as a context manager.

    what     said to whoever comes meanwhile
    patience seconds to wait for another run to end; 0 says at once who is there
    """

    def __init__(self, what: str, *, patience: float = 0.0) -> None:
        self.what, self.patience, self.path = what, patience, LOCK
        self._file: int | None = None

    def __enter__(self) -> Self:
        file = self._open()
        deadline = time.monotonic() + self.patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = self._holder(file)
                    os.close(file)
                    raise BusyError(
                        f"{holder} is measuring on this machine, and two measurements at once would both be wrong. "
                        "Run this again when it is over."
                    ) from None
                time.sleep(0.2)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"pid": os.getpid(), "what": self.what, "since": time.time()}).encode(), 0)
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.ftruncate(file, 0)
            os.close(file)

    def _open(self) -> int:
        for _ in range(10):
            try:
                return os.open(self.path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                pass
            try:
                file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            except FileExistsError:
                continue
            os.fchmod(file, 0o666)  # the umask took some of it away, and every user of the machine must be able to wait
            return file
        raise LabError(f"{self.path} comes and goes; remove it and run this again")

    @staticmethod
    def _holder(file: int) -> str:
        try:
            holder = json.loads(os.pread(file, 4096, 0))
            minutes = max(0, round((time.time() - holder["since"]) / 60))
            return f"process {holder['pid']} ({holder['what']}, for {minutes} min)"
        except (ValueError, KeyError, TypeError):
            return "another process"
