"""Several sites on one lighttpd, by the host name of the request; and what a name is that no site has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.plan.behaviour import Behaviour, Finding

NAMES = {
    "news.test": "news",
    "shop.test": "shop",
    "SHOP.test": "shop",
    "shop.test:8000": "shop",
    "www.shop.test": None,
    "shopxtest": None,
    "other.test": None,
}
GREETING = {"news": "Hello from the Lantern\n", "shop": "Hello from the shop\n"}


def checks(deploy: Callable[..., Any]) -> Iterator[Finding]:
    """Ask one address by several names; then take one of the two sites away."""
    with deploy("sites-lighttpd") as both:
        for host, site in NAMES.items():
            answer = both.get("/hello/", headers={"Host": host})
            said = next((name for name, text in GREETING.items() if answer.text == text), "nobody")
            yield Finding(
                what=f"Host: {host}",
                expected=f"200 from {site}" if site else "404 from nobody",
                seen=f"{answer.status} from {said}",
                ok=(answer.status, said) == ((200, site) if site else (404, "nobody")),
            )
        news, shop = (both.get("/whoami/", headers={"Host": host}).json["pid"] for host in ("news.test", "shop.test"))
        apart = (news, shop) == (both.pid_of("news"), both.pid_of("shop"))
        yield Finding(
            what="processes",
            expected="a Django process for each site, one lighttpd for both",
            seen=f"{'two' if news != shop else 'one'} of Django, {len(both.processes().rows) - 2} in front",
            ok=apart and len(both.processes().rows) == 3,
        )
        media = [both.get("/media/mug.svg", headers={"Host": host}).status for host in ("news.test", "shop.test")]
        yield Finding(
            what="/media/mug.svg, which only the shop has",
            expected="404 for news.test, 200 for shop.test",
            seen=f"{media[0]} for news.test, {media[1]} for shop.test",
            ok=media == [404, 200],
        )
        both.stop_server("news")
        left = [both.get("/hello/", headers={"Host": host}).status for host in ("news.test", "shop.test")]
        yield Finding(
            what="the news are stopped",
            expected="news.test fails with 503, shop.test 200",
            seen=f"news.test {left[0]}, shop.test {left[1]}",
            ok=left == [503, 200],
        )


experiment = Behaviour(claim="fastcgi-lighttpd-sites", checks=checks)
