"""A running deployment in a notebook: a table that is looked at anew every few seconds, and a button that stops it.

The button is a widget of ipywidgets, whose messages JupyterLab delivers while a cell runs. All else is a table in one place,
so that a front-end without widgets, and a file that was saved, have the table as it was last.
"""

from __future__ import annotations

import contextvars
import html
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labs.errors import LabError
from labs.runtime import stillness
from labs.runtime.kernel import in_a_kernel
from labs.tables import Tabled

if TYPE_CHECKING:
    from labs.runtime.deployment import Deployment
    from labs.runtime.instances import Look

EVERY = 3.0  # seconds between two looks: some milliseconds of a processor each
UNCOUNTED = "Requests are not counted: these servers write no line a request, since that would be measured too."
STOPPED = "stopped"
STILL = "A measurement runs here: the numbers are those from before it."


@dataclass(frozen=True, kw_only=True, repr=False)
class View(Tabled):
    """A deployment as it was when it was looked at. reachable: whether a browser of this machine reaches it."""

    name: str
    state: str
    addresses: Sequence[str]
    reachable: bool
    looks: Sequence[Look]
    note: str = UNCOUNTED

    columns = ("server", "state", "processes", "PSS", "CPU", "connections")
    kind = "plain panel"

    def cells(self) -> list[tuple[str, ...]]:
        rows = [_row(look) for look in self.looks]
        if sum(bool(look.processes) for look in self.looks) > 1:
            memory, cpu = sum(look.memory for look in self.looks), sum(look.cpu for look in self.looks)
            count = sum(look.processes for look in self.looks)
            rows.append(("all", "", str(count), _megabytes(memory), _seconds(cpu), ""))
        return rows

    @property
    def below(self) -> str:
        return self.note if self.looks else ""

    def __repr__(self) -> str:
        head = " ".join([f"{self.name}: {self.state}", *self.addresses])
        return f"{head}\n{super().__repr__()}" if self.looks else head

    def _repr_html_(self) -> str:
        shown = map(_link if self.reachable else html.escape, self.addresses)
        head = f"<p><strong>{html.escape(self.name)}</strong>: {' '.join([html.escape(self.state), *shown])}</p>"
        return head + (super()._repr_html_() if self.looks else "")


def _row(look: Look) -> tuple[str, ...]:
    if not look.processes:
        return (look.name, look.state, "", "", _seconds(look.cpu) if look.cpu else "", "")
    waiting = f", {look.waiting} waiting" if look.waiting else ""
    memory, cpu = _megabytes(look.memory), _seconds(look.cpu)
    return (look.name, look.state, str(look.processes), memory, cpu, f"{look.held}{waiting}")


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _link(address: str) -> str:
    shown = html.escape(address)
    return f'<a href="{shown}" target="_blank" rel="noopener">{shown}</a>'


def look(deployment: Deployment) -> View:
    """A deployment as it is now. Raises LabError where it was stopped meanwhile."""
    if not deployment.written:
        return _stopped(deployment.name)
    looks = deployment.instances.look()
    started = any(each.state not in ("not started", "stopped") for each in looks)
    several = [address for address, _host in deployment.addresses().values()]
    return View(
        name=deployment.name,
        state="running at" if started else "not started; start() starts it",
        addresses=tuple(dict.fromkeys(several or (f"{url}/" for url in deployment.urls))) if started else (),
        reachable=deployment.reachable,
        looks=looks,
    )


def _stopped(name: str) -> View:
    return View(name=name, state=STOPPED, addresses=(), reachable=False, looks=())


class Panel:
    """One deployment, shown as often as somebody asks; one thread keeps every place up to date until the deployment has ended.

    It holds the deployment by a weak reference: one that nobody else holds any more ends, as it would without a panel.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._of = weakref.ref(deployment)
        self._name = deployment.name
        self._shown = _stopped(self._name)
        self._tables: list[Any] = []  # places of the notebook that hold the table
        self._buttons: list[Any] = []  # and those of the button
        self._widget: Any = None
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return repr(self._look())

    def _ipython_display_(self) -> None:
        if not in_a_kernel():
            print(repr(self))
            return
        from IPython.display import display

        view = self._look()
        self._update(view)
        self._tables.append(display(view, display_id=True))  # type: ignore[no-untyped-call]
        if view.state == STOPPED:
            return
        if bundle := self._button():
            self._buttons.append(display(bundle, display_id=True, raw=True))  # type: ignore[no-untyped-call]
        if self._thread is None or not self._thread.is_alive():
            # In the context of the cell: what it sends belongs there
            follow = contextvars.copy_context().run
            self._thread = threading.Thread(target=follow, args=(self._follow,), name="panel", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at once: something has changed."""
        self._woken.set()

    def _look(self) -> View:
        deployment = self._of()
        if deployment is None:
            return _stopped(self._name)
        try:
            return look(deployment)
        except LabError:  # it is being stopped
            return _stopped(self._name)

    def _follow(self) -> None:
        while True:
            self._woken.wait(EVERY)
            self._woken.clear()
            ended = (deployment := self._of()) is None or not deployment.written
            del deployment
            if stillness.held() and not ended:
                self._update(replace(self._shown, note=STILL))
                continue
            view = self._look()
            self._update(view)
            if view.state == STOPPED:
                self._close()
                return

    def _update(self, view: View) -> None:
        if view != self._shown:
            self._shown = view
            for each in self._tables:
                each.update(view)

    def _close(self) -> None:
        """Take the button away, from the file too: a saved one would ask for a widget that is gone."""
        for each in self._buttons:
            each.update({}, raw=True)
        if self._widget is not None:
            self._widget.close()
        self._tables, self._buttons, self._widget = [], [], None

    def _button(self) -> dict[str, Any]:
        """What a front-end shows for the button, with words for one that has no widgets; empty where there is no ipywidgets."""
        try:
            from ipywidgets import Button
        except ImportError:
            return {}
        if self._widget is None:
            self._widget = Button(description="Stop", icon="stop", tooltip=f"End every server of {self._name}")
            self._widget.on_click(self._stop)
            # ipykernel 7 brings a click to the shell that spoke last of the button, here the one of the cell that shows it, where
            # it would wait for the cell that runs; without this note it goes where the front-end sends it, to a shell of its own.
            vars(self._widget.comm).pop("_reply_subshell_id", None)
        bundle: dict[str, Any] = self._widget._repr_mimebundle_()
        return {**bundle, "text/plain": "stop() ends every server of it."}

    def _stop(self, button: Any) -> None:
        button.disabled, button.description = True, "Stopping"
        if (deployment := self._of()) is not None:
            deployment.stop()
