"""A run on a site of the reader's own: its page is asked for once before anything is measured, and described in the record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.host import fingerprint
from benchmarks.plan import ownsite
from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.run import answer
from benchmarks.run.run import Run
from benchmarks.run.verify import VerificationError
from labs.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.run.verify import Seen
    from benchmarks.trials.block import Block


FIRST = ", the first: "  # after it comes a line of a log


class SiteRun(Run):
    """site: what the record says of the project, as `ownsite.described` gives it."""

    def __init__(self, *planned: Any, site: Mapping[str, Any]) -> None:
        super().__init__(*planned)
        self.site = dict(site)
        # The labs' own Django and flup serve nothing here; what does is said of the site.
        self.versions = fingerprint.versions(measured=False)
        self.fingerprint = {
            {"python": "generator_python"}.get(name, name): value for name, value in self.fingerprint.items()
        }

    def gauge(self) -> None:
        """First the page, on servers that are gone after it; then the generator, at a server whose answers are as large.

        Raises LabError where the servers do not start or the page is not one that would count: there is nothing to measure.
        """
        seen = self._ask()
        self.site["answer"] = seen.to_json()
        self.experiment = ownsite.seen(self.experiment, self.site["page"], str(seen))
        self.body = seen.bytes
        super().gauge()

    def _ask(self) -> answer.Answer:
        experiment = self.experiment
        arm, point = experiment.against, experiment.points[0]
        options = experiment.options_at(arm, point) | {"cpus": self.cpus(arm, point)}
        deployment = self.deploy(experiment.arms[arm].deployment, **options)
        self.enter("start", arm, point)
        try:
            deployment.start()
            self.enter("verify", arm, point)
            page, below = self.site["page"], experiment.workload.settings.get("below")
            found = answer.ask(deployment.url, page, experiment.expectation, below)
        except VerificationError as error:
            raise LabError(f"{arm}: {error}\n  try      --page names another page of your site.") from error
        finally:
            self.enter("stop", arm, point)
            deployment.stop()
            self.enter("set up")
        there = experiment.elsewhere
        if isinstance(there, Elsewhere) and there.asks == "pictures" and not found.pictures:
            raise ownsite.NotOnThisSiteError(
                f"{experiment.claim} cannot be measured on your site: {page} names no picture below {below}. Name a page that "
                "does: --page /gallery/"
            )
        return found

    def add(self, block: Block) -> None:
        """As every run's. Of what went wrong the record keeps the first line: those below are of the project's own log."""
        why = block.void
        super().add(block if why is None else replace(block, void=why.partition("\n")[0].partition(FIRST)[0]))

    def saw(self, arm: str, seen: Seen) -> None:
        """Beside the connection, how large the arm's answer is: arms whose pages differ measure that difference."""
        super().saw(arm, seen)
        self.described[arm]["answer_bytes"] = len(seen.body)

    def own(self) -> Mapping[str, Any]:
        """The site."""
        return {"site": self.site}
