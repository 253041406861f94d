"""What was captured, as it is: pictures to be shown, everything else as plain text that no browser takes for a page."""

from starlette.responses import Response

from archive.collection.content import NoSource, content
from archive.collection.reader import CollectionReader
from xuanzhi.review.pictures import read_picture
from xuanzhi.review.request import ReviewRequest

__all__ = ["picture", "source", "source_bytes"]

_INERT = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Disposition": "inline"}
"""Opened by itself, what was captured may do nothing at all, and belongs to no origin."""

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A digest names its bytes."""


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
