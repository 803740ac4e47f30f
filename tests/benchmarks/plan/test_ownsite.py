from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import experiments
from benchmarks.commands import cli
from benchmarks.plan import ownsite
from benchmarks.plan.behaviour import Behaviour
from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, DesignError, Experiment, Factor
from benchmarks.plan.ownsite import NotOnThisSiteError
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.store import records
from labs.site import Site

TINY = Path(__file__).parents[2] / "labs" / "runfcgi" / "project"
PAGE = Elsewhere(regime="2 readers without pauses, {page}, lighttpd in front")
# What a page of the newsroom is called in a regime
NEWSROOM = ("says hello", "article", "section front", "picture of 3 kB", "front page", "trivial page", "waits 0.1 s")
EFFECTS = [
    name for name in experiments.names() if isinstance(experiments.get(name), Experiment)
]  # all of them: a claim that is added is judged here too
MEASURED = {
    *("fastcgi-lighter", "fastcgi-restart", "fastcgi-startup", "modpython-autoreload", "modpython-devreload"),
    *("modpython-media", "modpython-memory", "scale-media", "tune-keepalive"),
}


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
        "regime": "2 readers without pauses, a page that says hello, lighttpd in front",
        "expectation": Expectation(marker="Hello", failures=("timeout",)),
        "elsewhere": PAGE,
    }
    return Experiment(**{**planned, **changes})


def shop(tmp_path: Path, **changes: Any) -> Site:
    return dataclasses.replace(Site(folder=tmp_path, settings="shop.settings", wsgi="shop.wsgi:application"), **changes)


def test_the_readers_page_takes_the_place_of_the_newsrooms() -> None:
    adapted = ownsite.adapt(startup(), "/shop/")
    assert adapted.workload.paths == ("/shop/",)
    assert adapted.expectation == Expectation(failures=("timeout",))
    assert adapted.regime == "2 readers without pauses, /shop/ of your own site, lighttpd in front"
    assert adapted.arms == startup().arms
    told = ownsite.seen(adapted, "/shop/", "text/html, 5.1 kB, sets sessionid")
    assert told.regime == (
        "2 readers without pauses, /shop/ of your own site (text/html, 5.1 kB, sets sessionid), lighttpd in front"
    )


