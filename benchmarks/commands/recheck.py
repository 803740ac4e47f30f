"""Commands that hold one result against another: the same run again, two records side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.commands import terminal
from benchmarks.commands.options import Wait
from benchmarks.plan.ledger import ledger
from benchmarks.store import records
from labs.cli import arguments
from labs.cli.arguments import Json
from labs.servers.base import START_TIMEOUT


def replay(
    record: Annotated[str, typer.Argument(help="path of a record, or id of a claim: then its reference record")],
    wait: Wait = 0,
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    env_file: arguments.EnvFile = None,
    debug: arguments.Debug = "as-is",
    database: arguments.Database = "copy",
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    start_timeout: arguments.StartTimeout = START_TIMEOUT,
    as_json: Json = False,
) -> None:
    """Repeat a recorded run with its seed, profile and options, and say whether its verdict stands.

    What has changed since is told before: machine, versions, code. The new record goes to results/. The record of a site of your
    own needs that site: --site FOLDER; then your Python, packages and code are looked at too.

    Exit status: 0 the verdict stands; 1 it does not, or nothing was measured; 2 wrong use; 3 a server is missing.

    Examples:

      python -m benchmarks replay fastcgi-startup

      python -m benchmarks replay results/2026-11-24-101500/fastcgi-startup.json

      python -m benchmarks replay results/site/2026-11-24-101500/fastcgi-startup.json --site ~/shop
    """
    from benchmarks.run import replay as again
    from labs.own.find import own

    found = records.read(Path(record)) if record.endswith(".json") else records.best(ledger()[record].id)
    page = found.data.get("site", {}).get("page", "/") if site or settings else "/"  # the one that was recorded
    more = {"env_file": env_file, "debug": debug, "start_timeout": start_timeout}
    said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static, page, **more)  # type: ignore[arg-type]
    chosen = own(said).site if said else None
    for line in again.warnings(found, chosen):
        print(f"not as it was  {line}", file=sys.stderr)
    with terminal.lines(quiet=as_json) as lines:
        folder = records.new_folder(of="site" if chosen else "")
        pair = again.replay(
            found, folder=folder, say=lines.step, site=chosen, patience=wait, start_timeout=start_timeout
        )
    if as_json:
        print(json.dumps(pair.to_json(), indent=2, ensure_ascii=False))
    else:
        print(pair)
        print(f"  {'the verdict stands' if pair.agrees else 'the verdict does not stand'}")
    if not pair.agrees:
        raise typer.Exit(1)


def compare(
    sides: Annotated[
        list[str] | None,
        typer.Argument(help="two records or two folders of records; or ids of claims; without, all that have both"),
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="also draw it, into a file that ends in .svg or .png")] = None,
    as_json: Json = False,
) -> None:
    """Two results side by side: both verdicts, both ratios, by how much they differ, and what else does.

    Of a claim, the book's record and this machine's newest of the newsroom. Of two paths, what was measured on two machines, by
    two commits, or on a site of your own, whose records lie in results/site/: each side's site is told. Exit status 1 when a verdict is not the same.

    Examples:

      python -m benchmarks compare fastcgi-startup

      python -m benchmarks compare benchmarks/results/reference ../older/benchmarks/results/reference --figure both.svg
    """
    from benchmarks.result import comparison

    if figure is not None and figure.suffix not in (".svg", ".png"):
        raise typer.BadParameter(f"--figure {figure}: its name must end in .svg or .png")
    found = comparison.compare(sides or [])
    if figure is not None:
        from benchmarks.show import figures  # imported here: it brings matplotlib

        figures.save(found, figure)
    if as_json:
        print(json.dumps([each.to_json() for each in found], indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(map(str, found)))
        same = sum(each.agrees for each in found)
        print(f"\n{same} of {len(found)} verdicts are the same.")
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


def crosscheck(
    claim: Annotated[str, typer.Argument(help="id of a claim whose users do not pause, and ask for one page")],
    profile: Annotated[str, typer.Option(envvar="BOOK_PROFILE", help="smoke, lesson or reference")] = "lesson",
    seed: Annotated[int, typer.Option(help="of the order of arms and of generators")] = 1,
    wait: Wait = 0,
    as_reference: Annotated[
        bool, typer.Option("--record-as-reference", hidden=True, help="replace the tracked record")
    ] = False,
    as_json: Json = False,
) -> None:
    """The same arms under wrk and ab: do they find the ratio that Locust finds here? About four minutes.

    Both come with: python3 -m labs.provision.servers wrk ab. The record goes to results/crosscheck/.
    Exit status: 0 they agree, or it cannot be told; 1 one does not agree, or nothing was measured; 2 wrong use.

    Example:

      python -m benchmarks crosscheck reference
    """
    from benchmarks import experiments
    from benchmarks.plan import profiles
    from benchmarks.plan.experiment import Experiment
    from benchmarks.run import runs
    from benchmarks.trust import crosscheck as checking

    row = ledger()[claim]
    if profile not in profiles.PROFILES:
        raise typer.BadParameter(f"--profile {profile}: one of {', '.join(profiles.PROFILES)}")
    experiment = experiments.get(row.id)
    if not isinstance(experiment, Experiment):
        raise typer.BadParameter(f"{row.id} is true or false: there is no ratio to check")
    adapted = checking.adapt(experiment)
    folder = records.CROSSCHECK if as_reference else records.new_folder(of="crosscheck")
    with terminal.lines(quiet=as_json) as lines:
        data = checking.crosscheck(
            adapted,
            profile,
            seed=seed,
            patience=wait,
            on_progress=runs.Teller(experiment=adapted.narrowed(profile).to_json(), say=lines.step),
            on_record=lambda part: records.write(part, folder),
        )
    path = records.write(data, folder)
    record = records.read(path)
    found = checking.agreements(record)
    if as_json:
        print(json.dumps([each.to_json() for each in found], indent=2))
    else:
        print(checking.table(record))
        print(f"record  {records.shown(path)}")
    if any(each.agrees is False for each in found):
        raise typer.Exit(1)
