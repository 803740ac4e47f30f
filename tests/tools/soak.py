"""Owners and keepers killed at random moments, again and again: does anything stay behind? `python -m tests.tools.soak --kills 100`.

Each round starts a process that deploys, starts, asks and stops, over and over, and kills it (SIGKILL) somewhere within
one of these stages; or its keeper, after which `labs reset` is run. Five seconds later nothing may be left: no process,
no socket, no folder, no mount, no temporary file. Two bystanders, one in the same run folder and one in another, must go
on answering with the processes that they had at the start.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from labs.clients import probe
from labs.deployments.catalogue import arrangement, names
from labs.errors import LabError
from labs.paths import TOP
from labs.supervisor import listeners
from labs.supervisor.machines import groups
from labs.supervisor.reset import reset

INTERRUPTED = 130  # exit status after Ctrl+C
PATIENCE = 5.0  # seconds until nothing may be left
ANSWER_WITHIN = 30.0  # seconds that a bystander's page may take
STAGES = {"set-up": 0.2, "start": 0.8, "load": 0.6, "stop": 0.4}  # each with seconds that it lasts, about
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "gunicorn": ({"keepalive": 5}, {"threads": 2}),
    "gunicorn-nginx": ({}, {"keepalive": 0}),
    "fastcgi-nginx": ({"handed": True}, {"backends": 2}, {"method": "prefork"}, {"listen": "tcp"}),
    "fastcgi-lighttpd": ({"method": "prefork"}, {"listen": "tcp"}),
    "fastcgi-apache": ({"mpm": "event"}, {"method": "prefork"}, {"listen": "tcp"}),
}
MACHINES = 0.4  # the share of rounds whose servers are on machines: the front-end on one, all others on another
EVERYWHERE: tuple[dict[str, Any], ...] = (
    {}, {}, {"cache": "memcached"}, {"media": "own"}, {"media": "django"}, {"database": "postgresql"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Round:
    """What is to be killed, and when. pause is in seconds from the beginning of the stage."""

    number: int
    name: str
    options: dict[str, Any]
    victim: str  # "owner" or "keeper"
    stage: str
    pause: float
    machines: dict[str, dict[str, float]]  # server -> its machine, as `Machine` takes it; empty for none
    deep: bool  # a run folder so deep that sockets must lie elsewhere

    @property
    def told(self) -> str:
        """What was deployed."""
        on = f" on {', '.join(map(str, self.machines.values()))}" if self.machines else ""
        return f"{self.name} {self.options}{on}"


@dataclass(kw_only=True)
class Tally:
    """What a soak came to."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)  # "owner, start" -> how many
    deployments: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)  # everything that should not have been there, with its round
    slow: list[str] = field(default_factory=list)  # owners killed before the stage that was meant, with the reason
    slowest: float = 0.0  # seconds from a kill until nothing was left
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def done(self) -> int:
        return sum(self.kills.values())

    def __str__(self) -> str:
        lines = [f"{self.done} kills in {self.seconds:.0f} s, seed {self.seed}: {len(self.left)} things left behind."]
        lines += [f"  {number:5}  {what}" for what, number in sorted(self.kills.items())]
        lines.append("  over " + ", ".join(f"{name} {number}" for name, number in sorted(self.deployments.items())))
        lines.append(f"  nothing left after {self.slowest:.2f} s at the latest" if not self.left else "Left behind:")
        lines += [f"  {line}" for line in self.left]
        if self.slow:
            lines += ["Killed in an earlier stage than was meant, for want of time:", *(f"  {s}" for s in self.slow)]
        return "\n".join(lines)


