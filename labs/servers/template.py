"""Configuration files from readable templates: `@name@` is replaced, nothing else happens.

No conditionals, on purpose: a variant is a fragment, a small file of its own, and the server's module says which
fragments it takes. nginx and Apache own `$`, `%` and `{}`, so the mark is one that none of them uses.
"""

from __future__ import annotations

import re
from pathlib import Path

from labs.errors import LabError

_MARK = re.compile(r"^(?P<indent>[ \t]*)@(?P<block>[a-z_]+)@[ \t]*(?:\n|\Z)|@(?P<word>[a-z_]+)@", re.MULTILINE)


def render(template: Path, values: dict[str, object]) -> str:
    """The template with every mark replaced.

    A mark alone on its line takes a whole fragment, indented like the mark; an empty fragment takes its line along.
    Raises LabError for a mark without a value.
    """

    def put(found: re.Match[str]) -> str:
        name = found["block"] or found["word"]
        if name not in values:
            raise LabError(f"{template.name} asks for @{name}@, and the server does not say it.")
        text = str(values[name])
        if found["word"]:
            return text
        if not text:
            return ""
        return "".join(f"{found['indent']}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))

    text = _MARK.sub(put, template.read_text("utf-8"))
    return re.sub(r"\n{3,}", "\n\n", text)
