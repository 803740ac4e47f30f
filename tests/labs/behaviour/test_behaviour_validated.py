"""Held against what nobody here wrote: wsgiref.validate stands between each server and the site for the whole suite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labs import deploy
from labs.checks.behaviour import check_deployment
from labs.newsroom import site as newsroom
from labs.paths import APPS

pytestmark = pytest.mark.servers
HERE = Path(__file__).parent / "site"


@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-nginx", "fastcgi-lighttpd"])
def test_server_and_site_keep_the_contract_of_wsgi(name: str, run_folder: Path) -> None:
    """An assertion of the validator would be a 500, and a traceback in the log."""
    site = newsroom()
    folders = ":".join(map(str, (HERE, site.folder, APPS)))
    watched = replace(
        site,
        settings="validated_settings",
        wsgi="validated:application",
        manage=None,
        environment={**site.environment, "PYTHONPATH": folders},
    )
    with deploy(name, site=watched) as running:
        report = check_deployment(running)
        log = running.log()
    assert [line for line in log.splitlines() if "AssertionError" in line] == []
    assert report.passed, report
