"""Run every notebook and store what it says: the one command that changes tracked files of the book."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from book.contents import TOP
from book.normalise import normalise
from labs.supervisor.temporary import vanishing

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = "smoke"
CELL_SECONDS = 300


class RefreshError(Exception):
    """A notebook did not run to its end; `str()` names the cell and shows what it raised. The file is as it was."""


@contextmanager
def environment(*, stored: bool = False) -> Iterator[dict[str, str]]:
    """What a kernel of the book runs in: short runs whose records vanish, our packages found, nobody's private settings.

    stored  the outputs are kept: a claim still runs, and then shows its reference record
    """
    path = os.pathsep.join(part for part in (str(TOP), os.environ.get("PYTHONPATH")) if part)
    with vanishing("book-kernel-") as private:
        profile = private / "profile_default"
        profile.mkdir()
        # errors alone: at each start a kernel warns that it speaks over the loopback address, which is where it shall be
        (profile / "ipython_kernel_config.py").write_text("c.Application.log_level = 40\n")
        ours = {"BOOK_PROFILE": PROFILE, "BOOK_RESULTS": str(private / "results"), "PYTHONPATH": path}
        ours |= {"BOOK_SHOW": "reference"} if stored else {}
        yield {**os.environ, **ours, "IPYTHONDIR": str(private)}


def refresh(path: Path, *, every: bool = False) -> bool:
    """Run one notebook and store its outputs; True when the file changed. Raises `RefreshError`.

    every  stores each new output, also where it differs from the stored one in numbers only
    """
    stored = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    fresh = execute(deepcopy(stored), path)
    text = nbformat.writes(normalise(fresh, stored, every=every)) + "\n"  # type: ignore[no-untyped-call]
    if text == path.read_text("utf8"):
        return False
    replace(path, text)
    return True


def execute(notebook: nbformat.NotebookNode, path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run from its first cell to its last, in the notebook's folder."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        with environment(stored=True) as env:
            client.execute(env=env)
    except CellExecutionError as error:
        number = next(
            n
            for n, cell in enumerate(notebook.cells, 1)
            if any(o.output_type == "error" for o in cell.get("outputs", []))
        )
        raise RefreshError(
            f"{path.relative_to(TOP)}, cell {number} raised {error.ename}: {error.evalue}\n{error.traceback}"
        ) from error
    except CellTimeoutError as error:
        raise RefreshError(f"{path.relative_to(TOP)}: a cell ran longer than {CELL_SECONDS} s\n{error}") from error
    except DeadKernelError as error:
        raise RefreshError(
            f"{path.relative_to(TOP)}: the kernel died. Run it in JupyterLab (make lab) to see where."
        ) from error
    return notebook


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf8") as file:
            file.write(text)
        Path(temporary).chmod(path.stat().st_mode & 0o777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
