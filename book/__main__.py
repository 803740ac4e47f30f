"""`python -m book`: see `book.cli`."""

from __future__ import annotations

from labs.cli.entry import begin, finish

if __name__ == "__main__":
    begin()

    from book.cli import main  # what it imports looks at the streams

    raise SystemExit(finish("python -m book", main()))
