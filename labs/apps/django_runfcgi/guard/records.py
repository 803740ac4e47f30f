"""Records as they come from the front-end, held against the specification before flup takes them.

What flup does wrong:

- it takes records of any version, and waits without limit for the rest of one;
- it sends a record in three parts, which Nagle's algorithm makes wait for one another;
- it reads each record of the variables for itself, and cuts a name or value that goes on in the next one, or that has
  a length which is a lie, without a word;
- a further empty record of variables starts the same request once more, inside of itself;
- it collects variables, bodies of requests that never start, and data for a role that it does not play, without limit.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from flup.server import fcgi_base

if TYPE_CHECKING:
    from collections.abc import Iterator

# A front-end sends the variables from its memory, in one go: it has the reader's whole head by then.
HEAD_SECONDS = 10.0
# The least that the kernel is asked to wait: 0 would mean without limit.
LEAST_SECONDS = 0.001
# A body, or an answer, may be as slow as the reader; but something must move.
SILENCE_SECONDS = 60.0
# Apache, the most generous, takes a hundred header lines of 8190 bytes.
MOST_HEAD = 1 << 20
# Records that belong to no request, one after the other.
MOST_STRAY = 1000
BEGIN_LENGTH = 8


class ProtocolError(ConnectionError):
    """The other side does not keep to FastCGI. For the application, which may be reading the body, a broken connection."""


def limit(sock: socket.socket, seconds: float, *, sending: bool = False) -> None:
    """Let no single wait for the other side last longer. The kernel's own limit: Python's costs a call more each time."""
    option = socket.SO_SNDTIMEO if sending else socket.SO_RCVTIMEO
    sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000)))


def receive(sock: socket.socket, length: int, deadline: float) -> bytes:
    """So many bytes, or fewer at the end. Raises TimeoutError at the socket's limit, or at the deadline.

    The deadline is for the head as a whole. A limit of each wait alone would let whoever sends a byte now and then hold a
    worker for as long as they like.
    """
    parts: list[bytes] = []
    while length:
        if deadline < math.inf:
            limit(sock, remaining(deadline))
        try:
            part = sock.recv(length)
        except BlockingIOError as silence:
            raise TimeoutError("nothing came in time") from silence
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def remaining(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the variables of a request took too long")
    return max(left, LEAST_SECONDS)


def read(sock: socket.socket, deadline: float) -> Any:
    """The next record, as flup's own class. Raises EOFError where the connection ends, ProtocolError for another version."""
    header = receive(sock, fcgi_base.FCGI_HEADER_LEN, deadline)
    if len(header) < fcgi_base.FCGI_HEADER_LEN:
        raise EOFError("inside a record" if header else "")
    record = fcgi_base.Record()
    record.version, record.type, record.requestId, record.contentLength, record.paddingLength = struct.unpack(
        fcgi_base.FCGI_Header, header
    )
    if record.version != fcgi_base.FCGI_VERSION_1:
        raise ProtocolError(f"a record of version {record.version}")
    rest = receive(sock, record.contentLength + record.paddingLength, deadline)
    if len(rest) < record.contentLength + record.paddingLength:
        raise EOFError("inside a record")
    record.contentData = rest[: record.contentLength]
    return record


def pairs(data: bytes) -> Iterator[tuple[str, str]]:
    """Names and values. Raises ProtocolError where a length says more than there is."""
    position = 0
    while position < len(data):
        lengths = []
        for _ in range(2):
            size = 4 if data[position : position + 1] >= b"\x80" else 1
            lengths.append(int.from_bytes(data[position : position + size], "big") & 0x7FFFFFFF)
            position += size
        middle = position + lengths[0]
        end = middle + lengths[1]
        if end > len(data):
            raise ProtocolError(f"variables that say they are {end} bytes long, of which {len(data)} came")
        yield data[position:middle].decode("latin-1"), data[middle:end].decode("latin-1")
        position = end


def write(sock: socket.socket, record: Any) -> None:
    """Send a record of flup's. Raises TimeoutError where the other side takes nothing in time."""
    padding = -record.contentLength & 7
    header = struct.pack(
        fcgi_base.FCGI_Header, record.version, record.type, record.requestId, record.contentLength, padding
    )
    try:
        sock.sendall(b"".join((header, record.contentData, bytes(padding))))
    except BlockingIOError as silence:
        raise TimeoutError("nothing was taken in time") from silence
