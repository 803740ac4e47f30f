"""`python -m benchmarks`: list the claims, measure them, read the records.

Exit status: 0 all went well; 1 something failed or gave nothing to judge; 2 wrong use, such as an unknown claim; 3 a server
that a named claim needs is not on this machine; 130 Ctrl+C, with every finished block kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from benchmarks import words
from benchmarks.commands import recheck, terminal, trust
from benchmarks.commands.terminal import coloured, console
from benchmarks.plan.ledger import UnknownClaimError, ledger
from benchmarks.store import records
from labs import arguments
from labs.errors import LabError, OptionError
from labs.terminal import table

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130

app = typer.Typer(
    help="Measure what the 2006 chapter says, on this machine, and judge it by a rule written before.",
    epilog="Try: python -m benchmarks run fastcgi-startup --profile smoke",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """All claims: what kind they are, whether they can be run yet, and what the chapter says.

    Example: python -m benchmarks list
    """
    from benchmarks import experiments

    ready = set(experiments.names())
    if as_json:
        entries = [
            {
                "id": row.id,
                "kind": row.kind,
                "section": row.section,
                "statement": row.statement,
                "runs": row.id in ready,
            }
            for row in ledger()
        ]
        print(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    rows = table("claim", "kind", "runs", "the chapter says")
    for row in ledger():
        rows.add_row(row.id, row.kind, "yes" if row.id in ready else "not yet", escape(row.statement))
    console.print(rows)


@app.command()
def run(
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="ids of claims, see: python -m benchmarks list; with --go-on also records"),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="every claim that has an experiment")] = False,
    profile: Annotated[
        str, typer.Option(envvar="BOOK_PROFILE", help="smoke: does it run; lesson: a class; reference: the book")
    ] = "lesson",
    seed: Annotated[int, typer.Option(help="of the order of arms and of what users do")] = 1,
    site: arguments.Folder = None,
    settings: arguments.Settings = "",
    wsgi: arguments.Wsgi = "",
    python: arguments.Python = None,
    env: arguments.Env = None,
    database: arguments.Database = "copy",
    media_folder: arguments.Media = None,
    static: arguments.Static = None,
    page: arguments.Page = "/",
    missing: Annotated[
        bool, typer.Option("--missing", help="only what this machine has not measured yet, with this code")
    ] = False,
    go_on: Annotated[
        bool,
        typer.Option("--go-on", help="with the newest run that was interrupted, its profile and its seed"),
    ] = False,
    wait: Annotated[
        float, typer.Option(help="seconds to stand in the queue while others measure on this machine", min=0)
    ] = 0,
    workers: Annotated[
        int,
        typer.Option(
            help="processes that share the generator's work, each on a CPU of its own where the servers leave some; "
            "for a report that says: limited by the generator. 0: one process",
            min=0,
        ),
    ] = 0,
    as_reference: Annotated[
        bool, typer.Option("--record-as-reference", hidden=True, help="replace the tracked record")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure claims, block by block, and say the verdict. Records go to results/; Ctrl+C keeps the finished blocks.

    Exit status: 0 measured, whatever the verdict; 1 something failed, or no block counts; 2 wrong use; 3 a server is missing;
    130 Ctrl+C.

    Examples:

      python -m benchmarks run fastcgi-startup --profile smoke

      python -m benchmarks run fastcgi-startup tune-keepalive

      python -m benchmarks run --all --profile smoke

      python -m benchmarks run tune-keepalive --go-on

      python -m benchmarks run fastcgi-startup --workers 2

      python -m benchmarks run fastcgi-startup --site ~/shop --settings shop.settings --page /
    """
    from benchmarks import experiments
    from benchmarks.plan import profiles
    from benchmarks.result.kept import kept
    from benchmarks.run import resuming

    if bool(claims) == all_:
        raise typer.BadParameter("name claims, or give --all")
    if profile not in profiles.PROFILES:
        raise typer.BadParameter(f"--profile {profile}: one of {', '.join(profiles.PROFILES)}")
    ready = set(experiments.names())
    interrupted = resuming.chosen(claims or [], site=bool(site or settings)) if go_on else {}
    named = list(interrupted) or claims or []
    rows = [row for row in ledger() if row.id in ready] if all_ else [ledger()[each] for each in named]
    lacking = [row.id for row in rows if row.id not in ready]
    if lacking:
        raise typer.BadParameter(
            f"{words.listed(lacking)}: no experiment yet; python -m benchmarks list shows which have one"
        )
    chosen = None
    if (site or settings) and as_reference:
        raise typer.BadParameter("a reference record is of the newsroom: leave --site out")
    if go_on and (all_ or as_reference or missing):
        raise typer.BadParameter("--go-on goes on with the runs of named claims, and nothing else")
    if missing and (as_reference or site or settings):
        raise typer.BadParameter("--missing looks among this machine's results of the newsroom; leave the others out")
    said = arguments.said(site, settings, wsgi, python, env, database, media_folder, static, page)
    if said:
        from labs.sites import own

        mine = own(said)
        chosen = mine.site
        for note in mine.notes:
            print(f"your project  {note}", file=sys.stderr)
    folder = records.REFERENCE if as_reference else records.new_folder(of="site" if chosen else "")
    how = {"folder": folder, "profile": profile, "seed": seed, "site": chosen, "page": page}
    how |= {"patience": wait, "workers": workers}
    earlier = {row.id: kept(row.id, profile) for row in rows if missing}
    told = [
        terminal.recall(row, record, quiet=as_json)
        if (record := earlier.get(row.id))
        else terminal.measure(row, how | resuming.options(interrupted.get(row.id)), quiet=as_json)
        for row in rows
    ]
    if as_json:
        print(json.dumps([entry for entry, _ in told], indent=2, ensure_ascii=False))
    statuses = [status for _, status in told if not (all_ and status == 3)]
    if any(statuses):
        raise typer.Exit(1 if 1 in statuses else 3)


