"""The suite on the command line: an address, a deployment, an exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labs.cli.main import app
from labs.conformance import command
from labs.errors import OptionError

pytestmark = pytest.mark.servers
Serve = Callable[[type[BaseHTTPRequestHandler]], str]


class Small(BaseHTTPRequestHandler):
    """A page, and 404 for the rest."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        """Say nothing."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.end_headers()


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.stdout, result.stderr


def test_an_address_is_checked(serve: Serve) -> None:
    address = serve(Small)
    status, out, _ = run("check", address, "status")
    assert status == 0, out
    assert "2 of 2 checks as they must be" in out
    status, out, _ = run("check", address, "identity", "--json")
    report = json.loads(out)
    assert (status, report["passed"], report["url"]) == (1, False, address)
    assert {check["id"]: check["state"] for check in report["checks"]}["server-name"] == "differs"


def test_another_machine_needs_a_word_that_it_is_ours() -> None:
    status, _, error = run("check", "http://192.0.2.1/")
    assert status == 2
    assert "192.0.2.1 is not this machine" in error
    assert "--remote" in error
    with pytest.raises(OptionError, match="no address"):
        command.at("ftp://127.0.0.1/")
    status, _, error = run("check", "http://127.0.0.1:9/")
    assert status == 2
    assert "does not answer" in error


def test_up_checks_and_stops(run_folder: Path) -> None:
    status, out, _ = run("up", "gunicorn-nginx", "--check")
    assert status == 0, out
    assert "checks as they must be" in out
    assert "gunicorn-nginx is stopped; nothing is left of it." in out
    status, out, _ = run("up", "fastcgi-nginx", "--check", "--json")
    report = json.loads(out)
    assert (status, report["passed"]) == (0, True)
    assert report["count"]["ok"] > 80
