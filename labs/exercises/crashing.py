"""An exercise about modules that end a process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labs.almanac import PROJECT
from labs.almanac import site as almanac
from labs.exercises.exercise import Step, exercise
from labs.faults.bisect import imports_of, in_process
from labs.runtime.shell import Shell


@exercise("culprit", obeyed=False)
def culprit(modules: Sequence[str]) -> Iterator[Step]:
    """Name the imports of the almanac's page of eclipses that end its process: all of them, and no other."""
    listed = imports_of(PROJECT / "almanac" / "eclipse.py")
    strange = [module for module in modules if module not in listed]
    yield Step(
        "the page imports them",
        bool(modules) and not strange,
        seen=", ".join(strange),
        hint="imports_of(PROJECT / 'almanac' / 'eclipse.py') lists what it imports.",
    )
    named = [module for module in listed if module in modules]  # in the page's order: it matters
    with Shell(almanac()) as shell:
        dies = in_process(shell)
        yield Step(
            "a process that imports these alone dies",
            bool(dies(named)),
            seen=f"{len(named)} of {len(listed)} imports",
            hint="One more is needed. Where no half dies, two are to blame that lie in different halves: find() goes on "
            "with smaller parts.",
        )
        needless = [module for module in named if dies([each for each in named if each != module])]
        yield Step(
            "none of them can be left out",
            not needless,
            seen=", ".join(needless),
            hint="It dies without that one too. The search ends when each that is left is needed.",
        )