@app.command()
def control(
    times: Annotated[int, typer.Option(help="how many runs", min=1)] = 10,
    profile: Annotated[str, typer.Option(envvar="BOOK_PROFILE", help="smoke, lesson or reference")] = "lesson",
    seed: Annotated[int, typer.Option(help="of the first run; each further one takes the next")] = 1,
    as_json: Json = False,
) -> None:
    """Compare a deployment with itself, several times: how often is there an effect where there is none?

    Example: python -m benchmarks control --times 10 --profile lesson
    """
    from benchmarks.trust.control import controls

    entries, alarms = [], 0
    for run_ in controls(times, profile, seed=seed, say=lambda _progress: None):
        ratio = words.times(run_.interval) if run_.interval else "no ratio"
        alarms += run_.claimed
        entries.append(
            {
                "seed": run_.seed,
                "outcome": run_.outcome,
                "ratio": run_.interval and run_.interval.estimate,
                "low": run_.interval and run_.interval.low,
                "high": run_.interval and run_.interval.high,
                "claimed": run_.claimed,
                "load": run_.load,
            }
        )
        if not as_json:
            console.print(
                f"{run_.seed:>3}  {ratio}  {run_.outcome}  {run_.load:.0%} of the time under load", markup=False
            )
    if as_json:
        print(json.dumps(entries, indent=2))
    else:
        console.print(f"{alarms} of {words.counted(times, 'run')} claimed an effect that is not there.", markup=False)


@app.command()
def scorecard(as_json: Json = False) -> None:
    """The verdict of every claim in the reference records, and of this machine's newest own record.

    Example: python -m benchmarks scorecard --json
    """
    from benchmarks.result import scorecard as cards

    entries = cards.entries()
    if as_json:
        print(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    rows = table("claim", "verdict", "ratio (95 % interval)", "this machine")
    for entry in entries:
        claim, verdict, ratio, own = cards.line(entry)
        rows.add_row(claim, coloured(entry["verdict"], verdict), escape(ratio), escape(own))
    console.print(rows)
    console.print("A ratio above 1 speaks for the chapter.")


@app.command()
def report(
    claim: Annotated[str, typer.Argument(help="id of a claim, or the path of a record")],
    own: Annotated[bool, typer.Option("--mine", help="this machine's newest record instead of the reference")] = False,
    files: Annotated[
        bool, typer.Option("--configurations", help="only the configuration files of its arms, in full")
    ] = False,
    as_json: Json = False,
) -> None:
    """Everything that was recorded for a claim: values, blocks, failures, machine, versions, and how to repeat it.

    Example: python -m benchmarks report fastcgi-startup
    """
    from benchmarks.show.report import configurations
    from benchmarks.show.report import report as text

    if claim.endswith(".json"):
        record = records.read(Path(claim))
    else:
        row = ledger()[claim]
        record = records.latest(row.id) if own else records.best(row.id)
    if files:
        print(configurations(record))
    else:
        print(json.dumps(record.data, indent=1, ensure_ascii=False) if as_json else text(record))


app.command()(recheck.replay)
app.command()(recheck.compare)
app.command()(recheck.crosscheck)
app.command()(trust.campaign)
app.command()(trust.reproduce)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        status = app(args=arguments, prog_name="python -m benchmarks", standalone_mode=False)
    except (UnknownClaimError, OptionError) as error:
        return _complain(error, 2)
    except LabError as error:
        return _complain(error, 1)
    except typer.BadParameter as error:
        return _complain(error.format_message(), 2)
    except Exception as error:
        # Typer's own complaints about usage have no public class; they know how to show themselves.
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()
        return int(error.exit_code)
    if status == INTERRUPTED:  # Typer turns Ctrl+C into this
        return _complain(_stopped(arguments), INTERRUPTED)
    return int(status or 0)


def _stopped(arguments: Sequence[str] | None) -> str:
    """After Ctrl+C: what is kept, by the command that was stopped."""
    match next(iter(sys.argv[1:] if arguments is None else arguments), ""):
        case "run":
            return "Stopped. The blocks that were finished are kept. --go-on goes on from them."
        case "campaign" | "reproduce":
            return "Stopped. What was finished is kept; the same command goes on."
        case _:
            return "Stopped."


def _complain(error: object, status: int) -> int:
    print(error, file=sys.stderr)
    return status
