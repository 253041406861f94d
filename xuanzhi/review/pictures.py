"""Pictures out of the collection, by the digest of their bytes. None is fetched from elsewhere, ever."""

import re
from typing import NamedTuple

from archive.collection.content import NoSource, content
from archive.collection.reader import CollectionReader
from archive.diff.blocks import IMAGE
from archive.errors import storage_errors
from archive.warc.records import target_uri

__all__ = ["Picture", "addresses_of", "images_in", "kind_of", "read_picture"]

_AT_ONCE = 500
"""Values in one query; SQLite takes at least 999."""

# How the picture formats begin that browsers show (WHATWG MIME Sniffing §6.1, and AVIF's brand). SVG is not here: it is
# a document that may hold scripts.
_BEGINNINGS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF[\s\S]{4}WEBPVP"), "image/webp"),
    (re.compile(rb"BM"), "image/bmp"),
    (re.compile(rb"[\s\S]{4}ftypavi[fs]"), "image/avif"),
)


class Picture(NamedTuple):
    """A picture as it may be sent to a browser."""

    data: bytes
    media_type: str
    """Of its first bytes, never of what its server said."""


def kind_of(data: bytes) -> str:
    """Return the media type of a picture by its first bytes; empty where it is none that is shown."""
    return next((kind for start, kind in _BEGINNINGS if start.match(data)), "")


def images_in(markdown: str) -> list[str]:
    """Return the addresses of all images of a text."""
    return [match[2] for match in IMAGE.finditer(markdown)]


def addresses_of(holdings: CollectionReader, addresses: list[str]) -> dict[str, str]:
    """Return the sha256 of the payload that was captured at each address, where the collection has one.

    Where an address gave several, the last one. Raises Busy, Damaged or StorageError.
    """
    by_uri: dict[str, list[str]] = {}
    for address in addresses:
        by_uri.setdefault(target_uri(address, "00"), []).append(address)
    uris, found = list(by_uri), {}
    with storage_errors(holdings.catalogue.path, reading=True):
        for start in range(0, len(uris), _AT_ONCE):
            some = uris[start : start + _AT_ONCE]
            rows = holdings.catalogue.execute(
                f"SELECT uri, sha256 FROM payload WHERE uri IN ({', '.join('?' * len(some))}) ORDER BY date",
                tuple(some),
            )
            for uri, digest in rows.fetchall():
                found.update(dict.fromkeys(by_uri[uri], digest))
    return found


def read_picture(holdings: CollectionReader, sha256: str) -> Picture | None:
    """Return the picture with this digest; None where the collection has none that is shown.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(holdings.catalogue.path, reading=True):
        row = holdings.catalogue.one("SELECT record FROM payload WHERE sha256 = ?", sha256)
    if row is None:
        return None
    try:
        data = content(holdings, row[0])
    except NoSource:
        return None
    kind = kind_of(data)
    return Picture(data, kind) if kind else None
