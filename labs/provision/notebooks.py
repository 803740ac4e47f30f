"""JupyterLab on the book, with its own settings and run-time files kept inside the checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def main() -> None:
    """Become JupyterLab; further arguments are handed on to it."""
    jupyter = TOP / ".cache" / "jupyter"
    for name in ("CONFIG", "DATA", "RUNTIME"):
        os.environ[f"JUPYTER_{name}_DIR"] = str(jupyter / name.lower())
    os.environ["IPYTHONDIR"] = str(jupyter / "ipython")
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={TOP / 'book'}", *sys.argv[1:]]
    if os.geteuid() == 0:
        command.append("--allow-root")  # Jupyter refuses root otherwise; a container has nobody else
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
