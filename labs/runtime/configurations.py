"""The configuration files of one deployment: written once, shown, and changed for a lab that makes a mistake on purpose."""

from __future__ import annotations

from collections.abc import Sequence

from labs import paths
from labs.errors import LabError
from labs.own import redaction
from labs.runtime.configuration import Configuration
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.relocation import mover, taken
from labs.site import Site


class Configurations:
    """What the servers of a deployment read when they start.

    name     of the deployment, for messages
    servers  the front-end last
    """

    def __init__(self, name: str, servers: Sequence[Server], folder: Folder, sites: Sequence[Site]) -> None:
        self.name, self._servers, self._folder, self._sites = name, tuple(servers), folder, tuple(sites)

    def write(self) -> None:
        """Write every file. No two servers may have one of the same name. Raises LabError where they have."""
        owners: dict[str, Server] = {}
        written: dict[str, str] = {}
        with taken(mover([("{folder}", str(self._folder.path))])):
            for server in self._servers:
                for file, text in server.files(self._folder).items():
                    if file in owners:
                        raise LabError(f"{owners[file].label} and {server.label} of {self.name} both write {file}.")
                    owners[file], written[file] = server, text
        for file, text in written.items():
            self._folder.write(file, text)

    def texts(self) -> dict[str, str]:
        """Name -> text as it stands in the folder."""
        files = (file for server in self._servers for file in server.files(self._folder))
        # A table of types is nobody's choice: distributions bring one ready made
        files = (file for file in files if not file.endswith(redaction.UNREAD))
        return {file: (self._folder / file).read_text("utf-8") for file in files}

    def one(self, name: str | None = None) -> Configuration:
        """A finished file; without a name, the front-end's. Raises LabError for one that there is not."""
        files = self.texts()
        name = name or list(files)[-1]
        if name not in files:
            raise LabError(f"{self.name} has no file {name}. It has: {', '.join(files)}.")
        return Configuration(name, paths.short(files[name]), self._language(name))

    def _language(self, name: str) -> str:
        """Of a file of configuration; a program beside one is shown plain."""
        owners = [server for server in self._servers if name in server.files(self._folder)]
        return owners[0].language if owners and name.startswith(owners[0].stem) else "text"

    def public(self) -> dict[str, str]:
        """Every file, with this run's paths and ports replaced by names.

        Of a reader's project neither its place nor the values of the variables that it was given are in them.
        """
        texts = self.texts()
        if any(site.private for site in self._sites):
            texts = redaction.texts(self._servers, self._folder)
        return {name: redaction.nameless(self._folder.neutral(text), self._sites) for name, text in texts.items()}

    def edit(self, name: str, old: str, new: str = "") -> Configuration:
        """Replace a piece of a file. Raises LabError when the piece is not there."""
        text = self.texts().get(name, "")
        if old not in text:
            raise LabError(f"{self.name} has nothing in {name} that reads {old!r}. config({name!r}) shows the file.")
        self._folder.write(name, text.replace(old, new))
        return self.one(name)
