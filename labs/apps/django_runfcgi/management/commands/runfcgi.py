"""The management command. Options are read by `django_runfcgi.options`, not by argparse: they are name=value words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.management.base import BaseCommand

from ...options import help_text
from ...server import main

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """`manage.py runfcgi`."""

    help = "Serves this project by FastCGI. `manage.py runfcgi help` lists the options."
    # As in Django 1.x: a server that starts at boot should not depend on checks of the project.
    requires_system_checks: ClassVar[list[str]] = []  # type: ignore[misc]

    def run_from_argv(self, argv: list[str]) -> None:
        """Run the words of a command line, and leave with the status."""
        sys.exit(main(argv[2:]))

    def print_help(self, prog_name: str, subcommand: str) -> None:  # noqa: ARG002 - Django's signature
        """List the options, for `manage.py help runfcgi`."""
        self.stdout.write(help_text())

    def add_arguments(self, parser: CommandParser) -> None:
        """For `call_command("runfcgi", "socket=/tmp/site.sock")`; the command line does not come by here."""
        parser.add_argument("words", nargs="*", metavar="name=value")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Run the words of `call_command`."""
        status = main(list(options["words"]))
        if status:
            sys.exit(status)
