"""The README of an exported deployment: what each file is, how to check it, how to run it, what it leaves to its owner."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from labs.export import systemd
from labs.export.host import Part, named_sites, parts, programs, runner
from labs.own.isolation import own_settings
from labs.runtime.deployment import Deployment
from labs.servers.base import FrontEnd, Server
from labs.servers.embedding import EmbeddingApache
from labs.servers.folder import Folder
from labs.servers.gunicorn import Gunicorn
from labs.servers.python import interpreter_version
from labs.servers.relocation import there
from labs.site import Site


def about(name: str, text: str) -> str:
    """What a file says of itself at its beginning, or what kind of file it is."""
    if name.startswith("systemd/"):
        description = re.search(r"^Description=(.+)$", text, re.MULTILINE)
        return f"{description[1] if description else name}."
    comment = re.match(r"(?:#!.*\n)?((?:#.*\n)+)", text)
    return " ".join(line.lstrip("# ") for line in comment[1].splitlines()) if comment else "Read at the start."


@dataclass(frozen=True)
class Manual:
    """The text, part by part. Paths are written as `taken` says.

    folder     the folder as it will lie on the host
    about      file -> a line about it
    project    the beginning of every unit's name
    user       whom system services run as, or nobody
    elsewhere  whether the folder is taken to another host
    """

    deployment: Deployment
    folder: Folder
    about: Mapping[str, str]
    project: str
    user: str
    _: KW_ONLY
    elsewhere: bool

    def text(self) -> str:
        """All of it."""
        parts = [self.head(), self.files(), self.host(), self.check(), self.by_hand(), self.by_systemd(), self.left()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def head(self) -> str:
        servers = " and ".join(dict.fromkeys(server.title for server in reversed(self.deployment.servers)))
        pythons = {f"Python {interpreter_version(site.python)}": "" for site in self.deployment.sites}
        versions = ", ".join(f"{title} {version}".strip() for title, version in {**self.versions(), **pythons}.items())
        return f"""# {self.project} behind {servers}

The deployment `{self.deployment.name}`, written for a folder at `{self.folder.path}`. {self.where()}, on that machine alone. Django answers 400 where `ALLOWED_HOSTS` lacks the name that is asked for; `curl -H "Host: shop.example" ADDRESS` asks by another.

Written with {versions}."""

    def where(self) -> str:
        """Under which addresses the sites answer."""
        origin = f"http://{self.folder.endpoint(self.deployment.front.listen)}"
        places = [place for place in self.deployment.places if place.site is not None]
        if len(places) < 2:
            return f"The site answers on {origin}{places[0].path if places else ''}/"
        each = []
        for place in places:
            named = f", asked as `{place.hosts[0]}`" if place.hosts else ""
            assert place.site is not None
            each.append(f"`{own_settings(place.site)}` (here called {place.name}) on {origin}{place.path}/{named}")
        return f"Two sites answer: {'; '.join(each)}"

    def files(self) -> str:
        rows = "\n".join(f"| `{name}` | {text} |" for name, text in self.about.items())
        return f"## What is here\n\n| file | what it is |\n|---|---|\n{rows}"

    def host(self) -> str:
        """What must be there before, on another host."""
        if not self.elsewhere:
            return self.whose()
        packages = dict.fromkeys(
            word
            for server in programs(self.deployment)
            for program in server.needs().values()
            for word in program.apt.split()
        )
        rows = [f"- `{self.folder.path}`: this folder, whatever it is called here."]
        rows += [f"- Packages of the system, by Debian's names: `{' '.join(packages)}`."] if packages else []
        for part in parts(self.deployment, self.folder.path):
            wants = sorted(self.packages(part)) if part.python else []
            more = f"; `pip install {' '.join(wants)}` in it" if wants else ""
            rows.append(f"- `{part.there}`: {part.about}{more}.")
        return "## What the host needs\n\n" + "\n".join(rows) + (f"\n\n{self.whose()}" if self.user else "")

    def whose(self) -> str:
        """What the account needs that system services run as."""
        read = [str(part.there if self.elsewhere else part.here) for part in parts(self.deployment, self.folder.path)]
        if not self.user:
            found = (server.works_as(self.folder) for server in self.deployment.servers)
            accounts = list(dict.fromkeys(account.user for account in found if account))
            if not accounts:
                return ""
            return f"""## Whose it is

