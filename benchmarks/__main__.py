"""`python -m benchmarks`: see `benchmarks.commands.cli`."""

from __future__ import annotations

from benchmarks.commands.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
