"""What was captured, as it is: pictures to be shown, everything else as plain text that no browser takes for a page."""

from starlette.responses import Response

from archive.collection.content import NoSource, content
from archive.collection.reader import CollectionReader
from xuanzhi.review.pictures import read_picture
from xuanzhi.review.request import ReviewRequest

__all__ = ["captured", "picture", "source"]

_INERT = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Disposition": "inline"}
"""Opened by itself, what was captured may do nothing at all, and belongs to no origin."""

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A digest names its bytes."""


def picture(asked: ReviewRequest) -> Response:
    """Send a picture by its digest."""
    with asked.room.holdings() as holdings:
        found = read_picture(holdings, asked.path["sha256"])
    if found is None:
        return asked.nothing_here()
    return Response(found.data, media_type=found.media_type, headers=_INERT | _FOREVER)


def source(asked: ReviewRequest) -> Response:
    """Send what cleaning read of a capture, byte for byte, as text."""
    with asked.room.holdings() as holdings:
        data = captured(holdings, int(asked.path["capture"]))
    if data is None:
        return asked.nothing_here()
    return Response(data, media_type="text/plain; charset=utf-8", headers=_INERT)


def captured(holdings: CollectionReader, capture: int) -> bytes | None:
    """Return what cleaning read of a capture, by its row; None where there is none, or it had no content."""
    record = holdings.source_record(capture)
    try:
        return content(holdings, record) if record is not None else None
    except NoSource:
        return None
