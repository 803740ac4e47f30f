"""Make a notebook's stored form depend on what it says, not on when and where it ran.

Executed twice, a notebook differs in times, addresses, process numbers, measured values. If all of that were stored, each
refresh would change every file and hide the one change that matters. So an output whose text differs from the stored
one only in numbers, colours and generated names keeps its stored form. A cell tagged `nbval-check-output` is always
stored anew: its text is the verdict. The marks that checks and predictions leave are not stored: they are those of learners,
and a chapter that is only copied has been worked on by nobody.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from labs.exercises.marks import MARKS

if TYPE_CHECKING:
    from nbformat import NotebookNode

VERDICT = "nbval-check-output"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# colours, and names made from a hash: matplotlib's, the labs' folders, object addresses
HEX = re.compile(r"#[0-9a-f]{6}\b|\b(?:0x)?[a-z_]{0,6}?[0-9a-f]{8,}\b")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?")
# a bar that moved, a column that grew with its numbers, a path with a point more
FILLER = re.compile(r"[█░▏▎▍▌▋▊▉━─╸╺ ]+|\\u25[0-9a-f]{2}|(?:[MLCQZHVz]? ?-?0(?:[ ,]|\\n)*){2,}")


def shape(outputs: list[Any]) -> str:
    """The outputs of a cell with everything taken out that differs from run to run."""
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False)
    return FILLER.sub(" ", NUMBER.sub("0", HEX.sub("0", text)))


def outputs(cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of an executed cell: neighbours on one stream joined, without what is only of this run."""
    joined: list[NotebookNode] = []
    for output in cell.outputs:
        output.pop("transient", None)
        for mark in MARKS:
            output.get("data", {}).pop(mark, None)
        if "execution_count" in output:
            output.execution_count = cell.execution_count
        last = joined[-1] if joined else None
        if last and output.output_type == "stream" and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def normalise(fresh: NotebookNode, stored: NotebookNode, *, every: bool = False) -> NotebookNode:
    """`fresh`, just executed, in the form that is stored; `every` takes over each new output, whatever differs."""
    count = 0
    for number, cell in enumerate(fresh.cells):
        old = stored.cells[number] if number < len(stored.cells) else None
        cell["id"] = old["id"] if old and "id" in old else f"cell-{number + 1:02}"
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = outputs(cell)
        keeps = old and old.cell_type == "code" and not every and VERDICT not in cell.metadata.get("tags", [])
        if keeps and old and shape(outputs(old)) == shape(cell.outputs):
            cell.outputs = old.outputs
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count
    for key in ("kernelspec", "language_info", "widgets"):
        fresh.metadata.pop(key, None)
    fresh.metadata.update(KERNEL)
    fresh.nbformat, fresh.nbformat_minor = 4, 5
    return fresh
