"""Behind a proxy at which HTTPS ends: its word is taken for the way a visitor came, and nobody else's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from ephemeral_port_reserve import reserve

from labs import Site, deploy
from labs.clients import probe
from labs.conformance import run
from labs.conformance.target import Target
from labs.errors import OptionError
from labs.export.bundle import export
from labs.paths import BYTECODE
from labs.servers.address import Endpoint
from labs.servers.nginx import Nginx
from labs.supervisor.keeper import Keeper

pytestmark = pytest.mark.servers
Proxy = Callable[[int], AbstractContextManager[str]]
HERE = "127.0.0.9"  # from where the proxy asks; visitors come from 127.0.0.1
NGINX = """
{user}
daemon off; pid {folder}/proxy.pid; error_log {folder}/proxy.log warn;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{back};
      proxy_bind {here};
      proxy_set_header Host $host:$server_port;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""
# Where a proxy's word counts: the address of the site that Django makes, forms, and what is dropped
ASKED = ["forward-origin", "forward-proto", "forward-told", "forward-script", "prefix-url", "header-absolute"]
WAYS: dict[str, dict[str, object]] = {
    "gunicorn": {},
    "gunicorn-nginx": {},
    "gunicorn-nginx below a path": {"at": "/paper"},
    "fastcgi-nginx": {},
    "fastcgi-lighttpd": {},
    "fastcgi-apache": {},
    "cgi-lighttpd": {},
    "modpython-apache": {},
    "modwsgi-apache": {},
    "sites-nginx by path": {"by": "path"},
    "sites-apache": {},
}
SLOW = ("cgi-lighttpd", "modpython-apache", "sites-apache")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for this machine, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes a certificate, is not here")
    folder = tmp_path_factory.mktemp("tls")
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=labs", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(["openssl", "req", *kind, *name, *files], check=True, capture_output=True, timeout=30)
    return folder


