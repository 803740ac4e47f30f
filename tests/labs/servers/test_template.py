"""Templates: values go in, a fragment keeps its indentation, an empty one takes its line along."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.errors import LabError
from labs.servers.base import TEMPLATES
from labs.servers.template import render


def test_values_and_fragments(tmp_path: Path) -> None:
    template = tmp_path / "x.conf"
    template.write_text("listen @port@;\nserver {\n  @media@\n\n  @dynamic@\n}\n")
    text = render(template, {"port": 80, "media": "", "dynamic": "location / {\n  pass;\n}\n"})
    assert text == "listen 80;\nserver {\n\n  location / {\n    pass;\n  }\n}\n"


def test_a_mark_without_a_value_names_itself(tmp_path: Path) -> None:
    template = tmp_path / "x.conf"
    template.write_text("listen @port@;\n")
    with pytest.raises(LabError, match=r"x\.conf asks for @port@"):
        render(template, {})


def test_templates_have_no_conditionals_and_a_comment_or_a_name_that_says_it_all() -> None:
    files = [path for path in TEMPLATES.glob("*/*") if path.suffix in {".conf", ".cgi"}]
    assert len(files) > 15
    for path in files:
        text = path.read_text("utf-8")
        assert "{%" not in text
        assert "<IfDefine" not in text
        assert "<IfModule" not in text
    whole = [path for path in files if path.stem in {"nginx", "lighttpd", "apache", "gunicorn"}]
    assert [path for path in whole if not path.read_text("utf-8").startswith("# ")] == []
