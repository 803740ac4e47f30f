"""What can go wrong when FastCGI is spoken by hand."""

from __future__ import annotations

from labs.errors import LabError


class RecordError(LabError):
    """Bytes that are no FastCGI record, or a record that cannot be written as bytes."""


class ConversationError(LabError):
    """The server could not be reached, did not answer in time, or left before the end."""
