"""What a terminal shows of the labs: a running deployment, this machine; and the wait for a key."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from labs.runtime.deployment import Deployment

MANAGERS = ("apt", "dnf", "pacman", "brew", "pip")

# On a terminal tables fit its width; elsewhere nothing is cut off.
console = Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=200, highlight=False)


def table(*columns: str) -> Table:
    """An empty table without lines, as all of ours are."""
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def show(deployment: Deployment, as_json: bool) -> None:
    """Where it is, who runs, where its files are."""
    folder = deployment.folder
    if as_json:
        rows = [vars(row) for row in deployment.processes().rows]
        answer = {"url": deployment.url, "media": deployment.media_url, "folder": str(folder.path), "processes": rows}
        answer |= {"page": deployment.page, "notes": list(deployment.notes)}
        sites = {name: {"url": url, "host": host} for name, (url, host) in deployment.addresses().items()}
        print(json.dumps({**answer, **({"sites": sites} if sites else {})}), flush=True)
        return
    console.print(f"[bold]{deployment.url}/[/bold]            (q or Ctrl+C stops it)")
    for name, (url, host) in deployment.addresses().items():
        console.print(f"{name:<14} {f'curl -H Host:{host} {url}' if host else url}", markup=False)
    console.print(deployment.processes().__repr__(), markup=False)
    console.print(f"configuration  {', '.join(deployment.configurations())}  in  {folder.path}", markup=False)
    console.print(f"logs           {folder.log}", markup=False)


def wait() -> None:
    """Until q, the end of standard input on a terminal, or a signal."""
    if not sys.stdin.isatty():
        threading.Event().wait()
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        while sys.stdin.read(1) not in ("q", "Q", ""):
            pass
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def examined(report: dict[str, Any]) -> None:
    """What `labs.doctor.findings.examine` found, in three tables, and the facts of the machine."""
    servers = table("server", "version", "from", "path, or what brings it")
    packages = table("", *MANAGERS)
    enables = table("", "deployments", "claims")
    for entry in report["servers"]:
        servers.add_row(
            entry["name"], entry["version"] or "-", entry["source"] or "missing", entry["path"] or entry["brings"]
        )
        names = [entry["packages"].get(manager, "-") for manager in MANAGERS]
        packages.add_row(entry["name"], *names)
        enables.add_row(entry["name"], ", ".join(entry["deployments"]) or "-", ", ".join(entry["claims"]) or "-")
    for title, rows in (("", servers), ("Its package", packages), ("What it enables", enables)):
        console.print(f"\n[bold]{title}[/bold]" if title else "", end="\n" if title else "")
        console.print(rows)
    console.print()
    for fact in report["machine"]:
        console.print(f"{fact['name']:<12} {fact['value']}", markup=False)
        if fact.get("matters"):
            console.print(f"{'':<12} {fact['matters']}", markup=False)
