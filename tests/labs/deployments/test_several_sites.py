"""Two sites behind one front-end, by host name and by path; one site below a path."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from dataclasses import replace
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import psutil
import pytest

from labs import Site, deploy
from labs.deployments.catalogue import ARRANGEMENTS
from labs.errors import LabError, OptionError, StartError
from labs.newsroom import site as newsroom
from labs.newsroom.data import EDITOR, PASSWORD
from labs.runtime.deployment import Deployment
from labs.shop import site as shop

SEVERAL = [name for name, kind in ARRANGEMENTS.items() if kind.sites == 2]
BELOW = [name for name, kind in ARRANGEMENTS.items() if kind.sites == 1 and "at" in kind.options]
EVENT: dict[str, Any] = {"mpm": "event"}


def links(text: str) -> list[str]:
    """What a page points to on its own host."""
    return re.findall(r'(?:href|src|action)="(/[^"]*)"', text)


def cookies(deployment: Deployment, path: str) -> dict[str, str]:
    """The cookies that a page sets: name -> path."""
    said = SimpleCookie()
    for name, value in deployment.get(path).headers:
        if name.lower() == "set-cookie":
            said.load(value)
    return {name: morsel["path"] for name, morsel in said.items()}


def inside(deployment: Deployment) -> bool:
    """Whether the front-end's own processes run the sites."""
    return not any(place.upstreams for place in deployment.places)


def workers(deployment: Deployment, name: str) -> set[int]:
    """The processes that may answer for a site."""
    if inside(deployment):
        return {process.pid for process in deployment.tree()} - {deployment.pid_of(deployment.front.label)}
    return {deployment.pid_of(name)}


def as_(host: str) -> dict[str, str]:
    return {"Host": host}


@pytest.mark.servers
@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in SEVERAL), ("sites-apache", EVENT)], ids=str)
def test_each_answers_to_its_own_name_and_to_no_other(
    name: str, options: dict[str, Any], shared: Callable[..., Deployment]
) -> None:
    both = shared(name, **options)
    for host in ("news.test", "NEWS.test", "news.test:8000", "127.0.0.1", both.origin.removeprefix("http://")):
        assert "Bluestem Lantern" in both.get("/", headers=as_(host)).text, host
    for host in ("shop.test", "SHOP.test", "shop.test:8000"):
        assert "The Lantern Shop" in both.get("/", headers=as_(host)).text, host
    for host in ("www.shop.test", "shop.test.example", "xshop.test", "shop.tes", "shopxtest", "localhost"):
        assert [both.get(path, headers=as_(host)).status for path in ("/", "/hello/")] == [404, 404], host
    first, second = (both.get("/whoami/", headers=as_(host)).json for host in ("news.test", "shop.test"))
    assert first["pid"] in workers(both, "news") and second["pid"] in workers(both, "shop")
    assert (first["script_name"], second["script_name"]) == ("", "")
    picture = both.get("/media/mug.svg", headers=as_("shop.test"))
    assert (picture.status, picture.header("Content-Type")) == (200, "image/svg+xml")
    assert both.alerts() == []
    assert both.get("/media/mug.svg", headers=as_("news.test")).status == 404
    assert both.addresses() == {"news": (f"{both.url}/", "news.test"), "shop": (f"{both.url}/", "shop.test")}
    backs = [] if inside(both) else ["news", "shop"]
    assert [row.process.split()[0] for row in both.processes().rows] == [*backs, both.front.label]


@pytest.mark.servers
@pytest.mark.parametrize("name", SEVERAL)
def test_a_request_without_a_name_is_answered_by_nobody(name: str, shared: Callable[..., Deployment]) -> None:
    """HTTP/1.0 knows no Host header. It gets 404, not the site that happens to be first."""
    both = shared(name)
    connection = http.client.HTTPConnection(both.origin.removeprefix("http://"), timeout=10)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
    try:
        connection.putrequest("GET", "/hello/", skip_host=True)
        connection.endheaders()
        assert connection.getresponse().status == 404
    finally:
        connection.close()


