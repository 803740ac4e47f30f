"""Paths with characters that a configuration, a shell or systemd owns: read back as they are, or refused by name."""

from __future__ import annotations

import ast
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from labs import deploy, quoting
from labs.clients import probe
from labs.deployments.register import arrangement, names
from labs.errors import OptionError
from labs.servers.address import Unix
from labs.servers.apache import SOCKET_REFUSED, Apache
from labs.servers.base import FrontEnd, Server
from labs.servers.folder import Folder
from labs.servers.lighttpd import Lighttpd
from labs.servers.nginx import Nginx
from labs.servers.place import Place
from labs.site import Site
from labs.supervisor.keeper import Keeper

pytestmark = pytest.mark.servers

CHARACTERS = [*"'\"$#\\ %{}@&;é`()[]*?!,=|<>~^+", "${HOME}", "$1", "%h", "%20", "@folder@", "\t"]
# Every one at once, and at its end what could take the rest along
ALL = "".join(each for each in CHARACTERS if each != "\t") + "\\"


@pytest.fixture
def odd(tiny: Site, tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    """The tiny site with everything of it in a folder of this name."""
    return within(tmp_path / getattr(request, "param", ALL), tiny)


def within(top: Path, site: Site) -> Site:
    """A copy of the site there, with a virtual environment and a file of media."""
    shutil.copytree(site.folder, top / "project", ignore=shutil.ignore_patterns("__pycache__"))
    (top / "media").mkdir()
    (top / "media" / "a.txt").write_text("a file\n")
    (top / "venv" / "bin").mkdir(parents=True)
    shutil.copyfile(Path(sys.prefix) / "pyvenv.cfg", top / "venv" / "pyvenv.cfg")
    (top / "venv" / "lib").symlink_to((Path(sys.prefix) / "lib").resolve())
    (top / "venv" / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    return replace(site, folder=top / "project", media=top / "media", python=top / "venv" / "bin" / "python")


def servers(name: str, site: Site) -> list[Server]:
    """Those of a deployment, for its files alone."""
    kind = arrangement(name)
    options = {"media": True} if "media" in kind.options else {}
    return kind.build(*[site] * kind.sites, **options)


def strings(text: str) -> set[str]:
    """The texts that Python reads in a file."""
    return {
        each.value
        for each in ast.walk(ast.parse(text))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


@pytest.mark.parametrize("name", names())
def test_every_file_of_every_deployment(name: str, tiny: Site, tmp_path: Path) -> None:
    """Python's own are read back; of the others, the next test asks the servers."""
    for character in CHARACTERS:
        top = tmp_path / f"a{character}b"
        # No interpreter lies there: those that embed Python ask it where its packages are
        site = replace(tiny, folder=top / "project", media=top / "media")
        folder = Folder(top / "run", top / "run", ports={"http": 8000})
        for server in servers(name, site):
            with suppress(OptionError):
                for file, text in server.files(folder).items():
                    if file.endswith((".py", ".cgi", ".wsgi")):
                        wanted = str(site.folder)
                        assert wanted in strings(text) or "os.chdir" not in text, (character, file, text)
                        assert top.name not in text or character not in '\\"\t', (character, file, text)
        if character in SOCKET_REFUSED and name in ("fastcgi-apache", "sites-apache"):
            with pytest.raises(OptionError, match="mod_proxy is told of a socket cannot hold"):
                servers(name, site)[-1].files(folder)


@pytest.mark.parametrize("name", names())
def test_the_servers_own_checks(name: str, odd: Site, tmp_path: Path) -> None:
    """With all characters in every path, that of the deployment's folder included."""
    path = tmp_path / ALL / "run"
    folder = Folder(path, tmp_path / "sockets").make()
    for server in servers(name, odd):
        for file, text in server.files(folder).items():
            folder.write(file, text)
        if isinstance(server, FrontEnd):
            command = server.check_command(folder)
            assert command is not None
            said = subprocess.run(command, cwd=path, capture_output=True, text=True, timeout=30, check=False)
            assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    "name",
    ["gunicorn-nginx", "fastcgi-lighttpd", "fastcgi-apache", "cgi-lighttpd", "modpython-apache", "modwsgi-apache"],
)
def test_a_site_is_served_from_such_a_place(
    name: str, odd: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labs import paths

    monkeypatch.setattr(paths, "RUN", tmp_path / ALL / "run")
    # The interpreter of the labs: from another place Django would be compiled anew
    with deploy(name, site=replace(odd, python=Path(sys.executable))) as site:
        assert site.get("/").text == "hello", site.log()
        assert site.get("/media/a.txt").text == "a file\n"
        assert site.alerts() == []


@pytest.mark.parametrize("kind", [Nginx, Lighttpd, Apache])
def test_a_socket_in_such_a_place(kind: type[FrontEnd], tmp_path: Path, run_folder: Path) -> None:
    """As in an export: a front-end comes to the back-end of its own folder."""
    refused = SOCKET_REFUSED if kind is Apache else ""
    name = (each for each in dict.fromkeys(f"{kind.title[0]}{''.join(CHARACTERS)}:") if each not in refused)
    top = tmp_path.parent / "".join(name)
    folder = Folder(top, top).make()
    front = kind(places=(Place(upstreams=(Unix("s"),)),))
    for file, text in front.files(folder).items():
        folder.write(file, text)
    path = folder.endpoint(Unix("s")).path
    if len(path.encode()) > front.longest_socket:
        pytest.skip(f"{path} is too long for a socket")
    keeper = Keeper(run_folder, "front")
    with socket.socket(socket.AF_UNIX) as back:
        back.bind(path)
        Path(path).chmod(0o666)
        back.listen()
        back.settimeout(10)
        try:
            keeper.spawn(front.command(folder), environment={"PATH": "/usr/bin:/bin"}, log=folder.log / "x.log")
            endpoint = folder.endpoint(front.listen)
            while not probe.takes_connections(endpoint):
                assert not keeper.ended(), (folder.log / "x.log").read_text()
            asker = threading.Thread(target=ask, args=[f"http://{endpoint}/"])
            asker.start()
            back.accept()[0].close()
        finally:
            keeper.end()
        asker.join()


def ask(url: str) -> None:
    """Whatever comes of it."""
    with suppress(Exception):
        probe.get(url, timeout=10)


REFUSED = {
    "a line break, Apache": ("modwsgi-apache", "a\nb", r"Apache's configuration cannot hold a line break: '.*a\\nb"),
    "a line break, lighttpd": ("cgi-lighttpd", "a\nb", "lighttpd's configuration cannot hold a line break"),
    "a colon": ("gunicorn", "a:b", "PYTHONPATH cannot hold a colon"),
    "our own mark": ("gunicorn", "{folder}", r"use \{folder\} for their own folder"),
    "bytes": ("gunicorn", "a\udcffb", "cannot hold a byte that is not UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_program_cannot_hold_is_refused_by_name(case: str, tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    name, odd, message = REFUSED[case]
    site = within(tmp_path / odd, tiny)
    with pytest.raises(OptionError, match=message):
        deploy(name, site=site)


def test_a_line_break_in_a_variable(tiny: Site, run_folder: Path) -> None:
    """A key of several lines reaches the site whole, or is refused: indentation would change it."""
    site = replace(tiny, environment={"KEY": "one\n two\n"})
    for name in ("cgi-lighttpd", "modpython-apache"):
        with pytest.raises(OptionError, match="cannot hold a line break"):
            deploy(name, site=site)
    deployment = deploy("modwsgi-apache", site=site)
    try:
        assert "one\n two\n" in strings(str(deployment.config("site.wsgi")))
    finally:
        deployment.stop()


def test_a_pattern_of_apaches() -> None:
    assert quoting.apache_pattern("/a/[b]*?") == "/a/[[]b][*][?]"
    assert quoting.apache_pattern("/a\\b") == "/a\\\\b"
    assert quoting.apache_pattern("/a\\[b") == "/a\\\\\\\\[[]b"
