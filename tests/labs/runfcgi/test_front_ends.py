"""SCGI and AJP, flup's two other protocols, behind the web servers that speak them."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random

import pytest
from patience import HANG
from runfcgi_servers import Server, free_port, wait_for

from labs.errors import Missing
from labs.servers.apache import Apache
from labs.servers.lighttpd import Lighttpd
from labs.servers.nginx import Nginx

Serve = Callable[..., Server]
pytestmark = pytest.mark.servers

NGINX = """
{root}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 20m;
  client_body_temp_path {folder}/body; scgi_temp_path {folder}/scgi; fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      scgi_pass 127.0.0.1:{back};
      scgi_param SCGI 1; scgi_param CONTENT_TYPE $content_type;
      scgi_param REQUEST_METHOD $request_method; scgi_param QUERY_STRING $query_string;
      scgi_param SCRIPT_NAME ""; scgi_param PATH_INFO $uri; scgi_param SERVER_PROTOCOL $server_protocol;
      scgi_param SERVER_NAME $server_name; scgi_param SERVER_PORT $server_port;
    }}
  }}
}}
"""
LIGHTTPD = """
server.modules = ("mod_scgi")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ("{folder}")
server.stream-response-body = 1
scgi.server = ("/" => (("host" => "127.0.0.1", "port" => {back}, "check-local" => "disable", "fix-root-scriptname" => "enable")))
"""
APACHE = """
{root}
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ServerName localhost
Listen 127.0.0.1:{port}
{modules}
ErrorLog {folder}/error.log
Mutex file:{folder} default
StartServers 1
AllowEncodedSlashes NoDecode
# Otherwise the whole path is the name of the script, and every page the home page. Set early: SetEnv comes too late.
SetEnvIf Request_URI . proxy-scgi-pathinfo=full
ProxyPass "/" "{scheme}://127.0.0.1:{back}/"
"""


def nginx(folder: Path, port: int, back: int, _scheme: str) -> list[str]:
    root = "user root;" if os.geteuid() == 0 else ""
    (folder / "f.conf").write_text(NGINX.format(folder=folder, port=port, back=back, root=root))
    return [
        str(Nginx.program.find().path),
        "-e",
        str(folder / "error.log"),
        "-p",
        str(folder),
        "-c",
        str(folder / "f.conf"),
    ]


def lighttpd(folder: Path, port: int, back: int, _scheme: str) -> list[str]:
    found = Lighttpd.program.find()
    (folder / "f.conf").write_text(LIGHTTPD.format(folder=folder, port=port, back=back))
    modules = found.folder("usr/lib/lighttpd", "lib/lighttpd")
    return [str(found.path), "-D", "-f", str(folder / "f.conf"), *(["-m", str(modules)] if modules else [])]


def apache(folder: Path, port: int, back: int, scheme: str) -> list[str]:
    modules = Apache().module_folder()
    names = ["mpm_event", "authz_core", "setenvif", "proxy", f"proxy_{scheme}"]
    names += ["unixd"] if (modules / "mod_unixd.so").exists() else []  # built in elsewhere
    loaded = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)
    root = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    (folder / "f.conf").write_text(
        APACHE.format(folder=folder, port=port, back=back, scheme=scheme, modules=loaded, root=root)
    )
    return [str(Apache.program.find().path), "-D", "FOREGROUND", "-f", str(folder / "f.conf")]


@contextmanager
def front_end(folder: Path, make: Callable[..., list[str]], back: int, scheme: str) -> Iterator[int]:
    """The web server before the port `back`; gives its own port."""
    port = free_port()
    try:
        command = make(folder, port, back, scheme)
    except Missing as missing:
        pytest.skip(str(missing))
    log = (folder / "error.log").open("a")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        assert wait_for(lambda: process.poll() is not None or takes(port), 10)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)
        log.close()


def takes(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
    try:
        connection.request("POST" if body is not None else "GET", path, body=body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


PAIRS = [
    pytest.param(nginx, "scgi", id="nginx-scgi"),
    pytest.param(lighttpd, "scgi", id="lighttpd-scgi"),
    pytest.param(apache, "scgi", id="apache-scgi"),
    pytest.param(apache, "ajp", id="apache-ajp"),
]


@pytest.mark.parametrize("method", ["prefork", "threaded"])
@pytest.mark.parametrize(("make", "scheme"), PAIRS)
def test_the_site_behind_a_front_end(
    serve: Serve, folder: Path, make: Callable[..., list[str]], scheme: str, method: str
) -> None:
    server = serve(method, "maxchildren=3", protocol=scheme, tcp=True)
    assert isinstance(server.address, tuple)
    with ExitStack() as stack:
        home = folder.with_name(
            folder.name.replace(" ", "-") + "-front"
        )  # Apache's and nginx's own quoting is not the question
        home.mkdir()
        stack.callback(lambda: subprocess.run(["rm", "-r", str(home)], check=True))
        port = stack.enter_context(front_end(home, make, server.address[1], scheme))
        log = home / "error.log"
        assert ask(port, "/hello/") == (200, b"Hello"), log.read_text() + server.errors()
        assert ask(port, "/nowhere/")[0] == 404
        status, told = ask(port, "/whoami/?a=%C3%BC&b=2")
        assert status == 200
        assert b'"QUERY_STRING": "a=%C3%BC&b=2"' in told
        assert b'"PATH_INFO": "/whoami/"' in told
        assert b'"PATH_INFO": "/whoami/"' in ask(port, "/%77hoami/")[1]
        assert ask(port, "/x%0a/%68ello/")[0] in (400, 404)
        for size in (0, 1, 8185, 65536, 1_000_000):
            sent = Random(size).randbytes(size)
            assert ask(port, "/digest/", sent) == (200, hashlib.sha256(sent).hexdigest().encode()), size
        status, page = ask(port, "/download/?bytes=3000000")
        assert (status, len(page)) == (200, 3_000_000)
        assert "Traceback" not in server.errors()
