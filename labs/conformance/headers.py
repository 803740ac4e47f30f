"""Headers arrive as they were sent, in both directions, and those that would be a danger do not."""

from __future__ import annotations

from labs.conformance.check import Seen, check
from labs.conformance.target import MISSING, Target
from labs.conformance.wire import Answer

LONG = 6000  # bytes: a session in a cookie, or a list of permissions


@check(
    "header-cookies", "several cookies arrive, each in a line of its own, in order", why="Joined, all but one are lost."
)
def cookies(target: Target) -> Seen:
    lines = target.page("/headers/").all("Set-Cookie")
    begins = [line.partition(";")[0] for line in lines]
    wanted = ["first=1", 'second="two words"', "third=a=b"]
    attributes = all("SameSite=Lax" in line and "Path=/" in line for line in lines)
    # Django quotes what is not a token: third="a=b" and third=a=b are the same cookie
    return Seen(
        [line.replace('third="a=b"', "third=a=b") for line in begins] == wanted
        and attributes
        and "HttpOnly" in lines[0],
        f"{len(lines)} lines: {', '.join(begins)}",
    )


@check("header-values", "spaces, commas and escapes in a header arrive", why="A download gets its file name by them.")
def values(target: Target) -> Seen:
    answer = target.page("/headers/")
    spaces, name = answer.header("X-Lantern-Spaces"), answer.header("Content-Disposition")
    return Seen(
        spaces == "two  spaces; and, a comma" and name.endswith("filename*=UTF-8''caf%C3%A9.txt"),
        f"{spaces!r}, {name.rpartition(' ')[2]!r}",
    )


@check("header-long", f"an answer's header of {LONG:,} bytes arrives", why="Signed cookies of sessions grow so long.")
def long_answer(target: Target) -> Seen:
    answer = target.ask(f"/headers/?bytes={LONG}")
    size = len(answer.header("X-Lantern-Long"))
    return Seen(answer.status == 200 and size == LONG, f"{answer.status}, {size:,} bytes")


@check(
    "header-long-request", f"a request's header of {LONG:,} bytes arrives", why="The browser sends that cookie back."
)
def long_request(target: Target) -> Seen:
    answer = target.ask("/mirror/", headers=[("X-Long", "x" * LONG)])
    size = len(answer.json["headers"].get("X-Long", "")) if answer.status == 200 else 0
    return Seen(size == LONG, f"{answer.status}, {size:,} bytes")


def arrived(target: Target, name: str, value: str | bytes) -> str | None:
    """What Django has of a header that was sent so; Latin-1, as WSGI keeps it."""
    headers: dict[str, str] = target.ask("/mirror/", headers=[(name, value)]).json["headers"]
    return headers.get(name)


@check(
    "header-bytes",
    "bytes beyond ASCII in a request's header arrive as they are",
    why="Names of users travel in headers.",
)
def odd_bytes(target: Target) -> Seen:
    latin, utf8 = arrived(target, "X-Name", b"caf\xe9"), arrived(target, "X-Name", "café".encode())
    return Seen(latin == "caf\xe9" and utf8 == "café".encode().decode("latin-1"), f"{latin!r}, {utf8!r}")


@check(
    "header-twice", "a header that is sent twice arrives as one list", why="Proxies before this one each add a line."
)
def twice(target: Target) -> Seen:
    answer = target.ask("/mirror/", headers=[("X-Twice", "a"), ("X-Twice", "b")])
    value = answer.json["headers"].get("X-Twice", "nothing")
    return Seen(value.replace(" ", "") == "a,b", value)


@check("header-host", "the host that the visitor asked for is the host that Django sees", why="Links are made of it.")
def host(target: Target) -> Seen:
    seen = target.page("/mirror/").json["host"]
    return Seen(seen == target.netloc, seen)


@check(
    "header-authorization",
    "names, passwords and tokens in an Authorization header arrive",
    why="Programming interfaces know their clients by it.",
)
def authorization(target: Target) -> Seen:
    sent = ("Basic bGFudGVybjpsaWdodA==", "Token abc.def")
    seen = [arrived(target, "Authorization", value) for value in sent]
    return Seen(seen == list(sent), ", ".join(value or "nothing" for value in seen))


def whole_address(target: Target, scheme: str) -> Seen:
    """A request line with a whole address, and a Host line that says another name: the one, then the other, is ours."""
    seen = []
    for ours, host in ((True, "evil.example.com"), (False, target.netloc)):
        asked = target.netloc if ours else "evil.example.com"
        with target.connect() as wire:
            line = (
                f"GET {scheme}://{asked}{target.prefix}/mirror/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            )
            wire.send(line.encode())
            answer = wire.answer()
        seen.append(answer.json["host"] if answer.status == 200 else str(answer.status))
    refused = ("400", "404", "421")
    ok = seen[0] in (target.netloc, *refused) and seen[1] in refused
    return Seen(ok, f"our address: {seen[0]}; another's with our Host: {seen[1]}")


@check(
    "header-absolute",
    "a whole address in the request line counts, and the Host line beside it does not",
    why="Two servers that take different ones let a visitor past the list of known names (RFC 9112, 3.2.2).",
)
def absolute(target: Target) -> Seen:
    return whole_address(target, target.base.partition("://")[0])


@check(
    "header-absolute-scheme",
    "it counts too where it names the other scheme",
    why="A server that then goes by the Host line answers for an address that it was not asked for.",
)
def absolute_other(target: Target) -> Seen:
    return whole_address(target, "http" if target.base.startswith("https:") else "https")


@check(
    "header-underscore",
    "X_Real_User is not taken for X-Real-User",
    why="Both become HTTP_X_REAL_USER: a visitor could write what only a trusted proxy may.",
)
def underscore(target: Target) -> Seen:
    answer = target.ask("/mirror/", headers=[("X_Real_User", "forged")])
    if answer.status == 400:
        return Seen(True, "refused, 400")
    value = answer.json["headers"].get("X-Real-User")
    return Seen(value is None, "dropped" if value is None else f"Django sees {value}")


@check(
    "header-proxy",
    "a Proxy header does not become the variable HTTP_PROXY of a process",
    why="Libraries of that process would send their own requests there (httpoxy, CVE-2016-5385).",
)
def proxy(target: Target) -> Seen:
    value = target.ask("/mirror/", headers=[("Proxy", "http://127.0.0.1:9")]).json["proxy"]
    return Seen(value is None, "not in the environment" if value is None else f"HTTP_PROXY={value}")


def framed(answer: Answer) -> list[str]:
    """What is wrong with the headers that tell where an answer ends, or that stand there by mistake."""
    length, coding = answer.all("Content-Length"), answer.all("Transfer-Encoding")
    faults = []
    if len(length) > 1 or (length and coding):
        faults.append("two ends are told")
    if answer.header("Status"):
        faults.append("a Status header of CGI")
    faults += [f"{name} twice" for name in ("Date", "Server", "Content-Type") if len(answer.all(name)) > 1]
    if answer.rest:
        faults.append(f"{len(answer.rest)} bytes after the end")
    return faults


@check(
    "header-framing",
    "one header tells where an answer ends, and none of a back-end's own is left in it",
    why="Two servers that disagree about an answer's end take one visitor's answer for another's.",
    needs="any",
)
def framing(target: Target) -> Seen:
    faults = sorted({fault for path in (target.path, MISSING) for fault in framed(target.page(path))})
    return Seen(not faults, ", ".join(faults) or "as it must be")
