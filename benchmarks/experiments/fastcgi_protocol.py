"""The server delegates over a socket: one request spoken by hand, record by record, to the server that Apache, nginx
or lighttpd would otherwise speak to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding
from labs.clients.fastcgi.client import request
from labs.clients.fastcgi.record import Type


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Ask the back-end alone, then the front-end, then the back-end after the front-end is gone."""
    with deploy("fastcgi-lighttpd") as site:
        address = site.address_of("flup")
        direct = request(address, "/hello/")
        types = [record.type for record in direct.records]
        yield Finding(
            what="a request in FastCGI records to the socket, no web server between",
            expected="200 and the page",
            seen=f"{direct.status}, {len(direct.body)} bytes",
            ok=direct.status == 200,
        )
        yield Finding(
            what="the same page through lighttpd",
            expected="the same bytes",
            seen="the same" if site.get("/hello/").body == direct.body else "others",
            ok=site.get("/hello/").body == direct.body,
        )
        shape = [Type.BEGIN_REQUEST, Type.PARAMS, Type.STDIN, Type.STDOUT, Type.END_REQUEST]
        yield Finding(
            what="record types of the conversation, in order",
            expected="begin request, params, stdin, stdout, end request",
            seen=", ".join(Type(each).name.lower().replace("_", " ") for each in dict.fromkeys(types)),
            ok=list(dict.fromkeys(types)) == shape,
        )
        first, second = (json.loads(request(address, "/whoami/").body)["pid"] for _ in range(2))
        flup, lighttpd = site.pid_of("flup"), site.pid_of("lighttpd")
        yield Finding(
            what="the process that answers two requests",
            expected="both times the same, and not the web server's",
            seen="one process, not the web server" if first == second == flup != lighttpd else f"{first}, {second}",
            ok=first == second == flup != lighttpd,
        )


experiment = Behaviour(claim="fastcgi-protocol", checks=checks)
