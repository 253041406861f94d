"""What carried an exchange, in the words of WARC: WARC-IP-Address, WARC-Protocol, WARC-Cipher-Suite.

The last two are proposed fields in active use (iipc/warc-specifications#42 and #86). Cipher suites have the names of
IANA's registry; OpenSSL gives those for TLS 1.3 alone, so its own names of the older ones are looked up here.
"""

from collections.abc import Mapping

from capture.page import Connection, Exchange

__all__ = ["carriers"]

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
    """Return the fields that say what carried an exchange, as far as it is known.

    Behind a proxy there is no address: only the proxy knows the server's.
    """
    fields: list[tuple[str, str]] = []
    connection = exchange.connection
    if connection is not None and connection.address:
        fields.append(("WARC-IP-Address", connection.address))
    if exchange.head is not None:
        fields.append(("WARC-Protocol", f"http/{exchange.head.version}"))
    return fields + (_tls(connection) if connection is not None else [])


def _tls(connection: Connection) -> list[tuple[str, str]]:
    tls = connection.tls
    if tls is None:
        return []
    fields = [("WARC-Protocol", _TLS[tls.version])] if tls.version in _TLS else []
    suite = tls.cipher if tls.cipher.startswith("TLS_") else _SUITES.get(tls.cipher, "")
    return [*fields, ("WARC-Cipher-Suite", suite)] if suite else fields
