"""WARC/1.1 records (ISO 28500:2017) as pure data, and their serialisation.

A record is its named fields, in the order in which they stand, and its block. Blocks go out verbatim: nothing
here parses or re-serialises them. Digests are sha256 in lowercase hex, the form that every validator reads.

Each record becomes one gzip member of its own (WARC 1.1, annex D), so a reader can go straight to its offset.
"""

import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from archive.errors import BadRecord

__all__ = [
    "EMPTY_SHA256",
    "LONGEST_URI",
    "UNSAFE_VALUE",
    "Fields",
    "PayloadOrigin",
    "Record",
    "conversion",
    "digest",
    "head",
    "holds_answer",
    "metadata",
    "named_record_id",
    "new_record_id",
    "ni",
    "render",
    "resource",
    "snapshot_uri",
    "target_uri",
    "urn",
    "visit_uri",
    "warcinfo",
]

VERSION = "WARC/1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"

# A field's name is a token (WARC 1.1 §4, RFC 2616 §2.2).
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+$", re.ASCII)

# What a value cannot hold: control characters, which would end the line, and what is no Unicode text. U+0085,
# U+2028 and U+2029 end lines for some readers. A class of single characters: linear.
UNSAFE_VALUE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


Fields = tuple[tuple[str, str], ...]
"""Named fields of a record, in their order."""

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Digest of no bytes."""


class PayloadOrigin(NamedTuple):
    """An earlier record that holds a payload, as a revisit refers to it."""

    record_id: str
    uri: str
    """Its WARC-Target-URI."""
    date: str
    """Its WARC-Date."""


class Record(NamedTuple):
    """A WARC record: its named fields and its block."""

    fields: Fields
    """Named fields in the order of the file, Content-Length last."""
    block: bytes

    def get(self, name: str) -> str:
        """Return the first value of a field, by its name in any case; empty where it is missing."""
        wanted = name.lower()
        return next((value for field, value in self.fields if field.lower() == wanted), "")

    @property
    def type(self) -> str:
        """WARC-Type (§5.5)."""
        return self.get("WARC-Type")

    @property
    def record_id(self) -> str:
        """WARC-Record-ID (§5.2) without its angle brackets."""
        return self.get("WARC-Record-ID").strip("<>")

    @property
    def refers_to(self) -> str:
        """WARC-Refers-To (§5.11) without its angle brackets; empty where there is none."""
        return self.get("WARC-Refers-To").strip("<>")

    def referring_to(self, record_id: str) -> "Record":
        """Return the record with another WARC-Refers-To; everything else stays."""
        fields = tuple((name, f"<{record_id}>" if name == "WARC-Refers-To" else value) for name, value in self.fields)
        return self._replace(fields=fields)


def new_record_id() -> str:
    """Return a fresh `urn:uuid:` of version 4 (RFC 9562 §5.4). Like `uuid.uuid4`, whose import takes 8 ms."""
    return _uuid(os.urandom(16), 4)


def named_record_id(name: str) -> str:
    """Return the `urn:uuid:` of version 8 (RFC 9562 §5.8) of a name: the same name, the same identifier."""
    return _uuid(sha256(name.encode("utf-8", "surrogatepass")).digest()[:16], 8)


def _uuid(data: bytes, version: int) -> str:
    number = int.from_bytes(data, "big")
    text = f"{number & ~(0xF << 76) & ~(0x3 << 62) | (version << 76) | (0x2 << 62):032x}"
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def digest(data: bytes) -> str:
    """Return a labelled digest (§5.8)."""
    return "sha256:" + sha256(data).hexdigest()


def warcinfo(
    *, record_id: str, date: str, filename: str, software: str, operator: str = "", description: str = ""
) -> Record:
    """Return the record that opens a file (§6.2): who wrote it, with what, according to which standard.

    Raises BadRecord where a value holds a line break.
    """
    lines = [
        ("software", software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", CONFORMS_TO),
        ("operator", operator),
        ("description", description),
    ]
    block = b"".join(_line(name, value) for name, value in lines if value)
    fields = [("WARC-Filename", filename)]
    return _record("warcinfo", record_id, date, fields, content_type="application/warc-fields", block=block)


def resource(*, record_id: str, date: str, uri: str, content_type: str, block: bytes) -> Record:
    """Return a resource record (§6.4): content without a protocol's words around it.

    Its payload is its block, so both digests are the same.
    """
    fields = [("WARC-Target-URI", uri)]
    return _record("resource", record_id, date, fields, content_type=content_type, block=block, payload=True)


def metadata(
    *,
    record_id: str,
    date: str,
    uri: str,
    content_type: str,
    block: bytes,
    refers_to: str = "",
    concurrent_to: str = "",
) -> Record:
    """Return a metadata record (§6.6): it describes the record that it refers to, or that was made with it (§5.7).

    It has no payload (§5), so it must not have a payload digest (§5.9).
    """
    fields = [("WARC-Target-URI", uri)]
    if refers_to:
        fields.append(("WARC-Refers-To", f"<{refers_to}>"))
    if concurrent_to:
        fields.append(("WARC-Concurrent-To", f"<{concurrent_to}>"))
    return _record("metadata", record_id, date, fields, content_type=content_type, block=block)


def conversion(
    *,
    record_id: str,
    date: str,
    uri: str,
    refers_to: str,
    content_type: str,
    software: str,
    options: str,
    block: bytes,
) -> Record:
    """Return a conversion record (§6.8): another form of the record that it refers to.

    `software` and `options` are the fields proposed in iipc/warc-specifications#52; with them one finds what
    an older version converted. Its payload is its block.
    """
    fields = [
        ("WARC-Target-URI", uri),
        ("WARC-Refers-To", f"<{refers_to}>"),
        ("WARC-Conversion-Software", software),
        ("WARC-Conversion-Options", options),
    ]
    return _record("conversion", record_id, date, fields, content_type=content_type, block=block, payload=True)


def _record(
    kind: str,
    record_id: str,
    date: str,
    fields: Iterable[tuple[str, str]],
    *,
    content_type: str,
    block: bytes,
    payload: bool = False,
) -> Record:
    block_digest = digest(block)
    return Record(
        (
            ("WARC-Type", kind),
            ("WARC-Record-ID", f"<{record_id}>"),
            ("WARC-Date", date),
            *fields,
            ("WARC-Block-Digest", block_digest),
            *((("WARC-Payload-Digest", block_digest),) if payload else ()),
            ("Content-Type", content_type),
            ("Content-Length", str(len(block))),
        ),
        block,
    )


def head(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return what stands before a block (§4): version, named fields, an empty line.

    Raises BadRecord where a field would not stand on one line of its own.
    """
    return b"".join((VERSION.encode(), b"\r\n", *(_line(name, value) for name, value in fields), b"\r\n"))


