"""Exercises about one server in the place of another."""

from __future__ import annotations

from collections.abc import Iterator

from labs import deploy
from labs.conformance import check_deployment
from labs.exercises.exercise import Step, exercise

CANDIDATES = ("gunicorn-nginx", "fastcgi-nginx")


@exercise("swap", obeyed=False)
def swap(buffers: str) -> Iterator[Step]:
    """Of two deployments with the same nginx in front, find the one that keeps a stream back until its end."""
    yield Step(
        "it is one of the two",
        buffers in CANDIDATES,
        seen=str(buffers),
        hint=f"The two are {' and '.join(CANDIDATES)}.",
    )
    with deploy(buffers) as site:
        seen = check_deployment(site, only=["stream-arrives"])["stream-arrives"].seen
    yield Step(
        "its stream arrives at the end, all at once",
        seen == "all came at the end",
        seen=seen,
        hint="Deploy each of them and ask the suite: check_deployment(site, only=['streaming']).",
    )
