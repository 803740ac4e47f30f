"""Apache with a module that runs Python inside Apache's own processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from labs.paths import APPS, BYTECODE
from labs.servers.account import Account, account_for
from labs.servers.apache import Apache
from labs.servers.folder import Folder
from labs.servers.module import Embedded, Module, embedded, packages_of
from labs.servers.program import Found, Program
from labs.site import Site


@dataclass(frozen=True, kw_only=True)
class EmbeddingApache(Apache):
    """Apache that loads a module with a Python in it; its places have sites and no back-ends."""

    module: ClassVar[Module]

    def find(self) -> Found:
        """Apache. Raises Missing without the module too, and for a site whose Python is not the one that it embeds."""
        found = super().find()
        for site in self.sites:
            self.path_of(site)
        return found

    def versions(self) -> dict[str, str]:
        return {**super().versions(), self.module.name: self.module.find().version}

    @property
    def sites(self) -> list[Site]:
        return [place.site for place in self.places if place.site is not None]

    @property
    def python(self) -> Embedded:
        """The Python that the module embeds. Raises Missing."""
        return embedded(self.module.find(), self.module.name)

    def path_of(self, site: Site) -> list[Path]:
        """Where Python finds the project, what the labs lend it, and the packages of its environment. Raises Missing."""
        return [site.folder, *site.path, APPS, *packages_of(site, self.python, self.module.name), *site.lent]

    @property
    def working_folder(self) -> Path | None:
        """The working folder of the processes that run the site: the project's, as under manage.py. A process has one: where
        it runs two projects, neither is given its own, since each would find the other's files by a relative path."""
        folders = {site.folder for site in self.sites}
        return folders.pop() if len(folders) == 1 else None

    def shared(self, folder: Folder) -> bool:
        """Whether two projects run in the same processes."""
        return self.working_folder is None

    def works_as(self, folder: Folder) -> Account | None:
        """The account that web servers have, where it can get to everything that the sites are made of."""
        files = [path for place in self.places for path in place.files.values()]
        media = [site.media for site in self.sites]
        return account_for(
            folder.path, self.python.home, *files, *media, *(p for s in self.sites for p in self.path_of(s))
        )

    def workers_account(self, folder: Folder) -> Account | None:
        return self.works_as(folder)

    @property
    def interface(self) -> str:
        return self.module.name

    @classmethod
    def needs(cls) -> dict[str, Program]:
        return {cls.module.name: cls.module, cls.title: cls.program}

    def environment(self, folder: Folder) -> Mapping[str, str]:
        return {"PYTHONHOME": str(self.python.home)}

    def writes(self, folder: Folder) -> tuple[Path, ...]:
        return (self.bytecode(folder),)

    def bytecode(self, folder: Folder) -> Path:
        """Where the processes that serve keep what they compile. Another account gets a folder of its own."""
        account = self.works_as(folder)
        if account is None:
            return BYTECODE
        own = BYTECODE.with_name(f"{BYTECODE.name}-{account.user}")
        own.mkdir(parents=True, exist_ok=True)
        if own.owner() != account.user:
            account.own(own)
        return own
