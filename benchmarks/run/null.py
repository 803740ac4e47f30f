"""A server that does nothing, as fast as Python can: what the generator reaches here is the generator's own limit.

`python benchmarks/run/null.py BYTES [CPU …]` prints its port, answers every GET with the same page, and ends with its standard input.
A page below /closing/ is answered on a connection that is then closed. BYTES is the length of that page; 0 is eight bytes.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys

BODY = b"nothing\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"


def answer(connection: socket.socket, kept: bytes, closed: bytes) -> bool:
    """Answer what was asked in one piece; whether the connection stays."""
    try:
        asked = connection.recv(65536)
        if not asked:
            return False
        closing = asked.startswith(b"GET /closing/")
        connection.sendall(closed if closing else kept)
    except OSError:
        return False
    return not closing


def main() -> None:
    """Serve until standard input closes."""
    body = BODY.ljust(int(sys.argv[1]), b".") if int(sys.argv[1]) else BODY
    kept = HEAD % (len(body), body)
    closed = kept.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    if len(sys.argv) > 2 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu) for cpu in sys.argv[2:]})
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    listening.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(listening, selectors.EVENT_READ)
    selector.register(0, selectors.EVENT_READ)
    print(listening.getsockname()[1], flush=True)
    while True:
        for key, _ready in selector.select():
            if key.fileobj == 0:
                return
            if key.fileobj is listening:
                selector.register(listening.accept()[0], selectors.EVENT_READ)
            elif isinstance(key.fileobj, socket.socket) and not answer(key.fileobj, kept, closed):
                selector.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    main()
