"""`labs check --all`: a class's workbooks on the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from labs.exercises import classroom


def look(folder: Path, *, again: bool, as_json: bool) -> int:
    """Print who is where; the exit status is 1 where no file is a workbook. Raises OptionError for a wrong folder."""
    found = classroom.look(folder)
    if again:
        found = classroom.again(found, lambda part: print(part, end="", file=sys.stderr, flush=True))
    if as_json:
        print(json.dumps(found.to_json(), indent=2))
    elif found.learners:
        # a file or a pipe has no width: there the words stand, however wide
        print(classroom.Overview(found, shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000))
    for name, why in found.passed_over.items():
        print(f"passed over: {name}: {why}", file=sys.stderr)
    return 0 if found.learners else 1
