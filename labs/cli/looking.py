"""Commands that look: at an answer, a server, a project, this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from labs.cli import arguments, terminal
from labs.cli.application import app, fail, option
from labs.cli.arguments import Json
from labs.errors import LabError, OptionError
from labs.servers.base import START_TIMEOUT


@app.command()
def check(
    what: Annotated[
        str | None, typer.Argument(help="an exercise of the book, such as keep-alive, or a server's address")
    ] = None,
    answer: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE of your answer; for an address, checks or topics")
    ] = None,
    everybody: Annotated[
        Path | None,
        typer.Option(
            "--all", metavar="FOLDER", help="of a class: how far each learner is, by the workbooks in this folder"
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="with --all: ask real servers for each answer, as far as it is written in literals and is no configuration or code, which a server would obey",
        ),
    ] = False,
    remote: Annotated[
        bool, typer.Option("--remote", help="the address is another machine's, and I may test that server")
    ] = False,
    page: arguments.Page = "/",
    start_timeout: arguments.StartTimeout = START_TIMEOUT,
    verbose: arguments.Verbose = False,
    as_json: Json = False,
) -> None:
    """Try your answer to an exercise, put the behaviour suite to a server, or see how far a class is.

    Exit status 1 for an open exercise or a fault.

    Examples:

      python -m labs check keep-alive keepalive=5

      python -m labs check http://127.0.0.1:8000

      python -m labs check http://127.0.0.1:8000/paper headers media

      python -m labs check http://127.0.0.1:8000 --page /articles/

      python -m labs check --all handed-in
    """
    from labs.cli import classroom
    from labs.conformance import command
    from labs.conformance.address import resembles
    from labs.exercises import check as try_answer
    from labs.exercises import names

    try:
        if everybody is not None:
            if what is not None:
                raise OptionError(f"--all reads a folder of workbooks, and {what} is not asked for beside it.")
            raise typer.Exit(classroom.look(everybody, again=again, as_json=as_json))
        if again:
            raise OptionError("--again: of a folder of workbooks, such as --all handed-in")
        if what is None:
            raise OptionError("Name an exercise, such as keep-alive, the address of a server, or --all with a folder.")
        if "://" in what or (what not in names() and resembles(what)):
            how = {"page": page, "remote": remote, "patience": start_timeout, "verbose": verbose, "as_json": as_json}
            raise typer.Exit(command.at(what, only=answer or (), **how))  # type: ignore[arg-type]
        if page != "/":
            raise OptionError(f"--page {page}: of a server's address, such as http://127.0.0.1:8000")
        outcome = try_answer(what, **dict(map(option, answer or [])))
    except LabError as error:
        fail(error, 2)
    if as_json:
        steps = [vars(step) for step in outcome.steps]
        print(json.dumps({"exercise": what, "solved": outcome.passed, "steps": steps}))
    else:
        print(outcome)
    raise typer.Exit(0 if outcome.passed else 1)


@app.command()
def culprit(
    file: Annotated[Path, typer.Argument(help="a Python file whose imports end its process")],
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    env_file: arguments.EnvFile = None,
) -> None:
    """Find the imports that end a process, by leaving out half of them, and half of that, in processes of their own.

    Example: python -m labs culprit ~/shop/shop/views.py --site ~/shop --settings shop.settings
    """
    from labs.faults.bisect import find, imports_of, in_process
    from labs.own.find import own
    from labs.runtime.shell import Shell

    try:
        said = arguments.said(site, settings, "", python, env, "copy", None, None, env_file=env_file)
        with Shell(own(said).site if said else None, name="culprit") as shell:
            print(find(imports_of(file), in_process(shell, django=said is not None)))
    except LabError as error:
        fail(error)


@app.command()
def doctor(as_json: Json = False) -> None:
    """What this machine has, what it lacks, and what would bring it.

    Example: python -m labs doctor
    """
    from labs.doctor.findings import examine, machines

    report = examine()
    report["machine"].append(machines())
    if as_json:
        print(json.dumps(report, indent=2))
        return
    terminal.examined(report)
