"""A notebook's kernel as a front-end has it: cells are sent, outputs are read, it is interrupted, clicked at, and killed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from patience import HANG

from labs.paths import TOP

Message = dict[str, Any]


class Kernel:
    """A kernel of this checkout. `shown` is what each place of the notebook holds now: display id -> type -> content."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ours = {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(TOP), "LABS_RUN_FOLDER": str(folder / "run")}
        self.run_folder = folder / "run"
        self.manager = KernelManager(kernel_name="python3", connection_file=str(folder / "kernel.json"))
        self.manager.start_kernel(
            cwd=str(folder),
            env={**os.environ, **ours, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG)
        self.process = psutil.Process(self.manager.provisioner.process.pid)  # type: ignore[union-attr]
        self.shown: dict[str, Message] = {}
        self._outputs: dict[str, list[Message]] = {}
        self._over: set[str] = set()  # cells

    def send(self, code: str) -> str:
        """Run a cell, and do not wait for it; its number."""
        return str(self.client.execute(code))

    def until(self, true: Callable[[Message], object]) -> Message:
        """The next message that is so."""
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=HANG)
            self._note(message["parent_header"].get("msg_id", ""), message["msg_type"], message["content"])
            if true(message):
                return dict(message)
        raise AssertionError("it did not come")

    def _note(self, cell: str, kind: str, content: Message) -> None:
        if place := content.get("transient", {}).get("display_id"):
            self.shown[place] = content["data"]
        if kind in ("display_data", "execute_result", "error", "stream"):
            self._outputs.setdefault(cell, []).append({"type": kind, **content})
        if kind == "status" and content["execution_state"] == "idle":
            self._over.add(cell)

    def ended(self, cell: str) -> list[Message]:
        """The outputs of a cell, once it is over."""
        if cell not in self._over:
            self.until(lambda _message: cell in self._over)
        return self._outputs.get(cell, [])

    def run(self, code: str) -> list[Message]:
        """Run a cell to its end; its outputs."""
        return self.ended(self.send(code))

    def fails(self, code: str) -> str:
        """Run a cell that raises; what a reader sees of it."""
        return seen(self.run(code))

    def until_shown(self, *words: str) -> str:
        """Wait until a place of the notebook reads so; its text."""

        def reads(message: Message) -> bool:
            text = message["content"].get("data", {}).get("text/plain", "")
            return all(word in text for word in words)

        return str(self.until(reads)["content"]["data"]["text/plain"])

    def interrupt(self) -> None:
        """As a front-end's stop button does."""
        self.manager.interrupt_kernel()

    def shell(self) -> str:
        """Another shell of this kernel, as JupyterLab has one for its widgets; its id."""
        message = self.client.session.msg("create_subshell_request")
        self.client.control_channel.send(message)
        while True:
            reply = self.client.control_channel.get_msg(timeout=HANG)
            if reply["msg_type"] == "create_subshell_reply":
                return str(reply["content"]["subshell_id"])

    def click(self, widget: str, shell: str) -> None:
        """Click at a button."""
        data = {"method": "custom", "content": {"event": "click"}}
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        message["header"]["subshell_id"] = shell
        self.client.shell_channel.send(message)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@contextmanager
def kernel(folder: Path, **environment: str) -> Iterator[Kernel]:
    """One that is gone after the block."""
    running = Kernel(folder, **environment)
    try:
        yield running
    finally:
        running.close()


def seen(outputs: list[Message]) -> str:
    """What a reader sees of the error of a cell; empty without one."""
    return "\n".join("\n".join(each["traceback"]) for each in outputs if each["type"] == "error")
