"""Validation of one WARC record (ISO 28500:2017): its named fields, digests and block.

Blocks are checked piece by piece, so that records of any size cost no memory. In files of ours the compressed bytes of
each gzip member have a checksum besides (`archive.warc.members`); `MemberBytes` checks that.
"""

import hashlib
import re
import zlib
from base64 import b32encode
from collections.abc import Iterator, Mapping
from typing import Any

from archive.dates import read_record_date
from archive.warc.members import HEAD_SIZE, gzip_head
from archive.warc.records import Fields
from capture.framing import Framer, Part
from capture.heads import parse_head

__all__ = ["BlockDigest", "MemberBytes", "field_faults", "values_of"]


# Which named fields a record must have, may have and must not have (§4 to §6).

_TYPES = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})

# §5: in every record.
_ALWAYS = ("WARC-Record-ID", "Content-Length", "WARC-Date", "WARC-Type")

# By type: §5.10 (target), §6.7 (profile), §5.20 and §7 (segments).
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "response": ("WARC-Target-URI",),
    "resource": ("WARC-Target-URI",),
    "request": ("WARC-Target-URI",),
    "revisit": ("WARC-Target-URI", "WARC-Profile"),
    "conversion": ("WARC-Target-URI",),
    "continuation": ("WARC-Target-URI", "WARC-Segment-Number", "WARC-Segment-Origin-ID"),
}

_EVENT = frozenset({"response", "resource", "request", "metadata", "revisit"})

# The types that may have a field; a field that is not here any may have.
_ALLOWED: Mapping[str, frozenset[str]] = {
    "warc-target-uri": _TYPES - {"warcinfo"},  # §5.10
    "warc-concurrent-to": _EVENT,  # §5.7
    "warc-ip-address": _EVENT,  # §5.12
    "warc-refers-to": frozenset({"metadata", "revisit", "conversion"}),  # §5.11
    "warc-refers-to-target-uri": frozenset({"revisit"}),
    "warc-refers-to-date": frozenset({"revisit"}),
    "warc-profile": frozenset({"revisit"}),  # §5.16
    "warc-filename": frozenset({"warcinfo"}),  # §5.15
    "warc-warcinfo-id": _TYPES - {"warcinfo"},  # §5.14
    "warc-payload-digest": _TYPES - {"warcinfo", "metadata"},  # §5.9: these have no payload
    "warc-segment-origin-id": frozenset({"continuation"}),
    "warc-segment-total-length": frozenset({"continuation"}),
}

# §4 allows WARC-Concurrent-To alone to come again; WARC-Protocol is proposed so (iipc/warc-specifications#42).
_REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol"})

# All of these are anchored, and bounded or single classes: linear.
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x3b\x3d\x3f-\x7e]+>$")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]*$")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?$", re.ASCII)
_DIGEST = re.compile(r"[a-z0-9-]{1,20}:[A-Za-z0-9=+/_-]{1,200}$", re.ASCII)

_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "warc-record-id": (_RECORD_ID, "a URI in angle brackets"),
    "warc-concurrent-to": (_RECORD_ID, "a URI in angle brackets"),
    "warc-refers-to": (_RECORD_ID, "a URI in angle brackets"),
    "warc-warcinfo-id": (_RECORD_ID, "a URI in angle brackets"),
    "warc-refers-to-date": (_DATE, "a date in UTC"),
    "warc-target-uri": (_URI, "a URI"),
    "warc-refers-to-target-uri": (_URI, "a URI"),
    "warc-block-digest": (_DIGEST, "a labelled digest"),
    "warc-payload-digest": (_DIGEST, "a labelled digest"),
    "warc-truncated": (re.compile(r"(?:length|time|disconnect|unspecified)$"), "a reason of §5.13"),
    "warc-type": (re.compile(f"(?:{'|'.join(sorted(_TYPES))})$"), "a type of §6"),
}


def values_of(fields: Fields) -> dict[str, str]:
    """Return the first value of each field, by its name in lower case."""
    values: dict[str, str] = {}
    for name, value in fields:
        values.setdefault(name.lower(), value)
    return values


