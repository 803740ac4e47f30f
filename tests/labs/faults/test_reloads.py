"""A server that reads its configuration anew, and a back-end that is left out: nobody who reads notices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labs import Site, deploy
from labs.errors import LabError
from labs.faults import reloads

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-apache", "fastcgi-lighttpd"])
def test_a_front_end_reads_its_configuration_anew(
    name: str, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy(name, site=tiny) as site:
        front = psutil.Process(site.pid_of(site.front.label))
        before = {child.pid for child in front.children()}
        with site.readers(3, "/") as readers:
            reloads.reload(site, site.front.label)
        assert readers.failed == {}
        assert front.is_running(), "the same master"
        if before:
            assert {child.pid for child in front.children()} - before, "with new workers"
    nothing_left()


def test_a_back_end_is_left_out_until_it_is_let_in_again(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("fastcgi-nginx", backends=2, workers=4) as site:
        second = site.servers[1].label
        others = {each.label for each in site.servers if each is not site.front} - {second}
        (first,) = others

        def answer() -> set[int]:
            """Who answers: threads of a process that flup was started as."""
            return {site.get("/whoami/").json["pid"] for _ in range(8)}

        both = answer()
        assert len(both) == 2
        with site.readers(4, "/wait/?seconds=0.05") as readers:
            reloads.drain(site, second)
            assert len(answer()) == 1
            site.stop_server(second)
            site.start_server(second)
            reloads.undrain(site, second)
        assert readers.failed == {}, "what is left out may end"
        assert len(answer()) == 2
        assert answer() & both, f"{first} ran on"
    nothing_left()


def test_what_cannot_be_left_out_or_read_anew_is_told(tiny: Site, run_folder: Path) -> None:
    with deploy("fastcgi-nginx", site=tiny) as site:
        with pytest.raises(LabError, match="no other back-end than runfcgi: deploy it with backends=2"):
            reloads.drain(site, "runfcgi")
        with pytest.raises(LabError, match="reads its configuration only when it starts: restart it"):
            reloads.reload(site, "runfcgi")
