"""Visitors who bring a server's processes to the state that they have after hours, within seconds."""

from __future__ import annotations

from itertools import count

from locust import FastHttpUser, constant, task

EACH = 4  # one request in so many


class Ageing(FastHttpUser):
    """All ask for one page; one request in four is for `collect`, at which the process collects its garbage.

    Python does so by itself after some hundred pages, and what a forked process shared with its parent becomes its own by
    it: measured before, memory is smaller than it will be. Without a `collect`, as on a site that has no such page, all
    requests are for the one page.
    """

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    page = "/articles/1/"
    collect = ""

    def on_start(self) -> None:
        """Begin with the page."""
        self.turn = count(1)

    @task
    def visit(self) -> None:
        """One request."""
        collects = self.collect and next(self.turn) % EACH == 0
        self.client.get(self.collect if collects else self.page, name=self.page)
