"""Several deployments looked at at a time: most of what a look takes is waiting, for a start or a timeout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_A_TIME = 3


def each(
    names: Sequence[str], deploy: Callable[..., Any], look: Callable[[Any], Any], **options: Any
) -> Iterator[tuple[str, Any]]:
    """Start each deployment, look at it while it runs, and stop it: name and what was seen, in the order of `names`.

    Raises what a start or a look raised. The others are then stopped, as after Ctrl+C.
    """
    started: list[Any] = []

    def one(name: str) -> Any:
        deployment = deploy(name, **options)
        started.append(deployment)
        with deployment as running:
            return look(running)

    with ThreadPoolExecutor(AT_A_TIME) as threads:
        futures = [threads.submit(one, name) for name in names]
        try:
            for name, future in zip(names, futures, strict=True):
                yield name, future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            for deployment in started:
                deployment.stop()
            raise
