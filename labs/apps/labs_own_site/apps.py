"""The last of the project's apps: when all others are ready, it proves where they can write."""

from __future__ import annotations

import os

from django.apps import AppConfig

from . import fence, proof
from .places import Places


class Proof(AppConfig):
    """Runs in every process that loads the project, before its first request."""

    name = "labs_own_site"
    label = "labs_own_site"

    def ready(self) -> None:
        places = Places.told(os.environ)
        proof.prove(places)
        fence.refuse_connections(places, proof.allowed(places))
