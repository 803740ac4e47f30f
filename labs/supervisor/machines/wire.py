"""A cable that takes its time, for kernels without netem: frames are read at one end and written at the other, later.

It works on whole frames (packet(7)), so that the first packet of a connection is late like every other. What it costs is its
own process, whose CPU is counted apart: some 20 µs a frame.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque

EVERYTHING = 3  # <linux/if_ether.h>, ETH_P_ALL
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23  # <linux/if_packet.h>
FRAME = 65_535
AT_ONCE = 64  # frames that are read before the other end has its turn
HELD = 10_000  # frames under way at most, as netem's limit here; what comes beyond is lost, as on a full line


def serve(one: str, other: str, delay: float) -> None:
    """Between two interfaces of this namespace, for ever. delay is in seconds, each way."""
    ends = [_end(one), _end(other)]
    queues: list[deque[tuple[float, bytes]]] = [deque(), deque()]
    while True:
        first = min((queue[0][0] for queue in queues if queue), default=None)
        patience = None if first is None else max(0.0, first - time.monotonic())
        ready = select.select(ends, [], [], patience)[0]
        for number, end in enumerate(ends):
            if end in ready:
                _take(end, queues[number], delay)
        now = time.monotonic()
        for number, queue in enumerate(queues):
            while queue and queue[0][0] <= now:
                _give(ends[1 - number], queue.popleft()[1])


def _end(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERYTHING))
    opened.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
    opened.bind((interface, EVERYTHING))
    opened.setblocking(False)
    return opened


def _take(end: socket.socket, queue: deque[tuple[float, bytes]], delay: float) -> None:
    for _ in range(AT_ONCE):
        try:
            frame = end.recv(FRAME)
        except OSError:  # nothing more, or the cable is unplugged
            return
        if len(queue) < HELD:
            queue.append((time.monotonic() + delay, frame))


def _give(end: socket.socket, frame: bytes) -> None:
    try:
        end.send(frame)
    except OSError:  # the cable is unplugged at that end: frames are lost
        pass
