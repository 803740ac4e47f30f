"""Apache with mod_wsgi, which came after mod_python: the site in Apache's own processes, or in processes beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from labs import quoting
from labs.errors import NotHere
from labs.servers.account import is_root
from labs.servers.apache import Apache
from labs.servers.embedding import EmbeddingApache
from labs.servers.folder import Folder
from labs.servers.module import Module
from labs.servers.place import Place
from labs.servers.relocation import there
from labs.site import Site


@dataclass(frozen=True, kw_only=True)
class ModWsgi(EmbeddingApache):
    """Apache that runs Django by mod_wsgi.

    mode              "embedded": in the processes that serve connections; "daemon": in processes for Python alone; None:
                      daemon, but for root where nobody else can serve: mod_wsgi's daemons refuse to be root's
    daemons           processes of the daemon mode
    daemon_threads    threads of each

    A site's working folder is its project's, but for two projects in the processes of embedded mode: they stay in Apache's
    own, the deployment's.
    """

    mode: Literal["embedded", "daemon"] | None = None
    daemons: int = 1
    daemon_threads: int = 5

    module: ClassVar[Module] = Module(
        name="mod_wsgi",
        apt="libapache2-mod-wsgi-py3",
        dnf="python3-mod_wsgi",
        pacman="mod_wsgi",
        file="mod_wsgi.so",
        apache=Apache.program,
        says=r"wsgi_init\0+(\d+\.\d+\.\d+)",
    )

    def files(self, folder: Folder) -> dict[str, str]:
        if self.mode == "daemon" and not self.is_daemon(folder):
            raise NotHere(
                f"mod_wsgi's daemons refuse to run as root, and no other account can enter {folder.path}, the project and "
                "its Python. mode='embedded' serves here; so does a checkout that others may enter."
            )
        scripts = {self.script(place): self.script_piece(folder, place) for place in self.places if place.site}
        return {**scripts, **super().files(folder)}

    def chosen(self, folder: Folder) -> dict[str, object]:
        return {} if self.mode else {"mode": "daemon" if self.is_daemon(folder) else "embedded"}

    def private(self) -> set[str]:
        return {self.script(place) for place in self.places if place.site}

    def is_daemon(self, folder: Folder) -> bool:
        return self.mode != "embedded" and not (is_root() and self.works_as(folder) is None)

    def shared(self, folder: Folder) -> bool:
        return super().shared(folder) and not self.is_daemon(folder)

    def script(self, place: Place) -> str:
        """The file that mod_wsgi loads for a place's site."""
        words = [self.name, "" if place.name == "django" else place.name]
        return f"{'-'.join(filter(None, words)) or 'site'}.wsgi"

    def script_piece(self, folder: Folder, place: Place) -> str:
        assert place.site is not None
        module, name = place.site.wsgi.split(":")
        variables = {"DJANGO_SETTINGS_MODULE": place.site.settings, **place.site.environment}
        lines = "".join(f"    {key!r}: {folder.resolve(value)!r},\n" for key, value in variables.items())
        home = None if self.is_daemon(folder) else self.working_folder
        words = ", ".join(repr(there(str(each))) for each in self.path_of(place.site))
        return self.template(
            "site.wsgi",
            {
                "environment": "{\n" + lines + "}",
                "home": self.template("home.wsgi", {"home": home}) if home else "",
                "path": self.template("path.wsgi", {"path": words}) if self.shared(folder) else "",
                "module": module,
                "name": name.removesuffix("()"),
                "application": "" if name == "application" else f"application = {name}",
            },
        )

    def environment(self, folder: Folder) -> dict[str, str]:
        # Apache's parent, which may be root, runs no Python: each process starts its own (WSGILazyInitialization)
        return {**super().environment(folder), "PYTHONPYCACHEPREFIX": str(self.bytecode(folder))}

    def dynamic_piece(self, folder: Folder) -> str:
        once = self.piece("wsgi", module=self.module.find().path, sockets=folder.sockets)
        return once + "\n".join(self.process_pieces(folder))

    def process_pieces(self, folder: Folder) -> Iterator[str]:
        """Where Python runs, and what it finds there."""
        if not self.is_daemon(folder):
            yield self.piece("wsgi-embedded", home=self.python.home, path=self.joined(self.sites))
            return
        for place in self.places:
            if place.site is not None:
                path = self.joined([place.site])
                counts = {"processes": self.daemons, "threads": self.daemon_threads}
                project = place.site.folder
                yield self.piece(
                    "wsgi-daemon", name=place.name, project=project, home=self.python.home, path=path, **counts
                )
        yield self.piece("wsgi-restricted")

    def joined(self, sites: Sequence[Site]) -> str:
        """Where Python finds these sites, as one word."""
        return quoting.apache(there(":".join(str(each) for site in sites for each in self.path_of(site))))

    def site_pieces(self, folder: Folder, places: Sequence[Place]) -> Iterator[str]:
        yield self.piece("slashes-one")
        alone = self.is_daemon(folder) or len(self.sites) == 1  # in its process
        for place in places:
            if place.site is None:
                continue
            if place.path:
                yield self.piece("below-slash", path=place.path)
            group = self.piece("wsgi-group", name=place.name) if self.is_daemon(folder) else ""
            yield self.piece(
                "wsgi-site",
                where=place.path or "/",
                folder=folder.path,
                file=self.script(place),
                group=group,
                interpreter=self.piece("wsgi-global" if alone else "wsgi-interpreter", name=place.name),
            )
