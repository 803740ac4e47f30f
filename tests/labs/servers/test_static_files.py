"""A project's own files on every front-end: packed ones beside them, names that last, types; and not what visitors upload."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from labs import deploy
from labs.newsroom.samples import stored
from labs.runtime import hosting
from labs.servers import mime
from labs.servers.nginx import Nginx
from labs.servers.place import Place
from labs.site import Site

SHEET = b"body { margin: 0 }\n" * 100
LASTS = "max-age=315360000, public, immutable"
FRONTS = ["gunicorn-nginx", "fastcgi-apache", "modwsgi-apache", "modpython-apache", "fastcgi-lighttpd"]


@pytest.fixture
def site(tiny: Site, tmp_path: Path) -> Site:
    """With collected files in a folder with a space and a bracket in its name, and uploads below the path of these."""
    static = tmp_path / "collected (all)"
    uploads = tmp_path / "uploads"
    for folder in (static / "css", uploads):
        folder.mkdir(parents=True)
        for name in ("app.css", "app.0123456789ab.css", "app.min.0123456789ab.css"):
            (folder / name).write_bytes(SHEET)
            (folder / f"{name}.gz").write_bytes(gzip.compress(SHEET, mtime=0))
        (folder / "app.css.br").write_bytes(stored(SHEET))
        (folder / "PHOTO.JPG").write_bytes(b"a photograph")
        (folder / "LICENSE.0123456789ab").write_bytes(b"a licence")
        (folder / "alone.css").write_bytes(SHEET)
        (folder / "folder.css.gz").mkdir()
        (folder / "folder.css").write_bytes(SHEET)
        (folder / "odd 100%.css").write_bytes(SHEET)
        (folder / "odd 100%.css.gz").write_bytes(gzip.compress(SHEET, mtime=0))
    return replace(tiny, static=static, static_url="/static/", media=uploads, media_url="/static/up/")


@pytest.mark.servers
@pytest.mark.parametrize("name", FRONTS)
def test_own_files_and_uploads(name: str, site: Site, run_folder: Path) -> None:
    packs = "lighttpd" not in name
    with deploy(name, site=site) as running:
        for codings, coding in {"gzip, br": "br", "br;q=0, gzip": "gzip", "gzip;q=0": "", "": ""}.items():
            answer = running.get("/static/css/app.css", headers={"Accept-Encoding": codings} if codings else {})
            assert answer.header("Content-Encoding") == (coding or None if packs else None), codings
            assert answer.header("Content-Type") == "text/css; charset=utf-8"
            assert answer.header("Cache-Control") == "max-age=60, public"
        takes = {"Accept-Encoding": "gzip"}
        for path in (
            "app.0123456789ab.css",
            "app.min.0123456789ab.css",
            "LICENSE.0123456789ab",
            "app.0123456789ab.css.gz",
        ):
            assert running.get(f"/static/css/{path}", headers=takes).header("Cache-Control") == LASTS, path
        for path in ("alone.css", "folder.css", "odd%20100%25.css", "alone.css?v=3"):
            answer = running.get(f"/static/css/{path}", headers=takes)
            assert (answer.status, answer.header("Content-Type")) == (200, "text/css; charset=utf-8"), path
            assert (answer.header("Content-Encoding") == "gzip") or answer.body == SHEET
        assert running.get("/static/css/alone.css", headers=takes).header("Content-Encoding") is None
        for path in ("app.css%0a", "app.css%0a.gz", "gone.0123456789ab.css"):
            answer = running.get(f"/static/css/{path}", headers=takes)
            assert answer.status in (400, 404), path
            assert answer.header("Cache-Control") is None
        # What visitors have uploaded: their names promise nothing, and no packing is looked for
        for path in ("app.css", "app.0123456789ab.css"):
            answer = running.get(f"/static/up/{path}", headers=takes)
            assert answer.body == SHEET
            assert answer.header("Content-Type") == "text/css"
            assert answer.header("Cache-Control") is answer.header("Content-Encoding") is None
        assert running.get("/static/up/PHOTO.JPG").header("Content-Type") == "image/jpeg"
        assert running.get("/").text == "hello"


@pytest.mark.servers
def test_a_server_of_their_own_has_the_static_files_too(
    site: Site, tmp_path: Path, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    """Told to the site by a variable, where it has one."""
    named = replace(site, variables={"media_url": "TINY_MEDIA_URL", "static_url": "TINY_STATIC_URL"})
    with deploy("gunicorn", site=named, media="own") as running:
        server = running.media_url.removesuffix("/static/up/")
        assert running.site.environment["TINY_STATIC_URL"] == "http://{media}/static/"
        answer = running.get(f"{server}/static/css/app.0123456789ab.css")
        assert (answer.body, answer.header("Cache-Control")) == (SHEET, LASTS)
        assert (
            answer.header("Access-Control-Allow-Origin") == "*"
        )  # or a page of another address could use no font of it
        assert {line.partition(":")[0] for line in hosting.sentences(running)} == {"media", "static"}
        assert all("served by lighttpd" in line or "served by nginx" in line for line in hosting.sentences(running))
    nothing_left()


@pytest.mark.servers
def test_who_serves_files_is_said_as_it_is(site: Site, run_folder: Path) -> None:
    for name, words in {"gunicorn": "no web server serves it here", "gunicorn-nginx": "served by nginx at"}.items():
        running = deploy(name, site=site)
        try:
            lines = hosting.sentences(running)
            assert len(lines) == 2
            assert all(words in line for line in lines), lines
        finally:
            running.stop()


def test_static_files_below_a_path_are_told_to_the_site(site: Site, run_folder: Path) -> None:
    named = replace(site, variables={"media_url": "TINY_MEDIA_URL", "static_url": "TINY_STATIC_URL"})
    running = deploy("gunicorn-nginx", site=named, at="/paper")
    try:
        assert running.site.environment["TINY_STATIC_URL"] == "/paper/static/"
        assert running.places[0].static == ("/paper/static/",)
    finally:
        running.stop()


def test_what_lies_below_a_longer_path_is_not_the_shorter_ones(tmp_path: Path) -> None:
    files = {"/static/": tmp_path, "/static/up/": tmp_path, "/media/": tmp_path}
    place = Place(files=files, static=("/static/",))
    assert place.below("/static/") == "/static/(?!up/)"
    assert place.below("/media/") == "/media/"


def test_an_ending_has_one_type() -> None:
    """Some seventy, as the book says."""
    endings = [ending for each in mime.TYPES.values() for ending in each]
    assert len(endings) == len(set(endings))
    assert 65 <= len(endings) < 80
    assert set(mime.TEXT) <= set(mime.TYPES)


@pytest.mark.parametrize(
    ("said", "takes"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=0.5", True),
        ("br , gzip", True),
        ("gzip;q=1.000", True),
        ("gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip ; q=0.000", False),
        ("gzip; q=0 , br", False),
        ("x-gzip", False),
        ("gzipped", False),
        ("*", False),
        ("", False),
    ],
)
def test_an_accept_encoding_takes_a_coding_or_not(said: str, takes: bool) -> None:
    """The expression that Apache has; nginx has the same in its template."""
    assert bool(re.search(mime.takes("gzip"), said, re.IGNORECASE)) is takes
    template = (Path(mime.__file__).parent / "nginx" / "packed.conf").read_text()
    found = re.search(r'"~\*(\S.*gzip.*)"  \.gz;', template)
    assert found is not None
    assert bool(re.search(found[1], f"|{said}", re.IGNORECASE)) is takes
    assert re.search(found[1], f"bytes=0-9|{said}", re.IGNORECASE) is None


@pytest.mark.servers
def test_without_static_files_nothing_is_said_of_them(tiny: Site, run_folder: Path) -> None:
    """Media alone: no packing is looked for, and no header is added for it."""
    for name in ("gunicorn-nginx", "modwsgi-apache", "fastcgi-lighttpd"):
        running = deploy(name, site=tiny)
        try:
            texts = "\n".join(running.configurations().values())
            assert "immutable" not in texts
            assert "mod_rewrite" not in texts
            assert not any(file.endswith("-static.conf") for file in running.configurations())
        finally:
            running.stop()
    assert Nginx(places=()).file_pieces().keys() == {"nginx.types"}
