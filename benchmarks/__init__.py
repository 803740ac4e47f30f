"""What is measured: claims, blocks of trials, intervals, verdicts and records.

`from benchmarks import claim` is all a notebook needs. Importing this package stays cheap (no Locust, no SciPy, no
matplotlib): each is loaded when it is first used, and Locust only ever in a process of its own.
"""

from __future__ import annotations

from benchmarks.notebook.claims import Claim, claim

__all__ = ["Claim", "claim"]
