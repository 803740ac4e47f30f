"""Which files of a library the kernel has mapped into a process: two of one name in one process are a clash to be."""

from __future__ import annotations

import re
from pathlib import Path

from labs.errors import LabError
from labs.paths import short


def libraries(pid: int, name: str) -> list[str]:
    """The files of the shared library of this name, such as "libexpat", that a process has mapped (proc(5), maps).

    Raises LabError where the system does not tell: on another system than Linux, and of another user's process.
    """
    try:
        text = Path("/proc", str(pid), "maps").read_text("utf-8", "replace")
    except OSError as error:
        raise LabError(f"What process {pid} has mapped cannot be read: {error.strerror}.") from error
    mapped = (line.split(maxsplit=5)[5:] for line in text.splitlines())  # the last field is a path, spaces included
    files = [path.removesuffix(" (deleted)") for fields in mapped for path in fields]
    return list(dict.fromkeys(short(path) for path in files if re.match(rf"{re.escape(name)}[.-]", Path(path).name)))
