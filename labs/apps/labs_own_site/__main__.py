"""`python -m labs_own_site`: loads the project as a server would; exit status 3, and a line each, for what is not proved."""

from __future__ import annotations

import os
import sys

from .proof import NotProvedError


def main() -> int:
    """Load everything and say what is not proved."""
    import django

    os.chdir(os.environ["LABS_OWN_BASE"])  # where the servers run it, too
    try:
        django.setup()  # apps.py runs the proof
    except NotProvedError as error:
        print(error, flush=True)
        return 3
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # threads of the project's would keep it
