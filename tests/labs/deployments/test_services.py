"""Odd surroundings: each row is one, and a cheap command gives its right result there, with nothing lost and no traceback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labs.cli import entry
from labs.deployments.catalogue import ARRANGEMENTS
from labs.paths import TOP

HERE = Path(__file__).parents[1]
LIST = ("-m", "labs", "list", "--json")
TABLE = ("-m", "labs", "list")
HELP = ("-m", "labs", "up", "--help")
REPORT = ("-m", "benchmarks", "report", "fastcgi-startup")
RECORD = ("-m", "benchmarks", "report", "fastcgi-startup", "--json")
CLAIMS = ("-m", "benchmarks", "scorecard")
BOOK = ("-m", "book", "--help")
SERVE = f"""
import sys
from pathlib import Path
from labs import Site, deploy
from labs.clients.probe import get
tiny = Site(folder=Path({str(HERE / "site")!r}), settings="tiny", wsgi="tiny_wsgi:application", python=Path(sys.executable))
with deploy("gunicorn-nginx", site=tiny) as site:
    print(get(site.url + "/").text, site.alerts())
"""
START = ("-c", SERVE)


@dataclass(frozen=True)
class Row:
    """A surrounding.

    environment  variables that are set; None takes one away. {short} and {odd} stand for folders
    before       what the shell does before it becomes the command
    """

    environment: Mapping[str, str | None] = field(default_factory=dict)
    before: str = ""


ASCII = Row({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
PROXY = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
PYTHON = {
    "PYTHONPATH": "/no/such",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONNOUSERSITE": "1",
}
ROWS: dict[str, tuple[Row, Sequence[str]]] = {
    "an ASCII terminal": (ASCII, REPORT),
    "an ASCII terminal, help": (ASCII, HELP),
    "an ASCII terminal, a record": (ASCII, RECORD),
    "an ASCII terminal, the book": (ASCII, BOOK),
    "ASCII by Python's own variable": (Row({"PYTHONIOENCODING": "ascii:strict"}), REPORT),
    "a Latin-1 terminal": (Row({"PYTHONIOENCODING": "latin-1"}), HELP),
    "a locale that is not there": (Row({"LC_ALL": "xx_YY.KOI8-R", "LANG": "xx"}), TABLE),
    "40 columns of a dumb terminal": (Row({"COLUMNS": "40", "TERM": "dumb"}), CLAIMS),
    "columns that are no number": (Row({"COLUMNS": "wide", "LINES": "", "TERM": None}), TABLE),
    "no home": (Row({"HOME": None}), LIST),
    "a folder that was deleted": (Row({"PYTHONPATH": str(TOP)}, 'mkdir "$GONE" && cd "$GONE" && rmdir "$GONE" &&'), LIST),
    "closed input": (Row(before="exec <&- &&"), LIST),
    "closed error output": (Row(before="exec 2>&- &&"), LIST),
    "no variables at all": (Row(before="exec env -i"), LIST),
    "Python's variables": (Row(PYTHON), LIST),
    "few open files, a start": (Row(before="ulimit -n 128 &&"), START),
    "no home and no folder for temporary files, a start": (Row({"HOME": "/no/such", "TMPDIR": "/no/such"}), START),
    "a folder for temporary files of odd letters, a start": (Row({"TMPDIR": "{odd}"}), START),
    "files for nobody else, a start": (Row(before="umask 077 &&"), START),
    "another time zone, a proxy, and settings of another project, a start": (
        Row({**PROXY, **PYTHON, "TZ": "Pacific/Kiritimati", "DJANGO_SETTINGS_MODULE": "no.such", "GUNICORN_CMD_ARGS": "-w 0"}),
        START,
    ),
}  # fmt: skip


def run(row: Row, command: Sequence[str], tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    odd = tmp_path / 'it\'s a "b" $HOME #c é'
    odd.mkdir(exist_ok=True)
    environment = {**os.environ, "GONE": str(tmp_path / "gone"), "LABS_RUN_FOLDER": str(tmp_path / "run")}
    for name, value in row.environment.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value.replace("{odd}", str(odd))
    shell = f'{row.before} exec "$@"' if "exec env" not in row.before else f'{row.before} "$@"'
    return subprocess.run(
        ["/bin/sh", "-c", shell, "sh", sys.executable, *command],
        cwd=TOP, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.servers
@pytest.mark.parametrize("name", ROWS)
def test_the_right_result(name: str, tmp_path: Path) -> None:
    row, command = ROWS[name]
    done = run(row, command, tmp_path)
    said, errors = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    assert done.returncode == 0, errors[-2000:]
    assert "Traceback" not in errors and "Error" not in errors
    if row is ASCII:
        assert done.stdout.isascii()
    if command is LIST:
        assert len(json.loads(said)) == len(ARRANGEMENTS)
    elif command is TABLE:
        assert said.splitlines()[-1].startswith(list(ARRANGEMENTS)[-1])
    elif command is REPORT:
        whole = run(Row({"PYTHONIOENCODING": "utf-8"}), command, tmp_path).stdout.decode("utf-8")
        assert not whole.isascii() and said == whole.encode("ascii", "labs-plain").decode("ascii"), "every line of it"
    elif command is RECORD:
        kept = json.loads((TOP / "benchmarks/results/reference/fastcgi-startup.json").read_text("utf-8"))
        assert json.loads(said) == {name: value for name, value in kept.items() if name != "digest"}
    elif command is CLAIMS:
        assert said.splitlines()[-1] == "A ratio above 1 speaks for the chapter."
    elif command is START:
        assert said == "hello []\n"
        assert not list((tmp_path / "run").iterdir())


def test_with_closed_output_nothing_is_written_into_what_is_opened_next(tmp_path: Path) -> None:
    """The number of a closed stream would go to the next file, and what is printed would be written into it."""
    program = "from labs.cli.entry import begin; begin(); f = open({!r}, 'w'); print('a report', flush=True)"
    done = run(Row(before="exec >&- &&"), ("-c", program.format(str(tmp_path / "record"))), tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "record").read_bytes() == b""


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    for module, words in {"labs": "list", "benchmarks": "list", "book": "--help"}.items():
        done = run(Row(before="exec >/dev/full &&"), ("-m", module, words), tmp_path)
        assert done.returncode == 1
        assert f"python -m {module} cannot go on: No space left".encode() in done.stderr
        assert b"Traceback" not in done.stderr


def test_a_checkout_that_nothing_would_run_in_is_refused_by_name() -> None:
    assert entry.unfit(Path('/home/ada/it\'s a "b" $HOME #c \\d é/deploying')) == ""
    assert "holds a colon: /mnt/c:/book" in entry.unfit(Path("/mnt/c:/book"))
    assert "control character ('\\n')" in entry.unfit(Path("/home/a\nb"))
    assert "PYTHONUTF8=1" in entry.unfit(Path("/home/a\udcffb"))


def test_every_program_refuses_it(tmp_path: Path) -> None:
    """Before anything else, so within the first second; the set-up too."""
    copy = tmp_path / "a:b"
    leave = shutil.ignore_patterns("newsroom", "shop", "almanac", "results", "__pycache__", "*.ipynb", "_static")
    for package in ("labs", "benchmarks", "book"):
        shutil.copytree(TOP / package, copy / package, ignore=leave)
    for lock in ("requirements.lock", "tests/requirements.lock"):
        (copy / lock).parent.mkdir(exist_ok=True)
        shutil.copy(TOP / lock, copy / lock)
    for module in ("labs", "benchmarks", "book", "labs.provision.environment", "labs.provision.servers"):
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=copy, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 2, (module, done.stderr)
        assert done.stderr.startswith(f"The path of this checkout holds a colon: {copy}")


def test_signs_are_replaced_for_readers_and_kept_for_programs() -> None:
    text = "12 × … “é” 新 \U0001f600 \udcff"
    assert text.encode("ascii", "labs-plain") == b'12 x ... "\\u00e9" \\u65b0 \\ud83d\\ude00 \\udcff'
    assert json.loads(b'"' + "é × \U0001f600".encode("ascii", "labs-exact") + b'"') == "é × \U0001f600"
    assert text.encode("utf-8", "labs-plain").decode().endswith("\U0001f600 \\udcff")


def test_no_server_and_no_load_hangs_on_what_localhost_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is ::1 alone, or nothing: every address here is 127.0.0.1, literally."""
    from labs.runtime.deploying import deploy

    def lookup(host: object, *_rest: object, **_more: object) -> list[object]:
        raise socket.gaierror(-2, f"{host} was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    for name in ARRANGEMENTS:
        deployment = deploy(name)
        try:
            text = "\n".join(str(each) for each in deployment.configurations().values())
            assert deployment.url.startswith("http://127.0.0.1:")
            # in front of a Unix socket Apache wants a name that it never looks up
            assert "localhost" not in text.replace("fcgi://localhost", "").replace("|http://localhost", "")
        finally:
            deployment.stop()
