"""The content of an answer without its content coding, as much of it as is wanted and no more.

For looking into pages, never for keeping them. A few kilobytes of gzip can stand for gigabytes; decompression stops
at the limit, so such an answer costs no more memory than any other.
"""

import zlib
from collections.abc import Iterable, Iterator

from capture.page import Exchange

__all__ = ["beginning", "content"]

_WITH_HEADER = 47  # gzip or zlib, whichever the first bytes say
_RAW = -15
_PIECE = 64 * 1024


def content(exchange: Exchange, limit: int) -> bytes:
    """Return the first `limit` bytes of the content. Damaged coding ends it early; an unknown one gives no bytes.

    Only codings that we ask for are known: gzip and deflate (RFC 9110 §8.4.1), also one inside of the other.
    """
    data: Iterator[bytes] = exchange.payload()
    for coding in reversed(exchange.head.tokens("Content-Encoding") if exchange.head else []):
        if coding in {"gzip", "x-gzip", "deflate"}:
            data = _inflate(data)
        elif coding != "identity":
            return b""
    kept = bytearray()
    for piece in data:
        kept += piece[: limit - len(kept)]
        if len(kept) >= limit:
            break
    return bytes(kept)


def beginning(exchange: Exchange, size: int = 4096) -> bytes:
    """Return the first bytes of the content."""
    return content(exchange, size)


def _inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decompressor, first = zlib.decompressobj(_WITH_HEADER), True
    try:
        for piece in pieces:
            data = piece
            while data:
                try:
                    out = decompressor.decompress(data, _PIECE)
                except zlib.error:
                    if not first:
                        raise
                    # Some servers call a bare stream "deflate" (RFC 9110 §8.4.1.2 notes it).
                    decompressor = zlib.decompressobj(_RAW)
                    out = decompressor.decompress(data, _PIECE)
                first = False
                if out:
                    yield out
                data = decompressor.unconsumed_tail
                if decompressor.eof:
                    # Members may follow one another (RFC 1952 §2.2).
                    data = decompressor.unused_data
                    decompressor = zlib.decompressobj(_WITH_HEADER)
    except zlib.error:
        return  # what came before the damage stays
