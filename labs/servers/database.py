"""What every database server has in common: data that are made once, and copied for each deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import quote

from labs.servers.base import Server, passed_on
from labs.servers.folder import Folder
from labs.servers.program import Found, Program
from labs.servers.python import module_version
from labs.site import Site

SEED = "labs_seed"  # of labs/apps: runs in the site's interpreter


@dataclass(frozen=True, kw_only=True)
class Database(Server):
    """A server that keeps the tables of a site.

    contents  the site whose tables it begins with: its migrations, and the rows of its SQLite file; None: no table
    role      whom the site connects as; it owns the database, and nothing else
    password  of that role; the same in every deployment, good for the addresses of one machine only
    database  the database's name
    """

    contents: Site | None = None
    role: str = "site"
    password: str = "loopback-only"  # noqa: S105 - said in the book, as the newsroom's own
    database: str = "site"

    scheme: ClassVar[str]  # of the URL that names it in a site's variable
    driver: ClassVar[Program]  # the package by which Django talks to it
    source: ClassVar[str]  # the module that makes its data

    @property
    def url(self) -> str:
        """Where a site finds its tables, as its variable says it; the address is filled in by the deployment's folder."""
        who = f"{quote(self.role)}:{quote(self.password)}"
        return f"{self.scheme}://{who}@{{{self.listen.name}}}/{quote(self.database)}"

    def given_to(self, site: Site) -> Site:
        """The same site on this database. Raises OptionError when no variable of the site's names one."""
        return replace(site.with_environment(database=self.url), database=None)

    @classmethod
    def needs(cls) -> dict[str, Program]:
        return {**super().needs(), cls.driver.name: cls.driver}

    def find(self) -> Found:
        """The program; and the driver, in the interpreter of the site. Raises Missing."""
        found = super().find()
        if self.contents is not None:
            self.driver_version(self.contents)
        return found

    def driver_version(self, site: Site) -> str:
        """Raises Missing where the site's interpreter has no driver."""
        return module_version(site.python, self.driver.name, self.driver, site.lent).version

    def versions(self) -> dict[str, str]:
        driver = {} if self.contents is None else {self.driver.name: self.driver_version(self.contents)}
        return {**super().versions(), **driver}

    def data(self, folder: Folder) -> Path:
        """The folder of its tables."""
        return folder / self.label

    def make(self, folder: Folder) -> None:
        """Make an empty database in `data`, with the role that owns it. Nothing runs afterwards.

        Raises LabError, with the program's own words, when it cannot be made.
        """
        raise NotImplementedError

    def settle(self, folder: Folder) -> None:
        """Make what it needs around its data and its files before it starts, such as a folder of its sockets."""

    def alone(self) -> Self:
        """The same server as it is while it is filled: nobody waits for the disk, and it is on this machine."""
        return replace(self, machine=None)

    def seed(self, folder: Folder, site: Site) -> tuple[list[str], dict[str, str]]:
        """The command that makes the site's tables and loads its rows while this server runs, and its variables."""
        told = self.given_to(site)
        rows = [str(site.database)] if site.database else []
        variables = {name: folder.resolve(value) for name, value in told.launch_environment().items()}
        own = {"LABS_FOLDER": str(folder.path), "TMPDIR": str(folder.tmp)}
        into = f"{folder.endpoint(self.listen)}/{self.database}"
        return [str(site.python), "-m", SEED, into, *rows], {**passed_on(), **own, **variables}

    def finish(self, folder: Folder) -> None:
        """Leave out of the data, once it has been filled and stopped, what no copy needs."""

    def ingredients(self, folder: Folder) -> tuple[object, ...]:
        """What its empty database depends on, as far as this class knows: a change of it makes a new one."""
        return (self.label, self.role, self.password, self.database, self.find().path, self.find().version)
