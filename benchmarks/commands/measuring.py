"""The command that measures claims."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks import words
from benchmarks.commands import added, many, terminal
from benchmarks.commands.brief import Board
from benchmarks.commands.options import Wait
from benchmarks.plan.ledger import ledger
from benchmarks.store import records
from labs.cli import arguments
from labs.cli.arguments import Json
from labs.servers.base import START_TIMEOUT

if TYPE_CHECKING:
    from benchmarks.plan.ledger import Row
    from labs.site import Site


def run(
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="ids of claims, see: python -m benchmarks list; with --go-on also records"),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="every claim that has an experiment")] = False,
    profile: Annotated[
        str,
        typer.Option(
            envvar="BOOK_PROFILE",
            help="smoke: seconds, does it run, and as in the book; lesson: a class; reference: the book",
        ),
    ] = "lesson",
    seed: Annotated[int, typer.Option(help="of the order of arms and of what users do")] = 1,
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
    start_timeout: arguments.StartTimeout = START_TIMEOUT,
    dry_run: arguments.DryRun = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="only what this machine has not measured yet, with this code")
    ] = False,
    go_on: Annotated[
        bool,
        typer.Option("--go-on", help="with the newest run that was interrupted, its profile and its seed"),
    ] = False,
    wait: Wait = 0,
    workers: Annotated[
        int,
        typer.Option(
            help="processes that share the generator's work, each on a CPU of its own where the servers leave some; "
            "for a report that says: limited by the generator. 0: one process",
            min=0,
        ),
    ] = 0,
    brief: Annotated[bool, typer.Option("--brief", help="a line a claim; the records have the rest")] = False,
    as_reference: Annotated[
        bool, typer.Option("--record-as-reference", hidden=True, help="replace the tracked record")
    ] = False,
    smoke_blocks: Annotated[
        bool,
        typer.Option(
            "--smoke-blocks",
            hidden=True,
            help="only add blocks of the shape of a smoke run to the tracked records of effects; --missing: where there are none",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure claims, block by block, and say the verdict. Records go to results/; Ctrl+C keeps the finished blocks.

    A smoke run is too short for a verdict. It is held against the book's record: as in the book, differs, or cannot tell and why.

    With --site the same servers and users ask for a page of your own project. Its records go to results/site/, with your Python,
    your packages, and what the page was; report CLAIM --mine shows the newest. A claim that means nothing there is refused, with
    the reason; --all passes it over.

    Exit status: 0 measured, whatever the verdict; 1 something failed, no block counts, or your project changed
    meanwhile; 2 wrong use, or a claim that means nothing on your site; 3 a server is missing; 130 Ctrl+C.

    Examples:

      python -m benchmarks run fastcgi-startup --profile smoke

      python -m benchmarks run fastcgi-startup tune-keepalive

      python -m benchmarks run --all --profile smoke

      python -m benchmarks run tune-keepalive --go-on

      python -m benchmarks run fastcgi-startup --workers 2

      python -m benchmarks run fastcgi-startup --site ~/shop --settings shop.settings --page /

      python -m benchmarks run tune-keepalive --site ~/shop --env-file .env --debug off --page /articles/
    """
    from benchmarks import experiments
    from benchmarks.plan import ownsite, profiles
    from benchmarks.result.kept import kept
    from benchmarks.run import resuming
    from benchmarks.run.session import Session
    from benchmarks.run.short import BLOCKS

    if bool(claims) == all_:
        raise typer.BadParameter("name claims, or give --all")
    if profile not in profiles.PROFILES:
        raise typer.BadParameter(f"--profile {profile}: one of {', '.join(profiles.PROFILES)}")
    ready = set(experiments.names())
    of = ownsite.named(site, settings, page)
    interrupted = resuming.chosen(claims or [], site=of) if go_on else {}
    named = list(interrupted) or claims or []
    rows = [row for row in ledger() if row.id in ready] if all_ else [ledger()[each] for each in named]
    lacking = [row.id for row in rows if row.id not in ready]
    if lacking:
        raise typer.BadParameter(
            f"{words.listed(lacking)}: no experiment yet; python -m benchmarks list shows which have one"
        )
    if smoke_blocks:
        added.run(rows, missing=missing, patience=wait)
        return
    chosen = None
    if (site or settings) and as_reference:
        raise typer.BadParameter("a reference record is of the newsroom: leave --site out")
    if go_on and (all_ or as_reference or missing):
        raise typer.BadParameter("--go-on goes on with the runs of named claims, and nothing else")
    if missing and (as_reference or site or settings):
        raise typer.BadParameter("--missing looks among this machine's results of the newsroom; leave the others out")
    more = {"confirm": confirm, "env_file": env_file, "debug": debug, "start_timeout": start_timeout}
    said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static, page, **more)  # type: ignore[arg-type]
    mine = arguments.chosen(said)
    if mine:
        from labs.runtime.shell import proved

        chosen = mine.site
        for note in mine.notes:
            _aside(f"your project  {note}")
        _aside(f"your project  {proved(mine.site, start_timeout)}")
    if dry_run:
        print(f"Nothing was started. Without --dry-run: {words.listed([row.id for row in rows])}, profile {profile}.")
        return
    if mine and any(
        _fits(row.id, page, mine.site) for row in rows
    ):  # else each is refused, and nothing need be started
        from benchmarks.run.settled import settled

        first = settled(mine.site, start_timeout=start_timeout, patience=wait, say=_aside)
        chosen, page = first.site, first.page
        if first.note:
            _aside(f"your project  {first.note}")
    folder = records.REFERENCE if as_reference else records.new_folder(of="site" if chosen else "")
    how = {"folder": folder, "profile": profile, "seed": seed, "site": chosen, "page": page}
    how |= {"patience": wait, "workers": workers, "start_timeout": start_timeout}
    how |= {"short": BLOCKS if profile == "reference" and not chosen else 0}
    how |= {"watch": mine.watch if mine else None}
    earlier = {row.id: kept(row.id, profile) for row in rows if missing}
    with Session(workers) as session, Board(quiet=as_json) if brief else nullcontext() as board:
        how["session"] = session

        def measured(row: Row, aside: bool) -> tuple[dict[str, Any], int]:
            more = how | resuming.options(interrupted.get(row.id))
            if record := earlier.get(row.id):
                return board.recall(row, record) if board else terminal.recall(row, record, quiet=as_json)
            return board.measure(row, more) if board else terminal.measure(row, more, quiet=as_json, aside=aside)

        told = many.run(rows, measured, at_a_time=1 if chosen else None)
    if as_json:
        print(json.dumps([entry for entry, _ in told], indent=2, ensure_ascii=False))
    statuses = [status for _, status in told if not (all_ and status in (2, 3))]
    if any(statuses):
        raise typer.Exit(min(status for status in statuses if status))


def _fits(claim: str, page: str, site: Site) -> bool:
    """Whether a claim means something on a site of the reader's."""
    from benchmarks import experiments
    from benchmarks.plan import ownsite

    try:
        ownsite.adapt(experiments.get(claim), page, site)
    except ownsite.NotOnThisSiteError:
        return False
    return True


def _aside(line: str) -> None:
    """Say a line beside what is for a program."""
    print(line, file=sys.stderr)
