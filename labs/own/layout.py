"""How a project lies in its folder: where manage.py is, which settings it names, where Python finds them. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.errors import OptionError

NOT_THEIRS = {"node_modules", "site-packages", "__pycache__", "build", "dist"}
NAMED = r"""DJANGO_SETTINGS_MODULE["']?\]?\s*[,=]\s*["']([\w.]+)["']"""
# Where tests are told their settings: often others than a server's
FOR_TESTS = {
    "pyproject.toml": r"(?i)DJANGO_SETTINGS_MODULE\s*=\s*[\"']([\w.]+)[\"']",
    "pytest.ini": r"(?m)^\s*DJANGO_SETTINGS_MODULE\s*=\s*([\w.]+)",
    "setup.cfg": r"(?m)^\s*DJANGO_SETTINGS_MODULE\s*=\s*([\w.]+)",
    "tox.ini": r"(?m)^\s*DJANGO_SETTINGS_MODULE\s*=\s*([\w.]+)",
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What was found.

    root      the folder that was named
    folder    where manage.py is, or would be: the same, or one below it
    settings  the settings module
    path      further folders in which Python must look
    notes     what was found by looking, a sentence each
    """

    root: Path
    folder: Path
    settings: str
    path: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def layout(root: Path, settings: str) -> Layout:
    """Look into the folder of a project.

    settings  the settings module, where it is known

    Raises OptionError, with what was seen, for what is not there or could be meant in two ways.
    """
    folder, notes = _home(root, settings)
    if not settings:
        settings, more = _settings(root, folder)
        notes += more
    path: tuple[Path, ...] = ()
    if not holds(folder, settings.partition(".")[0]):
        path = _beside(root, folder, settings)
        notes += [f"package {settings.partition('.')[0]}: found in {each}" for each in path]
    elif not holds(folder, settings):
        raise OptionError(
            f"{folder} holds no {settings}. --site is the folder that holds the package, beside manage.py."
        )
    return Layout(root=root, folder=folder, settings=settings, path=path, notes=tuple(notes))


def of_manage(folder: Path) -> str:
    """The settings module that a project's manage.py names, as startproject writes it; empty without one."""
    return _named(folder / "manage.py", NAMED)


def home(root: Path) -> Path:
    """The folder with manage.py, in a project's folder. Raises OptionError where it could be one of several."""
    return _home(root, "")[0]


def of_server(folder: Path, wsgi: str = "") -> tuple[str, str] | None:
    """The settings module that a project's wsgi.py names, and that file's name; None where it names none.

    folder  where manage.py lies
    wsgi    "module:callable", or the module, where it was said; otherwise the wsgi.py of the package whose settings manage.py
            names, or of a package above, or the only one of the project's folders
    """
    if wsgi:
        files = [Path(*wsgi.partition(":")[0].split(".")).with_suffix(".py")]
    else:
        packages = of_manage(folder).split(".")[:-1]
        files = [Path(*packages[:depth], "wsgi.py") for depth in range(len(packages), 0, -1)]
        found = [path.relative_to(folder) for path in folder.glob("*/wsgi.py")]
        files += found if len(found) == 1 else []
    for file in files:
        if settings := _named(folder / file, NAMED):
            return settings, str(file)
    return None


def _home(root: Path, settings: str) -> tuple[Path, list[str]]:
    """The folder with manage.py: this one, or the only one below it."""
    if (root / "manage.py").exists() or (settings and holds(root, settings)):
        return root, []
    for level in (_folders(root), [below for each in _folders(root) for below in _folders(each)]):
        homes = [each for each in level if (each / "manage.py").is_file()]
        if len(homes) > 1:
            raise OptionError(
                f"{root} has no manage.py, and {_listed(root, homes)} have one each. Name the one that is meant: "
                f"--site {homes[0]}"
            )
        if homes:
            return homes[0], [f"project: {homes[0]}, where manage.py is"]
    return root, []


def _settings(root: Path, folder: Path) -> tuple[str, list[str]]:
    """The settings module by what the project's own files name."""
    if named := of_manage(folder):
        return named, []
    files = [
        file for each in (folder, *_folders(folder)) for file in (each / "wsgi.py", *sorted(each.glob("*/wsgi.py")))
    ]
    by_wsgi = {name: file for file in dict.fromkeys(files) if (name := _named(file, NAMED))}
    if len(by_wsgi) == 1:
        name, by = next(iter(by_wsgi.items()))
        return name, [f"settings: {name}, which {by.relative_to(root)} names"]
    seen = [f"{file.relative_to(root)} names {name}" for name, file in by_wsgi.items()]
    for place in dict.fromkeys((folder, root)):
        for file, pattern in FOR_TESTS.items():
            if name := _named(place / file, pattern):
                seen.append(f"{file} names {name} for tests")
                by_wsgi.setdefault(name, place / file)
    if seen:
        raise OptionError(
            f"{folder} has no manage.py that names a settings module; {', '.join(seen)}. Name the one that is meant: "
            f"--settings {next(iter(by_wsgi))}"
        )
    inside = ", ".join(sorted(each.name for each in _folders(folder))[:8])
    raise OptionError(
        f"{folder} has no manage.py that names a settings module"
        + (f"; its folders are {inside}. " if inside else ". ")
        + "--site is the folder with manage.py; name the settings too where it does not: --settings shop.settings"
    )


def _beside(root: Path, folder: Path, settings: str) -> tuple[Path, ...]:
    """A folder near by that holds the settings; none where the project's Python may have them installed."""
    near = [each for each in dict.fromkeys((*_folders(folder), root, *_folders(root))) if each != folder]
    holding = [each for each in near if holds(each, settings)]
    if len(holding) > 1:
        raise OptionError(
            f"{settings} could be in {_listed(root, holding)}. Name the folder that is meant: --site {holding[0]}"
        )
    return tuple(holding)


def holds(folder: Path, module: str) -> bool:
    """Whether a module's file is there, or a package's folder."""
    path = folder.joinpath(*module.split("."))
    return path.with_name(path.name + ".py").is_file() or (
        path.is_dir() if "." not in module else (path / "__init__.py").is_file()
    )


def _folders(folder: Path) -> list[Path]:
    """The folders in one, but for those that are no project's own."""
    try:
        return [each for each in sorted(folder.iterdir()) if each.is_dir() and _theirs(each)]
    except OSError:
        return []


def _theirs(folder: Path) -> bool:
    return not (folder.name.startswith(".") or folder.name in NOT_THEIRS or (folder / "pyvenv.cfg").exists())


def _named(file: Path, pattern: str) -> str:
    try:
        found = re.search(pattern, file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def _listed(root: Path, folders: Sequence[Path]) -> str:
    return " and ".join(f"{each.relative_to(root)}/" if each != root else "the folder itself" for each in folders)
