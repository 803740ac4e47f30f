"""A conversation with a FastCGI server: what is sent and received, record by record, kept to be looked at."""

from __future__ import annotations

import html
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from labs.clients import reach
from labs.paths import short

from .errors import ConversationError
from .kinds import EndRequest
from .record import Record, decode, shorten

Address = tuple[str, int] | str | Path


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One record on its way. `seconds` since the connection was opened; `length` of the content in bytes."""

    sent: bool
    record: Record
    seconds: float

    @property
    def length(self) -> int:
        """Bytes of content."""
        return len(self.record.content)


def place(address: Address) -> str:
    """An address in words."""
    return f"{address[0]}, port {address[1]}" if isinstance(address, tuple) else str(address)


class Conversation:
    """A connection to a FastCGI server at a (host, port) tuple or the path of a Unix socket.

    `timeout`, in seconds, bounds every wait. Raises ConversationError if nobody listens there. `exchanges` holds the
    records so far; a notebook shows them as a table.
    """

    def __init__(self, address: Address, *, timeout: float = 10.0) -> None:
        self.address = address
        self.timeout = timeout
        self.exchanges: list[Exchange] = []
        self._began = time.perf_counter()
        self._buffer = b""
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        family = socket.AF_INET if isinstance(self.address, tuple) else socket.AF_UNIX
        target = self.address if isinstance(self.address, tuple) else str(self.address)
        if isinstance(self.address, tuple) and ":" in self.address[0]:
            family = socket.AF_INET6
        connection = reach.open_socket(self.address[0] if isinstance(self.address, tuple) else "", family)
        connection.settimeout(self.timeout)
        try:
            connection.connect(target)
        except OSError as error:
            connection.close()
            raise ConversationError(
                f"No FastCGI server answers on {place(self.address)}: {error.strerror or error}. "
                "Start one there, such as: manage.py runfcgi daemonize=false ..."
            ) from error
        if isinstance(self.address, tuple):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, *records: Record) -> Self:
        """Send the records, in this order."""
        data = b"".join(record.encode() for record in records)
        now = time.perf_counter() - self._began
        self.exchanges += [Exchange(sent=True, record=record, seconds=now) for record in records]
        return self.send_bytes(data)

    def send_bytes(self, data: bytes) -> Self:
        """Send bytes that need not be records. They do not appear among the exchanges."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._broken("took no more data", error) from error
        return self

    def receive(self) -> Record:
        """Wait for the next record. Raises ConversationError after `timeout` seconds, or when the server leaves."""
        deadline = time.perf_counter() + self.timeout
        record, self._buffer = decode(self._buffer)
        while record is None:
            self._fill(deadline)
            record, self._buffer = decode(self._buffer)
        self.exchanges.append(Exchange(sent=False, record=record, seconds=time.perf_counter() - self._began))
        return record

    def receive_all(self) -> list[Record]:
        """Wait for records up to the end of a request, EndRequest included."""
        records = [self.receive()]
        while not isinstance(records[-1], EndRequest):
            records.append(self.receive())
        return records

    def _fill(self, deadline: float) -> None:
        try:
            self._socket.settimeout(max(deadline - time.perf_counter(), 0.001))
            data = self._socket.recv(65536)
        except TimeoutError as error:
            raise ConversationError(f"{place(self.address)} sent no record within {self.timeout:g} s.") from error
        except OSError as error:
            raise self._broken("broke the connection", error) from error
        finally:
            self._socket.settimeout(self.timeout)
        if not data:
            left = f", inside a record of which {len(self._buffer)} bytes came" if self._buffer else ""
            raise ConversationError(f"{place(self.address)} closed the connection{left}.")
        self._buffer += data

    def _broken(self, what: str, error: OSError) -> ConversationError:
        return ConversationError(f"{place(self.address)} {what}: {error.strerror or error}.")

    def closed(self) -> bool:
        """Wait until the server closes the connection: True. False if a record comes, or after `timeout` seconds."""
        try:
            self.receive()
        except ConversationError:
            self._socket.setblocking(False)
            try:
                return self._socket.recv(1, socket.MSG_PEEK) == b""
            except ConnectionError:
                return True
            except BlockingIOError:
                return False
            finally:
                self._socket.settimeout(self.timeout)
        return False

    def close(self) -> None:
        """Close the connection. What was said stays."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (
                "to the server" if exchange.sent else "from the server",
                exchange.record.name,
                str(exchange.record.request_id),
                str(exchange.length),
                shorten(exchange.record.words()),
            )
            for exchange in self.exchanges
        ]

    def __str__(self) -> str:
        lines = [f"{'→' if way.startswith('to') else '←'} {kind:17} {number:>3} {length:>6}  {words}".rstrip()
                 for way, kind, number, length, words in self._rows()]  # fmt: skip
        return "\n".join([f"  {'type':17} {'id':>3} {'bytes':>6}  content", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heads = ("direction", "type", "request", "bytes", "content")
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[:4])
            + f"<td><code>{html.escape(row[4])}</code></td></tr>"
            for row in self._rows()
        )
        caption = f"Records between a front-end and {html.escape(short(place(self.address)))}"
        return f'<table class="conversation"><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
