"""Packages are taken when they are what the distribution signed, and never otherwise."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from labs.provision import distribution
from labs.provision.apt import Apt, Package
from labs.provision.errors import SetUpError

pytestmark = pytest.mark.usefixtures("needs_apt")

CONTROL = """\
Package: tiny
Version: 1:1.0+x
Architecture: all
Maintainer: Nobody <nobody@localhost>
Description: a package for this test
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small archive of packages in a folder, signed by a key made for it, and an /etc that trusts this key."""
    if not shutil.which("gpg"):
        pytest.skip("gpg is not here, which signs the archive of this test")
    content = tmp_path / "content"
    (content / "DEBIAN").mkdir(parents=True)
    (content / "DEBIAN").chmod(0o755)  # dpkg-deb wants it so, whatever the umask
    (content / "DEBIAN/control").write_text(CONTROL)
    archive = tmp_path / "archive"
    lists = archive / "dists/test/main/binary-all"
    lists.mkdir(parents=True)
    package = archive / "tiny_1.0+x_all.deb"
    subprocess.run(["dpkg-deb", "-b", "--root-owner-group", content, package], check=True, capture_output=True)
    write_lists(archive)
    key = tmp_path / "debian-archive-test.asc"
    sign(archive, tmp_path / "gpg", key)
    etc = tmp_path / "etc"
    (etc / "apt").mkdir(parents=True)
    (etc / "os-release").write_text("ID=debian\nVERSION_ID=0\nVERSION_CODENAME=test\n")
    (etc / "apt/sources.list").write_text(f"deb [signed-by={key}] file:{archive} test main\n")
    return archive


def write_lists(archive: Path) -> None:
    package = archive / "tiny_1.0+x_all.deb"
    entry = (
        f"{CONTROL.strip()}\nFilename: {package.name}\nSize: {package.stat().st_size}\n"
        f"SHA256: {hashlib.sha256(package.read_bytes()).hexdigest()}\n\n"
    )
    path = archive / "dists/test/main/binary-all/Packages"
    path.write_text(entry)
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    native = archive / f"dists/test/main/binary-{architecture.stdout.strip()}/Packages"
    native.parent.mkdir(exist_ok=True)
    native.write_bytes(path.read_bytes())
    sums = "".join(
        f" {hashlib.sha256(one.read_bytes()).hexdigest()} {one.stat().st_size} {one.relative_to(archive / 'dists/test')}\n"
        for one in (path, native)
    )
    (archive / "dists/test/Release").write_text(
        "Origin: Test\nSuite: test\nCodename: test\nDate: Sat, 01 Aug 2026 00:00:00 UTC\n"
        f"Architectures: all {architecture.stdout.strip()}\nComponents: main\nSHA256:\n{sums}"
    )


def sign(archive: Path, home: Path, key: Path) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    gpg = ["gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "test@localhost", "ed25519", "sign"], check=True, capture_output=True)
    release = archive / "dists/test/Release"
    subprocess.run(
        [*gpg, "--clearsign", "-o", release.with_name("InRelease"), release], check=True, capture_output=True
    )
    subprocess.run([*gpg, "--armor", "--export", "-o", key], check=True, capture_output=True)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)


def ready(tmp_path: Path) -> Apt:
    apt = Apt(tmp_path / "a pt", log=tmp_path / "log", etc=tmp_path / "etc")
    apt.prepare()
    return apt


def test_a_signed_package_is_fetched(archive: Path, tmp_path: Path) -> None:
    apt = ready(tmp_path)
    apt.update()
    assert apt.names("absent|ti[a-z]+") == ["tiny"]
    (package,) = apt.resolve(["tiny"])
    assert str(package) == "tiny=1:1.0+x"
    (file,) = apt.fetch([package]).values()
    assert file.exists()


def test_lists_signed_by_another_key_are_refused(archive: Path, tmp_path: Path) -> None:
    trusted = tmp_path / "debian-archive-test.asc"
    sign(archive, tmp_path / "another", tmp_path / "another.asc")
    assert (tmp_path / "another.asc").read_text() != trusted.read_text()
    apt = ready(tmp_path)
    with pytest.raises(SetUpError, match=r"NO_PUBKEY|not signed|signature"):
        apt.update()


def test_altered_lists_are_refused(archive: Path, tmp_path: Path) -> None:
    for path in archive.rglob("Packages"):
        path.write_bytes(path.read_bytes() + b"\n")
    apt = ready(tmp_path)
    with pytest.raises(SetUpError, match=r"Hash Sum|size|Size"):
        apt.update()


def test_an_altered_package_is_refused(archive: Path, tmp_path: Path) -> None:
    apt = ready(tmp_path)
    apt.update()
    packages = apt.resolve(["tiny"])
    path = archive / "tiny_1.0+x_all.deb"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(SetUpError, match=r"Hash Sum|signed"):
        apt.fetch(packages)
    with pytest.raises(SetUpError, match=r"Hash Sum|signed"):  # nor is what it left taken for good the next time
        apt.fetch(packages)


def test_what_an_interrupted_run_left_is_checked(archive: Path, tmp_path: Path) -> None:
    apt = ready(tmp_path)
    apt.update()
    packages = apt.resolve(["tiny"])
    (file,) = apt.fetch(packages).values()
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    (again,) = apt.fetch(packages).values()
    assert again.read_bytes() == whole


def test_a_distribution_without_sources_is_told(tmp_path: Path) -> None:
    (tmp_path / "etc/apt").mkdir(parents=True)
    with pytest.raises(SetUpError, match=r"sources\.list"):
        Apt(tmp_path / "a", log=tmp_path / "log", etc=tmp_path / "etc").prepare()


def test_the_settings_of_this_machine_name_its_own_archive() -> None:
    assert distribution.sources(distribution.read()), "this machine's apt has no source of the distribution"


def test_a_package_reads_as_apt_wants_it() -> None:
    assert str(Package("nginx", "1.22.1-9", 5)) == "nginx=1.22.1-9"
