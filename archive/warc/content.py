"""Decoded content of HTTP answers in files of others: transfer and content codings removed.

Some writers take a coding off and leave the field that names it; then the content is what lies there.
"""

import zlib
from collections.abc import Iterator

from archive.errors import ArchiveError
from capture.content import UnknownCoding, codings, without_coding
from capture.framing import Framer, Part
from capture.heads import Head

__all__ = ["ContentTooLarge", "content_of", "demand_size"]

_PIECE = 256 * 1024


class ContentTooLarge(ArchiveError):
    """A page has more content than is read."""

    code = "content-too-large"
    hint = "Raise the limit with --max-megabytes."


def content_of(block: bytes, limit: int) -> tuple[bytes, str]:
    """Return the content of an HTTP answer, and why it is cut; empty where it is whole.

    Raises ContentTooLarge where it has more than `limit` bytes.
    """
    framer = Framer("GET")
    pieces = framer.feed(block) + framer.close()
    framing = framer.framing()
    head = framing.head
    if head is None:
        return block, ""
    begin = sum(len(piece.data) for piece in pieces if piece.part in {Part.INTERIM, Part.HEAD})
    payload, cut = block[begin:], ""
    if framing.delimiter == "chunked" and framing.whole:
        payload = b"".join(piece.data for piece in pieces if piece.part is Part.PAYLOAD)
    elif framing.delimiter == "chunked" and any(piece.part is Part.PAYLOAD for piece in pieces):
        payload = b"".join(piece.data for piece in pieces if piece.part is Part.PAYLOAD)
        cut = framing.why
    elif framing.delimiter == "length" and not framing.whole:
        cut = framing.why
    data, broken = _decoded(head, payload, limit)
    return data, cut or broken


def _decoded(head: Head, payload: bytes, limit: int) -> tuple[bytes, str]:
    """Return the payload without its codings, those of its transfer (RFC 9112 §7) last on, and why it is cut."""
    data = payload
    for coding in reversed(codings(head)):
        decoded = bytearray()
        try:
            for piece in without_coding(coding, _pieces(data)):
                decoded += piece
                demand_size(len(decoded), limit)
        except (zlib.error, UnknownCoding) as error:
            if not decoded and data.lstrip()[:1] == b"<":
                break  # it was taken off before
            return bytes(decoded), f"its {coding[:40]} coding is damaged: {error}"
        data = bytes(decoded)
    demand_size(len(data), limit)
    return data, ""


def demand_size(size: int, limit: int) -> None:
    """Raise ContentTooLarge where there are more bytes than the limit."""
    if size > limit:
        raise ContentTooLarge(f"the page has more than {limit // (1024 * 1024):,} MB of content")


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
