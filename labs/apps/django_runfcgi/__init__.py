"""FastCGI for today's Django: the command `manage.py runfcgi`, which Django dropped in version 1.9.

Three ways in:

    python manage.py runfcgi method=threaded socket=/tmp/site.sock       "django_runfcgi" in INSTALLED_APPS
    python -m django_runfcgi --settings site.settings socket=/tmp/site.sock       nothing to install in the project
    runfastcgi(method="threaded", daemonize="false")       in a script that a web server starts by itself

The protocol is spoken by flup; `guard` mends what flup does wrong on Python 3.
"""

from __future__ import annotations

__all__ = ["runfastcgi"]


def runfastcgi(**options: object) -> None:
    """Serve the project named by DJANGO_SETTINGS_MODULE until a signal stops it.

    The keywords are those of the command line (`manage.py runfcgi help`). Without `socket`, `host` and `port` the
    listening socket is standard input, as when a web server starts the script.
    """
    from .server import main

    raise SystemExit(main([f"{name}={value}" for name, value in options.items()], setup=True))
