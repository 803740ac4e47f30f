"""One deployment: some servers around a site, in a private folder, with a keeper that lets nothing survive."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from labs import paths
from labs.clients import probe, reach
from labs.clients.idle import IdleReaders
from labs.clients.readers import Readers
from labs.deployments.placement import named
from labs.errors import LabError, StartError, Stopped, start_error
from labs.own import copies, proof
from labs.own.shield import shield
from labs.runtime import logs, prepared, processes
from labs.runtime.answers import first as first_answers
from labs.runtime.configuration import Configuration
from labs.runtime.configurations import Configurations
from labs.runtime.connections import Connections
from labs.runtime.instances import Instances
from labs.runtime.launch import Patience
from labs.runtime.panel import Panel
from labs.runtime.running import Running
from labs.runtime.usage import Usage
from labs.servers.base import HTTP, START_TIMEOUT, FrontEnd, Server
from labs.servers.database import Database
from labs.servers.folder import LOOPBACK, Folder
from labs.servers.machine import Settled
from labs.servers.place import Place
from labs.site import Site
from labs.supervisor import ladder
from labs.supervisor.keeper import Keeper


class Deployment:
    """Servers around a site. Made by `labs.deploy`; the configuration is written at once, `start()` runs it.

    url          where readers ask, once started; `urls` are all such addresses, where there are several
    media_url    where media files are asked for: a path below url, or another server
    started_in   seconds from `start()` to the first good answer
    page         the path below url that gave it: the site's `ready`, or where that leads
    notes        what its owner should know of the first answers, a sentence each
    """

    def __init__(
        self,
        name: str,
        site: Site,
        servers: Sequence[Server],
        *,
        options: Mapping[str, object] | None = None,
        cpus: set[int] | None = None,
        keep: bool = False,
        start_timeout: float = START_TIMEOUT,
        rung: int | None = None,
    ) -> None:
        self.name, self.site, self.servers = name, site, tuple(servers)
        self.options = dict(options or {})
        self.cpus, self._keep, self.start_timeout = cpus, keep, start_timeout
        self.rung = rung  # the highest of the ladder that its machines may use
        self.machines: list[Settled] = []  # what was got for them; this one first, where there are others
        self._doors: dict[str, str] = {}
        self.started_in: float | None = None
        self.page = site.ready
        self.notes: tuple[str, ...] = ()
        self.kept: Path | None = None  # where the folder stays, after stop(), when it was asked to
        _apart(self.servers)
        for server in self.servers:
            server.find()  # a missing program is said at once
        self._keeper: Keeper | None = None
        self._folder: Folder | None = None
        self._instances: Instances | None = None
        self._given: set[Path] = set()  # folders that the sites write to
        self._panel: Panel | None = None

    # -- the folder and its files

    @property
    def folder(self) -> Folder:
        if self._folder is None:
            raise LabError(f"{self.name} has been stopped and its folder is gone. deploy() makes a new one.")
        return self._folder

    def write_config(self) -> Self:
        """Make the folder and write every file. Nothing runs yet but the keeper."""
        if self._folder is None:
            self._keeper = Keeper(paths.RUN, self.name, keep=self._keep)
            try:
                asked = list(dict.fromkeys(server.machine for server in self.servers if server.machine))
                self.machines, self._doors = ladder.settle(self._keeper, asked, self.rung)
                self.servers = named(self.servers, self._hosts())
                names = {m.address: m.name for m in self.machines if m.machine and m.address != LOOPBACK}
                self._folder = Folder(
                    self._keeper.folder, self._keeper.sockets, stays=self._keep, hosts=self._hosts(), machines=names
                ).make()
                self._instances = Instances(self.name, self.servers, self._folder, self._keeper, cpus=self.cpus)
                for server in self.servers:
                    self._folder.endpoint(server.listen)  # every address is known before the first file names one
                self._prepare_site()
                writable = [place for server in self.servers for place in server.writes(self._folder)]
                shield(self._keeper, self._folder, self.sites, writable)
                self._files.write()
            except OSError as error:
                self.stop()
                raise start_error(f"The files of {self.name} cannot be written", error) from error
            except BaseException:
                self.stop()
                raise
        return self

    def _hosts(self) -> dict[str, str]:
        """Name of an address -> where the machine of its server is."""
        there = {machine.name: machine.address for machine in self.machines}
        names = {server.listen.name: server.machine.name if server.machine else "" for server in self.servers}
        return {name: there[machine] for name, machine in names.items() if machine in there}

    def _prepare_site(self) -> None:
        """A site works on a copy of its database: whatever a lab does to it is gone with the folder."""
        for site in self.sites:
            self._given |= copies.prepare(site, self.folder)
        self._give()

    def _give(self) -> None:
        """What the site may write belongs to whom it runs as. Nothing else: configuration, journal and logs are read again by
        whoever started the lab."""
        for account in {server.works_as(self.folder) for server in self.servers} - {None}:
            assert account is not None
            for folder in self._given:
                account.own(folder)

    def prove(self) -> Self:
        """Load a reader's project once, in its guard, and see that all it names to write to lies in the folder.

        Raises NotProvedError, with every name that does not.
        """
        self.write_config()
        assert self._keeper is not None
        for site in self.sites:
            proof.prove(self._keeper, self.folder, site, self.start_timeout)
            self._give()
        return self

    @property
    def _files(self) -> Configurations:
        return Configurations(self.name, self.servers, self.write_config().folder, self.sites)

    def config(self, name: str | None = None) -> Configuration:
        """A finished configuration file; without a name, the front-end's."""
        return self._files.one(name)

    def configurations(self) -> dict[str, str]:
        """Every configuration file, with this run's paths and ports replaced by names.

        Of a reader's project neither its place nor the values of the variables that it was given are in them.
        """
        return self._files.public()

    def edit(self, name: str, old: str, new: str = "") -> Configuration:
        """Replace a piece of a configuration file, for a lab that makes a mistake on purpose. A server reads its file when
        it starts.

        Raises LabError when the piece is not there.
        """
        return self._files.edit(name, old, new)

    def describe(self) -> dict[str, object]:
        """Name, options and the servers with their versions."""
        versions = {title: version for server in self.servers for title, version in server.versions().items()}
        chosen = {name: value for server in self.servers for name, value in server.chosen(self.folder).items()}
        machines = {"machines": [machine.to_json() for machine in self.machines]} if self.machines else {}
        return {"deployment": self.name, "options": {**chosen, **self.options}, "servers": versions, **machines}

    # -- running

    def start(self) -> Self:
        """Start every server, back-ends first, and wait for the first good answer.

        Raises StartError when one does not come up in time; nothing is left running then, and no folder unless it was to be
        kept.
        """
        self.write_config()
        if len(self.instances):
            return self
        begun = time.perf_counter()
        try:
            self.prove()
            for server in self.servers:
                if isinstance(server, Database):
                    prepared.prepare(server, self.folder)
            patience = Patience(self.start_timeout)
            self.instances.start_each(patience)
            said = [
                first_answers(
                    origin,
                    self.places,
                    self.sites,
                    self.servers,
                    self.folder,
                    check=self.instances.still_there,
                    patience=patience,
                )
                for origin in self.origins
            ]
            answers = said[0]
            self.page, self.notes = answers.page, answers.notes
        except OSError as error:
            self.stop()
            raise start_error(f"{self.name} could not be started", error) from error
        except StartError as error:
            self.stop()
            if self.kept:
                raise StartError(f"{error}\n  folder   {self.kept} stays, with all of this in it") from error
            raise
        except KeyboardInterrupt:
            self.stop()
            raise Stopped(
                f"{self.name} was stopped while it started; nothing of it is left. start() starts it again."
            ) from None
        except BaseException:
            self.stop()
            raise
        self.started_in = time.perf_counter() - begun
        if self._panel:
            self._panel.wake()
        return self

    # -- one server, while the others run

    @property
    def instances(self) -> Instances:
        """The running servers, each an object; `instances.dead()` are those that ended by themselves or were killed."""
        if self._instances is None:
            raise LabError(f"{self.name} has been stopped. deploy() makes a new one.")
        return self._instances

    def running(self, label: str) -> Running:
        """One server as an object: start, stop, kill, freeze, thaw, its processes, CPU, memory, address and log. Of several
        of a label the oldest that runs. Raises LabError, with the labels that there are."""
        return self.instances.of(label)

    def stop_server(self, label: str) -> None:
        """End one server and all that came from it, as it ends by itself: requests under way get its own patience."""
        self.instances.stop(label)

    def start_server(self, label: str) -> int:
        """Start one server, beside one of the same label that may still run; its process number, once it takes connections.

        Raises StartError when it does not come up in time.
        """
        return self.instances.start(label, Patience(self.start_timeout)).number

    def restart(self, label: str) -> None:
        """End a server, then start it again."""
        self.stop_server(label)
        self.start_server(label)

    def stop(self) -> None:
        """End everything and remove the folder. Certain, and safe to call twice."""
        keeper, self._keeper, self._folder, self._instances = self._keeper, None, None, None
        reach.forget(self._doors)
        self.machines, self._doors = [], {}
        if keeper is not None:
            if keeper.alive:
                keeper.keep(self._keep)
            keeper.end()
            self.kept = keeper.folder if self._keep else None
        if self._panel:
            self._panel.wake()

    def close(self) -> None:
        """The same, for contextlib.closing: a deployment that was written and never started."""
        self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- one machine

    def unplug(self, machine: str) -> None:
        """Pull a machine's cable out: what is sent to it gets no answer, not even a refusal. Raises LabError on loopback."""
        self._cable(machine).plug(machine, up=False)

    def plug(self, machine: str) -> None:
        """Plug the cable in again."""
        self._cable(machine).plug(machine, up=True)

    def _cable(self, machine: str) -> Keeper:
        if machine not in {each.name for each in self.machines if each.machine}:
            raise LabError(
                f"{self.name} has no machine {machine!r}. It has: {', '.join(m.name for m in self.machines[1:])}."
            )
        assert self._keeper is not None
        return self._keeper

    def carried(self) -> dict[str, float]:
        """CPU seconds of what carries the machines and is no part of `cpu_seconds`: the door, wires, and setting them up."""
        assert self._keeper is not None
        return {what: float(seconds) for what, seconds in self._keeper.machines_seen()["cpu"].items()}

    # -- looking inside

    @property
    def written(self) -> bool:
        """Whether its folder is there: not before its configuration is written, and not after it was stopped."""
        return self._folder is not None

    @property
    def reachable(self) -> bool:
        """Whether a browser of this machine reaches it: not where its machines have a network of their own."""
        return not self._doors

    def panel(self) -> Panel:
        """What runs, looked at anew every few seconds in a notebook, with a button that stops it; elsewhere a table."""
        if self._panel is None:
            self._panel = Panel(self)
        return self._panel

    def _ipython_display_(self) -> None:
        self.panel()._ipython_display_()

    def __repr__(self) -> str:
        return repr(self.panel())

    @property
    def origin(self) -> str:
        """The front-end's own address, whatever lies below it."""
        return f"http://{self.folder.endpoint(self.front.listen)}"

    @property
    def url(self) -> str:
        """Where the site is, without a slash at its end; of several by host name the first, of several by path all."""
        return self.origin + (self.places[0].path if len(self.places) == 1 else "")

    @property
    def origins(self) -> tuple[str, ...]:
        """The addresses of all servers that readers ask, the front-end's first."""
        asked = [server for server in self.servers if server.asked and server is not self.front]
        return tuple(f"http://{self.folder.endpoint(server.listen)}" for server in (self.front, *asked))

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the site is, at each of its addresses: readers take them in turn, as with several addresses in the DNS."""
        return tuple(origin + self.url.removeprefix(self.origin) for origin in self.origins)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the front-end serves which site; empty where there is none in front."""
        return self.front.places if isinstance(self.front, FrontEnd) else ()

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site that is served; the first is `site`."""
        return tuple(place.site for place in self.places if place.site is not None) or (self.site,)

    @property
    def front(self) -> Server:
        """The server that readers talk to."""
        return next(server for server in reversed(self.servers) if server.listen == HTTP)

    def server(self, label: str) -> Server:
        """The first server of this label or title. Raises LabError, with those that there are."""
        return self.instances.server(label)

    def addresses(self) -> dict[str, tuple[str, str]]:
        """Where each of several sites is: name -> its address, and the host name that must be asked for, or an empty text."""
        if len(self.places) < 2:
            return {}
        return {
            place.name: (f"{self.origin}{place.path}/", place.hosts[0] if place.hosts else "") for place in self.places
        }

    @property
    def media_url(self) -> str:
        below = (self.places[0].path if self.places else "") + self.site.media_url
        address = self.folder.resolve(self.site.environment.get(self.site.variables.get("media_url", ""), below))
        return address if "://" in address else self.origin + address

    def get(self, path: str = "/", *, timeout: float = 30.0, headers: dict[str, str] | None = None) -> probe.Response:
        """Ask for one page, on a connection of its own."""
        return probe.get(self.url + path if path.startswith("/") else path, timeout=timeout, headers=headers)

    def idle_readers(self, number: int, path: str = "/hello/") -> IdleReaders:
        """Readers who ask for one page each and then keep their connection open without a word: `with` it."""
        return IdleReaders(self.url, number, path)

    def readers(self, number: int = 4, path: str = "/hello/") -> Readers:
        """Readers who ask again and again, of several addresses each in turn, while something is done to the deployment: `with` it."""
        return Readers(self.urls, number, path)

    def tree(self) -> list[psutil.Process]:
        """Every process of this deployment, detached daemons included."""
        assert self._keeper is not None
        return processes.living(self._keeper.family())

    def processes(self) -> processes.ProcessTable:
        """A row a server: process number, user, processes, threads, PSS."""
        return self.instances.table()

    def pid_of(self, label: str) -> int:
        """The process number of a server that runs, by its label: for a lab that signals it."""
        return self.instances.alive(label).number

    def address_of(self, label: str) -> str | tuple[str, int]:
        """Where a server listens: the path of its socket, or host and port."""
        return self.running(label).address

    def connections(self, label: str) -> Connections:
        """How many connections a server holds, and how many wait until it accepts them. Raises LabError, with the labels."""
        return self.instances.connections(label)

    def cpu_seconds(self) -> float:
        """User and system seconds of the whole tree since it started, dead processes included."""
        assert self._keeper is not None
        return self._keeper.cpu_seconds()

    def pss(self) -> int:
        """Proportional set size of the whole tree, in bytes."""
        return sum(processes.pss(process) for process in self.tree())

    def cpu_usage(self) -> Usage:
        """User and system seconds since it started, of the whole tree and of each server, dead processes included: one look."""
        assert self._keeper is not None
        total, starts = self._keeper.cpu()
        return Usage(total, self.instances.each(starts))

    def memory_usage(self) -> Usage:
        """Proportional set size in bytes, of the whole tree and of each server: each process is looked at once."""
        assert self._keeper is not None
        starts: dict[int, float] = {}
        for pid, start in self._keeper.origins().items():
            for process in processes.living([pid]):
                starts[start] = starts.get(start, 0.0) + processes.pss(process)
        return Usage(sum(starts.values()), self.instances.each(starts))

    def machine_names(self) -> dict[str, str]:
        """Label of a server -> name of the machine that it runs on; empty where all run on this one."""
        on = {server.label: server.machine for server in self.servers}
        if not any(on.values()):
            return {}
        return {label: machine.name if machine else "this one" for label, machine in on.items()}

    def log(self, name: str | None = None) -> str:
        """A log file's text; without a name, all that is in the folder of logs."""
        return logs.text(self.folder, self.name, name)

    def alerts(self) -> list[str]:
        """Lines of the servers' logs that mean that something went wrong; none after a good run."""
        return logs.alerts(self.folder, self.servers)


def _apart(servers: Sequence[Server]) -> None:
    """Two servers need two names, and two addresses. Raises LabError where they have not."""
    for what in ("label", "listen"):
        seen: dict[object, Server] = {}
        for server in servers:
            other = seen.setdefault(getattr(server, what), server)
            if other is not server:
                shared = server.label if what == "label" else server.listen.name
                raise LabError(
                    f"{other.title} and {server.title} of one deployment both have the {what} {shared}. Give one another, "
                    f"by {'name' if what == 'label' else what}=."
                )