def plan(seed: int, kills: int) -> Iterator[Round]:
    """The rounds of a seed: the same seed asks for the same kills."""
    for number in range(1, kills + 1):
        chance = random.Random(f"{seed} {number}")
        name = chance.choice(names())
        options = {**chance.choice(EVERYWHERE), **chance.choice(({}, *VARIANTS.get(name, ())))}
        stage = chance.choice(list(STAGES))
        yield Round(
            number=number,
            name=name,
            options=options,
            victim="keeper" if chance.random() < 0.2 else "owner",
            stage=stage,
            pause=chance.uniform(0, STAGES[stage]),
            deep=chance.random() < 0.1,
            machines={} if options.get("handed") or chance.random() > MACHINES else machines(name, chance),
        )


def machines(name: str, chance: random.Random) -> dict[str, dict[str, Any]]:
    """Two machines for a deployment, with a limit now and then: whether this host gives it is not known here."""
    front = arrangement(name).front
    limits: tuple[dict[str, float], ...] = ({}, {"delay": 0.001}, {"bandwidth": 1e8}, {"memory": 1 << 30, "cpu": 1})
    back = {"name": "back", **chance.choice(limits)}
    return {"*": back, **({front: {"name": "front"}} if front else {})}


class Pace:
    """How long an owner may take to a stage, by what start-ups take on this machine at this time.

    A fixed bound would be too short where other work has the processors, and would hide a hang for long where none has.
    """

    FACTOR, LEAST, MOST, LATELY = 5, 30.0, 180.0, 20  # of the slowest start-up; seconds; seconds; start-ups looked at

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=self.LATELY)

    def took(self, seconds: float) -> None:
        """A start-up that came to its end."""
        self._took.append(seconds)

    @property
    def patience(self) -> float:
        """Seconds; the most while no start-up has been seen."""
        if not self._took:
            return self.MOST
        return min(self.MOST, max(self.LEAST, self.FACTOR * max(self._took)))

    def reason(self, stage: str) -> str:
        """Why somebody was not waited for any longer."""
        seen = f"the slowest of the last {len(self._took)} start-ups took {max(self._took, default=0):.1f} s"
        return f"not yet in {stage} after {self.patience:.0f} s; {seen}, and the load is {os.getloadavg()[0]:.1f}"


class SlowError(LabError):
    """An owner is not yet where it was waited for."""


class Places:
    """The folders of a soak, all below one that vanishes with it."""

    def __init__(self, top: Path) -> None:
        self.run, self.other, self.tmp = top / "run here", top / "elsewhere", top / "tmp"
        self.deep = top / ("deep " * 12).strip() / ("deeper " * 8).strip()
        for folder in (self.run, self.other, self.tmp, self.deep):
            folder.mkdir(parents=True)
            folder.chmod(0o1777)
        self.top = top

    def environment(self, run: Path) -> dict[str, str]:
        return {**os.environ, "LABS_RUN_FOLDER": str(run), "TMPDIR": str(self.tmp), "PYTHONPATH": str(TOP)}


class Owner:
    """A process that owns deployments; it says on its standard output what it is about."""

    def __init__(
        self, places: Places, run: Path, name: str, options: dict[str, Any], *, stay: bool = False, on: Any = None
    ) -> None:
        self.run, self._rest = run, b""
        self.said: dict[str, Any] = {}
        self._begun = time.monotonic()
        self._log = tempfile.TemporaryFile(dir=places.top)  # noqa: SIM115 - it lives as long as the owner
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.tools.soak",
                "own",
                name,
                json.dumps(options),
                json.dumps(on or {}),
                "stay" if stay else "again",
            ],
            cwd=TOP,
            env=places.environment(run),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def until(self, stage: str, pace: Pace) -> bool:
        """Wait until it is in a stage; False when it has ended before. Raises SlowError when it takes too long."""
        assert self.process.stdout is not None
        end = time.monotonic() + pace.patience
        while self.said.get("stage") != stage:
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise SlowError(pace.reason(stage))
            if not self.read():
                return False
        if stage == "load":
            pace.took(time.monotonic() - self._begun)
        return True

    def read(self) -> bool:
        """Take in what it has said; False at the end."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.said.update(json.loads(line))
        return bool(data)

    def latest(self) -> str:
        """The stage that it is in now."""
        assert self.process.stdout is not None
        while select.select([self.process.stdout], [], [], 0)[0] and self.read():
            pass
        return str(self.said.get("stage", "set-up"))

    def words(self) -> str:
        """The last of what it said on standard error."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")[-2000:]

    def kin(self) -> list[psutil.Process]:
        """Itself and all that came from it, as far as it can be seen now."""
        try:
            me = psutil.Process(self.process.pid)
            return [me, *me.children(recursive=True)]
        except psutil.Error:
            return []

    def keeper(self) -> psutil.Process | None:
        for process in self.kin()[1:]:
            try:
                if any(word.endswith("keep.py") for word in process.cmdline()):
                    return process
            except psutil.Error:
                continue
        return None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()


