"""A folder that goes with its owner, however the owner ends."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Waits for the end of its input, which comes when the block is left and when the owner dies.
GUARD = 'cat >/dev/null; rm -rf -- "$1"'


@contextmanager
def vanishing(prefix: str) -> Iterator[Path]:
    """An empty folder of this user's alone among the temporary files; gone when the block is left, or this process is.

    Raises OSError where the folder or its guard cannot be made.
    """
    path = Path(tempfile.gettempdir(), f"{prefix}{os.urandom(6).hex()}")
    # The guard comes first: from the moment that the folder is there somebody is there to remove it.
    guard = subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "sh", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C is the owner's to decide about
    )
    assert guard.stdin is not None
    try:
        path.mkdir(mode=0o700)
        yield path
    finally:
        guard.stdin.close()
        guard.wait()
