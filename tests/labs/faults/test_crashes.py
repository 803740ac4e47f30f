"""What a crash takes down: the count, and the models of which others lose nothing or all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import deploy
from labs.almanac import site as almanac
from labs.clients.readers import Reading
from labs.errors import LabError
from labs.faults import libraries
from labs.faults.crashes import MODELS, OTHERS, answer, count, crash_each, deaths

NOT_UTF8 = "/%FF%FE"


def test_requests_are_told_apart_by_the_moment_of_the_crash() -> None:
    readings = [
        Reading(0.0, 0.9, ""),  # was answered before the visitor came
        Reading(0.5, 1.1, ""),  # before the crash
        Reading(0.8, 1.5, ""),  # outlived it
        Reading(0.9, 1.199, "RemoteDisconnected"),  # broke a moment before the visitor's own did
        Reading(0.95, 1.2, "RemoteDisconnected"),
        Reading(1.3, 1.4, "status 503"),  # began later
        Reading(0.1, 0.2, "status 503"),  # had failed before
    ]
    crash = count(readings, 1.0, 1.2, visitor="no answer", serves=False)
    assert (crash.in_flight, crash.lost, crash.afterwards) == (3, 2, 1)
    assert "it stays down" in repr(crash)


@pytest.mark.servers
def test_processes_protect_each_other_and_threads_do_not(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    seen = crash_each("FastCGI, threaded", "mod_python, prefork", "mod_python, worker")
    together, alone, threads = (seen[name] for name in seen.seen)
    assert (alone.visitor, alone.in_flight, alone.lost, alone.serves) == ("no answer", OTHERS, 0, True)
    assert threads.lost >= OTHERS // 2
    assert threads.serves, "Apache starts another child"
    assert together.lost >= OTHERS // 2
    assert not together.serves, "nobody starts it again"
    assert together.afterwards > 0
    assert len(repr(seen).splitlines()) == 4
    assert seen._repr_html_().count("<tr>") == 4
    nothing_left()


def test_every_model_has_a_worker_for_each_reader_and_the_visitor() -> None:
    for model in MODELS.values():
        assert OTHERS + 1 in model.options.values()


@pytest.mark.servers
@pytest.mark.parametrize(
    ("handler", "dies"), [("django_modpython", True), ("barebones", False), ("barebones::environ", True)]
)
def test_mod_python_crashes_by_itself(
    handler: str, dies: bool, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    site = deploy("modpython-apache", site=almanac(), workers=2)
    site.edit("apache.conf", "django_modpython", handler)
    with site:
        assert answer(site, NOT_UTF8) == ("no answer" if dies else "200")
        if dies:
            assert "exit signal Segmentation fault (11)" in deaths(site)[0]
            assert answer(site, "/hello/") == "200"
    nothing_left()


@pytest.mark.servers
def test_a_death_that_did_not_happen_is_not_waited_for_for_ever(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs.faults.crashes.LONGEST", 0.1)
    with deploy("modpython-apache", site=almanac(), workers=1) as site, pytest.raises(LabError, match="0 children"):
        deaths(site)


@pytest.mark.servers
def test_apache_with_python_in_it_maps_one_libexpat(run_folder: Path) -> None:
    with deploy("modpython-apache", site=almanac(), workers=1) as site:
        files = {file for process in site.tree() for file in libraries.libraries(process.pid, "libexpat")}
    assert len(files) == 1


def test_libraries_of_a_process() -> None:
    assert len(libraries.libraries(os.getpid(), "libc")) == 1
    assert libraries.libraries(os.getpid(), "libthatisnone") == []
    with pytest.raises(LabError, match="process 0 "):
        libraries.libraries(0, "libc")
