"""Lenient reading of WARC and ARC files of others.

Records come one after the other, as they lie there; what is none is named with its place. A record is whole where its
block has as many bytes as its head says and the next record, or the end, follows. Where it is not, the search goes on
with the next bytes that begin like a record: damage costs what is damaged, and no more.

The work is shared with warcio. warcio parses the heads (`archive.warc.heads`), because it knows the habits of many
writers. Ours are the rest, because warcio's iterator

- ends a file at its first damage, and passes over a cut tail in silence (warcio#138), where we go on behind it;
- gives neither a head nor a block to the byte, and an import keeps both so;
- refuses WARC 1.2 and a file that is one gzip member, and reads no HTTP under an address that begins with `HTTP://`;
- dies of a payload in brotli (warcio#73), so that contents are decoded by `archive.warc.content`.

Beside this module: `inflate` has the bytes of the file, `heads` the heads, `content` what an answer holds without its
codings, `pages` the predicate for "this record is a page", `wacz` the zip that a WACZ is, `files` all of it together.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from archive.errors import ArchiveError
from archive.warc.heads import ARC, WARC, ForeignHead, dialect_of, warc_fields
from archive.warc.inflate import BytePlace, DecodedFile
from archive.warc.records import Fields

__all__ = ["LARGEST_DAMAGE", "ForeignDamage", "ForeignReader", "ForeignRecord", "NoRecord"]

LARGEST_DAMAGE = 1024 * 1024
"""Bytes of damage in one place that are handed over; of more, only the place and the length are."""

_PIECE = 256 * 1024

_LINE_ENDS = re.compile(rb"[\r\n]{0,8}")
"""What may stand between records: the standard says two line ends, writers say one to four."""

_LINE_ENDS_AT_END = re.compile(rb"(?:\r{0,2}\n){1,2}$")
"""The end of a record, in the last bytes of what a gzip member holds: two line ends or one. Bounded: linear."""
_LONGEST_END = 6

_FEW = 64
"""Bytes by which a length may be wrong and still be meant: writers that count line ends otherwise than they write them
err by one or two for each line of an HTTP head."""

_REWINDS = 4
"""How often the whole file may be gone back over: else a file made for it would cost the square of its length."""


class NoRecord(ArchiveError):
    """No whole record lies here. The search can go on: see `ForeignReader.skip`."""

    code = "no-record"


class ForeignDamage(NamedTuple):
    """Bytes that are no record."""

    place: BytePlace
    length: int
    """In the file; of damage within what a gzip member inflates to, in that. 0 where nobody can say."""
    message: str
    data: bytes
    """Those bytes, where they are not too many; else empty."""
    head: ForeignHead | None = None
    """Of the record that begins there, where nothing else does: the file's end or damage cuts it off. What there is of
    its block, `ForeignReader.odd_block` gives."""
    is_member: bool = False
    """Whether it is not cut off, but alone and whole in its gzip member: only its length is missing or wrong."""
    block_size: int = -1
    """Bytes of its block, where it is not cut off either, but its length is wrong by a few bytes: the next record, or
    the end of the file, tells where it ends. Else -1."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the record is there."""
        return self.is_member or self.block_size >= 0


class ForeignRecord(NamedTuple):
    """A record whose head was read; the reader stands at its block."""

    place: BytePlace
    head: ForeignHead


