"""Where a front-end serves a site: everywhere, under a host name, or below a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labs.errors import OptionError
from labs.servers.address import Listen
from labs.site import Site

PATH = re.compile(r"(/[\w-]+)*")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the sites of a front-end, or a folder of files.

    name       what the front-end's configuration calls its back-end
    site       the Django project, None for files only
    hosts      names in the Host header that mean this site; empty: whatever the name
    path       below which it lies, such as "/paper"; empty: from the root on
    upstreams  where its back-ends listen; none: files only
    files      what the front-end serves itself: path from the root of the host on, such as "/media/" -> folder
    static     those paths of `files` under which lie the project's own files, and not what visitors have uploaded
    """

    name: str = "django"
    site: Site | None = None
    hosts: tuple[str, ...] = ()
    path: str = ""
    upstreams: tuple[Listen, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    static: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not PATH.fullmatch(self.path):
            raise OptionError(f"at={self.path!r}: a path such as /paper, with a slash in front and none at the end.")
        wrong = [host for host in self.hosts if not HOST.fullmatch(host)]
        if wrong:
            raise OptionError(f"at={wrong[0]!r}: a host name such as news.test, in small letters and without a port.")

    @property
    def folders(self) -> list[tuple[str, Path]]:
        """Its files, the longer path before the shorter that it begins with: servers take the first that fits."""
        return sorted(self.files.items(), key=lambda item: -len(item[0]))

    def below(self, url: str) -> str:
        """A regular expression for the beginning of what lies below one of these paths, and not below a longer one."""
        inner = [re.escape(other.removeprefix(url)) for other in self.files if other != url and other.startswith(url)]
        return re.escape(url) + (f"(?!{'|'.join(inner)})" if inner else "")


def below(site: Site, path: str, *, media: bool = True) -> Site:
    """The same site, told that it lies below a path, as far as it can be told: a prefix for its files, and cookies that
    no other site of the host is sent.

    media  whether a front-end serves its files; Django itself puts the prefix before a MEDIA_URL that has no slash in front
    """
    if not path:
        return site
    told = {"cookie_path": f"{path}/"}
    if media:
        told["media_url"] = path + site.media_url
        if site.static is not None:
            told["static_url"] = path + site.static_url
    return site.with_environment(**{part: value for part, value in told.items() if part in site.variables})


def files_of(site: Site, path: str = "") -> dict[str, Path]:
    """What a front-end can serve itself of a site below a path: URL -> folder."""
    folders = {site.media_url: site.media, site.static_url: site.static}
    return {path + url: folder for url, folder in folders.items() if folder is not None}


def static_of(site: Site, path: str = "") -> tuple[str, ...]:
    """Those of `files_of` that are the project's own files."""
    return (path + site.static_url,) if site.static is not None else ()
