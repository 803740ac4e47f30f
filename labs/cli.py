"""`python -m labs`: see what there is, bring a deployment up, look at this machine, clear what a power cut left."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from labs import arguments, terminal
from labs.errors import LabError, told
from labs.terminal import console, table

EPILOG = "Try: python -m labs up fastcgi-lighttpd"
app = typer.Typer(
    help="Launch the servers of the book around a Django project, on loopback, in a folder that goes with them.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def fail(error: Exception, status: int = 1) -> NoReturn:
    """Say what went wrong, on standard error, and end with this status."""
    print(error, file=sys.stderr)
    raise typer.Exit(status)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Every deployment, and whether this machine has what it needs.

    Example: python -m labs list
    """
    from labs.doctor import readiness

    entries = readiness()
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    rows = table("deployment", "interface", "front-end", "needs", "here")
    for entry in entries:
        needs = ", ".join(entry["needs"])
        rows.add_row(entry["name"], entry["interface"], entry["front"] or "none", needs, entry["here"])
    console.print(rows)


def option(text: str) -> tuple[str, Any]:
    """`workers=10` -> ("workers", 10): JSON where it reads as such, else text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE, such as workers=10")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


@app.command()
def up(
    name: Annotated[str, typer.Argument(help="a deployment, see: python -m labs list")],
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    database: arguments.Database = "copy",
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    page: arguments.Page = "/",
    other: arguments.Other = None,
    cache: Annotated[str | None, typer.Option(help="memcached, for a cache of its own")] = None,
    media: Annotated[str | None, typer.Option(help="who serves media: django, front-end or own")] = None,
    options: Annotated[list[str] | None, typer.Option("--set", "-s", help="an option, such as keepalive=5")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="leave the folder behind")] = False,
    checked: Annotated[
        bool, typer.Option("--check", help="put the behaviour suite to it, then stop; exit status 1 on a fault")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start a deployment and wait. q or Ctrl+C stops it, and its folder goes with it.

    Examples:

      python -m labs up fastcgi-lighttpd

      python -m labs up fastcgi-apache --set mpm=event --set keepalive=5

      python -m labs up gunicorn-nginx --site ~/shop --settings shop.settings --python ~/shop/.venv

      python -m labs up fastcgi-nginx --check

      python -m labs up sites-nginx --site ~/shop --other ~/blog --set by=path
    """
    from labs import changes
    from labs.checks.behaviour import command
    from labs.deployments import deploy
    from labs.sites import Said, own

    try:
        said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static, page)
        chosen = own(said) if said else None
        second = own(Said(folder=other, python=python, database=database, name="other")) if other else None
        extra = dict(map(option, options or []))
        if sys.stdout.isatty() and not as_json:
            print(f"Starting {name} …", end="\r", flush=True)
        before = changes.state(chosen.site.folder) if chosen else None
        sites = {"site": chosen and chosen.site, "other": second and second.site}
        deployment = deploy(name, **sites, cache=cache, media=media, keep=keep, **extra)  # type: ignore[arg-type]  # deploy checks them
    except LabError as error:
        fail(error, 2)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = 0
    try:
        with deployment:
            if not (checked and as_json):  # one answer for programs: the report
                terminal.show(deployment, as_json)
            if not as_json:
                for note in chosen.notes if chosen else ():
                    console.print(f"your project   {note}", markup=False)
            if checked:
                status = command.of(deployment, as_json=as_json)
            else:
                terminal.wait()
    except LabError as error:
        fail(error)
    except KeyboardInterrupt:
        pass
    if not as_json:
        print(
            f"\n{name} is stopped" + (f"; its folder stays: {deployment.kept}" if keep else "; nothing is left of it.")
        )
        if chosen:
            print(changes.told(changes.changed(before, changes.state(chosen.site.folder))))
    raise typer.Exit(status)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="a deployment, see: python -m labs list")],
    target: Annotated[Path, typer.Argument(help="a new folder for the files")],
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    other: arguments.Other = None,
    prefix: Annotated[
        Path | None, typer.Option(help="where the folder will lie on another host, such as /srv/shop")
    ] = None,
    port: Annotated[int, typer.Option(help="of the front-end")] = 8000,
    user: Annotated[str, typer.Option(help="whom system services run as; without, units for systemctl --user")] = "",
    cache: Annotated[str | None, typer.Option(help="memcached, for a cache of its own")] = None,
    media: Annotated[str | None, typer.Option(help="who serves media: django, front-end or own")] = None,
    options: Annotated[list[str] | None, typer.Option("--set", "-s", help="an option, such as keepalive=5")] = None,
    as_json: Json = False,
) -> None:
    """Write a deployment's configuration, systemd units, and a README into a folder, to run here or to take to a host.

    Examples:

      python -m labs export gunicorn-nginx ./deploy

      python -m labs export gunicorn-nginx ./deploy --site ~/shop --settings shop.settings --prefix /srv/shop --user shop

      python -m labs export sites-nginx ./deploy --site ~/shop --other ~/blog
    """
    from labs.deployments import deploy
    from labs.export import export as write
    from labs.sites import Said, as_it_is

    try:
        said = arguments.said(site, settings, wsgi, python, env, "mine", media_folder, static)
        chosen = as_it_is(said) if said else None
        second = as_it_is(Said(folder=other, python=python, database="mine", name="other")) if other else None
        sites = {"site": chosen and chosen.site, "other": second and second.site}
        extra = dict(map(option, options or []))
        deployment = deploy(name, **sites, cache=cache, media=media, **extra)  # type: ignore[arg-type]  # deploy checks them
        try:
            written = write(deployment, target, prefix=prefix, port=port, user=user)
        finally:
            deployment.stop()
    except LabError as error:
        fail(error, 2)
    if as_json:
        print(json.dumps({"folder": str(written.folder), "files": written.files}))
        return
    rows = table("file", "what it is")
    for file, about in written.files.items():
        rows.add_row(file, about)
    console.print(rows)
    for note in chosen.notes if chosen else ():
        console.print(f"your project   {note}", markup=False)
    console.print(f"\n{written.folder}/README.md says how to check and how to run it.", markup=False)


