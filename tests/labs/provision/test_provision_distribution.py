from __future__ import annotations

from pathlib import Path

import pytest

from labs.provision.distribution import read, sources

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "os-release").write_text(RELEASE)
    (tmp_path / "apt/sources.list.d").mkdir(parents=True)
    return tmp_path


def test_the_release_is_read(etc: Path) -> None:
    found = read(etc)
    assert (found.name, found.version, found.codename) == ("debian", "12", "bookworm")
    assert found.title == "Debian GNU/Linux 12 (bookworm)"


def test_a_mac_has_no_release(tmp_path: Path) -> None:
    assert read(tmp_path).name == ""


def test_one_line_entries_of_the_distribution_are_taken(etc: Path) -> None:
    (etc / "apt/sources.list").write_text(
        "deb cdrom:[Debian 12]/ bookworm main\n"
        "# deb http://example.org/debian bookworm main\n"
        "deb http://mirror.example/debian bookworm main contrib non-free-firmware # mine\n"
        "deb-src http://mirror.example/debian bookworm main\n"
        "deb [arch=amd64 trusted=yes] http://mirror.example/debian-security bookworm-security main\n"
        "deb http://mirror.example/debian bookworm-backports main\n"
    )
    found = sources(read(etc), etc)
    assert [(source.suites, source.components) for source in found] == [
        (("bookworm",), ("main",)),
        (("bookworm-security",), ("main",)),
    ]
    assert not any("trusted" in source.stanza().lower() for source in found)


def test_third_parties_are_left_out(etc: Path) -> None:
    parts = etc / "apt/sources.list.d"
    (parts / "docker.list").write_text(
        "deb [signed-by=/etc/apt/keyrings/docker.asc] http://d.example bookworm stable\n"
    )
    (parts / "other.list").write_text("deb [signed-by=/usr/share/keyrings/other.gpg] http://o.example bookworm main\n")
    (parts / "postgres.sources").write_text(
        "Types: deb\nURIs: http://p.example\nSuites: bookworm-pgdg\nComponents: main\nSigned-By: /usr/share/p.gpg\n"
    )
    assert sources(read(etc), etc) == []


def test_stanzas_of_the_distribution_are_taken(etc: Path) -> None:
    (etc / "apt/sources.list.d/debian.sources").write_text(
        "Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
        "Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        "Types: deb\nURIs: http://mirror.example/off\nSuites: bookworm\nComponents: main\nEnabled: no\n"
    )
    (found,) = sources(read(etc), etc)
    assert found.suites == ("bookworm", "bookworm-updates")
    assert "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" in found.stanza()
    assert "Targets: Packages" in found.stanza()


def test_disabled_files_are_not_read(etc: Path) -> None:
    (etc / "apt/sources.list.d/debian.list.save").write_text("deb http://mirror.example/debian bookworm main\n")
    assert sources(read(etc), etc) == []
