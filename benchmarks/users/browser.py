"""A browser: a page, then the images that the page names."""

from __future__ import annotations

from gevent.pool import Pool  # type: ignore[import-untyped]
from locust import FastHttpUser, between, task

from benchmarks.users.pictures import pictures


class Browser(FastHttpUser):
    """Fetches the images of a page over six connections at once; nothing is cached, so each visit is a first one."""

    wait_time = between(1, 10)
    connection_timeout = network_timeout = 30.0
    concurrency = 6  # connections to one host: what today's browsers allow themselves over HTTP/1.1
    page = "/"
    below = ""  # only pictures whose path begins with this
    paged = True  # a page is several requests

    @task
    def visit(self) -> None:
        """One page with its images, reported as PAGE besides the requests that it took."""
        with self.environment.events.request.measure("PAGE", self.page, context={"user": self}):
            page = self.client.get(self.page)
            connections = Pool(self.concurrency)
            images, _others = pictures(f"{self.host}{self.page}", page.content or b"", self.below)
            for image in images:
                connections.spawn(self.client.get, image, name="image", context={"part": "image"})
            connections.join()
