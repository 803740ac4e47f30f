"""The search for imports that end a process: on processes that are told apart by their lists alone, and on real ones."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from labs import Shell, deploy
from labs.almanac import PROJECT
from labs.almanac import site as almanac
from labs.errors import LabError
from labs.faults.bisect import Dies, find, imports_of, in_apache, in_process
from labs.newsroom import site as newsroom
from labs.paths import TOP

MANY = [f"m{number}" for number in range(50)]


def dies_with(*guilty: str) -> Dies:
    """A process that dies when all of these are imported."""
    return lambda modules: "SIGSEGV" if set(guilty) <= set(modules) else ""


@pytest.mark.parametrize("place", [0, 1, 24, 25, 49])
def test_one_culprit_is_found_wherever_it_stands(place: int) -> None:
    search = find(MANY, dies_with(MANY[place]))
    assert search.culprits == (MANY[place],)
    assert len(search.trials) <= 2 + 2 * 6  # all, none, then two for each halving of 50


@pytest.mark.parametrize("number", [2, 3])
def test_culprits_that_only_die_together_are_found(number: int) -> None:
    for seed in range(20):
        guilty = sorted(random.Random(seed).sample(MANY, number), key=MANY.index)
        search = find(MANY, dies_with(*guilty))
        assert list(search.culprits) == guilty, seed


def test_no_list_is_tried_twice() -> None:
    trials = [trial.modules for trial in find(MANY, dies_with("m3", "m40")).trials]
    assert len(trials) == len(set(trials))


def test_the_order_of_the_imports_is_kept() -> None:
    def dies(modules: Sequence[str]) -> str:
        places = [modules.index(module) for module in ("m30", "m7") if module in modules]
        return "SIGSEGV" if len(places) == 2 and places[0] > places[1] else ""

    assert find(MANY, dies).culprits == ("m7", "m30")
    with pytest.raises(LabError, match="lives"):
        find(MANY[::-1], dies)


def test_a_list_that_lives_and_a_process_that_always_dies_are_told() -> None:
    with pytest.raises(LabError, match="With all 50 imports the process lives"):
        find(MANY, lambda _: "")
    with pytest.raises(LabError, match=r"without any import \(SIGABRT\)"):
        find(MANY, lambda _: "SIGABRT")


def test_a_search_reads_as_a_table() -> None:
    search = find(["a", "b", "c", "d", "e", "<f>"], dies_with("<f>"))
    lines = repr(search).splitlines()
    assert lines[0].split() == ["imports", "which", "the", "process"]
    assert lines[1].startswith("6        a, b … <f>")
    assert lines[-1] == f"<f>, found in {len(search.trials)} processes"
    assert "&lt;f&gt;" in search._repr_html_()


def test_imports_of_a_file(tmp_path: Path) -> None:

    for folder in (tmp_path / "shop", tmp_path / "shop/front"):
        folder.mkdir()
        (folder / "__init__.py").touch()
    file = tmp_path / "shop/front/views.py"
    file.write_text(
        "from __future__ import annotations\nimport a, b.c as d\nfrom e.f import g, h\nfrom k import *\nimport a\n"
        "from . import forms\nfrom .models import Cart\nfrom ..money import price\ndef view():\n    import late\n"
    )
    own = ["shop.front.forms", "shop.front.models.Cart", "shop.money.price"]
    assert imports_of(file) == ["a", "b.c", "e.f.g", "e.f.h", "k", *own]
    file.write_text("import\n")
    with pytest.raises(LabError, match=r"views\.py cannot be read as Python"):
        imports_of(file)


@pytest.mark.servers
@pytest.mark.parametrize(("page", "culprits"), [("today", ["tides"]), ("eclipse", ["sun", "moon"])])
def test_the_almanacs_culprits_are_found_by_real_processes(
    page: str, culprits: list[str], run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with Shell(almanac()) as shell:
        search = find(imports_of(PROJECT / "almanac" / f"{page}.py"), in_process(shell))
    assert search.culprits == tuple(f"almanac.{name}" for name in culprits)
    assert search.trials[0].died == "SIGSEGV"
    nothing_left()


@pytest.mark.servers
def test_what_an_import_brings_may_be_a_module_or_something_in_one(run_folder: Path) -> None:
    with Shell(almanac()) as shell:
        dies = in_process(shell)
        assert dies(["xml.etree.ElementTree", "decimal.Decimal", "almanac.settings.DEBUG"]) == ""
        assert dies(["almanac.tides"]) == "SIGSEGV"
        for name in ("decimal.Nothing", "nowhere.at.all"):
            with pytest.raises(LabError, match="without a crash: ModuleNotFoundError"):
                dies([name])


@pytest.mark.servers
def test_a_site_with_a_database_gets_a_copy_of_it(run_folder: Path) -> None:
    with Shell(newsroom().with_environment(database="{folder}/data/site.sqlite3")) as shell:
        result = shell.manage("shell", "-c", "from paper.models import Article; print(Article.objects.count() > 0)")
        assert (result.status, result.output.split()[-1]) == (0, "True")
        assert "{folder}" not in " ".join(shell.environment().values())


@pytest.mark.servers
def test_an_import_that_only_fails_is_told_instead(run_folder: Path) -> None:
    with Shell(almanac()) as shell:
        dies = in_process(shell)
        assert dies(["almanac.tides", "a_module_that_is_not_there"]) == "SIGSEGV"
        with pytest.raises(LabError, match="without a crash: ModuleNotFoundError: No module named 'a_module_that"):
            dies(["a_module_that_is_not_there", "almanac.tides"])


@pytest.mark.servers
def test_the_command_searches_a_file_of_a_project() -> None:
    project = PROJECT / "almanac"
    words = [
        "-m",
        "labs",
        "culprit",
        str(project / "today.py"),
        "--site",
        str(PROJECT),
        "--settings",
        "almanac.settings",
    ]
    done = subprocess.run([sys.executable, *words], cwd=TOP, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1].startswith("almanac.tides, found in "), done.stderr


@pytest.mark.servers
def test_the_culprit_is_found_inside_apache(run_folder: Path, nothing_left: Callable[[], None]) -> None:
    bare = deploy("modpython-apache", site=almanac(), workers=16, max_requests=1)
    bare.edit("apache.conf", "django_modpython", "barebones")
    with bare:
        search = find(["json", "almanac.tides", "math", "zlib"], in_apache(bare))
    assert search.culprits == ("almanac.tides",)
    nothing_left()
