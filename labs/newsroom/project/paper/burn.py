from __future__ import annotations

import time


def burn(seconds: float) -> None:
    """Use so much processor time of this thread, within some microseconds: on a busy machine it takes longer, but costs the same."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(20))
