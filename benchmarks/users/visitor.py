"""A visitor: one request, when it is due."""

from __future__ import annotations

from locust import FastHttpUser, constant, task

from benchmarks.users.hangup import idle


class Visitor(FastHttpUser):
    """Asks for one page and leaves, unless the connection is kept for the next visitor. An open workload says when, and
    sets `turn` to the number of the arrival."""

    wait_time = constant(1)
    connection_timeout = network_timeout = 30.0
    pages: tuple[str, ...] = ("/",)
    keep = False
    turn = 0

    @task
    def visit(self) -> None:
        """The page of this arrival: they are asked for in turn."""
        self.client.get(self.pages[self.turn % len(self.pages)])
        if not self.keep:
            for sock in idle(self):
                sock.close()  # the pool sees a closed socket and opens another
