"""PostgreSQL: the database that the chapter recommends."""

from __future__ import annotations

import importlib.util
import os
import pwd
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

from labs import quoting
from labs.errors import LabError
from labs.servers.account import Account, is_root, other_account, rootless
from labs.servers.address import Listen, Tcp
from labs.servers.base import passed_on
from labs.servers.database import Database
from labs.servers.folder import Folder
from labs.servers.program import Program

SUPERUSER = "postgres"
READY = 7  # the line of postmaster.pid that says how far it is (PostgreSQL's pidfile.h), counted from 0
MAKING = 120.0  # seconds that initdb may take


def bundled() -> str:
    """Where the package pgserver keeps the program. It is not imported: as root it would make an account of the system."""
    found = importlib.util.find_spec("pgserver")
    if found is None or found.origin is None:
        raise ImportError("pgserver")
    return str(Path(found.origin).parent / "pginstall" / "bin" / "postgres")


@dataclass(frozen=True, kw_only=True)
class PostgreSQL(Database):
    """PostgreSQL, for the tables of a site.

    connections  at most, at once
    shared       memory for pages of tables and indexes, as postgresql.conf says it
    fsync        wait for the disk before a commit is answered, as PostgreSQL does by itself; False is for what measures
                 nothing of it

    Text is compared byte by byte (the locale C), as SQLite does it.
    """

    listen: Listen = Tcp("postgresql")
    connections: int = 100
    shared: str = "128MB"
    fsync: bool = True

    program = Program(
        name="postgresql",
        also=("postgres",),
        apt="postgresql",
        brew="postgresql@17",
        dnf="postgresql-server",
        pacman="postgresql",
        pip="pgserver",
        wheel="labs.servers.postgresql:bundled",
        folders=("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/opt/postgresql@*/bin"),
        version=("--version",),
    )
    driver = Program(name="psycopg", apt="python3-psycopg", pip="psycopg[binary]", package="psycopg")
    scheme = "postgres"
    source = __file__
    title = "PostgreSQL"
    signal = "SIGINT"  # its fast shutdown: open transactions are undone; on SIGTERM it waits for its clients
    discard = "SIGQUIT"  # its immediate shutdown: nothing is brought to a disk from which it is deleted next
    reload = "SIGHUP"
    patience = 10.0
    hint = "The last line of its log says what it lacks."
    alert: ClassVar[str | None] = r"\b(ERROR|FATAL|PANIC):"
    # A site that is stopped, or a reader who has gone: its connection ends without a word
    harmless: ClassVar[str] = r"FATAL:  +(terminating connection due to administrator command|the database system is )"

    def files(self, folder: Folder) -> dict[str, str]:
        endpoint = folder.endpoint(self.listen)
        values: dict[str, object] = {
            "host": endpoint.host,
            "port": endpoint.port,
            "sockets": self.sockets(folder),
            "hba": folder / self.file("-hba"),
            "ident": folder / self.file("-ident"),
            "connections": self.connections,
            "shared": self.shared,
            "fsync": "on" if self.fsync else "off",
        }
        names: dict[str, object] = {"database": self.database, "role": self.role}
        accounts = "\n".join(f'labs  "{name}"  {SUPERUSER}' for name in self.accounts(folder))
        return {
            self.file("-ident"): self.template("ident.conf", {"accounts": accounts}),
            self.file("-hba"): self.template("hba.conf", names),
            self.file(): self.template("postgresql.conf", values),
        }

    def file(self, part: str = "") -> str:
        return f"{self.label}{part}.conf"

    def quoted(self, name: str, path: str) -> str:
        return quoting.postgresql(path)

    def sockets(self, folder: Folder) -> Path:
        """A folder for its sockets alone."""
        return folder.sockets / self.label

    def account(self, folder: Folder) -> Account | None:
        """Whom it works as, where root starts it; None: whoever starts it, or root under another name (account.rootless)."""
        return other_account(folder.path, self.find().path)

    def accounts(self, folder: Folder) -> list[str]:
        """Accounts that may connect as its superuser: whoever runs the deployment, and whom it works as."""
        try:
            names = [pwd.getpwuid(os.geteuid()).pw_name]
        except KeyError:  # an account without a name cannot be told by it
            names = []
        account = self.account(folder)
        return list(dict.fromkeys([*names, account.user] if account else names))

    def command(self, folder: Folder) -> list[str]:
        where = ["-D", str(self.data(folder)), "-c", f"config_file={folder / self.file()}"]
        return [*self.words(folder), str(self.find().path.resolve()), *where]

    def words(self, folder: Folder) -> list[str]:
        """What stands before each of its commands where root gives it, since it refuses to work as root."""
        return rootless(self.account(folder), self.title, folder.path, self.find().path) if is_root() else []

    def alone(self) -> Self:
        return replace(super().alone(), fsync=False)

    def settle(self, folder: Folder) -> None:
        self.sockets(folder).mkdir(exist_ok=True)
        account = self.account(folder)
        for name in (self.file(), self.file("-hba"), self.file("-ident")):
            if account and (folder / name).exists():
                account.own(folder / name)
        if account:
            account.own(self.sockets(folder))

    def make(self, folder: Folder) -> None:
        data = self.data(folder)
        data.mkdir(mode=0o700)
        if account := self.account(folder):
            account.own(data)
        kind = ("--username", SUPERUSER, "--auth", "reject", "--encoding", "UTF8", "--locale", "C")
        self._run(folder, "initdb", "-D", str(data), *kind, "--no-sync")
        statements = (
            f"CREATE ROLE {self.role} LOGIN PASSWORD '{self.password}'",
            f"CREATE DATABASE {self.database} OWNER {self.role}",
            # A third of all files, which nobody reads who does not make further databases of another kind
            "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'",
            "DROP DATABASE template0",
        )
        # Alone, without a server that others could reach; a line is a statement
        self._run(folder, "postgres", "--single", "-D", str(data), "-F", "postgres", said="\n".join((*statements, "")))
        for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
            (data / name).unlink()  # a deployment has its own, beside the data

    def finish(self, folder: Folder) -> None:
        # Its log of changes is full of what filled it, and would be copied with every deployment
        self._run(folder, "pg_resetwal", "-D", str(self.data(folder)))

    def _run(self, folder: Folder, program: str, *arguments: str, said: str = "") -> None:
        """Run one of its programs to its end. Raises LabError with its last words when it fails."""
        command = [*self.words(folder), str(self.find().path.resolve().with_name(program)), *arguments]
        done = subprocess.run(
            command, cwd="/", env=passed_on(), input=said, capture_output=True, text=True, errors="replace",
            timeout=MAKING, check=False,
        )  # fmt: skip
        words = (done.stderr + done.stdout).strip().splitlines()
        wrong = [line for line in words if " ERROR: " in line or " FATAL: " in line]
        if done.returncode or wrong:
            last = "\n".join(f"  {line}" for line in (wrong or words[-5:]))
            raise LabError(f"PostgreSQL's {program} failed with status {done.returncode}:\n{last}")

    def serves(self, folder: Folder, pid: int) -> bool:
        """It listens before it has read its logs of changes: its own note says when it takes connections."""
        try:
            lines = (self.data(folder) / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > READY and lines[0] == str(pid) and lines[READY].strip() in ("ready", "standby")

    def ingredients(self, folder: Folder) -> tuple[object, ...]:
        account = self.account(folder)
        return (*super().ingredients(folder), account.user if account else os.geteuid(), os.uname().machine)
