"""What is known of an exchange beside its bytes: one JSON object, in a metadata record made together with it.

The record's target is `urn:exchange:` and the address: under the address itself, indexers would list it as a capture.
Every key is there in every description; what is not known is null, empty or zero.

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
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from archive.dates import exact
from capture.page import Exchange, Tls

__all__ = ["Place", "certificates", "describe"]

FORMAT = 1


class Place(NamedTuple):
    """Where an exchange stands in its visit."""

    record_id: str
    """Of the record that stands for it: its answer, or where nothing came its description."""
    role: str
    via: str
    """Record of the exchange that led to this one; empty where there is none."""


def describe(exchange: Exchange, place: Place, visit_id: str) -> dict[str, object]:
    """Return the description as plain data, in a fixed order."""
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
        "tls": _tls(connection.tls) if connection and connection.tls else None,
        "events": [{"at": exact(event.at), "kind": event.kind, "message": event.message} for event in exchange.events],
    }


def certificates(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Return every certificate that the servers of these exchanges sent: base64 of its DER, by its sha256."""
    found: dict[str, str] = {}
    for exchange in exchanges:
        tls = exchange.connection.tls if exchange.connection else None
        for certificate in tls.chain if tls else ():
            name = sha256(certificate).hexdigest()
            if name not in found:
                found[name] = b64encode(certificate).decode()
    return found


def _tls(tls: Tls) -> dict[str, object]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": tls.alpn,
        "verified": tls.verified,
        "chain": [sha256(certificate).hexdigest() for certificate in tls.chain],
    }
