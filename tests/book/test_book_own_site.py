"""What is said to readers with a project of their own: each command can be typed, and what it promises is so."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
import typer

from benchmarks.commands.cli import app as benchmarks
from book.contents import TOP
from labs.cli.main import app as labs
from labs.servers.advice import advice
from labs.servers.base import START_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (TOP / "book" / "own-site.md").read_text("utf8")
README = (TOP / "README.md").read_text("utf8")
PROGRAMS = {"labs": typer.main.get_command(labs), "benchmarks": typer.main.get_command(benchmarks)}


def commands() -> Iterator[str]:
    for text in (PAGE, README):
        for command in re.findall(r"^ *\$ (\S+python -m (?:labs|benchmarks) (?:.*\\\n)*.*)", text, re.MULTILINE):
            yield " ".join(command.replace("\\\n", " ").split())


@pytest.mark.parametrize("command", dict.fromkeys(commands()))
def test_a_command_can_be_typed(command: str) -> None:
    """Every word of it is one that the program takes; nothing is run."""
    _, _, program, name, *words = shlex.split(command, comments=True)
    group = PROGRAMS[program]
    found = group.get_command(group.make_context(program, [name]), name)  # type: ignore[attr-defined]
    assert found is not None
    found.make_context(name, words)  # raises for what it does not take


def test_a_start_may_take_as_long_as_the_page_says() -> None:
    assert "may take a minute, all servers and the page together" in PAGE
    assert START_TIMEOUT == 60


SEEN = {
    "`--env NAME=VALUE`": "File \"<frozen os>\", line 679, in __getitem__\nKeyError: 'SHOP_KEY'",
    "`manage.py migrate`": "django.db.utils.OperationalError: no such table: auth_user",
    "`manage.py collectstatic`": "ValueError: Missing staticfiles manifest entry for 'shop.js'",
    "not part of the run": "OSError: labs: ('search.test', 9200) is not reached in this run",
    "`--python`": "ModuleNotFoundError: No module named 'environ'",
    "ALLOWED_HOSTS": "Invalid HTTP_HOST header: 'a.test'. You may need to add 'a.test' to ALLOWED_HOSTS.",
}


@pytest.mark.parametrize("option", SEEN)
def test_a_message_says_what_the_page_promises(option: str) -> None:
    table = PAGE.partition("## When it does not come up")[2].partition("## ")[0]
    assert option in table
    (said,) = advice(SEEN[option])
    assert option.strip("`").removesuffix(" NAME=VALUE") in said


OPTIONS = {
    ("labs", "up"): {"--page", "--other-page", "--env-file", "--debug", "--start-timeout", "--verbose", "--keep"},
    ("labs", "check"): {"--page", "--start-timeout", "--verbose"},
    ("labs", "export"): {"--env", "--env-file"},  # with the project's own settings, and nothing is started
    ("labs", "culprit"): {"--env", "--env-file"},
    ("benchmarks", "run"): {"--page", "--env-file", "--debug", "--start-timeout"},
    ("benchmarks", "replay"): {"--env-file", "--debug", "--start-timeout"},  # the page is the record's
}


@pytest.mark.parametrize(("program", "name"), OPTIONS)
def test_what_is_said_of_a_project_is_the_same_in_every_command(program: str, name: str) -> None:
    group = PROGRAMS[program]
    command = group.get_command(group.make_context(program, [name]), name)  # type: ignore[attr-defined]
    assert command is not None
    taken = {option for parameter in command.params for option in parameter.opts}
    assert taken >= OPTIONS[program, name]
