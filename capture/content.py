"""Decoded content of an answer: its content coding removed, up to a limit.

For looking into pages, never for keeping them. A few kilobytes of gzip can stand for gigabytes; decompression stops
at the limit, so such an answer costs no more memory than any other.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence

from capture.errors import BrokenContent, TooLarge
from capture.heads import Head
from capture.page import Exchange

__all__ = ["beginning", "content", "inflated", "undone", "whole", "whole_content"]

_WITH_HEADER = 47  # gzip or zlib, whichever the first bytes say
_RAW = -15
_PIECE = 64 * 1024
_ZIPPED = frozenset(("gzip", "x-gzip", "deflate"))


def content(exchange: Exchange, limit: int) -> bytes:
    """Return the first `limit` bytes of the content. Damaged coding ends it early; an unknown one gives no bytes.

    Only codings that we ask for are known: gzip and deflate (RFC 9110 §8.4.1), also one inside of the other.
    """
    data = _decoded(exchange.payload(), _codings(exchange.head), strict=False)
    result = bytearray()
    for piece in data:
        result += piece[: limit - len(result)]
        if len(result) >= limit:
            break
    return bytes(result)


def whole_content(exchange: Exchange, limit: int) -> bytes:
    """Return the content, for those who will make something of it: all of it or nothing.

    Raises BrokenContent where its coding is damaged, cut or unknown, TooLarge where it has more bytes than the limit.
    """
    return whole(exchange.head, exchange.payload(), exchange.url, limit)


def whole(head: Head | None, payload: Iterable[bytes], url: str, limit: int) -> bytes:
    """Return the content of a payload that came with this head; see `whole_content`."""
    result = bytearray()
    try:
        for piece in undone(payload, _codings(head)):
            result += piece
            if len(result) > limit:
                raise TooLarge(f"{url} has more than {limit:,} bytes of content")
    except BrokenContent as error:
        raise BrokenContent(f"{url} sent {error}") from error
    return bytes(result)


def undone(pieces: Iterable[bytes], codings: Sequence[str]) -> Iterator[bytes]:
    """Yield content without its codings, which are named as in Content-Encoding.

    Raises BrokenContent where a coding is damaged, cut or unknown.
    """
    try:
        yield from _decoded(iter(pieces), codings, strict=True)
    except zlib.error as error:
        raise BrokenContent(f"content that cannot be decompressed: {error}") from error


def beginning(exchange: Exchange, size: int = 4096) -> bytes:
    """Return the first bytes of the content."""
    return content(exchange, size)


def _codings(head: Head | None) -> Sequence[str]:
    return head.tokens("Content-Encoding") if head else []


def _decoded(data: Iterator[bytes], codings: Sequence[str], *, strict: bool) -> Iterator[bytes]:
    """Return the content in pieces; nothing of an unknown coding, for which `strict` raises BrokenContent."""
    for coding in reversed(codings):
        if coding in _ZIPPED:
            data = inflated(data, strict=strict)
        elif coding != "identity":
            if strict:
                raise BrokenContent(f"content in a coding that nobody asked for: {coding[:100]}")
            return iter(())
    return data


def inflated(pieces: Iterable[bytes], *, strict: bool) -> Iterator[bytes]:
    """Yield what the pieces inflate to; `strict` raises zlib.error for what is damaged or cut."""
    decompressor, first = zlib.decompressobj(_WITH_HEADER), True
    ended = False  # whether a member has ended, and nothing came of another one
    try:
        for piece in pieces:
            data = piece
            while data:
                try:
                    out = decompressor.decompress(data, _PIECE)
                except zlib.error:
                    if ended:
                        return  # what follows the last member is none; browsers pass it by
                    if not first:
                        raise
                    # Some servers call a bare stream "deflate" (RFC 9110 §8.4.1.2 notes it).
                    decompressor = zlib.decompressobj(_RAW)
                    out = decompressor.decompress(data, _PIECE)
                first = False
                if out:
                    ended = False
                    yield out
                data = decompressor.unconsumed_tail
                if decompressor.eof:
                    # Members may follow one another (RFC 1952 §2.2).
                    data, ended = decompressor.unused_data, True
                    decompressor = zlib.decompressobj(_WITH_HEADER)
        if not first and not ended:
            raise zlib.error("it ends too early")
    except zlib.error:
        if strict:
            raise
        return  # what came before the damage stays