@pytest.fixture
def proxy(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[str]]:
    """Start a proxy before a port; gives its own address."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))  # whom clients trust

    @contextmanager
    def start(back: int) -> Iterator[str]:
        port = reserve()
        user = "user root;" if os.geteuid() == 0 else ""
        conf = certificate / "proxy.conf"
        conf.write_text(NGINX.format(folder=certificate, port=port, back=back, here=HERE, user=user))
        command = [str(Nginx.program.find().path), "-e", str(certificate / "proxy.log"), "-c", str(conf)]
        process = subprocess.Popen(command)
        try:
            wait_for(port)
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)

    return start


def wait_for(port: int) -> None:
    end = time.monotonic() + 15
    while not probe.takes_connections(Endpoint("127.0.0.1", port)):
        assert time.monotonic() < end, f"nothing listens on {port}"
        time.sleep(0.02)


@pytest.mark.parametrize("way", [pytest.param(way, marks=pytest.mark.slow if way in SLOW else ()) for way in WAYS])
def test_forms_links_and_addresses_behind_a_proxy(way: str, proxy: Proxy, run_folder: Path) -> None:
    name, options = way.split(maxsplit=1)[0], WAYS[way]
    with deploy(name, tls_proxy=HERE, **options) as site, proxy(int(site.origin.rpartition(":")[2])) as there:  # type: ignore[arg-type]
        place = site.places[0].path if site.places else ""
        through = run(f"{there}{place}", only=ASKED, deployment=name)
        assert through.passed, through
        assert not through.exceptions
        # The same from somebody else: not a word is believed
        direct = run(f"{site.origin}{place}", only=[*ASKED, "forward-for", "forward-client"], deployment=name)
        assert direct.passed, direct
        said = Target(base=there).ask(f"{place}/mirror/", headers=[("X-Forwarded-For", "203.0.113.9")]).json
        assert "127.0.0.1" in (said["client"], said["headers"].get("X-Forwarded-For", "").rpartition(",")[2].strip())
        assert HERE not in said["headers"].get("X-Forwarded-For", "")


@pytest.mark.parametrize(("name", "options"), [("gunicorn-nginx", {}), ("fastcgi-nginx", {"tls_proxy": "127.0.0.8"})])
def test_a_proxy_that_is_not_named_is_anybody(
    name: str, options: dict[str, str], proxy: Proxy, run_folder: Path
) -> None:
    with deploy(name, **options) as site, proxy(int(site.origin.rpartition(":")[2])) as there:  # type: ignore[arg-type]
        report = run(there, only=["forward-origin", "prefix-url"])
    states = {result.id: result.state for result in report.results}
    assert states == {"forward-origin": "differs", "prefix-url": "differs"}
    assert report["forward-origin"].seen == "403 from here, 403 from elsewhere"


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn-nginx", "fastcgi-lighttpd", "fastcgi-apache"])
def test_settings_that_believe_the_header_are_told_the_truth(
    name: str, tiny: Site, proxy: Proxy, run_folder: Path
) -> None:
    """SECURE_PROXY_SSL_HEADER, as most projects have it that run behind a proxy."""
    with deploy(name, site=replace(tiny, settings="echo"), tls_proxy=HERE) as site:
        for forged in ("X-Forwarded-Proto", "X_Forwarded_Proto"):
            assert site.get("/x", headers={forged: "https"}).json["url"].startswith("http://"), forged
        with proxy(int(site.origin.rpartition(":")[2])) as there:
            assert Target(base=there).ask("/x").json["url"] == f"{there}/"


@pytest.mark.parametrize("name", ["gunicorn-nginx", "fastcgi-nginx"])
def test_an_export_stands_behind_a_proxy(
    name: str, tiny: Site, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory, run_folder: Path
) -> None:
    target, port = tmp_path_factory.mktemp("x") / "deploy", reserve()
    deployment = deploy(name, site=replace(tiny, settings="echo", media=None), tls_proxy=[HERE, "10.0.0.0/8"])
    try:
        export(deployment, target, port=port)
    finally:
        deployment.stop()
    (target / "bytecode").symlink_to(BYTECODE)  # else all of Django would be compiled anew
    readme = (target / "README.md").read_text()
    assert f"behind a proxy that asks from `{HERE}` and `10.0.0.0/8`" in readme
    section = re.search(r"## Run it by hand\n.*?```console\n(.*?)```", readme, re.DOTALL)
    assert section is not None
    keeper = Keeper(run_folder, "exported")
    try:
        for command in re.findall(r"^\$ (.+)$", section[1], re.MULTILINE):
            keeper.spawn(["sh", "-c", command], environment={"PATH": os.defpath}, log=target / "log" / "test.log")
        wait_for(port)
        with proxy(port) as there:
            site = Target(base=there, timeout=30)
            page, end = site.ask("/form/"), time.monotonic() + 15
            while page.status != 200 and time.monotonic() < end:  # the back-end may be later than its front-end
                time.sleep(0.1)
                page = site.ask("/form/")
            kind = ("Content-Type", "application/x-www-form-urlencoded")
            cookie = ("Cookie", page.header("Set-Cookie").partition(";")[0])
            body = f"csrfmiddlewaretoken={page.text}".encode()
            status = site.ask("/form/", "POST", [kind, cookie, ("Origin", there)], body).status
            assert (page.status, status) == (200, 200)
            assert site.ask("/form/", "POST", [kind, cookie, ("Origin", "https://evil.test")], body).status == 403
            assert site.ask("/x").json["url"] == f"{there}/"
    finally:
        keeper.end()


def test_an_export_without_one_says_how(tiny: Site, tmp_path: Path, run_folder: Path) -> None:
    deployment = deploy("gunicorn-nginx", site=replace(tiny, media=None))
    try:
        readme = (export(deployment, tmp_path / "deploy").folder / "README.md").read_text()
    finally:
        deployment.stop()
    assert "`--set tls_proxy=127.0.0.1`" in readme


@pytest.mark.parametrize(
    "named", ["proxy.example.com", "127.0.0.1/8", "10.0.0.256", "127.0.0.1; return 200", ["::1", "x"]]
)
def test_what_is_no_address_is_refused(named: str | list[str], tiny: Site) -> None:
    with pytest.raises(OptionError, match="the address of the proxy at which HTTPS ends, such as 127"):
        deploy("gunicorn-nginx", site=tiny, tls_proxy=named)
