"""Logging: into files of the run, and to the server's log; nothing over a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .places import Places

FILES = (
    "logging.FileHandler",
    "logging.handlers.RotatingFileHandler",
    "logging.handlers.TimedRotatingFileHandler",
    "logging.handlers.WatchedFileHandler",
)
STREAM = "logging.StreamHandler"
MAIL = "django.utils.log.AdminEmailHandler"
LOCAL = (STREAM, MAIL, "logging.NullHandler", "logging.handlers.MemoryHandler", "logging.handlers.QueueHandler")
KEPT = ("level", "formatter", "filters")  # what every handler takes (logging.config's schema)


def turned(config: Any, places: Places) -> tuple[dict[str, Any], list[str]]:
    """The same logging within the run, and what was replaced, in words.

    What fails is told on standard error too: without DEBUG, Django's own logging sends errors by mail and nowhere else.
    """
    config = {"version": 1, "disable_existing_loggers": False, **(config or {})}
    handlers, said, taken = {}, [], set()
    for name, handler in (config.get("handlers") or {}).items():
        handlers[name] = handler
        if type(handler) is not dict:
            continue
        kind = str(handler.get("class", handler.get("()", "")))
        if handler.get("filename"):
            file = Path(str(handler["filename"])).name
            file = f"{name}-{file}" if file in taken else file
            taken.add(file)
            base = handler if kind in FILES else {**{k: handler[k] for k in KEPT if k in handler}, "class": FILES[0]}
            handlers[name] = {**base, "filename": str(places.folder / "log" / file)}
        elif kind == MAIL:
            handlers[name] = {key: handler[key] for key in (*KEPT, "class", "include_html") if key in handler}
        elif kind not in LOCAL:
            handlers[name] = {**{k: handler[k] for k in KEPT if k in handler}, "class": STREAM}
            said.append(f"log {name}: {kind or 'a handler of your own'}; its lines go to the server's log instead")
    handlers["labs"] = {"class": STREAM}
    loggers = dict(config.get("loggers") or {})
    request = dict(loggers.get("django.request", {"level": "ERROR"}))
    loggers["django.request"] = {**request, "handlers": [*request.get("handlers", ()), "labs"]}
    return {**config, "handlers": handlers, "loggers": loggers}, said
