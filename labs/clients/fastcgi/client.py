"""One request to a FastCGI server, as a front-end would send it."""

from __future__ import annotations

import http.client
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from .conversation import Address, Conversation
from .errors import ConversationError
from .kinds import BeginRequest, EndRequest, Params, Stderr, Stdin, Stdout
from .pairs import Text, to_text
from .record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Response:
    """The answer. `records` are all records, sent and received; `conversation` shows them as a table."""

    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes
    stderr: bytes
    end: EndRequest
    conversation: Conversation = field(repr=False)

    @property
    def records(self) -> list[Record]:
        """Every record of the conversation, in order."""
        return [exchange.record for exchange in self.conversation.exchanges]


def variables(
    path: str, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> dict[str, Text]:
    """The variables of a request, as RFC 3875 (CGI) names them, for a site at "/"."""
    place, _, query = path.partition("?")
    values: dict[str, Text] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(place),
        "QUERY_STRING": query,
        "REQUEST_URI": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        values[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return values


def request(
    address: Address,
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Text] | None = None,
    timeout: float = 10.0,
) -> Response:
    """Ask a FastCGI server for `path` on a connection of its own.

    address  (host, port), or the path of a Unix socket
    params   further variables of the request, which win over those made from the other arguments
    timeout  seconds that each wait may last

    Raises ConversationError if the server cannot be reached, is late, or answers with what is no answer.
    """
    values = {**variables(path, method=method, body=body, headers=headers), **(params or {})}
    with Conversation(address, timeout=timeout) as talk:
        return ask(talk, values, body)


def ask(talk: Conversation, values: Mapping[str, Text], body: bytes = b"", *, keep: bool = False) -> Response:
    """Send one request on a conversation that is open, and wait for the whole answer."""
    talk.send(BeginRequest(keep=keep), *Params.pieces(values), *Stdin.pieces(body))
    return answer(talk.receive_all(), talk)


def answer(records: list[Record], talk: Conversation) -> Response:
    """Put the answer together from its records."""
    output = b"".join(record.data for record in records if isinstance(record, Stdout))
    errors = b"".join(record.data for record in records if isinstance(record, Stderr))
    end = records[-1]
    assert isinstance(end, EndRequest)
    stream = io.BytesIO(output)
    headers = http.client.parse_headers(stream)
    number, _, reason = headers.get("Status", "200 OK").partition(" ")
    if not number.isdigit() or not output:
        told = f" It wrote: {to_text(errors)[-500:]}" if errors else ""
        raise ConversationError(f"The server ended the request without an answer ({end.words()}).{told}")
    return Response(
        status=int(number),
        reason=reason,
        headers=headers,
        body=stream.read(),
        stderr=errors,
        end=end,
        conversation=talk,
    )
