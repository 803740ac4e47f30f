"""User and network namespaces: made in a child, kept by handles, entered by whoever holds those (namespaces(7)).

Nothing is mounted and nothing gets a name outside: a namespace goes with its last process, handle and socket.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # <linux/sched.h>
PR_SET_PDEATHSIG = 1
PRIVATE: list[int] = []  # handles of this process that no helper may keep open, such as a lock
REFUSED = "this system allows no user namespaces to an ordinary user"


class Space(NamedTuple):
    """Handles of a network namespace and of the user namespace that owns it; user is None for root, who needs none."""

    user: int | None
    network: int

    def enter(self) -> None:
        """Put this process, which must have one thread, into it. Raises OSError."""
        for handle in (self.user, self.network):
            if handle is not None:
                call(libc().setns(ctypes.c_int(handle), ctypes.c_int(0)), "entering a namespace")


def libc() -> Any:
    """The C library. Raises OSError where there are no namespaces."""
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has network namespaces")
    return ctypes.CDLL(None, use_errno=True)


def call(result: int, doing: str) -> None:
    """Raise OSError for a call that failed."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({doing})")


def own_user() -> int | None:
    """Put this process into a user namespace of its own, in which it keeps its number; a handle. Root stays where it is."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        return None
    call(libc().unshare(ctypes.c_int(CLONE_NEWUSER)), REFUSED)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text)
    return os.open("/proc/self/ns/user", os.O_RDONLY)


def own_network() -> int:
    """Put this process into a network namespace of its own; a handle. Raises OSError."""
    call(libc().unshare(ctypes.c_int(CLONE_NEWNET)), "a network namespace")
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def die_with_parent(parent: int) -> None:
    """End when the parent does. Last: the kernel forgets it where a process gets other rights, as in a user namespace."""
    libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def helper(action: Callable[[], object]) -> int:
    """Run something in a child of this process, which must have one thread; its number. It ends with its parent.

    What the action raises is its last word on standard error, and exit status 1.
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for handle in PRIVATE:
            os.close(handle)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        os.setsid()
        die_with_parent(parent)
        action()
        status = 0
    except BaseException as error:  # noqa: BLE001 - nothing may go on in this child as if it were its parent
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)
