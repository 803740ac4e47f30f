"""The options of runfcgi: those of Django 1.x's command, read from `name=value` or `--name value` words."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TRUE, FALSE = {"true", "yes", "t", "on", "1"}, {"false", "no", "f", "off", "0"}
METHODS = {"prefork": "prefork", "fork": "prefork", "threaded": "threaded", "thread": "threaded"}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one server is to do. Paths are absolute. Defaults are Django 1.x's; `None` means not given."""

    protocol: str = "fcgi"
    host: str | None = None
    port: int | None = None
    socket: Path | None = None
    method: str = "prefork"
    maxrequests: int = 0
    maxspare: int = 5
    minspare: int = 2
    maxchildren: int = 50
    daemonize: bool | None = None
    pidfile: Path | None = None
    workdir: Path = Path("/")
    outlog: Path | None = None
    errlog: Path | None = None
    umask: int | None = None
    debug: bool = False
    multiplexed: bool = False
    plain: bool = False
    settings: str | None = None
    pythonpath: Path | None = None

    @property
    def inherited(self) -> bool:
        """The listening socket is standard input: a web server started this process."""
        return self.socket is None and self.host is None and self.port is None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option as the reader meets it."""

    name: str
    read: Callable[[str, str], object]
    value: str
    about: str


def _word(name: str, text: str) -> str:
    if not text:
        raise UsageError(f"{name} needs a value, as in {name}=...")
    return text


def _path(name: str, text: str) -> Path:
    # Absolute from here on: Django 1.x read a relative path after the move to workdir, and so in "/".
    return Path(_word(name, text)).expanduser().absolute()


def _number(least: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise UsageError(f"{name}={text!r} is not a whole number of {least} or more.")
        return int(text)

    return read


def _port(name: str, text: str) -> int:
    number = _number(1)(name, text)
    if number > 65535:
        raise UsageError(f"port={number} is not a port: those go from 1 to 65535.")
    return number


def _umask(_name: str, text: str) -> int:
    try:
        mask = int(text, 8)
    except ValueError:
        mask = -1
    if not 0 <= mask <= 0o777:
        raise UsageError(f"umask={text!r} is not an octal number from 000 to 777, such as 022.")
    return mask


def _flag(name: str, text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise UsageError(f"{name}={text!r} is neither true nor false.")


def _choice(choices: dict[str, str]) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text.lower() not in choices:
            known = " or ".join(dict.fromkeys(choices.values()))
            raise UsageError(f"{name}={text!r} is not known: {known}.{_suggest(text, choices)}")
        return choices[text.lower()]

    return read


def _suggest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


OPTIONS = [
    Option(name="protocol", read=_choice({name: name for name in ("fcgi", "scgi", "ajp")}), value="NAME",
           about="fcgi (default), scgi or ajp; ajp only with host and port"),
    Option(name="host", read=_word, value="HOST", about="host name or address to listen on, with port"),
    Option(name="port", read=_port, value="PORT", about="port to listen on, with host"),
    Option(name="socket", read=_path, value="FILE", about="Unix socket to listen on, instead of host and port"),
    Option(name="method", read=_choice(METHODS), value="NAME", about="prefork (default): processes; threaded: threads"),
    Option(name="maxrequests", read=_number(0), value="NUMBER",
           about="prefork: requests after which a process is replaced; 0 (default) is never"),
    Option(name="maxspare", read=_number(1), value="NUMBER", about="most idle processes or threads (default 5)"),
    Option(name="minspare", read=_number(1), value="NUMBER", about="fewest idle processes or threads (default 2)"),
    Option(name="maxchildren", read=_number(1), value="NUMBER",
           about="most processes or threads in all (default 50); further connections wait"),
    Option(name="daemonize", read=_flag, value="TRUE|FALSE",
           about="go to the background (default true; false when a web server starts this)"),
    Option(name="pidfile", read=_path, value="FILE", about="file to write the process number to; removed at the end"),
    Option(name="workdir", read=_path, value="FOLDER", about="folder to move to in the background (default /)"),
    Option(name="umask", read=_umask, value="OCTAL",
           about="for files and the socket (default 022 in the background); 000 lets every user open the socket"),
    Option(name="outlog", read=_path, value="FILE", about="standard output goes here (background: default nowhere)"),
    Option(name="errlog", read=_path, value="FILE", about="standard error goes here (background: default nowhere)"),
    Option(name="debug", read=_flag, value="TRUE|FALSE",
           about="show the traceback when the application itself fails; never on a public site (default false)"),
    Option(name="multiplexed", read=_flag, value="TRUE|FALSE",
           about="fcgi and threaded: many requests on one connection (default false)"),
    Option(name="plain", read=_flag, value="TRUE|FALSE",
           about="flup without the mends of this command, to compare the two (default false)"),
    Option(name="settings", read=_word, value="MODULE", about="settings module, as everywhere in Django"),
    Option(name="pythonpath", read=_path, value="FOLDER", about="folder to import the project from"),
]  # fmt: skip
BY_NAME = {option.name: option for option in OPTIONS}
# Options that every Django command takes and that mean nothing here.
IGNORED = {"--traceback", "--no-color", "--force-color", "--skip-checks"}


def help_text() -> str:
    """The text of `runfcgi help`."""
    lines = [
        "Serves this project by FastCGI (or SCGI, or AJP).",
        "",
        "    manage.py runfcgi method=threaded socket=/home/user/site.sock",
        "    manage.py runfcgi method=prefork host=127.0.0.1 port=3033 pidfile=site.pid",
        "    manage.py runfcgi daemonize=false socket=site.sock        (stays here; Ctrl+C stops it)",
        "",
        "Options, as name=value or --name value:",
    ]
    lines += [f"  {f'{option.name}={option.value}':22} {option.about}" for option in OPTIONS]
    lines += [
        "",
        "Relative paths start in the folder where the command is given. A flag may stand alone: debug is debug=true.",
        "Whoever can connect is trusted, as with every server of these protocols: let only the front-end at the socket.",
        "A head has 10 seconds and 1 MB, and each wait for a body or for a reader 60 seconds, in fcgi, scgi and ajp.",
        "SIGTERM, SIGINT and SIGHUP stop the server after the requests that it is answering.",
    ]
    return "\n".join(lines)


def wants_help(words: Sequence[str]) -> bool:
    """Whether the reader asks for the list of options."""
    return any(word.lower() in {"help", "help=true", "--help", "-h", "-?"} for word in words)


def parse(words: Sequence[str]) -> Options:
    """Read the words of a command line.

    Raises UsageError, one line, for an unknown option, a bad value, or options that contradict each other.
    """
    given: dict[str, object] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in IGNORED:
            continue
        if word in {"-v", "--verbosity"}:
            rest[:1] = []
            continue
        name, equals, text = word.removeprefix("--").partition("=")
        name = name.lower()
        option = BY_NAME.get(name)
        if option is None:
            hint = _suggest(name, BY_NAME) or " `help` lists the options."
            raise UsageError(f"There is no option {name!r}.{hint}")
        if not equals:
            follows = bool(rest) and word.startswith("--") and not rest[0].startswith("--")
            if option.read is _flag and not (follows and rest[0].lower() in TRUE | FALSE):
                text = "true"
            elif follows:
                text = rest.pop(0)
        given[name] = option.read(name, text)
    return _consistent(given)


def _consistent(given: dict[str, object]) -> Options:
    # Spares that were not asked for give way to those that were: maxchildren=1 alone is a wish that can be met.
    for low, high in (("maxspare", "maxchildren"), ("minspare", "maxspare")):
        if low not in given and high in given:
            given[low] = min(getattr(Options, low), int(str(given[high])))
        elif low in given and high not in given:
            given[high] = max(getattr(Options, high), int(str(given[low])))
    options = Options(**given)  # type: ignore[arg-type]
    if options.socket is not None and (options.host is not None or options.port is not None):
        raise UsageError("socket and host or port are both given; choose one of them.")
    if (options.host is None) != (options.port is None):
        missing = "port" if options.port is None else "host"
        raise UsageError(f"host and port go together; {missing} is missing.")
    if not options.minspare <= options.maxspare <= options.maxchildren:
        raise UsageError(
            f"minspare={options.minspare}, maxspare={options.maxspare}, maxchildren={options.maxchildren}: "
            "none may be smaller than the one before it."
        )
    if options.protocol == "ajp" and options.socket is not None:
        raise UsageError("protocol=ajp needs host and port; it has no Unix sockets.")
    if options.multiplexed and (options.protocol, options.method) != ("fcgi", "threaded"):
        raise UsageError("multiplexed needs protocol=fcgi and method=threaded.")
    if options.daemonize and options.inherited:
        raise UsageError("daemonize=true needs socket, or host and port.")
    return options
