"""Inflated bytes of a file of others, plain, gzip or Zstandard, each with its place in the file.

The file may be plain, one gzip member, or one member for each record; here that makes no difference, and a frame of
Zstandard counts as a member. No chunk is larger than some megabytes, whatever it inflates to.
"""

import zlib
from collections.abc import Iterator
from copy import copy
from typing import BinaryIO, NamedTuple

from archive.warc.frames import FRAME, FrameInflater, begins_with_frame, dictionary_of

__all__ = ["BytePlace", "DecodedFile"]

_CHUNK = 256 * 1024
_ZIPPED = 32 * 1024
"""Bytes of a gzip file that are read at once: what lies behind a member's end is copied, and most members are small."""

_DECODED_PIECE = 1024 * 1024
_CAREFUL = 256
"""Bytes that are inflated at once where the next ones may be damaged: so many at most are inflated byte by byte."""

_RECORDS = (b"warc/", b"filedesc:", b"http", b"dns:")
"""How records begin, of WARC and of ARC, in lower case."""

_MAGIC = b"\x1f\x8b\x08"


class BytePlace(NamedTuple):
    """The place of a byte in the file."""

    offset: int
    """In the file; of a byte in a gzip member, that of the member."""
    inner: int = 0
    """Bytes into what the member inflates to; 0 in a plain file."""


