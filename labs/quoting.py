"""How a text is written between double quotes so that a program reads it back as it is.

One function a program, each character by itself. What a program cannot hold is refused by name, before anything starts.
"""

from __future__ import annotations

from labs.errors import OptionError

CONTROL = {*map(chr, range(32)), "\x7f"}


def python(text: str) -> str:
    """A string of Python's. Paths that are not UTF-8 were refused before: a file of Python's is."""
    held("A file of Python's", text, "")
    special = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(special.get(each) or (f"\\x{ord(each):02x}" if each in CONTROL else each) for each in text)


def nginx(text: str) -> str:
    """A word of nginx's configuration, where no variable is looked for."""
    held("nginx's configuration", text, "\0")
    special = {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
    }  # a fragment is indented where it is put: no raw line break
    return "".join(special.get(each, each) for each in text)


def nginx_include(text: str) -> str:
    """A path for nginx's `include`, which takes one with *, ? or [ for a pattern (glob(3)), and no variables."""
    if set(text) & set("*?["):
        text = "".join(f"[{each}]" if each in "*?[" else "\\\\" if each == "\\" else each for each in text)
    return nginx(text)


def nginx_with_variables(text: str) -> str:
    """The same where nginx looks for variables. It has no escape for a dollar sign, so one is kept in a variable (dollar.conf)."""
    return nginx(text).replace("$", "${dollar}")


def apache(text: str) -> str:
    """A word of Apache's configuration, which is read line by line. `${` would name a variable (apache2/dollar.conf)."""
    held("Apache's configuration", text, "\0\n\r")
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "${dollar}{")


def apache_pattern(text: str) -> str:
    """A path for <Directory>, which takes a path with *, ? or [ for a pattern (apr_fnmatch)."""
    if set(text) & set("*?["):
        text = text.replace("\\", "\\\\")
        text = "".join(f"[{each}]" if each in "*?[" else each for each in text)
    return apache(text)


def apache_substitution(text: str) -> str:
    """A part of what a RewriteRule puts in the place of a URL, where \\, $ and % are its own."""
    return apache("".join(f"\\{each}" if each in "\\$%" else each for each in text))


def lighttpd(text: str) -> str:
    """The beginning of a string of lighttpd's configuration, where a backslash means itself but before a quote."""
    held("lighttpd's configuration", text, "\0\n\r")
    return text.replace('"', '\\"')


def lighttpd_include(text: str) -> str:
    """A path for lighttpd's `include`, which is always a pattern (glob(3)): a backslash takes a character's meaning away."""
    return lighttpd("".join(f"\\{each}" if each in "\\*?[]{}" else each for each in text))


def lighttpd_whole(text: str) -> str:
    """All of such a string: at its end a backslash would take the closing quote along."""
    if text.endswith("\\"):
        raise OptionError(f"lighttpd's configuration cannot hold a text that ends in a backslash: {text!r}.")
    return lighttpd(text)


def postgresql(text: str) -> str:
    """A string of PostgreSQL's configuration, between single quotes, which is read line by line."""
    held("PostgreSQL's configuration", text, "\0\n\r")
    return text.replace("\\", "\\\\").replace("'", "''")


def held(what: str, text: str, refused: str) -> None:
    """Raise OptionError, by name, for a text with a character that a program's file cannot hold, or that is not UTF-8."""
    wrong = [each for each in text if each in refused or 0xD800 <= ord(each) < 0xE000]
    if wrong:
        raise OptionError(f"{what} cannot hold {name(wrong[0])}: {text!r}.")


def name(character: str) -> str:
    """A character as a message calls it."""
    names = {"\n": "a line break", "\r": "a carriage return", "\t": "a tab", "\0": "a NUL", ":": "a colon"}
    if 0xD800 <= ord(character) < 0xE000:
        return "a byte that is not UTF-8"
    return names.get(character) or (f"the character {ord(character)}" if character in CONTROL else character)
