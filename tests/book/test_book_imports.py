"""What notebooks import is the public face of this project, and short."""

from __future__ import annotations

import json

from labs.paths import TOP
from tests.imports import modules, named

PUBLIC = {
    "benchmarks",
    "benchmarks.lessons",
    "benchmarks.trust.plain",
    "labs",
    "labs.almanac",
    "labs.clients.fastcgi",
    "labs.conformance",
    "labs.exercises",
    "labs.faults.ageing",
    "labs.faults.bisect",
    "labs.faults.crashes",
    "labs.faults.libraries",
    "labs.faults.restarts",
    "labs.newsroom.variants",
}


def test_notebooks_import_the_public_face_alone_and_all_of_it() -> None:
    known = {name for top in ("labs", "benchmarks") for name in modules(top)}
    used: dict[str, set[str]] = {}
    for path in sorted((TOP / "book").rglob("*.ipynb")):
        if "_build" in path.parts:
            continue
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            code = "".join(line for line in cell["source"] if not line.lstrip().startswith(("%", "!")))
            if cell["cell_type"] == "code":
                for name in named(code, known):
                    used.setdefault(name, set()).add(path.name)
    assert {name: used[name] for name in sorted(used) if name not in PUBLIC} == {}
    assert set(used) == PUBLIC
