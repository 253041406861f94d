"""Decoded content of an answer: its content coding removed, up to a limit.

For looking into pages, never for keeping them. A few kilobytes of gzip can stand for gigabytes; decompression stops
at the limit, so such an answer costs no more memory than any other.

We ask for gzip and deflate alone. Some servers send br or zstd to everybody, and files of others are full of both, so
these are read too.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from capture.errors import BrokenContent, TooLarge
from capture.heads import Head
from capture.page import Exchange

__all__ = ["UnknownCoding", "beginning", "codings", "content", "undone", "whole", "whole_content", "without_coding"]

_WITH_HEADER = 47  # gzip or zlib, whichever the first bytes say
_RAW = -15
_PIECE = 64 * 1024
_STEP = 512
"""Bytes that are given to the decompressor of Zstandard at once: it has no limit, and makes at most 16 MB of them."""


class UnknownCoding(ValueError):
    """A content coding that nobody here can undo."""


def codings(head: Head | None) -> list[str]:
    """Return the codings of a payload, in the order in which they were applied: of its content, then of its transfer.

    `chunked` (RFC 9112 §7.1) is not among them: that is the framing, and removed with it.
    """
    if head is None:
        return []
    return [*head.tokens("Content-Encoding"), *(each for each in head.tokens("Transfer-Encoding") if each != "chunked")]


def content(exchange: Exchange, limit: int) -> bytes:
    """Return the first `limit` bytes of the content. Damaged coding ends it early; an unknown one gives no bytes.

    Known are gzip and deflate (RFC 9110 §8.4.1), br (RFC 7932) and zstd (RFC 8878), also one inside of the other.
    """
    result = bytearray()
    try:
        for piece in _decoded(exchange.payload(), codings(exchange.head), strict=False):
            result += piece[: limit - len(result)]
            if len(result) >= limit:
                break
    except UnknownCoding:
        return b""
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
        for piece in undone(payload, codings(head)):
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
    except UnknownCoding as unknown:
        raise BrokenContent(f"content in a coding that nobody here can read: {unknown}") from unknown


def beginning(exchange: Exchange, size: int = 4096) -> bytes:
    """Return the first bytes of the content."""
    return content(exchange, size)


def _decoded(data: Iterator[bytes], codings: Sequence[str], *, strict: bool) -> Iterator[bytes]:
    for coding in reversed(codings):
        data = without_coding(coding, data, strict=strict)
    return data


def without_coding(coding: str, pieces: Iterator[bytes], *, strict: bool = True) -> Iterator[bytes]:
    """Return content without one coding, piece by piece, none of them larger than 16 MB.

    What is damaged or cut raises zlib.error where `strict`, and else ends there. Raises UnknownCoding.
    """
    if coding == "identity":
        return pieces
    decode = _DECODERS.get(coding)
    if decode is None:
        raise UnknownCoding(coding[:100])
    return decode(pieces) if strict else _as_far_as_it_goes(decode(pieces))


def _as_far_as_it_goes(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except zlib.error:
        return  # what came before the damage stays


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decompressor, first = zlib.decompressobj(_WITH_HEADER), True
    ended = False  # whether a member has ended, and nothing came of another one
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


def _brotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import brotli  # type: ignore[import-untyped]

    decompressor, begun = brotli.Decompressor(), False
    try:
        for piece in pieces:
            if decompressor.is_finished():
                return  # what follows is none of it
            begun = begun or bool(piece)
            out = decompressor.process(piece, output_buffer_limit=_PIECE)
            while out or not (decompressor.is_finished() or decompressor.can_accept_more_data()):
                yield out
                out = b"" if decompressor.is_finished() else decompressor.process(b"", output_buffer_limit=_PIECE)
    except brotli.error as error:
        raise zlib.error(str(error)) from error
    if begun and not decompressor.is_finished():
        raise zlib.error("it ends too early")


def _zstandard(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    new_frame = zstandard.ZstdDecompressor().decompressobj
    frame, ended, frames = new_frame(), True, 0
    for piece in pieces:
        at = 0
        while at < len(piece):
            step = piece[at : at + _STEP]
            at += len(step)
            try:
                out = frame.decompress(step)
            except zstandard.ZstdError as error:
                if ended and frames:
                    return  # what follows the last frame is none
                raise zlib.error(str(error)) from error
            ended = frame.eof
            if ended:  # frames may follow one another (RFC 8878 §3)
                frames += 1
                at -= len(frame.unused_data)
                frame = new_frame()
            if out:
                yield out
    if not ended:
        raise zlib.error("it ends too early")


_DECODERS: Mapping[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _inflated,
    "br": _brotli,
    "zstd": _zstandard,
}
