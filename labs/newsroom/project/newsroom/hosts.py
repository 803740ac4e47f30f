"""A pattern for ALLOWED_HOSTS that Django's own syntax cannot express."""

from __future__ import annotations

import re


class Loopback(str):
    """Matches every address of 127.0.0.0/8 and 198.18.0.0/15: the machines of the book are loopback addresses, or lie in
    networks of their own that only this computer reaches (RFC 2544).

    Django lowers a pattern and then compares it with the host for equality (django.http.request.is_same_domain), so
    equality is what is redefined. To list 65,000 addresses instead would cost every request a search through them.
    """

    address = re.compile(r"(127\.\d{1,3}|198\.1[89])(\.\d{1,3}){2}")

    def __new__(cls) -> Loopback:
        return super().__new__(cls, "127.0.0.0/8")

    def lower(self) -> Loopback:
        return self

    def __eq__(self, host: object) -> bool:
        return isinstance(host, str) and self.address.fullmatch(host) is not None

    __hash__ = str.__hash__
