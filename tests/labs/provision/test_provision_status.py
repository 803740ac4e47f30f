from __future__ import annotations

from labs.provision.status import reduced

STATUS = """\
Package: coreutils
Essential: yes
Status: install ok installed
Pre-Depends: libc6 (>= 2.36), libacl1

Package: libc6
Status: install ok installed

Package: libacl1
Status: deinstall ok config-files

Package: python3
Status: install ok installed
Depends: python3.11 (>= 3.11.2-1~), awk

Package: python3.11
Status: install ok installed

Package: mawk
Status: install ok installed
Provides: awk, other (= 1)

Package: apache2-bin
Status: install ok installed
Depends: libapr1

Package: libapr1
Status: install ok installed
"""


def kept() -> list[str]:
    return [line.removeprefix("Package: ") for line in reduced(STATUS).splitlines() if line.startswith("Package: ")]


def test_what_every_machine_has_is_kept() -> None:
    assert {"coreutils", "libc6", "python3", "python3.11"} <= set(kept())


def test_what_this_machine_happens_to_have_is_not() -> None:
    assert "apache2-bin" not in kept()
    assert "libapr1" not in kept()


def test_a_provider_stands_for_a_virtual_package() -> None:
    assert "mawk" in kept()


def test_what_was_removed_is_not_there() -> None:
    assert "libacl1" not in kept()


def test_entries_stay_whole_and_apart() -> None:
    assert "Pre-Depends: libc6 (>= 2.36), libacl1\n\nPackage: libc6" in reduced(STATUS)
