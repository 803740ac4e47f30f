"""`python -m book`: see `book.cli`."""

from __future__ import annotations

from labs.cli.entry import begin

if __name__ == "__main__":
    begin()

    from book.cli import main  # what it imports looks at the streams

    raise SystemExit(main())