class Bystander(Owner):
    """A deployment of somebody else's, that nobody may touch."""

    def __init__(self, places: Places, run: Path, name: str, pace: Pace) -> None:
        super().__init__(places, run, name, {}, stay=True)
        if not self.until("load", pace):
            raise LabError(f"The bystander {name} did not come up. It said: {self.words()}")
        self.name, self.pids = name, self.settled()

    def settled(self) -> set[int]:
        """Its processes, once none has come or gone for a second: workers may still come when the first page does."""
        end, seen, since = time.monotonic() + ANSWER_WITHIN, self.running(), time.monotonic()
        while time.monotonic() < min(end, since + 1.0):
            time.sleep(0.05)
            if (now := self.running()) != seen:
                seen, since = now, time.monotonic()
        return seen

    def running(self) -> set[int]:
        return {process.pid for process in self.kin()}

    def complaint(self) -> str | None:
        """What is no longer as it was, or None."""
        try:
            status = probe.get(self.said["url"] + "/hello/", timeout=ANSWER_WITHIN).status
        except OSError as error:
            return f"the bystander {self.name} does not answer: {error}"
        if status != 200:
            return f"the bystander {self.name} answers {status}"
        gone, new = self.pids - self.running(), self.running() - self.pids
        return f"the bystander {self.name} lost {sorted(gone)} and got {sorted(new)}" if gone or new else None

    def end(self) -> None:
        """Let its keeper clear it away."""
        self.process.terminate()
        self.kill()


@contextmanager
def bystanders(places: Places, pace: Pace) -> Iterator[list[Bystander]]:
    """One in the run folder of the others, one elsewhere."""
    there: list[Bystander] = []
    try:
        there.append(Bystander(places, places.run, "gunicorn-nginx", pace))
        there.append(Bystander(places, places.other, "fastcgi-lighttpd", pace))
        yield there
    finally:
        for each in there:
            each.end()
        end = time.monotonic() + PATIENCE
        while any(places.other.iterdir()) or any(places.run.iterdir()):
            if time.monotonic() > end:
                break
            time.sleep(0.05)


def progress(each: Round, tally: Tally) -> None:
    """A line on standard error: one that is written over on a terminal, one for each fifty kills elsewhere."""
    line = f"{tally.done} kills, {len(tally.left)} things left, {tally.seconds:.0f} s; the last: {each.name}"
    if sys.stderr.isatty():
        print(f"\r{line:<79}", end="", file=sys.stderr, flush=True)
    elif each.number % 50 == 0:
        print(line, file=sys.stderr, flush=True)


def soak(kills: int, *, seed: int | None = None, tell: Callable[[Round, Tally], None] | None = None) -> Tally:
    """Kill that many owners and keepers and count what they leave.

    seed  of the kills; a new one when none is named
    tell  called after each round
    Ctrl+C ends it early; what was counted until then is returned. Raises LabError when a bystander does not come up.
    """
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    tally, pace, begun = Tally(seed=seed), Pace(), time.monotonic()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs start with SIGINT ignored
            signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="labs soak ", ignore_cleanup_errors=True) as top:
        Path(top).chmod(0o755)
        places = Places(Path(top))
        try:
            with bystanders(places, pace) as others:
                known = {entry for folder in (places.run, places.deep, places.tmp) for entry in folder.iterdir()}
                for each in plan(seed, kills):
                    _round(each, places, others, known, tally, pace)
                    tally.seconds = time.monotonic() - begun
                    if tell:
                        tell(each, tally)
        except KeyboardInterrupt:
            tally.interrupted = True
    tally.seconds = time.monotonic() - begun
    return tally


