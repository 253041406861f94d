"""Framing of HTTP/1.x answers: where one begins and ends (RFC 9112 §6 and §7).

A framer is fed what a connection gave, in any pieces, and names every byte: interim answer, head, framing of the
body, payload, surplus. It is independent of the HTTP client in use, so it can judge what the client made of the same
bytes; and it reads a stored answer again. It never raises: bytes that follow no rule are kept as `RAW`, and the
answer is not whole.

The payload is the body without transfer coding, with content coding: what WARC 1.1 §6.3.2 calls the payload.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from capture.heads import Field, Head, parse_fields, parse_head

__all__ = ["LONGEST_HEAD", "Framer", "Framing", "Part", "Piece", "payload"]

LONGEST_HEAD = 256 * 1024
"""Bytes of a head, of a line before a chunk, of a trailer section; what is longer is no HTTP that is meant well."""

# An empty line ends a head; lines may end in LF alone (RFC 9112 §2.2). Three characters at most: linear.
_END_OF_HEAD = re.compile(rb"\n\r?\n")

# RFC 9112 §7.1 and RFC 9110 §8.6, without the signs, prefixes and underscores that `int` takes, and bounded: no body
# has more digits. One bounded class: linear.
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}$")
_LENGTH = re.compile(rb"[0-9]{1,18}$")

_NO_BODY = frozenset({204, 304})
_SWITCHING_PROTOCOLS = 101


class Part(Enum):
    """The part of an answer that a byte belongs to."""

    INTERIM = "interim"
    """A whole 1xx answer before the final one (RFC 9110 §15.2)."""
    HEAD = "head"
    """The final answer's head with its empty line."""
    FRAMING = "framing"
    """Sizes and ends of chunks, trailers (RFC 9112 §7.1)."""
    PAYLOAD = "payload"
    """The body without transfer coding."""
    RAW = "raw"
    """What belongs to the answer and follows no rule; always up to the end."""
    SURPLUS = "surplus"
    """What came after the end of the answer."""


class Piece(NamedTuple):
    """Consecutive bytes of one part."""

    part: Part
    data: bytes


class Framing(NamedTuple):
    """The framing of an answer, known once nothing more comes."""

    head: Head | None
    """Of the final answer; None where there is none, or no whole one."""
    whole: bool
    """Whether the answer ended where its head says that it ends."""
    why: str
    """Why it is not whole, or what is strange about a whole one; empty otherwise."""
    delimiter: str
    """What ends the body: `none` (there is none), `length`, `chunked`, `close`, or empty before a head came."""
    trailers: tuple[Field, ...]
    """Fields after the last chunk (RFC 9112 §7.1.2)."""


