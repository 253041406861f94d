"""Lenient parsing of record heads that other software wrote: WARC of any version, and ARC.

warcio parses the lines: it knows folded fields, bytes that are no UTF-8, and the lines of ARC files with dashes for
what nobody knew or with blanks in an address. What is here tells where a head begins, hands its bytes over, and keeps
them: a record is stored with its head as it came.
"""

import re
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import quote

from archive.dates import read_record_date
from archive.errors import Damaged
from archive.warc.reader import LONGEST_HEAD, RecordParser
from archive.warc.records import UNSAFE_VALUE, Fields
from archive.warc.validate import values_of

__all__ = ["ARC", "WARC", "Dialect", "ForeignHead", "dialect_of", "head_fault", "is_strict", "warc_fields"]


class ForeignHead(NamedTuple):
    """The head of a record, as other software wrote it."""

    raw: bytes
    """To the byte, with the empty line or the line end that ends it."""
    fields: Fields
    """Of a WARC record as it says them; of an ARC record what they would be, see `warc_fields`."""
    length: int
    """Bytes of the block; -1 where a WARC record does not say."""

    @property
    def values(self) -> dict[str, str]:
        """The first value of each field, by its name in lower case."""
        return values_of(self.fields)


class Dialect(NamedTuple):
    """A way to write records."""

    name: str
    """`warc` or `arc`."""
    begins: Callable[[bytes, int], bool]
    """Whether a head begins at a position of these bytes, which hold at least `first` bytes from there on."""
    first: int
    """Bytes that hold such a beginning."""
    mark: bytes
    """What to look for in damage: the first bytes of a beginning, or the line end before it."""
    longest: int
    """Bytes of a head."""
    parse: Callable[[bytes], ForeignHead | None]
    """Read a head; None where it is none."""


# A version (WARC 1.1 §4): four characters and two numbers. Some writers use small letters, or end lines with CR CR LF.
# Linear.
_VERSION = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r{0,2}\n", re.IGNORECASE)

# Such a line at the end of another one. Linear.
_CUT = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r{0,2}\n")

# A line of blanks: it ends no head, but warcio takes it for the end. Single class, bounded by the line: linear.
_BLANK = re.compile(rb"\n[ \t][ \t\r]*(?=\n)")

# Digits without sign; leading zeros are passed over. Bounded.
_LENGTH = re.compile(r"0{0,20}(\d{1,18})$", re.ASCII)

# A token (WARC 1.1 §4). One bounded class: linear.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$", re.ASCII)


def _begins_warc(data: bytes, at: int) -> bool:
    return _VERSION.match(data, at) is not None


@cache
def _warcio() -> tuple[Any, Any]:
    """Return warcio's parsers of WARC heads and of ARC lines; loaded late, because cleaning snapshots needs neither."""
    from warcio.recordloader import ARCHeadersParser
    from warcio.statusandheaders import StatusAndHeadersParser

    return StatusAndHeadersParser([], verify=False), ARCHeadersParser()


def _parse_warc(raw: bytes) -> ForeignHead | None:
    if _CUT.search(raw, raw.index(b"\n")):
        return None  # another record begins within: this one's head was cut
    parsed = _warcio()[0].parse(BytesIO(_BLANK.sub(b"", raw)))
    fields = tuple((name, value.strip()) for name, value in parsed.headers if _NAME.match(name))
    values = values_of(fields)
    length = _LENGTH.match(values.get("content-length", ""))
    if length is None and "warc-type" not in values:
        return None
    return ForeignHead(raw, fields, int(length[1]) if length else -1)


# The beginning of a line of ARC: the scheme of an address. Bounded.
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,20}:")
_FILEDESC = b"filedesc:"
_LONGEST_LINE = 64 * 1024

# What the parts of such a line must be. Single bounded classes: linear.
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{0,60}$", re.ASCII)
_DIGITS = re.compile(r"\d{8,17}$", re.ASCII)

# A line of ARC version 2, or one with blanks in its type, which warcio reads from the wrong end: address, IP, date,
# type, up to five more parts, length. The parts have no blanks in them and are parted by one blank each, and all of
# them are bounded: linear.
_LONG_LINE = re.compile(
    r"([^ \r\n]{1,8000}) ([0-9A-Fa-f.:]{0,60}|-) (\d{8,17}) ([^ \r\n]{0,300})(?: [^ \r\n]{0,8000}){1,5} (\d{1,18})$",
    re.ASCII,
)


