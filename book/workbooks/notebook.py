"""Notebooks as they stand in files, read and written without nbformat: importing that takes longer than writing all of them."""

from __future__ import annotations

import json
from typing import Any

Node = dict[str, Any]  # a notebook, a cell or an output, in the form of nbformat 4.5, every text in one piece


def parse(text: str) -> Node:
    """A notebook. Raises ValueError, with the reason, for what is none, and for one whose cells cannot be told apart."""
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("nbformat") != 4 or not isinstance(found.get("cells"), list):
        raise ValueError("it is no notebook of format 4")
    if not all(isinstance(cell, dict) and isinstance(cell.get("id"), str) for cell in found["cells"]):
        raise ValueError("its cells have no ids")
    if len({cell["id"] for cell in found["cells"]}) != len(found["cells"]):
        raise ValueError("two of its cells have one id")
    for cell in found["cells"]:
        cell["source"] = whole(cell["source"])
        cell.setdefault("metadata", {})
        cell["outputs"] = [rejoined(output) for output in cell.get("outputs", [])]
        if cell["cell_type"] != "code":
            del cell["outputs"]
    found.setdefault("metadata", {})
    return found


def written(notebook: Node) -> str:
    """A notebook as it stands in a file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def rejoined(output: Node) -> Node:
    """An output with each text in one piece; the lines of a traceback and what is JSON stay lists."""
    joined = dict(output)
    if "text" in joined:
        joined["text"] = whole(joined["text"])
    if "data" in joined:
        data = joined["data"].items()
        joined["data"] = {kind: value if kind.endswith("json") else whole(value) for kind, value in data}
    return joined


def whole(text: Any) -> Any:
    """A text that may be a list of lines."""
    return "".join(text) if isinstance(text, list) else text