class Framer:
    r"""Names the bytes of one answer, as they come.

    The concatenated data of all pieces is what was fed, and how it was cut into pieces changes nothing.

    >>> framer = Framer("GET")
    >>> [piece.part.value for piece in framer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]
    ['head', 'payload']
    """

    def __init__(self, method: str = "GET") -> None:
        """Begin. `method` is the request's: an answer to HEAD has no body, whatever its head says."""
        self._method = method.upper()
        self._buffer = bytearray()
        self._scanned = 0
        self._leading = True
        self._remaining = 0
        self._head: Head | None = None
        self._why = ""
        self._delimiter = ""
        self._trailer = bytearray()
        # A function, not a bound method: a framer that refers to itself would live until the next garbage collection.
        self._step: Callable[[Framer, bytes, int, list[Piece]], int] = Framer._in_head
        self._whole = False

    @property
    def head(self) -> Head | None:
        """The final answer's head, once it came."""
        return self._head

    @property
    def ended(self) -> bool:
        """Whether the answer came to its end, so that what follows is surplus."""
        return self._step == Framer._in_surplus

    @property
    def broken(self) -> bool:
        """Whether the bytes stopped to follow any rule."""
        return self._step == Framer._in_raw

    def feed(self, data: bytes) -> list[Piece]:
        """Name these bytes; those whose part is not yet known are held back. Never raises."""
        pieces: list[Piece] = []
        position = 0
        while position < len(data):
            position = self._step(self, data, position, pieces)
        return pieces

    def close(self, *, disconnected: bool = True) -> list[Piece]:
        """Name the bytes held back: nothing more comes.

        `disconnected` tells whether the other side ended the connection in good order. A body that lasts until then
        is whole only if it did.
        """
        pieces = [Piece(Part.RAW, bytes(self._buffer))] if self._buffer else []
        if self._step == Framer._until_close:
            self._whole = disconnected and not self._why
            self._why = self._why or ("" if disconnected else "the body lasts until the connection closes")
        elif self._step == Framer._in_head:
            self._why = "the head is not complete" if self._buffer else "nothing came"
        elif not self.ended and not self.broken:
            self._why = f"the connection ended inside of the body ({self._delimiter})"
        self._buffer.clear()
        return pieces

    def framing(self) -> Framing:
        """Return what was found so far; final after `close`."""
        return Framing(self._head, self._whole, self._why, self._delimiter, parse_fields(bytes(self._trailer)))

    # Each of these takes data[position:], appends pieces and returns the position up to which it has taken them.

    def _in_head(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        held = len(self._buffer)
        self._buffer += data[position:]
        # Empty lines before a status line belong to it; the end of the head is looked for after them.
        while self._leading and self._scanned < len(self._buffer):
            self._leading = self._buffer[self._scanned] in b"\r\n"
            self._scanned += self._leading
        match = None if self._leading else _END_OF_HEAD.search(self._buffer, self._scanned)
        if not match and len(self._buffer) <= LONGEST_HEAD:
            if not self._leading:  # the last two bytes may begin an end of head
                self._scanned = max(self._scanned, len(self._buffer) - 2)
            return len(data)
        end = match.end() if match else len(self._buffer)
        if end > LONGEST_HEAD:
            return self._break(f"the head is longer than {LONGEST_HEAD:,} bytes", data, len(data), pieces)
        raw = bytes(self._buffer[:end])
        head = parse_head(raw)
        if head is None:
            return self._break("the answer does not begin with a status line", data, len(data), pieces)
        self._buffer.clear()
        self._scanned, self._leading = 0, True
        if head.status // 100 == 1 and head.status != _SWITCHING_PROTOCOLS:
            pieces.append(Piece(Part.INTERIM, raw))
        else:
            pieces.append(Piece(Part.HEAD, raw))
            self._begin_body(head)
        return position + end - held

    def _begin_body(self, head: Head) -> None:
        """Decide what ends the body (RFC 9112 §6.3, its rules in its order)."""
        self._head = head
        tunnel = self._method == "CONNECT" and head.status // 100 == 2
        if self._method == "HEAD" or head.status in _NO_BODY or head.status == _SWITCHING_PROTOCOLS or tunnel:
            self._delimiter = "none"
            self._end()
            return
        # `identity` was the name of no coding at all (RFC 2616 §3.6), and some servers still say it.
        codings = [coding for coding in head.tokens("Transfer-Encoding") if coding != "identity"]
        lengths = set(head.tokens("Content-Length"))
        if codings:
            if lengths:
                self._why = "both Transfer-Encoding and Content-Length; the first counts"
            if codings[-1] == "chunked":
                self._delimiter, self._step = "chunked", Framer._in_size
            else:
                self._delimiter, self._step = "close", Framer._until_close
            if codings != ["chunked"]:
                self._why = f"unusual Transfer-Encoding: {', '.join(codings)[:100]}"
        elif lengths:
            value = next(iter(lengths)).encode("iso-8859-1")
            if len(lengths) > 1 or not _LENGTH.match(value):
                self._why = f"no one Content-Length: {', '.join(sorted(lengths))[:100]}"
                self._delimiter, self._step = "close", Framer._until_close
                return
            self._delimiter, self._step, self._remaining = "length", Framer._in_length, int(value)
            if self._remaining == 0:
                self._end()
        else:
            self._delimiter, self._step = "close", Framer._until_close

    def _end(self) -> None:
        self._whole = True
        self._step = Framer._in_surplus

    def _until_close(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        pieces.append(Piece(Part.PAYLOAD, data[position:]))
        return len(data)

    def _in_length(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        body = data[position : position + self._remaining]
        self._remaining -= len(body)
        pieces.append(Piece(Part.PAYLOAD, body))
        if not self._remaining:
            self._end()
        return position + len(body)

    def _in_size(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        position, line = self._line(data, position, pieces)
        if line is None:
            return position
        size = line.partition(b";")[0].strip(b" \t\r\n")
        if not _CHUNK_SIZE.match(size):
            self._buffer += line
            return self._break(f"{size[:20]!r} is no size of a chunk", data, position, pieces)
        pieces.append(Piece(Part.FRAMING, line))
        self._remaining = int(size, 16)
        self._step = Framer._in_chunk if self._remaining else Framer._in_trailer
        return position

    def _in_chunk(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        body = data[position : position + self._remaining]
        self._remaining -= len(body)
        pieces.append(Piece(Part.PAYLOAD, body))
        if not self._remaining:
            self._step = Framer._after_chunk
        return position + len(body)

    def _after_chunk(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        held = len(self._buffer)
        end = bytes(self._buffer) + data[position : position + 2 - held]
        if end == b"\r":
            self._buffer += end
            return position + 1
        if end[:1] == b"\n":
            end = b"\n"
        elif end != b"\r\n":
            return self._break("a chunk is longer than its size", data, position, pieces)
        pieces.append(Piece(Part.FRAMING, end))
        self._buffer.clear()
        self._step = Framer._in_size
        return position + len(end) - held

    def _in_trailer(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        position, line = self._line(data, position, pieces)
        if line is None:
            return position
        pieces.append(Piece(Part.FRAMING, line))
        if line in {b"\n", b"\r\n"}:
            self._end()
        elif len(self._trailer) + len(line) > LONGEST_HEAD:
            return self._break(f"the trailers are longer than {LONGEST_HEAD:,} bytes", data, position, pieces)
        else:
            self._trailer += line
        return position

    def _in_surplus(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        pieces.append(Piece(Part.SURPLUS, data[position:]))
        return len(data)

    def _in_raw(self, data: bytes, position: int, pieces: list[Piece]) -> int:
        pieces.append(Piece(Part.RAW, data[position:]))
        return len(data)

    def _line(self, data: bytes, position: int, pieces: list[Piece]) -> tuple[int, bytes | None]:
        """Take one line with its end, None while it has not come; breaks where it is too long to be one."""
        found = data.find(b"\n", position)
        end = found + 1 if found >= 0 else len(data)
        self._buffer += data[position:end]
        if len(self._buffer) > LONGEST_HEAD:
            return self._break(f"a line of the framing is longer than {LONGEST_HEAD:,} bytes", data, end, pieces), None
        if found < 0:
            return end, None
        line = bytes(self._buffer)
        self._buffer.clear()
        return end, line

    def _break(self, why: str, data: bytes, position: int, pieces: list[Piece]) -> int:
        """Give up: what is held back and all that follows is raw."""
        self._why = why
        if raw := bytes(self._buffer) + data[position:]:
            pieces.append(Piece(Part.RAW, raw))
        self._buffer.clear()
        self._step = Framer._in_raw
        return len(data)


def payload(answer: Iterable[bytes], method: str = "GET") -> Iterator[bytes]:
    """Yield the payload of a stored answer, transfer coding removed, content coding kept. Never raises itself."""
    framer = Framer(method)
    for data in answer:
        for piece in framer.feed(data):
            if piece.part is Part.PAYLOAD:
                yield piece.data
