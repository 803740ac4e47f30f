"""What is done to a deployment while it is under load: a restart, a kill. It runs beside the load, in a thread."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Act:
    """Something done once, `after` seconds from `begin()`. A context manager: leaving it waits for the end of the act.

    seconds  how long it took; None where nothing was to be done, or it never began

    Leaving raises what the act raised: a restart that failed makes the block void.
    """

    def __init__(self, do: Callable[[Any], object] | None, deployment: object, *, after: float) -> None:
        self.seconds: float | None = None
        self._do, self._deployment, self._after = do, deployment, after
        self._error: Exception | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="act", daemon=True)

    def begin(self) -> None:
        """Start counting; without anything to do, do nothing."""
        if self._do is not None:
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._cancelled.set()
        if self._thread.ident is not None:
            self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        assert self._do is not None
        if self._cancelled.wait(self._after):
            return
        begun = time.monotonic()
        try:
            self._do(self._deployment)
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits
            self._error = error
        self.seconds = time.monotonic() - begun
