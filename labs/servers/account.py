"""Whom a front-end works as. An ordinary user's servers are that user's; root's are given to somebody without rights."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labs.errors import NotHere
from labs.paths import reachable


@dataclass(frozen=True)
class Account:
    """A user and a group, by name."""

    user: str
    group: str

    @property
    def group_number(self) -> int:
        return grp.getgrnam(self.group).gr_gid

    @property
    def user_number(self) -> int:
        return pwd.getpwnam(self.user).pw_uid

    def own(self, folder: Path) -> None:
        """Give it a folder and all that is in it. Only root can."""
        user, group = self.user_number, self.group_number
        for path in (folder, *folder.rglob("*")):
            with suppress(FileNotFoundError):  # a file that somebody writes gets its name last
                os.chown(path, user, group, follow_symlinks=False)


_ORDINARY: ContextVar[bool] = ContextVar("ordinary", default=False)


def is_root() -> bool:
    """Whether what is written now will be run by root."""
    return os.geteuid() == 0 and not _ORDINARY.get()


@contextmanager
def ordinary() -> Iterator[None]:
    """Write configuration for somebody who is not root, whoever writes it: for a service with a user of its own."""
    token = _ORDINARY.set(True)
    try:
        yield
    finally:
        _ORDINARY.reset(token)


def unprivileged() -> Account | None:
    """The account that web servers of this system use, or nobody; None for an ordinary user, who has no choice."""
    return _unprivileged() if is_root() else None


@cache
def _unprivileged() -> Account | None:
    for name in ("www-data", "_www", "http", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return Account(name, grp.getgrgid(entry.pw_gid).gr_name)
        except KeyError:
            continue
    return None


# access(2) asks what the real user may, and knows of the right only with this bit (capabilities(7)); PostgreSQL asks it
LOOKS = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup")


def rootless(account: Account | None, title: str, *paths: Path) -> list[str]:
    """The words before a command of root's that make it somebody else's, for a program that refuses to work as root.

    account  whom it becomes, as `other_account` gives it; None: root itself, under another's number (user_namespaces(7)), so
             that what it writes is root's, and it has no right beyond that
    paths    what it must get to. Where folders of root's lie in between, it may look through them, and has no other right
             beyond its account's (capabilities(7), CAP_DAC_READ_SEARCH)

    No process stays between the two, and the signal for the end of the parent (prctl(2)) holds. Raises NotHere where this
    system has no such way.
    """
    if account and shutil.which("setpriv"):
        looks = () if all(map(reachable, paths)) else LOOKS
        return ["setpriv", *_becoming(account), *looks, "--pdeathsig=keep", "--"]
    other = _unprivileged()
    if other and _disguised(other):
        numbers = [f"--map-user={other.user_number}", f"--map-group={other.group_number}"]
        return ["unshare", "--user", *numbers, "--", "setpriv", "--pdeathsig=KILL", "--"]
    raise NotHere(
        f"{title} does not work as root, and no other account can get to {paths[0]}, or setpriv is not here. Run it as an ordinary "
        "user, or move the checkout to where everybody may look, such as /srv."
    )


def other_account(*paths: Path) -> Account | None:
    """Whom a program works as that refuses root; None for an ordinary user, and where root does so under another's number."""
    account, other = account_for(*paths), unprivileged()
    return account or (other if other and not _disguised(other) and _looks_through(other) else None)


def _becoming(account: Account) -> list[str]:
    return [f"--reuid={account.user}", f"--regid={account.group}", "--clear-groups"]


@cache
def _looks_through(account: Account) -> bool:
    """Whether root may keep the right to look through folders for a process of another account: not in every container."""
    if not shutil.which("setpriv"):
        return False
    words = ["setpriv", *_becoming(account), *LOOKS, "--", "id", "-u"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() == str(account.user_number)


@cache
def _disguised(account: Account) -> bool:
    """Whether root may take another account's number for a process here."""
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    numbers = [f"--map-user={account.user_number}", f"--map-group={account.group_number}"]
    done = subprocess.run(
        ["unshare", "--user", *numbers, "--", "id", "-u"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() == str(account.user_number)


def account_for(*paths: Path | None) -> Account | None:
    """The unprivileged account, if it can get to all of these paths.

    A checkout below /root lets nobody through; there root's servers stay root's, on loopback.
    """
    account = unprivileged()
    if account is None or not all(reachable(path) for path in paths if path is not None):
        return None
    return account
