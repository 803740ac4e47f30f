"""Makes a site's tables by Django's migrations, and loads their rows from an SQLite file that has the same tables.

    python -m labs_seed HOST:PORT/NAME [FILE]      without a file the tables stay as the migrations leave them

Nothing is touched unless the settings lead to that very database: a project that reads another variable than it was given
would have its own tables migrated and emptied.

Values go as SQLite keeps them, in words: every database reads numbers, truths and times (UTC, as Django writes them) so.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

AT_ONCE = 1000  # rows that one round brings


def main(into: str, file: str = "") -> None:
    """Migrate, load, and let the database count what it has. Exits with a sentence where the settings lead elsewhere."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if (found := where(connection.settings_dict)) != into:
        sys.exit(f"The settings lead to {found}, not to the database of this run, {into}: nothing was changed.")
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    if file:
        with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro&immutable=1", uri=True)) as source:
            load(source, connection)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (FREEZE, ANALYZE)")


def where(settings: Any) -> str:
    """The database of an entry of DATABASES, as HOST:PORT/NAME; of a file its name alone."""
    return f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}" if settings["HOST"] else str(settings["NAME"])


def load(source: sqlite3.Connection, connection: Any) -> None:
    """Replace the rows of every table of ours by those of the file, at once or not at all. Raises LookupError where a table
    is missing in either."""
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import transaction

    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
    there = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    theirs = [name for (name,) in there]
    if theirs != tables:
        raise LookupError(f"the file and the migrations differ in tables: {sorted({*theirs} ^ {*tables})}")
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables):
            cursor.execute(statement)
        for table in tables:
            copy(source, cursor, table, connection.ops.quote_name)
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


def copy(source: sqlite3.Connection, cursor: Any, table: str, quote: Any) -> None:
    """The rows of one table, by the names of its columns."""
    rows = source.execute(f"SELECT * FROM {quoted(table)} ORDER BY rowid")  # noqa: S608 - a name of the file's own tables
    names = [column[0] for column in rows.description]
    marks = ", ".join(["%s"] * len(names))
    insert = f"INSERT INTO {quote(table)} ({', '.join(map(quote, names))}) VALUES ({marks})"  # noqa: S608 - as above
    for some in rounds(rows):
        cursor.executemany(insert, some)


def rounds(rows: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    """Some rows at a time, in words; bytes stay bytes, and nothing stays nothing."""
    while some := rows.fetchmany(AT_ONCE):
        yield [tuple(each if each is None or isinstance(each, bytes) else str(each) for each in row) for row in some]


def quoted(name: str) -> str:
    """A name as SQLite reads it."""
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    main(*sys.argv[1:3])
