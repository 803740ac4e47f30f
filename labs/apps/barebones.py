"""The bare-bones site: handlers for mod_python with no Django in them, to tell a fault of the site from the server's.

    PythonHandler barebones             answers, and does nothing else
    PythonHandler barebones::environ    also asks mod_python for what a WSGI application is given

In a lab it also imports, first, the modules that imports.txt lists, a file in the folder of the deployment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from labs_imports import bring
from mod_python import apache

LIST = "imports.txt"


def handler(req: Any) -> int:
    """Answer every request with one line."""
    names = Path(os.environ["LABS_FOLDER"], LIST)
    for module in names.read_text("utf-8").split() if names.exists() else []:
        bring(module)
    req.content_type = "text/plain"
    req.write("mod_python works.\n")
    return int(apache.OK)


def environ(req: Any) -> int:
    """The same, after the step that every WSGI handler takes first."""
    req.build_wsgi_env()
    return handler(req)
