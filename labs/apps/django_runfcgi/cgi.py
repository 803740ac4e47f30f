"""One request by CGI: `python -m django_runfcgi.cgi`, with DJANGO_SETTINGS_MODULE and PYTHONPATH set.

The front-end starts this for each request. CGI_SCRIPT_NAME, if set, takes the place of SCRIPT_NAME: set it empty
where a rewrite rule shows the site at "/" though the script has a path of its own.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import BinaryIO
from wsgiref.handlers import BaseCGIHandler, CGIHandler, read_environ

FAILURE = (
    b"Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"The site did not start. The web server's log of errors has the traceback.\n"
)


class GuardedCGIHandler(CGIHandler):
    """wsgiref's handler, writing to a stream that no print can reach."""

    def __init__(self, output: BinaryIO) -> None:
        environ = read_environ()
        if "CGI_SCRIPT_NAME" in environ:
            environ["SCRIPT_NAME"] = environ["CGI_SCRIPT_NAME"]
        # lighttpd sends both a second time among the headers; WSGI has no such keys, and wsgiref.validate refuses them.
        for name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            environ.pop(name, None)
        BaseCGIHandler.__init__(
            self, sys.stdin.buffer, output, sys.stderr, environ, multithread=False, multiprocess=True
        )


def take_output() -> BinaryIO:
    """Take standard output for the answer alone; what the site prints goes to standard error, the front-end's log."""
    sys.stdout.flush()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def main() -> int:
    """Answer the request; return the exit status."""
    output = take_output()
    try:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application
        from django.utils.module_loading import import_string

        # As Django's own runserver chooses it, without the modules that a server needs: each request pays for an import.
        named = settings.WSGI_APPLICATION
        application = import_string(named) if named else get_wsgi_application()
    except Exception:  # noqa: BLE001 - whatever a site can raise at import: the visitor still gets an answer
        traceback.print_exc()
        with output:
            output.write(FAILURE)
        return 1
    with output:
        GuardedCGIHandler(output).run(application)
    return 0


if __name__ == "__main__":
    sys.exit(main())
