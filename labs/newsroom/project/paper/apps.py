from __future__ import annotations

from django.apps import AppConfig


class PaperConfig(AppConfig):
    name = "paper"
    verbose_name = "The Bluestem Lantern"

    def ready(self) -> None:
        from paper import checks  # noqa: F401  registers them
