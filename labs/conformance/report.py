"""What the suite saw, for readers, notebooks and programs."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["ok", "differs", "excepted", "stale", "skipped"]
# What stands in front of a line
MARKS: dict[State, str] = {"ok": "yes", "differs": "NO", "excepted": "known", "stale": "STALE", "skipped": "-"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One check on one server.

    state  "ok"; "differs", a fault; "excepted", it differs as the exception says; "stale", an exception that no longer
           fits what was seen; "skipped", nothing to ask
    seen   what was seen, in a few words
    note   why it matters, for a fault; the exception's sentence; why it was skipped
    """

    id: str
    topic: str
    title: str
    state: State
    seen: str
    note: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """The results of all checks on one address.

    page  the path below it that was asked for where any page would do
    note  where that page leads, if it leads anywhere
    """

    url: str
    page: str = "/"
    note: str = ""
    results: tuple[Result, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Something could be asked, and every check is as it must be, or differs as a named exception says."""
        return any(result.state != "skipped" for result in self.results) and not self.faults

    @property
    def faults(self) -> list[Result]:
        return [result for result in self.results if result.state in ("differs", "stale")]

    @property
    def exceptions(self) -> list[Result]:
        return [result for result in self.results if result.state == "excepted"]

    @property
    def count(self) -> Counter[str]:
        """State -> how many."""
        return Counter(result.state for result in self.results)

    def __getitem__(self, id_: str) -> Result:
        """A check's result by its id."""
        return next(result for result in self.results if result.id == id_)

    @property
    def summary(self) -> str:
        count = self.count
        asked = len(self.results) - count["skipped"]
        words = [f"{count['ok']} of {asked} checks as they must be"]
        for state, singular in (("excepted", "known exception"), ("differs", "fault"), ("stale", "stale exception")):
            if count[state]:
                words.append(f"{count[state]} {singular}{'s' if count[state] > 1 else ''}")
        if count["skipped"]:
            words.append(f"{count['skipped']} not asked")
        return ", ".join(words)

    @property
    def not_asked(self) -> dict[str, list[str]]:
        """Why a check was not asked -> which were not."""
        found: dict[str, list[str]] = {}
        for result in self.results:
            if result.state == "skipped":
                found.setdefault(result.note, []).append(result.id)
        return found

    def lines(self, *, everything: bool = True, skipped: bool = False) -> list[str]:
        """A line a check, and under it what there is to say; without `everything`, only what is not simply right.

        skipped  also a line for each check that was not asked; else they are counted in one
        """
        lines = []
        for result in self.results:
            if result.state == "skipped":
                if skipped:
                    lines.append(f"{MARKS['skipped']:<6}{result.id:<20}{result.title} (not asked: {result.note})")
            elif everything or result.state != "ok":
                lines.append(f"{MARKS[result.state]:<6}{result.id:<20}{result.title} ({result.seen})")
                if result.note and result.state != "ok":
                    lines.append(f"{'':<26}{result.note}")
        if not skipped and (left_out := self._left_out):
            lines.append(f"{MARKS['skipped']:<6}{left_out}")
        if self.note:
            lines.append(self.note)
        asked = "" if self.page == "/" else f", page {self.page}"
        return [*lines, f"{self.url}{asked}: {self.summary}; {self.seconds:.1f} s"]

    @property
    def _left_out(self) -> str:
        """What was not asked, in one line; empty where everything was."""
        groups = ", ".join(f"{len(ids)} since {why}" for why, ids in self.not_asked.items())
        return groups and f"not asked: {groups}"

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        rows = []
        for result in self.results:
            if result.state == "skipped":
                continue
            note = f"<br><small>{html.escape(result.note)}</small>" if result.state != "ok" else ""
            cells = [MARKS[result.state], f"<code>{result.id}</code>", html.escape(result.title) + note]
            cells.append(html.escape(result.seen))
            rows.append(f'<tr class="{result.state}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        caption = "; ".join(filter(None, [self.summary, self._left_out, self.note]))
        head = "".join(f"<th>{name}</th>" for name in ("", "check", "what must be so", "seen"))
        return (
            f'<table class="behaviour"><caption>{html.escape(caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "url": self.url,
            "page": self.page,
            "note": self.note,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "count": dict(self.count),
            "not_asked": self.not_asked,
            "checks": [vars(result) for result in self.results],
        }