@app.command()
def check(
    what: Annotated[str, typer.Argument(help="an exercise of the book, such as keep-alive, or a server's address")],
    answer: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE of your answer; for an address, checks or topics")
    ] = None,
    remote: Annotated[
        bool, typer.Option("--remote", help="the address is another machine's, and I may test that server")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try your answer to an exercise, or put the behaviour suite to a server. Exit status 1 for an open exercise or a fault.

    Examples:

      python -m labs check keep-alive keepalive=5

      python -m labs check http://127.0.0.1:8000

      python -m labs check http://127.0.0.1:8000/paper headers media
    """
    from labs.checks import check as try_answer
    from labs.checks.behaviour import command

    try:
        if "://" in what:
            raise typer.Exit(command.at(what, remote=remote, only=answer or (), as_json=as_json))
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
) -> None:
    """Find the imports that end a process, by leaving out half of them, and half of that, in processes of their own.

    Example: python -m labs culprit ~/shop/shop/views.py --site ~/shop --settings shop.settings
    """
    from labs.culprit import find, imports_of, in_process
    from labs.shell import Shell
    from labs.sites import own

    try:
        said = arguments.said(site, settings, "", python, env, "copy", None, None)
        with Shell(own(said).site if said else None, name="culprit") as shell:
            print(find(imports_of(file), in_process(shell, django=said is not None)))
    except LabError as error:
        fail(error)


@app.command()
def doctor(as_json: Json = False) -> None:
    """What this machine has, what it lacks, and what would bring it.

    Example: python -m labs doctor
    """
    from labs.doctor import examine

    report = examine()
    if as_json:
        print(json.dumps(report, indent=2))
        return
    terminal.examined(report)


@app.command()
def reset(as_json: Json = False) -> None:
    """Stop and remove what a power cut or a killed keeper left. Deployments that are in use are not touched.

    Example: python -m labs reset
    """
    from labs.reset import reset as clear

    removed = clear()
    if as_json:
        print(json.dumps(removed))
    elif removed:
        for entry in removed:
            print(f"removed {entry['folder']}, processes ended: {entry['processes']}")
    else:
        print("Nothing to clear.")


@app.command(hidden=True)
def soak(
    kills: Annotated[int, typer.Option(help="how many owners and keepers")] = 100,
    seed: Annotated[int | None, typer.Option(help="of what is killed when; a new one without it")] = None,
) -> None:
    """Kill owners of deployments, and keepers, at random moments, and count what they leave. About 2 s a kill.

    Example: python -m labs soak --kills 100
    """
    from labs.soak import INTERRUPTED, progress
    from labs.soak import soak as run

    try:
        tally = run(kills, seed=seed, tell=progress)
    except LabError as error:
        fail(error)
    print(tally)
    raise typer.Exit(INTERRUPTED if tally.interrupted else 1 if tally.left else 0)


@app.command()
def startup(
    deployments: Annotated[list[str] | None, typer.Argument(help="deployments; all of them without")] = None,
    times: Annotated[int, typer.Option(help="starts of each, in turn")] = 5,
    as_json: Json = False,
) -> None:
    """Seconds to the first good answer, beside the same servers started by hand: what these labs add.

    Example: python -m labs startup gunicorn fastcgi-nginx --times 5
    """
    from labs.startup import compare

    try:
        compared = compare(deployments or [], times=times)
    except LabError as error:
        fail(error)
    print(json.dumps(compared.rows(), indent=2) if as_json else compared)


def main() -> None:
    """Run the command line. An error of the system's that nobody else has told is told here, not traced."""
    try:
        app(prog_name="python -m labs")
    except OSError as error:
        print(told("python -m labs cannot go on", error), file=sys.stderr)
        sys.exit(1)
    except MemoryError:
        print("python -m labs cannot go on: too little memory is free.", file=sys.stderr)
        sys.exit(1)
