"""The project's own files, as collectstatic leaves them: their types, packed ones beside them, names that last."""

from __future__ import annotations

import gzip
import hashlib
import re
from urllib.parse import urljoin

from labs.conformance.check import Seen, check
from labs.conformance.target import Target
from labs.conformance.wire import Answer, WireError

# Of IANA's register; a browser runs no module and compiles no WebAssembly of another type
TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "json": "application/json",
    "map": "application/json",
    "txt": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
    "wasm": "application/wasm",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/vnd.microsoft.icon",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "pdf": "application/pdf",
}
TEXT = ("css", "js", "mjs", "txt", "html")
SHORT = 3600  # seconds for which a name may be kept whose content may change
REFUSALS = ("", "identity", "gzip;q=0, br;q=0", "gzip ; q=0.000 , br;q=0.0", "xgzip, brx")


def samples(target: Target) -> str:
    """The address of the newsroom's samples, beside the style sheet that its first page names. Raises WireError without."""
    found = re.search(r'href="([^"]+/)paper/lantern\.css"', target.page("/").text)
    if found is None:
        raise WireError("the first page names no style sheet")
    return urljoin(target.base + "/", str(found[1])) + "samples/"


def lasting(target: Target) -> str:
    """The address of the sample whose name holds the digest of its content."""
    sheet = target.page(f"{samples(target)}sheet.css").body
    return f"{samples(target)}sheet.{hashlib.md5(sheet, usedforsecurity=False).hexdigest()[:12]}.css"


def taking(target: Target, name: str, codings: str, *more: tuple[str, str]) -> Answer:
    """A sample, for a visitor who takes these codings; an empty text for one who does not say."""
    takes = [("Accept-Encoding", codings)] if codings else []
    return target.ask(samples(target) + name, headers=[*takes, *more])


def varies(answer: Answer) -> bool:
    """Whether a cache is told to keep each packing apart."""
    return any("accept-encoding" in value.lower() for value in answer.all("Vary"))


def kind(answer: Answer) -> str:
    return answer.header("Content-Type").partition(";")[0]


@check("static-types", "a file of each kind arrives with its type", why="Browsers run no module of another type.")
def types(target: Target) -> Seen:
    got = {ending: kind(target.page(f"{samples(target)}a.{ending}")) for ending in TYPES}
    wrong = [f"{ending} is {got[ending] or 'of no type'}" for ending in TYPES if got[ending] != TYPES[ending]]
    return Seen(not wrong, ", ".join(wrong) or f"{len(TYPES)} types")


@check(
    "static-charset", "the project's own text is told to be UTF-8", why="Else a browser guesses, by its own language."
)
def charset(target: Target) -> Seen:
    wrong = []
    for ending in TEXT:
        told = target.page(f"{samples(target)}a.{ending}").header("Content-Type").lower().replace('"', "")
        if not re.search(r";\s*charset=utf-8$", told):
            wrong.append(f"{ending} is {told or 'of no type'}")
    return Seen(not wrong, ", ".join(wrong) or "UTF-8")


@check("static-gzip", "who takes gzip gets the packed file", why="Style sheets and scripts are a quarter as long then.")
def packed(target: Target) -> Seen:
    plain = target.page(f"{samples(target)}sheet.css").body
    answer = taking(target, "sheet.css", "deflate, GZIP;q=0.8")
    if answer.header("Content-Encoding") != "gzip":
        return Seen(False, f"{answer.status}, as it is")
    try:
        same = gzip.decompress(answer.body) == plain
    except (OSError, EOFError):
        same = False
    ok = same and kind(answer) == "text/css" and varies(answer)
    return Seen(
        ok,
        f"{len(answer.body):,} bytes for {len(plain):,}, {'the same' if same else 'another'} file, {kind(answer)}, "
        f"Vary: {answer.header('Vary') or 'none'}",
    )


@check("static-brotli", "who takes Brotli gets the file packed so", why="Every browser takes it; it packs closer.")
def brotli(target: Target) -> Seen:
    own = target.page(f"{samples(target)}sheet.css.br").body
    answer = taking(target, "sheet.css", "gzip, deflate, br")
    if answer.header("Content-Encoding") != "br":
        return Seen(False, f"{answer.status}, {answer.header('Content-Encoding') or 'as it is'}")
    same = answer.body == own
    ok = same and kind(answer) == "text/css" and varies(answer)
    return Seen(
        ok, f"{'its' if same else 'not its'} packed file, {kind(answer)}, Vary: {answer.header('Vary') or 'none'}"
    )


