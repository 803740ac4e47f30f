"""What a record may show of a reader's project: not where it lies, and no value of a variable that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import deploy
from labs.deployments.catalogue import ARRANGEMENTS
from labs.errors import Missing
from labs.own import redaction
from labs.own.find import Said, own

# What a server's configuration would quote
KEY = 'hush "hush" $HOME\\ %h `#1'


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Said:
    folder = tmp_path_factory.mktemp("client")
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "settings.py").write_text('SECRET_KEY = "x"\nROOT_URLCONF = "shop.urls"\n')
    (folder / "files").mkdir()
    (folder / "files" / "a.png").write_text("a")
    return Said(folder=folder, settings="shop.settings", env=(f"SHOP_KEY={KEY}", "SHOP_MODE=7"), media=folder / "files")


@pytest.mark.servers
@pytest.mark.parametrize("name", [name for name, kind in ARRANGEMENTS.items() if kind.sites == 1])
def test_no_configuration_shows_a_value_or_a_place(name: str, project: Said, run_folder: Path) -> None:
    assert project.folder is not None
    try:
        deployment = deploy(name, site=own(project).site)
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        files = deployment.configurations()
        text = "\n".join(files.values())
        assert "hush" not in text and KEY not in text
        assert str(project.folder) not in text
        assert list(files) == list(deployment._files.texts()), "the same files"
        whole = "\n".join(deployment._files.texts().values())
        if "SHOP_KEY" in whole:
            assert "hush" in whole, "the servers are told it"
            lines = [line for line in text.splitlines() if "SHOP_KEY" in line or "SHOP_MODE" in line]
            assert lines and all("(not shown)" in line for line in lines)
    finally:
        deployment.stop()


@pytest.mark.servers
def test_the_newsrooms_configuration_is_shown_as_it_is(run_folder: Path) -> None:
    deployment = deploy("cgi-lighttpd")
    try:
        files = deployment.configurations()
        assert files == {name: deployment.folder.neutral(text) for name, text in deployment._files.texts().items()}
    finally:
        deployment.stop()


def test_places_have_names(project: Said) -> None:
    assert project.folder is not None
    site = own(project).site
    said = redaction.nameless(f"{project.folder}/shop {site.python} {Path.home()}/other /usr/lib", [site])
    assert said.startswith("{project}/shop ")
    assert said.endswith("~/other /usr/lib")
