"""A configuration file as a reader sees it: text, coloured in a notebook."""

from __future__ import annotations

import re


def count(text: str) -> int:
    """Lines of a configuration that are neither empty nor a comment (#)."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in text.splitlines())


class Configuration:
    """The text of one file. In a notebook it is shown with colour; `print` shows it plain."""

    def __init__(self, name: str, text: str, language: str = "text") -> None:
        self.name, self.text, self.language = name, text, language

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    @property
    def lines(self) -> int:
        """Lines that say something: neither empty nor a comment."""
        return count(self.text)

    def find(self, word: str) -> Configuration:
        """Only the lines that hold a word (any case), for a look at one directive."""
        lines = [line for line in self.text.splitlines() if re.search(re.escape(word), line, re.IGNORECASE)]
        return Configuration(self.name, "\n".join(lines), self.language)

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters.html import HtmlFormatter
        from pygments.lexers import get_lexer_by_name

        lexer = get_lexer_by_name(self.language)
        return str(highlight(self.text, lexer, HtmlFormatter(cssclass="highlight configuration", wrapcode=True)))
