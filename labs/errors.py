"""What can go wrong in a lab, said so that a reader knows what to do next."""

from __future__ import annotations


class LabError(Exception):
    """Base of every error that a reader is meant to see; `str()` is the whole message."""


class Missing(LabError):
    """A program that a deployment needs is not on this machine.

    program  its name
    brings   what would bring it, as a command or a package name
    """

    def __init__(self, program: str, brings: str) -> None:
        self.program = program
        self.brings = brings
        super().__init__(f"{program} is not on this machine. It comes with: {brings}")


class StartError(LabError):
    """A server did not come up: the message holds the command, the end of the log, and what to try."""


class OptionError(LabError):
    """A deployment was asked for something that it does not have."""
