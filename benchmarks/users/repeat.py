"""Visitors of which a given share asks for what somebody has asked for before."""

from __future__ import annotations

from itertools import count
from random import Random

from locust import FastHttpUser, constant, task


class Repeat(FastHttpUser):
    """`known` per cent of the requests are for one address that everybody asks for; each of the others is for an
    address that nobody has asked for yet, a query string making the page's address new and its work the same."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    page = "/articles/1/"
    known = 50  # per cent
    seed = 1
    numbers = count()

    def on_start(self) -> None:
        """Give this user its own sequence, and its own new addresses."""
        self.number = next(self.numbers)
        self.random = Random(f"{self.seed}/{self.number}")
        self.fresh = count()

    @task
    def visit(self) -> None:
        """One page."""
        again = self.random.random() * 100 < self.known
        address = self.page if again else f"{self.page}?visit={self.seed}-{self.number}-{next(self.fresh)}"
        self.client.get(address, name=self.page)
