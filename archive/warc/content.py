"""Decoded content of HTTP answers in files of others: transfer and content codings removed.

Some writers take a coding off and leave the field that names it; then the content is what lies there.
"""

import zlib
from collections.abc import Iterable, Iterator

from archive.errors import ArchiveError
from capture.content import inflated
from capture.framing import Framer, Part
from capture.heads import Head

__all__ = ["ContentTooLarge", "content_of", "demand_size"]

_PIECE = 256 * 1024
_ZIPPED = frozenset(("gzip", "x-gzip", "deflate"))


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
    codings = (*head.tokens("Content-Encoding"), *head.tokens("Transfer-Encoding"))
    for coding in reversed(codings):
        if coding in {"identity", "chunked"}:
            continue
        decoded = bytearray()
        try:
            for piece in _undone(coding, data):
                decoded += piece
                demand_size(len(decoded), limit)
        except _BROKEN as error:
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


class _NoCoding(ValueError):
    """A coding that nobody knows, or bytes that are not in it."""


_BROKEN = (zlib.error, _NoCoding)


def _undone(coding: str, data: bytes) -> Iterable[bytes]:
    if coding in _ZIPPED:
        return inflated(_pieces(data), strict=True)
    if coding == "br":
        return _brotli(data)
    if coding == "zstd":
        return _zstandard(data)
    raise _NoCoding(coding)


def _brotli(data: bytes) -> Iterator[bytes]:
    import brotli  # type: ignore[import-untyped]

    decompressor = brotli.Decompressor()
    try:
        piece = decompressor.process(data, output_buffer_limit=_PIECE)
        while piece:
            yield piece
            piece = b"" if decompressor.is_finished() else decompressor.process(b"", output_buffer_limit=_PIECE)
        if not decompressor.is_finished():
            raise _NoCoding("it ends too early")
    except brotli.error as broken:
        raise _NoCoding(str(broken)) from broken


def _zstandard(data: bytes) -> Iterator[bytes]:
    import zstandard

    size = 0
    try:
        expected = max(1, zstandard.frame_content_size(data))  # -1 where the frame does not say
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
            while piece := reader.read(_PIECE):
                size += len(piece)
                yield piece
        if size < expected:
            raise _NoCoding("it ends too early")
    except zstandard.ZstdError as broken:
        raise _NoCoding(str(broken)) from broken


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
