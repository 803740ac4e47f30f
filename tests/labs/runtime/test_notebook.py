"""Servers that a notebook's kernel owns: what is shown of them, and that nothing of them is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kernels import Kernel, kernel, seen
from patience import wait_for

pytestmark = pytest.mark.servers
Gone = Callable[[Path], None]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, nothing_left_in: Gone) -> Iterator[Kernel]:
    with kernel(tmp_path_factory.mktemp("notebook")) as running:
        running.run("from labs import deploy\nfrom labs.runtime import panel, stillness\npanel.EVERY = 0.1")
        yield running
    nothing_left_in(running.run_folder)


def test_an_error_that_is_written_for_readers_is_shown_without_a_traceback(notebook: Kernel) -> None:
    said = notebook.fails('deploy("gunicorn-ngin")')
    assert "There is no deployment gunicorn-ngin. Did you mean gunicorn-nginx?" in said
    assert "line 1" not in said
    said = notebook.fails("1 / 0")
    assert "ZeroDivisionError" in said
    assert "line 1" in said


def test_a_server_that_fails_shows_the_end_of_its_log_and_what_to_try(notebook: Kernel, nothing_left_in: Gone) -> None:
    said = notebook.fails(
        'broken = deploy("gunicorn-nginx", workers=1)\nbroken.edit("nginx.conf", "listen", "lissten")\nbroken.start()'
    )
    assert "nginx ended at once (exit status 1)." in said
    assert 'unknown directive "lissten"' in said
    assert "try      Read the line of the configuration that the message names" in said
    assert "labs/runtime" not in said
    assert "broken: " not in said
    assert notebook.run("broken")[0]["data"]["text/plain"] == "gunicorn-nginx: stopped"
    nothing_left_in(notebook.run_folder)


def test_a_deployment_shows_itself_until_its_button_is_clicked_while_a_cell_runs(
    notebook: Kernel, nothing_left_in: Gone
) -> None:
    table, button = notebook.run('site = deploy("gunicorn-nginx", workers=1).start()\nsite')
    url = notebook.run("print(site.url)")[0]["text"].strip()
    assert table["data"]["text/plain"].startswith(f"gunicorn-nginx: running at {url}/\n")
    assert f'<a href="{url}/" target="_blank" rel="noopener">{url}/</a>' in table["data"]["text/html"]
    assert "Requests are not counted" in table["data"]["text/plain"]
    assert button["data"]["text/plain"] == "stop() ends every server of it."

    notebook.send('site.running("nginx").freeze()')
    notebook.until_shown("nginx", "frozen")
    notebook.send('site.running("nginx").thaw(); measured = stillness.still(); measured.__enter__()')
    notebook.until_shown("A measurement runs here")
    notebook.send('site.running("nginx").kill(); measured.__exit__(None, None, None)')
    assert "Requests are not counted" in notebook.until_shown("nginx", "ended (ended by SIGKILL)")

    shell, widget = notebook.shell(), button["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    cell = notebook.send("while site.written: pass")
    notebook.click(widget, shell)
    notebook.until_shown("gunicorn-nginx: stopped")
    assert not seen(notebook.ended(cell))
    threads = "import threading\nprint(*(each.name for each in threading.enumerate()))"
    assert wait_for(lambda: "panel" not in notebook.run(threads)[0]["text"])
    assert notebook.shown[table["transient"]["display_id"]]["text/plain"] == "gunicorn-nginx: stopped"
    assert notebook.shown[button["transient"]["display_id"]] == {}
    nothing_left_in(notebook.run_folder)


def test_an_interrupted_start_leaves_nothing(notebook: Kernel, nothing_left_in: Gone) -> None:
    cell = notebook.send('late = deploy("gunicorn-nginx")\nprint("written", flush=True)\nlate.start()')
    notebook.until(lambda message: message["msg_type"] == "stream")
    assert wait_for(lambda: len(notebook.process.children(recursive=True)) > 1), "a server beside its keeper"
    notebook.interrupt()
    assert "gunicorn-nginx was stopped while it started; nothing of it is left." in seen(notebook.ended(cell))
    nothing_left_in(notebook.run_folder)


def test_a_deployment_outlives_a_cell_that_is_interrupted_while_it_asks(
    notebook: Kernel, nothing_left_in: Gone
) -> None:
    notebook.run('site = deploy("gunicorn", workers=1).start()')
    for _ in range(5):
        cell = notebook.send('print("asks", flush=True)\nwhile True: site.cpu_seconds(), site.processes()')
        notebook.until(lambda message: message["msg_type"] == "stream")
        notebook.interrupt()
        assert "KeyboardInterrupt" in seen(notebook.ended(cell))
        assert "gunicorn" in notebook.run("site.processes()")[0]["data"]["text/plain"]
    cell = notebook.send('with site.idle_readers(3):\n    print("held", flush=True)\n    while True: pass')
    notebook.until(lambda message: message["msg_type"] == "stream")
    notebook.interrupt()
    notebook.ended(cell)
    assert notebook.run("site.stop()") == []
    nothing_left_in(notebook.run_folder)


def test_two_notebooks_do_not_disturb_each_other(notebook: Kernel, nothing_left_in: Gone) -> None:
    mine = notebook.run('site = deploy("gunicorn", workers=1).start()\nprint(site.url)')[0]["text"]
    with kernel(notebook.run_folder.parent / "other", LABS_RUN_FOLDER=str(notebook.run_folder)) as other:
        theirs = other.run('from labs import deploy\nsite = deploy("gunicorn", workers=1).start()\nprint(site.url)')[0][
            "text"
        ]
        assert mine != theirs
        notebook.run("site.stop()")
        assert "200" in other.run('print(site.get("/hello/").status)')[0]["text"]
        left = other.process.children(recursive=True)
        other.process.kill()
        assert psutil.wait_procs(left, timeout=20)[1] == []
    nothing_left_in(notebook.run_folder)
