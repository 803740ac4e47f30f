"""Apache with mod_python: the chapter's preferred stack."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

from labs import quoting
from labs.paths import BYTECODE
from labs.servers.apache import Apache
from labs.servers.embedding import EmbeddingApache
from labs.servers.folder import Folder
from labs.servers.module import Module
from labs.servers.place import Place

ENDINGS = r"\.(jpg|gif|png|svg|css)$"  # the chapter's three, and those of the labs' own sites

Handler = Literal["django_modpython", "mod_python.wsgi"]
OURS: Handler = "django_modpython"
BUNDLED: Handler = "mod_python.wsgi"


@dataclass(frozen=True, kw_only=True)
class ModPython(EmbeddingApache):
    """Apache whose children run Django themselves, by mod_python.

    debug         PythonDebug: whether a visitor sees the traceback of what the site does not catch
    autoreload    PythonAutoReload: whether the handler's file is looked at for each request
    interpreters  PythonInterpreter, a name for each place; without, mod_python has one interpreter for each host
    handler       "django_modpython", of these labs, or "mod_python.wsgi", which mod_python brings
    by            how files are told from pages: their "path", or the "ending" of their name

    A site's working folder is its project's, but for two projects in the same processes, and under the handler that
    mod_python brings: they stay in Apache's own, the deployment's.
    """

    debug: bool = False
    autoreload: bool = False
    interpreters: tuple[str, ...] = ()
    handler: Handler = OURS
    by: Literal["path", "ending"] = "path"

    module: ClassVar[Module] = Module(
        name="mod_python",
        apt="libapache2-mod-python",
        file="mod_python.so",
        apache=Apache.program,
        says=r"mod_python/(\d+\.\d+\.\d+)",
    )
    further = ("env",)  # SetEnv
    # What Python writes to standard error comes unadorned
    alert: ClassVar[str | None] = rf"{Apache.alert}|exit signal|^Traceback|^\w*Error:"
    # Told to end, a child may wait for the interpreter's lock, which it holds itself, until Apache kills it after ten seconds;
    # there is nothing to wait for, since Apache breaks requests off at this signal.
    patience = 3.0

    def dynamic_piece(self, folder: Folder) -> str:
        return self.piece("python", module=self.module.find().path, folder=folder.path, stem=self.stem)

    def site_pieces(self, folder: Folder, places: Sequence[Place]) -> Iterator[str]:
        yield self.piece("slashes")
        for place in places:
            if place.site is None:
                continue
            if place.path:
                yield self.piece("below-slash", path=place.path)
            yield self.site_piece(folder, place)
            if self.by == "ending" and place.files:
                yield self.piece("python-files", match="Match", where=ENDINGS)
            elif place.files:
                yield from (self.piece("python-files", match="", where=url) for url, _ in place.folders)

    def site_piece(self, folder: Folder, place: Place) -> str:
        assert place.site is not None
        site = place.site
        application = "::".join(site.wsgi.split(":")) if self.handler == BUNDLED else ""
        variables = {"DJANGO_SETTINGS_MODULE": site.settings, **site.environment}
        if (bytecode := self.bytecode(folder)) != BYTECODE:
            variables["PYTHONPYCACHEPREFIX"] = str(bytecode)
        home = self.working_folder if self.handler == OURS else None
        interpreter = self.interpreters[self.places.index(place)] if self.interpreters else ""
        return self.piece(
            "python-site",
            where=place.path or "/",
            handler=self.handler,
            path=quoting.apache(", ".join(repr(str(path)) for path in self.path_of(site))),
            environment="\n".join(
                f'SetEnv              {name} "{quoting.apache(folder.resolve(value))}"'
                for name, value in variables.items()
            ),
            home=self.piece("python-home", home=home) if home else "",
            debug="On" if self.debug else "Off",
            autoreload="On" if self.autoreload else "Off",
            interpreter=self.piece("python-interpreter", interpreter=interpreter) if interpreter else "",
            application=f"PythonOption mod_python.wsgi.application {application}" if application else "",
        )

    def _compile(self, package: Path) -> None:
        """Write the byte code of what is loaded before the handler is.

        Apache's parent imports some of it, maybe as root, and must not run what the account that serves may write. That
        account's processes import the rest, and can write none of it here: each would compile it, and keep the memory.
        """
        library = self.python.library
        parts = [package, library, *(library / name for name in ("collections", "encodings", "importlib"))]
        _compiled(self.sites[0].python, tuple(parts))

    def environment(self, folder: Folder) -> Mapping[str, str]:
        packages = self.module.find().path.parents[2] / "python3" / "dist-packages"
        # mod_python imports its own package before it reads a PythonPath
        own = {**super().environment(folder), "PYTHONPATH": str(packages), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
        if self.bytecode(folder) != BYTECODE:
            self._compile(packages / "mod_python")
        if self.handler == OURS:
            return own
        # The bundled handler hands SetEnv to nobody: the site's variables must be Apache's own
        return {**own, **{key: value for site in self.sites for key, value in site.launch_environment().items()}, **own}


@cache
def _compiled(python: Path, folders: tuple[Path, ...]) -> None:
    """Once for a process of ours: a second the first time on a machine, and then it only compares dates."""
    command = [str(python), "-m", "compileall", "-q", "-l", *map(str, folders)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False, timeout=60)
