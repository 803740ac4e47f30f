"""A reader who also writes: comments on articles of the newsroom, each a row in its database."""

from __future__ import annotations

from itertools import count
from random import Random

from locust import FastHttpUser, constant, task

from benchmarks.users import form

POSTED = 302  # the form leads back to the article; any other status is a failure


class Writer(FastHttpUser):
    """Asks for `page`, and in `posts` per cent of its turns posts a comment instead, on an article that is drawn.

    Before its first comment it asks for the form once, for the token; where that fails, the turn is over.
    """

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0
    page = "/"
    posts = 50  # per cent
    articles, seed = form.ARTICLES, 1
    numbers = count()
    token: str | None = None

    def on_start(self) -> None:
        """Give this user its own sequence."""
        self.number = next(self.numbers)
        self.random, self.turn = Random(f"{self.seed}/{self.number}"), count(1)

    @task
    def visit(self) -> None:
        """One page, or one comment."""
        if self.random.random() * 100 < self.posts:
            self.write()
        else:
            self.client.get(self.page)

    def write(self) -> None:
        """Post a comment."""
        where = form.address(self.random.randrange(self.articles) + 1)
        if self.token is None:
            self.token = form.token(self.client.get(where, context={"part": "form"}, name="form").text or "")
        if self.token is None:
            return
        said = form.fields(self.token, f"Comment {next(self.turn)} of reader {self.number}.")
        self.client.post(where, data=said, context={"part": "comment", "status": POSTED}, name="comment")
