"""Pictures out of the collection, by the digest of their bytes. None is fetched from elsewhere, ever."""

import re
from typing import NamedTuple

from archive.collection.content import NoSource, content
from archive.collection.reader import CollectionReader
from archive.diff.blocks import IMAGE

__all__ = ["Picture", "images_in", "kind_of", "read_picture"]

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


def read_picture(collection: CollectionReader, sha256: str) -> Picture | None:
    """Return the picture with this digest; None where the collection has none that is shown.

    Raises Busy, Damaged or StorageError.
    """
    record = collection.payload_record(sha256)
    if record is None:
        return None
    try:
        data = content(collection, record)
    except NoSource:
        return None
    kind = kind_of(data)
    return Picture(data, kind) if kind else None
