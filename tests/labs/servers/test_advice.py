"""What is to be done about what a log says: the cause that it names, with its name, and nothing else."""

from __future__ import annotations

import pytest

from labs.servers.advice import advice

# A line of a log -> words of the one hint that it gets
HINTS = {
    "KeyError: 'HTTP_X'": None,  # not of the environment
    "  File \"/usr/lib/python3.10/os.py\", line 680, in __getitem__\n    raise KeyError(key) from None\nKeyError: 'A_B'": "--env A_B=VALUE",
    "django.core.exceptions.ImproperlyConfigured: Set the SHOP_KEY environment variable": "--env SHOP_KEY=VALUE",
    "decouple.UndefinedValueError: SHOP_KEY not found. Declare it as envvar": "--env SHOP_KEY=VALUE",
    'environs.EnvError: Environment variable "SHOP_KEY" not set': "--env SHOP_KEY=VALUE",
    "sqlite3.OperationalError: no such table: shop_order": "no table shop_order: python manage.py migrate",
    'psycopg.errors.UndefinedTable: relation "shop_order" does not exist': "no table shop_order: python manage.py migrate",
    "MySQLdb.ProgrammingError: (1146, \"Table 'shop.order' doesn't exist\")": "no table shop.order: python manage.py migrate",
    "sqlite3.OperationalError: unable to open database file": "cannot be opened",
    'connection to server at "127.0.0.1", port 5432 failed: Connection refused': "server at 127.0.0.1 does not answer",
    'could not translate host name "db" to address: Name or service not known': "server at db does not answer",
    "(2002, \"Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)\")": "/run/mysqld/mysqld.sock does",
    'FATAL:  password authentication failed for user "shop"': "refuses the account",
    'FATAL:  database "shop" does not exist': "no database shop: make it",
    "ImproperlyConfigured: Error loading psycopg2 or psycopg module": "no driver for its database (psycopg2)",
    "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.": "--cache memcached",
    '  File "/x/smtplib.py", line 336\nConnectionRefusedError: [Errno 111] Connection refused': "A mail server or a queue",
    "ConnectionRefusedError: [Errno 111] Connection refused": "the traceback above names what asked it",
    "connect() failed (111: Connection refused) while connecting to upstream": None,  # nginx, of its own back-end
    "ValueError: Missing staticfiles manifest entry for 'a.css'": "not collected (a.css): python manage.py collectstatic",
    "You're using the staticfiles app without having set the STATIC_ROOT setting": "collectstatic",
    "OfflineGenerationError: You have offline compression enabled": "manage.py compress",
    "OSError: Error reading /srv/webpack-stats.json. Are you sure webpack has": "npm run build",
    "django.template.exceptions.TemplateDoesNotExist: shop/a.html": "No template shop/a.html",
    "Invalid HTTP_HOST header: 'a.test'. You may need to add": "refuses the name a.test",
    "ModuleNotFoundError: No module named 'environ'": "its Python has no environ",
    "django.core.exceptions.ImproperlyConfigured: The shop is closed": "The site does not import",
    "[Sun Nov 29 23:05:33 2026] [wsgi:error] [pid 1:tid 2] ModuleNotFoundError: No module named 'a'": "has no a.",
    "[2026-11-29 23:00:02 +0000] [31159] [CRITICAL] WORKER TIMEOUT (pid:31163)": "more than 30 s",
    "OSError: [Errno 98] Address already in use": "a new port",
    "PermissionError: [Errno 13] Permission denied: '/srv/shop/a.txt'": "a user who may not use that file",
    "PermissionError: [Errno 13] labs: not written, since it lies outside (guard: audit hook): '/srv/a'": "writes beside itself",
    "ConnectionRefusedError: [Errno 111] labs: ('db', 5432) is not reached, since": "not part of the run",
    "everything is fine": None,
}


@pytest.mark.parametrize("log", HINTS)
def test_a_line_gets_its_hint_and_no_other(log: str) -> None:
    hint = HINTS[log]
    found = advice(f"a line before\n{log}\na line after\n")
    assert len(found) == (hint is not None), found
    assert all(hint is not None and hint in each for each in found), found


def test_of_several_causes_the_last_of_each_kind_is_named() -> None:
    found = advice("no such table: a\nno such table: b\nNo space left on device\nImportError: x")
    assert len(found) == 2
    assert "no table b" in "".join(found)
