"""Commands about deployments: which there are, bring one up, write one down to take along."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from labs.cli import arguments, terminal
from labs.cli.application import app, extra, fail
from labs.cli.arguments import Json
from labs.cli.terminal import console, table
from labs.errors import LabError, NotProvedError, OptionError
from labs.own import changes
from labs.own.changes import Watch
from labs.servers.base import START_TIMEOUT


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Every deployment, and whether this machine has what it needs.

    Example: python -m labs list
    """
    from labs.doctor.findings import beside, readiness

    entries = readiness()
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    further = table("each of them takes", "here")
    for each, here in beside().items():
        further.add_row(each, here)
    console.print(further)
    console.print()
    rows = table("deployment", "interface", "front-end", "needs", "here")
    for entry in entries:
        needs = ", ".join(entry["needs"])
        rows.add_row(entry["name"], entry["interface"], entry["front"] or "none", needs, entry["here"])
    console.print(rows)


@app.command()
def up(
    name: Annotated[str, typer.Argument(help="a deployment, see: python -m labs list")],
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    env_file: arguments.EnvFile = None,
    debug: arguments.Debug = "as-is",
    database: arguments.Database = "copy",
    confirm: arguments.Confirm = "",
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    page: arguments.Page = "/",
    dry_run: arguments.DryRun = False,
    other: arguments.Other = None,
    other_page: arguments.OtherPage = "/",
    start_timeout: arguments.StartTimeout = START_TIMEOUT,
    cache: Annotated[str | None, typer.Option(help="memcached, for a cache of its own")] = None,
    media: Annotated[str | None, typer.Option(help="who serves media: django, front-end or own")] = None,
    options: Annotated[list[str] | None, typer.Option("--set", "-s", help="an option, such as keepalive=5")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="leave the folder behind, of a failed start too")] = False,
    checked: Annotated[
        bool, typer.Option("--check", help="put the behaviour suite to it, then stop; exit status 1 on a fault")
    ] = False,
    verbose: arguments.Verbose = False,
    as_json: Json = False,
) -> None:
    """Start a deployment and wait. q or Ctrl+C stops it, and its folder goes with it.

    Examples:

      python -m labs up fastcgi-lighttpd

      python -m labs up fastcgi-apache --set mpm=event --set keepalive=5

      python -m labs up gunicorn-nginx --site ~/shop --settings shop.settings --python ~/shop/.venv

      python -m labs up gunicorn-nginx --site ~/shop --env-file .env --debug off --page /articles/ --check

      python -m labs up fastcgi-nginx --check

      python -m labs up gunicorn-nginx --set database=postgresql    (the newsroom, on PostgreSQL instead of SQLite)

      python -m labs up sites-nginx --site ~/shop --other ~/blog --set by=path
    """
    from labs.conformance import command
    from labs.own.find import Said, own
    from labs.own.shield import described
    from labs.runtime import hosting
    from labs.runtime.deploying import deploy

    try:
        more = {"env_file": env_file, "debug": debug, "start_timeout": start_timeout, "other": other}
        said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static, page, confirm, **more)  # type: ignore[arg-type]
        chosen = arguments.chosen(said)
        if other_page != "/" and not other:
            raise OptionError(f"--other-page {other_page}: of a second project. Name its folder: --other ~/blog")
        second = own(Said(folder=other, python=python, debug=debug, page=other_page, name="other")) if other else None
        chosen_options = extra(options)
        if sys.stdout.isatty() and not as_json:
            print(f"Starting {name} …", end="\r", flush=True)
        watches = [each.watch() for each in (chosen, second) if each]
        sites = {"site": chosen and chosen.site, "other": second and second.site}
        how = {"cache": cache, "media": media, "keep": keep, "start_timeout": start_timeout, **chosen_options}
        deployment = deploy(name, **sites, **how)  # type: ignore[arg-type]  # deploy checks them
        notes = [*chosen.notes, *hosting.sentences(deployment), described(deployment.folder)] if chosen else []
        if dry_run:
            with closing(deployment):
                deployment.prove()
            _dry(notes, as_json)
    except LabError as error:
        fail(error, 2)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status = 0
    try:
        with deployment:
            if not (checked and as_json):  # one answer for programs: the report
                terminal.show(deployment, as_json)
            if not as_json:
                of_the_page = () if checked else deployment.notes  # which the report tells too
                for note in (*notes, *of_the_page):
                    console.print(f"your project   {note}", markup=False)
            if checked:
                status = command.of(deployment, verbose=verbose, as_json=as_json)
            else:
                terminal.wait()
    except LabError as error:
        _touched(watches)
        fail(error, 2 if isinstance(error, NotProvedError) else 1)
    except KeyboardInterrupt:
        pass
    touched = [watch.changed() for watch in watches]
    if any(touched):
        status = 1
    if as_json and any(touched):
        print(changes.described([name for names in touched for name in names or ()]), file=sys.stderr)
    if not as_json:
        print(
            f"\n{name} is stopped" + (f"; its folder stays: {deployment.kept}" if keep else "; nothing is left of it.")
        )
        for names in touched:
            print(changes.described(names))
    raise typer.Exit(status)


def _touched(watches: Sequence[Watch]) -> None:
    """Say beside an error what changed in a project meanwhile, if anything did."""
    for watch in watches:
        if names := watch.changed():
            print(changes.described(names), file=sys.stderr)


def _dry(notes: list[str], as_json: bool) -> NoReturn:
    """Say what would be done with a project, and end."""
    if as_json:
        print(json.dumps({"project": notes}, indent=2))
    else:
        for note in notes or ["The newsroom, which the labs bring: nothing of yours is copied."]:
            console.print(f"your project   {note}" if notes else note, markup=False)
        print("Nothing was started.")
    raise typer.Exit


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="a deployment, see: python -m labs list")],
    target: Annotated[Path, typer.Argument(help="a new folder for the files")],
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    env_file: arguments.EnvFile = None,
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

      python -m labs export gunicorn-nginx ./deploy --site ~/shop --set tls_proxy=127.0.0.1    (HTTPS ends at a proxy there)

      python -m labs export sites-nginx ./deploy --site ~/shop --other ~/blog
    """
    from labs.export.bundle import export as write
    from labs.own.find import Said, as_it_is
    from labs.runtime.deploying import deploy

    try:
        said = arguments.said(site, settings, wsgi, python, env, "mine", media_folder, static, env_file=env_file)
        chosen = as_it_is(said) if said else None
        second = as_it_is(Said(folder=other, python=python, database="mine", name="other")) if other else None
        sites = {"site": chosen and chosen.site, "other": second and second.site}
        chosen_options = extra(options)
        deployment = deploy(name, **sites, cache=cache, media=media, **chosen_options)  # type: ignore[arg-type]  # deploy checks them
        try:
            written = write(deployment, target, prefix=prefix, port=port, user=user)
        finally:
            deployment.stop()
    except LabError as error:
        fail(error, 2)
    if as_json:
        notes = [note for each in (chosen, second) if each for note in each.notes]
        print(json.dumps({"folder": str(written.folder), "files": written.files, "notes": notes}))
        return
    rows = table("file", "what it is")
    for file, about in written.files.items():
        rows.add_row(file, about)
    console.print(rows)
    for whose, each in (("your project", chosen), ("the other", second)):
        for note in each.notes if each else ():
            console.print(f"{whose:14} {note}", markup=False)
    console.print(f"\n{written.folder}/README.md says how to check and how to run it.", markup=False)
