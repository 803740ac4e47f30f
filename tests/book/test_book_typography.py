from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from book._ext.typography import unbroken

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "page",
    [
        "<p>a rate of 5 % each</p>",
        "<td>2 of 40 (0.6 to 16.9 %)</td>",
        "<pre>7 % 3</pre><p>95 % of them</p><code>1 % 2</code>",
        "<svg><text>5 %</text></svg><p>20 %</p>",
    ],
)
def test_prose_is_joined_and_code_is_as_it_was(page: str) -> None:
    before, after = (BeautifulSoup(text, "html.parser") for text in (page, unbroken(page)))
    assert after.get_text().replace("\N{NO-BREAK SPACE}", " ") == before.get_text()
    for element in after.find_all(["p", "td"]):
        assert re.search(r"\d\N{NO-BREAK SPACE}%", element.text)
    for name in ("pre", "code", "svg"):
        assert [each.text for each in after.find_all(name)] == [each.text for each in before.find_all(name)]


def test_a_number_gets_its_space_and_tags_stay_as_they_are() -> None:
    page = '<p style="width: 5%" title="7%">48% of 3, <a href="/a%20b">5%20</a></p>'
    assert unbroken(page) == page.replace("48%", "48\N{NO-BREAK SPACE}%")


def test_no_page_tears_a_number_from_its_per_cent(built: Path) -> None:
    joined, torn = 0, []
    for path in sorted((built / "book").rglob("*.html")):
        page = BeautifulSoup(path.read_text("utf8"), "html.parser")
        for code in page.select("article :is(pre, code, svg, script, style)"):
            code.decompose()
        text = page.select_one("article").get_text()
        joined += len(re.findall(r"\d\N{NO-BREAK SPACE}%", text))
        torn += [(path.name, found) for found in re.findall(r".{0,20}\d %", text)]
        torn += [(path.name, found) for found in re.findall(r".{0,20}\d%(?!\w)", text)]
    assert torn == []
    assert joined > 100