@pytest.mark.servers
@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in SEVERAL), ("sites-apache", EVENT)], ids=str)
def test_each_lies_below_its_own_path(name: str, options: dict[str, Any], shared: Callable[..., Deployment]) -> None:
    both = shared(name, by="path", **options)
    for path in ("/news", "/shop"):
        said = both.get(f"{path}/whoami/").json
        assert (said["script_name"], said["path_info"]) == (path, "/whoami/")
        assert said["pid"] in workers(both, path[1:])
        page = both.get(f"{path}/")
        found = [link for link in links(page.text) if not link.startswith(path + "/")]
        assert found == []
        pictures = [link for link in links(page.text) if link.startswith(f"{path}/media/")]
        assert {both.get(picture).status for picture in pictures[:4]} == {200}
        assert both.get(path).header("Location") in (f"{path}/", f"{both.origin}{path}/")
        assert both.get(f"{path}?page=2").header("Location") in (f"{path}/?page=2", f"{both.origin}{path}/?page=2")
    assert both.addresses()["shop"] == (f"{both.origin}/shop/", "")
    assert both.get("/shop/basket").header("Location") == "/shop/basket/"
    assert both.get("/news/admin").header("Location") == "/news/admin/"
    assert both.get("/shop/whoami/?a=%C3%A9").status == 200
    assert both.alerts() == []
    for path in ("/", "/whoami/", "/shopping/", "/newsroom/", "/news/media/mug.svg", "/media/mug.svg"):
        assert both.get(path).status == 404, path


@pytest.mark.servers
@pytest.mark.parametrize("name", SEVERAL)
def test_neither_is_sent_the_cookies_of_the_other(name: str, shared: Callable[..., Deployment]) -> None:
    both = shared(name, by="path")
    assert cookies(both, "/news/accounts/login/") == {"csrftoken": "/news/"}
    assert cookies(both, "/shop/goods/mug/") == {"csrftoken": "/shop/"}


def without_a_path(site: Site) -> Site:
    """The same project as most are: its cookies are sent to the whole host."""
    return replace(site, variables={part: name for part, name in site.variables.items() if part != "cookie_path"})


