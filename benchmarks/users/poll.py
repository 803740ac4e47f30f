"""A client that never pauses: with a few of these, a server shows its capacity."""

from __future__ import annotations

from locust import FastHttpUser, constant, task


class Poll(FastHttpUser):
    """Asks again as soon as it has an answer."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    pages: tuple[str, ...] = ("/",)
    turn = 0

    @task
    def ask(self) -> None:
        """The next of the pages, in turn."""
        self.client.get(self.pages[self.turn % len(self.pages)])
        self.turn += 1
