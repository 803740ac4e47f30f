"""Django under mod_python: what the chapter's PythonHandler names. Django had one of its own until 1.4.

    <Location "/">
        SetHandler python-program
        PythonHandler django_modpython
        SetEnv DJANGO_SETTINGS_MODULE news.settings
        PythonPath "['/srv/news'] + sys.path"
    </Location>

mod_python brings a handler for WSGI applications too, mod_python.wsgi. It sends 200 for every page, whatever its status.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mod_python import apache
from mod_python.version import version

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_application: Application | None = None  # one for each interpreter of each process


def handler(req: Any) -> int:
    """Answer one request. Whatever it raises, mod_python logs, and shows to the visitor where PythonDebug is on."""
    # Before build_wsgi_env, which adds the request's own variables: what SetEnv says, and nothing else.
    settings = dict(req.subprocess_env.items())
    environ = req.build_wsgi_env()
    if environ is None:  # mod_python.wsgi.base_uri is set, and this request is not below it
        return int(apache.DECLINED)
    application = _application or _load(settings)
    for name, value in list(environ.items()):
        if isinstance(value, str):
            environ[name] = _latin(value)
        elif value is None:  # SCRIPT_FILENAME, where a Location has skipped the search for a file
            del environ[name]

    # mod_python reckons SCRIPT_NAME from an address in which it has made one slash of several, PATH_INFO from the one that was
    # asked for: for /a//b a visitor would choose what Django puts before every link.
    whole, path = _latin(req.uri), environ.get("PATH_INFO", "")
    if path and whole.endswith(path):
        environ["SCRIPT_NAME"] = whole.removesuffix(path)
    environ["mod_python.version"] = version
    environ["wsgi.run_once"] = False
    environ["wsgi.input"] = Body(req)

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if exc_info:  # an answer takes the place of one that failed, unless that is on its way
            if req.sent_bodyct:
                raise exc_info[1].with_traceback(exc_info[2])
            req.headers_out.clear()
            req.err_headers_out.clear()
        req.status, req.status_line = int(status[:3]), status
        for name, value in headers:
            match name.lower():
                case "content-type":
                    req.content_type = value  # as a header alone it would give way to what mod_mime guesses
                case "content-length":
                    req.set_content_length(int(value))
                case "set-cookie":  # those of headers_out are not sent with an error
                    req.err_headers_out.add(name, value)
                case _:
                    req.headers_out.add(name, value)
        return write

    def write(chunk: bytes) -> None:
        req.write(chunk)

    response = application(environ, start_response)
    try:
        for chunk in response:
            req.write(chunk)
    finally:
        close = getattr(response, "close", None)
        if close:
            close()
    return int(apache.OK)


class Body:
    """A request's body as WSGI has it. mod_python's request reads like one, but cannot be iterated line by line."""

    def __init__(self, req: Any) -> None:
        self.read, self.readline, self.readlines = req.read, req.readline, req.readlines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def _latin(text: str) -> str:
    """mod_python decodes UTF-8, and WSGI wants the bytes as latin-1 (PEP 3333)."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _load(variables: dict[str, str]) -> Application:
    """Load the site, once. SetEnv reaches the request alone, and settings read os.environ."""
    global _application  # noqa: PLW0603 - a module of Python is what mod_python keeps
    # Set, not set by default: interpreters of one process begin with each other's variables.
    os.environ.update(variables)
    sys.pycache_prefix = variables.get("PYTHONPYCACHEPREFIX", sys.pycache_prefix)  # Python itself read it at its start
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.utils.module_loading import import_string

    named = settings.WSGI_APPLICATION
    _application = import_string(named) if named else get_wsgi_application()
    return _application


__all__ = ["handler"]
