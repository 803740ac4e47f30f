"""What is looked at over time within a window, beside what is counted over the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.runtime.deployment import Deployment

Look = Callable[[], float | None]  # one look: a number, or None where it cannot be read just now


@dataclass(frozen=True)
class Watch:
    """One series.

    what  a name in `benchmarks.run.probes`, or a function that is given the deployment and gives a function to look with
    of    the label of the server; None for a function that needs none
    """

    what: str | Callable[[Deployment], Look]
    of: str | None = None

    @property
    def name(self) -> str:
        """How the series is called in the record."""
        what = self.what if isinstance(self.what, str) else getattr(self.what, "__name__", "it")
        return f"{what} of {self.of}" if self.of else what
