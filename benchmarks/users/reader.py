"""A reader: asks for a page, reads it for a while, asks again."""

from __future__ import annotations

from typing import Any

from locust import FastHttpUser, between, task

from benchmarks.users.hangup import hang_up


class Reader(FastHttpUser):
    """Pauses between pages and offers to keep its connection open, as browsers do; the server decides."""

    wait_time = between(1, 10)
    connection_timeout = network_timeout = 30.0  # seconds; without an end, one who is never served is never counted
    page = "/"
    watch: Any = None

    @task
    def read(self) -> None:
        """One page. Meanwhile nobody watches the connections; in the pause after it they are closed with the server."""
        if self.watch is not None:
            self.watch.kill()
        self.client.get(self.page)
        self.watch = hang_up(self)
