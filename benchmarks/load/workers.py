"""Several generating processes instead of one: how many, and where. The master's owner's side."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.load.client import is_loopback
from labs.errors import OptionError

PROCESSES = 30.0  # seconds until workers of this machine are there
PEOPLE = 300.0  # seconds until workers are there that somebody starts by hand


@dataclass(frozen=True, kw_only=True)
class Workers:
    """How a generator divides its work.

    count    how many
    listen   None: they are started here, as processes that end with the generator. Else "HOST:PORT", this machine's own
             address, at which the generator waits for workers that are started on other machines by `command`
    is_mine  the network of that address is yours: whoever reaches it could join, and could read everything

    Raises OptionError for a count below 1, an address without a port, or one of a network that is not said to be yours.
    """

    count: int
    listen: str | None = None
    is_mine: bool = False

    def __post_init__(self) -> None:
        if self.count < 1:
            raise OptionError(f"workers: {self.count} cannot share a load; at least 1")
        if self.listen is None:
            return
        host, _, port = self.listen.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise OptionError(f"workers: {self.listen} is no address; give HOST:PORT, such as 192.168.1.5:5557")
        if not self.is_mine and not is_loopback(f"http://{self.listen}"):
            raise OptionError(
                f"workers: {self.listen} is open to a network. Nothing there is encrypted, and whoever reaches it may join: "
                "say is_mine=True if the network is yours, or listen on 127.0.0.1 and bring the workers there by a tunnel"
            )

    @property
    def command(self) -> str:
        """What is typed on each of the other machines."""
        return f"python -m benchmarks.load.generator --worker {self.listen or 'HOST:PORT'} --target HOST"

    @property
    def patience(self) -> float:
        """Seconds until all must be there."""
        return PROCESSES if self.listen is None else PEOPLE

    @property
    def arguments(self) -> list[str]:
        """For the generator process."""
        listen = [] if self.listen is None else ["--listen", self.listen]
        return ["--workers", str(self.count), "--patience", f"{self.patience:g}", *listen]
