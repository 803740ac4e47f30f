"""A reader: asks for a page, reads it for a while, asks again."""

from __future__ import annotations

from locust import FastHttpUser, between, task


class Reader(FastHttpUser):
    """Pauses between pages and offers to keep its connection open, as browsers do; the server decides."""

    wait_time = between(1, 10)
    connection_timeout = network_timeout = (
        30.0  # seconds; without an end, a reader who is never served is never counted
    )
    page = "/"

    @task
    def read(self) -> None:
        """One page."""
        self.client.get(self.page)
