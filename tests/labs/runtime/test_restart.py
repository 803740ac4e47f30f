"""One server of a deployment ends and starts while the others run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from patience import Stopwatch

from labs import deploy
from labs.clients import probe
from labs.errors import LabError, StartError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.servers


def who(site: object) -> int:
    return int(site.get("/whoami/").json["pid"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["fastcgi-nginx", "fastcgi-lighttpd", "fastcgi-apache"])
def test_a_server_restarts_behind_its_front_end(name: str, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy(name) as site:
        front, before = site.pid_of(site.front.label), who(site)
        site.restart("runfcgi")
        assert who(site) != before
        assert site.pid_of(site.front.label) == front
        assert len(site.processes().rows) == 2
    nothing_left()


def test_while_it_is_down_the_front_end_says_so(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("fastcgi-nginx") as site:
        site.stop_server("runfcgi")
        assert site.get("/hello/").status == 502
        with pytest.raises(LabError, match="runs no runfcgi"):
            site.stop_server("runfcgi")
        site.start_server("runfcgi")
        assert site.get("/hello/").status == 200
    nothing_left()


def test_a_socket_that_is_handed_over_outlives_a_restart(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("fastcgi-nginx", handed=True) as site:
        before, path = who(site), site.address_of("runfcgi")
        site.start_server("runfcgi")  # a second one on the same socket
        assert len(site.processes().rows) == 3
        site.restart("runfcgi")
        assert who(site) != before
        assert site.address_of("runfcgi") == path
    nothing_left()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("fastcgi-nginx", {"listen": "unix"}),
        ("fastcgi-lighttpd", {"listen": "tcp"}),
        ("fastcgi-apache", {"listen": "tcp"}),
        ("gunicorn-nginx", {"workers": 1}),
        ("gunicorn-lighttpd", {"workers": 1}),
        ("gunicorn-apache", {"workers": 1}),
    ],
)
def test_two_backends_share_the_work(
    name: str, more: dict[str, object], run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy(name, backends=2, **more) as site:
        assert len({who(site) for _ in range(10)}) == 2
        site.stop_server(site.servers[1].label)
        assert {site.get("/whoami/").status for _ in range(4)} == {200}
    nothing_left()


def test_a_site_has_several_addresses(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("gunicorn-nginx", fronts=2, at="/paper") as site:
        assert len(set(site.urls)) == 2 and site.urls[0] == site.url
        assert [probe.get(f"{url}/hello/").status for url in site.urls] == [200, 200]
        with site.readers(2) as readers:
            site.stop_server("nginx-2")
            while not readers.failed:
                time.sleep(0.01)
            site.start_server("nginx-2")
        assert readers.failed["ConnectionRefusedError"] and readers.answered
        assert site.get("/hello/").status == 200
    nothing_left()


def test_a_server_that_was_handed_its_socket_serves_when_it_is_said_to(
    run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    """The socket takes connections all the while; the new process tells by itself."""
    with deploy("fastcgi-nginx", handed=True) as site:
        pid = site.start_server("runfcgi")
        assert f"process {pid}" in site.log("runfcgi.log")
        site.stop_server("runfcgi")
        assert who(site) == pid
    nothing_left()


def test_a_second_server_on_an_address_that_is_taken_is_an_error_and_the_first_goes_on(
    run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy("fastcgi-nginx") as site:
        before = who(site)
        with pytest.raises(StartError, match="stop it first"):
            site.start_server("runfcgi")
        assert site.pid_of("runfcgi") == before == who(site)
        assert len(site.processes().rows) == 2
        with pytest.raises(LabError, match=r"has no apache\. It has: runfcgi, nginx"):
            site.start_server("apache")
    nothing_left()


def test_children_end_fast(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    """Sixteen processes that each tidied up like a Python program took seconds."""
    with deploy("fastcgi-nginx", method="prefork", workers=16) as site:
        watch = Stopwatch()
        site.stop_server("runfcgi")
        assert watch.seconds < 2.5
    nothing_left()
