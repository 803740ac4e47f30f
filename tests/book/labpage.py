"""JupyterLab as `make lab` starts it, on workbooks of the tests' own, and one window on it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patience import HANG, wait_for
from visiting import HEIGHT, WIDE, listen

from book import lab
from book.contents import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)")
ENDING = 30  # seconds in which a lab has ended with its kernels, on a busy machine too


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A lab that runs. home: the folder of all that it writes."""

    process: subprocess.Popen[bytes]
    home: Path
    address: str
    token: str

    @property
    def workbooks(self) -> Path:
        return self.home / "workbooks"

    @property
    def run(self) -> Path:
        """Where its deployments have their folders."""
        return self.home / "run"

    @property
    def results(self) -> Path:
        return self.home / "results"

    def said(self) -> str:
        return (self.home / "said").read_text("utf8")

    def ask(self, path: str) -> Any:
        """What its API says, such as of "sessions"."""
        asked = urllib.request.Request(f"{self.address}/api/{path}", headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(asked, timeout=HANG) as answer:
            return json.load(answer)


def environment(home: Path) -> dict[str, str]:
    """What a lab runs under that writes below one folder alone, and measures shortly."""
    own = {lab.OWN: "jupyter", "LABS_RUN_FOLDER": "run", "BOOK_RESULTS": "results"}
    folders = {name: str(home / folder) for name, folder in own.items()}
    (home / "tmp").mkdir(exist_ok=True)  # the lock of whoever measures is there: no other test waits
    return {**os.environ, **folders, "BOOK_PROFILE": "smoke", "TMPDIR": str(home / "tmp")}


def command(home: Path | None = None, port: int = 0) -> list[str]:
    """The command that starts it: on workbooks of the tests' own, or on the sources, which are not written to."""
    words = ["edit"] if home is None else ["lab", f"--folder={home / 'workbooks'}"]
    return [
        sys.executable,
        "-m",
        "book",
        *words,
        "--no-browser",
        f"--port={port}",
        "--LabApp.expose_app_in_browser=True",
    ]


@contextmanager
def running(home: Path, words: list[str] | None = None) -> Iterator[Lab]:
    """A lab, ended in the end. words: the command, where it is not `make lab`."""
    with (
        (home / "said").open("wb") as said,
        subprocess.Popen(
            words or command(home), cwd=TOP, env=environment(home), stdout=said, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            address, token = reached(process, home / "said")
            yield Lab(process=process, home=home, address=address, token=token)
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING)
            process.kill()


def reached(process: subprocess.Popen[bytes], said: Path) -> tuple[str, str]:
    """Address and token, once they are said."""
    assert wait_for(lambda: process.poll() is not None or ADDRESS.search(said.read_text("utf8")), HANG)
    found = ADDRESS.search(said.read_text("utf8"))
    assert found, said.read_text("utf8")
    return found[1], found[2]


# What stands in the notebook that is in front. A role that nothing resolved shows as {name} and its text as code; a directive
# as code in a language with braces, or as the red box of an extension.
UNRESOLVED = """() => {
    const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)")
    const found = [...panel.querySelectorAll("code")].filter(code =>
        /\\{[a-z:-]+\\}$/.test(code.previousSibling?.textContent ?? "") || /\\{[a-z:-]+\\}/.test(code.className))
    const text = [...panel.querySelectorAll(".jp-MarkdownOutput, .jp-OutputArea")].map(part => part.textContent).join("\\n")
    return [...found.map(code => code.parentElement.textContent.slice(0, 80)),
            ...(text.match(/Unknown Directive|\\{[a-z:-]+\\}`[^`]*`|^:{3,}.*$/gm) ?? [])]
}"""

IDLE = "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status == 'idle'"
SHOWN = """([name, cells]) => {
    const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)")
    if (jupyterapp.shell.currentWidget?.context?.path != name || !panel) return false
    const texts = [...panel.querySelectorAll(".jp-MarkdownOutput")]
    return panel.querySelectorAll(".jp-Cell").length == cells
        && texts.length == panel.querySelectorAll(".jp-MarkdownCell").length
        && texts.every(text => text.childElementCount > 0)
}"""


@dataclass(kw_only=True)
class Window:
    """One window on a lab. told: errors, and requests that leave it."""

    page: Page
    lab: Lab
    told: list[str] = field(default_factory=list)

    def begin(self, name: str, *, kernel: bool = False) -> None:
        """Open a workbook; back at once. kernel: it gets one; reading needs none, and starting them all takes a minute."""
        wanted = (
            {"path": name} if kernel else {"path": name, "kernelPreference": {"canStart": False, "shouldStart": False}}
        )
        self.page.evaluate("what => { jupyterapp.commands.execute('docmanager:open', what) }", wanted)

    def arrive(self, name: str) -> None:
        """Wait until all cells of a workbook that was opened are there."""
        cells = json.loads((self.lab.workbooks / name).read_text("utf8"))["cells"]
        self.page.wait_for_function(SHOWN, arg=[name, len(cells)])

    def close(self) -> None:
        """Close what is open without a question. Kernels stay."""
        self.page.evaluate("[...jupyterapp.shell.widgets('main')].forEach(shown => shown.dispose())")

    def start(self, name: str) -> None:
        """Open a workbook with a kernel, and wait until that is ready."""
        self.begin(name, kernel=True)
        self.arrive(name)
        self.page.wait_for_function(IDLE)

    def do(self, command: str) -> None:
        """A command of JupyterLab, as its menus give it; back at once. `done` of the page says when it has ended."""
        self.page.evaluate(
            "command => { done = false; jupyterapp.commands.execute(command).then(() => { done = true }) }", command
        )

    def run(self, seconds: float) -> None:
        """Run all cells of the workbook in front, to the end."""
        self.do("notebook:run-all-cells")
        self.page.wait_for_function("done", timeout=seconds * 1000)

    def save(self) -> None:
        """Save the workbook in front."""
        self.do("docmanager:save")
        self.page.wait_for_function("done")

    def text(self) -> str:
        """All that is to be read in the workbook in front."""
        return self.page.text_content(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook") or ""


@contextmanager
def window(browser: Browser, lab: Lab, *, name: str = "", theme: Any = "light") -> Iterator[Window]:
    """A window of a browser, ready. name: of the workspace; two windows at a time need two."""
    context = browser.new_context(
        viewport={"width": WIDE, "height": HEIGHT}, color_scheme=theme, reduced_motion="reduce"
    )
    context.set_default_timeout(HANG * 1000)
    shown = Window(page=context.new_page(), lab=lab)
    listen(shown.page, shown.told.append, lambda: lab.address)
    try:
        where = f"/workspaces/{name}" if name else ""
        shown.page.goto(f"{lab.address}/lab{where}?token={lab.token}", wait_until="commit")
        shown.page.wait_for_function("window.jupyterapp")
        shown.page.evaluate("jupyterapp.restored.then(() => null)")
        yield shown
    finally:
        context.close()
