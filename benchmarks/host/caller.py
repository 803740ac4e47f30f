"""Which notebook or command this process is, as whoever waits for it would look for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from labs.runtime.kernel import in_a_kernel

NOTEBOOK = "JPY_SESSION_NAME"  # a Jupyter server gives it to each kernel: the path of the notebook


def caller() -> str:
    """Such as "keep-alive.ipynb" or "python -m benchmarks run"; without arguments, since other users read it."""
    if notebook := os.environ.get(NOTEBOOK):
        return Path(notebook).name
    if in_a_kernel():
        return "a notebook"
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return " ".join(["python -m", program.parent.name, *(word for word in sys.argv[1:2] if word.isalpha())])
    return "python" if program.name in ("", "-c") else program.name
