"""Folders of odd names, in the settings that apt is given: without them it says that the network is not there."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from labs.provision.apt import Apt

NAMES = ["plain", "it's", 'a "b" c', "$HOME `x`", "a#b", "a\\b", "été", "100%22", "{x}; [y] & | // *?"]


@pytest.mark.parametrize("name", NAMES)
def test_apt_works_in_the_folder_that_is_meant(name: str, tmp_path: Path, needs_apt: None) -> None:
    folder = tmp_path / name / "apt"
    folder.parent.mkdir(parents=True)
    apt = Apt(folder, log=tmp_path / "log")
    apt.prepare()
    asked = ["LISTS", "Dir::State::lists/d", "SOURCES", "Dir::Etc::sourcelist/f", "ARCHIVES", "Dir::Cache::archives/d"]
    said = subprocess.run(apt._apt("apt-config", "shell", *asked), capture_output=True, text=True, check=True)
    found = dict(line.split("=", 1) for line in shlex.split(said.stdout))
    assert found == {
        "LISTS": f"{folder}/lists/",
        "SOURCES": f"{folder}/own.sources",
        "ARCHIVES": f"{folder}/archives/",
    }
