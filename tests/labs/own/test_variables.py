"""Variables of a project, from a command line and from a file that nobody runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.errors import OptionError
from labs.own.envfile import read
from labs.own.variables import given, variables

# What stands in the file -> what the variable A is
VALUES = {
    "A=b": "b",
    "A=": "",
    "A = b  ": "b",
    "export A=b": "b",
    "export\tA=b\n": "b",
    "A=b # a comment": "b",
    "A=b#c": "b#c",
    "A=# a comment": "",
    "A=b=c==": "b=c==",
    "A=b c": "b c",
    "A='b # c'": "b # c",
    "A='b\\n$C \"d\"'": 'b\\n$C "d"',
    'A="b # c" # d': "b # c",
    'A="b\\nc\\t\\"d\\" \\\\ \\$e \\q"': 'b\nc\t"d" \\ $e \\q',
    'A="one\ntwo\n"\nB=c': "one\ntwo\n",
    "A='one\ntwo'": "one\ntwo",
    'A=""': "",
    "A=''": "",
    "A=b\r\nB=c\r\n": "b",
    "# A=x\n\n  \nA=b": "b",
    "  A=b": "b",
    "A=a\nA=b": "b",
    "\ufeffA=b": "b",
    "A=$(touch made)": "$(touch made)",
    "A=`touch made`": "`touch made`",
    "A=${HOME}/b": "${HOME}/b",
    "A=café": "café",
    'A="it\'s"': "it's",
    "A=it's": "it's",
    "A=postgres://u:p%23@h:5432/n?a=b": "postgres://u:p%23@h:5432/n?a=b",
}


@pytest.mark.parametrize("text", VALUES)
def test_a_file_is_read_as_text(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    file.write_bytes(text.encode())
    assert read(file)["A"] == VALUES[text]
    assert file.read_bytes() == text.encode()
    assert [each.name for each in tmp_path.iterdir()] == [".env"]  # nothing of it was run


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A=b\nsecret words\n", "line 2: it is not NAME=VALUE"),
        ("A", "line 1: it is not NAME=VALUE"),
        ("=secret", "line 1: it is not NAME=VALUE"),
        ("1A=secret", "line 1: it is not NAME=VALUE"),
        ("A-B=secret", "line 1: it is not NAME=VALUE"),
        ("\n\nA='secret", "line 3: the quotation mark ' has no end"),
        ('A="secret', 'line 1: the quotation mark " has no end'),
        ("A='secret' more", "line 1: something follows the quotation mark"),
        ('A="one\ntwo"\nB="secret" \'\n', "line 3: something follows"),
        ("A=sec\0ret", "zero byte"),
    ],
)
def test_a_line_that_is_none_is_told_by_its_number(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / ".env").write_text(text)
    with pytest.raises(OptionError) as caught:
        read(tmp_path / ".env")
    assert why in str(caught.value)
    assert "secret" not in str(caught.value).replace(str(tmp_path), "")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"A=caf\xe9")
    for name, why in {"nothing": "No such file", "latin": "no text in UTF-8", ".": "directory"}.items():
        with pytest.raises(OptionError, match=why):
            read(tmp_path / name)


def test_a_file_lies_where_the_command_runs_or_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, project = tmp_path / "here", tmp_path / "project"
    for folder in (here, project):
        folder.mkdir()
    monkeypatch.chdir(here)
    (project / ".env").write_text("A=project\nB=b\nLABS_OWN_DATABASES=\nC=${A}\n")
    found, (note,) = given(["B=named"], Path(".env"), project)
    assert found == {"A": "project", "B": "named", "C": "${A}"}
    assert note == (
        f"variables: 3 from {project / '.env'}; left out, since the labs set them: LABS_OWN_DATABASES; taken as they stand, "
        "with their $: C"
    )
    (here / ".env").write_text("A=here")
    assert given([], Path(".env"), project)[0] == {"A": "here"}
    assert given(["A=1"], None, project) == ({"A": "1"}, ())


@pytest.mark.parametrize("name", ["LABS_OWN_SETTINGS", "LABS_FOLDER", "PYTHONHOME", "PYTHONPYCACHEPREFIX"])
def test_what_a_start_sets_itself_cannot_be_named(name: str) -> None:
    with pytest.raises(OptionError, match="the labs set it themselves"):
        variables([f"{name}=x"])
