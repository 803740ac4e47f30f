"""Which pictures a page names, and which of them are the site's own."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

IMAGE = re.compile(rb"""<img\b[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def pictures(address: str, page: bytes, below: str = "") -> tuple[list[str], int]:
    """Addresses of the pictures to fetch, each once and in their order; and how many others the page names.

    address  of the page
    below    only those whose path begins with this

    Load is for the site alone: a picture of another host, or one that lies in the page itself, is no request to it. A media
    server of the same deployment is the same host by another port.
    """
    found: dict[str, bool] = {}
    for quoted in IMAGE.findall(page):
        source = html.unescape((quoted[0] or quoted[1]).decode("utf-8", "replace")).strip()
        parts = urlsplit(whole := urljoin(address, source))
        here = parts.scheme == "http" and parts.hostname == urlsplit(address).hostname
        rooted = source.startswith("/") and not source.startswith("//")
        found[source if rooted else whole] = bool(source) and here and parts.path.startswith(below)
    return [each for each, fetched in found.items() if fetched], sum(not fetched for fetched in found.values())
