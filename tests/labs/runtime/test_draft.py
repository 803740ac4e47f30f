"""A project's copy that can be edited while it runs; the project itself stays as it is."""

from __future__ import annotations

import pytest

from labs.errors import LabError
from labs.newsroom import site as newsroom
from labs.runtime.draft import Draft
from labs.shop import site as shop


def test_it_is_a_copy_and_goes() -> None:
    before = (shop().folder / "shop" / "views.py").read_text("utf-8")
    with Draft() as draft:
        folder = draft.folder
        assert draft.site.folder == folder
        assert draft.site.media == folder / "media"
        draft.edit("shop/views.py", "Hello from the shop", "Good morning")
        assert "Good morning" in draft.read("shop/views.py")
        draft.write("shop/below/urls.py", "urlpatterns = []\n")
        assert (folder / "shop/below/urls.py").exists()
    assert not folder.exists()
    assert (shop().folder / "shop" / "views.py").read_text("utf-8") == before


def test_what_lies_elsewhere_stays_where_it_is() -> None:
    original = newsroom()
    with Draft(original, settings="newsroom.trial", ready="/") as draft:
        assert (draft.site.settings, draft.site.ready) == ("newsroom.trial", "/")
        assert draft.site.media == original.media
        assert draft.site.manage == draft.folder / "manage.py"


def test_edits_of_one_second_differ_in_time() -> None:
    with Draft() as draft:
        times = []
        for word in ("one", "two"):  # of one length: byte code tells them apart by their second alone
            draft.write("shop/word.py", f"WORD = '{word}'\n")
            times.append(int((draft.folder / "shop/word.py").stat().st_mtime))
        assert times[0] < times[1]


def test_a_wrong_edit_is_said() -> None:
    with Draft() as draft:
        with pytest.raises(LabError, match="has nothing that reads 'Hallo'"):
            draft.edit("shop/views.py", "Hallo", "Hello")
        with pytest.raises(LabError, match=r"shop/vjews\.py of the draft cannot be read"):
            draft.read("shop/vjews.py")
