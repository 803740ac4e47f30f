"""What is exported runs as it is, passes the servers' own checks and systemd's, and speaks of no place but its own."""

from __future__ import annotations

import grp
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ephemeral_port_reserve import reserve
from patience import HANG, Stopwatch, wait_for

from labs import deploy
from labs.clients import probe
from labs.errors import OptionError
from labs.export import systemd
from labs.export.bundle import Exported, export, unit_name
from labs.export.host import parts
from labs.export.systemd import assignment, word
from labs.paths import SERVERS, TOP
from labs.supervisor.keeper import Keeper
from labs.supervisor.keeping.folder import short_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from labs.runtime.deployment import Deployment
    from labs.site import Site

pytestmark = pytest.mark.servers

# All that a service gets from systemd beside its own (systemd.exec(5), "Environment variables in spawned processes")
MANAGER = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}

# A folder whose name holds what a shell, systemd, a configuration and Python have for their own
ODD = "it's 50% of $HOME\\ & é"

WAYS: dict[str, tuple[str, dict[str, object]]] = {
    "gunicorn": ("gunicorn", {}),
    "gunicorn-nginx, memcached": ("gunicorn-nginx", {"cache": "memcached"}),
    "fastcgi-nginx, handed": ("fastcgi-nginx", {"handed": True}),
    "fastcgi-lighttpd, tcp, below a path": ("fastcgi-lighttpd", {"listen": "tcp", "at": "/paper"}),
    "fastcgi-apache, below a path": ("fastcgi-apache", {"at": "/paper"}),
    "cgi-lighttpd": ("cgi-lighttpd", {}),
    "modwsgi-apache": ("modwsgi-apache", {}),
    "sites-nginx": ("sites-nginx", {}),
    "sites-lighttpd, by path": ("sites-lighttpd", {"by": "path"}),
    "sites-apache": ("sites-apache", {}),
}
ELSEWHERE = [
    "gunicorn",
    "gunicorn-nginx",
    "fastcgi-nginx",
    "fastcgi-lighttpd",
    "fastcgi-apache",
    "cgi-lighttpd",
    "sites-apache",
    "modwsgi-apache",
]


@dataclass(frozen=True)
class Page:
    """The first page of a site: its path, and the name that is asked for, if there is one."""

    path: str
    host: str


def pages(deployment: Deployment) -> list[Page]:
    """One of each site."""
    found = [Page(place.path + place.site.ready, "".join(place.hosts[:1])) for place in deployment.places if place.site]
    return found or [Page(deployment.site.ready, "")]


def exported(target: Path, name: str, *, port: int = 8000, **options: object) -> tuple[Exported, list[Page]]:
    """A deployment of the newsroom, written out; what to ask it for."""
    deployment = deploy(name, **options)  # type: ignore[arg-type]  # deploy checks them
    try:
        return export(deployment, target, port=port), pages(deployment)
    finally:
        deployment.stop()


def shop(target: Path, name: str, site: Site, **more: object) -> Exported:
    """A deployment of a site, written out for another host."""
    deployment = deploy(name, site=replace(site, media=None))
    try:
        return export(deployment, target, **more)  # type: ignore[arg-type]  # export checks them
    finally:
        deployment.stop()


def answers(port: int, page: Page, log: Path) -> None:
    """Ask until the page is there, for as long as a slow machine may need."""
    status, watch = 0, Stopwatch()
    while status != 200 and not watch.over(20):
        try:
            headers = {"Host": page.host} if page.host else None
            status = probe.get(f"http://127.0.0.1:{port}{page.path}", headers=headers).status
        except OSError:
            pass
        if status != 200:
            time.sleep(0.05)
    assert status == 200, (page, log.read_text())


@contextmanager
def near_the_root() -> Iterator[Path]:
    """A folder with a short path, whoever runs the tests: in pytest's own stand the names of the user and of the test, and
    Apache takes 95 bytes for the path of a socket."""
    folder = short_folder()
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Instead of pytest's own, for every test here: what is exported has its sockets below it."""
    with near_the_root() as folder:
        yield folder


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled modules, for all exported folders: each would compile all of Django anew."""
    return tmp_path_factory.mktemp("bytecode")


def unit(text: str) -> dict[str, list[str]]:
    """The settings of a unit file, by name, each with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def variables(said: dict[str, list[str]]) -> dict[str, str]:
    """The variables of a unit's EnvironmentFile=, as a shell reads them; systemd reads the same."""
    assert "Environment" not in said  # units can be read by everybody
    found: dict[str, str] = {}
    for pattern in said.get("EnvironmentFile", []):
        file = re.sub(r"\\(.)", r"\1", pattern).replace("%%", "%")  # as glob(7) reads it
        assert Path(file).stat().st_mode & 0o777 == 0o600
        script = f"set -a; . {shlex.quote(file)}; exec env -0"
        shown = subprocess.run(
            ["env", "-i", "sh", "-c", script], capture_output=True, text=True, check=True, timeout=HANG
        )
        found |= dict(line.split("=", 1) for line in shown.stdout.split("\0") if line)
    return {name: value for name, value in found.items() if name not in ("PWD", "OLDPWD", "SHLVL", "_")}


