"""apt with state of its own: the system's lists, caches and locks are neither read nor touched.

What stays the system's is what makes it trustworthy: the keys, and the addresses and proxies of the package sources.
Works for an ordinary user. Signatures are checked as always; nothing here ever allows an unsigned package.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from labs.provision import command, distribution, status
from labs.provision.errors import SetUpError, tail

# The hooks of the system's apt would rebuild its caches after our update; -c reads this after the system's settings.
# A path stands without quotation marks: between them apt knows no way to write one, and outside it reads %22 as such.
CONFIGURATION = """\
#clear APT::Update;
#clear APT::Architectures;
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
Dir::State {folder}/;
Dir::State::lists {folder}/lists/;
Dir::State::status {folder}/status;
Dir::State::extended_states {folder}/extended_states;
Dir::Cache {folder}/;
Dir::Cache::archives {folder}/archives/;
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist {folder}/own.sources;
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log {folder}/;
"""

ADVICE = (
    "  Look whether the network is there, and whether `apt-get update` works on this machine; then run the same again."
)


class Package(NamedTuple):
    """A package as apt would fetch it; size in bytes."""

    name: str
    version: str
    size: int

    def __str__(self) -> str:
        return f"{self.name}={self.version}"


def missing() -> str:
    """Return why apt cannot be used on this machine, or an empty string."""
    absent = [name for name in ("apt-get", "dpkg-deb", "tar") if not shutil.which(name)]
    if absent:
        return f"{absent[0]} is not here"
    return "" if status.SYSTEM.exists() else f"{status.SYSTEM} is not here"


class Apt:
    """apt working in a folder. prepare() first; remove() takes it all away."""

    def __init__(self, folder: Path, *, log: Path, etc: Path = distribution.ETC) -> None:
        self.folder = folder.resolve()
        self.log = log
        self.etc = etc
        self.downloads = self.folder / "debs"
        self._known: list[str] = []

    def prepare(self) -> None:
        """Write the settings and fetch the signed lists of packages.

        Raises SetUpError when the distribution's own sources are not found, do not answer, or are not signed.
        """
        for name in ("lists/partial", "archives/partial", "debs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        system = distribution.read(self.etc)
        own = distribution.sources(system, self.etc)
        if not own:
            raise SetUpError(
                f"No package source of {system.title or 'this distribution'} is in {self.etc}/apt/sources.list or "
                f"sources.list.d.\n  The labs take packages from the distribution alone: enable its main archive there."
            )
        (self.folder / "own.sources").write_text("\n".join(source.stanza() for source in own), encoding="utf-8")
        (self.folder / "status").write_text(
            status.reduced(status.SYSTEM.read_text(encoding="utf-8", errors="replace")), encoding="utf-8"
        )
        architecture = command.output(["dpkg", "--print-architecture"], log=self.log, purpose="Asking dpkg").strip()
        (self.folder / "apt.conf").write_text(
            CONFIGURATION.format(folder=quote(str(self.folder)), architecture=architecture), encoding="utf-8"
        )

    def update(self, watch: Callable[[], None] | None = None) -> None:
        """Fetch the signed lists of packages. Raises SetUpError when one does not come or its signature is wrong."""
        command.run(
            # Without error-mode=any apt keeps old lists, or none, and calls it a success.
            self._apt("apt-get", "update", "-q", "--error-on=any"),
            log=self.log,
            purpose="Fetching the lists of packages",
            watch=watch,
            advice=ADVICE,
        )

    def names(self, wanted: str) -> list[str]:
        """Return the package that a name of a set stands for, as a list; empty when this distribution has none."""
        if not self._known:
            listed = command.output(self._apt("apt-cache", "pkgnames"), log=self.log, purpose="Listing the packages")
            self._known = listed.split()
        for alternative in wanted.split("|"):
            matching = [name for name in self._known if re.fullmatch(alternative, name) and self._has(name)]
            if matching:
                return [max(matching, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])]
        return []

    def _has(self, name: str) -> bool:
        """Tell whether a package exists; apt also knows names that nothing but a dependency mentions."""
        said = command.output(
            self._apt("apt-cache", "--no-all-versions", "show", name), log=self.log, purpose=f"Asking about {name}"
        )
        return bool(said.strip())

    def resolve(self, names: list[str]) -> list[Package]:
        """Return these packages and all that they depend on beyond the base system."""
        # --reinstall: what is asked for comes down even when the base system has it.
        listed = command.output(
            self._apt("apt-get", "install", "-qq", "-y", "--reinstall", "--print-uris", *names),
            log=self.log,
            purpose=f"Finding what {', '.join(names)} need",
            advice=ADVICE,
        )
        line = r"(?m)^'[^']+' (?P<name>[^_ ]+)_(?P<version>[^_ ]+)_\S+ (?P<size>\d+)"
        found = re.finditer(line, listed)
        return [Package(match["name"], unquote(match["version"]), int(match["size"])) for match in found]

    def fetch(self, packages: list[Package], watch: Callable[[int], None] | None = None) -> dict[Package, Path]:
        """Download packages and return their files; what an interrupted run left complete is not fetched again.

        watch is told how many bytes are there. Raises SetUpError when one does not come, or is not what was signed.
        """
        if not packages:
            return {}
        signed = self._signed(packages)
        # apt checks what it downloads itself; what lies here from an earlier run is checked against the same lists.
        absent = [package for package in packages if self._file(package, signed) is None]
        if absent:
            command.run(
                self._apt("apt-get", "-q", "download", *map(str, absent)),
                log=self.log,
                purpose="Fetching the packages",
                folder=self.downloads,
                watch=lambda: watch(self._bytes()) if watch else None,
                advice=ADVICE,
            )
        files = {package: self._file(package, signed) for package in packages}
        wrong = [str(package) for package, file in files.items() if file is None]
        if wrong:
            raise SetUpError(f"Not what the signed lists promise: {', '.join(wrong)}.\n{tail(self.log)}\n{ADVICE}")
        return {package: file for package, file in files.items() if file is not None}

    def _signed(self, packages: list[Package]) -> dict[Package, str]:
        """Return the SHA-256 of each package in the signed lists."""
        text = command.output(
            self._apt("apt-cache", "show", *map(str, packages)), log=self.log, purpose="Reading the lists of packages"
        )
        sums = {}
        for entry in text.split("\n\n"):
            fields = dict(re.findall(r"(?m)^(Package|Version|SHA256): (.*)$", entry))
            if len(fields) == 3:
                sums[fields["Package"], fields["Version"]] = fields["SHA256"]
        return {package: sums[package.name, package.version] for package in packages}

    def _file(self, package: Package, signed: dict[Package, str]) -> Path | None:
        """Return a downloaded file when it is what was signed; delete it otherwise."""
        version = package.version.replace(":", "%3a")
        for path in self.downloads.glob(f"{package.name}_{version}_*.deb"):
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == signed[package]:
                    return path
            path.unlink()
        return None

    def _bytes(self) -> int:
        return sum(path.stat().st_size for path in self.downloads.iterdir() if path.is_file())

    def remove(self) -> None:
        """Delete lists, caches and downloads."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _apt(self, *arguments: str) -> list[str]:
        return [arguments[0], "-c", str(self.folder / "apt.conf"), *arguments[1:]]
