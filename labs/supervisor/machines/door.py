"""The way into a deployment's network: a process in the readers' namespace that hands out sockets of it (unix(7), SCM_RIGHTS).

A socket belongs to the namespace that it was made in, whoever holds it. So a client on this side connects, sends and reads
as ever, and no process relays its bytes; the door works once for each connection, and its CPU is counted apart.
"""

from __future__ import annotations

import os
import selectors
import socket

MOST = 64  # sockets in one answer; the kernel passes 253


def listener(path: str) -> socket.socket:
    """The door itself: a socket on a path that this user alone can open."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        opened.bind(path)
    finally:
        os.umask(before)
    opened.listen(socket.SOMAXCONN)
    return opened


def serve(opened: socket.socket) -> None:
    """Answer each byte by that many TCP sockets of this namespace, and this process's number, for /proc/PID/net."""
    waiting = selectors.DefaultSelector()
    waiting.register(opened, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is opened:
                waiting.register(opened.accept()[0], selectors.EVENT_READ)
                continue
            client = key.fileobj
            assert isinstance(client, socket.socket)
            if not _answered(client):
                waiting.unregister(client)
                client.close()


def _answered(client: socket.socket) -> bool:
    """Whether the client goes on."""
    made: list[socket.socket] = []
    try:
        wanted = client.recv(1)
        made = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(min(wanted[0], MOST) if wanted else 0)]
        if made:
            socket.send_fds(client, [os.getpid().to_bytes(4, "big")], [each.fileno() for each in made])
        return bool(made)
    except OSError:  # it is gone, or the system has no more files
        return False
    finally:
        for each in made:
            each.close()
