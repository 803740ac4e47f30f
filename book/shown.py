"""The book's own sources in a lab of workbooks: a link leads to them, they are shown, and nothing is written to them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from book.contents import TOP

FOLDERS = {"benchmarks", "book", "labs"}


class Shown(AsyncLargeFileManager):
    """The reader's folder, in which the `../labs/site.py` of a link is found too: its dots end at the top of the folder.

    What writes looks in the reader's folder alone.
    """

    @cached_property
    def library(self) -> AsyncLargeFileManager:
        """The checkout."""
        return AsyncLargeFileManager(root_dir=str(TOP))

    def is_ours(self, path: str) -> bool:
        """Whether a path means a source; what the reader has there comes first."""
        parts = PurePosixPath(path.strip("/")).parts
        known = len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts
        return known and TOP.joinpath(*parts).is_file() and not Path(self.root_dir, *parts).exists()

    async def file_exists(self, path: str) -> bool:
        return self.is_ours(path) or bool(await super().file_exists(path))

    async def is_hidden(self, path: str) -> bool:
        return not self.is_ours(path) and bool(await super().is_hidden(path))  # type: ignore[no-untyped-call]

    async def get(self, path: str, *what: Any, **how: Any) -> dict[str, Any]:
        """The file for a front-end, which does not offer to change what is not writable."""
        if self.is_ours(path):
            return {**await self.library.get(path, *what, **how), "writable": False}  # type: ignore[no-untyped-call]
        return dict(await super().get(path, *what, **how))  # type: ignore[no-untyped-call]

    async def list_checkpoints(self, path: str) -> list[dict[str, Any]]:
        """None of a source: asking for them makes a folder."""
        return [] if self.is_ours(path) else list(await super().list_checkpoints(path))  # type: ignore[no-untyped-call]
