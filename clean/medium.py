"""What a file is, told by its first bytes, and by its name where the bytes leave it open."""

from enum import StrEnum

from clean.source import MARKS

__all__ = ["Medium", "medium_of"]


class Medium(StrEnum):
    """Kinds of files that cleaning takes."""

    SNAPSHOT = "snapshot"
    """Front matter and Markdown, as another tool made it."""
    PAGE = "page"
    """HTML, or MHTML as a browser saves it."""
    WARC = "warc"
    """Records of a web archive, plain or gzip (WARC, ARC)."""


_PAGES = (".html", ".htm", ".xhtml", ".mhtml", ".mht", ".shtml")
_WARCS = (".warc", ".warc.gz", ".arc", ".arc.gz")

# How files begin that are pages whatever their name; a snapshot may begin with any other element.
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"from: <saved by", b"mime-version:")
_WARC_STARTS = (b"warc/", b"filedesc://")

_LOOK = 512
"""Bytes in which a page has begun, comments before its first tag aside."""


def medium_of(name: str, data: bytes) -> Medium:
    """Tell what a file is. `name` is its path or name, `data` its bytes or at least the first of them."""
    lowered = name.lower()
    if lowered.endswith(_WARCS):
        return Medium.WARC
    start = _start(data)
    if start.startswith(_WARC_STARTS):
        return Medium.WARC
    if data.startswith(b"\x1f\x8b"):
        return Medium.WARC if _holds_records(data) else Medium.SNAPSHOT
    if start.startswith(b"---"):
        return Medium.SNAPSHOT
    if lowered.endswith(_PAGES) or start.startswith(_PAGE_STARTS):
        return Medium.PAGE
    return Medium.SNAPSHOT


def _start(data: bytes) -> bytes:
    """Return the beginning in lower case, without byte order mark, zero bytes, white space and comments."""
    start = data[: 8 * _LOOK]
    for mark, _ in MARKS:
        start = start.removeprefix(mark)
    start = start.replace(b"\0", b"").lstrip()
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip()
    return start[:_LOOK].lower()


def _holds_records(data: bytes) -> bool:
    """Whether a gzip file holds WARC or ARC records."""
    import zlib

    try:
        inside = zlib.decompressobj(31).decompress(data[:4096], 64)
    except zlib.error:
        return False
    return inside.lower().startswith(_WARC_STARTS)
