"""flup as it is, around the same project: what the tests compare with.

Usage: plain.py METHOD ADDRESS NAME=NUMBER...   with ADDRESS a path or host:port
"""

from __future__ import annotations

import sys
from importlib import import_module

from django.core.wsgi import get_wsgi_application

method, place, *numbers = sys.argv[1:]
host, colon, port = place.partition(":")
module = import_module({"prefork": "flup.server.fcgi_fork", "threaded": "flup.server.fcgi"}[method])
options = {name: int(value) for name, _, value in (word.partition("=") for word in numbers)}
module.WSGIServer(get_wsgi_application(), bindAddress=(host, int(port)) if colon else place, **options).run()
