"""A view of the file system in which nothing of a reader's can be changed: what is written below a project lands elsewhere.

A process that enters it gets a mount namespace of its own (mount_namespaces(7)), and an ordinary user a user namespace too.
In it every file system is read-only, but for the folders named as writable; over each project lies an overlay (overlayfs, in
the kernel's documentation), so that a project that makes files still can. They go with the last process of the namespace.

    python -I -S sandbox.py PLAN COMMAND…    runs a command in it; PLAN is JSON, see Plan. Exit status 125: it cannot be had

Linux alone, from 5.12 on, where the system allows such namespaces: `enter` raises OSError elsewhere. Only the standard
library is imported: the keeper loads this file by its path.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# Numbers of <linux/mount.h>, <linux/sched.h> and, for mount_setattr(2), the table that new system calls share since 5.1
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MOUNT_SETATTR, MOUNT_ATTR_RDONLY, AT_FDCWD, AT_RECURSIVE = 442, 1, -100, 0x8000
CANNOT = 125  # exit status where there is no such view, as timeout(1) and env(1) have it
# Where any program may leave something: written there it lands elsewhere too, unless the store itself lies below; then it
# stays read-only. Shared memory is no file of the reader's
SHARED = ("/tmp", "/var/tmp")  # noqa: S108 - nothing is made there
MEMORY = ("/dev/shm", "/dev/mqueue")  # noqa: S108
REFUSED = "this system allows no user namespaces with mounts to an ordinary user"


class Plan(NamedTuple):
    """What a view is made of.

    projects  folders that are seen as they are, and whose changes land in `store`
    writable  folders that can be written to as ever
    store     a folder among the writable ones for what is written below a project; empty: memory, which is gone at the end
    mount     an empty folder, where that memory is seen; only without a store
    """

    projects: tuple[str, ...]
    writable: tuple[str, ...]
    store: str = ""
    mount: str = ""


class Namespaces(NamedTuple):
    """Handles that another process enters by; they keep the view alive. user is None for root, who needs no such namespace."""

    user: int | None
    mount: int
    root: int


def _call(result: int, doing: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({doing})")


def _libc() -> Any:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "only Linux has mount namespaces")
    return ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    words = [source.encode(), os.fsencode(target), kind.encode() if kind else None]
    _call(_libc().mount(*words, ctypes.c_ulong(flags), data.encode() or None), f"mounting on {target}")


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


def _read_only(path: str, *, on: bool, below: bool = False) -> None:
    wanted = _Attributes(attr_set=MOUNT_ATTR_RDONLY) if on else _Attributes(attr_clr=MOUNT_ATTR_RDONLY)
    words = (ctypes.c_long(MOUNT_SETATTR), ctypes.c_int(AT_FDCWD), os.fsencode(path))
    flags = ctypes.c_uint(AT_RECURSIVE if below else 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    _call(int(_libc().syscall(*words, flags, ctypes.byref(wanted), size)), f"making {path} read-only")


def enter(plan: Plan) -> None:
    """Put this process, which must have one thread, into a view of its own, and prove by writing that it is one.

    Raises OSError where the system does not allow it, or it does not hold.
    """
    _unshare()
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    # Handles from before: a path may lie below what is mounted over it later
    kept = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in (*plan.writable, *plan.projects)}
    inner = {path: os.open(path, os.O_PATH) for path in _mounts() if any(_within(path, p) for p in plan.projects)}
    _read_only("/", on=True, below=True)

    def writable(path: str) -> None:
        _mount(f"/proc/self/fd/{kept[path]}", path, None, MS_BIND | MS_REC)
        _read_only(path, on=False)

    for path in plan.writable:
        writable(path)
    for path in filter(os.path.ismount, MEMORY):
        _optional(lambda path=path: _read_only(path, on=False))  # type: ignore[misc]  # bound at once
    store = plan.store or _memory(plan.mount)
    for number, path in enumerate(SHARED):
        if os.path.isdir(path) and not _within(store, path) and not any(_within(path, p) for p in plan.projects):
            _optional(lambda p=path, n=number: _overlay(p, os.open(p, os.O_PATH), store, f"shared-{n}"))  # type: ignore[misc]
    for number, path in enumerate(sorted(plan.projects, key=len)):
        _overlay(path, kept[path], store, f"project-{number}")
    for path, handle in inner.items():  # what was mounted below a project is seen there again
        _mount(f"/proc/self/fd/{handle}", path, None, MS_BIND)
        _read_only(path, on=True)
    for path in plan.writable:
        if any(_within(path, over) for over in SHARED):
            writable(path)
    for path in plan.projects:
        _prove(path, kept[path])
    for handle in (*kept.values(), *inner.values()):
        os.close(handle)
    os.chdir("/")


def _unshare() -> None:
    user, group = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER
    _call(_libc().unshare(ctypes.c_int(flags)), "a mount namespace" if user == 0 else REFUSED)
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text)


def _optional(action: Callable[[], object]) -> None:
    try:
        action()
    except OSError:
        pass


def _within(path: str, folder: str) -> bool:
    """Whether a path lies below a folder."""
    return path.startswith(folder.rstrip("/") + "/")


def _mounts() -> list[str]:
    """Where file systems are mounted, as proc(5) tells it, with its escapes undone."""
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    found = [line.split(b" ")[4].decode("unicode_escape").encode("latin-1") for line in lines]
    return list(dict.fromkeys(os.fsdecode(path) for path in found))


def _memory(place: str) -> str:
    _mount("tmpfs", place, "tmpfs", 0, "mode=0700")
    return place


def _overlay(path: str, lower: int, store: str, name: str) -> None:
    """Lay an overlay over a folder. Its layers are named by handles: a path could hold what mount(2) takes for a separator."""
    status = os.fstat(lower)
    layers = []
    for part in ("upper", "work"):
        folder = os.path.join(store, name, part)
        os.makedirs(folder, exist_ok=True)
        layers.append(os.open(folder, os.O_PATH))
    # The root of what is seen has the rights of the upper layer's
    upper = os.path.join(store, name, "upper")
    if os.geteuid() == 0:
        os.chown(upper, status.st_uid, status.st_gid)
    os.chmod(upper, stat.S_IMODE(status.st_mode) | (0 if os.geteuid() == 0 else 0o700))
    places = [f"/proc/self/fd/{handle}" for handle in (lower, *layers)]
    options = "lowerdir={},upperdir={},workdir={}".format(*places) + ("" if os.geteuid() == 0 else ",userxattr")
    try:
        _mount("overlay", path, "overlay", 0, options)
    finally:
        for handle in layers:
            os.close(handle)


def _prove(path: str, original: int) -> None:
    """Write into a project, and see that nothing came of it there; try to write beside it, and see that it cannot be."""
    name = f".labs-{os.getpid()}-{os.urandom(4).hex()}"
    probe = os.path.join(path, name)
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if _there(name, original):
            os.unlink(name, dir_fd=original)
            raise OSError(errno.EIO, f"what was written into {path} arrived there")
        os.unlink(probe)
    except PermissionError:  # somebody else's folder: the overlay keeps its rights
        pass
    if not os.statvfs("/").f_flag & os.ST_RDONLY:
        raise OSError(errno.EIO, "the file system did not become read-only")


def _there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def made(plan: Plan, within: Callable[[], object] | None = None) -> Namespaces:
    """A view made by a process of its own, and what another needs to enter it. Raises OSError, as `enter` does.

    within  puts a process into another user namespace first; who enters the view must come from there too
    """
    told, tell = os.pipe()
    go, hold = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(hold)
            _tell(tell, lambda: _entered(plan, within))
            os.read(go, 1)  # until the parent has its handles, or is gone
            status = 0
        finally:
            os._exit(status)
    os.close(tell)
    os.close(go)
    try:
        with os.fdopen(told, "rb") as pipe:
            _heard(pipe.readline())
        spaces = f"/proc/{child}/ns"
        user = None if os.geteuid() == 0 else os.open(f"{spaces}/user", os.O_RDONLY)
        return Namespaces(user, os.open(f"{spaces}/mnt", os.O_RDONLY), os.open(f"/proc/{child}/root", os.O_PATH))
    finally:
        os.close(hold)
        os.waitpid(child, 0)


def _entered(plan: Plan, within: Callable[[], object] | None) -> None:
    if within:
        within()
    enter(plan)


def _tell(pipe: int, action: Callable[[], object]) -> None:
    try:
        action()
        os.write(pipe, b"{}\n")
    except OSError as error:
        os.write(pipe, json.dumps([error.errno, error.strerror or str(error)]).encode() + b"\n")
        raise


def _heard(line: bytes) -> None:
    said = json.loads(line or '[0, "the process that makes it ended"]')
    if said:
        raise OSError(*said)


def join(spaces: Namespaces) -> None:
    """Put this process, which must have one thread, into a view that another made. Its working folder is the root after it.

    What it runs next by exec has no rights over the view: they belong to this process alone. Raises OSError.
    """
    libc = _libc()
    for handle in (spaces.user, spaces.mount):
        if handle is not None:
            _call(libc.setns(ctypes.c_int(handle), ctypes.c_int(0)), "entering a namespace")
    os.fchdir(spaces.root)
    os.chroot(".")  # where the labs themselves run below a root of their own, the namespace's is another


def usable(spaces: Namespaces, folder: str, within: Callable[[], object] | None = None) -> bool:
    """Whether a process that enters sees a folder as we do. within: as for `made`."""
    here = os.stat(folder)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if within:
                within()
            join(spaces)
            status = 0 if os.path.samestat(here, os.stat(folder)) else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main() -> None:
    """Enter, and become the command."""
    plan, command, here = Plan(**json.loads(sys.argv[1])), sys.argv[2:], os.getcwd()
    try:
        enter(Plan(tuple(plan.projects), tuple(plan.writable), plan.store, plan.mount))
        os.chdir(here)
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
        sys.exit(CANNOT)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
