"""The owner's side of the keeper, where its owner is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from labs.supervisor.keeper import Keeper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_interrupt_while_it_starts_leaves_no_keeper(
    run_folder: Path, nothing_left: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a notebook, the interrupt is kept, and with it everything that its traceback knows."""

    def interrupted(*_) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Keeper, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:
        Keeper(run_folder, "interrupted")
    nothing_left()
    assert kept.tb
