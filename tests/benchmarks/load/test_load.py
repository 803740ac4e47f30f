from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from patience import HANG
from small_server import SmallServer

from benchmarks.load.process import Generator, GeneratorError
from benchmarks.plan.workload import Closed, Expectation
from benchmarks.run.drain import drain
from labs.errors import LabError

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.servers


def test_counts_what_the_server_counts(generator, server):
    load = generator.trial(server.url, Closed(users=3), warmup=0.3, window=1, expectation=Expectation(marker="hello"))
    within = [at for path, at in server.finished() if load.begin <= at < load.end]
    assert load.requests > 100
    assert abs(load.requests - len(within)) <= 3, "at each end of the window, every user has one answer on its way"
    assert load.latency.count == load.requests == load.pages
    assert load.failures == {}
    assert load.unanswered == 0
    assert load.warmup.requests > 0
    assert load.seconds == pytest.approx(1, abs=0.2)
    assert load.in_flight_mean == pytest.approx(load.held_seconds / load.seconds, rel=0.1, abs=0.3)


def test_little_and_much_are_seen_by_the_same_process(generator, server):
    idle = generator.trial(server.url, Closed(users=5, pause=(0.2, 0.4)), warmup=0.5, window=1)
    busy = generator.trial(server.url, Closed(users=5), warmup=0.1, window=0.5)
    assert 5 <= idle.requests <= 30
    assert busy.requests > 3 * idle.requests
    assert idle.cpu_seconds < 0.5


def test_no_connection_of_a_reader_outlives_the_trial(generator):
    with SmallServer(keepalive=30) as server:
        load = generator.trial(
            server.url, Closed(users=8, page="/wait/?seconds=0.1", pause=(0.05, 0.15)), warmup=0.3, window=0.5
        )
        drained, _ = drain(server.url, patience=2.0)
    assert load.requests > 5
    assert load.connections <= 8
    assert drained


def test_users_take_several_addresses_in_turn(generator, server):
    with SmallServer(keepalive=30) as other:
        load = generator.trial(
            [server.url, other.url + "/"], Closed(users=5, page="/turn/", pause=(0.05, 0.05)), warmup=0, window=1
        )
        seen = [sum(path == "/turn/" for path, _at in each.finished()) for each in (server, other)]
    assert load.failures == {}
    assert seen[0] / seen[1] == pytest.approx(3 / 2, rel=0.2), "three of five users have the first"
    with pytest.raises(GeneratorError, match=r"192\.0\.2\.1 is not a loopback address"):
        generator.trial([server.url, "http://192.0.2.1"], Closed(users=2), warmup=0, window=0.1)


def test_a_freeze_of_the_server_shows(generator, server):
    freezing, lasted = [], []

    def freeze(_at: float) -> None:
        freezing.append(threading.Thread(target=stand_still))
        freezing[0].start()

    def stand_still() -> None:
        begun = time.monotonic()
        server.freeze(1.0)
        lasted.append(time.monotonic() - begun)

    load = generator.trial(server.url, Closed(users=4), warmup=0.2, window=1.8, on_begin=freeze)
    freezing[0].join()
    seen = load.latency.decoded
    slow = sum(
        item.count_at_value_iterated_to for item in seen.get_recorded_iterator() if item.value_iterated_to > 900_000
    )
    assert slow == 4
    assert seen.get_max_value() > 950_000
    assert 0.95 < load.longest_gap < lasted[0] + 0.5


@pytest.mark.parametrize(
    ("page", "expectation", "reason"),
    [
        ("/fail/", Expectation(), "status 500"),
        ("/moved/", Expectation(), "status 302"),
        ("/", Expectation(marker="something else"), "body without the expected text"),
        ("/", Expectation(status=404), "status 200"),
    ],
)
def test_what_was_not_expected_is_a_failure_and_no_sample(generator, server, page, expectation, reason):
    load = generator.trial(server.url, Closed(users=2, page=page), warmup=0.1, window=0.4, expectation=expectation)
    assert list(load.failures) == [reason]
    assert load.failures[reason] > 5
    assert load.requests == load.latency.count == 0


