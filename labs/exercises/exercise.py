"""An exercise: a task, a check against a real server, a hint for each way to miss it."""

from __future__ import annotations

import difflib
import html
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from labs.errors import LabError, OptionError, Stopped
from labs.exercises.marks import CHECK
from labs.paths import short


@dataclass(frozen=True)
class Step:
    """One thing that was looked at. hint says what to think about where it is not as wanted."""

    what: str
    ok: bool
    seen: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a check of an answer came to: its steps up to the first that is not as wanted."""

    exercise: str
    steps: tuple[Step, ...]
    answer: Mapping[str, object] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every step is as wanted."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    def lines(self) -> list[str]:
        """One line a step, then a hint or the good news."""
        lines = []
        for step in self.steps:
            seen = f" ({step.seen})" if step.seen else ""
            lines.append(f"{'yes' if step.ok else 'no '}  {step.what}{seen}")
        hints = [step.hint for step in self.steps if not step.ok and step.hint]
        return [*lines, *(f"Hint: {hint}" for hint in hints), *(["Solved."] if self.passed else [])]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        state = "solved" if self.passed else "open"
        return f'<pre class="outcome {state}">{html.escape(repr(self))}</pre>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:  # noqa: ARG002 - IPython's form
        """What a notebook stores beside text and HTML."""
        written = {part: repr(value) for part, value in self.answer.items()}
        return {CHECK: {"exercise": self.exercise, "passed": self.passed, "answer": written}}


Checker = Callable[..., Iterator[Step]]
_CHECKERS: dict[str, Checker] = {}
_OBEYED: set[str] = set()
# Where the checkers are: imported when the first is asked for, since they bring every server's module along
_MODULES = (
    "labs.exercises.crashing",
    "labs.exercises.deploying",
    "labs.exercises.failing",
    "labs.exercises.fastcgi",
    "labs.exercises.matching",
    "labs.exercises.measuring",
    "labs.exercises.modpython",
    "labs.exercises.restarting",
    "labs.exercises.serving",
    "labs.exercises.sharing",
    "labs.exercises.sites",
    "labs.exercises.swapping",
    "labs.exercises.tuning",
)


def exercise(name: str, *, obeyed: bool = True) -> Callable[[Checker], Checker]:
    """Register the check of an exercise. It yields steps and stops at the first that is not as wanted.

    obeyed  whether some of an answer becomes configuration, settings or code, so that it could do anything on the computer of
            who asks. False only where each part of it is compared, sent as a request, or one of known values.
    """

    def register(checker: Checker) -> Checker:
        _CHECKERS[name] = checker
        if obeyed:
            _OBEYED.add(name)
        return checker

    return register


def checkers() -> dict[str, Checker]:
    """Name -> check, of every exercise."""
    for module in _MODULES:
        import_module(module)
    return _CHECKERS


def names() -> list[str]:
    """The exercises of the book."""
    return list(checkers())


def is_obeyed(name: str) -> bool:
    """Whether an answer to this exercise is obeyed by a server: then nobody else's is tried."""
    return name in checkers() and name in _OBEYED


def check(name: str, **answer: object) -> Outcome:
    """Try an answer on a real server.

    Raises OptionError for an exercise or an answer's part that does not exist; whatever goes wrong with the server
    itself is part of the outcome.
    """
    known = checkers()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise OptionError(f"There is no exercise {name}.{hint} There are: {', '.join(known)}.")
    parts = list(inspect.signature(known[name]).parameters)
    unknown = [part for part in answer if part not in parts]
    missing = [part for part in parts if part not in answer]
    if unknown or missing:
        raise OptionError(f"The answer to {name} is given as {', '.join(f'{part}=…' for part in parts)}.")
    steps: list[Step] = []
    try:
        for step in known[name](**answer):
            steps.append(step)
            if not step.ok:
                break
    except KeyboardInterrupt:
        raise Stopped(f"The check of {name} was stopped; nothing of its servers is left.") from None
    except LabError as error:
        steps.append(Step("the server runs with that answer", ok=False, hint=short(str(error))))
    except (TypeError, ValueError) as error:
        if all(isinstance(part, (int, float)) for part in answer.values()):
            raise
        # text where a number is wanted: what a checker works out with it says so first
        raise OptionError(f"The answer to {name} cannot be tried with {_listed(answer)}: {error}.") from error
    return Outcome(name, tuple(steps), answer)


def _listed(answer: dict[str, object]) -> str:
    return ", ".join(f"{part}={value!r}" for part, value in answer.items())
