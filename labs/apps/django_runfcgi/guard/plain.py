"""flup as it comes, without one of the mends of this package: there to be compared with.

It is set up the way Django 1.x's command did it: flup opens its own socket, and has its own idea of when to stop.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .build import MODULES

if TYPE_CHECKING:
    from ..options import Options


def serve(application: Any, options: Options) -> None:
    """Serve until flup sees fit to stop. A socket that was handed over is standard input."""
    pool: dict[str, Any] = {"minSpare": options.minspare, "maxSpare": options.maxspare}
    if options.method == "prefork":
        pool |= {"maxChildren": options.maxchildren, "maxRequests": options.maxrequests}
    else:
        pool |= {"maxThreads": options.maxchildren}
    if options.protocol == "fcgi":
        pool |= {"umask": options.umask, "multiplexed": options.multiplexed}
    address: str | tuple[str, int] | None = None
    if options.socket is not None:
        address = str(options.socket)
    elif options.host is not None and options.port is not None:
        address = (options.host, options.port)
    base = import_module(f"flup.server.{MODULES[options.protocol, options.method]}").WSGIServer
    base(application, bindAddress=address, debug=options.debug, **pool).run()
