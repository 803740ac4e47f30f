from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.commands import cli
from benchmarks.plan import ownsite
from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.experiment import Arm, Experiment, Factor, Window
from benchmarks.plan.ownsite import NotOnThisSiteError
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.run import runs
from benchmarks.show.report import report
from benchmarks.store import records
from labs.errors import Missing

TINY = Path(__file__).parents[2] / "labs" / "runfcgi" / "project"


def startup(**changes: Any) -> Experiment:
    planned: dict[str, Any] = {
        "claim": "fastcgi-startup",
        "arms": {"CGI": Arm("cgi-lighttpd"), "FastCGI": Arm("fastcgi-lighttpd")},
        "favoured": "FastCGI",
        "against": "CGI",
        "workload": Closed(users=2, page="/hello/"),
        "metric": "cpu_per_request",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "2 readers",
        "expectation": Expectation(marker="Hello", failures=("timeout",)),
    }
    return Experiment(**{**planned, **changes})


def test_the_readers_page_takes_the_place_of_the_newsrooms() -> None:
    adapted = ownsite.adapt(startup(), "/shop/")
    assert adapted.workload.paths == ("/shop/",)
    assert adapted.expectation == Expectation(failures=("timeout",))
    assert adapted.regime == "/shop/ of your own site in place of the book's page; otherwise 2 readers"
    assert adapted.arms == startup().arms


@pytest.mark.parametrize(
    ("experiment", "why"),
    [
        (Behaviour(claim="fastcgi-options", checks=lambda _deploy: []), "true or false"),
        (startup(workload=Closed(users=2, page="/articles/1/", user="zipf")), "articles"),
        (startup(arms={"CGI": Arm("cgi-lighttpd"), "FastCGI": Arm("fastcgi-lighttpd", cached=True)}), "its cache"),
        (
            startup(
                factor=Factor(
                    name="page",
                    label="page",
                    unit="",
                    values=("/a/", "/b/"),
                    main="/a/",
                    workload=lambda value: {"page": value},
                )
            ),
            "pages of the newsroom",
        ),
    ],
)
def test_what_only_means_something_in_the_newsroom(experiment: Any, why: str) -> None:
    with pytest.raises(NotOnThisSiteError, match=why):
        ownsite.adapt(experiment, "/")


def test_a_wrong_project_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "fastcgi-startup", "--site", str(TINY), "--settings", "nothing.here"]) == 2
    assert "holds no nothing.here" in capsys.readouterr().err


@pytest.mark.servers
def test_a_tiny_project_is_measured(tmp_path: Path) -> None:
    """Real servers, one short block; its record says on which site, and is none of this machine's for the claim."""
    from labs.sites import project

    site = project(TINY, "tiny.settings")
    quick = startup(
        arms={"CGI": Arm("gunicorn"), "FastCGI": Arm("fastcgi-lighttpd")},
        windows={"smoke": Window(warmup=0.2, seconds=1.0, blocks=1)},
    )
    try:
        record = runs.measure(
            quick, folder=tmp_path, profile="smoke", say=lambda _step: None, site=site, page="/", patience=90
        )
    except Missing as missing:
        pytest.skip(str(missing))
    assert not runs.failed(record), record.blocks[0].void
    assert record.data["site"] == {"settings": "tiny.settings", "page": "/"}
    assert "site      tiny.settings, page /" in report(records.read(tmp_path / "fastcgi-startup.json"))


def test_further_pages_of_the_newsroom_are_left_out() -> None:
    from benchmarks.experiments import fastcgi_lighter

    assert fastcgi_lighter.experiment.workload.settings == {"collect": "/collect/"}
    mine = ownsite.adapt(fastcgi_lighter.experiment, "/shop/").workload
    assert (mine.page, mine.settings, mine.user) == ("/shop/", {}, fastcgi_lighter.experiment.workload.user)
