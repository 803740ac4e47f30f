"""JupyterLab on a folder of the book: quiet, on this machine alone, with every file of its own inside the checkout."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from traitlets.config import Config

from benchmarks import words
from book.contents import TOP
from labs.paths import CACHE

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_server.serverapp import ServerApp

Kind = Literal["workbooks", "sources"]

OWN = "BOOK_JUPYTER"  # environment variable: the folder of JupyterLab's own files, in place of .cache/jupyter
SETTINGS = TOP / "book" / "_lab"  # what a page of JupyterLab begins with; what a reader then changes is kept beside it
ADDRESS, PORT = "127.0.0.1", 8888
STARTER = os.getppid()  # looked at before anything that takes time: it may end while this process starts
PING = 90_000  # ms; Jupyter's own interval is shorter than its timeout, of which Tornado warns
WATCH = 500  # ms between two looks at whether the process that started this one is still there

# Another Jupyter of the reader's may be set up by these, its kernels and its password among it.
OTHERS = ("JUPYTER", "JPY_", "IPYTHON")


def own() -> Path:
    """The folder of JupyterLab's own files: settings, signatures, what runs."""
    return Path(os.environ.get(OWN) or CACHE / "jupyter").resolve()


def prepare(kind: Kind) -> None:
    """Let Jupyter, in this process and in its kernels, keep its files in the checkout."""
    home = own()
    for name in [name for name in os.environ if name.startswith(OTHERS)]:
        del os.environ[name]
    os.environ |= {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data", "runtime")}
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(str(SETTINGS / name) for name in (kind, "both"))
    os.environ["JUPYTERLAB_WORKSPACES_DIR"] = str(home / "workspaces" / kind)
    os.environ["IPYTHONDIR"] = str(home / "ipython")
    os.environ["MPLCONFIGDIR"] = str(home / "matplotlib")
    path = [str(TOP), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    # jsonschema compiles a grammar of international addresses when it is imported, which takes as long as all the rest of
    # a start; no schema of Jupyter's has such an address, and without the grammar it checks all others as before
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    custom = home / "config" / "custom" / "custom.css"  # Jupyter has no other place for it
    if not custom.exists():
        custom.parent.mkdir(parents=True, exist_ok=True)
        custom.write_bytes((SETTINGS / "custom.css").read_bytes())
    profile = home / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    # errors alone: at each start a kernel warns that it speaks over the loopback address, which is where it shall be
    (profile / "ipython_kernel_config.py").write_text("c.Application.log_level = 40\n")


def serve(folder: Path, *, first: str | None, more: list[str], say: Callable[[str], None]) -> None:
    """JupyterLab on a folder, until Ctrl+C, a signal, or the end of the process that started it. After `prepare`.

    first  the notebook that a reader's first visit opens; None: as JupyterLab would
    more   arguments for JupyterLab
    """
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    if first:
        lay_out(Path(os.environ["JUPYTERLAB_WORKSPACES_DIR"]), first)
    server = LabApp.initialize_server(argv=more, config=settings(folder))
    asked = server.config.ServerApp.port  # 0 means any
    if asked not in (0, server.port):
        say(f"Port {asked} is taken; this one has {server.port}.")
    address = f"{server.connection_url}lab?token={server.identity_provider.token}"
    server.io_loop.add_callback(say, f"{address}      Ctrl+C ends it")  # it listens once its loop has begun
    end_well(server, say)
    server.start()


def settings(folder: Path) -> Config:
    """What the server is set to; a reader's arguments come before it."""
    return Config(
        Application={"log_level": "WARN"},
        IdentityProvider={"token": secrets.token_hex(24)},  # one that Jupyter makes up is told among its own lines
        KernelSpecManager={"allowed_kernelspecs": {"python3"}},
        LabApp={"custom_css": True, "extension_manager": "readonly", "news_url": None},
        ServerApp={
            "contents_manager_class": "book.shown.Shown",
            "allow_root": True,  # Jupyter refuses root otherwise; a container has nobody else
            "ip": ADDRESS,
            "jpserver_extensions": {"jupyter_lsp": False},
            "open_browser": has_screen(),
            "port": PORT,
            "root_dir": str(folder),
            "tornado_settings": dict.fromkeys(("ws_ping_interval", "ws_ping_timeout"), PING),
        },
    )


def has_screen() -> bool:
    """Whether a browser could be seen; a text browser would take the terminal."""
    return sys.platform == "darwin" or bool(os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"})


def end_well(server: ServerApp, say: Callable[[str], None]) -> None:
    """End with the kernels at the first Ctrl+C, without a question, and when the process that started this one has ended.

    `nohup` in front of the command lets it outlive its starter.
    """
    from tornado.ioloop import PeriodicCallback

    def end(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second one does not wait
        if kernels := len(server.kernel_manager.list_kernel_ids()):
            say(f"\nEnding {words.counted(kernels, 'kernel')} and what they started.")
        server.stop(from_signal=True)

    def look() -> None:
        if os.getppid() != STARTER:
            watch.stop()
            end()

    watch = PeriodicCallback(look, WATCH)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, end)
        watch.start()


def lay_out(workspaces: Path, first: str) -> None:
    """For a first visit: the chapters at the left, a notebook, its headings at the right. What a reader makes of it stays."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    manager, name = WorkspacesManager(str(workspaces)), "default"
    if manager.list_workspaces():
        return
    notebook, headings = f"notebook:{first}", "@jupyterlab/toc:plugin"
    layout = {
        "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": [notebook]}, "current": notebook},
        "left": {"collapsed": False, "visible": True, "current": "filebrowser", "widgets": ["filebrowser"]},
        "right": {"collapsed": False, "visible": True, "current": headings, "widgets": [headings]},
        "relativeSizes": [0.23, 0.6, 0.17],
    }
    data = {"layout-restorer:data": layout, notebook: {"data": {"path": first, "factory": "Notebook"}}}
    manager.save(name, json.dumps({"data": data, "metadata": {"id": name}}))
