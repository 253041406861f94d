"""Records of a WARC or ARC file one after the other, as they lie there; what is none is named with its place.

A record is whole where its block has as many bytes as its head says and the next record, or the end, follows. Where it
is not, the search goes on with the next bytes that begin like a record: damage costs what is damaged, and no more.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from archive.errors import ArchiveError
from archive.imports.decoded import Decoded, Place
from archive.imports.heads import ARC, WARC, Dialect, Head

__all__ = ["KEPT", "Damage", "Found", "NoRecord", "Scanner", "dialect_of"]

KEPT = 1024 * 1024
"""Bytes of damage in one place that are kept; more are counted and named."""

_PIECE = 256 * 1024

_LINE_ENDS = re.compile(rb"[\r\n]{0,8}")
"""What may stand between records: the standard says two line ends, writers say one to four."""

_END = (b"\n\n", b"\r\n\r\n")

_REWINDS = 4
"""How often the whole file may be gone back over: else a file made for it would cost the square of its length."""


class NoRecord(ArchiveError):
    """What began like a record is none, or not a whole one. The search can go on: see `Scanner.skip`."""

    code = "no-record"


class Damage(NamedTuple):
    """Bytes that are no record."""

    place: Place
    length: int
    """In the file; of damage within what a gzip member inflates to, in that. 0 where nobody can say."""
    message: str
    data: bytes
    """Those bytes, where they are not too many; else empty."""


class Found(NamedTuple):
    """A record whose head was read; the scanner stands at its block."""

    place: Place
    head: Head


def dialect_of(beginning: bytes) -> Dialect | None:
    """Return how the records are written, by their first bytes; None where these are none."""
    start = beginning.lstrip(b"\r\n")
    if start.startswith(b"WARC/"):
        return WARC
    return ARC if start.startswith(b"filedesc:") or ARC.begins.match(start) else None


class Scanner:
    """Use `next`, then `block` to its end, then `next` again; after NoRecord `skip`."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin. How the records are written is told from the first bytes; where these are damaged, WARC is meant."""
        self._bytes = Decoded(file)
        told = dialect_of(self._bytes.peek(9000))
        self.is_told = told is not None
        """Whether the first bytes are a record's."""
        self.dialect = told or WARC
        self._start = Place(0)
        self._head: Head | None = None
        self._seen: list[bytes] = []  # what was taken of the record so far, as long as it is little
        self._taken = 0
        self._rewound = 0

    @property
    def is_gzip(self) -> bool:
        """Whether the file is compressed."""
        return self._bytes.is_gzip

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._bytes.size

    @property
    def offset(self) -> int:
        """About how far it is."""
        return self._start.offset

    def next(self) -> Found | None:
        """Read the next head; None at the end. Raises NoRecord."""
        source = self._bytes
        self._skip_line_ends()
        self._start, self._head, self._seen, self._taken = source.place, None, [], 0
        if not source.peek(1):
            if source.broken:
                raise NoRecord(f"it cannot be inflated: {source.broken}")
            return None
        begins = self._begins()
        if begins is None:
            raise NoRecord("no record begins here")
        # Lines of a head end alike: what would end the other kind may stand in the block.
        end = source.find(b"\n" if self.dialect is ARC else _END[begins[0][-2:] == b"\r\n"], self.dialect.longest)
        head = self.dialect.parse(self._take(end)) if end > 0 else None
        if head is None and source.broken:
            raise NoRecord(f"it cannot be inflated: {source.broken}")
        if head is None:
            raise NoRecord("the head of a record ends nowhere or does not say how long the record is")
        if not source.is_gzip and head.length > source.size - source.place.offset:
            raise NoRecord(f"the record is cut off: {head.length:,} bytes should follow its head")
        self._head = head
        return Found(self._start, head)

    def beginning(self, size: int) -> bytes:
        """Return the first bytes of the block, without taking them; before `block` is read."""
        assert self._head is not None  # for the type checker
        return self._bytes.peek(min(size, self._head.length))

    def block(self) -> Iterator[bytes]:
        """Yield the block in pieces, then check the record's end. Raises NoRecord."""
        assert self._head is not None  # for the type checker
        left = self._head.length
        while left:
            piece = self._take(min(left, _PIECE))
            if not piece:
                why = self._bytes.broken
                raise NoRecord(f"it cannot be inflated: {why}" if why else "the record is cut off by the file's end")
            left -= len(piece)
            yield piece
        self._check_end()

    def skip(self, why: str) -> Damage:
        """Go to the next bytes that begin like a record; return what lay before them."""
        source, start = self._bytes, self._start
        if self._is_broken():
            return self._skip_member(start, why)
        before = 0
        if self._taken <= KEPT:
            source.push_back(b"".join(self._seen), start)
        elif not start.inner and self._rewound < _REWINDS * source.size:
            self._rewound += source.place.offset - start.offset
            source.seek(start.offset)
        else:  # a large record within a large member: what it swallowed is lost
            before = self._taken
        count, data = self._pass_by()
        if before:
            return Damage(start, before + count, why, b"")
        if not source.peek(1) and self._is_broken():
            return self._skip_member(start, why)
        return Damage(start, count, why, data)

    def _is_broken(self) -> bool:
        return self._bytes.broken != ""

    def _skip_member(self, start: Place, why: str) -> Damage:
        source = self._bytes
        found = source.next_member(source.broken_at + 1)
        end = source.size if found is None else found
        source.seek(end)
        length = end - start.offset
        return Damage(start, length, why, source.raw(start.offset, end) if length <= KEPT else b"")

    def _pass_by(self) -> tuple[int, bytes]:
        """Take what lies before the next record, at least one byte; return how much, and itself where it is little."""
        source, count, held = self._bytes, 0, []
        piece = source.take(1)
        while piece:
            count += len(piece)
            if count <= KEPT:
                held.append(piece)
            window = source.peek(_PIECE)
            end, found = self._look(window, at_line=piece[-1:] == b"\n" or source.at_member)
            piece = source.take(end) if end else b""
            if found:
                count += len(piece)
                held.append(piece)
                break
        return count, b"".join(held) if count <= KEPT else b""

    def _look(self, window: bytes, *, at_line: bool) -> tuple[int, bool]:
        """Return how many of these bytes come before a record that may begin there, and whether one does."""
        mark, begins = self.dialect.mark, self.dialect.begins
        if at_line and begins.match(window):
            return 0, True
        at, past = 0, len(mark) if mark == b"\n" else 0
        while (at := window.find(mark, at)) >= 0:
            if begins.match(window, at + past):
                return at + past, True
            at += 1
        # What begins at the end of the window may go on behind it.
        return (len(window) if len(window) < _PIECE else len(window) - self.dialect.first), False

    def _take(self, most: int) -> bytes:
        piece = self._bytes.take(most)
        self._taken += len(piece)
        if self._taken <= KEPT:
            self._seen.append(piece)
        else:
            self._seen.clear()
        return piece

    def _skip_line_ends(self) -> None:
        source = self._bytes
        while (ends := _LINE_ENDS.match(source.peek(8))) and ends[0]:
            source.take(len(ends[0]))

    def _check_end(self) -> None:
        """See to it that the next record or the end follows. Raises NoRecord where the length was wrong."""
        source = self._bytes
        exactly = b"\n" if self.dialect is ARC else b"\r\n\r\n"
        ends = _LINE_ENDS.match(source.peek(8))
        if ends and ends[0]:
            self._take(len(ends[0]))
        more = source.peek(1)
        if not more and self._is_broken() and source.broken_at == self._start.offset and not self._start.inner:
            raise NoRecord(f"it cannot be inflated: {source.broken}")  # its bytes are all there, and may be wrong
        # Ended as the standard says, it is whole, whatever lies behind it.
        if (ends and ends[0] == exactly) or not more or source.at_member:
            return
        if self._begins() is None:
            raise NoRecord("the record is not as long as its head says")

    def _begins(self) -> "re.Match[bytes] | None":
        return self.dialect.begins.match(self._bytes.peek(self.dialect.first))