Root starts the servers here, and the site runs as {accounts[0]}: that account must be able to read {" and ".join(f"`{each}`" for each in read)}, and to write what the site writes, its database among it."""
        return f"""## Whose it is

The files of this folder become those of {self.user}, who runs everything here. That account must be able to read {" and ".join(f"`{each}`" for each in read)}, and to write what the site writes.

```console
$ sudo chown -R {self.user}: {shlex.quote(str(self.folder.path))}
```"""

    def packages(self, environment: Part) -> set[str]:
        """What of the servers must be installed in a virtual environment."""
        found = ((server.program, server.find()) for server in self.deployment.servers)
        return {
            f"{program.pip}=={here.version}" for program, here in found if here.path.parent.parent == environment.here
        }

    def check(self) -> str:
        commands = [
            self.with_variables(server, command)
            for server in self.deployment.servers
            if (command := server.check_command(self.folder))
        ]
        who = f"As {self.user} (`sudo -u {self.user} -s`):\n\n" if self.user else ""
        return f"## Check it\n\n{who}```console\n{_shown(commands)}\n```"

    def by_hand(self) -> str:
        commands = [self.command(server) for server in self.deployment.servers]
        who = f", as {self.user} (`sudo -u {self.user} -s`)" if self.user else ""
        return f"""## Run it by hand

In this order, each in a terminal of its own{who}; Ctrl+C ends one.

```console
{_shown(commands)}
```"""

    def by_systemd(self) -> str:
        sudo = "sudo " if self.user else ""
        place = "/etc/systemd/system" if self.user else "~/.config/systemd/user"
        manager = "sudo systemctl" if self.user else "systemctl --user"
        units = " ".join(
            shlex.quote(f"{self.folder.path}/{name}") for name in self.about if name.startswith("systemd/")
        )
        more = ""
        if not self.user:
            more = "\nServices of a user end with the session, unless `loginctl enable-linger` was said once.\n"
        return f"""## Run it by systemd

```console
$ {"" if self.user else f"mkdir -p {place} && "}{sudo}cp {units} {place}/
$ {manager} daemon-reload
$ {manager} enable --now {self.project}.target
$ {manager} status '{self.project}-*'
```
{more}
`{manager} reload SERVICE` makes a server read its configuration anew without refusing anybody, where its unit has an ExecReload."""

    def left(self) -> str:
        """What is not decided here."""
        settings = " and ".join(
            f"`{name}`" for name in dict.fromkeys(own_settings(site) for site in self.deployment.sites)
        )
        checks = [self.of_django(name, site, "check", "--deploy") for name, site in named_sites(self.deployment)]
        return f"""## What is left to you

{self.outside()}{self.below()}{self.without_folder()}
- What {settings} says is what runs. Django's own list of what to change before the world sees it:

```console
{_shown(checks)}
```

