"""`python -m labs` as a reader types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import Site
from labs.clients.probe import get
from labs.deployments.catalogue import names
from labs.paths import TOP
from labs.servers.kinds import programs


def labs(*words: str, run: Path | None = None, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", **({"LABS_RUN_FOLDER": str(run)} if run else {})}
    return subprocess.run(
        [sys.executable, "-m", "labs", *words],
        cwd=TOP,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_list_names_every_deployment_and_what_it_needs() -> None:
    entries = json.loads(labs("list", "--json").stdout)
    assert [entry["name"] for entry in entries] == names()
    assert {"gunicorn", "fastcgi-lighttpd", "modpython-apache", "sites-modwsgi"} <= set(names())
    table = labs("list").stdout
    assert "fastcgi-lighttpd" in table and "--set database=postgresql" in table


def test_doctor_says_where_each_server_comes_from() -> None:
    report = json.loads(labs("doctor", "--json").stdout)
    found = {entry["name"]: entry["source"] for entry in report["servers"]}
    assert found["flup"] == "pip"
    assert set(found) == set(programs())
    assert {"Apache", "memcached", "PostgreSQL", "gunicorn", "mod_python"} <= set(found)


def test_a_server_that_the_reader_names_and_does_not_have() -> None:
    environment = {**os.environ, "LABS_LIGHTTPD": "/no/such/lighttpd"}
    said = subprocess.run(
        [sys.executable, "-m", "labs", "up", "fastcgi-lighttpd"],
        cwd=TOP, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert "/no/such/lighttpd" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_help_has_an_example_for_each_command() -> None:
    for command in ("list", "up", "doctor", "reset", "check"):
        assert f"python -m labs {command}" in labs(command, "--help").stdout


def test_a_misspelt_name_costs_one_line_and_status_two() -> None:
    said = labs("up", "fastcgi-lightpd")
    assert said.returncode == 2
    assert "Did you mean fastcgi-lighttpd" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


@pytest.mark.servers
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_up_serves_until_it_is_told_to_stop(
    how: signal.Signals, tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    process = subprocess.Popen(
        [
            sys.executable, "-m", "labs", "up", "fastcgi-nginx", "--json",
            "--site", str(tiny.folder), "--settings", "tiny", "--wsgi", "tiny_wsgi",
        ],
        cwd=TOP,
        env={**os.environ, "LABS_RUN_FOLDER": str(run_folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert get(said["url"] + "/").text == "hello"
        assert Path(said["folder"]).parent == run_folder
        process.send_signal(how)
        assert process.wait(timeout=15) == 0
    finally:
        process.kill()
        process.wait()
    nothing_left()


@pytest.mark.servers
def test_reset_says_when_there_is_nothing_to_clear(tmp_path: Path) -> None:
    assert labs("reset", run=tmp_path / "run").stdout == "Nothing to clear.\n"


@pytest.mark.servers
def test_a_start_that_is_interrupted_leaves_nothing(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "labs", "up", "gunicorn", "--site", str(tiny.folder), "--settings", "tiny"],
        cwd=TOP,
        env={**os.environ, "LABS_RUN_FOLDER": str(run_folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 10
    while not (run_folder.exists() and any(run_folder.iterdir())) and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=15)
    nothing_left()
