"""What a FastCGI server should never be sent: each attack is the bytes of one connection."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TypeVar

from patience import HANG, Stopwatch

from labs.clients.fastcgi import AbortRequest, BeginRequest, Data, GetValues, Other, Params, Record, Stdin
from labs.clients.fastcgi.client import variables
from labs.clients.fastcgi.record import HEADER

Address = tuple[str, int] | Path
T = TypeVar("T")
BODY = b"twenty bytes of body"
HEAD = variables("/body/", method="POST", body=BODY)
# Lengths that say too much, or nearly: one byte, four bytes, and the largest of each.
LIES = (b"\x7f", b"\xff", b"\x80\x00\x00\x00", b"\xff\xff\xff\xff", b"\x80\x01\x00\x00", b"\x80")


def conversation(number: int = 1, *, keep: bool = False) -> list[Record]:
    """A good request with a body."""
    return [
        BeginRequest(keep=keep, request_id=number),
        *Params.pieces(HEAD, request_id=number),
        *Stdin.pieces(BODY, request_id=number),
    ]


def slow() -> Iterator[bytes]:
    """The variables of a request in records of a byte each, none of which is late."""
    whole = Params(HEAD).content
    return (Params(fragment=bytes([byte])).encode() for byte in whole)


def wire(records: Iterable[Record]) -> bytes:
    return b"".join(record.encode() for record in records)


def truncated() -> Iterator[bytes]:
    """A good request, cut off at every byte."""
    whole = wire(conversation())
    return (whole[:length] for length in range(len(whole)))


def changed() -> Iterator[bytes]:
    """A good request with one byte changed: each byte in turn, four ways."""
    whole = wire(conversation())
    for place, byte in enumerate(whole):
        for other in {0, 255, byte ^ 1, byte ^ 128} - {byte}:
            yield whole[:place] + bytes([other]) + whole[place + 1 :]


def headers() -> Iterator[bytes]:
    """Every version, every type, lengths and paddings that are not there, many roles."""
    begin, rest = wire(conversation()[:1]), wire(conversation()[1:])
    for number in range(256):
        yield HEADER.pack(number, 1, 1, 8, 0) + begin[8:] + rest
        yield HEADER.pack(1, number, 1, 8, 0) + bytes(8) + wire(conversation())
        yield begin + HEADER.pack(1, number, 1, 65535, 255) + b"x"
        yield begin + HEADER.pack(1, number, 1, 0, 255) + rest
    for bit in range(16):
        yield wire([BeginRequest(1 << bit), *conversation()[1:]])


def lying() -> Iterator[bytes]:
    """Variables whose lengths are not true, alone and behind good ones; begin records and questions of wrong lengths."""
    good = Params(HEAD).content
    for name in LIES:
        for value in LIES:
            for before in (b"", good):
                content = before + name + value + b"NAME"
                yield wire([BeginRequest(), Params(fragment=content), Params(), Stdin(b"")])
                yield HEADER.pack(1, 9, 0, len(name + value), 0) + name + value
    for length in (*range(8), *range(9, 20)):
        yield HEADER.pack(1, 1, 1, length, 0) + bytes(length) + wire(conversation()[1:])


def order(seed: int, number: int) -> Iterator[bytes]:
    """Good records in no order, of up to four requests on one connection."""
    random = Random(seed)
    for _ in range(number):
        records: list[Record] = []
        for _ in range(random.randrange(1, 12)):
            which = random.randrange(4)
            pool = [
                *conversation(which, keep=random.random() < 0.5),
                AbortRequest(request_id=which),
                Data(random.randbytes(random.randrange(200)), request_id=which),
                GetValues.ask(),
                Other(random.randbytes(random.randrange(30)), kind=random.randrange(256), request_id=which),
                Params({"A": "b" * random.randrange(300)}, request_id=which),
                Stdin(random.randbytes(random.randrange(3000)), request_id=which),
            ]
            records.append(random.choice(pool))
        yield wire(records)


def noise(seed: int, number: int) -> Iterator[bytes]:
    """Random bytes, half of them behind a good beginning."""
    random = Random(seed)
    begin = wire(conversation()[:1])
    return (begin * random.randrange(2) + random.randbytes(random.randrange(1, 400)) for _ in range(number))


def strangers() -> Iterator[bytes]:
    """Other protocols."""
    yield b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    yield b"70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00,"
    yield bytes(64)


def endless() -> Iterator[bytes]:
    """Streams that do not end: variables, a body before its request, data for a filter, records of nobody."""
    piece = b"x" * 65528
    begin = wire(conversation()[:1])
    yield begin + Params(fragment=b"\x80\xff\xff\xff\x80\xff\xff\xff" + piece[:-8]).encode() * 80
    yield begin + Stdin(piece).encode() * 80
    yield wire(conversation()[:-2]) + Stdin(piece).encode() * 80
    yield begin + Data(piece).encode() * 80
    yield Other(b"", kind=77, request_id=9).encode() * 20_000
    yield GetValues.ask().encode() * 5_000
    yield wire([*conversation()[:2], *[Params()] * 5000])


BATCHES: dict[str, Callable[[], Iterator[bytes]]] = {
    "cut off at every byte": truncated,
    "one byte changed": changed,
    "versions, types, lengths, roles": headers,
    "lengths that lie": lying,
    "good records in no order": lambda: order(1, 1200),
    "random bytes": lambda: noise(2, 600),
    "other protocols": strangers,
    "streams without an end": endless,
}


def attack(address: Address, data: bytes, *, reset: bool = False, timeout: float = 3) -> bool:
    """Send it on a connection, say that no more comes, and read what there is. Whether the server let go in time."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as client:
        client.settimeout(timeout)
        client.connect(address if isinstance(address, tuple) else str(address))
        watch, rest = Stopwatch(), memoryview(data)

        def patiently(move: Callable[[], T]) -> T:
            while True:
                try:
                    return move()
                except TimeoutError:
                    if watch.over(timeout):
                        raise

        try:
            while rest:
                rest = rest[patiently(lambda rest=rest: client.send(rest)) :]
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return True
            client.shutdown(socket.SHUT_WR)
            while patiently(lambda: client.recv(65536)):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True  # it broke the connection, which is an answer
    return True


def attack_all(address: Address, attacks: Iterable[bytes], *, at_once: int = 4) -> tuple[int, int]:
    """Every attack, by turns ended politely and by a reset. How many there were, and how many held the server up."""
    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(lambda pair: attack(address, pair[1], reset=pair[0] % 4 == 3), enumerate(attacks)))
    return len(results), results.count(False)


def half_open(address: Address, number: int, data: bytes) -> list[socket.socket]:
    """So many connections that send this and then nothing, and stay."""
    clients = []
    for _ in range(number):
        client = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
        client.settimeout(HANG)
        with suppress(OSError):
            client.connect(address if isinstance(address, tuple) else str(address))
            client.sendall(data)
        clients.append(client)
    time.sleep(0.05)
    return clients
