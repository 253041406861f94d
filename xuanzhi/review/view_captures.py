"""Views of captured content: images by digest, everything else as plain text.

Nothing is ever fetched from elsewhere, and no browser takes a source for a page.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from starlette.responses import Response

from archive.collection.content import NoSource, content
from archive.collection.embedded import digest_named, picture_with_digest
from archive.collection.reader import CollectionReader
from archive.diff.blocks import IMAGE
from xuanzhi.review.request import ReviewRequest

__all__ = ["Picture", "images_in", "kind_of", "known_images", "picture", "read_picture", "source", "source_bytes"]

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


_INERT = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Disposition": "inline"}
"""Opened by itself, what was captured may do nothing at all, and belongs to no origin."""

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A digest names its bytes."""


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


def known_images(collection: CollectionReader, addresses: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of those images of texts that the collection has: as requisites, or as files beside texts.

    Raises Busy, Damaged or StorageError.
    """
    named = list(addresses)
    beside = {address: digest for address in named if (digest := digest_named(address))}
    return collection.payload_digests(named) | beside


def read_picture(collection: CollectionReader, sha256: str) -> Picture | None:
    """Return the picture with this digest; None where the collection has none that is shown.

    Raises Busy, Damaged or StorageError.
    """
    record = collection.payload_record(sha256)
    try:
        data = content(collection, record) if record is not None else picture_with_digest(collection.path, sha256)
    except NoSource:
        return None
    if data is None:
        return None
    kind = kind_of(data)
    return Picture(data, kind) if kind else None


def picture(request: ReviewRequest) -> Response:
    """Send a picture by its digest."""
    with request.app.open_collection() as collection:
        found = read_picture(collection, request.path["sha256"])
    if found is None:
        return request.nothing_here()
    return Response(found.data, media_type=found.media_type, headers=_INERT | _FOREVER)


def source(request: ReviewRequest) -> Response:
    """Send what cleaning read of a capture, byte for byte, as text."""
    with request.app.open_collection() as collection:
        data = source_bytes(collection, int(request.path["capture"]))
    if data is None:
        return request.nothing_here()
    return Response(data, media_type="text/plain; charset=utf-8", headers=_INERT)


def source_bytes(collection: CollectionReader, capture: int) -> bytes | None:
    """Return what cleaning read of a capture, by its row; None where there is none, or it had no content."""
    record = collection.source_record(capture)
    try:
        return content(collection, record) if record is not None else None
    except NoSource:
        return None