def form(browser: OpenerDirector, url: str, **fields: str) -> str:
    """Open a page, send its form back filled in, and return where that led."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(url).read().decode())
    assert token is not None
    target = url if "login" in url else url.partition("goods/")[0] + "basket/"
    body = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
    return str(browser.open(target, body).url)


@pytest.mark.servers
@pytest.mark.parametrize("apart", [True, False])
def test_a_mug_in_the_basket_signs_nobody_out(apart: bool, run_folder: Path) -> None:
    """Unless both sites send their cookies to the whole host, as Django does by default."""
    sites = [newsroom(), shop()] if apart else [without_a_path(newsroom()), without_a_path(shop())]
    with deploy("sites-lighttpd", by="path", site=sites[0], other=sites[1]) as both:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        reached = form(browser, f"{both.url}/news/accounts/login/", username=EDITOR, password=PASSWORD)
        assert "login" not in reached
        assert browser.open(reached).url == reached
        form(browser, f"{both.url}/shop/goods/mug/", good="mug")
        assert ("login" in browser.open(reached).url) is not apart


@pytest.mark.servers
@pytest.mark.parametrize("name", ["sites-nginx", "sites-apache"])
def test_without_a_block_that_is_nobodys_the_first_site_answers_to_every_name(name: str, run_folder: Path) -> None:
    both = deploy(name)
    try:
        file = both.config()
        block = re.search(
            r"^ *# A name that no site here has.*?^ *(?:}|</VirtualHost>)\n", str(file), re.DOTALL | re.MULTILINE
        )
        assert block is not None
        both.edit(file.name, block[0])
        both.start()
        assert both.get("/hello/", headers=as_("other.test")).text == "Hello from the Lantern\n"
    finally:
        both.stop()


@pytest.mark.servers
@pytest.mark.parametrize("by", ["host", "path"])
def test_the_basket_works_behind_either(by: str, run_folder: Path) -> None:
    """A form, its cookie, and the redirect after it."""
    with deploy("sites-lighttpd", by=by) as both:
        path, host = ("/shop", "127.0.0.1") if by == "path" else ("", "shop.test")
        page = both.get(f"{path}/goods/mug/", headers=as_(host))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        cookie = next(value.partition(";")[0] for key, value in page.headers if key.lower() == "set-cookie")
        assert token is not None
        connection = http.client.HTTPConnection(both.origin.removeprefix("http://"), timeout=10)
        try:
            body = urlencode({"good": "mug", "csrfmiddlewaretoken": token[1]})
            kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, **as_(host)}
            connection.request("POST", f"{path}/basket/", body, kind)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        assert (answer.status, answer.getheader("Location")) == (302, f"{path}/basket/")
        session = str(answer.getheader("Set-Cookie")).partition(";")[0]
        basket = both.get(f"{path}/basket/", headers={"Cookie": session, **as_(host)}).text
        assert "Enamel mug" in basket


@pytest.mark.servers
@pytest.mark.parametrize("name", BELOW)
@pytest.mark.parametrize("media", ["front-end", "django"])
def test_one_site_below_a_path(name: str, media: Any, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy(name, at="/paper", media=media) as site:
        assert (site.url, site.media_url) == (f"{site.origin}/paper", f"{site.origin}/paper/media/")
        said = site.get("/whoami/").json
        assert (said["script_name"], said["path_info"]) == ("/paper", "/whoami/")
        page = site.get("/").text
        assert [link for link in links(page) if not link.startswith("/paper/")] == []
        picture = next(link for link in links(page) if link.startswith("/paper/media/photos/"))
        assert site.get(site.origin + picture).header("Content-Type") == "image/jpeg"
        assert site.get("/admin").header("Location") == "/paper/admin/"
        assert str(site.get("/admin/").header("Location")).startswith("/paper/admin/login/?next=/paper/admin/")
        assert cookies(site, "/accounts/login/") == {"csrftoken": "/paper/"}
        assert site.get(f"{site.origin}/paper").header("Location") in ("/paper/", f"{site.url}/")
        assert [site.get(site.origin + path).status for path in ("/", "/whoami/", "/paperback/")] == [404] * 3
        assert site.alerts() == []
    nothing_left()


@pytest.mark.servers
@pytest.mark.parametrize("name", BELOW)
@pytest.mark.parametrize("at", ["", "/paper"])
def test_static_files_have_a_folder_of_their_own(
    name: str, at: str, tiny: Site, tmp_path: Path, run_folder: Path
) -> None:
    """Also where its path begins with that of the media."""
    static = tmp_path / "collected"
    static.mkdir()
    (static / "site.css").write_text("body {}\n")
    for url in ("/static/", "/media/static/"):
        with deploy(name, at=at, site=replace(tiny, static=static, static_url=url)) as site:
            assert site.get(f"{url}site.css").text == "body {}\n", url
            assert site.get("/media/a.txt").text == "a file\n"
            assert site.get("/").text == "hello"
            if not inside(site):
                site.stop_server(site.servers[0].label)
            assert site.get(f"{url}site.css").header("Content-Type") == "text/css; charset=utf-8"


@pytest.mark.servers
def test_media_of_two_sites_by_a_server_of_their_own(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    for by in ("host", "path"):
        with deploy("sites-nginx", by=by, media="own") as both:
            host, path = ({"Host": "shop.test"}, "") if by == "host" else ({}, "/shop")
            picture = re.search(r'src="(http://[^"]+\.svg)"', both.get(f"{path}/", headers=host).text)
            assert picture is not None
            assert not picture[1].startswith(both.origin)
            assert both.get(picture[1]).header("Content-Type") == "image/svg+xml"
            assert both.get(both.media_url + "photos/thumbnail/town-1.jpg").status == 200
    nothing_left()


@pytest.mark.servers
def test_deeper_paths_and_other_names(run_folder: Path) -> None:
    with deploy("sites-apache", by="path", at=["/a/news", "/a/shop"]) as both:
        assert both.get("/a/shop/whoami/").json["script_name"] == "/a/shop"
        assert both.get("/a/news/hello/").status == 200
    with deploy("sites-nginx", at=["news.example.test", "buy-here.test"]) as both:
        assert both.get("/whoami/", headers=as_("buy-here.test")).json["site"] == "shop"


@pytest.mark.servers
def test_the_second_may_be_the_readers(tiny: Site, run_folder: Path, nothing_left: Callable[[], None]) -> None:
    with deploy("sites-nginx", other=tiny) as both:
        assert both.get("/", headers=as_("shop.test")).text == "hello"
        assert both.get("/media/a.txt", headers=as_("shop.test")).text == "a file\n"
        assert [site.settings for site in both.sites] == ["newsroom.settings", "tiny"]
    broken = replace(tiny, ready="/nowhere")
    with pytest.raises(StartError, match="came up, but tiny did not: 404 for /nowhere"):
        deploy("sites-lighttpd", other=broken).start()
    with pytest.raises(
        StartError, match=r"did not: 400 for /hello/, asked as buy-here\.example\.\n(?s:.*)ALLOWED_HOSTS"
    ):
        deploy("sites-apache", at=["news.test", "buy-here.example"]).start()
    nothing_left()


@pytest.mark.servers
def test_one_site_ends_and_the_other_does_not_notice(run_folder: Path) -> None:
    with deploy("sites-lighttpd") as both:
        process = psutil.Process(both.pid_of("shop"))
        both.stop_server("news")
        assert both.get("/hello/", headers=as_("news.test")).status in (500, 502, 503)
        assert both.get("/hello/", headers=as_("shop.test")).status == 200
        assert process.is_running()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sites-nginx", {"by": "name"}, "by may be 'host' or 'path'"),
        ("sites-nginx", {"at": ["a.test"]}, "two hosts that differ"),
        ("sites-nginx", {"at": ["a.test", "a.test"]}, "two hosts that differ"),
        ("sites-nginx", {"at": ["a.test", "b test;"]}, "a host name such as news.test"),
        ("sites-nginx", {"by": "path", "at": ["", "/shop"]}, "needs a path of its own"),
        ("sites-nginx", {"by": "path", "at": ["/news/", "/shop"]}, "a path such as /paper"),
        ("fastcgi-nginx", {"at": "paper"}, "a path such as /paper"),
        ("gunicorn", {"at": "/paper"}, "gunicorn takes no at"),
    ],
)
def test_an_address_that_cannot_be_is_refused(name: str, options: dict[str, Any], message: str, tiny: Site) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        deploy(name, site=tiny, **options)


def test_a_second_site_needs_a_deployment_for_two(tiny: Site) -> None:
    with pytest.raises(OptionError, match="serves one site; two are served by sites-nginx"):
        deploy("fastcgi-nginx", site=tiny, other=tiny)


@pytest.mark.servers
def test_an_edited_file_is_what_the_server_reads(tiny: Site, run_folder: Path) -> None:
    site = deploy("fastcgi-nginx", site=tiny)
    try:
        site.edit("nginx.conf", "client_max_body_size  20m;", "client_max_body_size  1k;")
        assert "client_max_body_size  1k;" in str(site.config())
        assert site.start().get("/").text == "hello"
        with pytest.raises(LabError, match=r"nothing in nginx\.conf that reads"):
            site.edit("nginx.conf", "no such directive")
    finally:
        site.stop()
