"""What a file is, by the end of its name: one list for every front-end, whatever its distribution's own list knows.

Types are those of IANA's register of media types; TEXT is what needs to be told its encoding.
"""

from __future__ import annotations

TYPES: dict[str, tuple[str, ...]] = {
    "text/html": ("html", "htm"),
    "text/css": ("css",),
    "text/javascript": ("js", "mjs"),  # application/javascript is obsolete (RFC 9239)
    "text/plain": ("txt", "log"),
    "text/markdown": ("md",),
    "text/csv": ("csv",),
    "text/calendar": ("ics",),
    "text/vtt": ("vtt",),
    "application/json": ("json", "map"),
    "application/ld+json": ("jsonld",),
    "application/manifest+json": ("webmanifest",),
    "application/geo+json": ("geojson",),
    "application/xml": ("xml", "xsl"),
    "application/xhtml+xml": ("xhtml",),
    "application/rss+xml": ("rss",),
    "application/atom+xml": ("atom",),
    "application/wasm": ("wasm",),
    "font/woff": ("woff",),
    "font/woff2": ("woff2",),
    "font/ttf": ("ttf",),
    "font/otf": ("otf",),
    "application/vnd.ms-fontobject": ("eot",),
    "image/svg+xml": ("svg",),
    "image/png": ("png",),
    "image/apng": ("apng",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "image/heic": ("heic",),
    "image/jxl": ("jxl",),
    "image/bmp": ("bmp",),
    "image/tiff": ("tif", "tiff"),
    "image/vnd.microsoft.icon": ("ico",),
    "video/mp4": ("mp4", "m4v"),
    "video/webm": ("webm",),
    "video/ogg": ("ogv",),
    "video/quicktime": ("mov",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/flac": ("flac",),
    "audio/aac": ("aac",),
    "audio/wav": ("wav",),
    "application/vnd.apple.mpegurl": ("m3u8",),
    "application/pdf": ("pdf",),
    "application/epub+zip": ("epub",),
    "application/rtf": ("rtf",),
    "application/zip": ("zip",),
    "application/gzip": ("gz",),
    "application/x-tar": ("tar",),
    "application/x-7z-compressed": ("7z",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    # Whatever else; Apache is told of .br too, or it would go by the ending before that one
    "application/octet-stream": ("bin", "br"),
}

# Told to be UTF-8 where the project wrote it. Others say so themselves (HTML and XML may, JSON always is), and what a
# visitor has uploaded may be in any encoding: a header would overrule what such a file says of itself.
TEXT = ("text/html", "text/css", "text/javascript", "text/plain", "text/markdown", "text/csv", "text/vtt")


def takes(coding: str) -> str:
    """A regular expression for an Accept-Encoding that takes a coding: named, and not refused by q=0 (RFC 9110, 12.5.3)."""
    refused = r"(?!;[ \t]*q=0(?:\.0*)?[ \t]*(?:,|$))"
    return rf"(?:^|,)[ \t]*{coding}[ \t]*{refused}(?:[;,]|$)"
