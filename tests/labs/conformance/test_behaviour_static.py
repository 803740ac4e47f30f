"""The checks of a project's own files: a small server that is right passes them all, one that is wrong in a way fails one."""

from __future__ import annotations

import gzip
import hashlib
import http.server
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from labs.conformance import run
from labs.conformance.static import TEXT, TYPES
from labs.newsroom.samples import SHEET, stored

Serve = Callable[[type[http.server.BaseHTTPRequestHandler]], str]
DIGEST = hashlib.md5(SHEET, usedforsecurity=False).hexdigest()[:12]
PACKED = {"gzip": gzip.compress(SHEET, mtime=0), "br": stored(SHEET)}
HOME = b'<link rel="stylesheet" href="/media/static/paper/lantern.css">'


class Files(http.server.BaseHTTPRequestHandler):
    """Serves the samples; `fault` names what is wrong."""

    protocol_version = "HTTP/1.1"
    fault = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
        """Say nothing."""

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if status != 304 else b"")

    def do_GET(self) -> None:
        path = PurePosixPath(self.path)
        digested = path.name in (f"sheet.{DIGEST}.css", f"sheet.{DIGEST}.css.gz")
        lasts = digested or (self.fault == "a date lasts" and "2025" in path.name)
        told = "max-age=315360000, public, immutable" if lasts else "max-age=60, public"
        if self.path == "/":
            self.say(HOME)
        elif path.name == "letter.0123456789ab.txt":
            self.say(b"To the editor", Cache_Control=told if self.fault != "a letter lasts" else "max-age=9999999")
        elif path.name.startswith("new."):
            self.say(b"", 404, Cache_Control="public, immutable" if self.fault == "what is missing lasts" else "")
        elif path.suffix in (".gz", ".br"):
            coding = {".gz": "gzip", ".br": "br"}[path.suffix]
            self.sheet(PACKED[coding], "application/gzip", told, coding if self.fault == "packed twice" else "")
        elif path.name.startswith("sheet."):
            coding = self.coding()
            self.sheet(
                PACKED.get(coding, SHEET),
                "text/css; charset=utf-8",
                "" if self.fault == "nothing lasts" else told,
                coding,
            )
        else:
            self.typed(path.suffix[1:])

    def coding(self) -> str:
        takes = {}
        for each in self.headers.get("Accept-Encoding", "").lower().split(","):
            name, _, weight = each.partition(";")
            refused = (
                self.fault != "q=0 is taken" and weight.replace(" ", "").startswith("q=0") and not weight.strip("q= 0.")
            )
            takes[name.strip()] = not refused
        known = {"no gzip": ("br",), "no Brotli": ("gzip",)}.get(self.fault, ("br", "gzip"))
        return next((coding for coding in known if takes.get(coding)), "")

    def sheet(self, body: bytes, kind: str, told: str, coding: str) -> None:
        vary = (
            "" if self.fault == "no Vary" or (self.fault == "Vary where packed" and not coding) else "Accept-Encoding"
        )
        kind = "application/gzip" if self.fault == "type of the packing" and coding else kind
        tag = '"same"' if self.fault == "one ETag" else f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        about = {"Content_Type": kind, "Cache_Control": told, "Content_Encoding": coding, "Vary": vary, "ETag": tag}
        wanted = self.headers.get("Range")
        if self.headers.get("If-None-Match") == tag:
            self.say(b"", 304, **(about | ({} if self.fault == "a packed 304" else {"Content_Encoding": ""})))
        elif wanted and wanted.startswith("bytes=999999"):
            self.say(b"no", 416, Content_Encoding=coding if self.fault == "a packed 416" else "")
        elif wanted:
            self.say((SHEET if self.fault == "another part" else body)[10:20], 206, **about)
        else:
            self.say(b"short" if self.fault == "another file" and coding == "gzip" else body, **about)

    def typed(self, ending: str) -> None:
        kind = TYPES[ending] + ("; charset=utf-8" if ending in TEXT and self.fault != "no charset" else "")
        self.say(b"A sample", Content_Type="application/octet-stream" if self.fault == ending else kind)


FAULTS = {
    "mjs": "static-types",
    "wasm": "static-types",
    "no charset": "static-charset",
    "no gzip": "static-gzip",
    "another file": "static-gzip",
    "type of the packing": "static-gzip",
    "no Vary": "static-gzip",
    "no Brotli": "static-brotli",
    "q=0 is taken": "static-plain",
    "Vary where packed": "static-plain",
    "packed twice": "static-own-name",
    "another part": "static-part",
    "a packed 416": "static-part",
    "one ETag": "static-unchanged",
    "a packed 304": "static-unchanged",
    "nothing lasts": "static-lasting",
    "a date lasts": "static-passing",
    "a letter lasts": "static-passing",
    "what is missing lasts": "static-passing",
}


def seen(serve: Serve, wrong: str) -> set[str]:
    """The checks that fail on a server with this fault."""
    handler = type("Faulty", (Files,), {"fault": wrong})
    report = run(serve(handler), site_is_newsroom=True, only=["static"], timeout=5)
    return {result.id for result in report.results if result.state == "differs"}


def test_a_right_server_passes(serve: Serve) -> None:
    assert seen(serve, "") == set()


@pytest.mark.parametrize("wrong", FAULTS)
def test_a_fault_is_seen(wrong: str, serve: Serve) -> None:
    assert FAULTS[wrong] in seen(serve, wrong)