def field_faults(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield code and message of everything that the standard forbids about a record's fields."""
    values = values_of(fields)
    kind = values.get("warc-type", "")
    for name in (*_ALWAYS, *_REQUIRED.get(kind, ())):
        if not values.get(name.lower()):
            yield "missing-field", f"a {kind or 'record'} must have {name}"
    if values.get("content-length", "0") != "0" and "content-type" not in values:
        yield "no-content-type", "a record with a block should have Content-Type (§5.6)"
    seen: set[str] = set()
    for name, value in fields:
        lower = name.lower()
        if lower in seen and lower not in _REPEATABLE:
            yield "repeated-field", f"{name} stands more than once (§4)"
        seen.add(lower)
        if lower in _ALLOWED and kind in _TYPES and kind not in _ALLOWED[lower]:
            yield "forbidden-field", f"a {kind} must not have {name}"
        form = _FORMS.get(lower)
        if lower == "warc-date":
            yield from _date_faults(value)
        elif form and not form[0].match(value):
            yield "bad-value", f"{name} is not {form[1]}: {value[:100]!r}"


def _date_faults(value: str) -> Iterator[tuple[str, str]]:
    """Yield code and message where a date is not as §5.4 writes one to the second."""
    found = read_record_date(value)
    if found is not None and found.code:
        yield found.code, found.note
    elif found is None and value:  # that it is missing was said
        yield "date-unknown", f"WARC-Date is no date: {value[:100]!r}"


_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha512"})
_BEGINNING = 64 * 1024

_HTTP = "application/http"


class BlockDigest:
    """Digests a record's block as it comes."""

    def __init__(self) -> None:
        self.beginning = b""
        """Its first bytes, at most 64 KiB."""
        self._values: dict[str, str] | None = None
        self._block: dict[str, Any] = {}
        self._payload: dict[str, Any] = {}
        self._coded: dict[str, Any] = {}  # of an HTTP answer, the body with its transfer coding
        self._framer: Framer | None = None
        self._body: Framer | None = None
        self._has_payload = False

    def feed(self, fields: Fields | None, data: bytes) -> None:
        """Take bytes of the block, perhaps none; `fields` are the record's, None until they came."""
        if self._values is None:
            if fields is None:
                return
            self._begin(values_of(fields))
        self.beginning += data[: _BEGINNING - len(self.beginning)]
        for hasher in self._block.values():
            hasher.update(data)
        for piece in self._pieces(data):
            for hasher in self._payload.values():
                hasher.update(piece)

    def _begin(self, values: dict[str, str]) -> None:
        self._values = values
        kind, http = values.get("warc-type", ""), values.get("content-type", "").lower().startswith(_HTTP)
        self._has_payload = kind in {"resource", "conversion"} or (kind in {"response", "request"} and http)
        if kind == "response" and http:
            self._framer = Framer("GET")
        for name, hashers in (("warc-block-digest", self._block), ("warc-payload-digest", self._payload)):
            algorithm = values.get(name, "").partition(":")[0]
            # That of a segmented record may be of the whole payload, of which this is a part.
            is_judged = name == "warc-block-digest" or "warc-segment-number" not in values
            if algorithm in _ALGORITHMS and is_judged:
                hashers[algorithm] = hashlib.new(algorithm)
        if self._framer is not None:
            self._coded = {algorithm: hashlib.new(algorithm) for algorithm in self._payload}

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield the payload in bytes of the block."""
        if self._framer is not None:
            for piece in self._framer.feed(data):
                if piece.part is Part.PAYLOAD:
                    yield piece.data
                if piece.part not in {Part.INTERIM, Part.HEAD}:
                    for hasher in self._coded.values():
                        hasher.update(piece.data)
        elif self._has_payload and self._values and self._values["warc-type"] != "request":
            yield data

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield code and message of what is wrong, when all of it came."""
        values = self._values or {}
        for name, code, hashers in (
            ("warc-block-digest", "block-digest", self._block),
            ("warc-payload-digest", "payload-digest", self._payload if self._framer or self._is_block() else {}),
        ):
            for algorithm, hasher in hashers.items():
                if values[name].partition(":")[2] not in _spellings(hasher.digest()):
                    if code == "payload-digest" and self._answers_head(values[name]):
                        continue
                    if code == "payload-digest" and self._is_coded(algorithm, values[name]):
                        yield "coded-digest", f"{name} is that of the body with its transfer coding: {values[name]}"
                        continue
                    yield code, f"it is {algorithm}:{hasher.hexdigest()}, the header says {values[name]}"
        kind = values.get("warc-type", "")
        if values.get("content-type", "").lower().startswith(_HTTP):
            yield from self._http_faults(kind)

    def _is_block(self) -> bool:
        """Whether the payload is the block itself (§6.4, §6.8)."""
        return self._values is not None and self._values.get("warc-type") in {"resource", "conversion"}

    def _is_coded(self, algorithm: str, digest: str) -> bool:
        """Whether a payload digest is that of a body with its chunks, as wget and warcio write it (warcio#74)."""
        hasher = self._coded.get(algorithm)
        return hasher is not None and digest.partition(":")[2] in _spellings(hasher.digest())

    def _answers_head(self, digest: str) -> bool:
        """Whether this is an answer to HEAD, whose body is empty whatever its length (RFC 9110 §9.3.2)."""
        algorithm, _, value = digest.partition(":")
        empty = value in _spellings(hashlib.new(algorithm).digest())
        return empty and self.beginning.endswith((b"\r\n\r\n", b"\n\n"))

    def _http_faults(self, kind: str) -> Iterator[tuple[str, str]]:
        first = self.beginning.lstrip(b"\r\n").partition(b"\n")[0]
        if kind in {"response", "revisit"} and self.beginning and parse_head(self.beginning) is None:
            yield "not-http", f"it begins with {first[:60]!r}, which is no status line"
        elif kind == "request" and len(first.split()) != 3:
            yield "not-http", f"it begins with {first[:60]!r}, which is no request line"


def _spellings(digest: bytes) -> tuple[str, str, str]:
    """Return the forms in which software writes a digest: hexadecimal, and Base32 in upper and lower case."""
    base32 = b32encode(digest).decode()
    return digest.hex(), base32, base32.lower()


_TAIL = 8  # checksum and length of what it inflates to


class MemberBytes:
    """Watches one gzip member of a file of ours, and checks the compressed bytes, which its own checksum leaves out."""

    def __init__(self) -> None:
        self._head = b""
        self._checksum = 0
        self._held = b""  # the last bytes so far: they may be the tail

    def __call__(self, data: bytes) -> None:
        """Take bytes of the member."""
        missing = HEAD_SIZE - len(self._head)
        if missing > 0:
            self._head += data[:missing]
            data = data[missing:]
        data = self._held + data
        end = max(0, len(data) - _TAIL)
        self._checksum = zlib.crc32(data[:end], self._checksum)
        self._held = data[end:]

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield code and message of what is wrong in a file of ours, when all of the member came."""
        plain = gzip_head(None)
        if self._head.startswith(plain):
            return  # written before members had a checksum of their compressed bytes
        if self._head != gzip_head(self._checksum):
            same = self._head[:-4] == gzip_head(self._checksum)[:-4]
            yield (
                ("gzip-checksum", "the compressed bytes changed")
                if same
                else (
                    "gzip-head",
                    f"the member's head is {self._head.hex(' ')}",
                )
            )
