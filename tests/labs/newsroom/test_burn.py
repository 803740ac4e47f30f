from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from labs.newsroom.data import PROJECT

Ask = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize("seconds", [0.0005, 0.005])
def test_what_is_burnt_is_processor_time_of_the_thread(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.syspath_prepend(str(PROJECT))
    from paper.burn import burn

    costs = []
    for _ in range(20):
        begun = time.thread_time()
        burn(seconds)
        costs.append(time.thread_time() - begun)
    assert min(costs) >= seconds
    assert sorted(costs)[10] == pytest.approx(seconds, rel=0.02, abs=20e-6)


def test_a_site_that_burns_answers_the_same_and_takes_longer(ask: Ask) -> None:
    twice = [{"PATH_INFO": "/articles/5/"}] * 2
    plain, burning = ask(*twice)[1], ask(*twice, NEWSROOM_BURN="200000")[1]  # microseconds; the first one also loads
    assert plain["body"] == burning["body"]
    assert plain["cpu"] < 0.2 <= burning["cpu"]
