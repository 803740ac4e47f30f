"""Memory that forked workers share is theirs after the first full garbage collection."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.faults.ageing import Weight, weigh


@pytest.mark.servers
def test_what_was_loaded_before_the_fork_is_shared_for_a_while(run_folder: Path) -> None:
    preloaded = weigh("gunicorn", workers=3, preload=True)
    assert preloaded.aged > 1.2 * preloaded.young, "a collection writes to every object"
    each = weigh("gunicorn", workers=3)
    assert each.young > preloaded.young
    assert each.aged == pytest.approx(each.young, rel=0.1), "nothing was shared before"


def test_a_weight_reads_as_a_line() -> None:
    assert repr(Weight(young=85_400_000, aged=131_000_000)) == "85 MB, and 131 MB after collecting"
