"""Which part of an address is the site's own, where the front-end has not said it.

What flup does wrong, where PATH_INFO is missing or empty:

- it cuts as many letters off REQUEST_URI as SCRIPT_NAME has, whether they are the same letters or not: the one is as the
  visitor wrote it, the other decoded, and a visitor may choose what is left;
- what is left it takes as it is, with its escapes, where WSGI wants it decoded;
- over AJP it does so with every request.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote


def path_of(environ: dict[str, Any]) -> str:
    """PATH_INFO: what comes after the script's name in the address that was asked for.

    Empty where that does not lie below it, and the log says so: the front-end then means another address by it, and no
    letter of this one.
    """
    script, uri = environ.get("SCRIPT_NAME", ""), environ.get("REQUEST_URI", "")
    if not uri:
        return ""
    path, below = decoded(uri), script.rstrip("/") + "/"
    if path.startswith(below):
        return path.removeprefix(script.rstrip("/"))
    if path != script:
        environ["wsgi.errors"].write(f"runfcgi: no PATH_INFO, and {uri!r} does not begin with SCRIPT_NAME {script!r}\n")
    return ""


def decoded(uri: str) -> str:
    """The path of a request's address, its escapes read once, and no way up left in it.

    Latin-1, as WSGI has it. Front-ends decide about /a/../b as about /b, and so must the site.
    """
    path = uri.partition("?")[0]
    if not path.startswith("/"):  # a whole address (RFC 9112, 3.2.2), or the * of OPTIONS
        path = "/" + path.partition("://")[2].partition("/")[2]
    path = unquote(path, "latin-1")
    kept: list[str] = []
    for part in (parts := path.split("/")[1:]):
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    return "/" + "/".join(kept + ([""] if parts[-1] in (".", "..") else []))
