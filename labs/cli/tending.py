"""Commands that clear up, and that say what the labs cost."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from labs.cli.application import app, fail
from labs.cli.arguments import Json
from labs.errors import LabError


@app.command()
def reset(as_json: Json = False) -> None:
    """Stop and remove what a power cut or a killed keeper left. Deployments that are in use are not touched.

    Example: python -m labs reset
    """
    from labs.supervisor.reset import reset as clear

    removed = clear()
    if as_json:
        print(json.dumps(removed))
    elif removed:
        for entry in removed:
            print(f"removed {entry['folder']}, processes ended: {entry['processes']}")
    else:
        print("Nothing to clear.")


@app.command()
def startup(
    deployments: Annotated[list[str] | None, typer.Argument(help="deployments; all of them without")] = None,
    times: Annotated[int, typer.Option(help="starts of each, in turn", min=1)] = 5,
    as_json: Json = False,
) -> None:
    """Seconds to the first good answer, beside the same servers started by hand: what these labs add.

    Example: python -m labs startup gunicorn fastcgi-nginx --times 5
    """
    from labs.runtime.startup import compare

    try:
        compared = compare(deployments or [], times=times)
    except LabError as error:
        fail(error)
    print(json.dumps(compared.rows(), indent=2) if as_json else compared)
