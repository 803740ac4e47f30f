"""The behaviour suite on the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from labs.conformance import address as addresses
from labs.conformance.report import Report
from labs.conformance.runner import check_deployment, run
from labs.errors import OptionError
from labs.runtime.deployment import Deployment


def at(
    address: str,
    *,
    page: str | None = None,
    remote: bool = False,
    only: Sequence[str] = (),
    patience: float | None = None,
    verbose: bool = False,
    as_json: bool = False,
) -> int:
    """Check the server at an address and print what was seen; the exit status, 0 or 1.

    page      the path of a page that answers; the first page without
    patience  seconds that its first answer may take
    verbose   a line too for each check that was not asked

    Raises OptionError for what is no address, and for one of another machine that the reader has not said is theirs.
    """
    address = addresses.address(address)
    host = urlsplit(address).hostname or ""
    if not remote and not addresses.is_loopback(host):
        raise OptionError(
            f"{host} is not this machine. The suite sends broken requests, 5 MB uploads and connections that "
            f"stay open; add --remote if the server is yours, or you may test it."
        )
    return printed(run(address, page=page, only=only, patience=patience), as_json, verbose)


def of(running: Deployment, *, verbose: bool = False, as_json: bool = False) -> int:
    """Check a deployment that runs and print what was seen; the exit status, 0 or 1."""
    return printed(check_deployment(running), as_json, verbose)


def printed(report: Report, as_json: bool, verbose: bool = False) -> int:
    """Print a report; 0 when it passed, 1 when not."""
    print(json.dumps(report.to_json()) if as_json else "\n".join(report.lines(skipped=verbose)))
    return 0 if report.passed else 1