def test_an_expected_error_page_is_an_answer(generator, server):
    load = generator.trial(
        server.url, Closed(users=1, page="/fail/"), warmup=0.1, window=0.3, expectation=Expectation(status=500)
    )
    assert load.requests > 5
    assert load.failures == {}


def test_users_who_never_get_an_answer_are_counted(generator):
    with SmallServer(threads=1) as server:
        load = generator.trial(server.url, Closed(users=4, page="/wait/?seconds=1"), warmup=0.2, window=1.5)
        assert load.requests in (1, 2)
        assert load.unanswered in (4 - load.requests, 3), "one worker serves one user a second"
        assert load.in_flight == 4
        assert load.waiting.count == 4
        assert load.waiting.decoded.get_max_value() > 1_500_000


def test_users_give_up_after_their_time(generator):
    with SmallServer(threads=1) as server:
        workload = Closed(users=3, page="/wait/?seconds=5", timeout=0.3)
        load = generator.trial(server.url, workload, warmup=0.1, window=1)
        assert load.requests == 0
        assert load.unanswered == 3, "to give up and ask again is to be unanswered still"
        assert load.failures.keys() == {"timeout"}
        assert 6 <= load.failures["timeout"] <= 12


def test_a_dead_server_is_not_fast(generator):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    load = generator.trial(url, Closed(users=2), warmup=0.1, window=0.3)
    assert load.failures.keys() == {"refused"}
    assert load.requests == load.latency.count == 0


def test_hanging_up_is_one_failure_a_connection(generator):
    accepted = 0
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            nonlocal accepted
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                accepted += 1
                connection.recv(4096)
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        load = generator.trial(url, Closed(users=1), warmup=0, window=0.3)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert load.failures.keys() == {"closed without an answer"}
    assert 0 <= accepted - load.failures["closed without an answer"] <= accepted * 0.2 + 20, (
        "the rest is after the window"
    )
    assert load.connections == pytest.approx(load.failures["closed without an answer"], abs=2)


def test_a_kept_connection_is_used_again(generator, server):
    kept = generator.trial(server.url, Closed(users=3), warmup=0.2, window=0.4)
    assert kept.connections == 0
    with SmallServer(threads=1) as closing:
        fresh = generator.trial(closing.url, Closed(users=3), warmup=0.2, window=0.4)
    assert fresh.connections == pytest.approx(fresh.requests, abs=3)
    assert fresh.failures == {}


def test_a_page_counts_when_all_its_images_came(generator, server):
    whole = generator.trial(
        server.url, Closed(users=2, page="/gallery/", user="browser", pause=(0.01, 0.02)), warmup=0.2, window=0.5
    )
    assert whole.pages > 3
    assert whole.requests == pytest.approx(3 * whole.pages, abs=6)
    assert whole.page_latency is not None
    assert whole.page_latency.count == whole.pages
    broken = generator.trial(
        server.url, Closed(users=2, page="/gap/", user="browser", pause=(0.01, 0.02)), warmup=0.2, window=0.5
    )
    assert broken.pages == 0
    assert broken.failures.keys() == {"status 404"}


def test_the_same_seed_gives_the_same_readers(generator, server):
    def paths(seed: int, run: str) -> list[str]:
        # each run has addresses of its own: a request of the run before may end within this one
        workload = Closed(users=1, page="/articles/{}/" + run, user="zipf", settings={"articles": 500})
        generator.trial(server.url, workload, warmup=0, window=0.3, seed=seed)
        return [path.removesuffix(run) for path, _at in server.finished() if path.endswith(run)][:40]

    first, again, other = paths(1, "first"), paths(1, "again"), paths(2, "other")
    both = min(len(first), len(again), len(other))
    assert both > 5
    assert first[:both] == again[:both] != other[:both]


