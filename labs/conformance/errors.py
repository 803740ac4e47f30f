"""Error pages tell a visitor nothing of the inside."""

from __future__ import annotations

import re

from labs.conformance.check import Seen, check
from labs.conformance.target import MISSING, Target
from labs.conformance.wire import Answer, WireError

TELLTALES = {
    "a traceback": r"Traceback \(most recent|File &quot;|File \"/",
    "a path": r"/(home|root|srv|usr|var|opt|tmp|Users|etc)/[\w.-]+/",
    "settings": r"DJANGO_SETTINGS_MODULE|SECRET_KEY|DEBUG = True|INSTALLED_APPS",
    "the URLconf": r"Using the URLconf defined in",
    "a version": r"\b(nginx|lighttpd|Apache|gunicorn|Python|Django|flup)/\d",
}


def revealed(answer: Answer) -> list[str]:
    """What an answer tells of the inside, its headers included."""
    text = answer.text + "\n" + "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return [what for what, pattern in TELLTALES.items() if re.search(pattern, text)]


def quiet(answer: Answer, *statuses: int) -> Seen:
    told = revealed(answer)
    return Seen(answer.status in statuses and not told, f"{answer.status}, it tells {' and '.join(told) or 'nothing'}")


@check(
    "error-404",
    "the page for what is not there tells nothing",
    why="DEBUG left on shows every address of the site.",
    needs="any",
)
def missing(target: Target) -> Seen:
    return quiet(target.page(MISSING), *target.absent)


@check("error-500", "the page for a failure tells nothing", why="A traceback shows code, paths and settings.")
def failure(target: Target) -> Seen:
    return quiet(target.ask("/fail/"), 500)


@check(
    "error-400",
    "the answer to a request that is none tells nothing",
    why="It comes from the front-end, which may name itself.",
    needs="any",
)
def bad(target: Target) -> Seen:
    try:
        with target.connect(timeout=3) as wire:
            wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nnot a header\r\nConnection: close\r\n\r\n")
            answer = wire.answer()
    except (OSError, WireError):
        return Seen(True, "closed without a word")
    return quiet(answer, *range(400, 500))


@check("error-host", "an unknown host gets 400, and is told nothing", why="DEBUG left on would show the settings.")
def host(target: Target) -> Seen:
    return quiet(target.ask("/hello/", headers=[("Host", "evil.example.com")]), 400, 404, 421)


@check(
    "error-media", "a file that is not there tells no path", why="It would name the folder on the disk.", needs="media"
)
def media(target: Target) -> Seen:
    return quiet(target.ask(target.media + ".no"), 404)


@check(
    "error-long",
    "an address of 20,000 bytes is refused with 4xx, and tells nothing",
    why="It is not the site's failure.",
    needs="any",
)
def long(target: Target) -> Seen:
    return quiet(target.ask(target.path.partition("?")[0] + "?" + "x" * 20_000), 400, 413, 414, 431)
