"""`python -m benchmarks`: see `benchmarks.commands.cli`."""

from __future__ import annotations

from labs.cli.entry import begin, finish

if __name__ == "__main__":
    begin()

    from benchmarks.commands.cli import main  # what it imports looks at the streams

    raise SystemExit(finish("python -m benchmarks", main()))
