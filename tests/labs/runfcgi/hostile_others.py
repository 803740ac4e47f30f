"""What a server of SCGI or AJP should never be sent: each attack is the bytes of one connection."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from random import Random

BODY = b"twenty bytes of body"


def scgi(path: str = "/body/", *, body: bytes = BODY, **more: str) -> bytes:
    """A good SCGI request (the protocol's page by Neil Schemenauer): a netstring of variables, then the body."""
    variables = {"CONTENT_LENGTH": str(len(body)), "SCGI": "1", "REQUEST_METHOD": "POST" if body else "GET",
                 "SCRIPT_NAME": "", "PATH_INFO": path.partition("?")[0], "QUERY_STRING": path.partition("?")[2],
                 "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", **more}  # fmt: skip
    head = b"".join(f"{name}\0{value}\0".encode() for name, value in variables.items())
    return b"%d:%s,%s" % (len(head), head, body)


def text(value: str) -> bytes:
    """A string of AJP."""
    return struct.pack(">H", len(value)) + value.encode() + b"\0"


def packet(data: bytes) -> bytes:
    """A packet of AJP from the front-end."""
    return b"\x12\x34" + struct.pack(">H", len(data)) + data


def ajp_head(path: str = "/body/", *, length: str = str(len(BODY)), method: bytes = b"\x04") -> bytes:
    """A good AJP 1.3 request without its body: POST, protocol, URI, addresses, port, no TLS, one header, the end."""
    data = b"\x02" + method + text("HTTP/1.1") + text(path) + text("127.0.0.1") + text("") + text("localhost")
    data += struct.pack(">H", 80) + b"\0" + struct.pack(">H", 1) + b"\xa0\x08" + text(length) + b"\xff"
    return packet(data)


def ajp_body(body: bytes = BODY) -> bytes:
    """A piece of a body."""
    return packet(struct.pack(">H", len(body)) + body)


def ajp() -> bytes:
    """A good AJP request with its body."""
    return ajp_head() + ajp_body()


def cut(whole: bytes) -> Iterator[bytes]:
    """Cut off at every byte."""
    return (whole[:length] for length in range(len(whole)))


def changed(whole: bytes) -> Iterator[bytes]:
    """One byte changed: each in turn, three ways."""
    for place, byte in enumerate(whole):
        for other in {0, 255, byte ^ 1} - {byte}:
            yield whole[:place] + bytes([other]) + whole[place + 1 :]


def noise(begin: bytes, number: int = 150) -> Iterator[bytes]:
    """Random bytes, half of them behind a good beginning."""
    random = Random(3)
    return (begin * random.randrange(2) + random.randbytes(random.randrange(1, 400)) for _ in range(number))


def oversized_scgi() -> Iterator[bytes]:
    """Heads that say too much of their length, have too much in them, or do not end; bodies of a length that is a lie."""
    for size in (b"999999999999", b"9" * 5000, b"-1", b"", b"1e9", b"\xb2"):
        yield size + b":CONTENT_LENGTH\0000\000SCGI\0001\000,"
    yield b"9" * 3_000_000
    yield b"4000000:" + b"x" * 4_000_000 + b","
    yield scgi(X_LONG="x" * 2_000_000)
    for length in ("-1", "x", "", "99999999999999999999", "1e3"):
        yield scgi(CONTENT_LENGTH=length)


def oversized_ajp() -> Iterator[bytes]:
    """Strings, headers and bodies that say too much of their length; packets that are none; a packet of each kind."""
    good = ajp_head()
    for length in ("-1", "x", "", "99999999999999999999", "1e3"):
        yield ajp_head(length=length) + ajp_body()
    yield good + ajp_body(b"x" * 60_000)
    yield good + packet(struct.pack(">H", 65535) + BODY)
    yield good + packet(b"") * 10
    yield packet(b"") * 10_000
    for kind in range(256):
        yield packet(bytes([kind])) + packet(bytes([kind]) + b"\xff" * 40)
        yield ajp_head(method=bytes([kind])) + ajp_body()
    yield packet(b"\x0a") * 20_000  # questions whether it is there


BATCHES: dict[str, dict[str, Callable[[], Iterator[bytes]]]] = {
    "scgi": {
        "cut off at every byte": lambda: cut(scgi()),
        "one byte changed": lambda: changed(scgi()),
        "too large, or a lie": oversized_scgi,
        "random bytes": lambda: noise(scgi()[:9]),
    },
    "ajp": {
        "cut off at every byte": lambda: cut(ajp()),
        "one byte changed": lambda: changed(ajp()),
        "too large, or a lie": oversized_ajp,
        "random bytes": lambda: noise(ajp()[:4]),
    },
}
HALVES = {
    "scgi": {"nothing": b"", "half a length": b"12", "half a head": scgi()[:40], "no body": scgi()[: -len(BODY)]},
    "ajp": {"nothing": b"", "half a packet": ajp()[:20], "no body": ajp_head(), "half a body": ajp()[:-5]},
}
GOOD = {"scgi": scgi(), "ajp": ajp()}
