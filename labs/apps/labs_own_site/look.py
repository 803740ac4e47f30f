"""What a deployment must know of a project, as one line of JSON. Loads its settings; opens no database, starts no app.
Where the system has no better guard, the variable LABS_LOOK_GUARD=hook refuses what the settings would write meanwhile.

    python look.py SETTINGS WSGI      WSGI may be empty

Written for old interpreters too (Python 3.7), so that the answer to one of them is a sentence and not a traceback.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

MARK = "labs_own_site:"
PACKAGES = ("flup", "gunicorn", "packaging", "pymemcache")


def main() -> None:
    """Print the answer behind a mark: settings may print too."""
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [path for path in sys.path if path != here]
    try:
        answer = look(sys.argv[1], sys.argv[2])
    except Exception as error:  # noqa: BLE001 - whatever settings can raise: the reader is told it
        said = f"{type(error).__name__}: {error}"
        answer = {
            "error": said,
            "kind": type(error).__name__,
            "name": getattr(error, "name", None) or str(error),
        }
        answer["traceback"] = traceback.format_exc()
    print(MARK + json.dumps({"python": list(sys.version_info[:2]), **answer}))


def look(name: str, wsgi: str) -> dict[str, Any]:
    """Everything that is asked, of this interpreter and of the settings."""
    packages = {package: importlib.util.find_spec(package) is not None for package in PACKAGES}
    answer: dict[str, Any] = {"packages": packages}
    try:
        import django
    except ImportError:
        answer["django"] = None
        return answer
    answer["django"] = django.get_version()
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    if os.environ.get("LABS_LOOK_GUARD") == "hook" and sys.version_info >= (3, 8):
        from labs_own_site import fence
        from labs_own_site.places import Places

        place = Path(os.environ["TMPDIR"])
        fence.refuse_writes(Places(place, place, (os.getcwd(),)), os.environ)
    importlib.import_module(name)  # by itself first: Django would wrap what goes wrong
    from django.conf import settings

    getattr(settings, "SECRET_KEY")  # noqa: B009 - complains where it is empty, as the first page would
    answer["urls"] = bool(getattr(settings, "ROOT_URLCONF", None))
    answer["debug"] = bool(settings.DEBUG)
    answer["middleware"] = [str(each) for each in settings.MIDDLEWARE]
    answer["backends"] = {alias: str(one.get("BACKEND", "")) for alias, one in settings.CACHES.items()}
    if sys.version_info >= (3, 8) and django.VERSION >= (3, 2):
        answer.update(written(vars(importlib.import_module(name)), settings))
    answer["https"] = bool(settings.SECURE_SSL_REDIRECT)
    for part in ("MEDIA", "STATIC"):
        answer[part.lower()] = text(getattr(settings, part + "_ROOT", ""))
        answer[part.lower() + "_url"] = text(getattr(settings, part + "_URL", ""))
    answer["wsgi"] = application(settings, name, wsgi)
    answer["asgi"] = text(getattr(settings, "ASGI_APPLICATION", ""))
    return answer


def written(names: dict[str, Any], settings: Any) -> dict[str, Any]:
    """Where it keeps data, and what the labs replace of it."""
    from labs_own_site import databases, queues, storages, turn
    from labs_own_site.places import Places

    theirs = {key: value for key, value in names.items() if key.isupper()}
    said = turn.turned(theirs, Places(Path("/nowhere"), Path("/nowhere")), {}).said
    return {
        "databases": databases.described(settings.DATABASES),
        "storages": storages.locations(theirs),
        "replaced": list(said),
        "addresses": queues.addresses(theirs),
    }


def text(value: Any) -> str:
    """A setting as text, empty where it is empty."""
    return str(value) if value else ""


def application(settings: Any, name: str, wsgi: str) -> str:
    """ "module.callable" of the WSGI application: what was said, what the settings say, or the module beside them."""
    beside = (name.rpartition(".")[0] or name) + ".wsgi"
    for candidate in (wsgi.replace(":", "."), getattr(settings, "WSGI_APPLICATION", None) or ""):
        if candidate:
            return str(candidate) if exists(candidate.rpartition(".")[0]) else ""
    return beside + ".application" if exists(beside) else ""


def exists(module: str) -> bool:
    """Whether Python finds a module, without running it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


if __name__ == "__main__":
    main()
