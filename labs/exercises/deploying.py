"""Exercises about putting a project of one's own behind a server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from labs import deploy
from labs.exercises.exercise import Step, exercise
from labs.runtime.shell import Shell
from labs.site import Site

PRODUCTION = """\
from shop.settings import *

DEBUG = False
ALLOWED_HOSTS = {hosts!r}
"""


@exercise("allowed-hosts")
def allowed_hosts(hosts: Sequence[str]) -> Iterator[Step]:
    """Put a fresh project online with DEBUG off: it answers to its own host name, and to no other."""
    with Shell() as shell:
        site = fresh_project(shell.folder.path / "shop", hosts)
        with deploy("gunicorn-nginx", site=site, workers=1) as running:
            own = running.get(site.ready)
            yield Step(
                "it answers to 127.0.0.1",
                own.status == 200,
                seen=str(own.status),
                hint="The reader's browser sends the name from its address bar; here that is 127.0.0.1.",
            )
            other = running.get(site.ready, headers={"Host": "www.example.com"})
            yield Step(
                "it refuses www.example.com",
                other.status == 400,
                seen=str(other.status),
                hint="A star lets every name in. Whatever name comes in may come out again, in links and in mails.",
            )


def fresh_project(folder: Path, hosts: Sequence[str]) -> Site:
    """What `startproject shop` makes, in `folder`, with settings for production beside its own."""
    folder.mkdir()
    made = [sys.executable, "-m", "django", "startproject", "shop", str(folder)]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    (folder / "shop" / "production.py").write_text(PRODUCTION.format(hosts=list(hosts)), "utf-8")
    # Its one page that needs no database
    return Site(folder=folder, settings="shop.production", wsgi="shop.wsgi:application", ready="/admin/login/")
