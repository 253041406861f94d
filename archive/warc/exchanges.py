"""An exchange as WARC records: request, response or revisit, each block verbatim as it crossed the wire.

ISO 28500:2017, WARC 1.1: response §6.3, request §6.5, revisit §6.7. Digests come from the exchange, which measured its
bytes as they came; nothing is read twice.

What is known of an exchange beside its bytes is its description: one JSON object, in a metadata record made together
with it. That record's target is `urn:exchange:` and the address: under the address itself, indexers would list it as a
capture. Every key is there in every description; what is not known is null, empty or zero.

| key | value |
| --- | --- |
| `exchange` | format of this object: 1 |
| `visit` | record that describes the visit, a `urn:uuid:` |
| `role` | `page` (it answered), `redirect` (on the way to it), `attempt` (tried again later), `requisite`, `robots` |
| `via` | record of the exchange that led here: the redirect, or the page that needs it; null where there is none |
| `method`, `url` | of the request |
| `started`, `ended` | UTC, to the microsecond |
| `status` | of the answer, 0 where there is none |
| `outcome` | `complete`, `abandoned` (we stopped reading), or the code of the error that ended it |
| `message` | the error's message |
| `whole` | whether the answer ended where its head says |
| `framing` | why it is not whole, or what is strange about it |
| `truncated` | as in WARC-Truncated |
| `payload_size`, `payload_sha256` | of the body without transfer coding |
| `redacted` | names of the request's fields whose value is `x-redacted` |
| `interim` | 1xx answers that came before the final one, base64 |
| `surplus` | what came after the answer, at most 64 KiB, base64 |
| `address`, `port` | of the server; empty and 0 behind a proxy |
| `proxied`, `reused` | whether a proxy stood between; whether the connection had served before |
| `tls` | null for plain HTTP; else `version`, `cipher` (OpenSSL's names), `alpn`, `verified`, and `chain`: the sha256 \
of each certificate, the server's own first; the certificates are in the visit's description |
| `events` | what happened beside the bytes: `at`, `kind`, `message` |
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from archive.dates import exact
from archive.warc.members import GZIP_LEVEL, STORED
from archive.warc.records import EMPTY_SHA256, Fields, PayloadOrigin, urn, visit_uri
from capture.framing import Framer, Part
from capture.heads import Head
from capture.page import Connection, Exchange, Tls

__all__ = [
    "ExchangePlace",
    "answer",
    "carriers",
    "certificates",
    "describe_exchange",
    "head_of",
    "identical_payload",
    "level_for",
    "not_modified",
    "request",
    "response",
    "shareable",
]

_TLS = {"TLSv1": "tls/1.0", "TLSv1.1": "tls/1.1", "TLSv1.2": "tls/1.2", "TLSv1.3": "tls/1.3", "SSLv3": "ssl/3"}

# The suites of TLS 1.2 that OpenSSL 1.1.1 to 3 offer by default. One that is not here has no field; the exchange's
# description has OpenSSL's name.
_SUITES: Mapping[str, str] = {
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "DHE-RSA-AES256-GCM-SHA384": "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "DHE-RSA-CHACHA20-POLY1305": "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "DHE-RSA-AES128-GCM-SHA256": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "ECDHE-RSA-AES256-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "ECDHE-ECDSA-AES128-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "ECDHE-RSA-AES128-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "ECDHE-RSA-AES256-SHA": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "ECDHE-RSA-AES128-SHA": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "AES256-GCM-SHA384": "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "AES128-GCM-SHA256": "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "AES256-SHA": "TLS_RSA_WITH_AES_256_CBC_SHA",
    "AES128-SHA": "TLS_RSA_WITH_AES_128_CBC_SHA",
}


def carriers(exchange: Exchange) -> list[tuple[str, str]]:
    """Return WARC-IP-Address, WARC-Protocol and WARC-Cipher-Suite of an exchange, as far as they are known.

    The last two are proposed fields in active use (iipc/warc-specifications#42 and #86). Cipher suites have the names
    of IANA's registry; OpenSSL gives those for TLS 1.3 alone, so its own names of the older ones are looked up. Behind
    a proxy there is no address: only the proxy knows the server's.
    """
    fields: list[tuple[str, str]] = []
    connection = exchange.connection
    if connection is not None and connection.address:
        fields.append(("WARC-IP-Address", connection.address))
    if exchange.head is not None:
        fields.append(("WARC-Protocol", f"http/{exchange.head.version}"))
    return fields + (_tls_fields(connection) if connection is not None else [])


def _tls_fields(connection: Connection) -> list[tuple[str, str]]:
    tls = connection.tls
    if tls is None:
        return []
    fields = [("WARC-Protocol", _TLS[tls.version])] if tls.version in _TLS else []
    suite = tls.cipher if tls.cipher.startswith("TLS_") else _SUITES.get(tls.cipher, "")
    return [*fields, ("WARC-Cipher-Suite", suite)] if suite else fields


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


def identical_payload(response: Fields, origin: PayloadOrigin, *, size: int, sha256: str) -> Fields:
    """Return the fields of a revisit instead of a response (§6.7.2): an earlier record has the same payload.

    Its block, of this size and digest, is the verbatim head of the answer through its empty line, so it is marked as
    truncated (§6.7.2 says by length).
    """
    return _revisit(response, IDENTICAL_PAYLOAD, origin, size, sha256, truncated=True)


def not_modified(response: Fields, origin: PayloadOrigin) -> Fields:
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


def _revisit(
    response: Fields, profile: str, origin: PayloadOrigin, size: int, sha256: str, *, truncated: bool
) -> Fields:
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


FORMAT = 1
"""Format of the description of an exchange."""


class ExchangePlace(NamedTuple):
    """The place of an exchange in its visit."""

    record_id: str
    """Of the record that stands for it: its answer, or where nothing came its description."""
    role: str
    via: str
    """Record of the exchange that led to this one; empty where there is none."""


def describe_exchange(exchange: Exchange, place: ExchangePlace, visit_id: str) -> dict[str, object]:
    """Return the description of an exchange as plain data, in a fixed order."""
    connection = exchange.connection
    return {
        "exchange": FORMAT,
        "visit": visit_id,
        "role": place.role,
        "via": place.via or None,
        "method": exchange.method,
        "url": exchange.url,
        "started": exact(exchange.started),
        "ended": exact(exchange.ended),
        "status": exchange.status,
        "outcome": exchange.outcome,
        "message": exchange.message,
        "whole": exchange.whole,
        "framing": exchange.framing,
        "truncated": exchange.truncated,
        "payload_size": exchange.payload_size,
        "payload_sha256": exchange.payload_sha256,
        "redacted": list(exchange.redacted),
        "interim": b64encode(exchange.interim).decode(),
        "surplus": b64encode(exchange.surplus).decode(),
        "address": connection.address if connection else "",
        "port": connection.port if connection else 0,
        "proxied": exchange.proxied,
        "reused": exchange.reused,
        "tls": _tls_details(connection.tls) if connection and connection.tls else None,
        "events": [{"at": exact(event.at), "kind": event.kind, "message": event.message} for event in exchange.events],
    }


def certificates(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Return every certificate that the servers of these exchanges sent: base64 of its DER, by its sha256."""
    encoded: dict[str, str] = {}
    for exchange in exchanges:
        tls = exchange.connection.tls if exchange.connection else None
        for certificate in tls.chain if tls else ():
            name = sha256(certificate).hexdigest()
            if name not in encoded:
                encoded[name] = b64encode(certificate).decode()
    return encoded


def _tls_details(tls: Tls) -> dict[str, object]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": tls.alpn,
        "verified": tls.verified,
        "chain": [sha256(certificate).hexdigest() for certificate in tls.chain],
    }
