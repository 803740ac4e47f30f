"""What every server has in common: typed options, a configuration that can be read before anything runs, a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from labs.paths import BYTECODE
from labs.servers.account import Account
from labs.servers.address import Listen, Tcp
from labs.servers.folder import Folder
from labs.servers.machine import Machine
from labs.servers.place import Place
from labs.servers.program import Found, Program
from labs.servers.relocation import there
from labs.servers.template import render

# Seconds from the start to the first page: Python may have to compile all of a project, and all of Django
START_TIMEOUT = 60.0
TEMPLATES = Path(__file__).parent
HTTP = Tcp("http")
FURTHER = "http-"  # how the names of further addresses that readers ask begin

# What a server's process needs of the surroundings; the rest of the reader's environment stays out of the experiment.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "DYLD_LIBRARY_PATH")


def passed_on() -> dict[str, str]:
    """Those of the reader's variables that programs need."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


class Differs(NamedTuple):
    """How a server is known to differ: a part of what is then seen, why, and whether it always is so."""

    seen: str
    why: str
    always: bool = True


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server process and its children.

    name     what it is called in tables and log files; two of a kind in one deployment need two names
    listen   where it answers
    machine  where it runs; None for this one
    handed   its Unix socket is opened by the keeper, which hands it over as standard input: the socket outlives a restart
    """

    name: str = ""
    listen: Listen = HTTP
    handed: bool = False
    machine: Machine | None = None

    program: ClassVar[Program]
    title: ClassVar[str]
    signal: ClassVar[str] = "SIGTERM"  # asks it to stop
    discard: ClassVar[str] = ""  # the same where what it has written goes with it; empty: as else
    reload: ClassVar[str] = (
        ""  # the signal that makes it read its configuration anew while it serves; empty without one
    )
    patience: ClassVar[float] = 5.0  # seconds it gets to do so
    hint: ClassVar[str] = (
        ""  # what to try when it does not start; its command can be run by hand where the folder stays
    )
    differs: ClassVar[
        Mapping[str, Differs]
    ] = {}  # checks of the behaviour suite that it is known to fail as a front-end
    language: ClassVar[str] = "text"  # of its configuration, by Pygments' name for it
    packages: ClassVar[tuple[str, ...]] = ()  # Python packages that it runs on, as their folders' names begin
    # Lines of its log that mean that something is wrong: a regular expression, None when it keeps no such log
    alert: ClassVar[str | None] = None
    # Lines that look like it and are part of ordinary life
    harmless: ClassVar[str] = r"(?!)"

    @property
    def label(self) -> str:
        return self.name or self.program.name

    @property
    def stem(self) -> str:
        """What the name of every file that it writes begins with, so that two of a kind live in one folder. A name that ends
        in a process number or in what mkstemp(3) makes up needs it not."""
        return self.label

    @property
    def asked(self) -> bool:
        """Whether readers ask it: it listens at HTTP, or at a further address that is theirs."""
        return self.listen == HTTP or self.listen.name.startswith(FURTHER)

    def find(self) -> Found:
        """The program on this machine. Raises Missing."""
        return self.program.find()

    def versions(self) -> dict[str, str]:
        """Title -> version, of the program and of what it loads that has one of its own."""
        return {self.title: self.find().version}

    def files(self, folder: Folder) -> dict[str, str]:
        """Configuration: name in the folder -> text. Paths and ports are those of this run."""
        return {}

    def private(self) -> set[str]:
        """Names of its files that hold the site's variables, secrets perhaps: their owner's alone."""
        return set()

    def command(self, folder: Folder) -> list[str]:
        """What is run, in the foreground. The working folder is `home`, or this one."""
        raise NotImplementedError

    def check_command(self, folder: Folder) -> list[str] | None:
        """What checks the configuration without starting anything; None where the program cannot."""
        return None

    def environment(self, folder: Folder) -> Mapping[str, str]:
        """Variables beside those of PASSED_ON."""
        return {}

    @property
    def home(self) -> Path | None:
        """The folder that its command is to be given in: the project's, where it runs the site and has no setting for it."""
        return None

    @property
    def longest_socket(self) -> int:
        """Bytes that it takes for the path of a socket: as many as the kernel does (unix(7))."""
        return 107

    @property
    def interface(self) -> str:
        """By which it calls Django, such as "WSGI"; empty where it runs no Python."""
        return ""

    @classmethod
    def needs(cls) -> dict[str, Program]:
        """What must be on a machine that runs it: title -> program, or module of one."""
        return {cls.title: cls.program}

    def chosen(self, folder: Folder) -> Mapping[str, object]:
        """What it decided here where an option left it open: option -> value."""
        return {}

    def works_as(self, folder: Folder) -> Account | None:
        """Whom it runs the site as, when root starts it: the site's data are given to that account. None: as itself."""
        return None

    def writes(self, folder: Folder) -> tuple[Path, ...]:
        """Folders outside the deployment's that it writes to."""
        return (BYTECODE,)

    def serves(self, folder: Folder, pid: int) -> bool:
        """Whether this process serves by its own account; an address may take connections that are another's, or nobody's yet."""
        return True

    def logs(self, folder: Folder) -> list[Path]:
        """Where it writes what goes wrong; the first is its own standard error."""
        return [folder.log / f"{self.label}.log"]

    def template(self, name: str, values: dict[str, object]) -> str:
        """A file of this server's folder of templates, filled in. A path stands there between double quotes."""
        written = {key: self.quoted(name, there(str(v))) if isinstance(v, Path) else v for key, v in values.items()}
        return render(TEMPLATES / self.program.name / name, written)

    def quoted(self, name: str, path: str) -> str:
        """A path as it is written between double quotes in the template of this name."""
        raise NotImplementedError

    def full_environment(self, folder: Folder) -> dict[str, str]:
        # An upload under way is a temporary file, and whoever is killed meanwhile leaves it: there it goes with the folder.
        ours = {"LABS_FOLDER": str(folder.path), "TMPDIR": str(folder.tmp)}
        if folder.hosts:  # by which names readers may ask
            ours["LABS_HOSTS"] = " ".join(sorted(set(folder.hosts.values())))
        return {**passed_on(), **ours, **self.environment(folder)}


@dataclass(frozen=True, kw_only=True)
class FrontEnd(Server):
    """A web server that answers readers: files itself, the rest to the back-end of the site that was meant.

    places     its sites, or folders of files
    protocol   what the back-ends speak: "fastcgi" or "http"
    keepalive  seconds an idle connection is kept; 0 turns Keep-Alive off; None leaves the server's own default
    tls_proxy  addresses of proxies in front at which HTTPS ends: what they say of a visitor is believed, in
               X-Forwarded-Proto and X-Forwarded-For; of nobody else
    """

    places: tuple[Place, ...] = ()
    protocol: str = "fastcgi"
    keepalive: float | None = None
    tls_proxy: tuple[str, ...] = ()

    @property
    def public(self) -> str:
        """The folder of files that lie at the root of its addresses, empty at first; a name below the deployment's."""
        return f"{self.name}-public" if self.name else "public"
