"""A file of variables, as many a project keeps one in .env: read as text, never run by a shell, and never written.

    NAME=value            # a comment after a space
    export NAME="two\\nlines, and \\" within"
    NAME='as it stands: no \\n, no $OTHER'

What is between quotes may go over several lines. ${OTHER} and $(command) are not replaced: tools differ in that, and a
command is nobody's to run here.
"""

from __future__ import annotations

import re
from pathlib import Path

from labs.errors import OptionError

NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
SINGLE = re.compile(r"'([^']*)'")
REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|$)")  # what may follow a value between quotes
PLAIN = re.compile(r"([^\n]*?)(?:[ \t]+#[^\n]*)?[ \t]*(?:\n|$)")
BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|$)")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def read(path: Path) -> dict[str, str]:
    """Name -> value; of a name that stands there twice, the last.

    Raises OptionError, with the number of the line and nothing of what stands in it: it may be a secret.
    """
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise OptionError(f"--env-file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise OptionError(f"--env-file {path} is no text in UTF-8.") from None
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if blank := BLANK.match(text, at):
            at = blank.end()
            continue
        line = text.count("\n", 0, at) + 1
        start = at + len(text[at:]) - len(text[at:].lstrip(" \t"))
        name = NAME.match(text, start)
        if not name:
            raise OptionError(f"--env-file {path}, line {line}: it is not NAME=VALUE. A comment begins with #.")
        value, at = _value(text, name.end(), f"--env-file {path}, line {line}")
        if "\0" in value:
            raise OptionError(f"--env-file {path}, line {line}: no variable can hold a zero byte.")
        found[name[1]] = value
    return found


def _value(text: str, at: int, where: str) -> tuple[str, int]:
    """The value that begins at a place, and where the next line begins."""
    quote = text[at : at + 1]
    if quote not in ('"', "'") or not quote:
        plain = PLAIN.match(text, at)
        assert plain is not None  # it matches anything
        value = "" if plain[1].startswith("#") else plain[1]
        return value, plain.end()
    quoted = (DOUBLE if quote == '"' else SINGLE).match(text, at)
    if not quoted:
        raise OptionError(f"{where}: the quotation mark {quote} has no end.")
    rest = REST.match(text, quoted.end())
    if not rest:
        raise OptionError(f"{where}: something follows the quotation mark at the end.")
    value = quoted[1]
    if quote == '"':
        value = re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[0]), value, flags=re.DOTALL)
    return value, rest.end()
