"""What to do about the lines of a server's log: the cause that they name, and the option or command that mends it.

The words are those of the C library, of Python, of the servers, and of the packages that projects are made of.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass

from labs.errors import SYSTEM


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One cause.

    said     regular expressions, of which one fits
    text     what to do; `{name}` stands for a named group of it
    general  said only where no other hint is: it knows no more than that the project does not load
    """

    said: tuple[str, ...]
    text: str
    general: bool = False

    def of(self, log: str) -> str:
        """The text, where the last lines of a log name this cause; empty where they do not."""
        for words in self.said:
            *_, last = [None, *re.finditer(words, log)]
            if last is not None:
                return self.text.format_map({name: value or "" for name, value in last.groupdict().items()})
        return ""


HINTS = (
    # the machine
    Hint(
        said=(r"(?i)address already in use|could not bind",),
        text="Another program took the address in between. Start again: a new port is picked.",
    ),
    Hint(said=(r"No space left on device",), text=SYSTEM[errno.ENOSPC]),
    Hint(said=(r"Too many open files",), text=SYSTEM[errno.EMFILE]),
    Hint(said=(r"MemoryError|Cannot allocate memory|can't start new thread",), text=SYSTEM[errno.ENOMEM]),
    Hint(said=(r"Resource temporarily unavailable",), text=SYSTEM[errno.EAGAIN]),
    Hint(
        said=(r"PermissionError: \[Errno 13\] (?!labs: )",),
        text="The server runs as a user who may not use that file. Apache and the others do so when root starts them: start "
        "the labs as the user who owns the project.",
    ),
    Hint(
        said=(r"WORKER TIMEOUT",),
        text="gunicorn ends a worker that takes more than 30 s to load the project, or for a page. A deployment with FastCGI, "
        "such as fastcgi-nginx, waits for 60.",
    ),
    # variables
    Hint(
        said=(
            r"File \"(?:<frozen os>|[^\"]*/os\.py)\", line \d+, in __getitem__\n(?:[^\n]*\n){0,2}?KeyError: '(?P<name>\w+)'",
            r"Set the (?P<name>\w+) environment variable",
            r"UndefinedValueError: (?P<name>\w+) not found",
            r"Environment variable [\"'](?P<name>\w+)[\"'] (?:is )?not set",
        ),
        text="The project wants the variable {name}: --env {name}=VALUE, or all of them from a file, --env-file .env",
    ),
    # the database
    Hint(
        said=(
            r"no such table: (?P<table>\S+)",
            r"relation \"(?P<table>[^\"]+)\" does not exist",
            r"Table '(?P<table>[^']+)' doesn't exist",
        ),
        text="The site's database has no table {table}: python manage.py migrate makes its tables. If a variable of your "
        "shell names the database, hand it on: --env NAME=VALUE.",
    ),
    Hint(
        said=(r"unable to open database file",),
        text="The site's database cannot be opened: the folder that it is to lie in must be there. If a variable of your "
        "shell names the database, hand it on: --env NAME=VALUE.",
    ),
    Hint(
        said=(r"database is locked",),
        text="Another process holds the site's database. End it, or give the site a copy.",
    ),
    Hint(
        said=(
            r"connection to server (?:at|on socket) \"(?P<where>[^\"]+)\"[^\n]*(?:failed|refused)",
            r"Can't connect to [^\n]*(?:server|MySQL|MariaDB)[^\n]* '(?P<where>[^']+)'",
            r"could not translate host name \"(?P<where>[^\"]+)\"",
        ),
        text="The database server at {where} does not answer. Start it, or name another by the project's own variables: --env "
        "NAME=VALUE. A name that only Docker's network knows is none here.",
    ),
    Hint(
        said=(r"password authentication failed|Access denied for user|no password supplied",),
        text="The database server refuses the account. The project's own variables name it: --env NAME=VALUE, or --env-file "
        ".env",
    ),
    Hint(
        said=(r"FATAL:\s+database \"(?P<name>[^\"]+)\" does not exist", r"Unknown database '(?P<name>[^']+)'"),
        text="The database server has no database {name}: make it, then python manage.py migrate.",
    ),
    Hint(
        said=(r"Error loading (?P<driver>\w+)(?: or \w+)? module",),
        text="The project's Python has no driver for its database ({driver}). Is it the project's own? Name it: --python VENV",
    ),
    # the guard
    Hint(
        said=(r"Errno 75|Value too large for defined data type",),
        text="The file belongs to a user or a group other than yours: in the guard of an ordinary user the system cannot make "
        "a changed copy of it. Give it to your own group, or run on a copy of the project.",
    ),
    Hint(
        said=(r"guard: audit hook",),
        text="The project writes beside itself, by a path of its own or by another program. Let it write below MEDIA_ROOT, or "
        "measure where the system gives an overlay: python -m labs doctor says whether this one does.",
    ),
    Hint(
        said=(r"labs: .* is not reached",),
        text="The page asks a server that is not part of the run: a queue, a search engine, an address of the network. Give "
        "the settings that you measure with one that needs none.",
    ),
    # other servers
    Hint(
        said=(
            r"(?s)pymemcache.{0,2000}ConnectionRefusedError",
            r"(?s)pylibmc.{0,2000}(?:ConnectionError|ServerDead|HostLookupError)",
            r"Error \d+ connecting to (?P<where>[\w.:-]+?)\.? ",
        ),
        text="The cache of the project does not answer. Start it, or give its pages another for this run: --cache memcached",
    ),
    Hint(
        said=(r"(?s)smtplib.{0,2000}ConnectionRefusedError", r"(?s)kombu.{0,2000}OperationalError"),
        text="A mail server or a queue of the project does not answer: its traceback names it. Start it, or name another by "
        "the project's own variables: --env NAME=VALUE.",
    ),
    # files that a command makes
    Hint(
        said=(
            r"Missing staticfiles manifest entry for '(?P<file>[^']+)'",
            r"The file '(?P<file>[^']+)' could not be found with <[\w.]*[Ss]taticfiles",
            r"having set the (?P<file>STATIC_ROOT) setting",
        ),
        text="Static files are not collected ({file}): python manage.py collectstatic, with the settings of this run, fills "
        "STATIC_ROOT, which the settings must name. --static FOLDER names another.",
    ),
    Hint(
        said=(r"OfflineGenerationError",),
        text="The project compresses its files before it runs: python manage.py compress, then collectstatic.",
    ),
    Hint(
        said=(r"webpack-stats[\w.-]*\.json|WebpackLoader\w*Error|WebpackBundleLookupError|DjangoVite\w*Error",),
        text="The project's scripts and styles are not built: its README says how, often npm install and npm run build.",
    ),
    Hint(
        said=(r"TemplateDoesNotExist: (?P<name>\S+)",),
        text="No template {name} is where the settings look. A relative folder in DIRS is looked for from the folder with "
        "manage.py on.",
    ),
    # names
    Hint(
        said=(r"Invalid HTTP_HOST header: '(?P<host>[^']+)'",),
        text="The site refuses the name {host}: its settings must have it in ALLOWED_HOSTS.",
    ),
    # what does not load
    Hint(
        said=(r"ModuleNotFoundError: No module named '(?P<name>[^']+)'",),
        text="The site does not import: its Python has no {name}. Is it the project's own? Name it: --python VENV. A module of "
        "the project itself is looked for in the folder of --site.",
    ),
    Hint(
        said=(r"ModuleNotFoundError|ImportError|ImproperlyConfigured|SyntaxError",),
        text="The site does not import. Its own message is above; python manage.py check in the project shows all of it.",
        general=True,
    ),
    Hint(
        said=(r"ConnectionRefusedError: \[Errno \d+\]",),
        text="A server that the project talks to does not answer: the traceback above names what asked it. Start it, or name "
        "another by the project's own variables: --env NAME=VALUE.",
        general=True,
    ),
)


def bare(line: str) -> str:
    """A line of a log without the time, the level and the process that Apache and gunicorn put in front of it."""
    return re.sub(r"^(?:\[[^\]\n]*\] )+(?:PythonHandler \S+: )?", "", line)


def advice(log: str) -> list[str]:
    """What to do about the lines of a log, each advice once; empty when none is known."""
    log = "\n".join(map(bare, log.splitlines()))
    known = [(text, hint.general) for hint in HINTS if (text := hint.of(log))]
    exact = [text for text, general in known if not general]
    return list(dict.fromkeys(exact or [text for text, _ in known]))