def _round(each: Round, places: Places, others: list[Bystander], known: set[Path], tally: Tally, pace: Pace) -> None:
    run = places.deep if each.deep else places.run
    owner = Owner(places, run, each.name, each.options, on=each.machines)
    try:
        try:
            if not owner.until(each.stage, pace):
                what = f"round {each.number}, {each.told}: it failed by itself: {owner.words()}"
                tally.left.append(what)
        except (
            SlowError
        ) as slow:  # other work has the machine: it is killed where it is, which must leave nothing either
            tally.slow.append(f"round {each.number}, {each.told}: {slow}")
        time.sleep(each.pause)
        stage, mine, keeper = owner.latest(), owner.kin(), owner.keeper()
        own = networks(mine)
        started = keeper.pid if keeper else 0
        if each.victim != "keeper":
            keeper = None
        killed = time.monotonic()
        if keeper is not None:
            keeper.kill()
            psutil.wait_procs([keeper], timeout=1)
    finally:
        owner.kill()
    if keeper is not None:
        reset(run)
    addresses = owner.said.get("addresses", [])
    tally.kills[f"{'owner' if keeper is None else 'keeper'}, {stage}"] += 1
    tally.deployments[f"{each.name} on machines" if each.machines else each.name] += 1
    while rest := [*left(places, others, known, mine, addresses), *of_machines(own, started)]:
        if time.monotonic() - killed > PATIENCE:
            what = f"round {each.number}, {each.told}, {each.victim} killed in {stage}: "
            tally.left += [what + thing for thing in rest]
            known |= {entry for folder in (places.run, places.deep, places.tmp) for entry in folder.iterdir()}
            break
        time.sleep(0.05)
    else:
        tally.slowest = max(tally.slowest, time.monotonic() - killed)
    tally.left += [f"round {each.number}: {said}" for other in others if (said := other.complaint())]


def left(
    places: Places, others: list[Bystander], known: set[Path], mine: list[psutil.Process], addresses: list[Any]
) -> list[str]:
    """Everything of a killed owner that is still there."""
    safe = set().union(*(other.running() for other in others))
    found = [f"process {process.pid}" for process in mine if _runs(process)]
    strangers = (process for process in psutil.process_iter() if process.pid not in safe | {os.getpid()})
    found += [f"process {process.pid}" for process in strangers if _runs(process) and _of(process, places.top)]
    for folder in (places.run, places.deep, places.tmp):
        found += [f"{entry}" for entry in sorted(folder.iterdir()) if entry not in known]
    ports = {address[1] for address in addresses if isinstance(address, list)}
    found += [f"a listening socket on port {port}" for port in sorted(ports & set(listeners.ports()))]
    found += [f"the socket {path}" for path in listeners.unix() if path in addresses]
    found += [f"shared memory, number {number}" for number in segments({process.pid for process in mine})]
    mounts = Path("/proc/mounts")
    if mounts.exists():
        found += [line for line in mounts.read_text().splitlines() if str(places.top).replace(" ", "\\040") in line]
    return sorted(set(found))


def segments(makers: set[int]) -> list[int]:
    """Numbers of the segments of shared memory that these processes made (proc(5), /proc/sysvipc/shm); the files of POSIX's, as
    PostgreSQL names them, are nobody's and count as 0."""
    table = Path("/proc/sysvipc/shm")
    rows = [row.split() for row in table.read_text().splitlines()[1:]] if table.exists() else []
    files = Path("/dev/shm").glob("PostgreSQL.*")
    return [int(row[1]) for row in rows if int(row[4]) in makers] + [0 for _ in files]


