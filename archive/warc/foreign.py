"""Records of a WARC or ARC file one after the other, as they lie there; what is none is named with its place.

A record is whole where its block has as many bytes as its head says and the next record, or the end, follows. Where it
is not, the search goes on with the next bytes that begin like a record: damage costs what is damaged, and no more.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from archive.errors import ArchiveError, Damaged
from archive.warc.reader import LONGEST_HEAD, RecordParser
from archive.warc.records import Fields
from archive.warc.validate import values_of

__all__ = [
    "ARC",
    "KEPT",
    "WARC",
    "BytePlace",
    "DecodedFile",
    "Dialect",
    "ForeignDamage",
    "ForeignHead",
    "ForeignReader",
    "ForeignRecord",
    "NoRecord",
    "dialect_of",
    "is_strict",
]


# A file's bytes in a row, inflated where they are gzip, with the place in the file of each of them.
#
# The file may be plain, one gzip member, or one member for each record; here that makes no difference. No chunk is
# larger than a megabyte, whatever it inflates to.


_CHUNK = 256 * 1024
_ZIPPED = 32 * 1024
"""Bytes of a gzip file that are read at once: what lies behind a member's end is copied, and most members are small."""

_DECODED_PIECE = 1024 * 1024
_RECORDS = (b"WARC/", b"filedesc:", b"http", b"dns:")
"""How records begin, of WARC and of ARC."""

_MAGIC = b"\x1f\x8b\x08"


class BytePlace(NamedTuple):
    """Where a byte lies."""

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
        self.is_gzip = beginning.startswith(_MAGIC)
        if not self.is_gzip and not beginning.lstrip().startswith(_RECORDS):
            self.is_gzip = self.next_member(1) is not None  # its first bytes are damaged
        self.seek(0)

    def seek(self, offset: int) -> None:
        """Go on at a byte of a plain file, or with the gzip member that begins there."""
        self._file.seek(offset)
        self._next = offset  # of the next byte that the file gives
        self._raw = b""
        self._inflater: zlib._Decompress | None = None
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
            found = self._data.find(wanted, self._at + searched)
            if found >= 0:
                end = found - self._at + len(wanted)
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
                found = held.find(_MAGIC)
                while found >= 0:
                    if self._inflates(offset + found):
                        return offset + found
                    found = held.find(_MAGIC, found + 1)
                offset += len(held) - len(_MAGIC) + 1
                held = held[1 - len(_MAGIC) :]
            return None
        finally:
            self._file.seek(self._next)

    def _inflates(self, offset: int) -> bool:
        back = self._file.tell()
        self._file.seek(offset)
        try:
            return zlib.decompressobj(31).decompress(self._file.read(4096), 16).startswith(_RECORDS)
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
            kept = [(0, here), *(mark for mark in marks if mark[0] > 0)]
        else:
            kept = []
        self._data, self._at, self._marks = rest + data, 0, [*kept, (len(rest), place)]
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
                self._inflater, self._member = zlib.decompressobj(31), BytePlace(begun)
            try:
                data = self._inflater.decompress(self._raw, _DECODED_PIECE)
            except zlib.error as error:
                self._break(str(error))
                return self._member, b""
            place = self._member
            if self._inflater.eof:
                self._raw, self._inflater = self._inflater.unused_data, None
            else:
                self._raw = self._inflater.unconsumed_tail
                self._member = BytePlace(place.offset, place.inner + len(data))
            if data:
                return place, data

    def _break(self, why: str) -> None:
        self.broken, self.broken_at = why, self._member.offset


# Heads of records as other software writes them: WARC of any version, and ARC. Read leniently, never changed.
#
# A head that a strict reader takes is kept to the byte. Any other one is written anew from what could be read of it,
# and the original stands in the import's description.


class ForeignHead(NamedTuple):
    """What stands before a block."""

    raw: bytes
    """To the byte, with the empty line or the line end that ends it."""
    fields: Fields
    """Of a WARC record as it says them; of an ARC record what they would be."""
    length: int
    """Bytes of the block."""

    @property
    def values(self) -> dict[str, str]:
        """The first value of each field, by its name in lower case."""
        return values_of(self.fields)


class Dialect(NamedTuple):
    """A way to write records."""

    name: str
    begins: re.Pattern[bytes]
    """How a head begins."""
    first: int
    """Bytes that hold such a beginning."""
    mark: bytes
    """What to look for in damage: the first bytes of a beginning, or the line end before it."""
    longest: int
    """Bytes of a head."""
    parse: Callable[[bytes], ForeignHead | None]
    """Read a head; None where it is none."""


# A version (WARC 1.1 §4): four characters and two numbers. Linear.
_WARC_BEGINS = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r?\n")

# Digits without sign; leading zeros are passed over. Bounded.
_LENGTH = re.compile(r"0{0,20}(\d{1,18})$", re.ASCII)

