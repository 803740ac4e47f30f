"""Exercises about who serves what."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from labs import deploy
from labs.exercises.exercise import Step, exercise


@exercise("two-at-once", obeyed=False)
def two_at_once(workers: int, threads: int) -> Iterator[Step]:
    """Let one gunicorn process serve two readers at once, on a page that waits for half a second."""
    with deploy("gunicorn", workers=workers, threads=threads) as site:
        processes = site.processes().rows[0].processes - 1
        yield Step(
            "one process answers, beside the master",
            processes == 1,
            seen=f"{processes} processes",
            hint="workers counts processes.",
        )
        site.get("/wait/?seconds=0.01")
        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as readers:
            answers = list(readers.map(lambda _: site.get("/wait/?seconds=0.5"), range(2)))
        took = time.perf_counter() - begun
        yield Step("both readers get their page", [answer.status for answer in answers] == [200, 200])
        yield Step(
            "the second does not wait for the first",
            took < 0.85,
            seen=f"{took:.1f} s for both",
            hint="A sync worker serves one request at a time; threads let one wait while the other is served.",
        )


@exercise("media", obeyed=False)
def media(media: str) -> Iterator[Step]:
    """Arrange the media so that the Apache that runs Django never sees a request for a picture."""
    with deploy("fastcgi-apache", media=media) as site:  # type: ignore[arg-type]  # deploy says what it takes
        page = site.get("/")
        found = re.search(r'<img[^>]+src="([^"]+)"', page.text)
        yield Step("the front page shows a picture", found is not None)
        assert found is not None
        address = found[1] if "://" in found[1] else site.url + found[1]
        picture = site.get(address)
        yield Step(
            "the picture arrives", picture.status == 200, seen=f"{picture.status} from {picture.header('Server')}"
        )
        yield Step(
            "it comes from another server",
            not address.startswith(site.url),
            seen="the same address as the page" if address.startswith(site.url) else "another port",
            hint="MEDIA_URL may be a whole address. media says who serves: 'django', 'front-end' or 'own'.",
        )
