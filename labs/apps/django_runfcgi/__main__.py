"""`python -m django_runfcgi --settings site.settings socket=/tmp/site.sock`: runfcgi for any project."""

from __future__ import annotations

import sys

from .server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], setup=True))
