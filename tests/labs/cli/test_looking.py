"""Looking into a deployment: processes, configuration, silent readers, what is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from patience import Stopwatch

from labs import Site, deploy, needs
from labs.errors import LabError, OptionError
from labs.runtime.configuration import Configuration

pytestmark = pytest.mark.servers


def test_processes_are_a_row_a_server(tiny: Site, run_folder: Path) -> None:
    with deploy("fastcgi-apache", site=tiny, connections=4, workers=3) as site:
        rows = {row.process: row for row in site.processes().rows}
        assert list(rows) == ["runfcgi (flup)", "apache2 (Apache)"]
        assert rows["apache2 (Apache)"].processes == 5
        assert rows["runfcgi (flup)"].threads == 4
        assert sum(row.pss for row in rows.values()) == pytest.approx(site.pss(), rel=0.2)
        assert repr(site.processes()).splitlines()[0].split() == [
            "process",
            "pid",
            "user",
            "processes",
            "threads",
            "PSS",
        ]
        assert "<table" in site.processes()._repr_html_()


def test_silent_readers_hold_prefork_workers_and_cost_event_nothing(tiny: Site, run_folder: Path) -> None:
    waits = {}
    for mpm in ("prefork", "event"):
        deployment = deploy("fastcgi-apache", site=tiny, mpm=mpm, connections=2, keepalive=1)
        with deployment as site:
            connecting = Stopwatch()
            with site.idle_readers(2, "/") as readers:
                assert readers.held == 2
                asking = Stopwatch()
                assert site.get("/").status == 200
                waits[mpm] = {"wall": connecting.wall, "seconds": asking.seconds}
    assert waits["prefork"]["wall"] > 0.9, "not before they are given up, a second after their last request"
    assert waits["event"]["seconds"] < 0.5


def test_a_configuration_is_coloured_and_can_be_searched() -> None:
    text = Configuration("nginx.conf", "daemon off;\nkeepalive_timeout  5;\n")
    assert str(text.find("KEEPALIVE")) == "keepalive_timeout  5;"
    assert 'class="highlight' in text._repr_html_()


def test_needs_says_ready_or_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repr(needs("gunicorn")) == "Ready: gunicorn."
    monkeypatch.setenv("LABS_LIGHTTPD", "/no/such/program")
    missing = needs("gunicorn", "cgi-lighttpd")
    assert not missing
    assert "cgi-lighttpd cannot run here, missing lighttpd: LABS_LIGHTTPD names /no/such/program" in repr(missing)
    with pytest.raises(OptionError, match="Did you mean"):
        needs("gunicorn-nginks")


def test_asking_for_what_is_not_there_names_what_is(tiny: Site, run_folder: Path) -> None:
    with deploy("fastcgi-nginx", site=tiny) as site:
        with pytest.raises(LabError, match=r"has no file apache\.conf. It has: nginx\.conf"):
            site.config("apache.conf")
        with pytest.raises(LabError, match=r"has no log x\.log. It has: "):
            site.log("x.log")
        with pytest.raises(LabError, match=r"runs no lighttpd\. It runs: runfcgi, nginx"):
            site.pid_of("lighttpd")
