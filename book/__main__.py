"""`python -m book`: see `book.cli`."""

from __future__ import annotations

from book.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
