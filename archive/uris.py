"""Names of what is kept: the WARC-Target-URI of pages, and URNs for what is said about them."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote

__all__ = ["LONGEST_URI", "ni", "snapshot_uri", "target_uri", "urn", "visit_uri"]

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
