"""Wait until a trial's connections are gone, so that the next one does not pay for them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from labs.clients import reach

PATIENCE = 10.0  # seconds: a server with a full queue first works it off; above that the trial is void
LISTEN, TIME_WAIT = "0A", "06"  # as in include/net/tcp_states.h


def connections(port: int, tables: Sequence[Path] = reach.LOCAL) -> tuple[int, int]:
    """Sockets of a server's port that are still connected in some way, and those in TIME_WAIT. (0, 0) where not known.

    TIME_WAIT lasts a minute and is harmless on loopback: Linux uses such a port again after a second
    (net.ipv4.tcp_tw_reuse=2), and each server start has a port of its own.
    """
    suffix, alive, waiting = f":{port:04X}", 0, 0
    for table in tables:
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split(None, 4)
            if fields[1].endswith(suffix) or fields[2].endswith(suffix):
                waiting += fields[3] == TIME_WAIT
                alive += fields[3] not in (TIME_WAIT, LISTEN)
    return alive, waiting


def drain(*urls: str, patience: float = PATIENCE) -> tuple[bool, int]:
    """Wait until no connection to a site's addresses is left; (whether that came true in time, sockets in TIME_WAIT)."""
    asked = [(address.port or 80, reach.tables(address.hostname or "")) for address in map(urlsplit, urls)]
    deadline = time.monotonic() + patience
    while True:
        seen = [connections(port, tables) for port, tables in asked]
        alive, waiting = map(sum, zip(*seen, strict=True))
        if not alive or time.monotonic() > deadline:
            return not alive, waiting
        time.sleep(0.02)