@check("static-plain", "who takes no packed file gets it as it is", why="They could read nothing of it.")
def plain(target: Target) -> Seen:
    wanted = target.page(f"{samples(target)}sheet.css.gz")
    packs = bool(taking(target, "sheet.css", "gzip").header("Content-Encoding"))
    for codings in REFUSALS:
        answer = taking(target, "sheet.css", codings)
        coding = answer.header("Content-Encoding")
        if coding or answer.status != 200 or answer.body == wanted.body:
            return Seen(False, f"{answer.status}, {coding or 'as it is'} for {codings or 'nothing'}")
        if packs and not varies(answer):
            return Seen(False, f"no Vary for {codings or 'nothing'}: a cache would give it to the others")
    return Seen(True, "as it is")


@check("static-own-name", "a packed file asked for by its own name is itself", why="It is saved under that name.")
def own_name(target: Target) -> Seen:
    told = []
    for name in ("sheet.css.gz", "sheet.css.br"):
        for codings in ("", "gzip, br"):
            answer = taking(target, name, codings)
            if answer.status != 200 or answer.header("Content-Encoding") or kind(answer) == "text/css":
                coding = answer.header("Content-Encoding") or "nothing"
                told.append(f"{name} is {kind(answer)} packed by {coding}")
    return Seen(not told, told[0] if told else "itself")


@check("static-part", "a part is one of the file that is told", why="Two halves of two packings make no file.")
def part(target: Target) -> Seen:
    answer = taking(target, "sheet.css", "gzip", ("Range", "bytes=10-19"))
    coding = answer.header("Content-Encoding")
    whole = target.page(f"{samples(target)}sheet.css" + {"": "", "gzip": ".gz"}.get(coding, ".br")).body
    beyond = taking(target, "sheet.css", "gzip", ("Range", "bytes=999999-"))
    if beyond.status != 416 or beyond.header("Content-Encoding"):
        return Seen(
            False, f"beyond the end {beyond.status}, packed by {beyond.header('Content-Encoding') or 'nothing'}"
        )
    ok = answer.status == 206 and answer.body == whole[10:20]
    return Seen(ok, f"{answer.status}, {len(answer.body)} bytes, packed by {coding or 'nothing'}")


@check("static-unchanged", "each packing has an ETag of its own, and is not sent again", why="A cache would mix them.")
def unchanged(target: Target) -> Seen:
    tags = {codings: taking(target, "sheet.css", codings).header("ETag") for codings in ("", "gzip")}
    packs = bool(taking(target, "sheet.css", "gzip").header("Content-Encoding"))
    if not all(tags.values()) or (packs and len(set(tags.values())) < len(tags)):
        return Seen(False, "no ETag" if not all(tags.values()) else "one ETag for two packings")
    for codings, tag in tags.items():
        answer = taking(target, "sheet.css", codings, ("If-None-Match", tag))
        if answer.status != 304 or answer.header("Content-Encoding") or (packs and not varies(answer)):
            coding = answer.header("Content-Encoding") or "nothing"
            return Seen(False, f"{answer.status}, packed by {coding}, Vary: {answer.header('Vary') or 'none'}")
    return Seen(True, "304")


@check(
    "static-lasting", "a name with its content's digest may be kept for good", why="Each visit would ask for it again."
)
def lasts(target: Target) -> Seen:
    seen = []
    for codings in ("", "gzip, br"):
        told = target.ask(lasting(target), headers=[("Accept-Encoding", codings)] if codings else []).header(
            "Cache-Control"
        )
        seen.append(told or "none")
        age = re.search(r"max-age=(\d+)", told)
        if "immutable" not in told or "public" not in told or age is None or int(age[1]) < 31_536_000:
            return Seen(False, f"Cache-Control: {seen[-1]}")
    return Seen(len(set(seen)) == 1, f"Cache-Control: {seen[0]}")


@check("static-passing", "no other name is kept for long", why="Visitors would see the old one for years.")
def passing(target: Target) -> Seen:
    there = samples(target)
    # Without a digest; with a date of twelve digits; not there yet, as during a deployment; a visitor's upload
    names = ("sheet.css", "sheet.202511292240.css", "new.0123456789ab.css", "../../letters/letter.0123456789ab.txt")
    wrong = []
    for name in names:
        answer = target.ask(urljoin(there, name))
        told = answer.header("Cache-Control")
        age = re.search(r"max-age=(\d+)", told)
        if "immutable" in told or (age is not None and int(age[1]) > SHORT) or answer.status not in (200, 404):
            wrong.append(f"{name} {answer.status}, {told}")
    return Seen(not wrong, "; ".join(wrong) or "none")