@pytest.mark.parametrize(
    ("experiment", "why"),
    [
        (Behaviour(claim="fastcgi-options", checks=lambda _deploy: []), "true or false"),
        (startup(elsewhere="it asks for the newsroom's bodies"), "it asks for the newsroom's bodies"),
        (dataclasses.replace(startup(), elsewhere=Experiment.elsewhere), "its question is about the newsroom"),
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
    with pytest.raises(NotOnThisSiteError, match=f"{experiment.claim} cannot be measured on your site: .*{why}"):
        ownsite.adapt(experiment, "/")


def test_every_claim_says_what_it_is_on_another_site(tmp_path: Path) -> None:
    """Refused with a reason of its own, or measured with a regime that says nothing of the newsroom."""
    measured = set()
    for name in EFFECTS:
        experiment = experiments.get(name)
        assert isinstance(experiment, Experiment)
        assert experiment.elsewhere != Experiment.elsewhere, f"{name}: say what it is on a site of the reader's own"
        site = shop(tmp_path, media=tmp_path, static=tmp_path)
        try:
            adapted = ownsite.adapt(experiment, "/media/a.png", site)
        except NotOnThisSiteError:
            continue
        measured.add(name)
        assert "/media/a.png of your own site" in adapted.regime
        assert not [word for word in NEWSROOM if word in adapted.regime], adapted.regime
        assert adapted.workload.paths == ("/media/a.png",)
        users = adapted.workload.user_class
        assert users != "benchmarks.users.exact:Exact", (
            "its users ask for pages of the newsroom, whatever they are told"
        )
        asked = {str(value) for value in adapted.workload.settings.values() if str(value).startswith("/")}
        assert asked <= {site.media_url}
        assert "{}" not in adapted.workload.page and adapted.expectation.marker is None
    assert measured == MEASURED


def test_the_book_names_the_claims_that_are_measured() -> None:
    page = (Path(__file__).parents[3] / "book" / "own-site.md").read_text("utf-8")
    told = page.partition("Seven claims ask for any page")[2].partition("The others are refused")[0]
    assert set(re.findall(r"`([a-z]+-[a-z]+)`", told)) == MEASURED
    assert len(MEASURED) == 7 + 2


MEDIA = experiments.get("modpython-media")
PICTURES = experiments.get("scale-media")


@pytest.mark.parametrize(
    ("experiment", "page", "folders", "why"),
    [
        (MEDIA, "/", (), "no media or static files"),
        (
            MEDIA,
            "/",
            ("media",),
            r"a jpg, png, gif, svg or css below /media/, and / is none.*--page /media/picture\.jpg",
        ),
        (MEDIA, "/media/a.png", ("static",), "below /static/, and /media/a.png is none"),
        (MEDIA, "/media/a.pdf", ("media",), r"and /media/a\.pdf is none"),
        (PICTURES, "/", (), "no media to serve; --media-folder"),
        (PICTURES, "/", ("static",), "no media to serve"),
    ],
)
def test_a_claim_about_files_needs_one(
    experiment: Any, page: str, folders: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    with pytest.raises(NotOnThisSiteError, match=f"{experiment.claim} cannot be measured on your site: .*{why}"):
        ownsite.adapt(experiment, page, shop(tmp_path, **dict.fromkeys(folders, tmp_path)))


def test_a_claim_about_files_asks_for_yours(tmp_path: Path) -> None:
    assert isinstance(MEDIA, Experiment) and isinstance(PICTURES, Experiment)
    file = ownsite.adapt(MEDIA, "/static/css/site.css?v=2", shop(tmp_path, static=tmp_path))
    assert file.regime == "2 readers without pauses, /static/css/site.css?v=2 of your own site, a connection for each"
    pages = ownsite.adapt(PICTURES, "/", shop(tmp_path, media=tmp_path, media_url="/files/"))
    assert pages.workload.settings == {"below": "/files/"}
    assert "Django" not in pages.arms, "a site on a server serves no media by Django"


def test_an_arm_that_is_judged_is_not_left_out() -> None:
    with pytest.raises(DesignError, match="an arm that is judged cannot be left out"):
        startup(elsewhere=Elsewhere(regime="{page}", without=("CGI",)))
    with pytest.raises(ValueError, match="it must say what is asked for"):
        Elsewhere(regime="2 readers")


def test_further_pages_of_the_newsroom_are_left_out() -> None:
    from benchmarks.experiments import fastcgi_lighter

    assert fastcgi_lighter.experiment.workload.settings == {"collect": "/collect/"}
    mine = ownsite.adapt(fastcgi_lighter.experiment, "/shop/")
    assert (mine.workload.page, mine.workload.settings) == ("/shop/", {})
    assert mine.workload.user == fastcgi_lighter.experiment.workload.user
    assert "none told to collect its garbage" in mine.regime


def test_a_wrong_project_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "fastcgi-startup", "--site", str(TINY), "--settings", "nothing.here"]) == 2
    assert "holds no nothing.here" in capsys.readouterr().err


def test_a_refused_claim_is_wrong_use_and_measures_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(records, "OWN", tmp_path)
    project = ["--site", str(TINY), "--settings", "tiny.settings"]
    assert cli.main(["run", "fastcgi-stall", *project, "--json"]) == 2
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["verdict"], entry["record"]) == ("not on this site", None)
    assert "looks at each of their bytes" in entry["reason"]
    monkeypatch.setattr(experiments, "names", lambda: ["fastcgi-options", "fastcgi-stall"])
    assert cli.main(["run", "--all", *project]) == 0, "what means nothing there is passed over"
    assert capsys.readouterr().out.count("refused") == 2
    assert not list(tmp_path.iterdir())


def test_a_project_is_named_by_its_settings_and_page(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text('os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")')
    assert ownsite.named(None, "", "/") is None
    assert ownsite.named(tmp_path, "", "/cart/") == {"settings": "shop.settings", "page": "/cart/"}
    assert ownsite.named(None, "shop.live", "/") == {"settings": "shop.live", "page": "/"}
