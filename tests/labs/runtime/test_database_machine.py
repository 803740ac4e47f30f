"""The newsroom on one machine and its PostgreSQL on another, on every rung that this host gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labs import deploy
from labs.conformance.runner import check_deployment
from labs.errors import Missing
from labs.newsroom import site as newsroom
from labs.servers.machine import Machine
from labs.servers.postgresql import PostgreSQL
from labs.supervisor import ladder

pytestmark = pytest.mark.servers
needs_network = pytest.mark.skipif(bool(ladder.why_not("network")), reason=ladder.why_not("network"))
RUNGS = [1, pytest.param(2, marks=needs_network), pytest.param(4, marks=needs_network)]


@pytest.mark.parametrize("rung", RUNGS)
def test_a_database_on_the_second_machine(rung: int, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    """The whole behaviour suite, pages that ask the database, and what they do while it is gone."""
    try:
        PostgreSQL(contents=newsroom()).find()
    except Missing as error:
        pytest.skip(str(error))
    limit = 1 << 30 if rung == 4 and not ladder.why_not("memory") else 0
    machines = {"postgresql": Machine(name="data", memory=limit)}
    with deploy("gunicorn-nginx", database="postgresql", machines=machines, rung=rung) as site:
        report = check_deployment(site)
        assert report.passed, "\n".join(report.lines(skipped=False))
        there, here = site.address_of("postgresql"), site.address_of("nginx")
        assert isinstance(there, tuple)
        assert isinstance(here, tuple)
        assert there[0] != here[0]
        told = site.describe()["machines"]
        assert isinstance(told, list)
        assert told[1]["rung"] == (4 if limit else min(rung, 2))
        assert site.get("/articles/2000/").status == 200
        log = site.log("postgresql.log")
        assert "ERROR" not in log
        assert "FATAL" not in log
        database = site.running("postgresql")
        database.kill()
        assert site.get("/articles/2000/").status == 500
        database.start()
        assert site.get("/articles/2000/").status == 200
    nothing_left()
