"""Which packages make which servers, as data: a chapter that needs another server adds an entry.

Names are those of Debian and Ubuntu. A name of the form "one|other" is the first of the two that this distribution
has; "postgresql-[0-9]+" is the highest of the names that match. Nothing is asked for by version.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from labs.provision import launchers


class PackageSet(NamedTuple):
    """Packages that are unpacked together.

    packages  what is asked for; what these depend on comes along
    programs  what must run from the folder afterwards, relative to its root; * stands for a version within a name
    title     for people: what it brings
    without   dependencies that no server needs when it runs from a folder, as regular expressions of whole names
    unless    programs of the system that make it needless
    files     texts that are written over the package's own, by their path
    brew      the same in Homebrew's names, for a Mac
    book      whether the book runs it; else the tests alone
    """

    packages: tuple[str, ...]
    programs: tuple[str, ...]
    title: str
    without: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    files: Mapping[str, str] = MappingProxyType({})
    brew: tuple[str, ...] = ()
    book: bool = True


# Perl runs Debian's helper scripts around the servers, never a server of the sets that name this.
PERL = (r"perl", r"perl-base", r"perl-modules-.*", r"libperl5.*", r"libgdbm.*")

# What a browser that draws without a graphics card into no window leaves alone.
DESKTOP = (
    r"adwaita-icon-theme",
    r"dbus.*",
    r"dconf.*",
    r"dmsetup",
    r"gtk-update-icon-cache",
    r"libargon2.*",
    r"libcryptsetup.*",
    r"libdevmapper.*",
    r"libdrm-(amdgpu|intel|nouveau|radeon).*",
    r"libfdisk1",
    r"libgl1-mesa-dri",
    r"libip4tc.*",
    r"libjson-c.*",
    r"libkmod.*",
    r"libllvm.*",
    r"libpam-.*",
    r"libproc2.*",
    r"libz3-.*",
    r"mesa-.*",
    r"mount",
    r"procps",
    r"x11-utils",
    r"xdg-utils",
)

SETS: dict[str, PackageSet] = {
    "web": PackageSet(
        packages=("apache2-bin", "media-types", "lighttpd", "nginx", "memcached"),
        programs=("usr/sbin/apache2", "usr/sbin/lighttpd", "usr/sbin/nginx", "usr/bin/memcached"),
        title="Apache, lighttpd, nginx, memcached",
        without=PERL,
        brew=("httpd", "lighttpd", "nginx", "memcached"),
    ),
    # Each embeds the distribution's own Python, whose standard library stays where the system has it. Sets of their own:
    # a distribution that lacks the one may have the other (Debian 13 has no mod_python).
    "mod_python": PackageSet(
        packages=("apache2-bin", "media-types", "libapache2-mod-python"),
        programs=("usr/sbin/apache2", "usr/lib/apache2/modules/mod_python.so"),
        title="mod_python",
        without=PERL,
    ),
    "mod_wsgi": PackageSet(
        packages=("apache2-bin", "media-types", "libapache2-mod-wsgi-py3"),
        programs=("usr/sbin/apache2", "usr/lib/apache2/modules/mod_wsgi.so"),
        title="mod_wsgi",
        without=PERL,
    ),
    "postgresql": PackageSet(
        packages=("postgresql-[0-9]+",),
        programs=("usr/lib/postgresql/*/bin/postgres", "usr/lib/postgresql/*/bin/initdb"),
        title="PostgreSQL",
        # LLVM compiles long queries, which the labs turn off (postgresql.conf); time zones are read where the system has them.
        without=(*PERL, r"libllvm.*", r"libz3-.*", r"locales-all", r"postgresql-(client-)?common", r"tzdata"),
        brew=("postgresql@17",),
    ),
    "haproxy": PackageSet(
        packages=("haproxy",), programs=("usr/sbin/haproxy",), title="HAProxy", without=PERL, brew=("haproxy",)
    ),
    "wrk": PackageSet(
        book=False,
        packages=("wrk",),
        programs=("usr/bin/wrk",),
        title="wrk",
        brew=("wrk",),
    ),
    "ab": PackageSet(
        book=False,
        packages=("apache2-utils",),
        programs=("usr/bin/ab",),
        title="ab",
        brew=("httpd",),
    ),
    "browser": PackageSet(
        book=False,
        # Ubuntu has Chromium as a snap alone: there the package is an empty shell, and the check of programs says so.
        packages=("chromium", "fonts-liberation", "fonts-dejavu-core"),
        programs=("usr/lib/chromium/chromium",),
        title="Chromium",
        without=(*PERL, *DESKTOP),
        unless=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        files={"usr/bin/chromium": launchers.CHROMIUM, "etc/fonts/labs.conf": launchers.FONTS},
        brew=("--cask chromium",),
    ),
    "playwright": PackageSet(
        book=False,
        # The program that drives the browser comes with pip; a bare system lacks one library that it needs.
        packages=("libatomic1",),
        programs=(),
        title="a library for Playwright",
    ),
}

# What the book runs; the tests want more.
BOOK = tuple(name for name, each in SETS.items() if each.book)

# What the base system's tools, services, and the installation of packages need, and no server does.
WITHOUT = (
    r"adduser",
    r"cron.*",
    r"debconf.*",
    r"init-system-helpers",
    r"iproute2",
    r"libbpf\d.*",
    r"libc-l10n",
    r"libcap2-bin",
    r"libelf1.*",
    r"locales",
    r"logrotate",
    r"lsb-base",
    r"netbase",
    r"openssl",
    r"passwd",
    r"sensible-utils",
    r"spawn-fcgi",
    r"ssl-cert",
    r"systemd.*",
    r"sysvinit-utils",
    r"ucf",
)

# Folders of packages that a server never reads; * stands for a version.
NEVER_READ = (
    "etc/cron.d",
    "etc/cron.daily",
    "etc/init.d",
    "etc/logrotate.d",
    "usr/lib/postgresql/*/lib/bitcode",  # for LLVM
    "usr/lib/systemd",
    "usr/share/bug",
    "usr/share/doc",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
)
