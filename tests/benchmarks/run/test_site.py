"""A run on a site of the reader's own: what its record holds, on real servers around a tiny project."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.commands import cli
from benchmarks.plan import ownsite
from benchmarks.plan.elsewhere import Elsewhere
from benchmarks.plan.experiment import Arm, Experiment, Window
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.run import headroom, replay, resuming, runs
from benchmarks.run.replay import NotRepeatableError
from benchmarks.run.resuming import OtherRunError
from benchmarks.show.report import report
from benchmarks.store import origin, records
from labs.errors import LabError, Missing
from labs.own.find import Said, own

if TYPE_CHECKING:
    from benchmarks.load.process import Generator

SETTINGS = """
import os
SECRET_KEY = os.environ["SHOP_KEY"]
ALLOWED_HOSTS = ["shop.example"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "orders", "HOST": "db.shop.example"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://:pass@cache.shop.example"}}
"""
URLS = """
from django.http import HttpResponse
from django.urls import path

def basket(request):
    answer = HttpResponse("<p>basket</p>" * 400)
    answer.set_cookie("basket", "value-of-a-cookie")
    return answer

def fails(request):
    return HttpResponse("the page of a fault", status=503)

urlpatterns = [path("basket/", basket), path("fails/", fails)]
"""
PLAIN = "<p>basket</p>" * 400
# Values of a variable, a setting, a cookie and a host that no record may hold
HUSHED = ("hush hush", "orders", "shop.example", "value-of-a-cookie", "redis://")


def plan(**changes: Any) -> Experiment:
    planned: dict[str, Any] = {
        "claim": "fastcgi-startup",
        "arms": {"FastCGI": Arm("fastcgi-lighttpd"), "nginx": Arm("fastcgi-nginx")},
        "favoured": "FastCGI",
        "against": "nginx",
        "workload": Closed(users=2, page="/hello/"),
        "metric": "cpu_per_request",
        "matters": 0.1,
        "expected": "favoured",
        "regime": "2 readers without pauses, a page that says hello",
        "expectation": Expectation(marker="Hello"),
        "elsewhere": Elsewhere(regime="2 readers without pauses, {page}"),
        "windows": {"smoke": Window(warmup=0.2, seconds=0.8, blocks=1)},
    }
    return Experiment(**{**planned, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("project")
    (made / "shop").mkdir()
    for name, text in {"__init__": "", "settings": SETTINGS, "urls": URLS}.items():
        (made / "shop" / f"{name}.py").write_text(text)
    return made


@pytest.fixture(scope="module")
def site(folder: Path) -> Any:
    said = Said(
        folder=folder,
        settings="shop.settings",
        env=("SHOP_KEY=hush hush",),
        database="mine",
        confirm="orders",
        page="/basket/",
    )
    return own(said).site


@pytest.fixture(scope="module")
def described(site: Any) -> dict[str, Any]:
    return ownsite.described(site, "/basket/")


@pytest.fixture(scope="module")
def recorded(site: Any, generator: Generator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a file holds after one short block."""
    where = tmp_path_factory.mktemp("results") / "site" / "2026-01-01-000000"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.host.lock.LOCK", tmp_path_factory.mktemp("lock") / "lock")
        patch.setattr("benchmarks.run.session.Generator", lambda **_: nullcontext(generator))  # one starts in a second
        patch.setattr("benchmarks.run.headroom.WINDOWS", 1)
        bodies, null_server = [], headroom.null_server
        patch.setattr(
            "benchmarks.run.headroom.null_server", lambda *given: bodies.append(given[1]) or null_server(*given)
        )
        for rule in ("objection", "machine"):  # other tests run beside: whether its block counts is not asked here
            patch.setattr(f"benchmarks.run.voiding.{rule}", lambda *_: None)
        try:
            record = runs.measure(
                plan(), folder=where, profile="smoke", say=lambda _step: None, site=site, page="/basket/"
            )
        except Missing as missing:
            pytest.skip(str(missing))
    assert record.path is not None
    found: dict[str, Any] = json.loads(record.path.read_text("utf-8"))
    assert bodies == [found["site"]["answer"]["bytes"]], "the server that does nothing answers with as many bytes"
    return found


@pytest.mark.servers
def test_a_record_holds_the_site_that_it_is_of(recorded: dict[str, Any], folder: Path) -> None:
    import django

    assert recorded["blocks"][0]["void"] is None
    site = recorded["site"]
    assert (site["settings"], site["page"], site["database"], site["debug"]) == (
        "shop.settings",
        "/basket/",
        "mine",
        False,
    )
    assert site["django"] == site["packages"]["Django"] == django.get_version()
    assert site["python"].startswith("CPython 3.") and len(site["code"]) == 16
    assert site["middleware"] == ["django.middleware.gzip.GZipMiddleware"]
    assert site["databases"] == {"default": "django.db.backends.postgresql"}
    assert not {"django", "Python", "SQLite"} & recorded["versions"].keys(), "those of the labs serve nothing"
    assert recorded["versions"].keys() >= {"lighttpd", "flup", "locust", "Python of the generator"}
    text = json.dumps(recorded)
    assert not [word for word in (*HUSHED, str(folder), str(Path.home())) if word in text]


@pytest.mark.servers
def test_its_regime_is_true_of_its_page(recorded: dict[str, Any]) -> None:
    answer = recorded["site"]["answer"]
    assert (answer["type"], answer["encoding"], answer["cookies"]) == ("text/html", "gzip", ["basket"])
    assert 40 < answer["bytes"] < 400, "5 kB of one word, compressed as the generator asks for it"
    regime = recorded["experiment"]["regime"]
    assert regime.startswith("2 readers without pauses, /basket/ of your own site (text/html, ")
    assert regime.endswith("bytes of gzip, sets basket)")
    trial = recorded["blocks"][0]["trials"][0]
    assert trial["bytes"] == trial["requests"] * len(PLAIN), "the load generator counts what it has unpacked"
    assert {arm["answer_bytes"] for arm in recorded["deployments"].values()} == {len(PLAIN)}


@pytest.mark.servers
def test_its_report_tells_all_of_it(recorded: dict[str, Any]) -> None:
    import django

    said = report(records.Record(data=recorded))
    assert "Measured on a site of your own: shop.settings, page /basket/" in said
    assert f", Django {django.get_version()}, SQLite 3." in said
    assert "DEBUG off, its own database, code " in said
    assert "--site FOLDER --settings shop.settings --database mine --page /basket/" in said
    assert "not the same from every arm" not in said
    recorded = json.loads(json.dumps(recorded))
    recorded["deployments"]["nginx"]["answer_bytes"] += 600
    assert "not the same from every arm: " in report(records.Record(data=recorded))


OTHERS: dict[str, tuple[tuple[str, ...], Any, str]] = {
    "Python": (("python",), "CPython 3.10.1", r"the site's Python CPython 3\.10\.1 against CPython 3"),
    "Django": (("django",), "3.2.1", r"the site's Django 3\.2\.1 against"),
    "a package": (("packages", "gunicorn"), "0.1", r"the site's packages gunicorn 0\.1 against gunicorn"),
    "code": (("code",), "0123456789abcdef", "the site's code 0123456789abcdef against"),
    "DEBUG": (("debug",), True, "the site's DEBUG True against False"),
    "middleware": (("middleware",), ["a", "b"], "the site's middleware a, b against django.middleware.gzip"),
    "another project": (
        ("settings",),
        "blog.settings",
        "the site's settings module blog.settings against shop.settings",
    ),
    "another page": (("page",), "/", "the site's page / against /basket/"),
}


@pytest.mark.servers
@pytest.mark.parametrize("name", OTHERS)
def test_another_site_is_another_run(
    name: str, recorded: dict[str, Any], described: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, value, said = OTHERS[name]
    data = json.loads(json.dumps({**recorded, "stopped": "not over"}))
    inner = data["site"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    monkeypatch.setattr(origin, "_servers", lambda *_: {})  # they are the same
    with pytest.raises(OtherRunError, match=said):
        resuming.check(records.Record(data=data), ownsite.adapt(plan(), "/basket/"), None, described)


@pytest.mark.servers
def test_the_same_site_may_go_on_and_the_newsroom_may_not(
    recorded: dict[str, Any], site: Any, described: dict[str, Any]
) -> None:
    interrupted = records.Record(data={**recorded, "stopped": "not over"})
    adapted = ownsite.adapt(plan(), "/basket/", site)
    resuming.check(interrupted, adapted, ownsite.deployer(site), described)
    with pytest.raises(OtherRunError, match=r"site shop\.settings, page /basket/ against the newsroom"):
        resuming.check(interrupted, adapted, ownsite.deployer(site))


@pytest.mark.servers
def test_a_replay_is_of_the_same_project(
    recorded: dict[str, Any], site: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import experiments

    monkeypatch.setattr(experiments, "get", lambda _claim: plan())
    record = records.Record(data=recorded)
    with pytest.raises(NotRepeatableError, match="name its project again with --site"):
        replay.warnings(record)
    said = Said(folder=folder, settings="shop.urls", env=("SHOP_KEY=hush",), page="/basket/")
    (folder / "shop" / "live.py").write_text(SETTINGS)
    try:
        other = own(Said(**{**vars(said), "settings": "shop.live", "database": "mine", "confirm": "orders"})).site
        with pytest.raises(NotRepeatableError, match=r"is of shop\.settings, and shop\.live is another site"):
            replay.warnings(record, other)
        assert [each.partition(" was")[0] for each in replay.warnings(record, site)] == ["the site's code"]
    finally:
        (folder / "shop" / "live.py").unlink()
    assert replay.warnings(record, site) == []


@pytest.mark.servers
def test_a_page_that_fails_is_said_once_and_leaves_no_record(
    site: Any, generator: Generator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmarks.run.session.Generator", lambda **_: nullcontext(generator))
    with pytest.raises(LabError, match=r"nginx: .*status 503(.|\n)*--page names another page"):
        runs.measure(plan(), folder=tmp_path, profile="smoke", say=lambda _step: None, site=site, page="/fails/")
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.servers
def test_report_finds_it_and_the_newsrooms_stay_apart(
    recorded: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks.result import scorecard
    from benchmarks.result.kept import kept

    monkeypatch.setattr(records, "OWN", tmp_path / "results")
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "reference")
    path = records.write(recorded, records.OWN / "site" / "2026-01-01-000000")
    assert cli.main(["report", "fastcgi-startup", "--mine"]) == 0
    assert "Measured on a site of your own: shop.settings" in capsys.readouterr().out
    assert cli.main(["report", "fastcgi-startup", "--mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["site"]["page"] == "/basket/"
    assert kept("fastcgi-startup", "smoke") is None
    assert not any(entry["here"] for entry in scorecard.entries())

    newer = {name: value for name, value in recorded.items() if name != "site"}
    records.write(newer, records.OWN / "2026-01-02-000000")
    assert cli.main(["report", "fastcgi-startup", "--mine"]) == 0
    said = capsys.readouterr()
    assert "Measured on a site of your own" not in said.out
    assert said.err == f"shown is the newest, of the newsroom; of shop.settings, page /basket/: report {path}\n"

    records.write(newer, records.REFERENCE)
    cli.main(["compare", str(records.REFERENCE), str(path)])
    assert "site: the newsroom against shop.settings, page /basket/" in capsys.readouterr().out
    assert resuming.find("fastcgi-startup", site={"settings": "blog.settings", "page": "/"}) is None


def test_packages_that_differ_are_told_and_not_all_of_them() -> None:
    one = {"settings": "s", "page": "/", "packages": {f"p{number:02}": "1" for number in range(20)}}
    other = {"settings": "s", "page": "/", "packages": {"p19": "2", "new": "1"}}
    first, second = origin.differs({**BARE, "site": one}, {**BARE, "site": other})["the site's packages"]
    assert first.startswith("p19 1, p00 1, p01 1") and first.endswith(" and 12 more")
    assert second == "p19 2, new 1"


BARE: dict[str, Any] = {"fingerprint": {}, "versions": {}, "commit": None}
