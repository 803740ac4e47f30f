"""Writes the rows of the newspaper: the same rows from the same size, on every machine.

Articles are numbered in the order of their dates, from the first issue in 1989 to the last edition of 2025, so that an
address such as /articles/1/ means the oldest article in an archive of any size. Years grow denser towards the end, as
they do where a paper learned late to keep everything. All numbers from 1 to the size of the archive are published; a few
drafts follow after them.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from labs.newsroom import words

FIRST_ISSUE = datetime(1989, 1, 2, 11)  # noqa: DTZ001 - Django stores UTC in SQLite without a zone
LAST_EDITION = datetime(2025, 12, 31, 11)  # noqa: DTZ001 - as above; a past date, or the articles would be unpublished
AUTHORS = 24
READERS = 300
DRAFTS = 5
NOTICES = 400
VOWEL = re.compile(r"\b([Aa]) (?=[“]?[AEIOaeio])")

Row = tuple[object, ...]


def date(number: int, of: int) -> datetime:
    """When the number-th of `of` things was printed, to the minute."""
    share = 1 - (1 - (number - 1) / max(of - 1, 1)) ** 2
    minutes = (LAST_EDITION - FIRST_ISSUE) / timedelta(minutes=1)
    return FIRST_ISSUE + timedelta(minutes=int(minutes * share))


def slots(dice: random.Random) -> dict[str, object]:
    """One set of people, places and numbers. n and m read well before "th"; big is larger than both."""
    place, place2 = dice.sample(words.PLACES, 2)
    time, time2 = dice.sample(words.TIMES, 2)
    feeling, feeling2 = dice.sample(words.FEELINGS, 2)
    first, first2 = dice.sample(words.FIRST, 2)
    last, last2 = dice.sample(words.LAST, 2)
    chosen: dict[str, object] = {
        "place": place, "place2": place2, "time": time, "time2": time2, "feeling": feeling, "feeling2": feeling2,
        "first": first, "first2": first2, "last": last, "last2": last2,
        "creature": dice.choice(words.CREATURES), "dish": dice.choice(words.DISHES), "body": dice.choice(words.BODIES),
        "weather": dice.choice(words.WEATHER), "relative": dice.choice(words.RELATIVES),
        "n": dice.randrange(12, 21), "m": dice.randrange(4, 12), "big": dice.randrange(21, 100),
        "years": dice.randrange(11, 70), "money": f"{dice.randrange(2, 900) * 50:,}",
    }  # fmt: skip
    for name in ("place", "creature", "body", "weather", "first", "first2", "last", "last2"):
        value = str(chosen[name])
        chosen[name.capitalize()] = value[0].upper() + value[1:]
    return chosen


def write(pattern: str, chosen: dict[str, object]) -> str:
    """The pattern with its slots filled, and "an" where English wants it."""
    return VOWEL.sub(r"\1n ", pattern.format_map(chosen))


def article(dice: random.Random, slug: str, chosen: dict[str, object]) -> tuple[str, str, str, str]:
    """Headline, summary, body and caption."""
    lead, *_ = leads = dice.sample(words.LEADS[slug], 2)
    sentences = dice.sample(words.SENTENCES, dice.randrange(14, 25))
    paragraphs = [" ".join(leads)]
    while sentences:
        length = dice.randrange(2, 5)
        paragraphs.append(" ".join(sentences[:length]))
        sentences = sentences[length:]
    paragraphs.append(dice.choice(words.CLOSINGS))
    headline = write(dice.choice(words.HEADLINES[slug]), chosen)
    caption = write(dice.choice(words.CAPTIONS), chosen)
    return headline, write(lead, chosen), write("\n\n".join(paragraphs), chosen), caption


def photos() -> list[tuple[str, str, str]]:
    """Name of the file, scene and title of every photograph."""
    return [
        (f"{scene}-{number}", scene, f"{scene.capitalize()} {view}")
        for scene in words.SCENES
        for number, view in enumerate(words.VIEWS, 1)
    ]


def articles(size: int) -> Iterator[tuple[Row, list[Row], list[Row]]]:
    """Each article with its topics and its comments."""
    pictures = len(photos())
    last = len(words.TOPICS)
    for number in range(1, size + DRAFTS + 1):
        # One generator an article: the first ones are alike in an archive of every size, but for their dates.
        dice = random.Random(f"article {number}")
        chosen = slots(dice)
        section = dice.randrange(len(words.SECTIONS))
        headline, summary, body, caption = article(dice, words.SECTIONS[section][1], chosen)
        author = dice.randrange(AUTHORS) + 1
        printed = date(number, size) if number <= size else None
        status = "published" if printed else "draft"
        row: Row = (
            number, section + 1, author, dice.randrange(pictures) + 1, caption, headline, summary, body, status,
            printed and str(printed),
        )  # fmt: skip
        own = [(section * 6 + step) % last + 1 for step in dice.sample(range(6), 2)]
        topics: list[Row] = [(number, topic) for topic in sorted({*own, dice.randrange(last) + 1})]
        yield row, topics, list(comments(dice, number, printed, chosen)) if printed else []


def comments(dice: random.Random, number: int, printed: datetime, chosen: dict[str, object]) -> Iterator[Row]:
    """Four on average, many where the town is stirred; three in five by readers with an account."""
    when = printed
    for pattern in dice.choices(words.COMMENTS, k=min(int(dice.expovariate(0.22)), 40)):
        when = min(when + timedelta(minutes=int(dice.expovariate(1 / 200)) + 1), LAST_EDITION + timedelta(hours=12))
        reader = dice.randrange(READERS)
        account = reader + 2 if dice.random() < 0.6 else None
        public = dice.random() < 0.97
        yield number, account, " ".join(reader_name(reader)), write(pattern, chosen), public, str(when)


def reader_name(number: int) -> tuple[str, str]:
    """First and last name of a reader."""
    return words.FIRST[number % len(words.FIRST)], words.LAST[number * 7 % len(words.LAST)]


def users(password: str) -> Iterator[Row]:
    """The editor, a superuser, then the readers; one password hash for all."""
    joined = str(FIRST_ISSUE)
    yield 1, password, None, True, "editor", "Ida", "Birdsong", "editor@lantern.test", True, True, joined
    for number in range(READERS):
        name = f"reader{number + 1:03}"
        yield number + 2, password, None, False, name, *reader_name(number), f"{name}@lantern.test", False, True, joined


def notices() -> Iterator[Row]:
    """Lines for the notice board, over the same years as the articles."""
    dice = random.Random("notices")
    for number in range(1, NOTICES + 1):
        kind = dice.choice(list(words.NOTICES))
        text = write(dice.choice(words.NOTICES[kind]), slots(dice))
        yield kind, text[0].upper() + text[1:], str(date(number, NOTICES).date())


def insert(database: sqlite3.Connection, table: str, columns: str, rows: Iterable[Row]) -> None:
    """Rows into a table; `columns` names theirs, with spaces between."""
    names = columns.split()
    marks = ", ".join("?" * len(names))
    database.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def fill(database: sqlite3.Connection, size: int, password: str) -> None:
    """All rows, in one transaction of the caller's; articles by the thousand, so that memory stays small at any size."""
    dice = random.Random("authors")
    surnames = dice.sample(words.LAST, AUTHORS)
    writers = [(f"{dice.choice(words.FIRST)} {surname}", dice.choice(words.ROLES)) for surname in surnames]
    insert(database, "auth_user", "id password last_login is_superuser username first_name last_name email is_staff is_active date_joined", users(password))  # fmt: skip
    insert(
        database, "paper_section", "name slug motto position", [(*row, n) for n, row in enumerate(words.SECTIONS, 1)]
    )
    insert(database, "paper_author", "name role", writers)
    insert(database, "paper_topic", "name slug", [(topic, topic.replace(" ", "-")) for topic in words.TOPICS])
    insert(
        database,
        "paper_photo",
        "title credit large medium thumbnail width height",
        [
            (title, f"{writers[n % AUTHORS][0]}, The Lantern", *(f"photos/{size}/{name}.jpg" for size in ("large", "medium", "thumbnail")), 1200, 800)
            for n, (name, _, title) in enumerate(photos())
        ],
    )  # fmt: skip
    insert(database, "paper_notice", "kind text printed_on", notices())
    batch: list[tuple[Row, list[Row], list[Row]]] = []
    for entry in articles(size):
        batch.append(entry)
        if len(batch) == 1000:
            insert_articles(database, batch)
            batch.clear()
    insert_articles(database, batch)


def insert_articles(database: sqlite3.Connection, batch: list[tuple[Row, list[Row], list[Row]]]) -> None:
    """Articles, their topics and their comments."""
    columns = "id section_id author_id photo_id caption headline summary body status published_at"
    insert(database, "paper_article", columns, [row for row, _, _ in batch])
    insert(database, "paper_article_topics", "article_id topic_id", [row for _, rows, _ in batch for row in rows])
    columns = "article_id user_id name text is_public created_at"
    insert(database, "paper_comment", columns, [row for _, _, rows in batch for row in rows])
