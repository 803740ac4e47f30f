"""From the words of a command line to a server that runs."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import django
from django.core.exceptions import ImproperlyConfigured

from . import daemon, listener, pidfile
from .errors import RunfcgiError, UsageError
from .options import Options, help_text, parse, wants_help

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

BACKGROUND_UMASK = 0o022
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(words: Sequence[str], *, setup: bool = False) -> int:
    """Run the command; return its exit status: 0 after a clean end, 1 if it could not start, 2 for wrong use.

    words  the options, as they stand on the command line
    setup  read settings and pythonpath from the words and set Django up; manage.py has done so already
    """
    if wants_help(words):
        print(help_text())
        return 0
    try:
        options = parse(words)
        if setup:
            _setup(options)
        return run(options)
    except RunfcgiError as error:
        print(f"runfcgi: {error}", file=sys.stderr)
        return error.status


def run(options: Options) -> int:
    """Serve until a signal, in the background if the options say so. Raises RunfcgiError if it cannot start."""
    if options.pidfile is not None:
        pidfile.check(options.pidfile)
    listener.check(options)
    streams = daemon.Streams(outlog=options.outlog, errlog=options.errlog)
    in_background = not options.inherited if options.daemonize is None else options.daemonize
    if in_background:
        umask = BACKGROUND_UMASK if options.umask is None else options.umask
        return daemon.background(
            lambda ready: _serve(options, ready), workdir=options.workdir, umask=umask, streams=streams
        )
    daemon.redirect(streams, background=False)
    return _serve(options, lambda: None)


def _setup(options: Options) -> None:
    if options.pythonpath is not None:
        sys.path.insert(0, str(options.pythonpath))
    if options.settings is not None:
        os.environ["DJANGO_SETTINGS_MODULE"] = options.settings
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        raise UsageError("No project: give --settings MODULE, or set DJANGO_SETTINGS_MODULE.")
    try:
        django.setup()
    except (ImportError, ImproperlyConfigured) as error:
        module = os.environ["DJANGO_SETTINGS_MODULE"]
        raise RunfcgiError(f"The settings {module} do not load: {type(error).__name__}: {error}") from error


def _application() -> object:
    from django.core.servers.basehttp import get_internal_wsgi_application

    try:
        return get_internal_wsgi_application()
    except ImproperlyConfigured as error:
        raise RunfcgiError(f"The WSGI application does not load: {error}") from error


def _leave(_signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _serve_plain(application: object, options: Options, ready: Callable[[], None]) -> int:
    from .guard.plain import serve

    if options.pidfile is not None:
        pidfile.write(options.pidfile)
    print(f"runfcgi: {options.protocol}, {options.method}, flup as it comes; process {os.getpid()}", flush=True)
    ready()
    serve(application, options)
    return 0


def _serve(options: Options, ready: Callable[[], None]) -> int:
    try:
        from .guard import build
    except ImportError as error:
        raise RunfcgiError(f"flup is not in this Python: {error}. It comes with: pip install flup==1.0.3") from error
    application = _application()
    # Until flup has its own handlers, and after: a signal still leads through the clean-up below.
    for signum in STOP_SIGNALS:
        signal.signal(signum, _leave)
    if options.plain:
        return _serve_plain(application, options, ready)
    opened = listener.bind(options)
    owner = os.getpid()
    try:
        address = None if options.inherited else opened.socket.getsockname()
        server = build(application, options, opened.socket, address, opened.withdraw)
        if options.pidfile is not None:
            pidfile.write(options.pidfile)
        # Last: whoever can connect finds the pidfile there.
        opened.listen()
        print(f"runfcgi: {options.protocol}, {options.method}, on {opened.where}; process {owner}", flush=True)
        ready()
        server.run()
    finally:
        # A prefork child leaves through here too: the files are the parent's.
        if os.getpid() == owner:
            opened.close()
            if options.pidfile is not None:
                pidfile.remove(options.pidfile)
    return 0