def commands(readme: Path, section: str) -> list[str]:
    """The commands of a section of the README."""
    found = re.search(rf"## {section}\n.*?```console\n(.*?)```", readme.read_text(), re.DOTALL)
    return re.findall(r"^\$ (.+)$", found[1], re.MULTILINE) if found else []


def split(line: str) -> list[str]:
    """A line of ExecStart= as systemd splits it: like a shell, with its own two escapes."""
    return [each.replace("%%", "%").replace("$$", "$") for each in shlex.split(line)]


@pytest.mark.parametrize("way", WAYS)
def test_the_units_run_as_they_are(
    way: str, tmp_path: Path, bytecode: Path, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    target, port = tmp_path / ODD, reserve()
    name, options = WAYS[way]
    made, asked = exported(target, name, port=port, **options)
    (target / "bytecode").symlink_to(bytecode)
    services = [file for file in made.files if file.endswith(".service")]
    keeper, log = Keeper(run_folder, "exported"), target / "log" / "test.log"
    try:
        for file in services:
            said = unit((target / file).read_text())
            socket = (target / file).with_suffix(".socket")
            listen = unit(socket.read_text())["ListenStream"][0].replace("%%", "%") if socket.exists() else None
            # A unit that is After= another one starts when that one has been started, not when it answers
            keeper.spawn(
                split(said["ExecStart"][0]),
                environment={**MANAGER, **variables(said)},
                log=log,
                signal=said["KillSignal"][0],
                listen=listen,
            )
        for page in asked:
            answers(port, page, log)
    finally:
        keeper.end()
    nothing_left()


@pytest.mark.parametrize("way", WAYS)
def test_the_servers_own_checks_pass(way: str, tmp_path: Path, bytecode: Path, run_folder: Path) -> None:
    target = tmp_path / ODD
    name, options = WAYS[way]
    exported(target, name, port=reserve(), **options)
    (target / "bytecode").symlink_to(bytecode)
    for command in commands(target / "README.md", "Check it"):
        said = subprocess.run(
            ["sh", "-c", command], cwd=target, capture_output=True, text=True, timeout=HANG, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_accepts_the_units(tmp_path: Path, run_folder: Path) -> None:
    """All ways in one call: each call reads all units of the machine."""
    files: list[str] = []
    for number, (name, options) in enumerate(WAYS.values()):
        deployment = deploy(name, **options)  # type: ignore[arg-type]  # deploy checks them
        try:
            made = export(deployment, tmp_path / f"{number} {ODD}", user="root")
        finally:
            deployment.stop()
        files += [str(made.folder / file) for file in made.files if file.startswith("systemd/")]
    said = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=HANG, check=False
    )
    lines = (said.stdout + said.stderr).splitlines()
    assert [line for line in lines if str(tmp_path) in line or "newsroom" in line] == []


def test_every_file_is_explained(tmp_path: Path, run_folder: Path) -> None:
    made, _ = exported(tmp_path / "deploy", "sites-nginx")
    readme = (made.folder / "README.md").read_text()
    there = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    for file in there - {"README.md"}:
        assert any(f"`{name}`" in readme and file.startswith(name) for name in made.files), file


def test_for_another_host_nothing_speaks_of_this_one(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    target = tmp_path / "deploy"
    shop(target, "fastcgi-apache", tiny, prefix=Path("/srv/shop"), user="shop")
    for path in target.rglob("*"):
        if path.is_file() and "apps" not in path.parts:
            text = path.read_text()
            assert str(TOP) not in text, path.name
            assert str(target) not in text, path.name
            assert str(tiny.folder) not in text, path.name
    service = (target / "systemd" / "tiny-runfcgi.service").read_text()
    assert "User=shop" in service
    assert "ExecStart=/srv/shop/venv/bin/python" in service


def as_a_host(command: str) -> list[str]:
    """A command on a host that has the servers where a distribution puts them, as a user without rights, in the bare
    environment of a service: the servers' folders lie over the system's in a mount namespace."""
    inside = " && ".join(
        f"mount -t overlay overlay -o lowerdir={shlex.quote(str(SERVERS))}/{name}:/{name} /{name}"
        for name in ("usr", "etc")
    )
    # Root in the first namespace, to mount; in the second a user like any other, who owns what root owns outside.
    user = 'exec unshare -U --map-user=1000 --map-group=1000 "$@"'
    bare = ["env", "-i", *(f"{name}={value}" for name, value in MANAGER.items())]
    return ["unshare", "-rm", "sh", "-c", f"{inside} && {user}", "sh", *bare, "sh", "-c", command]


@pytest.fixture(scope="module")
def host() -> None:
    """Skips where the system has no such namespaces for us, or no servers lie in the checkout."""
    tried = subprocess.run(as_a_host("true"), capture_output=True, text=True, timeout=HANG, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no host can be made here: {tried.stderr.strip()}")


@pytest.fixture(scope="module")
def prefix() -> Iterator[Path]:
    """Where every folder lies on the host: byte code is kept by the path of its source."""
    with near_the_root() as folder:
        yield folder / "shop"


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_readme_works_on_another_host_as_written(
    name: str, tiny: Site, prefix: Path, bytecode: Path, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    port = reserve()
    deployment = deploy(name, site=replace(tiny, media=None))
    try:
        made = export(deployment, prefix.with_name("deploy"), prefix=prefix, port=port, user="shop")
        asked, wanted = pages(deployment), parts(deployment, prefix)
    finally:
        deployment.stop()
    shutil.rmtree(prefix, ignore_errors=True)
    made.folder.rename(prefix)
    readme, log = prefix / "README.md", prefix / "log" / "test.log"
    for part in wanted:  # as the README says
        assert f"`{part.there}`" in readme.read_text()
        part.there.parent.mkdir(exist_ok=True)
        if part.python:
            part.there.symlink_to(sys.prefix)
        else:
            shutil.copytree(part.here, part.there)
    (prefix / "bytecode").symlink_to(bytecode)

    for command in commands(readme, "Check it"):
        said = subprocess.run(as_a_host(command), capture_output=True, text=True, timeout=HANG, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
    keeper = Keeper(run_folder, "host")
    try:
        terminals = [
            keeper.spawn(as_a_host(command), environment={"PATH": os.defpath}, log=log)
            for command in commands(readme, "Run it by hand")
        ]
        for page in asked:
            answers(port, page, log)
        # Ctrl+C, in each terminal, ends what runs in it
        for terminal in reversed(terminals):
            os.killpg(terminal, signal.SIGINT)
        wait_for(lambda: not keeper.family(), 10)
        assert keeper.family() == []
    finally:
        keeper.end()
    nothing_left()


def test_who_may_read_what(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """Secrets are their owner's alone, in a file that no unit repeats; sockets lie where nobody else can get at them."""
    site = replace(tiny, environment={"SHOP_KEY": "not for everybody"})
    for name in ("gunicorn-nginx", "cgi-lighttpd", "modwsgi-apache"):
        target = tmp_path / name
        shop(target, name, site, prefix=Path("/srv/shop"), user="shop")
        holders = [
            path for path in target.rglob("*") if path.is_file() and "not for everybody" in path.read_text("utf-8")
        ]
        assert {oct(path.stat().st_mode & 0o777) for path in holders} == {"0o600"}, holders
        assert (target / "socket").stat().st_mode & 0o777 == 0o700
        assert not any(path.stat().st_mode & 0o022 for path in target.rglob("*"))
        assert "www-data" not in "".join(path.read_text() for path in target.glob("*.conf"))


def test_a_place_too_deep_for_a_socket_is_refused(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    with pytest.raises(OptionError, match=r"too long for a socket \(107 bytes\)"):
        shop(tmp_path / "deploy", "gunicorn-nginx", tiny, prefix=Path("/srv/" + "x" * 100))
    # Apache takes fewer than the kernel does
    for name, fits in (("fastcgi-nginx", True), ("fastcgi-apache", False)):
        if fits:
            shop(tmp_path / name, name, tiny, prefix=Path("/srv/" + "x" * 80))
            continue
        with pytest.raises(OptionError, match=r"too long for a socket \(95 bytes\)"):
            shop(tmp_path / "deploy", name, tiny, prefix=Path("/srv/" + "x" * 80))
    assert not (tmp_path / "deploy").exists()


def test_a_project_with_its_environment_inside(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """The environment lies beside the project on the host, whatever it does here."""
    project = tmp_path / "project"
    shutil.copytree(tiny.folder, project)
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (project / ".venv" / "lib").symlink_to(Path(sys.prefix) / "lib")
    (project / ".venv" / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    site = replace(tiny, folder=project, python=project / ".venv" / "bin" / "python")
    shop(tmp_path / "deploy", "fastcgi-nginx", site, prefix=Path("/srv/shop"), user="shop")
    service = (tmp_path / "deploy" / "systemd" / "tiny-runfcgi.service").read_text()
    assert "ExecStart=/srv/shop/venv/bin/python" in service


def test_the_readme_tells_what_a_path_asks_of_the_settings(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """A project whose settings no variable reaches must say itself where it lies."""
    deployment = deploy("fastcgi-nginx", site=tiny, at="/paper")
    try:
        readme = export(deployment, tmp_path / "deploy").folder / "README.md"
    finally:
        deployment.stop()
    text = readme.read_text()
    assert "http://127.0.0.1:8000/paper/" in text
    assert '`MEDIA_URL = "media/"`' in text
    assert '`SESSION_COOKIE_PATH` and `CSRF_COOKIE_PATH` as `"/paper/"`' in text


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, run_folder: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="not empty"):
        exported(tmp_path, "gunicorn")
    assert [path.name for path in tmp_path.iterdir() if path.name != "run here"] == ["mine.txt"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ('a"b', '"a\\"b"'),
        ("", '""'),
    ],
)
def test_words_of_execstart(text: str, written: str) -> None:
    assert word(text) == written
    assert split(written) == [text]


@pytest.mark.parametrize("value", ["plain", "two words", 'a"b', "$HOME", "50%", "back\\slash", "`ls`", "it's", "a=b"])
def test_variables_are_read_back(value: str, tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text(assignment("KEY", value) + "\n")
    file.chmod(0o600)
    assert variables({"EnvironmentFile": [str(file)]}) == {"KEY": value}


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["/usr/bin/python", "-m", "x"], "/usr/bin/python -m x"),
        (["/a b/50%/python", "it's"], '"/a b/50%%/python" "it\'s"'),
        # In the path of the program a dollar sign is itself, and in the name that it is told it begins a variable
        (["/a$b/python", "$x"], "@/a$b/python /a$$b/python $$x"),
    ],
)
def test_the_program_of_execstart(words: list[str], written: str) -> None:
    assert systemd.command(words) == written


@pytest.mark.parametrize(
    ("path_", "written"),
    [("/a b", "/a b"), ("/50%", "/50%%"), ("/end\\", "/end\\/"), ("/end ", "/end /"), ("/it's", "/it's")],
)
def test_paths_that_are_all_of_a_value(path_: str, written: str) -> None:
    assert systemd.path(path_) == written
    assert systemd.pattern("/[a]*\\.env") == "/\\[a]\\*\\\\.env"
    with pytest.raises(OptionError, match="cannot hold a line break"):
        systemd.path("/a\nb")


def test_a_relative_target(tiny: Site, tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd takes no .. in a path."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for given, wanted in {"../deploy": "deploy", "./x/../deploy": "here/deploy", "~/deploy": "home/deploy"}.items():
        made = shop(Path(given), "fastcgi-nginx", tiny)
        assert made.folder == tmp_path / wanted
        text = "".join(file.read_text() for file in made.folder.glob("*/*.service"))
        assert f"EnvironmentFile={tmp_path / wanted}/runfcgi.env" in text
        assert ".." not in text
    for prefix in ("srv/shop", "~no-such-user/x"):
        with pytest.raises(OptionError, match=r"from the root on|home directory"):
            shop(tmp_path / "another", "gunicorn", tiny, prefix=Path(prefix))
    made = shop(tmp_path / "another", "gunicorn", tiny, prefix=Path("/srv/news/../shop"))
    assert "WorkingDirectory=/srv/shop\n" in "".join(file.read_text() for file in made.folder.glob("*/*.service"))


def test_the_project_is_the_working_folder(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """On this machine, and on another host."""
    wanted = {
        "gunicorn": 'chdir = "{}"',
        "fastcgi-nginx": "WorkingDirectory={}\n",
        "cgi-lighttpd": 'os.chdir("{}")',
        "modwsgi-apache": 'home="{}"',
    }
    for name, text in wanted.items():
        if name == "modwsgi-apache" and os.geteuid() == 0:
            continue  # as root it may run embedded; with a user it does not, below
        made = shop(tmp_path / name, name, tiny)
        assert text.format(tiny.folder) in all_of(made), name
    for name, text in wanted.items():
        made = shop(tmp_path / f"{name}-there", name, tiny, prefix=Path("/srv/shop"), user="shop")
        assert text.format("/srv/shop/project") in all_of(made), name
        assert "(cd /srv/shop/project && " in all_of(made), name


def all_of(made: Exported) -> str:
    """The text of every file that was written, but of packages."""
    files = (each for each in sorted(made.folder.rglob("*")) if each.is_file() and "apps" not in each.parts)
    return "\n".join(each.read_text() for each in files)


@pytest.mark.parametrize("name", ["gunicorn", "cgi-lighttpd", "modwsgi-apache"])
def test_every_sentence_ends(name: str, tiny: Site, tmp_path: Path, bytecode: Path, run_folder: Path) -> None:
    """What Django itself advises is shown for each way of serving, with variables that are there."""
    readme = shop(tmp_path / "deploy", name, tiny).folder / "README.md"
    (readme.parent / "bytecode").symlink_to(bytecode)
    text = readme.read_text()
    assert re.findall(r":\n\n(?!```|\|)", text) == []
    (check,) = commands(readme, "What is left to you")
    said = subprocess.run(["sh", "-c", check], capture_output=True, text=True, timeout=HANG, check=False)
    assert "check --deploy" in check
    assert "System check identified" in said.stdout + said.stderr, said.stderr


def test_a_path_is_no_part_of_a_longer_name(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    """And what was put in the place of one is left alone: the place on the host may be a folder of this machine too."""
    project = tmp_path / "shop"
    shutil.copytree(tiny.folder, project)
    site = replace(tiny, folder=project, environment={"BESIDE": f"{project}-secrets/key", "WITHIN": f"{project}/key"})
    made = shop(tmp_path / "deploy", "gunicorn", site, prefix=project / "deploy")
    text = (made.folder / "gunicorn.env").read_text()
    assert f'BESIDE="{project}-secrets/key"' in text
    assert f'WITHIN="{project}/deploy/project/key"' in text
    assert f"WorkingDirectory={project}/deploy\n" in all_of(made)
    with pytest.raises(OptionError, match="your project lies there on this machine"):
        shop(tmp_path / "other", "gunicorn", site, prefix=project)


def test_whose_python_is_named(tiny: Site, tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's, not that of the labs."""
    from labs.export import host, manual

    for module in (host, manual):
        monkeypatch.setattr(module, "interpreter_version", lambda _python: "3.99")
    text = all_of(shop(tmp_path / "deploy", "gunicorn", tiny, prefix=Path("/srv/shop")))
    assert ", Python 3.99." in text
    assert "made there with Python 3.99" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's Apache works as somebody else")
def test_apaches_account_can_read_what_it_runs(tiny: Site, run_folder: Path) -> None:
    """Exported by root with a narrow umask. In a folder of its own: pytest's lets nobody else in."""
    before = os.umask(0o077)
    place = Path(tempfile.mkdtemp())
    try:
        place.chmod(0o755)
        made = shop(place / "deploy", "modwsgi-apache", tiny)
        conf = (made.folder / "apache.conf").read_text()
        user = re.search(r"^User +(\S+)", conf, re.MULTILINE)
        if user is None:
            pytest.skip("no other account can enter this checkout")
        group = re.search(r"^Group +(\S+)", conf, re.MULTILINE)
        assert group is not None
        mode = (made.folder / "site.wsgi").stat()
        assert (oct(mode.st_mode & 0o777), mode.st_gid) == ("0o640", grp.getgrnam(group[1]).gr_gid)
        assert f"the site runs as {user[1]}" in (made.folder / "README.md").read_text()
        for path_ in (made.folder, made.folder / "apache.conf", made.folder / "public"):
            assert path_.stat().st_mode & 0o005, path_
    finally:
        os.umask(before)
        shutil.rmtree(place)


@pytest.mark.parametrize("user", ["a b", "shop; ls", "-x", "$(id)", "shop:shop"])
def test_a_user_that_cannot_be(user: str, tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    with pytest.raises(OptionError, match="the name of an account"):
        shop(tmp_path / "deploy", "gunicorn", tiny, user=user)


def test_names_of_units() -> None:
    assert unit_name(["shop.settings", "my_blog.settings", "shop.other"]) == "shop-my-blog"
    assert unit_name(["_café.settings"]) == "caf"
    assert unit_name(["__.settings"]) == "site"
