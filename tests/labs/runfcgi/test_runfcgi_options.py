from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from django_runfcgi.errors import UsageError
from django_runfcgi.options import OPTIONS, help_text, parse
from django_runfcgi.server import main

# The options of Django 1.8's command, with the defaults that its help names.
DJANGO_1 = {
    "protocol": "fcgi", "host": None, "port": None, "socket": None, "method": "prefork", "maxrequests": 0, "maxspare": 5,
    "minspare": 2, "maxchildren": 50, "daemonize": None, "pidfile": None, "workdir": Path("/"), "outlog": None,
    "errlog": None, "umask": None, "debug": False,
}  # fmt: skip


def test_every_option_of_django_1_is_there_with_its_default() -> None:
    options = parse([])
    for name, default in DJANGO_1.items():
        assert getattr(options, name) == default, name
        assert f"\n  {name}=" in help_text(), name
    assert all(f"\n  {option.name}=" in help_text() for option in OPTIONS)


@pytest.mark.parametrize(
    "words",
    [
        ["method=threaded", "host=127.0.0.1", "port=3033", "daemonize=false", "debug=true"],
        ["--method=threaded", "--host=127.0.0.1", "--port=3033", "--daemonize=false", "--debug=true"],
        ["--method", "threaded", "--host", "127.0.0.1", "--port", "3033", "--daemonize", "false", "--debug"],
        ["METHOD=thread", "Host=127.0.0.1", "port=3033", "daemonize=no", "debug", "--no-color", "-v", "2"],
    ],
)
def test_the_ways_of_giving_an_option(words: list[str]) -> None:
    options = parse(words)
    assert (options.method, options.host, options.port) == ("threaded", "127.0.0.1", 3033)
    assert (options.daemonize, options.debug) == (False, True)


def test_paths_start_in_the_folder_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = parse(["socket=a.sock", "pidfile=b/c.pid", "umask=007"])
    assert options.socket == tmp_path / "a.sock"
    assert options.pidfile == tmp_path / "b" / "c.pid"
    assert options.umask == 0o007


@pytest.mark.parametrize(
    ("words", "sizes"),
    [
        ([], (2, 5, 50)),
        (["maxchildren=1"], (1, 1, 1)),
        (["maxchildren=3"], (2, 3, 3)),
        (["minspare=9"], (9, 9, 50)),
        (["maxspare=60"], (2, 60, 60)),
        (["minspare=4", "maxspare=4", "maxchildren=4"], (4, 4, 4)),
    ],
)
def test_sizes_not_given_give_way_to_those_given(words: list[str], sizes: tuple[int, int, int]) -> None:
    options = parse(words)
    assert (options.minspare, options.maxspare, options.maxchildren) == sizes


WRONG = {
    "scoket=/tmp/x": "no option 'scoket'. Did you mean socket?",
    "maxchild=3": "Did you mean maxchildren?",
    "zzz=1": "`help` lists the options",
    "method=prefrok host=a port=1": "method='prefrok' is not known: prefork or threaded. Did you mean prefork?",
    "protocol=http": "protocol='http' is not known: fcgi or scgi or ajp",
    "port=http host=a": "port='http' is not a whole number",
    "port=70000 host=a": "from 1 to 65535",
    "port=0 host=a": "1 or more",
    "maxspare=-1": "maxspare='-1' is not a whole number of 1 or more",
    "maxrequests=many": "whole number of 0 or more",
    "minspare=": "minspare=''",
    "umask=999": "umask='999' is not an octal number",
    "umask=0o7777": "not an octal number",
    "daemonize=maybe": "daemonize='maybe' is neither true nor false",
    "socket=": "socket needs a value",
    "socket": "socket needs a value",
    "host=127.0.0.1": "host and port go together; port is missing",
    "port=3033": "host and port go together; host is missing",
    "socket=/tmp/x host=a port=1": "socket and host or port are both given",
    "minspare=5 maxspare=2": "none may be smaller than the one before it",
    "maxspare=9 maxchildren=3": "none may be smaller",
    "protocol=ajp socket=/tmp/x": "ajp needs host and port",
    "multiplexed=true method=prefork": "multiplexed needs protocol=fcgi and method=threaded",
    "daemonize=true": "daemonize=true needs socket, or host and port",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_use_is_told_in_one_line(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line.split())
    assert WRONG[line] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", WRONG)
def test_wrong_use_ends_with_status_2(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("runfcgi: ")
    assert told.err.count("\n") == 1


Run = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize("words", [["help"], ["--help"], ["socket=/tmp/x", "-h"]])
def test_help_lists_the_options(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 0
    assert "maxspare=NUMBER" in capsys.readouterr().out


def test_nowhere_to_listen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["method=threaded"]) == 2
    told = capsys.readouterr().err
    assert told == "runfcgi: Where to listen is missing: give socket=FILE, or host=HOST and port=PORT.\n"


def test_wrong_use_has_status_2(run: Run) -> None:
    result = run("scoket=/tmp/x")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "runfcgi: There is no option 'scoket'. Did you mean socket?\n"
