"""The newsroom's form for comments: what has to be sent with it, for whoever posts one."""

from __future__ import annotations

import re

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ARTICLES = 2000  # of the newsroom's archive


def address(article: int) -> str:
    """Where comments on an article are posted, and where the form is shown."""
    return f"/articles/{article}/comments/"


def token(page: str) -> str | None:
    """What the form sends along against forgery; it fits the cookie that came with it. None on another page."""
    found = TOKEN.search(page)
    return found[1] if found else None


def fields(token: str, text: str) -> dict[str, str]:
    """What is posted."""
    return {"csrfmiddlewaretoken": token, "name": "A reader", "text": text}
