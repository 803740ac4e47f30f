"""Commands that measure the measuring: the control, the campaign, and how often a verdict is the same."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from benchmarks import words
from benchmarks.commands.options import Profile
from benchmarks.commands.terminal import console
from labs.cli.arguments import Json

Reference = Annotated[
    bool, typer.Option("--record-as-reference", hidden=True, help="make it what the book shows, also without new runs")
]


def control(
    times: Annotated[int, typer.Option(help="how many runs", min=1)] = 10,
    profile: Profile = "lesson",
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


def campaign(
    rounds: Annotated[
        int,
        typer.Option(help="a session of each effect a round, and each by plain Locust; it holds two A/A pairs", min=0),
    ] = 5,
    hours: Annotated[
        float | None, typer.Option(help="stop after so many hours; the same command goes on", min=0)
    ] = None,
    profile: Profile = "lesson",
    simulate: Annotated[bool, typer.Option("--simulate", help="only the simulation: no server, some seconds")] = False,
    as_reference: Reference = False,
) -> None:
    """False alarms where there is no effect, and how small a known one is found: by this harness, and by plain Locust.

    5 rounds of the lesson profile take about an hour and a half. Each finished session is kept; the same command goes on.

    Examples:

      python -m benchmarks campaign --simulate

      python -m benchmarks campaign --rounds 1 --profile smoke

      python -m benchmarks campaign --hours 2
    """
    from benchmarks.trust import campaign as campaigns
    from benchmarks.trust import evidence, simulated

    if simulate:
        _show("Error rates of the stop rule", simulated.errors_table())
        _show("Intervals that hold the truth", simulated.coverage_table())
        _show("Short runs that are said to differ", simulated.prediction_table())
        return
    path = campaigns.default(_known(profile))
    found = campaigns.carry_on(path, profile=profile, rounds=rounds, hours=hours, say=_say)
    _show("A/A: the same arm twice", evidence.alarms_table(found))
    _show("Effects of a known size", evidence.power_table(found))
    if as_reference:
        found.publish()


def reproduce(
    claims: Annotated[
        list[str] | None, typer.Argument(help="ids of claims; all that have an experiment without")
    ] = None,
    times: Annotated[int, typer.Option(help="runs of each claim", min=1)] = 10,
    noisy: Annotated[bool, typer.Option("--noisy", help="beside a process that burns one CPU half the time")] = False,
    profile: Profile = "lesson",
    as_reference: Reference = False,
) -> None:
    """Measure claims again and again: how often is the verdict that of the book? "undecided" counts as different.

    Each finished run is kept at once; the same command goes on with those that are missing.

    Examples:

      python -m benchmarks reproduce fastcgi-startup --times 3 --profile smoke

      python -m benchmarks reproduce --times 10 --noisy
    """
    from benchmarks import experiments
    from benchmarks.plan.ledger import ledger
    from benchmarks.trust import agreement, reproduction

    ready = experiments.names()
    chosen = [ledger()[claim].id for claim in claims or ready]
    runs = reproduction.reproduce(chosen, times=times, noisy=noisy, profile=_known(profile), say=_say)
    _show("The same verdict", agreement.table(agreement.agreements(runs, agreement.recorded())))
    if as_reference:
        reproduction.publish(profile)


def _known(profile: str) -> str:
    from benchmarks.plan.profiles import PROFILES

    if profile not in PROFILES:
        raise typer.BadParameter(f"--profile {profile}: one of {', '.join(PROFILES)}")
    return profile


def _say(line: str) -> None:
    console.print(f"{time.strftime('%H:%M:%S')}  {line}", markup=False)


def _show(title: str, table: object) -> None:
    console.print(f"\n{title}\n\n{table!r}", markup=False)
