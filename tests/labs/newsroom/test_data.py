from __future__ import annotations

import hashlib
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from labs.errors import LabError
from labs.newsroom import archive as rows
from labs.newsroom import words
from labs.newsroom.data import Data, build, content_key


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(data: Data) -> dict[str, tuple[str, float]]:
    files = [path for path in data.folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(data.folder)): (digest(path), path.stat().st_mtime) for path in files}


def test_a_second_build_is_the_same_to_the_byte(archive: Data, tmp_path: Path) -> None:
    """Database, pictures and style sheets; in a folder with a space in its name, where a build was killed before."""
    cache = tmp_path / "a cache"
    (cache / ".building-half").mkdir(parents=True)
    second = build(cache=cache)
    assert contents(second) == contents(archive)
    assert {"newspaper.sqlite3", "media/favicon.ico", "media/static/paper/lantern.css"} < contents(second).keys()
    assert not list(cache.glob(".building-*"))


def test_an_archive_is_built_once(archive: Data) -> None:
    before = archive.database.stat()
    assert build() == archive
    assert archive.database.stat() == before
    assert archive.folder.name == archive.key == content_key(2000) != content_key(2001)


def test_others_may_read_and_nobody_may_write(archive: Data) -> None:
    for path in [archive.folder, *archive.folder.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o444), path


@pytest.mark.parametrize(
    ("size", "least", "most"), [("thumbnail", 1_500, 6_000), ("medium", 20_000, 60_000), ("large", 120_000, 300_000)]
)
def test_pictures_weigh_what_real_ones_do(archive: Data, size: str, least: int, most: int) -> None:
    weights = [path.stat().st_size for path in (archive.media / "photos" / size).iterdir()]
    assert len(weights) == 30
    assert least <= min(weights) <= max(weights) <= most


def test_a_copy_can_be_written(archive: Data, tmp_path: Path) -> None:
    copy = archive.copy_database(tmp_path / "a copy.sqlite3")
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("DELETE FROM paper_comment").rowcount > 5000
        database.commit()
    assert digest(copy) != digest(archive.database)


def test_articles_are_numbered_by_date_and_drafts_come_last(archive: Data) -> None:
    with closing(sqlite3.connect(f"{archive.database.as_uri()}?mode=ro", uri=True)) as database:
        dates = [date for (date,) in database.execute("SELECT published_at FROM paper_article ORDER BY id")]
        assert dates[2000:] == [None] * rows.DRAFTS
        assert dates[:2000] == sorted(dates[:2000])
        assert (dates[0][:10], dates[1999][:10]) == ("1989-01-02", "2025-12-31")
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_text_is_whole(archive: Data) -> None:
    """No slot left open, no "a opossum"."""
    with closing(sqlite3.connect(f"{archive.database.as_uri()}?mode=ro", uri=True)) as database:
        texts = [
            " ".join(row) for row in database.execute("SELECT headline, summary, body, caption FROM paper_article")
        ]
        texts += [
            row[0] for row in database.execute("SELECT text FROM paper_comment UNION SELECT text FROM paper_notice")
        ]
    for text in texts:
        assert "{" not in text
        assert not re.search(r"\b[Aa] [aeio]", text), text
        assert not re.search(r"[a-z] {2,}|\.\.", text), text


def test_every_section_has_its_patterns() -> None:
    slugs = {slug for _, slug, _ in words.SECTIONS}
    assert slugs == set(words.HEADLINES) == set(words.LEADS)
    assert len(set(words.TOPICS)) == len(words.TOPICS)


def test_too_small_an_archive_is_refused() -> None:
    with pytest.raises(LabError, match="at least 2,000 articles, not 10"):
        build(10)


def test_a_larger_archive_begins_alike() -> None:
    small, large = rows.articles(2000), rows.articles(5000)
    for _ in range(20):
        # All but the date, which moves with the size.
        assert next(small)[0][:-1] == next(large)[0][:-1]


def test_importing_the_package_is_light() -> None:
    import subprocess

    code = "import sys, labs.newsroom; print([m for m in ('django', 'PIL', 'sqlite3', 'filelock') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LabError, match="could not be built in"):
        build(cache=tmp_path / "file" / "cache")
