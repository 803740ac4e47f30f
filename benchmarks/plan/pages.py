"""Three pages of the newsroom that differ in what Django does for them, and a sweep over them."""

from __future__ import annotations

from benchmarks.plan.experiment import Factor

# Text and nothing else; a handful of queries; lists with many queries and templates
PAGES = {"hello": "/hello/", "article": "/articles/1/", "section": "/sections/city/"}


def by_page(main: str) -> Factor:
    """The page as a factor; `main` is the one that stands for the whole."""
    return Factor(
        name="page",
        label="page",
        unit="",
        values=tuple(PAGES),
        main=main,
        workload=lambda page: {"page": PAGES[page]},
    )
