"""Small files beside the style sheets, such as a project's pipeline leaves there: of many kinds, packed, and under names
that last. The behaviour suite asks for them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

ENDINGS = (
    *("css", "js", "mjs", "json", "map", "txt", "html", "svg", "webmanifest", "wasm", "woff", "woff2", "ttf"),
    *("png", "jpg", "webp", "avif", "ico", "mp4", "webm", "mp3", "pdf"),
)
SHEET = b".lantern { color: #b8860b; }\n" * 40


def write(media: Path) -> None:
    """Write them into the folder of the collected files, and beside it a reader's letter whose name only looks lasting."""
    folder = media / "static" / "samples"
    folder.mkdir()
    (media / "letters").mkdir()
    (media / "letters" / "letter.0123456789ab.txt").write_bytes(b"To the editor\n")
    for ending in ENDINGS:
        (folder / f"a.{ending}").write_bytes(b"A sample of its type.\n")
    digest = hashlib.md5(SHEET, usedforsecurity=False).hexdigest()[:12]  # as ManifestStaticFilesStorage does
    for name in ("sheet.css", f"sheet.{digest}.css"):
        (folder / name).write_bytes(SHEET)
        (folder / f"{name}.gz").write_bytes(gzip.compress(SHEET, mtime=0))
        (folder / f"{name}.br").write_bytes(stored(SHEET))
    # Twelve digits are a date
    (folder / "sheet.202511292240.css").write_bytes(SHEET)


def stored(data: bytes) -> bytes:
    """A Brotli stream that holds data as they are, up to 65,536 bytes: one uncompressed meta-block, and the end
    (RFC 7932, section 9)."""
    assert 0 < len(data) <= 1 << 16
    header = (len(data) - 1) << 4 | 1 << 20  # a window of 16 bits; not the last; four nibbles of length; uncompressed
    return header.to_bytes(3, "little") + data + b"\x03"
