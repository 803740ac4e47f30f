from __future__ import annotations

from benchmarks.run.progress import Progress, lines


def step(phase: str, block: int, detail: str | None = None) -> Progress:
    return Progress(claim="tune-keepalive", phase=phase, block=block, of=2, elapsed=0.0, left=None, detail=detail)


def test_a_line_a_block_and_one_each_time_it_waits() -> None:
    said: list[str] = []
    tell = lines("seed 3", said.append)
    for each in (
        step("waiting", 0, "for another"),
        step("waiting", 0, "for another"),
        step("start", 1),
        step("window", 1),
        step("done", 1),
        step("start", 2),
        step("stop", 3),
    ):
        tell(each)
    assert said == ["seed 3: for another", "seed 3: block 1/2", "seed 3: block 2/2"]
