"""A private folder to run commands in, such as `runfcgi`: whatever they leave in the background ends with it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from labs import paths
from labs.errors import LabError
from labs.own import copies, proof
from labs.own.shield import described, shield
from labs.runtime import processes
from labs.servers.base import passed_on
from labs.servers.folder import Folder
from labs.site import Site
from labs.supervisor.keeper import Keeper


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command came to. status is its exit status, negative for a signal, None while it runs."""

    command: str
    status: int | None
    output: str
    seconds: float
    pid: int

    def __repr__(self) -> str:
        ending = "still running" if self.status is None else f"exit status {self.status}"
        return f"$ {self.command}\n{self.output.rstrip()}\n({ending})".replace("\n\n(", "\n(")


class Shell:
    """A folder of its own, a site's environment, and a keeper: a daemon that detaches itself is still found.

    site  whose settings and interpreter the commands get; the newsroom when none is named
    """

    def __init__(self, site: Site | None = None, *, name: str = "shell") -> None:
        if site is None:
            from labs.newsroom import site as newsroom

            site = newsroom()
        self.site = site
        self._keeper = Keeper(paths.RUN, name)
        self.folder = Folder(self._keeper.folder, self._keeper.sockets).make()
        self._runs = 0
        try:
            copies.prepare(site, self.folder)
            shield(self._keeper, self.folder, [site], [paths.BYTECODE])
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __truediv__(self, name: str) -> Path:
        """The path of a file in the folder."""
        return self.folder / name

    def environment(self) -> dict[str, str]:
        """What a command gets: the site's variables, and those of the reader's that programs need."""
        own = {name: self.folder.resolve(value) for name, value in self.site.launch_environment().items()}
        return {**passed_on(), "LABS_FOLDER": str(self.folder.path), **own}

    def prove(self, within: float = proof.WITHIN) -> None:
        """See that all that a reader's project writes lies in the folder; loading it may take so many seconds.

        Raises NotProvedError, with every name that does not.
        """
        proof.prove(self._keeper, self.folder, self.site, within)

    def start(self, *command: str, environment: Mapping[str, str] | None = None) -> int:
        """Start a command and return its process number at once; its output goes to a log in the folder."""
        self._runs += 1
        return self._keeper.spawn(
            [word.replace("{folder}", str(self.folder.path)) for word in command],
            environment={**self.environment(), **(environment or {})},
            log=self.folder.log / f"{self._runs}.log",
        )

    def run(self, *command: str, seconds: float = 30.0, environment: Mapping[str, str] | None = None) -> Result:
        """Run a command to its end and return what it came to.

        `{folder}` in a word is this folder. Raises LabError when it takes longer than `seconds`.
        """
        begun = time.monotonic()
        pid = self.start(*command, environment=environment)
        log = self.folder.log / f"{self._runs}.log"
        while (status := self._keeper.ended().get(pid)) is None:
            if time.monotonic() - begun > seconds:
                self._keeper.stop(pid)
                raise LabError(f"{shlex.join(command)} did not end within {seconds:g} s. It said: {log.read_text()}")
            time.sleep(0.01)
        return Result(
            command=self._short(command),
            status=status,
            output=self.folder.neutral(log.read_text("utf-8", "replace")),
            seconds=time.monotonic() - begun,
            pid=pid,
        )

    def manage(self, *arguments: str, seconds: float = 30.0) -> Result:
        """`python manage.py …` of the site."""
        return self.run(*self._manage(arguments), seconds=seconds)

    def start_manage(self, *arguments: str) -> int:
        """The same, in the foreground of nobody: returns its process number at once."""
        return self.start(*self._manage(arguments))

    def _manage(self, arguments: Sequence[str]) -> list[str]:
        if self.site.manage is None:
            raise LabError(f"The site {self.site.settings} names no manage.py.")
        return [str(self.site.python), str(self.site.manage), *arguments]

    def _short(self, command: Sequence[str]) -> str:
        words = [
            "python" if word == str(self.site.python) else Path(word).name if word == str(self.site.manage) else word
            for word in command
        ]
        return self.folder.neutral(shlex.join(words))

    def ended(self, pid: int) -> int | None:
        """The exit status of a command that was started, None while it runs."""
        return self._keeper.ended().get(pid)

    def answers(self, path: str = "/hello/", *, socket: str = "site.sock", seconds: float = 10.0) -> int | None:
        """The status of the first answer of a FastCGI server on a socket in the folder; None when there is none in time."""
        from labs.clients.fastcgi import ConversationError, request

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return request(str(self.folder / socket), path).status
            except ConversationError:
                time.sleep(0.02)
        return None

    def processes(self) -> list[psutil.Process]:
        """Everything that runs, detached daemons included."""
        return processes.living(self._keeper.family())

    def close(self) -> None:
        """End everything and remove the folder."""
        self._keeper.end()


def proved(site: Site, within: float = proof.WITHIN) -> str:
    """Prove a reader's project in a folder of its own, before anything is deployed; which guard this system gives, as a sentence.

    Raises as `labs.own.proof.prove` does.
    """
    with Shell(site, name="proof") as shell:
        shell.prove(within)
        return described(shell.folder)
