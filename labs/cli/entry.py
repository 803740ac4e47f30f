"""What every command does first: streams that can say anything on any terminal, and a checkout that can be worked in.

Standard library alone: the set-up programs begin here too, before anything is installed.
"""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import TextIO

TOP = Path(__file__).resolve().parents[2]

# What a terminal without these signs shows instead; whatever else it lacks is shown by its number.
PLAIN = {
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "─": "-",
    "━": "-",
    "╸": "-",
    "╺": "-",
    "×": "x",
    "÷": "/",
    "±": "+-",
}
PLAIN |= {"→": "->", "←": "<-", "’": "'", "‘": "'", "“": '"', "”": '"', "·": ".", "≥": ">=", "≤": "<=", "\xa0": " "}
PLAIN |= dict.fromkeys("█▉▊▋▌", "#") | dict.fromkeys("▍▎▏░", ".")


def begin(*, exact: bool | None = None) -> None:
    """Make the streams ready, then look at the place; ends the process, with the reason, where that cannot be worked in.

    exact  standard output is for a program: a character that it cannot hold is written as JSON writes it, never as another one.
           None: where the command line has --json
    """
    settle("--json" in sys.argv[1:] if exact is None else exact)
    try:
        Path.cwd()
    except FileNotFoundError:  # whoever deleted it did not know of this shell; servers want one that is there
        os.chdir(TOP)
    if why := unfit(TOP):
        print(why, file=sys.stderr)
        sys.exit(2)


def finish(program: str, status: int) -> int:
    """The exit status, when all that was printed has arrived; 1 with a line where it cannot, as on a full disk.

    Python itself would end with a traceback of its own, and status 120.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        if not status:
            print(f"{program} cannot go on: {error.strerror}.", file=sys.stderr)
        with Path(os.devnull).open("w") as nowhere:  # what is left in the buffer would fail again as Python ends
            os.dup2(nowhere.fileno(), 1)
        return status or 1
    return status


def settle(exact: bool) -> None:
    """Standard streams that are open and take every text: a character that a terminal lacks must not cost the rest of a report."""
    for number, name, way in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        # A stream that whoever started us has closed: its number would go to the next file that is opened, and what is
        # printed, by us or by a child, would be written into that file.
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, way, encoding="utf-8", closefd=False))  # noqa: SIM115 - lives as long as we do
    for stream, errors in ((sys.stdout, "labs-exact" if exact else "labs-plain"), (sys.stderr, "labs-plain")):
        _take_all(stream, errors)


def _take_all(stream: TextIO, errors: str) -> None:
    reconfigure = getattr(stream, "reconfigure", None)  # a notebook's stream, or a test's, has none and needs none
    if reconfigure is not None:
        reconfigure(errors=errors)


def unfit(place: Path) -> str:
    """Why nothing would run in a checkout at this path, and what to do; empty where all is well."""
    path, moves = str(place), "Move the checkout to a folder without it; everything in it may stay as it is."
    if ":" in path:
        return (
            f"The path of this checkout holds a colon: {path}\n"
            f"  PATH and PYTHONPATH end a folder's name there, and no virtual environment can be made below it. {moves}"
        )
    if odd := next((sign for sign in path if ord(sign) < 32 or ord(sign) == 127), None):
        return (
            f"The path of this checkout holds a control character ({odd!r}): {path!r}\n"
            f"  No server's configuration can name such a folder. {moves}"
        )
    try:
        same = path.encode() == os.fsencode(path)
    except UnicodeEncodeError:
        same = False
    if not same:
        return (
            f"The path of this checkout holds signs beyond ASCII, and Python reads names of files as "
            f"{sys.getfilesystemencoding()} here: {path!r}\n"
            f"  PYTHONUTF8=1 in front of the command makes it read them as UTF-8. Where the name is not UTF-8, move the checkout "
            f"to a folder whose name is."
        )
    return ""


def plain(error: UnicodeError) -> tuple[str, int]:
    """For a reader: a character that looks alike, else its number."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or _numbered(sign) for sign in text), error.end


def exact(error: UnicodeError) -> tuple[str, int]:
    """For a program: as JSON writes it, which it reads back as the same sign."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(_numbered, error.object[error.start : error.end])), error.end


def _numbered(sign: str) -> str:
    number = ord(sign)
    if number > 0xFFFF:
        number -= 0x10000
        return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
    return f"\\u{number:04x}"


codecs.register_error("labs-plain", plain)
codecs.register_error("labs-exact", exact)
