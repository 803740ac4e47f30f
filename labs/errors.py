"""What can go wrong in a lab, said so that a reader knows what to do next."""

from __future__ import annotations

import errno

from labs.paths import short


class Told:
    """An exception whose message is all that a reader needs: a notebook shows it in place of a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Lines for IPython, the first in bold: front-ends show all of them on red."""
        first, *rest = short(str(self)).splitlines() or [type(self).__name__]
        return [f"\x1b[1m{first}\x1b[0m", *rest]


class LabError(Told, Exception):
    """Base of every error that a reader is meant to see; `str()` is the whole message."""


class Stopped(Told, KeyboardInterrupt):
    """Somebody stopped what was under way; the message says what became of it, and how to go on."""


class NotHere(LabError):
    """This machine, or this account, cannot run what was asked for; the message says what would change that."""


class Missing(NotHere):
    """A program that a deployment needs is not on this machine.

    program  its name
    brings   what would bring it, as a command or a package name
    """

    def __init__(self, program: str, brings: str) -> None:
        self.program = program
        self.brings = brings
        super().__init__(f"{program} is not on this machine. It comes with: {brings}")


class StartError(LabError):
    """A server did not come up: the message holds the command, the end of the log, and what to try."""


class OptionError(LabError):
    """A deployment was asked for something that it does not have."""


class NotProvedError(OptionError):
    """A project writes to places that are not the run's own; the message names each."""


# What to do about an error of the system's, by its number (errno(3)).
SYSTEM = {
    errno.ENOSPC: "Make room on that disk; df -h shows it.",
    errno.EDQUOT: "Make room within your quota; quota -s shows it.",
    errno.EFBIG: "A limit on the size of files is in force; ulimit -f shows it.",
    errno.EROFS: "LABS_RUN_FOLDER=/another/folder moves the folders of deployments to where you may write.",
    errno.EACCES: "LABS_RUN_FOLDER=/another/folder moves the folders of deployments to where you may write.",
    errno.EPERM: "LABS_RUN_FOLDER=/another/folder moves the folders of deployments to where you may write.",
    errno.ENAMETOOLONG: "LABS_RUN_FOLDER=/a/short/folder moves the folders of deployments.",
    errno.EMFILE: "Too few files may be open at once; ulimit -n 1024 raises the limit in this shell, as far as ulimit -Hn allows.",
    errno.ENFILE: "This machine has no file handles left; sysctl fs.file-nr shows it.",
    errno.EAGAIN: "Too few processes may run at once; ulimit -u shows the limit, and ps what runs.",
    errno.ENOMEM: "Too little memory is free; free -m shows it, ulimit -v a limit in this shell.",
}


def start_error(doing: str, error: OSError) -> StartError:
    """An error of the system's, as a reader can use it: what was being done, on which file, what to do next."""
    file = error.filename2 if error.filename2 is not None else error.filename  # of a copy, the one that is written
    where = f" ({file})" if file is not None else ""
    lines = [f"{doing}: {error.strerror or error}{where}."]
    advice = SYSTEM.get(error.errno or 0)
    return StartError("\n".join([*lines, f"  try      {advice}"] if advice else lines))