class ForeignReader:
    """Reads one WARC or ARC file record by record: `walk` does all of it.

    By hand: `next`, then `block` to its end, then `next` again; after NoRecord `skip`.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Begin. The first bytes tell how records are written; where these are damaged, WARC is assumed."""
        self._bytes = DecodedFile(file)
        dialect = dialect_of(self._bytes.peek(9000))
        self.begins_with_record = dialect is not None
        """Whether the first bytes of the file are a record's."""
        self.dialect = dialect or WARC
        self._start = BytePlace(0)
        self._head: ForeignHead | None = None
        self._seen: list[bytes] = []  # what was taken of the record so far, as long as it is little
        self._taken = 0
        self._rewound = 0
        self._is_broken_off = False  # whether what was skipped last ended with a member that cannot be inflated
        self.ended_exactly = True
        """Whether the block that was read last is followed by the line ends that the standard says (WARC 1.1 §4)."""
        self.splits_line_end = False
        """Whether its length ends between the two bytes of a line end: then it is wrong."""

    @property
    def is_gzip(self) -> bool:
        """Whether the file consists of gzip members, or of frames of Zstandard."""
        return self._bytes.is_gzip

    @property
    def is_zstandard(self) -> bool:
        """Whether it consists of frames."""
        return self._bytes.is_zstandard

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._bytes.size

    @property
    def offset(self) -> int:
        """About how far it is, in bytes of the file."""
        return self._start.offset

    @property
    def place(self) -> BytePlace:
        """Where the next byte lies; behind a record that was read, where the next one begins."""
        return self._bytes.place

    def seek(self, place: BytePlace) -> None:
        """Go to a record whose place is known; what was read of its gzip member is not inflated again."""
        here = self._bytes.place
        if self._is_broken() or not (self.is_gzip and here.offset == place.offset and here.inner <= place.inner):
            self._bytes.seek(place.offset)
            here = BytePlace(place.offset)
        left = place.inner - here.inner
        while left > 0 and (piece := self._bytes.take(left)):
            left -= len(piece)

    def next(self) -> ForeignRecord | None:
        """Read the next head; None at the end. Raises NoRecord."""
        source = self._bytes
        self._skip_line_ends()
        self._start, self._head, self._seen, self._taken = source.place, None, [], 0
        if not source.peek(1):
            if source.broken:
                raise NoRecord(f"it cannot be inflated: {source.broken}")
            return None
        if not self._begins():
            raise NoRecord("no record begins here")
        end = source.find(self._head_end(), self.dialect.longest)
        head = self.dialect.parse(self._take(end)) if end > 0 else None
        if head is None and source.broken:
            raise NoRecord(f"it cannot be inflated: {source.broken}")
        if head is None:
            raise NoRecord("the head of a record ends nowhere")
        self._head = head
        if head.length < 0:
            raise NoRecord("the head of a record does not say how long the record is")
        if not source.is_gzip and head.length > source.size - source.place.offset:
            raise NoRecord(f"the record is cut off: {head.length:,} bytes should follow its head")
        return ForeignRecord(self._start, head)

    def beginning(self, size: int) -> bytes:
        """Return the first bytes of the block, without taking them; before `block` is read."""
        assert self._head is not None  # for the type checker
        return self._bytes.peek(min(size, self._head.length))

    def warc_fields(self, beginning: bytes) -> Fields:
        """Return the fields of the record as WARC has them; `beginning` are the first bytes of its block."""
        assert self._head is not None  # for the type checker
        return warc_fields(self.dialect, self._head, beginning)

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

    def pass_block(self) -> None:
        """Read the block to its end and forget it. Raises NoRecord."""
        for _ in self.block():
            pass

    def walk(self, take: Callable[[ForeignRecord], None]) -> Iterator[ForeignDamage | None]:
        """Give each record to `take`, which reads its block; yield after each, and the damage between them."""
        while True:
            damage = None
            try:
                record = self.next()
                if record is None:
                    return
                take(record)
            except NoRecord as error:
                damage = self.skip(str(error))
            yield damage

    def skip(self, why: str) -> ForeignDamage:
        """Go to the next bytes that begin like a record; return what lay before them."""
        head, damage = self._head, self._skip(why)
        self._head = None
        if head is not None and not self._is_broken_off and self._is_alone(damage.place):
            return damage._replace(head=head, is_member=True)
        if head is not None and not self._is_broken_off and (size := self._near_size(head, damage)) >= 0:
            return damage._replace(head=head, block_size=size)
        # What another record follows was not cut off, but has a wrong length; or it is no record at all.
        is_cut = self._is_broken_off or not self._bytes.peek(1)
        return damage._replace(head=head) if is_cut else damage

    def _near_size(self, head: ForeignHead, damage: ForeignDamage) -> int:
        """Return how many bytes the block of a record has whose length is wrong by a few; -1 where it is not."""
        if self.dialect is ARC or head.length < 0 or not damage.data.startswith(head.raw):
            return -1
        ends = _LINE_ENDS_AT_END.search(damage.data[-_LONGEST_END:])
        size = len(damage.data) - len(head.raw) - (len(ends[0]) if ends else 0)
        if not self._bytes.peek(1) and (size < head.length or not ends):
            return -1  # the file's end cuts it off
        return size if size >= 0 and abs(size - head.length) <= _FEW else -1

    def _is_alone(self, place: BytePlace) -> bool:
        """Whether a record has a whole gzip member to itself, and what comes next was found behind that."""
        source = self._bytes
        if not source.is_gzip or place.inner or (end := source.member_end(place.offset)) is None:
            return False
        if source.peek(1):
            return source.place == BytePlace(end)
        return not self._is_broken() and not source.raw(end, source.size).strip(b"\0")

    def odd_record(self, place: BytePlace, block_size: int = -1) -> tuple[ForeignHead, Iterator[bytes]]:
        """Return head and block of a record whose length is wrong: of `block_size`, or all of its gzip member.

        Raises NoRecord where there is no head; reading the block, where the member is damaged.
        """
        self.seek(place)
        with suppress(NoRecord):  # for its length
            self.next()
        if self._head is None:
            raise NoRecord("no record begins here")
        damage = ForeignDamage(place, 0, "", b"", self._head, block_size < 0, block_size)
        return self._head, self.odd_block(damage)

    def _member_block(self, place: BytePlace, head: ForeignHead) -> Iterator[bytes]:
        passed, held = len(head.raw), b""
        try:
            for piece in self._bytes.member(place.offset):
                data = held + piece[passed:]
                passed -= min(passed, len(piece))
                held = data[-_LONGEST_END:]
                yield data[:-_LONGEST_END]
        except (zlib.error, EOFError) as error:
            raise NoRecord(f"it cannot be inflated: {error}") from error
        ends = _LINE_ENDS_AT_END.search(held)
        yield held[: ends.start()] if ends else held

    def odd_block(self, damage: ForeignDamage) -> Iterator[bytes]:
        """Yield what there is of the block of a record that is cut off, or all of one whose length is wrong.

        Nothing says that the bytes of one that is cut off are right.
        """
        assert damage.head is not None  # for the type checker
        if damage.is_member:
            yield from self._member_block(damage.place, damage.head)
            return
        inner = damage.place.inner if self.is_gzip else 0
        size = damage.head.length if damage.block_size < 0 else damage.block_size
        left, passed = size if size >= 0 else self.size, len(damage.head.raw)
        offset = damage.place.offset if self.is_gzip else damage.place.offset + passed
        for piece in self._bytes.again(BytePlace(offset, inner + passed if self.is_gzip else 0)):
            if not left:
                return
            yield piece[:left]
            left -= min(left, len(piece))

    def _skip(self, why: str) -> ForeignDamage:
        source, start = self._bytes, self._start
        self._is_broken_off = False
        if self._is_broken():
            return self._skip_member(start, why)
        before, passed = 0, source.place.offset - start.offset
        # What is pushed back is taken for bytes of the member that it begins in.
        is_in_member = not source.is_gzip or not passed
        if self._taken <= LARGEST_DAMAGE and (is_in_member or start.inner or self._rewound >= _REWINDS * source.size):
            source.push_back(b"".join(self._seen), start)
        elif not start.inner and self._rewound < _REWINDS * source.size:
            self._rewound += passed
            source.seek(start.offset)
        else:  # a large record within a large member: what it swallowed is lost
            before = self._taken
        count, data = self._pass_by()
        if before:
            return ForeignDamage(start, before + count, why, b"")
        if not source.peek(1) and self._is_broken():
            return self._skip_member(start, why)
        return ForeignDamage(start, count, why, data)

    def _is_broken(self) -> bool:
        return self._bytes.broken != ""

    def _skip_member(self, start: BytePlace, why: str) -> ForeignDamage:
        source = self._bytes
        self._is_broken_off = True
        following = source.next_member(source.broken_at + 1)
        end = source.size if following is None else following
        source.seek(end)
        length = end - start.offset
        return ForeignDamage(start, length, why, source.raw(start.offset, end) if length <= LARGEST_DAMAGE else b"")

    def _pass_by(self) -> tuple[int, bytes]:
        """Take what lies before the next record, at least one byte; return how much, and itself where it is little."""
        source, count, held = self._bytes, 0, []
        piece = source.take(1)
        while piece:
            count += len(piece)
            if count <= LARGEST_DAMAGE:
                held.append(piece)
            window = source.peek(_PIECE)
            end, is_record = self._look(window, at_line=piece[-1:] == b"\n" or source.at_member)
            piece = source.take(end) if end else b""
            if is_record:
                count += len(piece)
                held.append(piece)
                break
        return count, b"".join(held) if count <= LARGEST_DAMAGE else b""

    def _look(self, window: bytes, *, at_line: bool) -> tuple[int, bool]:
        """Return how many of these bytes come before a record that may begin there, and whether one does."""
        mark, begins = self.dialect.mark, self.dialect.begins
        if at_line and begins(window, 0):
            return 0, True
        at, past = 0, len(mark) if mark == b"\n" else 0
        while (at := window.find(mark, at)) >= 0:
            if begins(window, at + past):
                return at + past, True
            at += 1
        # What begins at the end of the window may go on behind it.
        return (len(window) if len(window) < _PIECE else len(window) - self.dialect.first), False

    def _take(self, most: int) -> bytes:
        piece = self._bytes.take(most)
        self._taken += len(piece)
        if self._taken <= LARGEST_DAMAGE:
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
        self.ended_exactly = ends is not None and ends[0] == exactly
        self.splits_line_end = ends is not None and ends[0] == b"\n\r\n"
        more = source.peek(1)
        if not more and self._is_broken() and source.broken_at == self._start.offset and not self._start.inner:
            raise NoRecord(f"it cannot be inflated: {source.broken}")  # its bytes are all there, and may be wrong
        is_old = self.dialect is ARC and self._seen != []
        if not more or source.at_member or self._begins():
            return
        # Ended as the standard says, it is whole, whatever lies behind it; one line end of ARC says little.
        if self.ended_exactly and not is_old:
            return
        # The lengths of old ARC files are often too short: the line says how far the record goes, and what lies behind
        # it is damage. Too long a length swallows other records.
        if is_old:
            begun = source.peek(self.dialect.longest).partition(b"\n")[0]  # the rest of a line that it ends in
            block = b"".join((*self._seen, begun, b"\n")).partition(b"\n")[2]
            if not self._look(block, at_line=True)[1]:
                return
        raise NoRecord("the record is not as long as its head says")

    def _begins(self) -> bool:
        return self.dialect.begins(self._bytes.peek(self.dialect.first), 0)

    def _head_end(self) -> bytes:
        """Return what ends the head that begins here."""
        if self.dialect is ARC:
            return b"\n"
        # Lines of a head end alike: what would end the other kind may stand in the block.
        version = self._bytes.peek(self.dialect.first).partition(b"\n")[0]
        line_end = version[len(version.rstrip(b"\r")) :] + b"\n"
        return 2 * line_end
