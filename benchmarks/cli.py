"""`python -m benchmarks`: list the claims, measure them, read the records.

Exit status: 0 all went well; 1 something failed or gave nothing to judge; 2 wrong use, such as an unknown claim; 3 a server
that a named claim needs is not on this machine; 130 Ctrl+C, with every finished block kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks import records, words
from benchmarks.ledger import Row, UnknownClaimError, ledger
from labs.errors import LabError, Missing, OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.records import Record
    from benchmarks.runs import Step

INTERRUPTED = 130
COLOURS = {"holds": "blue", "holds when": "yellow", "no longer holds": "red", "undecided": "dim"}

app = typer.Typer(
    help="Measure what the 2006 chapter says, on this machine, and judge it by a rule written before.",
    epilog="Try: python -m benchmarks run fastcgi-startup --profile smoke",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# On a terminal tables fit its width; elsewhere nothing is cut off.
console = Console(highlight=False) if sys.stdout.isatty() else Console(width=200, highlight=False, soft_wrap=True)
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
    table = _table("claim", "kind", "runs", "the chapter says")
    for row in ledger():
        table.add_row(row.id, row.kind, "yes" if row.id in ready else "not yet", escape(row.statement))
    console.print(table)


@app.command()
def run(
    claims: Annotated[list[str] | None, typer.Argument(help="ids of claims, see: python -m benchmarks list")] = None,
    all_: Annotated[bool, typer.Option("--all", help="every claim that has an experiment")] = False,
    profile: Annotated[
        str, typer.Option(envvar="BOOK_PROFILE", help="smoke: does it run; lesson: a class; reference: the book")
    ] = "lesson",
    seed: Annotated[int, typer.Option(help="of the order of arms and of what users do")] = 1,
    site: Annotated[
        Path | None, typer.Option(help="folder of your own Django project; the newsroom without it")
    ] = None,
    settings: Annotated[str, typer.Option(help="its settings module, such as shop.settings")] = "",
    wsgi: Annotated[str, typer.Option(help="its WSGI application; default: beside the settings")] = "",
    python: Annotated[Path | None, typer.Option(help="its interpreter or virtual environment")] = None,
    page: Annotated[str, typer.Option(help="the path that is asked for on your site")] = "/",
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

      python -m benchmarks run fastcgi-startup --site ~/shop --settings shop.settings --page /
    """
    from benchmarks import experiments, profiles

    if bool(claims) == all_:
        raise typer.BadParameter("name claims, or give --all")
    if profile not in profiles.PROFILES:
        raise typer.BadParameter(f"--profile {profile}: one of {', '.join(profiles.PROFILES)}")
    ready = set(experiments.names())
    rows = [row for row in ledger() if row.id in ready] if all_ else [ledger()[each] for each in claims or []]
    lacking = [row.id for row in rows if row.id not in ready]
    if lacking:
        raise typer.BadParameter(
            f"{words.listed(lacking)}: no experiment yet; python -m benchmarks list shows which have one"
        )
    chosen = None
    if site or settings:
        if as_reference:
            raise typer.BadParameter("a reference record is of the newsroom: leave --site out")
        from labs.sites import project

        chosen = project(site, settings, wsgi, python)
    folder = records.REFERENCE if as_reference else records.new_folder(site=chosen is not None)
    how = {"folder": folder, "profile": profile, "seed": seed, "site": chosen, "page": page}
    told = [_run(row, how, quiet=as_json) for row in rows]
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
    from benchmarks.control import controls

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
    from benchmarks import scorecard as cards

    entries = cards.entries()
    if as_json:
        print(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    table = _table("claim", "verdict", "ratio (95 % interval)", "this machine")
    for entry in entries:
        claim, verdict, ratio, own = cards.line(entry)
        table.add_row(claim, _coloured(entry["verdict"], verdict), escape(ratio), escape(own))
    console.print(table)
    console.print("A ratio above 1 speaks for the chapter.")


@app.command()
def report(
    claim: Annotated[str, typer.Argument(help="id of a claim, or the path of a record")],
    own: Annotated[bool, typer.Option("--mine", help="this machine's newest record instead of the reference")] = False,
    as_json: Json = False,
) -> None:
    """Everything that was recorded for a claim: values, blocks, failures, machine, versions, and how to repeat it.

    Example: python -m benchmarks report fastcgi-startup
    """
    from benchmarks.report import report as text

    if claim.endswith(".json"):
        record = records.read(Path(claim))
    else:
        row = ledger()[claim]
        record = records.latest(row.id) if own else records.best(row.id)
    print(json.dumps(record.data, indent=1, ensure_ascii=False) if as_json else text(record))


@app.command()
def compare(
    claims: Annotated[
        list[str] | None, typer.Argument(help="ids of claims; all that have both records without")
    ] = None,
    as_json: Json = False,
) -> None:
    """This machine's newest record beside the book's: both verdicts, both ratios, and where the machines differ.

    Exit status 1 when a verdict is not the same.

    Example: python -m benchmarks compare fastcgi-startup
    """
    from benchmarks import comparison

    found = comparison.compare([ledger()[claim].id for claim in claims or []])
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(comparison.text(each) for each in found))
    if not all(each["agrees"] for each in found):
        raise typer.Exit(1)


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
        return _complain("Stopped. The blocks that were finished are kept.", INTERRUPTED)
    return int(status or 0)


