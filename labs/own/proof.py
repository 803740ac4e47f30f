"""Before a reader's project serves: every place that its settings and models write to is proved to lie in the run's folder."""

from __future__ import annotations

import time

from labs.errors import NotProvedError, StartError
from labs.own.isolation import own_settings
from labs.servers.advice import advice
from labs.servers.base import passed_on
from labs.servers.folder import Folder
from labs.site import Site
from labs.supervisor.keeper import Keeper

MARK = "not proved: "  # labs_own_site prints it
NOT_PROVED = 3
WITHIN = 60.0  # seconds that loading a project may take, where no other time was asked for

_proved: set[tuple[str, str]] = set()  # sites of this process of ours, by what they are and by their guard


def prove(keeper: Keeper, folder: Folder, site: Site, within: float = WITHIN) -> None:
    """Load the project once, as its servers will, and refuse what cannot be proved, by name.

    The processes that serve prove it too, each for itself; this is where the reader is described in time. Once for each site.

    Raises NotProvedError for a project that writes elsewhere, StartError for one that does not load.
    """
    key = (repr(site), folder.guard)
    if not site.place or key in _proved:
        return
    log = folder.log / "proof.log"
    environment = {name: folder.resolve(value) for name, value in site.launch_environment().items()}
    environment |= {**passed_on(), "LABS_FOLDER": str(folder.path), "TMPDIR": str(folder.tmp)}
    command = [str(site.python), "-m", "labs_own_site"]
    pid = keeper.spawn(command, environment=environment, log=log)
    end = time.monotonic() + within
    while (status := keeper.ended().get(pid)) is None:
        if time.monotonic() > end:
            keeper.stop(pid)
            raise StartError(
                f"Loading {own_settings(site)} and its apps took more than {within:g} s. --start-timeout gives it more."
            )
        time.sleep(0.01)
    said = log.read_text("utf-8", "replace")
    if status == NOT_PROVED:
        names = [line.removeprefix(MARK) for line in said.splitlines() if line.startswith(MARK)]
        raise NotProvedError(refusal(site, names))
    if status:
        raise StartError("\n".join([f"{own_settings(site)} and its apps do not load:", *_last(said), *_tries(said)]))
    log.unlink()
    _proved.add(key)


def refusal(site: Site, names: list[str]) -> str:
    """What a reader is described of a project that writes elsewhere."""
    listed = "\n".join(f"  {name}" for name in names)
    return (
        f"{own_settings(site)} is not run, since what it writes would not all land in the run's folder:\n{listed}\n"
        "Name another place in the settings that you measure with, below MEDIA_ROOT or in the project's folder."
    )


def _last(said: str) -> list[str]:
    return [f"  {line}" for line in said.strip().splitlines()[-8:]]


def _tries(said: str) -> list[str]:
    return [f"  try      {each}" for each in advice(said)]
