"""Where a deployment of the book differs, and why: each by name, none by silence."""

from __future__ import annotations

from dataclasses import dataclass

from labs.deployments.catalogue import ARRANGEMENTS


@dataclass(frozen=True, kw_only=True)
class Known:
    """A check that is known to differ under some deployments.

    deployments  their names
    check        its id
    seen         a part of what is then seen; anything else makes the exception stale
    why          one sentence
    always       False where it depends on the server's version, or on an option: then it may also be as it must be
    """

    deployments: tuple[str, ...]
    check: str
    seen: str
    why: str
    always: bool = True


# Where no front-end serves files, Django does
DJANGO_FILES = tuple(name for name, kind in ARRANGEMENTS.items() if "media" not in kind.options)
NGINX_FASTCGI = ("fastcgi-nginx", "sites-nginx")
LIGHTTPD_CGI = ("fastcgi-lighttpd", "sites-lighttpd", "cgi-lighttpd")
LIGHTTPD = (*LIGHTTPD_CGI, "gunicorn-lighttpd")
APACHE = ("fastcgi-apache", "sites-apache")
SITES = ("sites-nginx", "sites-lighttpd", "sites-apache", "sites-modpython", "sites-modwsgi")
MODPYTHON = ("modpython-apache", "sites-modpython")
MODWSGI = ("modwsgi-apache", "sites-modwsgi")
STATIC_VIEW = "Django's own view for files sends whole ones and no ETag; it is made for development, not for visitors."
STATIC_VIEW_TYPES = (
    "Django's own view for files goes by Python's list of types, with no encoding told, and tells .gz as a packing of the "
    "file; it is made for development, not for visitors."
)
NO_WHITENOISE = "No front-end is there to do it, and the newsroom has no WhiteNoise, which does it inside Django."
NO_SIBLINGS = (
    "lighttpd looks for a packed file beside another only by a Lua module (mod_magnet), which distributions keep in a package "
    "of its own; here it sends every file as it is."
)

