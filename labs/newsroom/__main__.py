"""Builds the newspaper for work on the project itself: `python -m labs.newsroom`, then manage.py needs no variable."""

from __future__ import annotations

import argparse
import sys

from labs.errors import LabError
from labs.newsroom.data import EDITOR, PASSWORD, PROJECT, SMALLEST, build
from labs.paths import CACHE, TOP


def main() -> int:
    """Build the archive, and put a database of one's own and a link to the media where settings.py looks for them."""
    parser = argparse.ArgumentParser(prog="python -m labs.newsroom", description=__doc__)
    parser.add_argument(
        "--articles", type=int, default=SMALLEST, help=f"size of the archive (default and least: {SMALLEST})"
    )
    options = parser.parse_args()
    try:
        data = build(options.articles)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    current = CACHE / "newsroom" / "current"
    current.mkdir(exist_ok=True)
    data.copy_database(current / "newspaper.sqlite3")
    media = current / "media"
    media.unlink(missing_ok=True)
    media.symlink_to(data.media, target_is_directory=True)
    print(f"{options.articles:,} articles in {current.relative_to(TOP)}, as new. Sign in as {EDITOR} with {PASSWORD}.")
    manage = (PROJECT / "manage.py").relative_to(TOP)
    print(f"To look at it: NEWSROOM_DEBUG=1 NEWSROOM_SERVE_MEDIA=1 {sys.executable} {manage} runserver")
    return 0


if __name__ == "__main__":
    sys.exit(main())
