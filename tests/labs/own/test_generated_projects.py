"""Whatever a project's settings look like, and wherever its pages write: nothing of that reaches the project.

LABS_PROJECTS=300 python -m pytest tests/labs/own/test_generated_projects.py    so many, freshly drawn
LABS_SEED=17                                                                the same ones again
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
from pathlib import Path

import pytest

from labs import deploy
from labs.errors import OptionError
from labs.own import shield
from labs.own.find import Said, own
from tests.labs.own import generated

COUNT = int(os.environ.get("LABS_PROJECTS", "30"))
SEED = int(os.environ.get("LABS_SEED") or random.SystemRandom().randrange(10**9))
# Draws that once found a fault, whatever is drawn today: the seed, the number of the project, and what it was
KNOWN = [pytest.param(877148736, 9, id="MEDIA_ROOT of one word")]
EACH = 10  # projects a test, so that two processes can share them


def digest(*folders: Path) -> dict[str, str]:
    """Every name below some folders, and what is there: bytes, link, rights and owner."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            status = path.lstat()
            content = (
                str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            )
            found[str(path)] = (
                f"{hashlib.sha256(content).hexdigest()} {status.st_mode} {status.st_uid} {status.st_mtime_ns}"
            )
    return found


@pytest.mark.servers
@pytest.mark.parametrize("first", range(0, COUNT, EACH))
def test_nothing_reaches_a_project(
    tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    for number in range(first, min(first + EACH, COUNT)):
        drawn(SEED, number, tmp_path / str(number), monkeypatch)


@pytest.mark.servers
@pytest.mark.parametrize(("seed", "number"), KNOWN)
def test_nothing_reaches_one_that_was_reached_before(
    tmp_path: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, number: int
) -> None:
    drawn(seed, number, tmp_path / str(number), monkeypatch)


def drawn(seed: int, number: int, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw one project, try it, and look at all of it before and after."""
    chance = random.Random(f"{seed}-{number}")
    if chance.random() < 0.25:
        monkeypatch.setenv("LABS_GUARD", "hook")
    else:
        monkeypatch.delenv("LABS_GUARD", raising=False)
    base.mkdir()
    project = generated.draw(chance, base)
    before = digest(project.top, project.outside)
    try:
        tried(project)
    except BaseException:
        print(f"LABS_SEED={seed} LABS_PROJECTS={number + 1}, project {number}:\n{generated.described(project)}")
        raise
    finally:
        assert digest(project.top, project.outside) == before, f"LABS_SEED={seed}, {generated.described(project)}"
    shutil.rmtree(base)


def tried(project: generated.Project) -> None:
    """Serve it and let its page write; or be refused, for the reason that was drawn."""
    expected = reasons(project, hook=os.environ.get("LABS_GUARD") == "hook" or shield.here()[0] != "overlay")
    if expected:
        with pytest.raises(OptionError, match="|".join(map(re.escape, expected))):
            served(project)
        return
    guard, answers = served(project)
    for number, said in answers.items():
        what = "session" if number == "session" else project.writes[int(number)]
        wrong = number != "session" and (
            int(number) in project.barred or (guard == "hook" and int(number) in project.own)
        )
        assert bool(said) == wrong, f"{what} under {guard}: {said or 'succeeded'}"


def served(project: generated.Project) -> tuple[str, dict[str, str]]:
    """The guard that it was served in, and what came of each write."""
    site = own(Said(folder=project.folder, settings="shop.settings")).site
    with deploy("gunicorn", site=site, workers=1) as running:
        answer = running.get("/")
        assert answer.status == 200, running.log()
        return running.folder.guard, answer.json


def reasons(project: generated.Project, *, hook: bool) -> list[str]:
    """Words of which a refusal must hold one."""
    always = [each for each in project.refused if not each.startswith("hook: ")]
    return always + [each.removeprefix("hook: ") for each in project.refused if hook and each.startswith("hook: ")]
