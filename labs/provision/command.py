"""Other programs, run with their output in a log."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from labs.provision.errors import SetUpError, tail


def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    purpose: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[], None] | None = None,
    advice: str = "",
) -> None:
    """Run a command to its end, its output added to the log; call watch five times a second meanwhile.

    Raises SetUpError, which says the purpose, the exit status, the end of the log and the advice.
    """
    with log.open("a", encoding="utf-8") as output:
        output.write(f"$ {' '.join(map(str, command)):.2000}\n")
        output.flush()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        )
        try:
            while True:
                try:
                    status = process.wait(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    if watch:
                        watch()
        finally:
            # Only an interrupt comes here with the command still running: it must not outlive us.
            if process.poll() is None:
                process.terminate()
                process.wait()
    if status != 0:
        raise SetUpError("\n".join(filter(None, [f"{purpose} failed (exit status {status}).", tail(log), advice])))


def output(command: Sequence[str | Path], *, log: Path, purpose: str, advice: str = "") -> str:
    """Return what a command prints. Raises SetUpError as run() does; what it says of errors goes to the log."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(map(str, command))}\n{done.stderr}")
    if done.returncode != 0:
        raise SetUpError(
            "\n".join(filter(None, [f"{purpose} failed (exit status {done.returncode}).", tail(log), advice]))
        )
    return done.stdout