def test_several_pages_are_asked_for_in_turn(generator, server):
    before = len(server.finished())
    generator.trial(server.url, Closed(users=1, pages=("/a/", "/b/")), warmup=0, window=0.2)
    assert [path for path, _at in server.finished()[before:]][:4] == ["/a/", "/b/", "/a/", "/b/"]


def test_another_host_is_refused_and_the_generator_lives_on(generator, server):
    with pytest.raises(GeneratorError, match="not a loopback address"):
        generator.trial("http://192.0.2.1:80", Closed(users=1), warmup=0, window=0.1)
    assert generator.trial(server.url, Closed(users=1), warmup=0, window=0.2).requests


def test_an_unknown_user_class_is_said(generator, server):
    with pytest.raises(GeneratorError, match="Nobody"):
        generator.trial(server.url, Closed(users=1, user="benchmarks.users.reader:Nobody"), warmup=0, window=0.1)


def test_two_generators_at_once(generator, server):
    seen = {}
    with Generator() as other:

        def run(name: str, which: Generator) -> None:
            seen[name] = which.trial(server.url, Closed(users=2, pause=(0.02, 0.03)), warmup=0.1, window=0.5)

        threads = [threading.Thread(target=run, args=pair) for pair in (("a", generator), ("b", other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert min(load.requests for load in seen.values()) > 10
    assert seen["a"].begin < seen["b"].end
    assert seen["b"].begin < seen["a"].end


def test_a_generator_killed_in_the_middle_is_said(server):
    with Generator() as victim:

        def kill(_at: float) -> None:
            assert victim.process is not None
            os.kill(victim.process.pid, signal.SIGKILL)

        with pytest.raises(LabError, match="ended in the middle"):
            victim.trial(server.url, Closed(users=1), warmup=0.1, window=5, on_begin=kill)
        assert victim.process is None
        assert victim.start().trial(server.url, Closed(users=1), warmup=0, window=0.2).requests


def test_a_trial_can_be_ended_from_another_thread(server):
    with Generator() as generator:
        threading.Timer(0.4, generator.abort).start()
        begun = time.monotonic()
        with pytest.raises(GeneratorError, match="ended in the middle"):
            generator.trial(server.url, Closed(users=1), warmup=0, window=120)
        assert time.monotonic() - begun < HANG


def test_the_generator_outlives_the_thread_that_started_it(server):
    generator = Generator()
    thread = threading.Thread(target=generator.start)
    thread.start()
    thread.join()
    try:
        assert generator.trial(server.url, Closed(users=1), warmup=0, window=0.2).requests
    finally:
        generator.close()


def test_the_generator_goes_with_its_owner(server):
    program = (
        "import sys\n"
        "from benchmarks.load.process import Generator\n"
        "from benchmarks.plan.workload import Closed\n"
        "generator = Generator().start()\n"
        "say = lambda _at: print(generator.process.pid, flush=True)\n"
        f"generator.trial({server.url!r}, Closed(users=2), warmup=0.1, window=30, on_begin=say)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    generator = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    psutil.wait_procs([generator], timeout=HANG)
    assert not generator.is_running() or generator.status() == psutil.STATUS_ZOMBIE


def test_users_run_under_plain_locust_too(server, tmp_path):
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "benchmarks/users/reader.py"), "--host", server.url]
    command += ["--headless", "-u", "1", "--only-summary"]
    before, deadline = len(server.finished()), time.monotonic() + HANG
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as ran:
        while not (paths := [path for path, _at in server.finished()[before:]]) and ran.poll() is None:
            assert time.monotonic() < deadline, "nobody asked"
            time.sleep(0.05)
        ran.terminate()  # as Ctrl+C does; its --run-time may be over before the first user has asked
        _, said = ran.communicate(timeout=HANG)
    assert ran.returncode == 0, said
    assert set(paths) == {"/"}
