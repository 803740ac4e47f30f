"""Commands that hold one result against another: the same run again, two records side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import records, terminal
from benchmarks.ledger import ledger
from labs import arguments

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Wait = Annotated[float, typer.Option(help="seconds to stand in the queue while others measure on this machine", min=0)]


def replay(
    record: Annotated[str, typer.Argument(help="path of a record, or id of a claim: then its reference record")],
    wait: Wait = 0,
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    database: arguments.Database = "copy",
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    as_json: Json = False,
) -> None:
    """Repeat a recorded run with its seed, profile and options, and say whether its verdict stands.

    What has changed since is told before: machine, versions, code. The new record goes to results/.
    Exit status: 0 the verdict stands; 1 it does not, or nothing was measured; 2 wrong use; 3 a server is missing.

    Examples:

      python -m benchmarks replay fastcgi-startup

      python -m benchmarks replay results/2026-11-24-101500/fastcgi-startup.json
    """
    from benchmarks import replay as again
    from labs.sites import own

    found = records.read(Path(record)) if record.endswith(".json") else records.best(ledger()[record].id)
    said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static)
    chosen = own(said).site if said else None
    for line in again.warnings(found):
        print(f"not as it was  {line}", file=sys.stderr)
    with terminal.lines(quiet=as_json) as lines:
        folder = records.new_folder(site=chosen is not None)
        pair = again.replay(found, folder=folder, say=lines.step, site=chosen, patience=wait)
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

    Of a claim, the book's record and this machine's newest. Of two paths, what was measured on two machines, or by two
    commits. Exit status 1 when a verdict is not the same.

    Examples:

      python -m benchmarks compare fastcgi-startup

      python -m benchmarks compare benchmarks/results/reference ../older/benchmarks/results/reference --figure both.svg
    """
    from benchmarks import comparison

    if figure is not None and figure.suffix not in (".svg", ".png"):
        raise typer.BadParameter(f"--figure {figure}: its name must end in .svg or .png")
    found = comparison.compare(sides or [])
    if figure is not None:
        from benchmarks import figures  # imported here: it brings matplotlib

        figures.save(found, figure)
    if as_json:
        print(json.dumps([each.to_json() for each in found], indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(map(str, found)))
        same = sum(each.agrees for each in found)
        print(f"\n{same} of {len(found)} verdicts are the same.")
    if not all(each.agrees for each in found):
        raise typer.Exit(1)
