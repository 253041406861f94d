"""Heads of records as other software writes them: WARC of any version, and ARC. Read leniently, never changed.

A head that a strict reader takes is kept to the byte. Any other one is written anew from what could be read of it, and
the original stands in the import's description.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.errors import Damaged
from archive.verify_fields import values_of
from archive.warc.reader import LONGEST_HEAD, RecordParser
from archive.warc.records import Fields

__all__ = ["ARC", "WARC", "Dialect", "Head", "is_strict"]


class Head(NamedTuple):
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
    parse: Callable[[bytes], Head | None]
    """Read a head; None where it is none."""


# A version (WARC 1.1 §4): four characters and two numbers. Linear.
_WARC_BEGINS = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r?\n")

# Digits without sign; leading zeros are passed over. Bounded.
_LENGTH = re.compile(r"0{0,20}(\d{1,18})$", re.ASCII)

# A token and a colon (WARC 1.1 §4); blanks before the colon are some writers' mistake. Two classes without a common
# character: linear.
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})[ \t]*:(.*)$", re.ASCII | re.DOTALL)


def _parse_warc(raw: bytes) -> Head | None:
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
    return Head(raw, fields, int(length[1])) if length else None


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


def _parse_arc(raw: bytes) -> Head | None:
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
    return Head(raw, (*fields, ("Content-Type", _text(kind))), int(length))


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


def is_strict(head: Head) -> bool:
    """Whether this head of a WARC record can be kept as it is: our own reader, which is strict, takes it."""
    parser = RecordParser("the record")
    try:
        parser.feed(head.raw)
    except Damaged:
        return False
    return parser.fields is not None
