"""Thirty kills, two bystanders, and a soak that would notice if something stayed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from patience import HANG, wait_for
from typer.testing import CliRunner

from labs.paths import TOP
from tests.tools import soak

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("part", range(3))
def test_ten_kills_leave_nothing(part: int) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}: python -m tests.tools.soak --kills 10 --seed {seed}")
    tally = soak.soak(10, seed=seed)
    assert tally.done == 10
    assert not tally.left, f"{tally}"


def test_the_same_seed_asks_for_the_same_kills() -> None:
    assert list(soak.plan(7, 20)) == list(soak.plan(7, 20))
    assert list(soak.plan(7, 20)) != list(soak.plan(8, 20))
    many = list(soak.plan(7, 400))
    assert {each.stage for each in many} == set(soak.STAGES)
    assert {each.victim for each in many} == {"owner", "keeper"}


def test_patience_follows_the_start_ups_and_is_bounded() -> None:
    pace = soak.Pace()
    assert pace.patience == pace.MOST, "nothing is known yet"
    pace.took(1.0)
    assert pace.patience == pace.LEAST
    pace.took(20.0)
    assert pace.patience == 100.0
    pace.took(1000.0)
    assert pace.patience == pace.MOST
    for _ in range(pace.LATELY):
        pace.took(2.0)
    assert pace.patience == pace.LEAST, "what was slow once is forgotten"


def test_an_owner_that_takes_too_long_is_killed_where_it_is_and_the_soak_goes_on(tmp_path: Path) -> None:
    class Hasty(soak.Pace):
        LEAST = MOST = 0.05

    meant = next(each for each in soak.plan(7, 100) if each.stage == "load" and each.victim == "owner")
    tally = soak.Tally(seed=7)
    soak._round(meant, soak.Places(tmp_path / "top"), [], set(), tally, Hasty())
    assert tally.done == 1 and not tally.left
    (said,) = tally.slow
    assert "not yet in load" in said and "start-ups" in said and "the load is" in said
    assert said in str(tally)


def test_it_notices_what_stays(tmp_path: Path) -> None:
    places = soak.Places(tmp_path / "top")
    environment = {**os.environ, "LABS_FOLDER": str(places.run / "gunicorn")}
    code = (
        "import socket, sys, time\n"
        "a = socket.socket(); a.bind(('127.0.0.1', 0)); a.listen()\n"
        "b = socket.socket(socket.AF_UNIX); b.bind(sys.argv[1]); b.listen()\n"
        "print(a.getsockname()[1], flush=True); time.sleep(60)"
    )
    path = str(places.tmp / "x.sock")
    stray = subprocess.Popen(
        [sys.executable, "-c", code, path], env=environment, stdout=subprocess.PIPE, text=True, cwd="/"
    )
    try:
        assert stray.stdout is not None
        port = int(stray.stdout.readline())
        (places.run / "gunicorn").mkdir()
        found = soak.left(places, [], set(), [], [["127.0.0.1", port], path])
        assert found == sorted(
            [
                f"process {stray.pid}",
                f"{places.run / 'gunicorn'}",
                path,
                f"a listening socket on port {port}",
                f"the socket {path}",
            ]
        )
    finally:
        stray.kill()
        stray.wait()


def test_it_notices_a_bystander_that_was_touched(tmp_path: Path) -> None:
    places = soak.Places(tmp_path / "top")
    bystander = soak.Bystander(places, places.other, "gunicorn-nginx", soak.Pace())
    try:
        assert bystander.complaint() is None
        victim = next(p for p in bystander.kin() if not p.children() and "gunicorn" in " ".join(p.cmdline()))
        victim.kill()
        wait_for(lambda: bystander.complaint() is not None)
        said = bystander.complaint()
        assert said is not None and f"lost [{victim.pid}]" in said
    finally:
        bystander.end()
    assert wait_for(lambda: not any(places.other.iterdir()))


def test_kills_begin_at_one() -> None:
    assert CliRunner().invoke(soak.app, ["--kills", "-1"]).exit_code == 2


def test_interrupted_it_ends_cleanly_and_says_what_it_counted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.soak", "--kills", "1000", "--seed", "3"],
        cwd=TOP,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # so that no other soak on this machine is taken for this one
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert wait_for(psutil.Process(process.pid).children), "it has begun once it has a child"
    process.send_signal(2)
    said = process.communicate(timeout=HANG)[0]
    assert process.returncode == 130
    assert "seed 3" in said and "left behind" in said

    def mine() -> list[psutil.Process]:
        return [p for p in psutil.process_iter() if _mentions(p, f"{tmp_path}/labs soak ")]

    assert wait_for(lambda: not mine()), f"left: {mine()}"


def _mentions(process: psutil.Process, text: str) -> bool:
    try:
        return text in process.environ().get("LABS_FOLDER", "") or text in " ".join(process.cmdline())
    except psutil.Error:
        return False