class DecodedFile:
    """A buffer over the bytes. What cannot be inflated ends it early; `broken` says so then."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the file's first byte."""
        self._file = file
        self.size = file.seek(0, 2)
        """Of the file, in bytes."""
        file.seek(0)
        beginning = file.read(16)
        self._next = 0
        self.is_zstandard = begins_with_frame(beginning)
        self._dictionary = dictionary_of(file) if self.is_zstandard else None
        self._last_end = 0  # of the member that `member` read to its end
        self._magic = FRAME if self.is_zstandard else _MAGIC
        self.is_gzip = beginning.startswith(_MAGIC) or self.is_zstandard
        """Whether it consists of members."""
        if not self.is_gzip and not beginning.lstrip().lower().startswith(_RECORDS):
            self.is_gzip = self.next_member(1) is not None  # its first bytes are damaged
        self.seek(0)

    def seek(self, offset: int) -> None:
        """Go on at a byte of a plain file, or with the gzip member that begins there."""
        self._file.seek(offset)
        self._next = offset  # of the next byte that the file gives
        self._raw = b""
        self._inflater: zlib._Decompress | FrameInflater | None = None
        self._member = BytePlace(offset)
        self._data = b""
        self._at = 0
        self._marks: list[tuple[int, BytePlace]] = []
        self.broken = ""
        """Why the member that comes next cannot be inflated; empty as long as nothing is wrong."""
        self.broken_at = 0
        """Where that member begins."""

    @property
    def place(self) -> BytePlace:
        """Where the next byte lies."""
        if self._at == len(self._data) and not self._more():
            return BytePlace(self.broken_at if self.broken else self.size)
        index, place = next(mark for mark in reversed(self._marks) if mark[0] <= self._at)
        passed = self._at - index
        return BytePlace(place.offset, place.inner + passed) if self.is_gzip else BytePlace(place.offset + passed)

    @property
    def at_member(self) -> bool:
        """Whether the next byte is the first one of a gzip member."""
        return self.is_gzip and self.place.inner == 0

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them; fewer where there are no more."""
        while len(self._data) - self._at < size and self._more():
            pass
        return self._data[self._at : self._at + size]

    def take(self, most: int) -> bytes:
        """Return bytes, at most so many; none at the end."""
        if self._at == len(self._data) and not self._more():
            return b""
        piece = self._data[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def find(self, wanted: bytes, limit: int) -> int:
        """Return where these bytes end, counted from the next byte; -1 where they are not within the limit."""
        searched = 0
        while True:
            at = self._data.find(wanted, self._at + searched)
            if at >= 0:
                end = at - self._at + len(wanted)
                return end if end <= limit else -1
            held = len(self._data) - self._at
            if held > limit or not self._more():
                return -1
            searched = max(0, held - len(wanted) + 1)

    def push_back(self, data: bytes, place: BytePlace) -> None:
        """Let bytes come again, the first of which lies at this place."""
        rest = self._data[self._at :]
        moved = [(max(index - self._at, 0) + len(data), where) for index, where in self._marks]
        here = self.place if rest else None
        self._data, self._at = data + rest, 0
        self._marks = [(0, place)]
        if here is not None:
            self._marks += [(len(data), here), *(mark for mark in moved if mark[0] > len(data))]

    def raw(self, start: int, end: int) -> bytes:
        """Return bytes of the file itself; the position stays."""
        self._file.seek(start)
        data = self._file.read(end - start)
        self._file.seek(self._next)
        return data

    def next_member(self, offset: int) -> int | None:
        """Return where a gzip member begins, from this offset on, that inflates to the beginning of a record."""
        held = b""
        self._file.seek(offset)
        try:
            while data := self._file.read(_CHUNK):
                held += data
                at = held.find(self._magic)
                while at >= 0:
                    if self._inflates(offset + at):
                        return offset + at
                    at = held.find(self._magic, at + 1)
                offset += len(held) - len(self._magic) + 1
                held = held[1 - len(self._magic) :]
            return None
        finally:
            self._file.seek(self._next)

    def _inflates(self, offset: int) -> bool:
        back = self._file.tell()
        self._file.seek(offset)
        try:
            if not self.is_zstandard:
                return zlib.decompressobj(31).decompress(self._file.read(4096), 16).lower().startswith(_RECORDS)
            frame, data, found = self._new_inflater(), self._file.read(_CHUNK), b""  # a block may have 128 KB
            while data and not frame.eof and not found:
                found, data = frame.decompress(data), frame.unconsumed_tail
            return found.lower().startswith(_RECORDS)
        except zlib.error:
            return False
        finally:
            self._file.seek(back)

    def _more(self) -> bool:
        """Get more bytes; return whether there are any."""
        if self.broken:
            return False
        if not self.is_gzip:
            place, data = BytePlace(self._next), self._file.read(_CHUNK)
            self._next += len(data)
        else:
            place, data = self._inflate()
        if not data:
            return False
        rest = self._data[self._at :]
        marks = [(max(index - self._at, 0), where) for index, where in self._marks]
        if rest:
            index, where = next(mark for mark in reversed(self._marks) if mark[0] <= self._at)
            passed = self._at - index
            here = BytePlace(where.offset, where.inner + passed) if self.is_gzip else BytePlace(where.offset + passed)
            before = [(0, here), *(mark for mark in marks if mark[0] > 0)]
        else:
            before = []
        self._data, self._at, self._marks = rest + data, 0, [*before, (len(rest), place)]
        return True

    def _inflate(self) -> tuple[BytePlace, bytes]:
        """Return the next piece of what the members hold, and its place; nothing at the end or where one is broken."""
        while True:
            if not self._raw:
                self._raw = self._file.read(_ZIPPED)
                self._next += len(self._raw)
                if not self._raw:
                    if self._inflater is not None:
                        self._break("the file ends before it does")
                    return self._member, b""
            if self._inflater is None:
                begun = self._next - len(self._raw)
                if not self._raw.strip(b"\0"):  # padding of tapes and block devices
                    self._raw = b""
                    continue
                self._inflater, self._member = self._new_inflater(), BytePlace(begun)
            place = self._member
            try:
                data = self._inflater.decompress(self._raw, _DECODED_PIECE)
            except zlib.error as error:
                self._break(str(error))
                return place, self._before_damage(place)
            if self._inflater.eof:
                self._raw, self._inflater = self._inflater.unused_data, None
            else:
                self._raw = self._inflater.unconsumed_tail
                self._member = BytePlace(place.offset, place.inner + len(data))
            if data:
                return place, data

    def _new_inflater(self) -> "zlib._Decompress | FrameInflater":
        return FrameInflater(self._dictionary) if self.is_zstandard else zlib.decompressobj(31)

    def _before_damage(self, place: BytePlace) -> bytes:
        """Return what a damaged member inflates to from a place on: zlib gives nothing of the piece it fails in."""
        if self.is_zstandard:  # that gives whole blocks alone, and they are there already
            return b""
        self._file.seek(place.offset)
        inflater, raw, passed, found = zlib.decompressobj(31), b"", 0, bytearray()
        try:
            while passed < place.inner and (raw := raw or self._file.read(_ZIPPED)):
                passed += len(inflater.decompress(raw, place.inner - passed))
                raw = inflater.unconsumed_tail
            step = _CAREFUL
            while not inflater.eof and (raw := raw or self._file.read(_ZIPPED)):
                before = inflater.copy()
                try:
                    found += inflater.decompress(raw, step)
                    raw = inflater.unconsumed_tail
                except zlib.error:
                    if step == 1:
                        raise
                    inflater, step = before, 1
        except zlib.error:
            pass
        self._file.seek(self._next)
        return bytes(found)

    def again(self, place: BytePlace) -> Iterator[bytes]:
        """Yield the bytes from a place on, to the end or as far as they can be inflated; the position stays."""
        other = copy(self)
        other.seek(place.offset)
        left = place.inner
        try:
            while left > 0 and (piece := other.take(left)):
                left -= len(piece)
            while piece := other.take(_CHUNK):
                yield piece
        finally:
            self._file.seek(self._next)

    def member(self, offset: int) -> Iterator[bytes]:
        """Yield what the member at an offset inflates to, and only that; the position stays.

        Raises zlib.error where it is damaged, EOFError where the file ends before it does.
        """
        inflater, raw, at = self._new_inflater(), b"", offset
        while not inflater.eof:
            if not raw:
                raw = self.raw(at, at + _ZIPPED)
                at += len(raw)
                if not raw:
                    raise EOFError("the file ends before it does")
            if piece := inflater.decompress(raw, _DECODED_PIECE):
                yield piece
            raw = inflater.unconsumed_tail
        self._last_end = at - len(inflater.unused_data)

    def member_end(self, offset: int) -> int | None:
        """Return where the member at an offset ends; None where it is damaged. The position stays."""
        try:
            for _ in self.member(offset):
                pass
        except (zlib.error, EOFError):
            return None
        return self._last_end

    def _break(self, why: str) -> None:
        self.broken, self.broken_at = why, self._member.offset
