"""Bodies arrive whole, in both directions."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import quote

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import WireError

MEGABYTES_5 = bytes(range(251)) * 19_921  # the first bytes of the newsroom's /download/, just above 5,000,000
SIZE = 5_000_000
OCTETS = ("Content-Type", "application/octet-stream")
BOUNDARY = "lantern-7f3a"


def received(target: Target, body: bytes, method: str = "POST") -> Seen:
    """Whether Django read exactly these bytes."""
    answer = target.ask("/mirror/", method, [OCTETS], body)
    if answer.status != 200:
        return Seen(False, str(answer.status))
    seen = answer.json
    same = seen["body"] == {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return Seen(
        same and seen["method"] == method,
        f"{seen['method']}, {seen['body']['size']:,} bytes, {'the same' if same else 'others'}",
    )


@check("body-empty", "a POST without a body arrives", why="Buttons send such forms.")
def empty(target: Target) -> Seen:
    return received(target, b"")


@check("body-binary", "every byte from 0 to 255 arrives", why="Pictures are made of them.")
def binary(target: Target) -> Seen:
    return received(target, bytes(range(256)) * 16)


@check("body-large", "5 MB arrive at the site unchanged", why="A photograph is that large.")
def large(target: Target) -> Seen:
    return received(target, MEGABYTES_5[:SIZE])


@check("body-methods", "PUT, PATCH and DELETE arrive with their bodies", why="Programming interfaces use them.")
def methods(target: Target) -> Seen:
    seen = [received(target, b"wheat", method) for method in ("PUT", "PATCH", "DELETE")]
    return Seen(all(each.ok for each in seen), "; ".join(each.text for each in seen))


@check("body-form", "the fields of a form arrive, in UTF-8, several of a name", why="Comments and logins are forms.")
def form(target: Target) -> Seen:
    body = f"name={quote('Zoë & co')}&tag=a&tag=b+c&empty=".encode()
    answer = target.ask("/mirror/", "POST", [("Content-Type", "application/x-www-form-urlencoded")], body)
    fields = answer.json["form"] if answer.status == 200 else answer.status
    return Seen(fields == {"name": ["Zoë & co"], "tag": ["a", "b c"], "empty": [""]}, str(fields))


@check(
    "body-multipart", "uploaded files arrive by name, size and checksum", why="A byte that is lost spoils an archive."
)
def multipart(target: Target) -> Seen:
    files = {"small.txt": b"wheat\r\n--lantern\r\n", "large.bin": MEGABYTES_5[: 3 * 2**20]}
    parts = []
    for number, (name, content) in enumerate(files.items()):
        disposition = f'form-data; name="file{number}"; filename="{name}"'
        parts.append(f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    answer = target.ask("/upload/", "POST", [("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")], body)
    wanted = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    seen = answer.json.get("files") if answer.status == 200 else []
    same = seen == wanted
    return Seen(same, f"{answer.status}, {len(seen)} files, {'the same' if same else 'not as they were sent'}")


@check("body-download", "5 MB arrive at the visitor unchanged", why="The back-end is faster than the visitor's line.")
def download(target: Target) -> Seen:
    answer = target.ask(f"/download/?bytes={SIZE}")
    same = answer.body == MEGABYTES_5[:SIZE]
    return Seen(same and not answer.rest, f"{len(answer.body):,} bytes, {'the same' if same else 'others'}")


@check(
    "body-length",
    "a length that the site tells is handed on",
    why="A browser shows by it how much of a download is left.",
)
def length(target: Target) -> Seen:
    answer = target.ask("/download/?bytes=12345")
    told = answer.header("Content-Length")
    return Seen(told == "12345" == str(len(answer.body)), f"Content-Length: {told or 'none'}")


@check("body-nothing", "an answer without a body is one of length 0", why="A browser would wait for the rest.")
def nothing(target: Target) -> Seen:
    answer = target.ask("/download/?bytes=0")
    return Seen(
        answer.status == 200 and not answer.body and answer.framing in ("length", "chunked"),
        f"{answer.status}, end told by {answer.framing}",
    )


@check(
    "body-head",
    "HEAD gets the headers of GET and no body",
    why="A body here is taken for the next answer.",
    needs="any",
)
def head(target: Target) -> Seen:
    with target.connect() as wire:
        wire.send(target.head(target.path, "HEAD", [("Connection", "close")]))
        answer = wire.answer("HEAD")
        rest = wire.held + wire.to_the_end()
    same = answer.status == target.page(target.path).status
    return Seen(same and not rest, f"{answer.status}, {len(rest)} bytes of body")


@check("body-head-length", "HEAD tells the length that GET would have", why="Download managers ask so.")
def head_length(target: Target) -> Seen:
    answer = target.ask("/download/?bytes=12345", "HEAD")
    length = answer.header("Content-Length")
    return Seen(length == "12345" and not answer.rest, f"Content-Length: {length or 'none'}")


@check(
    "body-chunked",
    "a body that is sent in chunks arrives whole",
    why="Phones and scripts send what they do not know the length of.",
)
def chunked(target: Target) -> Seen:
    pieces = [b"wheat ", b"x" * 70_000, b" end"]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    with target.connect() as wire:
        wire.send(target.head("/mirror/", "POST", [OCTETS, ("Transfer-Encoding", "chunked"), ("Connection", "close")]))
        wire.send(body)
        answer = wire.answer("POST")
    if answer.status == 411:
        return Seen(False, "refused, 411")
    whole = b"".join(pieces)
    seen = answer.json["body"]["size"] if answer.status == 200 else 0
    return Seen(seen == len(whole), f"{answer.status}, {seen:,} of {len(whole):,} bytes")


@check(
    "body-continue",
    "Expect: 100-continue gets its word, or its answer, at once",
    why="Clients that wait for it lose a second and more.",
)
def expect(target: Target) -> Seen:
    body = b"wheat" * 100
    fields = [OCTETS, ("Content-Length", str(len(body))), ("Expect", "100-continue"), ("Connection", "close")]
    with target.connect() as wire:  # the word must come at once, the answer when the machine has time
        wire.send(target.head("/mirror/", "POST", fields))
        try:
            wire.more(2.0)
            word = "100 first" if b" 100 " in wire.held[:16] else "an answer at once"
        except TimeoutError:
            word = "silence"
        wire.send(body)
        answer = wire.answer("POST")
    if answer.status != 200:
        return Seen(False, f"{word}, then {answer.status}")
    whole = answer.json["body"]["size"] == len(body)
    return Seen(word != "silence" and whole, f"{word}, then {answer.status}")


@check(
    "body-unread",
    "an answer arrives though the site did not read the body",
    why="A refusal must reach the visitor who uploads.",
)
def unread(target: Target) -> Seen:
    answer = target.ask("/upload/", "PUT", [OCTETS], b"x" * 1_000_000)
    return Seen(answer.status == 405, str(answer.status))


@check(
    "body-smuggling",
    "a request with two ends is refused, or its connection closed",
    why="Where two servers take different ends, a visitor can slip a request into another visitor's connection.",
)
def smuggling(target: Target) -> Seen:
    inner = target.head("/mirror/smuggled")
    body = b"0\r\n\r\n" + inner
    fields = [OCTETS, ("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")]
    with target.connect() as wire:
        wire.send(target.head("/mirror/", "POST", fields) + body)
        first = wire.answer("POST")
        if first.status == 400:
            return Seen(True, "refused, 400")
        try:
            second = wire.answer()
        except (OSError, WireError):
            return Seen(True, f"{first.status}, and the connection closed")
    smuggled = second.status == 200 and "smuggled" in second.text
    return Seen(
        False, f"{first.status}, then {json.dumps(second.status)}{' to the request inside' if smuggled else ''}"
    )
