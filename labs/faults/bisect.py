"""Which imports end a process? Found by leaving out more and more of them, and looking each time whether it still dies.

The method is the chapter's, done by a machine: a bare site that works, then half of the imports, then half of that. Where
two modules die only together no half dies, and smaller parts are left out instead (ddmin: Zeller and Hildebrandt,
"Simplifying and Isolating Failure-Inducing Input", 2002).

    with Shell(site) as shell:
        find(imports_of(page), in_process(shell))
"""

from __future__ import annotations

import ast
import http.client
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from labs.errors import LabError
from labs.runtime.deployment import Deployment
from labs.runtime.shell import Shell
from labs.tables import Tabled

SHOWN = 4  # names that a line shows before it counts the rest

# Modules -> what ended the process that imported them, such as "SIGSEGV"; an empty text when it lived
Dies = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Trial:
    """One process that imported some modules, and what ended it; an empty text when it lived."""

    modules: tuple[str, ...]
    died: str


@dataclass(frozen=True, repr=False)
class Search(Tabled):
    """The trials in their order, and the modules of which none can be left out."""

    trials: tuple[Trial, ...]
    culprits: tuple[str, ...]

    columns = ("imports", "which", "the process")
    kind = "plain culprit"

    def cells(self) -> list[tuple[str, ...]]:
        """A row a trial."""
        return [
            (str(len(trial.modules)), _shown(trial.modules), f"dies: {trial.died}" if trial.died else "lives")
            for trial in self.trials
        ]

    @property
    def below(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What was found, and in how many processes."""
        together = " and ".join(self.culprits)
        return f"{together}, found in {len(self.trials)} processes"


def find(modules: Sequence[str], dies: Dies) -> Search:
    """The fewest of these modules whose import, in this order, ends a process.

    Raises LabError where all of them together live, or where a process dies without any.
    """
    trials: dict[tuple[str, ...], Trial] = {}

    def tried(some: tuple[str, ...]) -> str:
        if some not in trials:
            trials[some] = Trial(some, dies(some))
        return trials[some].died

    if not tried(tuple(modules)):
        raise LabError(f"With all {len(modules)} imports the process lives. The culprit is not among them: add others.")
    if died := tried(()):
        raise LabError(f"The process dies without any import ({died}). The culprit is what runs them.")
    left, parts = tuple(modules), 2
    while len(left) > 1:
        smaller = next(((some, then) for some, then in _candidates(left, parts) if tried(some)), None)
        if smaller is not None:
            left, parts = smaller
        elif parts < len(left):
            parts = min(2 * parts, len(left))
        else:
            break
    return Search(tuple(trials.values()), left)


def _candidates(modules: tuple[str, ...], parts: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each of so many parts alone, then all but it; and into how many parts that is to be cut next, should it die."""
    edges = [round(number * len(modules) / parts) for number in range(parts + 1)]
    pieces = list(pairwise(edges))
    yield from ((modules[first:end], 2) for first, end in pieces)
    if parts > 2:  # of two parts, one is what the other leaves
        yield from ((modules[:first] + modules[end:], parts - 1) for first, end in pieces)


def _shown(modules: Sequence[str]) -> str:
    if len(modules) <= SHOWN:
        return ", ".join(modules) or "none"
    return f"{modules[0]}, {modules[1]} … {modules[-1]}"


def imports_of(file: Path) -> list[str]:
    """What a Python file imports at its top level, in its order, each once.

    `from a import b` is a.b, which may be a module or something in one. A relative import has its whole name, by the folders
    above the file that are packages.

    Raises LabError for a file that is no Python.
    """
    try:
        body = ast.parse(file.read_text("utf-8")).body
    except (SyntaxError, UnicodeDecodeError) as error:
        raise LabError(f"{file} cannot be read as Python: {error}.") from error
    names: list[str] = []
    for line in body:
        if isinstance(line, ast.Import):
            names += [each.name for each in line.names]
        elif isinstance(line, ast.ImportFrom) and line.module != "__future__":
            module = (
                ".".join(filter(None, [*_package(file)[: 1 - line.level or None], line.module]))
                if line.level
                else line.module
            )
            names += [f"{module}.{each.name}".removesuffix(".*") for each in line.names]
    return list(dict.fromkeys(names))


def _package(file: Path) -> list[str]:
    """The names of the packages that a file lies in, the outermost first."""
    found: list[str] = []
    for folder in file.resolve().parents:
        if not (folder / "__init__.py").exists():
            break
        found.insert(0, folder.name)
    return found


def in_process(shell: Shell, *, django: bool = False) -> Dies:
    """Import in a Python process of its own, with the path and the environment of the shell's site.

    django  set Django up first, as modules with models need it

    The function raises LabError where an import fails by an exception: what comes after it was not reached.
    """

    def dies(modules: Sequence[str]) -> str:
        lines = ["import django", "django.setup()"] if django else []
        lines += ["from labs_imports import bring", *(f"bring({module!r})" for module in modules)]
        result = shell.run(str(shell.site.python), "-c", "\n".join(lines))
        if result.status:
            if result.status < 0:
                return signal.Signals(-result.status).name
            raise LabError(
                f"An import fails, without a crash: {result.output.strip().rpartition(chr(10))[2] or result.status}"
            )
        return ""

    return dies


def in_apache(site: Deployment) -> Dies:
    """Import in a child of Apache, by its bare-bones handler (labs/apps/barebones.py); a child that dies gives no answer.

    The deployment must end a child after each request (max_requests=1): one that lives has its modules for good. The
    function raises LabError where an import fails by an exception, or takes longer than a page may.
    """

    def dies(modules: Sequence[str]) -> str:
        site.folder.write("imports.txt", "\n".join(modules))
        try:
            answer = site.get("/")
        except TimeoutError:
            raise LabError("An import takes longer than a page may: no answer, and no crash.") from None
        except (OSError, http.client.HTTPException):
            return "no answer"
        if answer.status != 200:
            raise LabError(f"An import fails, without a crash: the page has status {answer.status}, the log says why.")
        return ""

    return dies
