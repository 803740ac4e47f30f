"""`python -m benchmarks`: see `benchmarks.commands.cli`."""

from __future__ import annotations

from labs.cli.entry import begin

if __name__ == "__main__":
    begin()

    from benchmarks.commands.cli import main  # what it imports looks at the streams

    raise SystemExit(main())
