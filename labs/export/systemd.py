"""systemd units for the servers of a deployment (systemd.service(5), systemd.socket(5), systemd.exec(5))."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labs import quoting
from labs.servers.account import is_root
from labs.servers.base import Server
from labs.servers.folder import Folder
from labs.servers.relocation import there


def units(project: str, servers: Sequence[Server], folder: Folder, *, user: str = "") -> dict[str, str]:
    """File name -> text: a service a server, a socket where one is handed over, and a target that means them all.

    project  the beginning of every name
    user     whom system services run as; without, the units are for `systemctl --user`

    A server's variables stand in a file beside its configuration, LABEL.env: units can be read by everybody.
    """
    wanted_by = "multi-user.target" if user else "default.target"
    found = {f"{project}.target": _target(project, servers, wanted_by)}
    before = ["network.target"]
    for server in servers:
        name = f"{project}-{server.label}"
        if server.handed:
            found[f"{name}.socket"] = _socket(project, server, folder, user)
        found[f"{name}.service"] = _service(project, server, folder, before, user)
        before = [f"{name}.service"]
    return found


def variables_file(server: Server) -> str:
    """The name of the file with a server's variables."""
    return f"{server.label}.env"


def assignment(name: str, value: str) -> str:
    """A line of that file: systemd (EnvironmentFile= in systemd.exec(5)) and a shell read it alike."""
    escaped = re.sub(r'(["`$\\])', r"\\\1", value)
    return f'{name}="{escaped}"'


def word(text: str) -> str:
    """A word of ExecStart= as systemd reads it back: its specifiers and variables are ordinary characters here."""
    text = text.replace("%", "%%").replace("$", "$$")
    return text if text and not set(text) & set(" \t\"'\\;") else _quoted(text)


def command(words: Sequence[str]) -> str:
    """The value of ExecStart=. In the path of the program itself a dollar sign stands for itself, and in its name does not:
    there the two are written one after the other, behind an @."""
    program, *rest = map(there, words)
    first = word(program)
    if "$" in program:
        first = f"@{word(program).replace('$$', '$')} {first}"
    return " ".join([first, *map(word, rest)])


def path(text: str) -> str:
    """A path that is all of a setting's value, where quotes mean themselves. At its end a backslash would take the next line
    along, and a space would be lost."""
    quoting.held("A unit of systemd's", text, "".join(quoting.CONTROL))
    text = text.replace("%", "%%")
    return f"{text}/" if text.endswith(("\\", " ")) else text


def pattern(text: str) -> str:
    """The path of an EnvironmentFile=, which may be a pattern (glob(7))."""
    return path("".join(f"\\{each}" if each in "\\*?[" else each for each in text))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _title(server: Server) -> str:
    return f"{server.title} ({server.name})" if server.name else server.title


def _target(project: str, servers: Sequence[Server], wanted_by: str) -> str:
    names = " ".join(f"{project}-{server.label}.service" for server in servers)
    return f"""[Unit]
Description=The site {project}: all its servers
Wants={names}

[Install]
WantedBy={wanted_by}
"""


def _socket(project: str, server: Server, folder: Folder, user: str) -> str:
    # A front-end that root starts works as somebody else; in every other case all servers are one user's.
    mode = "0666" if is_root() else "0600"
    owner = f"SocketUser={user}\n" if user else ""
    return f"""# Listens before {server.title} runs, and while it restarts: whoever connects then waits.
[Unit]
Description=The socket of {_title(server)} for {project}
PartOf={project}.target

[Socket]
ListenStream={path(str(folder.endpoint(server.listen)))}
{owner}SocketMode={mode}
"""


def _service(project: str, server: Server, folder: Folder, before: list[str], user: str) -> str:
    lines = [
        "[Unit]",
        f"Description={_title(server)} for {project}",
        f"PartOf={project}.target",
        f"After={' '.join(before)}",
    ]
    if server.handed:
        lines.append(f"Requires={project}-{server.label}.socket")
    lines += ["", "[Service]", "Type=exec"]
    if user:
        lines.append(f"User={user}")
    if server.handed:
        lines += ["# FastCGI's own custom: the listening socket is standard input", "StandardInput=socket"]
        lines += ["StandardOutput=journal", "StandardError=journal"]
    lines.append(f"WorkingDirectory={path(there(str(server.home or folder.path)))}")
    if server.environment(folder):
        lines.append(f"EnvironmentFile={pattern(str(folder.path / variables_file(server)))}")
    lines.append(f"ExecStart={command(server.command(folder))}")
    if server.reload:
        lines.append(f"ExecReload=/bin/kill -s {server.reload} $MAINPID")
    lines += [
        f"KillSignal={server.signal}",
        f"TimeoutStopSec={server.patience:g}",
        "Restart=on-failure",
        "NoNewPrivileges=true",
        *(["# Nothing below /usr, /boot and /etc can be written to", "ProtectSystem=full"] if user else []),
        "",
        "[Install]",
        f"WantedBy={project}.target",
        "",
    ]
    return "\n".join(lines)
