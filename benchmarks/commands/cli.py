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

from benchmarks.commands import measuring, recheck, trust
from benchmarks.commands.terminal import coloured, console
from benchmarks.plan.ledger import UnknownClaimError, ledger
from benchmarks.store import origin, records
from labs.cli.arguments import Json
from labs.cli.terminal import table
from labs.errors import LabError, OptionError, start_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.store.records import Record

INTERRUPTED = 130

app = typer.Typer(
    help="Measure what the 2006 chapter says, on this machine, and judge it by a rule written before.",
    epilog="Try: python -m benchmarks run fastcgi-startup --profile smoke",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


app.command()(measuring.run)
app.command()(trust.control)


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
    own: Annotated[
        bool,
        typer.Option(
            "--mine", help="this machine's newest record instead of the reference, of the newsroom or of your site"
        ),
    ] = False,
    files: Annotated[
        bool, typer.Option("--configurations", help="only the configuration files of its arms, in full")
    ] = False,
    as_json: Json = False,
) -> None:
    """Everything that was recorded for a claim: values, blocks, failures, machine, versions, and how to repeat it.

    Examples:

      python -m benchmarks report fastcgi-startup

      python -m benchmarks report fastcgi-startup --mine
    """
    from benchmarks.show.provenance import configurations
    from benchmarks.show.report import report as text

    if claim.endswith(".json"):
        record = records.read(Path(claim))
    else:
        row = ledger()[claim]
        record = _mine(row.id) if own else records.best(row.id)
    if files:
        print(configurations(record))
    else:
        print(json.dumps(record.data, indent=1, ensure_ascii=False) if as_json else text(record))


def _mine(claim: str) -> Record:
    """This machine's newest record; where there is one of another kind of site too, its path is told beside."""
    *others, newest = records.mine(claim)
    for other in others:
        where = f"{records.shown(other.path)}" if other.path else "elsewhere"
        print(f"shown is the newest, of {origin.site_named(newest.data.get('site'))};", end=" ", file=sys.stderr)
        print(f"of {origin.site_named(other.data.get('site'))}: report {where}", file=sys.stderr)
    return newest


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
    except OSError as error:
        return _complain(start_error("python -m benchmarks cannot go on", error), 1)
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
