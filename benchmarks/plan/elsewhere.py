"""What an experiment of the book is on a Django site of the reader's own: what is asked for there, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# The reason of an experiment that names none: whoever writes one decides whether its question means anything elsewhere.
NOT_SAID = "its question is about the newsroom"


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """The same arms, users and metric on a page of the reader's.

    regime  as the experiment's, true of any site; {page} is where the page stands, with what it was seen to be
    asks    what the page must be: any "page"; a "file" of its media or static files; a page with "pictures" of its media,
            which the users fetch too
    without arms, never the two that are judged, that mean nothing there
    """

    regime: str
    asks: Literal["page", "file", "pictures"] = "page"
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "{page}" not in self.regime:
            raise ValueError(f"elsewhere: the regime {self.regime!r} has no {{page}}: it must say what is asked for")
