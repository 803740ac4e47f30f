"""A deployment of two machines: it answers, passes the behaviour suite, is asked by every client, and falls silent."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load.process import Generator, GeneratorError
from benchmarks.plan.workload import Closed
from benchmarks.run.drain import drain
from labs import Deployment, Site, deploy
from labs.conformance.runner import check_deployment
from labs.errors import LabError, NotHere, OptionError
from labs.servers.address import Tcp, Unix
from labs.servers.machine import Machine
from labs.supervisor import ladder

pytestmark = pytest.mark.servers
needs_network = pytest.mark.skipif(bool(ladder.why_not("network")), reason=ladder.why_not("network"))
RUNGS = [1, pytest.param(2, marks=needs_network), pytest.param(4, marks=needs_network)]
WEB, APP = Machine(name="web"), Machine(name="app")


def limited(rung: int) -> Machine:
    """The second machine, with a limit that only this rung gives, where this host gives it."""
    return Machine(name="app", memory=1 << 30) if rung == 4 and not ladder.why_not("memory") else APP


@pytest.mark.parametrize("rung", RUNGS)
def test_two_machines_pass_the_behaviour_suite(rung: int, run_folder: Path) -> None:
    app = limited(rung)
    with deploy("gunicorn-nginx", machines={"nginx": WEB, "gunicorn": app}, rung=rung) as site:
        report = check_deployment(site)
        assert report.passed, "\n".join(report.lines(skipped=False))
        told = site.describe()["machines"]
        assert isinstance(told, list)
        assert [each["name"] for each in told] == ["this one", "app", "web"]
        assert told[1]["rung"] == (4 if app.memory else min(rung, 2))
        assert told[1]["by"] == ({"memory": "control group"} if app.memory else {})
        front, back = site.address_of("nginx"), site.address_of("gunicorn")
        assert isinstance(front, tuple)
        assert isinstance(back, tuple)
        assert front[0] != back[0]
        assert front[0] not in "\n".join(site.configurations().values())


@pytest.fixture
def apart(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> Iterator[Deployment]:
    with deploy("gunicorn-nginx", site=tiny, machines={"nginx": WEB, "gunicorn": APP}, workers=1) as site:
        yield site
    nothing_left()


@needs_network
def test_an_unplugged_front_end_is_silent_where_a_killed_one_refuses(apart: Deployment) -> None:
    front = apart.running("nginx")
    front.unplug()
    with pytest.raises(TimeoutError):
        apart.get("/", timeout=0.5)
    assert front.alive
    front.plug()
    assert apart.get("/").status == 200
    front.kill()
    with pytest.raises((ConnectionRefusedError, ConnectionResetError)):
        apart.get("/", timeout=5)


@needs_network
def test_a_back_end_that_is_unplugged_leaves_its_front_end_waiting(apart: Deployment) -> None:
    apart.unplug("app")
    with pytest.raises(TimeoutError):
        apart.get("/", timeout=0.5)
    apart.plug("app")
    assert apart.get("/").status == 200
    with pytest.raises(LabError, match=r"no machine 'db'\. It has: app, web"):
        apart.unplug("db")


@needs_network
def test_load_goes_to_machines_of_this_run_by_their_door_and_nowhere_else(apart: Deployment) -> None:
    poll = Closed(users=2, page="/")
    with Generator() as generator:
        load = generator.trial(apart.url, poll, warmup=0.2, window=0.5)
        assert load.requests > 0
        assert not load.failures
        drained, _ = drain(apart.url)
        assert drained
        with pytest.raises(GeneratorError, match="not a loopback address"):
            generator.trial("http://198.18.200.1:8000", poll, warmup=0.1, window=0.1)


@needs_network
def test_idle_readers_and_readers_ask_there_too(apart: Deployment) -> None:
    with apart.idle_readers(2, "/") as idle:
        assert len(idle.connections) == 2
    with apart.readers(1, "/") as readers:
        pass
    assert readers.answered
    assert not readers.failed


def test_a_server_on_this_machine_has_no_cable(tiny: Site, run_folder: Path) -> None:
    with deploy("gunicorn", site=tiny, workers=1) as site, pytest.raises(LabError, match="no cable"):
        site.running("gunicorn").unplug()
    with deploy("gunicorn", site=tiny, workers=1, machines={"gunicorn": APP}, rung=1) as site:
        assert site.get("/").status == 200
        with pytest.raises(LabError, match="without a cable"):
            site.running("gunicorn").unplug()


@pytest.mark.parametrize(
    ("name", "front"), [("gunicorn-nginx", "nginx"), ("fastcgi-lighttpd", "lighttpd"), ("fastcgi-apache", "apache2")]
)
def test_a_socket_between_two_machines_becomes_a_port(name: str, front: str, tiny: Site, run_folder: Path) -> None:
    one = deploy(name, site=tiny)
    back, label = one.servers[0], one.servers[-1].label
    assert isinstance(back.listen, Unix)
    one.stop()
    with deploy(name, site=tiny, machines={label: WEB, back.label: WEB}, rung=1) as together:
        assert isinstance(together.servers[0].listen, Unix)
    with deploy(name, site=tiny, machines={label: WEB, back.label: APP}, rung=1) as two:
        assert isinstance(two.servers[0].listen, Tcp)
        assert two.get("/").status == 200


@pytest.mark.parametrize("name", ["sites-nginx", "sites-lighttpd", "sites-apache"])
def test_the_first_of_two_sites_is_meant_by_the_bare_address_of_a_machine_too(
    name: str, tiny: Site, run_folder: Path
) -> None:
    other = replace(tiny, environment={**tiny.environment, "TINY": "other"})
    with deploy(name, site=tiny, other=other, machines={"*": WEB}, rung=1) as site:
        assert site.get("/").text == "hello"


@pytest.mark.parametrize(
    ("machines", "said"),
    [
        ({"apache2": WEB}, "there is no apache2. There are: gunicorn, nginx"),
        ({"nginx": WEB, "gunicorn": Machine(name="web", memory=1)}, "two different ones called web"),
    ],
)
def test_machines_that_make_no_sense_are_refused(machines: dict[str, Machine], said: str, tiny: Site) -> None:
    with pytest.raises(OptionError, match=said):
        deploy("gunicorn-nginx", site=tiny, machines=machines)


@pytest.mark.parametrize("wrong", [{"name": "Web 1"}, {"name": "web", "cpu": -1}])
def test_a_machine_has_a_plain_name_and_no_negative_limit(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        Machine(**wrong)


def test_what_cannot_be_had_is_refused_before_anything_runs(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with pytest.raises(NotHere, match="app: bandwidth=1e\\+06 cannot be had on this host"):
        deploy("gunicorn", site=tiny, machines={"gunicorn": Machine(name="app", bandwidth=1e6)}, rung=1)
    nothing_left()


def test_http_client_and_ours_say_the_same_of_a_loopback_address(tiny: Site, run_folder: Path) -> None:
    with deploy("gunicorn", site=tiny, workers=1) as site:
        plain = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=10)
        plain.request("GET", "/")
        assert plain.getresponse().read() == site.get("/").body
        plain.close()
