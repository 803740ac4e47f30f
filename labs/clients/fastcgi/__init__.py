"""Speak FastCGI by hand: records, and a conversation with a server, record by record.

    from labs.clients.fastcgi import BeginRequest, Conversation, Params, Stdin

    with Conversation(address) as talk:
        talk.send(BeginRequest(), Params({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}), Params({}), Stdin(b""))
        talk.receive_all()
    talk

Sections cited in this package are those of the FastCGI specification, version 1.0, of 29 April 1996.
"""

from __future__ import annotations

from .client import Response, request
from .conversation import Conversation
from .errors import ConversationError, RecordError
from .kinds import (
    AbortRequest,
    BeginRequest,
    Data,
    EndRequest,
    GetValues,
    GetValuesResult,
    Params,
    ProtocolStatus,
    Role,
    Stderr,
    Stdin,
    Stdout,
    UnknownType,
)
from .record import Other, Record, Type, decode

RESPONDER, AUTHORIZER, FILTER = Role.RESPONDER, Role.AUTHORIZER, Role.FILTER

__all__ = [
    "AUTHORIZER",
    "FILTER",
    "RESPONDER",
    "AbortRequest",
    "BeginRequest",
    "Conversation",
    "ConversationError",
    "Data",
    "EndRequest",
    "GetValues",
    "GetValuesResult",
    "Other",
    "Params",
    "ProtocolStatus",
    "Record",
    "RecordError",
    "Response",
    "Role",
    "Stderr",
    "Stdin",
    "Stdout",
    "Type",
    "UnknownType",
    "decode",
    "request",
]
