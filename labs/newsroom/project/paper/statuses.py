"""The statuses that a page can be asked for."""

from __future__ import annotations

# What an answer of that status must or may carry beside it (RFC 9110)
STATUSES: dict[int, dict[str, str]] = {
    200: {},
    301: {"Location": "/hello/"},
    302: {"Location": "/hello/"},
    303: {"Location": "/hello/"},
    304: {"ETag": '"lantern"'},
    307: {"Location": "/hello/"},
    308: {"Location": "/hello/"},
    400: {},
    403: {},
    404: {},
    405: {"Allow": "GET, HEAD"},
    410: {},
    413: {},
    418: {},
    429: {"Retry-After": "7"},
    500: {},
    503: {"Retry-After": "7"},
}
