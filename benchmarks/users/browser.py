"""A browser: a page, then the images that the page names."""

from __future__ import annotations

import re

from gevent.pool import Pool  # type: ignore[import-untyped]
from locust import FastHttpUser, between, task

IMAGE = re.compile(rb'<img\b[^>]*?\bsrc="([^"]+)"')


class Browser(FastHttpUser):
    """Fetches the images of a page over six connections at once; nothing is cached, so each visit is a first one."""

    wait_time = between(1, 10)
    connection_timeout = network_timeout = 30.0
    concurrency = 6  # connections to one host: what today's browsers allow themselves over HTTP/1.1
    page = "/"
    paged = True  # a page is several requests

    @task
    def visit(self) -> None:
        """One page with its images, reported as PAGE besides the requests that it took."""
        with self.environment.events.request.measure("PAGE", self.page, context={"user": self}):
            page = self.client.get(self.page)
            connections = Pool(self.concurrency)
            for image in dict.fromkeys(IMAGE.findall(page.content or b"")):
                connections.spawn(self.client.get, image.decode(), name="image", context={"part": "image"})
            connections.join()
