"""An exchange as WARC records: request, response or revisit, each block verbatim as it crossed the wire.

ISO 28500:2017, WARC 1.1: response §6.3, request §6.5, revisit §6.7. Digests come from the exchange, which measured its
bytes as they came; nothing is read twice. The description of an exchange is in `archive.description`.
"""

from collections.abc import Sequence

from archive.protocols import carriers
from archive.uris import urn, visit_uri
from archive.warc.members import GZIP_LEVEL, STORED
from archive.warc.records import EMPTY_SHA256, Fields, Origin
from capture.framing import Framer, Part
from capture.heads import Head
from capture.page import Exchange

__all__ = [
    "answer",
    "head_of",
    "identical_payload",
    "level_for",
    "not_modified",
    "request",
    "response",
    "shareable",
]

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_HEAD = 4096
"""Bytes that hold most heads."""

_REQUEST = "application/http; msgtype=request"
_RESPONSE = "application/http; msgtype=response"

# Kinds of content that are compressed by themselves. SVG, BMP and TIFF pictures are not, as a rule.
_COMPRESSED = ("image/", "video/", "audio/", "font/woff", "application/font-woff", "application/x-font-woff")
_COMPRESSED_EXACT = frozenset(
    {
        "application/zip", "application/pdf", "application/gzip", "application/x-gzip", "application/epub+zip",
        "application/x-7z-compressed", "application/x-rar-compressed", "application/vnd.rar", "application/zstd",
        "application/x-bzip2", "application/x-xz", "application/java-archive",
        "application/vnd.android.package-archive",
    }
)  # fmt: skip
_PLAIN = frozenset({"image/svg+xml", "image/bmp", "image/x-ms-bmp", "image/tiff", "image/x-icon"})


def request(exchange: Exchange, *, record_id: str, date: str, concurrent_to: str) -> Fields:
    """Return the fields of the request's record; the block is `exchange.request`.

    It has no payload digest: a GET has no body, and deduplicators take the digest of nothing for a payload.
    """
    middle = [("WARC-Concurrent-To", f"<{concurrent_to}>")] if concurrent_to != record_id else []
    block = (exchange.request.size, exchange.request.sha256)
    return _fields("request", exchange, record_id, date, middle, block, "", _REQUEST)


def response(exchange: Exchange, *, record_id: str, date: str) -> Fields:
    """Return the fields of the answer's record; the block is `exchange.response`, cut or whole."""
    middle = [("WARC-Truncated", exchange.truncated)] if exchange.truncated else []
    block = (exchange.response.size, exchange.response.sha256)
    return _fields("response", exchange, record_id, date, middle, block, exchange.payload_sha256, _RESPONSE)


def answer(exchange: Exchange, *, record_id: str, date: str, concurrent_to: str) -> Fields:
    """Return the fields of a metadata record whose block is `exchange.response`, where no response record may hold it.

    That is so of a 304 that became a revisit, and of bytes that are no HTTP, on which readers of a response stumble.
    """
    kind = _RESPONSE if exchange.head is not None else "application/octet-stream"
    middle = [("WARC-Concurrent-To", f"<{concurrent_to}>")]
    if exchange.truncated:
        middle.append(("WARC-Truncated", exchange.truncated))
    block = (exchange.response.size, exchange.response.sha256)
    return _fields("metadata", exchange, record_id, date, middle, block, "", kind)


def identical_payload(response: Fields, origin: Origin, *, size: int, sha256: str) -> Fields:
    """Return the fields of a revisit instead of a response (§6.7.2): an earlier record has the same payload.

    Its block, of this size and digest, is the verbatim head of the answer through its empty line, so it is marked as
    truncated (§6.7.2 says by length).
    """
    return _revisit(response, IDENTICAL_PAYLOAD, origin, size, sha256, truncated=True)


def not_modified(response: Fields, origin: Origin) -> Fields:
    """Return the fields of a revisit instead of a response (§6.7.3): the server says that nothing changed.

    Its block is empty, as §6.7.3 allows: with the head of the 304 in it, replay shows a blank page. The bytes of the
    304 go into a metadata record beside it.
    """
    return _revisit(response, NOT_MODIFIED, origin, 0, EMPTY_SHA256, truncated=False)


def head_of(exchange: Exchange) -> bytes:
    """Return the answer's head as received, through its empty line; empty where there is none."""
    framer = Framer(exchange.method)
    with exchange.response.open() as stream:
        while not framer.broken and (data := stream.read(_HEAD)):  # few bytes: what follows the head need not be framed
            for part, piece in framer.feed(data):
                if part is Part.HEAD:
                    return piece
    return b""


def shareable(exchange: Exchange) -> str:
    """Return the digest of a payload that others may refer to: whole, of a whole answer, and not empty."""
    return exchange.payload_sha256 if exchange.whole and exchange.head is not None and exchange.payload_size else ""


def level_for(head: Head | None) -> int:
    """Return how hard to compress an answer: not at all where its content is compressed already."""
    if head is None:
        return GZIP_LEVEL
    if any(coding != "identity" for coding in head.tokens("Content-Encoding")):
        return STORED
    kind = head.get("Content-Type").partition(";")[0].strip().lower()
    if kind in _PLAIN:
        return GZIP_LEVEL
    return STORED if kind.startswith(_COMPRESSED) or kind in _COMPRESSED_EXACT else GZIP_LEVEL


def _fields(
    kind: str,
    exchange: Exchange,
    record_id: str,
    date: str,
    middle: Sequence[tuple[str, str]],
    block: tuple[int, str],
    payload_sha256: str,
    content_type: str,
) -> Fields:
    size, sha256 = block
    uri = visit_uri(exchange.url)
    return (
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Date", date),
        ("WARC-Target-URI", urn("answer", uri) if kind == "metadata" else uri),
        *carriers(exchange),
        *middle,
        ("WARC-Block-Digest", f"sha256:{sha256}"),
        *((("WARC-Payload-Digest", f"sha256:{payload_sha256}"),) if payload_sha256 else ()),
        ("Content-Type", content_type),
        ("Content-Length", str(size)),
    )


def _revisit(response: Fields, profile: str, origin: Origin, size: int, sha256: str, *, truncated: bool) -> Fields:
    fields: list[tuple[str, str]] = []
    for name, value in response:
        if name == "WARC-Type":
            fields.append((name, "revisit"))
        elif name == "WARC-Block-Digest":
            fields += [
                ("WARC-Profile", profile),
                ("WARC-Refers-To", f"<{origin.record_id}>"),
                ("WARC-Refers-To-Target-URI", origin.uri),
                ("WARC-Refers-To-Date", origin.date),
                *([("WARC-Truncated", "length")] if truncated else []),
                (name, f"sha256:{sha256}"),
            ]
        elif name == "Content-Length":
            fields.append((name, str(size)))
        elif name == "WARC-Truncated" or (name in {"Content-Type", "WARC-Payload-Digest"} and not truncated):
            continue  # what is not modified has no block of its own, and so no payload that this record could name
        else:
            fields.append((name, value))
    return tuple(fields)
