"""Every deployment, started for real around a tiny site."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs import Site, deploy
from labs.deployments.catalogue import ARRANGEMENTS
from labs.errors import Missing, OptionError, StartError
from labs.paths import TOP

VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("gunicorn", {}),
    ("gunicorn", {"keepalive": 5, "threads": 2}),
    ("gunicorn-nginx", {}),
    ("fastcgi-nginx", {}),
    ("fastcgi-nginx", {"listen": "tcp", "method": "prefork"}),
    ("fastcgi-lighttpd", {}),
    ("fastcgi-lighttpd", {"listen": "tcp", "keepalive": 0}),
    ("fastcgi-apache", {}),
    ("fastcgi-apache", {"mpm": "event", "listen": "tcp", "keepalive": 2.5}),
    ("gunicorn-apache", {}),
    ("gunicorn-lighttpd", {}),
    ("gunicorn-haproxy", {}),
    ("cgi-lighttpd", {}),
    ("modpython-apache", {}),
    ("modpython-apache", {"mpm": "worker", "threads": 2, "workers": 4, "keepalive": 5}),
    ("modwsgi-apache", {}),
    ("modwsgi-apache", {"mode": "embedded", "mpm": "prefork", "workers": 2}),
]


@pytest.mark.servers
@pytest.mark.parametrize(("name", "options"), VARIANTS, ids=str)
def test_a_deployment_serves_the_site(
    name: str, options: dict[str, Any], tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    try:
        deployment = deploy(name, site=tiny, **options)
    except Missing as error:
        pytest.skip(str(error))
    with deployment:
        assert deployment.started_in is not None
        answer = deployment.get("/environment/caf%C3%A9?q=%C3%BC")
        assert answer.status == 200, answer
        said = json.loads(answer.body)
        assert (said["PATH_INFO"], said["SCRIPT_NAME"]) == ("/environment/café", "")
        assert said["QUERY_STRING"] == "q=%C3%BC"
        assert said["HTTP_HOST"] == deployment.url.removeprefix("http://")
        assert deployment.get("/nowhere").status == 404
        if "media" in ARRANGEMENTS[name].options:
            picture = deployment.get("/media/a.txt")
            assert (picture.status, picture.text) == (200, "a file\n")
            assert picture.header("Content-Type") == "text/plain"
        rows = deployment.processes().rows
        assert [row.processes > 0 and row.pss > 500_000 for row in rows] == [True] * len(deployment.servers)
        assert deployment.alerts() == []
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize("name", ["fastcgi-lighttpd", "cgi-lighttpd", "fastcgi-apache"])
def test_cpu_seconds_count_dead_children_too(name: str, tiny: Site, run_folder: Path) -> None:
    with deploy(name, site=tiny) as deployment:
        before = deployment.cpu_seconds()
        deployment.get("/burn/")
        spent = deployment.cpu_seconds() - before
    assert 0.48 <= spent <= (1.6 if name.startswith("cgi") else 0.75)


@pytest.mark.servers
def test_media_by_a_server_of_its_own(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    site = Site(**{**vars(tiny), "variables": {"media_url": "TINY_MEDIA_URL"}})
    with deploy("fastcgi-apache", site=site, media="own") as deployment:
        assert deployment.media_url != deployment.url + "/media/"
        assert deployment.get(deployment.media_url + "a.txt").text == "a file\n"
        assert deployment.get("/media/a.txt").status == 404
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "options", "kept"),
    [
        ("fastcgi-apache", {"keepalive": 0}, False),
        ("fastcgi-apache", {"keepalive": 5}, True),
        ("fastcgi-apache", {"mpm": "event", "keepalive": 5}, True),
        ("fastcgi-nginx", {"keepalive": 0}, False),
        ("fastcgi-nginx", {"keepalive": 5}, True),
        ("fastcgi-lighttpd", {"keepalive": 0}, False),
        ("fastcgi-lighttpd", {"keepalive": 5}, True),
        ("gunicorn", {"keepalive": 0}, False),
        ("gunicorn", {"keepalive": 5}, True),
    ],
)
def test_keep_alive_is_what_was_asked_for(
    name: str, options: dict[str, Any], kept: bool, tiny: Site, run_folder: Path
) -> None:
    import http.client

    with deploy(name, site=tiny, **options) as deployment:
        host, port = deployment.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            assert (not answer.will_close and connection.sock is not None) is kept
        finally:
            connection.close()


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="Did you mean fastcgi-lighttpd"):
        deploy("fastcgi-lightpd")


def test_an_unknown_option_is_answered_with_the_ones_there_are(tiny: Site) -> None:
    with pytest.raises(OptionError, match=r"takes no worker\. It takes: workers"):
        deploy("gunicorn", site=tiny, worker=3)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("fastcgi-apache", {"mpm": "itk"}, "mpm may be 'prefork' or 'event', not 'itk'"),
        ("modwsgi-apache", {"mode": "x"}, "mode may be 'embedded' or 'daemon', not 'x'"),
    ],
)
def test_an_option_that_takes_some_words_says_which(name: str, options: dict[str, str], words: str, tiny: Site) -> None:
    with pytest.raises(OptionError, match=words):
        deploy(name, site=tiny, **options)  # type: ignore[arg-type]


def test_a_front_end_that_is_not_there_cannot_serve_media(tiny: Site) -> None:
    with pytest.raises(OptionError, match="no front-end"):
        deploy("gunicorn", site=tiny, media="front-end")


@pytest.mark.servers
def test_a_site_that_does_not_load_is_explained(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    broken = Site(**{**vars(tiny), "settings": "no_such_settings"})
    with pytest.raises(StartError) as error:
        deploy("fastcgi-nginx", site=broken).start()
    message = str(error.value)
    assert "no_such_settings" in message and "command" in message and "runfcgi.log" in message
    nothing_left()


@pytest.mark.servers
def test_configurations_name_no_path_of_this_machine(tiny: Site, run_folder: Path) -> None:
    deployment = deploy("fastcgi-apache", site=tiny)
    try:
        text = "".join(deployment.configurations().values())
        assert "{folder}" in text and "{http}" in text
        assert str(run_folder) not in text
        assert str(TOP) not in text
    finally:
        deployment.stop()


@pytest.mark.servers
def test_two_of_a_kind_live_side_by_side(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("fastcgi-nginx", site=tiny) as one, deploy("fastcgi-nginx", site=tiny) as two:
        assert one.url != two.url and one.folder.path != two.folder.path
        one.stop()
        assert two.get("/").text == "hello"
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_every_deployment_takes_a_cache_a_media_server_and_keep_alive(
    name: str, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy(name, cache="memcached", cache_pages=60, media="own", keepalive=5) as site:
        titles = [server.title for server in site.servers]
        assert titles[:2] == ["memcached", "lighttpd"]
        first, second = site.get("/articles/1/"), site.get("/articles/1/")
        assert (first.header("X-Cache"), second.header("X-Cache")) == ("miss", "hit")
        assert f'src="{site.media_url}photos/' in second.text
        assert site.get(site.media_url + "photos/thumbnail/town-1.jpg").header("Content-Type") == "image/jpeg"
        assert site.alerts() == []
    with deploy(name, media="django", keepalive=0) as site:
        assert site.get("/media/photos/thumbnail/town-1.jpg").status == 200
        assert site.alerts() == []
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize(("seconds", "kept"), [(0, "close"), (None, None)])
def test_the_media_server_has_a_keep_alive_of_its_own(
    seconds: float | None, kept: str | None, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with deploy("fastcgi-apache", keepalive=0, media="own", media_keepalive=seconds) as site:
        headers = {"Connection": "keep-alive"}
        assert site.get(site.media_url + "photos/thumbnail/town-1.jpg", headers=headers).header("Connection") == kept
        assert site.get("/hello/", headers=headers).header("Connection") == "close"
    nothing_left()


def test_no_keep_alive_for_a_media_server_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="media='own'"):
        deploy("fastcgi-apache", media_keepalive=0)


@pytest.mark.servers
def test_deployments_in_one_second_do_not_share_a_configuration(tiny: Site, run_folder: Path) -> None:
    """Python once kept the byte code of the first gunicorn.conf.py for the second, with the first one's port."""
    for _ in range(6):
        with deploy("gunicorn", site=tiny, workers=1) as site:
            assert site.get("/").text == "hello"
