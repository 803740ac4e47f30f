"""A small real server to measure in tests: gunicorn around the application below, with the interface of a deployment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs

import psutil

FINISHED: list[tuple[str, float]] = []  # path and CLOCK_MONOTONIC of every answer


def app(environ, start_response):
    path, query = environ["PATH_INFO"], parse_qs(environ["QUERY_STRING"])
    status, headers, body = "200 OK", [("Content-Type", "text/html")], b"<p>hello</p>"
    if path == "/finished/":
        body = json.dumps(FINISHED).encode()
    elif path == "/wait/":
        time.sleep(float(query["seconds"][0]) + float(os.environ.get("LAG", "0")))
    elif path == "/fail/":
        status, body = "500 Internal Server Error", b"\xff broken"
    elif path == "/settles/" and sum(seen == path for seen, _ in FINISHED) < 3:
        status = "500 Internal Server Error"
    elif path == "/moved/":
        status, headers = "302 Found", [*headers, ("Location", "/")]
    elif path == "/gallery/":
        body = b'<p>hello</p> <img alt="" src="/1.png"> <img src="/2.png" alt="">'
    elif path == "/gap/":
        body = b'<p>hello</p> <img src="/1.png"> <img src="/missing.png">'
    elif path == "/elsewhere/":
        body = b'<img src="https://pictures.example/a.png"><img src="data:image/png;base64,AA"><img src="/media/1.png"><img src="2.png">'
    elif path.endswith("missing.png"):
        status = "404 Not Found"
    if path != "/finished/":
        FINISHED.append((path, time.monotonic()))
    start_response(status, [*headers, ("Content-Length", str(len(body)))])
    return [body]


class SmallServer:
    """threads=1 is gunicorn's sync worker, which closes each connection; lag, in seconds, is what /wait/ waits longer."""

    def __init__(
        self, threads: int = 8, keepalive: float | None = None, cpus: set[int] | None = None, lag: float = 0
    ) -> None:
        self.threads, self.cpus, self.lag = threads, cpus, lag
        self.keepalive = 2 if keepalive is None else keepalive
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> SmallServer:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            self.urls = (self.url,)
            command = [
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                f"fd://{listening.fileno()}",
                "--threads",
                str(self.threads),
            ]
            command += [
                "--keep-alive",
                str(self.keepalive),
                "--no-control-socket",
                "--log-level",
                "error",
                "small_server:app",
            ]
            folder = Path(__file__).parent
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | {"LAG": str(self.lag)},
                pass_fds=[listening.fileno()],
                start_new_session=True,
            )
        self.get("/")
        if self.cpus and hasattr(os, "sched_setaffinity"):
            for process in self.tree():
                os.sched_setaffinity(process.pid, self.cpus)
        return self

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def __enter__(self) -> SmallServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return answer.read()

    def finished(self) -> list[tuple[str, float]]:
        return [(path, at) for path, at in json.loads(self.get("/finished/"))]

    def suspend(self) -> None:
        for process in self.tree():
            process.suspend()

    def freeze(self, seconds: float) -> None:
        self.suspend()
        time.sleep(seconds)
        for process in self.tree():
            process.resume()

    def tree(self) -> list[psutil.Process]:
        assert self.process is not None
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:4]) for process in self.tree())

    def pss(self) -> int:
        return sum(process.memory_full_info().pss for process in self.tree())

    def describe(self) -> dict[str, object]:
        return {
            "deployment": "small",
            "options": {"workers": 1, "threads": self.threads},
            "servers": {"gunicorn": "27"},
        }

    def configurations(self) -> dict[str, str]:
        return {"command": f"gunicorn --threads {self.threads}"}

    def alerts(self) -> list[str]:
        return []
