"""The newsroom in this process, on a copy of its archive, and in processes of its own where settings differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.newsroom.data import PROJECT, Data, build

# Answers a list of requests through the WSGI application, as a server would, and prints what came back.
ASK = """
import io, json, sys, time
from newsroom.wsgi import application
answers = []
for request in json.load(sys.stdin):
    environ = {"REQUEST_METHOD": "GET", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1",
               "SCRIPT_NAME": "", "QUERY_STRING": "", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
               "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.run_once": False,
               "wsgi.multithread": True, "wsgi.multiprocess": False, **request}
    answer = {}
    def start_response(status, headers, exc_info=None):
        answer.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})
    begun = time.thread_time()
    body = application(environ, start_response)
    answer["cpu"] = time.thread_time() - begun
    answer["body"] = b"".join(body).decode("latin-1")
    body.close()
    answers.append(answer)
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="session")
def archive() -> Data:
    return build()


@pytest.fixture(scope="session")
def database(archive: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that tests may write to."""
    return archive.copy_database(tmp_path_factory.mktemp("newsroom") / "newspaper.sqlite3")


@pytest.fixture(scope="session")
def environment(archive: Data, database: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "NEWSROOM_DATABASE": str(database),
        "NEWSROOM_MEDIA_ROOT": str(archive.media),
        "NEWSROOM_SERVE_MEDIA": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture(scope="session")
def django(environment: dict[str, str]) -> Iterator[None]:
    """Django, set up once for the tests that look inside. The environment is left as it was."""
    before = dict(os.environ)
    sys.path.insert(0, str(PROJECT))
    os.environ.update(environment)
    try:
        import django

        django.setup()
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()  # Django set the process's clock to its TIME_ZONE
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment(debug=False)
    yield
    teardown_test_environment()
    sys.path.remove(str(PROJECT))


@pytest.fixture
def client(django: None) -> Any:
    from django.test import Client

    return Client(raise_request_exception=False)


@pytest.fixture
def strict_client(django: None) -> Any:
    """One that sends no CSRF token by itself, as a browser does not."""
    from django.test import Client

    return Client(enforce_csrf_checks=True)


@pytest.fixture
def queries(django: None) -> Callable[[], Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def python(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python in the project's folder, with some variables changed."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSROOM_", "DJANGO_"))}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**inherited, **environment, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


@pytest.fixture
def ask(python: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., list[dict[str, Any]]]:
    """Answers of a fresh process with other settings to requests, given as what differs from a plain GET."""

    def run(*requests: dict[str, str], **variables: str) -> list[dict[str, Any]]:
        done = python("-c", ASK, stdin=json.dumps(requests), **variables)
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return run
