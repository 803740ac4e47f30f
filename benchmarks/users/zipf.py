"""Readers of articles: few articles are asked for often, many seldom."""

from __future__ import annotations

from bisect import bisect
from functools import cache
from itertools import accumulate, count
from random import Random

from locust import FastHttpUser, constant, task


@cache
def popularity(articles: int, exponent: float) -> list[float]:
    """Running sums of 1 / rank ** exponent, Zipf's law; 1.0 is the classic exponent."""
    return list(accumulate(rank**-exponent for rank in range(1, articles + 1)))


class Zipf(FastHttpUser):
    """Article number r is the r-th most popular. The same seed gives every user the same sequence again."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    page = "/articles/{}/"
    articles, exponent, seed = 2000, 1.0, 1
    numbers = count()

    def on_start(self) -> None:
        """Give this user its own sequence, independent of when the others draw."""
        self.random = Random(f"{self.seed}/{next(self.numbers)}")

    @task
    def read(self) -> None:
        """One article, drawn by popularity."""
        sums = popularity(self.articles, self.exponent)
        article = bisect(sums, self.random.random() * sums[-1]) + 1
        self.client.get(self.page.format(article), name=self.page)