# A token and a colon (WARC 1.1 §4); blanks before the colon are some writers' mistake. Two classes without a common
# character: linear.
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})[ \t]*:(.*)$", re.ASCII | re.DOTALL)


def _parse_warc(raw: bytes) -> ForeignHead | None:
    lines = raw.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    joined: list[bytes] = []
    for line in lines[1:]:
        if line[:1] in b" \t" and joined and line.strip():
            joined[-1] += b" " + line.strip()  # a folded line (WARC 1.0 §4)
        else:
            joined.append(line)
    if any(_WARC_BEGINS.search(line + b"\n") for line in joined):
        return None  # another record begins within: this one's head was cut
    matches = (_FIELD.match(_text(line)) for line in joined)
    fields = tuple((match[1], match[2].strip()) for match in matches if match)
    length = _LENGTH.match(values_of(fields).get("content-length", ""))
    return ForeignHead(raw, fields, int(length[1])) if length else None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


# A line of ARC: address, IP, 14 digits of date, type, perhaps more, length. The parts have no blanks in them and are
# parted by one blank each; all of them are bounded: linear.
_ARC_LINE = re.compile(
    rb"((?:https?|ftp|dns|filedesc|gopher|news|nntp|whois|mailto|warcinfo|metadata):[^ \r\n]{0,8000})"
    rb" ([0-9A-Fa-f.:]{0,60}) (\d{12,17}) ([^ \r\n]{0,300})"
    rb"((?: [^ \r\n]{0,8000}){0,5}) (\d{1,18})[ \t]*\r?\n"
)


def _parse_arc(raw: bytes) -> ForeignHead | None:
    match = _ARC_LINE.fullmatch(raw)
    if match is None:
        return None
    url, address, date, kind, _, length = match.groups()
    when = _arc_date(date.decode())
    if not when:
        return None
    fields = [("WARC-Target-URI", _text(url)), ("WARC-Date", when)]
    if address not in {b"", b"0.0.0.0"}:
        fields.append(("WARC-IP-Address", address.decode()))
    return ForeignHead(raw, (*fields, ("Content-Type", _text(kind))), int(length))


def _arc_date(digits: str) -> str:
    """Return 12 to 17 digits as a WARC-Date, empty where they are no date."""
    from datetime import UTC, datetime

    try:
        when = datetime.strptime(digits[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


WARC = Dialect("warc", _WARC_BEGINS, 16, b"WARC/", LONGEST_HEAD, _parse_warc)
ARC = Dialect("arc", _ARC_LINE, 64 * 1024, b"\n", 64 * 1024, _parse_arc)


def is_strict(head: ForeignHead) -> bool:
    """Whether this head of a WARC record can be kept as it is: our own reader, which is strict, takes it."""
    parser = RecordParser("the record")
    try:
        parser.feed(head.raw)
    except Damaged:
        return False
    return parser.fields is not None


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


class ForeignDamage(NamedTuple):
    """Bytes that are no record."""

    place: BytePlace
    length: int
    """In the file; of damage within what a gzip member inflates to, in that. 0 where nobody can say."""
    message: str
    data: bytes
    """Those bytes, where they are not too many; else empty."""


class ForeignRecord(NamedTuple):
    """A record whose head was read; the scanner stands at its block."""

    place: BytePlace
    head: ForeignHead


def dialect_of(beginning: bytes) -> Dialect | None:
    """Return how the records are written, by their first bytes; None where these are none."""
    start = beginning.lstrip(b"\r\n")
    if start.startswith(b"WARC/"):
        return WARC
    return ARC if start.startswith(b"filedesc:") or ARC.begins.match(start) else None


class ForeignReader:
    """Use `next`, then `block` to its end, then `next` again; after NoRecord `skip`."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin. How the records are written is told from the first bytes; where these are damaged, WARC is meant."""
        self._bytes = DecodedFile(file)
        told = dialect_of(self._bytes.peek(9000))
        self.is_told = told is not None
        """Whether the first bytes are a record's."""
        self.dialect = told or WARC
        self._start = BytePlace(0)
        self._head: ForeignHead | None = None
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

    def next(self) -> ForeignRecord | None:
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
        return ForeignRecord(self._start, head)

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

    def skip(self, why: str) -> ForeignDamage:
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
            return ForeignDamage(start, before + count, why, b"")
        if not source.peek(1) and self._is_broken():
            return self._skip_member(start, why)
        return ForeignDamage(start, count, why, data)

    def _is_broken(self) -> bool:
        return self._bytes.broken != ""

    def _skip_member(self, start: BytePlace, why: str) -> ForeignDamage:
        source = self._bytes
        found = source.next_member(source.broken_at + 1)
        end = source.size if found is None else found
        source.seek(end)
        length = end - start.offset
        return ForeignDamage(start, length, why, source.raw(start.offset, end) if length <= KEPT else b"")

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