def _run(row: Row, how: dict[str, Any], *, quiet: bool) -> tuple[dict[str, Any], int]:
    """Measure one claim and tell about it; what is told, and the exit status that it means."""
    from benchmarks import experiments, runs
    from benchmarks.scorecard import result

    screen = console
    if quiet:  # standard output is for a program; the run is told beside it, as wide as there
        width = None if sys.stderr.isatty() else 200
        screen = Console(stderr=True, highlight=False, width=width, soft_wrap=width is not None)
    experiment = experiments.get(row.id)
    screen.print(f"[bold]{row.id}[/bold]   {escape(row.statement)}{_expected(experiment)}")
    shown = _Lines(screen)
    entry: dict[str, Any] = {"id": row.id, "kind": row.kind}
    try:
        with shown:
            record = runs.measure(experiment, say=shown.step, **how)
    except Missing as missing:
        screen.print(f"  cannot run here  {escape(str(missing))}")
        return {**entry, "verdict": "cannot run here", "reason": str(missing), "record": None}, 3
    except LabError as error:
        screen.print(f"  failed           {escape(str(error))}")
        return {**entry, "verdict": None, "reason": str(error), "record": None}, 1
    _tell(screen, record)
    found = {**entry, **result(record), "record": records.shown(record.path) if record.path else None}
    return found, 1 if runs.failed(record) else 0


def _tell(screen: Console, record: Record) -> None:
    from benchmarks import runs
    from benchmarks.analysis import limiter
    from benchmarks.scorecard import result

    found = result(record)
    name = str(found["verdict"])
    rest = runs.sentence(record).removeprefix(name).removeprefix(":").strip()
    screen.print(f"  {_coloured(name, f'{name:<16}')} {escape(rest)}")
    void = sum(block.void is not None for block in record.blocks)
    if void:
        screen.print(
            f"                   {words.counted(void, 'block')} did not count: python -m benchmarks report {record.id} --mine"
        )
    if record.kind == "behaviour":
        for check in record.checks:
            mark = "as expected" if check["ok"] else f"expected {check['expected']}"
            screen.print(f"                   {escape(check['what'])}: {escape(check['seen'])} ({escape(mark)})")
    else:
        screen.print(f"  regime           {escape(record.experiment['regime'])}")
        limits = (limiter(record) or "not known").split("; ")
        screen.print(
            "\n                   ".join([f"  limited by       {escape(limits[0])}", *map(escape, limits[1:])])
        )
    book = records.find_reference(record.id)
    if book and book.path != record.path and "site" not in record.data:
        same = "the same" if result(book)["verdict"] == name else "not the same"
        screen.print(f"  in the book      {escape(runs.sentence(book))}: {same}")
    if record.path:
        screen.print(f"  record           {escape(records.shown(record.path))}", soft_wrap=True)


def _expected(experiment: Any) -> str:
    """What was written down before: the direction, and the smallest effect that matters."""
    side = getattr(experiment, "expected", None)
    if side is None:
        return ""
    better = f"{getattr(experiment, side)} better" if side in ("favoured", "against") else side
    return f"      expected: {escape(better)}; {100 * experiment.matters:.0f} % or more matters"


class _Lines:
    """Progress on a terminal in one line that is rewritten; elsewhere a line a block."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._status = screen.status("getting ready", spinner="line") if screen.is_terminal else None

    def __enter__(self) -> None:
        if self._status:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def step(self, step: Step) -> None:
        if self._status:
            self._status.update(f"{escape(str(step))}")
        elif step.over:
            self._screen.print(f"  {escape(str(step))}")


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def _coloured(verdict: str | None, text: str) -> str:
    colour = COLOURS.get(verdict or "", "dim")
    return f"[{colour}]{escape(text)}[/{colour}]"


def _complain(error: object, status: int) -> int:
    print(error, file=sys.stderr)
    return status