def render(record: Record) -> bytes:
    """Return the record's bytes (§4): head, block, two line ends. Raises BadRecord as `head` does."""
    return b"".join((head(record.fields), record.block, b"\r\n\r\n"))


def _line(name: str, value: str) -> bytes:
    if not _NAME.match(name):
        raise BadRecord(f"{name!r} is no name of a WARC field")
    unsafe = UNSAFE_VALUE.search(value)
    if unsafe or value != value.strip():
        where = f"holds U+{ord(unsafe[0]):04X}" if unsafe else "begins or ends with white space"
        raise BadRecord(f"the value of {name} {where}: {value[:100]!r}")
    return f"{name}: {value}\r\n".encode()


# Names of records: the WARC-Target-URI of pages, and URNs for descriptions of them.

LONGEST_URI = 32_768
"""Characters. Readers bound the length of a header line; real addresses are far shorter than this."""

# An address on the web, with at least one character of a host. Anchored, no repetition: linear.
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
# A percent sign that begins no escape (RFC 3986 §2.1). No repetition: linear.
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# Characters that a URI may hold as they are besides the unreserved ones (RFC 3986 §2.2). "[" and "]" only
# stand in an IPv6 host; elsewhere they must be encoded, and a host that needs them is rarer than a title in a
# query.
_URI_SAFE = "%:/?@!$&'()*+,;="


def ni(sha256_hex: str) -> str:
    """Return the `ni` URI (RFC 6920 §3) of content by its sha256: a name for what has no address."""
    return "ni:///sha-256;" + urlsafe_b64encode(bytes.fromhex(sha256_hex)).decode().rstrip("=")


def target_uri(url: str, sha256_hex: str) -> str:
    """Return the WARC-Target-URI of a page: its URL made a valid URI, or the `ni` URI of its bytes.

    Characters that no URI holds are percent-encoded (RFC 3986 §2.1), also line breaks, so that a value never
    injects a header. The fragment goes: it is no part of what a server is asked for (§3.5), and indexes of
    WARC files do not find a page that has one. What is no web address, or is longer than readers accept, has
    no URI; then the bytes name themselves.
    """
    text = url.strip()
    if not _WEB.match(text):
        return ni(sha256_hex)
    text = text.partition("#")[0]
    uri = quote(_STRAY_PERCENT.sub("%25", text), safe=_URI_SAFE, errors="surrogatepass")
    return uri if len(uri) <= LONGEST_URI else ni(sha256_hex)


def visit_uri(url: str) -> str:
    """Return the WARC-Target-URI of what was asked for at an address; what has no URI is named by its own text."""
    return target_uri(url, sha256(url.encode("utf-8", "surrogatepass")).hexdigest())


def snapshot_uri(page: str) -> str:
    """Return the WARC-Target-URI of a snapshot of a page and of its conversion.

    Not the page's own URI: under an http URI the block of a resource record shall be what the server returned
    (§6.4), and a snapshot is a text that another tool made of that. Replay would show it as the page, too.
    """
    return page if page.startswith("ni:") else urn("snapshot", page)


def urn(kind: str, uri: str) -> str:
    """Return the URN of something about a page, such as `urn:provenance:http://…`.

    As in browsertrix's `urn:text:` and `urn:pageinfo:`. Under the page's own URI indexers list a metadata
    record as one more capture of the page. `?` is encoded, because a URN gives it a meaning (RFC 8141 §2.3).
    """
    return f"urn:{kind}:{uri}".replace("?", "%3F")


def holds_answer(record: Record) -> bool:
    """Whether the block of a record with a payload is an HTTP answer: a response, or one put together of segments."""
    kind = record.type.lower()
    is_http = record.get("Content-Type").strip().lower().startswith("application/http")
    return kind == "response" or (kind == "conversion" and is_http)