WRITTEN = (
    Known(
        deployments=("gunicorn",),
        check="body-chunked",
        seen="200, 0 of",
        why="Django reads as many bytes as Content-Length says, and gunicorn hands on a chunked body without one; a "
        "front-end collects the body first and tells its length.",
    ),
    Known(deployments=DJANGO_FILES, check="media-range", seen="200, ", why=STATIC_VIEW),
    Known(deployments=DJANGO_FILES, check="media-range-end", seen="200, ", why=STATIC_VIEW),
    Known(deployments=DJANGO_FILES, check="media-range-beyond", seen="200", why=STATIC_VIEW),
    Known(deployments=DJANGO_FILES, check="media-tag", seen="200, no ETag", why=STATIC_VIEW),
    # Whether Python knows a type depends on its version and on the lists of the system.
    Known(deployments=DJANGO_FILES, check="static-types", seen=" is ", why=STATIC_VIEW_TYPES, always=False),
    Known(deployments=DJANGO_FILES, check="static-charset", seen="css is text/css", why=STATIC_VIEW_TYPES),
    Known(deployments=DJANGO_FILES, check="static-own-name", seen="packed by gzip", why=STATIC_VIEW_TYPES),
    Known(deployments=DJANGO_FILES, check="static-part", seen="beyond the end 200", why=STATIC_VIEW),
    Known(deployments=DJANGO_FILES, check="static-unchanged", seen="no ETag", why=STATIC_VIEW),
    Known(deployments=DJANGO_FILES, check="static-gzip", seen="200, as it is", why=NO_WHITENOISE),
    Known(deployments=DJANGO_FILES, check="static-brotli", seen="200, as it is", why=NO_WHITENOISE),
    Known(deployments=DJANGO_FILES, check="static-lasting", seen="Cache-Control: none", why=NO_WHITENOISE),
    Known(
        deployments=("gunicorn",),
        check="conn-no-host",
        seen="200",
        why="gunicorn leaves the Host to the site, and Django takes the server's own address where there is none.",
    ),
    Known(
        deployments=("gunicorn",),
        check="conn-idle",
        seen="another visitor waits",
        why="A sync worker waits for the end of a request, and here there are four; gunicorn's documentation wants a "
        "front-end before it for this reason.",
    ),
    Known(
        deployments=("gunicorn",),
        check="limit-cut",
        seen="200, the site read 1,000 of 10,000 bytes",
        why="gunicorn hands on what came before the visitor's end, and Django takes it for all; a front-end that collects the "
        "body first hands on whole ones alone.",
    ),
    Known(
        deployments=("gunicorn-nginx",),
        check="body-unread",
        seen="502",
        why="gunicorn answers and closes before it has read the upload; where nginx is still sending it, its next write "
        "fails and the answer is never read (gunicorn's issue 872). A race: most uploads get the answer.",
        always=False,
    ),
    Known(
        deployments=NGINX_FASTCGI,
        check="header-twice",
        seen="b",
        why="nginx before 1.23 hands both lines to FastCGI, under one name, and the last one wins.",
        always=False,
    ),
    Known(
        deployments=NGINX_FASTCGI,
        check="stream-arrives",
        seen="all came at the end",
        why="nginx collects a FastCGI answer in its buffers, so that a slow visitor keeps no worker; a page asks to be "
        "sent on at once with X-Accel-Buffering: no.",
    ),
    Known(
        deployments=LIGHTTPD_CGI,
        check="header-underscore",
        seen="Django sees forged",
        why="lighttpd hands on names with an underscore, which other front-ends drop; a site behind it must not trust a "
        "header that only a proxy is meant to set.",
    ),
    Known(
        deployments=LIGHTTPD,
        check="path-double",
        seen="http://x became http:/x",
        why="lighttpd makes one slash of several before it decides who answers.",
    ),
    Known(
        deployments=LIGHTTPD,
        check="query-raw",
        seen="b=%2F%2F",
        why="lighttpd writes escapes in one way, %2f as %2F; what is signed must be signed after that.",
    ),
    Known(deployments=LIGHTTPD, check="static-gzip", seen="200, as it is", why=NO_SIBLINGS),
    Known(deployments=LIGHTTPD, check="static-brotli", seen="200, as it is", why=NO_SIBLINGS),
    Known(
        deployments=("cgi-lighttpd",),
        check="stream-broken",
        seen="end told by chunked",
        why="The end of a CGI program is the end of its answer: CGI has no word for one that failed halfway.",
    ),
    Known(
        deployments=APACHE,
        check="body-length",
        seen="Content-Length: none",
        why="Since 2.4.59 Apache does not believe the length that a program tells (CVE-2024-24795) and sends chunks.",
        always=False,
    ),
    Known(
        deployments=APACHE,
        check="body-head-length",
        seen="Content-Length: none",
        why="Since 2.4.59 Apache does not believe the length that a program tells (CVE-2024-24795).",
        always=False,
    ),
    Known(
        deployments=APACHE,
        check="limit-answer-8",
        seen="500, 0 bytes",
        why="Apache reads what a FastCGI program answers line by line, 8 kB at the most, and a longer header is an error to "
        "it; no directive changes that.",
    ),
    Known(
        deployments=APACHE,
        check="limit-answer-16",
        seen="500, 0 bytes",
        why="Apache reads what a FastCGI program answers line by line, 8 kB at the most.",
    ),
    Known(
        deployments=APACHE,
        check="conn-idle",
        seen="another visitor waits",
        why="prefork gives each connection a process for as long as it is open, and here there are ten.",
    ),
    Known(
        deployments=("gunicorn-apache",),
        check="conn-idle",
        seen="another visitor waits",
        why="A thread of Apache's waits for the end of a request, and here there are ten.",
    ),
    Known(
        deployments=("gunicorn-apache",),
        check="body-unread",
        seen="502",
        why="gunicorn closes a connection whose body the site did not read, and mod_proxy_http, which is still sending it, "
        "makes an error of its own of that.",
        always=False,
    ),
    Known(
        deployments=("gunicorn-lighttpd",),
        check="conn-old-bare",
        seen="400",
        why="Where a visitor names no host, lighttpd tells a back-end by HTTP the back-end's own address, here the path of a "
        "socket, which Django takes for no name.",
    ),
    Known(
        deployments=MODPYTHON,
        check="path-bytes",
        seen="no answer",
        why="mod_python takes every path for UTF-8, and crashes where it is not: the process ends, and Apache starts "
        "another.",
    ),
    Known(
        deployments=MODPYTHON,
        check="header-bytes",
        seen="no answer",
        why="mod_python takes every header for UTF-8, and crashes where it is not.",
    ),
    Known(
        deployments=MODPYTHON,
        check="body-chunked",
        seen="200, 0 of",
        why="Django reads as many bytes as Content-Length says, and mod_python hands on a chunked body without one.",
    ),
    Known(
        deployments=MODPYTHON,
        check="stream-broken",
        seen="end told by chunked",
        why="mod_python has no way to break off an answer: what Apache has to say of the failure is sent as the rest of it, "
        "and its end like any other.",
    ),
    Known(
        deployments=MODPYTHON,
        check="conn-idle",
        seen="another visitor waits",
        why="prefork gives each connection a process for as long as it is open, and here there are five.",
    ),
    Known(
        deployments=MODWSGI,
        check="path-double",
        seen="http://x became http:/x",
        why="mod_wsgi makes one slash of several before the site sees the path.",
    ),
    Known(
        deployments=MODWSGI,
        check="body-chunked",
        seen="refused, 411",
        why="mod_wsgi refuses what does not tell its length; WSGIChunkedRequest would let it in, and Django read nothing of "
        "it.",
    ),
    Known(
        deployments=MODWSGI,
        check="stream-broken",
        seen="end told by chunked",
        why="mod_wsgi's daemons hand Apache what was sent until then, and its end like any other.",
        always=False,  # embedded, it breaks off
    ),
    Known(
        deployments=MODWSGI,
        check="conn-idle",
        seen="another visitor waits",
        why="Each of Apache's process models gives a whole thread or process to a request that has begun, and here there are "
        "ten.",
    ),
    Known(
        deployments=(*APACHE, *MODPYTHON, *MODWSGI, "gunicorn-apache"),
        check="header-absolute-scheme",
        seen="another's with our Host: 127.",
        why="Apache without TLS goes by the Host line where the request line says https://; it chooses the site by the same "
        "line, and so do Django's known names.",
    ),
    Known(
        deployments=SITES,
        check="conn-old-bare",
        seen="404",
        why="Where several sites are told apart by their names, a request without a name is nobody's.",
        always=False,  # by path each is found
    ),
)

# What a server says of itself counts wherever it is the front-end
KNOWN = (
    *WRITTEN,
    *(
        Known(deployments=(name,), check=check, **each._asdict())
        for name, kind in ARRANGEMENTS.items()
        for check, each in kind.servers[-1].differs.items()
    ),
)


def known(deployment: str | None, files: str | None = None) -> dict[str, Known]:
    """Check -> exception, of one deployment.

    files  the deployment whose front-end serves this one's files, as a server of their own: its exceptions count for those
    """
    found = {}
    for each in KNOWN:
        about_files = files is not None and each.check.startswith(("media-", "static-"))
        if (files if about_files else deployment) in each.deployments:
            found[each.check] = each
    return found
