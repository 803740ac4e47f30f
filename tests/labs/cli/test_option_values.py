"""Values of options that are of no use: one line that says what is wanted, and nothing is started."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from labs.cli.main import app

WRONG = {
    ("gunicorn", "workers=abc"): "a whole number from 1 on",
    ("gunicorn", "workers=-1"): "a whole number from 1 on",
    ("gunicorn", "workers=0"): "a whole number from 1 on",
    ("gunicorn", "workers=1e9"): "a whole number from 1 on",
    ("gunicorn", "workers=true"): "a whole number from 1 on",
    ("gunicorn", "workers=[]"): "a whole number from 1 on",
    ("gunicorn", "preload=perhaps"): "true or false",
    ("gunicorn", "=1"): "takes no option without a name",
    ("gunicorn", "folder=x"): "takes no folder",
    ("gunicorn", "workers"): "is not NAME=VALUE",
    ("gunicorn", "site=x"): "there is --site",
    ("gunicorn", "keep=1"): "there is --keep",
    ("gunicorn", "cpus=x"): "no option of a deployment's",
    ("gunicorn-nginx", "keepalive=x"): "seconds, from 0 on",
    ("fastcgi-lighttpd", "keepalive=-1"): "seconds, from 0 on",
    ("modpython-apache", "max_requests=-1"): "a whole number from 0 on",
}


@pytest.mark.parametrize(("deployment", "value"), WRONG, ids=" ".join)
def test_up_says_what_is_wanted(deployment: str, value: str) -> None:
    result = CliRunner().invoke(
        app, ["up", deployment, "--set", value], env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}
    )
    assert result.exit_code == 2, result.output
    assert WRONG[deployment, value] in " ".join(result.stderr.split())


@pytest.mark.parametrize("words", [["startup", "gunicorn", "--times", "0"]], ids=" ".join)
def test_counts_begin_at_one(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
