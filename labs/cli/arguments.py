"""Options of a command line that say which project is meant, the same in every program."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from labs.errors import OptionError
from labs.own.find import Own, Said, own
from labs.own.isolation import UnconfirmedError
from labs.servers.base import START_TIMEOUT

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Folder = Annotated[Path | None, typer.Option(help="folder of your Django project; the newsroom without it")]
Settings = Annotated[
    str, typer.Option(help="its settings module, such as shop.settings; default: what manage.py or wsgi.py names")
]
Wsgi = Annotated[str, typer.Option(help="its WSGI application; default: what its settings name")]
Python = Annotated[
    Path | None, typer.Option(help="its interpreter or virtual environment; default: .venv in its folder")
]
Env = Annotated[list[str] | None, typer.Option(help="NAME=VALUE that its settings need; again for each")]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="a file of such variables, such as .env; --env comes before it")
]
Debug = Annotated[str, typer.Option(help="off or on: DEBUG for this run; as-is: what its settings say")]
Database = Annotated[str, typer.Option(help="copy: of SQLite files; mine: let your pages use your own database")]
Confirm = Annotated[str, typer.Option(help="the name of that database, with --database mine")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="say what is copied, how large and where, and what guards the rest; then stop")
]
Media = Annotated[Path | None, typer.Option("--media-folder", help="its media files; default: MEDIA_ROOT")]
Static = Annotated[Path | None, typer.Option("--static", help="its collected static files; default: STATIC_ROOT")]
Other = Annotated[Path | None, typer.Option(help="folder of a second project, for a sites-… deployment")]
OtherPage = Annotated[str, typer.Option("--other-page", help="the path that is asked for on that one")]
Page = Annotated[str, typer.Option(help="the path that is asked for on your site: a page that anybody may see")]
Verbose = Annotated[bool, typer.Option("--verbose", help="a line too for each check that was not asked, and why")]
StartTimeout = Annotated[
    float,
    typer.Option(
        "--start-timeout", min=0.1, help="seconds that the settings, and then the servers and the page, may take"
    ),
]


def said(
    site: Path | None,
    settings: str,
    wsgi: str,
    python: Path | None,
    env: list[str] | None,
    database: str,
    media: Path | None,
    static: Path | None,
    page: str = "/",
    confirm: str = "",
    *,
    env_file: Path | None = None,
    debug: str = "as-is",
    start_timeout: float = START_TIMEOUT,
    other: Path | None = None,
) -> Said | None:
    """What was said of a project, or None where none is meant.

    other  the folder of a second project: then debug is of that one too

    Raises OptionError for what is said of a project that nobody named.
    """
    if database not in ("copy", "mine"):
        raise OptionError(
            f"--database {database}: it is copy, or mine, of a project of your own. The newsroom gets a server of its own by "
            "--set database=postgresql."
        )
    if not (site or settings):
        of_a_project = {
            "--wsgi": wsgi,
            "--env": env,
            "--env-file": env_file,
            "--debug": debug != "as-is" and not other,
            "--media-folder": media,
            "--static": static,
            "--page": page != "/",
        }
        if stray := [option for option, value in of_a_project.items() if value]:
            raise OptionError(f"{' and '.join(stray)}: of a project of your own. Name its folder: --site ~/shop")
        return None
    return Said(
        folder=site,
        settings=settings,
        wsgi=wsgi,
        python=python,
        env=tuple(env or ()),
        env_file=env_file,
        debug=debug,
        start_timeout=start_timeout,
        database=database,
        media=media,
        static=static,
        page=page,
        confirm=confirm,
    )


def chosen(said: Said | None) -> Own | None:
    """The project as it is run. Whoever sits at a terminal is asked for the name of a database that is to be written to.

    Raises OptionError, as `own` does.
    """
    if said is None:
        return None
    try:
        return own(said)
    except UnconfirmedError as error:
        if said.confirm or not sys.stdin.isatty():
            raise
        print(str(error).partition(" Confirm it")[0], file=sys.stderr)
        return own(replace(said, confirm=typer.prompt(f"Type its name, {error.name}, to allow it", err=True)))
