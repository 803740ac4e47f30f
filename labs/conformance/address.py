"""The address of a server as a reader types it: either one that can be asked, or a line that says what is wrong with it."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import quote, urlsplit

from labs.clients import reach
from labs.errors import OptionError

EXAMPLE = "An address is such as http://127.0.0.1:8000 or http://127.0.0.1:8000/paper"
HOST = r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?"


def address(text: str) -> str:
    """The address in the form that goes out: ASCII, with no more than scheme, host, port and path.

    Raises OptionError for one that cannot be asked, or that holds what would be sent by mistake.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise OptionError(f"{_shown(text)} is no address: {_lower(error)}. {EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or "://" not in text:
        raise OptionError(f"{_shown(text)} is no address. An address begins with http:// or https://")
    if "@" in parts.netloc:
        raise OptionError(
            f"{_shown(text)} holds a name or a password, which would be sent in every request, the broken ones too. Leave out "
            "what stands before the @: the suite asks as a visitor who is not logged in."
        )
    if "[" in parts.netloc and ":" not in host:
        raise OptionError(f"{text} is no address: what stands in brackets is no IPv6 address. {EXAMPLE}")
    if not host:
        raise OptionError(f"{text} names no host. {EXAMPLE}")
    if port == 0:
        raise OptionError(f"{text}: no server listens at port 0. {EXAMPLE}")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise OptionError(f"{text}: say where the site begins, without what stands behind a ? or a #. {EXAMPLE}")
    if wrong := re.search(r"[\x00-\x20\x7f\\<>\"]|%(?![0-9A-Fa-f]{2})", parts.netloc + parts.path):
        raise OptionError(f"{text!r} holds {wrong[0]!r}, which no address does; in a path write {quote(wrong[0])}.")
    where = f"{_host(host, text)}:{port}" if port else _host(host, text)
    return f"{parts.scheme}://{where}{quote(parts.path, safe=SAFE)}"


SAFE = "/%:@!$&'()*+,;=~"  # what a path may hold as it is (RFC 3986, 3.3), and escapes


def resembles(text: str) -> bool:
    """Whether somebody who typed this meant an address: a host with a port, an IP address, or something with slashes."""
    return bool(re.fullmatch(r"https?:.*|.*/.*|\S+:\d+|\[.*|localhost|[\d.]+", text.strip()))


def is_loopback(host: str) -> bool:
    """Whether every address of a host is this machine's loopback, or that of a machine which this run made. Raises OptionError where it has none."""
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError) as error:
        raise OptionError(
            f"{host} has no address that this machine knows ({error}). Is it spelt as it should be?"
        ) from error
    return bool(found) and all(map(_own, found))


def _own(text: str) -> bool:
    found = ipaddress.ip_address(text)
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback) or reach.admitted(text)


def _host(host: str, text: str) -> str:
    """The host as it stands in a Host header."""
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError as error:
            raise OptionError(f"{text} is no address: {_lower(error)}. {EXAMPLE}") from None
    try:
        plain = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if not re.fullmatch(HOST, plain) or ".." in plain or any(len(label) > 63 for label in plain.split(".")):
        raise OptionError(f"{text}: {host} is no name of a host. {EXAMPLE}")
    return plain


def _shown(text: str) -> str:
    """Without what may be a password."""
    return re.sub(r"(?<=//)[^/]*@", "…@", text)


def _lower(error: ValueError) -> str:
    words = str(error)
    return words[:1].lower() + words[1:]
