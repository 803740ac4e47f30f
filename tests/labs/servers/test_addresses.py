"""A rule that forbids a path holds, however the path is written; and what is uploaded is never run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labs import Site, deploy
from labs.conformance.target import Target
from labs.runtime.deployment import Deployment

pytestmark = pytest.mark.servers

FRONT_ENDS = [
    "gunicorn-nginx",
    "fastcgi-nginx",
    "fastcgi-lighttpd",
    "fastcgi-apache",
    "modpython-apache",
    "modwsgi-apache",
]
# {0} is the path that the site lies below, {1} the same without its slash
SPELLINGS = (
    "{0}/secret/a",
    "{0}/%73ecret/a",
    "{0}/secret%2fa",
    "{0}/secret%2Fa/",
    "{0}//secret/a",
    "{0}/secret//a",
    "{0}///secret///a",
    "{0}/%2fsecret/a",
    "{0}/./secret/a",
    "{0}/%2e/secret/a",
    "{0}/x/../secret/a",
    "{0}/x/%2e%2e/secret/a",
    "{0}/x/..%2fsecret/a",
    "{0}/x%2f..%2fsecret/a",
    "{0}/secret/x/../a",
    "{0}/secret/../x",
    "{0}/secret/%2e%2e/x",
    "{0}/secret/..%2fx",
    "{0}/secret/./../x",
    "{0}/x/../../secret/a",
    "{0}/x;/../secret/a",
    "{0}/secret;a/../secret/a",
    "{0}/SECRET/a",
    "{0}/secret\\a",
    "{0}/x\\..\\secret/a",
    "{0}/secret/%00a",
    "{0}/secret/%0aa",
    "{0}/secret/%0d%0aa",
    "{0}/secret/%ffa",
    "{0}/secret/%c3%a9",
    "{0}/secret/%e9",
    "{0}/%0a{0}/secret/a",
    "{0}/x%0a{0}/secret/a",
    "{0}/x%0d%0a{0}/%0a/secret/a",
    "{0}/x?{0}/secret/a",
    "{0}/x%3f/../secret/a",
    "{0}/x%23/../secret/a",
    "{0}/x#/../secret/a",
    "//{1}/secret/a",
    "/%2f{1}/secret/a",
    "/.{0}/secret/a",
    "/y/..{0}/secret/a",
    "{0}%2fsecret/a",
    "{0}/x//y",
    "{0}/x//y//z/",
    "http://127.0.0.1{0}/secret/a",
    "http://127.0.0.1{0}/x/../secret/a",
)


def echo(tiny: Site) -> Site:
    return replace(tiny, settings="echo")


def forbid(deployment: Deployment, path: str) -> None:
    """As a reader would, in the front-end's own words."""
    match deployment.front.title:
        case "nginx":
            deployment.edit(
                "nginx.conf", "server {\n    listen", f"server {{\n    location {path} {{ return 403; }}\n    listen"
            )
        case "lighttpd":
            rule = f'$HTTP["url"] =^ "{path}" {{ url.access-deny = ( "" ) }}'
            deployment.edit("lighttpd.conf", "server.modules       = ( ", 'server.modules = ( "mod_access", ')
            deployment.edit("lighttpd.conf", "server.bind ", f"{rule}\nserver.bind ")
        case _:
            # Of the two, <Location> makes one slash of several by itself
            rule = f'<LocationMatch "^{path}">\n  Require all denied\n</LocationMatch>'
            deployment.edit("apache.conf", "\nTypesConfig", f"\n{rule}\nTypesConfig")


def request(there: Target, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {there.netloc}\r\nConnection: close\r\n\r\n".encode("latin-1")


@pytest.mark.parametrize("at", ["", "/paper"])
@pytest.mark.parametrize("name", FRONT_ENDS)
def test_a_forbidden_path_is_forbidden_in_every_spelling(name: str, at: str, tiny: Site, run_folder: Path) -> None:
    """Django gets no request for a page below /secret/, nor one that names another site's path as its own."""
    deployment = deploy(name, site=echo(tiny), at=at)
    try:
        forbid(deployment, f"{at}/secret/")
        there = Target(base=deployment.start().origin)
        wrong, seen = {}, {}
        for spelling in dict.fromkeys(each.format(at, at[1:]) for each in SPELLINGS):
            if name == "modpython-apache" and ("%ff" in spelling or "%e9" in spelling):
                continue  # mod_python crashes at bytes that are not UTF-8; the behaviour suite has it as an exception
            with there.connect() as wire:
                wire.send(request(there, spelling))
                answer = wire.answer()
            seen[spelling] = answer.status
            if (answer.status == 200 and answer.json["path"].startswith("/secret/")) or answer.status >= 500:
                wrong[spelling] = answer.text
            if answer.status == 200 and answer.json["script"] != at:
                wrong[spelling] = answer.text
        assert wrong == {}
        assert [seen[f"{at}{each}"] for each in ("/secret/a", "/%73ecret/a", "/x/../secret/a")] == [403] * 3
        assert there.ask(f"{at}/public/a").json["path"] == "/public/a"
    finally:
        deployment.stop()


@pytest.mark.parametrize("name", ["cgi-lighttpd", "fastcgi-lighttpd", "fastcgi-apache", "modpython-apache"])
def test_what_is_uploaded_is_never_run(name: str, tiny: Site, run_folder: Path) -> None:
    assert tiny.media is not None
    for program in ("a.cgi", "site.cgi", "a.py", "a.wsgi"):
        (tiny.media / program).write_text("print('Content-Type: text/plain', '', 'it ran', sep='\\n')\n")
    with deploy(name, site=echo(tiny)) as site:
        for program in ("a.cgi", "a.cgi/x", "site.cgi", "site.cgi/x", "a.py", "a.wsgi"):
            answer = site.get(f"/media/{program}")
            assert answer.status in (403, 404) or answer.text.startswith("print("), (program, answer, answer.text)
