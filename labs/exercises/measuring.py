"""Exercises about measuring: what counts as an answer, how many workers a rate needs, in which order to compare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean

from labs import deploy
from labs.clients.probe import Response
from labs.exercises.exercise import Step, exercise
from labs.runtime.deployment import Deployment

ARTICLE, OTHER = "/articles/1/", "/articles/2/"

RATE, TAKES, LASTS = 30, 0.1, 2  # readers a second, seconds that their page takes, seconds for which they come
LITTLE = RATE * TAKES  # readers who are being served at a time
LONGEST = 0.35  # seconds from when a reader was due to the answer: one who queues for long needs more

FIRST, SLOWER = 0.05, 0.03  # seconds that the first run takes, and how much more each further one does
SAME = 0.1  # share by which two means of one server may differ, since a real one is never exact


@exercise("counts", obeyed=False)
def counts(status: int, marker: str) -> Iterator[Step]:
    """Say what an answer must be to count as article 1: it does, and neither an error nor another page passes for it."""

    def counted(answer: Response) -> bool:
        return answer.status == status and marker in answer.text

    with deploy("fastcgi-nginx") as site:
        right, wrong = site.get(ARTICLE), site.get(OTHER)
        yield Step(
            "article 1 counts",
            counted(right),
            seen=f"status {right.status}, {'with' if marker in right.text else 'without'} the text",
            hint="Look at the page: site.get('/articles/1/') has a status and a text.",
        )
        yield Step(
            "article 2 does not",
            not counted(wrong),
            seen=f"status {wrong.status}, {'with' if marker in wrong.text else 'without'} the text",
            hint="A status says that there was a page, not which. Choose a text that no other page has.",
        )
        site.stop_server("runfcgi")
        broken = site.get(ARTICLE)
        yield Step(
            "nginx's own page, now that Django is gone, does not",
            not counted(broken),
            seen=f"status {broken.status}",
            hint="Only a page by Django is an answer.",
        )


@exercise("little", obeyed=False)
def little(workers: int) -> Iterator[Step]:
    """Choose gunicorn's workers for 30 readers a second whose page takes 0.1 s: nobody queues, and few sit idle."""
    yield Step(
        f"at most twice the {LITTLE:g} that Little's law asks for",
        workers <= 2 * LITTLE,
        seen=f"{workers} workers",
        hint="Each worker is a whole Django in memory.",
    )
    with deploy("gunicorn", workers=workers) as site:
        took = arrivals(site, f"/wait/?seconds={TAKES}")
    last = fmean(took[-RATE // 2 :])
    yield Step(
        "the readers of the last half second do not queue",
        last < LONGEST,
        seen=f"{last:.2f} s",
        hint="Requests in flight are rate times time. A worker holds one at a time, and a queue that grows never ends.",
    )


def arrivals(site: Deployment, path: str) -> list[float]:
    """Seconds from when each reader was due to the answer. They come evenly, whoever is still waiting."""

    def ask(due: float) -> float:
        time.sleep(max(0.0, due - time.monotonic()))
        site.get(path)
        return time.monotonic() - due

    begin = time.monotonic() + 0.2
    with ThreadPoolExecutor(RATE * LASTS) as readers:
        return list(readers.map(ask, [begin + number / RATE for number in range(RATE * LASTS)]))


@exercise("order", obeyed=False)
def order(runs: str) -> Iterator[Step]:
    """Compare A and B, which are one server that gets slower all the time, in eight runs that show no difference."""
    yield Step(
        "four runs of A and four of B",
        sorted(runs) == sorted("AAAABBBB"),
        seen=runs,
        hint='Write the order as one word, such as "AAAABBBB".',
    )
    with deploy("gunicorn", workers=1) as site:
        site.get("/wait/?seconds=0.01")
        pages = [f"/wait/?seconds={FIRST + SLOWER * number:.2f}" for number in range(len(runs))]
        # the shorter of two, since something else may hold up one
        took = [min(site.get(page).seconds, site.get(page).seconds) for page in pages]
    means = {name: fmean(seconds for own, seconds in zip(runs, took, strict=True) if own == name) for name in "AB"}
    ratio = means["B"] / means["A"]
    yield Step(
        "A and B come out the same",
        abs(ratio - 1) < SAME,
        seen=f"A {means['A']:.3f} s, B {means['B']:.3f} s, ratio {ratio:.2f}",
        hint="If B always follows A, B is always the later one. Let each of them be first as often as second, "
        "early and late.",
    )