def networks(processes: list[psutil.Process]) -> set[str]:
    """The network namespaces of some processes, without our own, as /proc names them; empty where there is no /proc."""
    own = _network(os.getpid())
    return {network for process in processes if (network := _network(process.pid)) not in ("", own)}


def _network(pid: int) -> str:
    try:
        return str(Path("/proc", str(pid), "ns/net").readlink())
    except OSError:
        return ""


def of_machines(spaces: set[str], keeper: int) -> list[str]:
    """Of a killed owner's machines: who is still in their networks or holds one open, and control groups of its keeper."""
    found = []
    for process in psutil.process_iter() if spaces else ():
        if _network(process.pid) in spaces:
            found.append(f"process {process.pid} in {_network(process.pid)}")
        try:
            handles = {str(each.readlink()) for each in Path("/proc", str(process.pid), "fd").iterdir()}
        except OSError:  # it ended meanwhile, or is another user's
            continue
        found += [f"process {process.pid} with a handle of {network}" for network in sorted(handles & spaces)]
    places = filter(None, map(groups.hierarchy, ("cpu", "memory")))
    return found + [str(path) for place, _ in places for path in place.glob(f"labs-{keeper}-*")]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _of(process: psutil.Process, top: Path) -> bool:
    """Whether a process belongs below a folder: by its environment, its working folder or its command line."""
    try:
        traces = [process.environ().get("LABS_FOLDER", ""), process.cwd(), *process.cmdline()]
    except psutil.Error:
        return False
    return any(str(top) in trace for trace in traces)


def own(name: str, options: dict[str, Any], on: dict[str, dict[str, Any]], *, stay: bool) -> None:
    """Deploy, start, ask, stop, and again; or stay after the start."""
    from labs.runtime.deploying import deploy
    from labs.servers.machine import LIMITS, Machine
    from labs.supervisor import ladder

    def possible(machine: dict[str, Any]) -> Machine:
        """With those of its limits that this host gives."""
        can = {"delay": not ladder.why_not("wire")} | {limit: not ladder.why_not(limit) for limit in LIMITS[:3]}
        return Machine(**{key: value for key, value in machine.items() if can.get(key, True)})

    def say(stage: str, **more: object) -> None:
        print(json.dumps({"stage": stage, **more}), flush=True)

    soaked = os.getppid()
    while os.getppid() == soaked:  # the soak itself may be killed too
        say("set-up")
        deployment = deploy(name, machines={label: possible(each) for label, each in on.items()}, **options)
        addresses = [deployment.address_of(server.label) for server in deployment.servers]
        say("start", addresses=addresses)
        deployment.start()
        say("load", url=deployment.url)
        end = time.monotonic() + STAGES["load"]
        while (stay and os.getppid() == soaked) or time.monotonic() < end:
            if stay:
                time.sleep(0.5)
            else:
                deployment.get("/hello/")
        say("stop")
        deployment.stop()


app = typer.Typer(add_completion=False)


@app.command()
def main(
    kills: Annotated[int, typer.Option(help="how many owners and keepers", min=1)] = 100,
    seed: Annotated[int | None, typer.Option(help="of what is killed when; a new one without it")] = None,
) -> None:
    """Kill owners of deployments, and keepers, at random moments, and count what they leave. About 2 s a kill.

    Exit status: 0 nothing was left, 1 something was, 130 after Ctrl+C.
    """
    try:
        tally = soak(kills, seed=seed, tell=progress)
    except LabError as error:
        sys.exit(str(error))
    print(tally)
    raise typer.Exit(INTERRUPTED if tally.interrupted else 1 if tally.left else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["own"]:
        own(sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4]), stay=sys.argv[5] == "stay")
    else:
        app()
