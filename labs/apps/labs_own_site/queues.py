"""Queues, channels and tasks: those of a server are replaced by memory of the process; their messages reach nobody."""

from __future__ import annotations

import re
from typing import Any

SERVERS = re.compile(
    r"(rediss?|amqps?|pyamqp|librabbitmq|sqs|sentinel|mongodb(\+srv)?|memcached?|kafka|nats|postgres(ql)?|mysql|elasticsearch|"
    r"s3|gs|azure|ldaps?|smtps?|unix|redis\+socket|rediss\+socket)://",
    re.IGNORECASE,
)
BROKER = re.compile(r"(\w+_)?BROKER_URL")
RESULTS = re.compile(r"(\w+_)?RESULT_BACKEND")
RUN_HERE = tuple(
    f"{package}.backends.{kind}."
    for package in ("django.tasks", "django_tasks")
    for kind in ("immediate", "dummy", "database")
)
DUMMY = "backends.dummy.DummyBackend"
IN_MEMORY = "channels.layers.InMemoryChannelLayer"
OURS = ("DATABASES", "CACHES", "STORAGES", "LOGGING", "CHANNEL_LAYERS", "TASKS")  # turned, or refused, each by itself


def turned(names: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Settings without a queue in a server; and what was replaced, in words."""
    found: dict[str, Any] = {}
    said = []
    for name, value in names.items():
        if type(value) is not str or not value:
            continue
        if BROKER.fullmatch(name) and value != "memory://":
            found[name] = "memory://"
            said.append(f"{name}: messages stay in the process, and no worker gets them")
        elif RESULTS.fullmatch(name) and SERVERS.match(value):
            found[name] = "cache+memory://"
    layers = names.get("CHANNEL_LAYERS") or {}
    if any(layer.get("BACKEND") != IN_MEMORY for layer in layers.values()):
        found["CHANNEL_LAYERS"] = {alias: {"BACKEND": IN_MEMORY} for alias in layers}
        said.append("CHANNEL_LAYERS: in memory of each process")
    tasks = names.get("TASKS") or {}
    elsewhere = [alias for alias, task in tasks.items() if not str(task.get("BACKEND", "")).startswith(RUN_HERE)]
    if elsewhere:
        package = "django.tasks." if "django_tasks" not in str(tasks) else "django_tasks."
        dummy = {"BACKEND": package + DUMMY}
        found["TASKS"] = {**tasks, **{alias: {**tasks[alias], **dummy, "OPTIONS": {}} for alias in elsewhere}}
        said.append(f"TASKS: {', '.join(elsewhere)}: kept in the process, and run by nobody")
    return found, said


def addresses(names: dict[str, Any]) -> list[str]:
    """Further settings that name a server: what they lead to is not reached (fence.py)."""
    return sorted(name for name, value in names.items() if name not in OURS and _names_server(value))


def _names_server(value: Any) -> bool:
    if type(value) is dict:
        return any(map(_names_server, value.values()))
    if type(value) in (list, tuple):
        return any(map(_names_server, value))
    return type(value) is str and SERVERS.match(value) is not None