- Files that hold the site's variables, `*.env` among them, can be read by their owner alone (mode 0600). Keep it so when you copy them.
- No request is written down: the labs measure without an access log. `access_log` in nginx, `accesslog` in gunicorn, `mod_accesslog` in lighttpd and `CustomLog` in Apache keep one.
- Logs of errors grow until somebody rotates them. The database has no backup by this."""

    def outside(self) -> str:
        """How the world gets to the site, and whose word is taken for the way it came."""
        front = self.deployment.front
        proxies = front.tls_proxy if isinstance(front, FrontEnd | Gunicorn) else ()
        settings = "`SESSION_COOKIE_SECURE` and `CSRF_COOKIE_SECURE`, and `ALLOWED_HOSTS` to the site's names"
        if not proxies:
            return f"""- The world outside. The site answers on the loopback address: what listens on ports 80 and 443, and with which certificate, is yours to choose. Where HTTPS ends at a proxy in front, write this folder once more with its address, the one that it asks from: `--set tls_proxy=127.0.0.1`. Until then nobody's word is taken for HTTPS: `X-Forwarded-Proto` and `X-Forwarded-Host` are dropped, whatever the settings believe, and Django refuses a form from a page of `https://` with 403. With HTTPS, set {settings}."""
        named = " and ".join(f"`{each}`" for each in proxies)
        return f"""- The world outside. The site answers on the loopback address, behind a proxy that asks from {named}, at which HTTPS ends. With which certificate is yours to choose. The proxy hands on `Host` as the visitor sent it, and writes `X-Forwarded-Proto` and `X-Forwarded-For` itself, over what a visitor may have sent; in nginx:

  ```nginx
  location / {{
    proxy_pass        http://{self.folder.endpoint(front.listen)};
    proxy_set_header  Host               $host;
    proxy_set_header  X-Forwarded-For    $remote_addr;
    proxy_set_header  X-Forwarded-Proto  $scheme;
  }}
  ```

  Its word is taken, and nobody else's. Django then knows by itself what came by HTTPS; `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")` may stay. Set {settings}."""

    def without_folder(self) -> str:
        """That two projects in one process have no working folder of their own."""
        told = ""
        for server in self.deployment.servers:
            if isinstance(server, EmbeddingApache) and server.shared(self.folder):
                told = (
                    "\n- Both sites run in the same processes, and a process has one working folder: neither gets that of its "
                    'project. A relative path in their code or settings, such as `open(".env")`, must become an absolute one.'
                )
        return told

    def of_django(self, name: str, site: Site, *words: str) -> str:
        """A command of Django's for a site, with the variables that its server gives it."""
        server = runner(self.deployment, site)
        file = systemd.variables_file(server) if server else f"{name}.env"
        return self.within(site.folder, file, [str(site.python), "-m", "django", *words])

    def below(self) -> str:
        """What the settings of a site below a path must say, where no variable says it for them."""
        told = []
        for place in self.deployment.places:
            site = place.site
            if site is None or not place.path or {"cookie_path", "media_url"} & set(site.variables):
                continue
            urls = {"MEDIA_URL": site.media and site.media_url, "STATIC_URL": site.static and site.static_url}
            said = [f'`{name} = "{url.lstrip("/")}"`' for name, url in urls.items() if url]
            files = (
                f"{' and '.join(said)}, without a slash in front, so that Django puts the path before it, and "
                if said
                else ""
            )
            cookies = f'`SESSION_COOKIE_PATH` and `CSRF_COOKIE_PATH` as `"{place.path}/"`, so that no other site of the host gets its cookies'
            told.append(f"\n- `{own_settings(site)}` lies below `{place.path}`. Its settings need {files}{cookies}.")
        return "".join(told)

    def command(self, server: Server) -> str:
        line = self.with_variables(server, server.command(self.folder))
        if server.handed:
            socket = shlex.quote(str(self.folder.endpoint(server.listen)))
            return f"# its socket is handed to it: spawn-fcgi -n -s {socket} -- sh -c {shlex.quote(line)}"
        return line

    def with_variables(self, server: Server, command: Sequence[str]) -> str:
        """A command as systemd would run it: in the same folder, with the variables of its file."""
        file = systemd.variables_file(server) if server.environment(self.folder) else ""
        return self.within(server.home or self.folder.path, file, command)

    def within(self, place: Path, file: str, command: Sequence[str]) -> str:
        """A line for a shell: a command in a folder, with the variables of a file beside this one, or without."""
        variables = f"set -a && . {shlex.quote(str(self.folder.path / file))} && " if file else ""
        return f"(cd {shlex.quote(there(str(place)))} && {variables}exec {shlex.join(map(there, command))})"

    def versions(self) -> dict[str, str]:
        servers = self.deployment.describe()["servers"]
        assert isinstance(servers, dict)
        return {str(title): str(version) for title, version in servers.items()}


def _shown(commands: Sequence[str]) -> str:
    return "\n".join(command if command.startswith("#") else f"$ {command}" for command in commands)
