"""Sphinx extensions of the book: `ledger` (claims and verdicts), `inline_svg`, `quiet`, `bundle`."""
