"""Exercises about Python inside Apache: where it looks, whose code it keeps, when it reads it again, what it weighs."""

from __future__ import annotations

import os
import re
import signal as signals
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from labs import deploy
from labs.clients.readers import Readers
from labs.errors import OptionError, StartError
from labs.exercises.exercise import Step, exercise
from labs.newsroom import variants
from labs.runtime.deployment import Deployment

WHOSE = {
    "django_modpython": "The handler that PythonHandler names is a module too: {handler}.",
    "django": "The handler imports Django, which lies among the packages of the environment: {packages}.",
    "newsroom": "DJANGO_SETTINGS_MODULE names a module of the project: {project}.",
}
READERS = 8
CHILDREN = 3  # one more than readers who always wait for a page
BUDGET = 150_000_000  # bytes of PSS: one process with Django weighs a third of it or less, eight twice as much
FRESH = "the note that was edited"
PATIENCE = 20.0  # seconds for the new code: children that hold the interpreter's lock are ended after ten


@exercise("python-path")
def python_path(path: str) -> Iterator[Step]:
    """Give PythonPath, so that mod_python finds the handler, Django and the project, and Python its own library."""
    site = deploy("modpython-apache", workers=1)
    try:
        said = site.config("apache.conf")
        before = _value(str((site.folder / said.name).read_text("utf-8")))
        folders = re.findall(r"'([^']+)'", before)
        for name, folder in zip(("{project}", "{handler}", "{packages}"), folders, strict=False):
            path = str(path).replace(name, folder)
        if '"' in path:
            raise OptionError("path stands between double quotes in apache.conf; use single ones inside.")
        site.edit(said.name, before, path)
        try:
            site.start()
        except StartError as error:
            missing = re.search(r"No module named '(\w+)", str(error))
            if missing is None:
                raise
            yield Step(
                "a page of the newspaper arrives",
                False,
                seen=f"no module named {missing[1]}",
                hint=WHOSE.get(missing[1], "Python's own library is on sys.path, which PythonPath replaces."),
            )
            return
        yield Step("a page of the newspaper arrives", site.get("/").status == 200)
    finally:
        site.stop()


def _value(text: str) -> str:
    """What stands between the quotes of PythonPath in a configuration."""
    found = re.search(r'PythonPath +"(.+)"', text)
    assert found is not None
    return found[1]


@exercise("interpreters")
def interpreters(lines: Sequence[str]) -> Iterator[Step]:
    """Keep two sites of one host apart, without a line in either of their blocks."""
    if isinstance(lines, str):
        raise OptionError("lines is a list of lines for apache.conf.")
    both = deploy("sites-modpython", by="path", workers=1, interpreters=False)
    try:
        both.edit("apache.conf", "\nTypesConfig", "\n".join(["", *lines, "TypesConfig"]))
        both.start()
        for path, word in {"/news/hello/": "Lantern", "/shop/hello/": "shop"}.items():
            text = both.get(path).text
            yield Step(
                f"{path} is answered by the right site",
                word in text,
                seen=text.strip(),
                hint="The site that is asked first fills the interpreter. mod_python can name one after the host, after the "
                "directory of the file, or after the block in which the handler's directive stands.",
            )
    finally:
        both.stop()


@exercise("renew", obeyed=False)
def renew(signal: str) -> Iterator[Step]:
    """Give the signal that lets Apache take up edited code, and no reader lose the page that is waited for."""
    known = [each.name for each in signals.Signals]
    if signal not in known:
        raise OptionError(f"signal is a name such as SIGTERM, not {signal!r}.")
    site = deploy("modpython-apache", site=variants.site("note"), workers=CHILDREN)
    try:
        site.folder.write("note.py", 'TEXT = "the old note"\n')
        site.start()
        at_once(site, CHILDREN)  # a child loads the code at its first page: each has had one
        site.folder.write("note.py", f"TEXT = {FRESH!r}\n")
        yield Step("an edit alone changes nothing", "the old note" in site.get("/note/").text)
        with Readers(site.url, 2, "/wait/?seconds=0.4", pause=0) as readers:
            time.sleep(0.2)  # in the middle of both their pages
            os.kill(site.pid_of("apache2"), signals.Signals[signal])
            fresh = _fresh(site)
        yield Step(
            "the new code answers",
            fresh,
            hint="Children keep what they loaded. The parent renews them when it is told to read its configuration again.",
        )
        lost = sum(1 for reading in readers.readings if reading.failed)
        yield Step(
            "no reader lost a page",
            lost == 0,
            seen=f"{lost} failed",
            hint="One signal ends the children at once. Another lets each finish what it is at: Apache calls it graceful.",
        )
    finally:
        site.stop()


def _fresh(site: Deployment) -> bool:
    """Whether the edited page comes in time, three times running, since children of both kinds may live for a moment."""
    end, seen = time.monotonic() + PATIENCE, 0
    while seen < 3 and time.monotonic() < end and site.tree():
        try:
            seen = seen + 1 if FRESH in site.get("/note/", timeout=2).text else 0
        except OSError:
            seen = 0
        time.sleep(0.1)
    return seen == 3


@exercise("eight-at-once")
def eight_at_once(mpm: Literal["prefork", "worker", "event"], threads: int) -> Iterator[Step]:
    """Let Apache with mod_wsgi in it make eight pages at the same time, in less than 150 MB."""
    with deploy("modwsgi-apache", mode="embedded", mpm=mpm, connections=READERS, threads=threads) as site:
        yield Step("eight readers get their pages", at_once(site, READERS) == [200] * READERS)
        used = site.pss()
        yield Step(
            "all processes together stay below 150 MB",
            used < BUDGET,
            seen=f"{used / 1e6:.0f} MB in {len(site.tree())} processes",
            hint="Each process that makes pages has a Django of its own. Threads of one process share it.",
        )


def at_once(site: Deployment, number: int) -> list[int]:
    """The statuses of so many pages that are made at the same time, each for half a second."""
    with ThreadPoolExecutor(number) as readers:
        return [answer.status for answer in readers.map(site.get, ["/wait/?seconds=0.5"] * number)]