def _begins_arc(data: bytes, at: int) -> bool:
    if not _SCHEME.match(data, at):
        return False
    if data.startswith(_FILEDESC, at):
        return True
    end = data.find(b"\n", at, at + _LONGEST_LINE)
    return end >= 0 and _parse_arc(data[at : end + 1]) is not None


def _parse_arc(raw: bytes) -> ForeignHead | None:
    parts = _arc_parts(raw)
    if parts is None:
        return None
    url, address, date, kind, length = parts
    fields = [("WARC-Target-URI", url)]
    if when := _arc_date(date):
        fields.append(("WARC-Date", when))
    if _ADDRESS.match(address) and address not in {"", "0.0.0.0"}:
        fields.append(("WARC-IP-Address", address))
    return ForeignHead(raw, (*fields, ("Content-Type", kind)), length)


def _arc_parts(raw: bytes) -> tuple[str, str, str, str, int] | None:
    """Return address, IP, date, type and length of a line of ARC; None where it is no such line."""
    from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

    try:
        parsed = _warcio()[1].parse(BytesIO(raw))
    except (StatusAndHeadersParserException, EOFError):
        return None
    url, address, date, kind, length = (value.strip() for _, value in parsed.headers)
    is_head = raw.startswith(_FILEDESC)
    says = _LENGTH.match(length)
    is_line = says is not None and (_ADDRESS.match(address) is not None or address == "-")
    if says and (is_head or (is_line and _DIGITS.match(date))):
        return url, address, date, kind, int(says[1])
    line = StatusAndHeadersParser.decode_header(raw).rstrip()
    if match := _LONG_LINE.match(line):
        return match[1], match[2], match[3], match[4], int(match[5])
    if says and is_line and date == "-":
        return url, address, date, kind, int(says[1])
    return None


def _arc_date(digits: str) -> str:
    """Return the date of a line of ARC as a WARC-Date; empty where it is none."""
    found = read_record_date(digits) if len(digits) >= 8 else None
    return found.text if found else ""


WARC = Dialect("warc", _begins_warc, 16, b"WARC/", LONGEST_HEAD, _parse_warc)
ARC = Dialect("arc", _begins_arc, _LONGEST_LINE, b"\n", _LONGEST_LINE, _parse_arc)


def dialect_of(beginning: bytes) -> Dialect | None:
    """Return how the records are written, by their first bytes; None where these are none."""
    start = beginning.lstrip(b"\r\n")
    if start[:5].upper() == b"WARC/":
        return WARC
    return ARC if _begins_arc(start, 0) else None


def is_strict(head: ForeignHead) -> bool:
    """Whether this head of a WARC record can be kept as it is: our own reader, which is strict, takes it."""
    return not _fault(head.raw)


def head_fault(head: ForeignHead) -> str:
    """Return the fault that a strict reader finds in a WARC head of any version; empty where there is none."""
    return _fault(
        _VERSION.sub(lambda match: b"WARC/1.1" + (b"\r\n" if b"\r" in match[0] else b"\n"), head.raw, count=1)
    )


def _fault(raw: bytes) -> str:
    parser = RecordParser("the record")
    try:
        parser.feed(raw)
    except Damaged as error:
        return str(error)
    return "" if parser.fields is not None else "the record does not begin with a WARC head"


def warc_fields(dialect: Dialect, head: ForeignHead, beginning: bytes) -> Fields:
    """Return the fields of a record as WARC has them; `beginning` are the first bytes of its block.

    A WARC record has them already. An ARC record is a `response` where its block is a message of HTTP, else a
    `resource`, and `metadata` where it describes the file; it has neither identifier nor length, and no WARC-Date where
    its line has none.
    """
    if dialect is WARC:
        return head.fields
    values = head.values
    url = values["warc-target-uri"]
    kind, uri, content_type = "resource", _as_uri(url), UNSAFE_VALUE.sub("", values["content-type"]).strip()
    if url.startswith("filedesc:"):
        kind, uri, content_type = "metadata", "urn:arc:" + _as_uri(url), "text/plain"
    elif beginning.startswith(b"HTTP/") and url[:4].lower() == "http":
        kind, content_type = "response", "application/http; msgtype=response"
    fields = (
        ("WARC-Type", kind),
        ("WARC-Date", values.get("warc-date", "")),
        ("WARC-Target-URI", uri),
        ("WARC-IP-Address", values.get("warc-ip-address", "") if kind == "response" else ""),
        ("Content-Type", content_type),
    )
    return tuple(field for field in fields if field[1])


def _as_uri(url: str) -> str:
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~")
