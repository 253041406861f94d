"""Normalised web addresses: one spelling, no fragment, credentials kept apart."""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from capture.errors import NotAWebAddress

__all__ = ["Address", "join", "parse", "remove_dots"]

_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535

LONGEST = 32_768
"""Characters of an address; servers take less, and readers of WARC bound the length of a field."""

# What browsers take out of an address wherever it stands: https://url.spec.whatwg.org/#concept-basic-url-parser
# A class of single characters: linear.
_LINE_ENDS = re.compile(r"[\t\r\n]")

# What no host holds: https://url.spec.whatwg.org/#forbidden-domain-code-point. A class of single characters: linear.
_NO_HOST = re.compile(r"[\x00-\x20\"<>\\^`{|}%\x7f]")

# A percent sign that encodes nothing would be encoded or not, as the client likes. Three characters: linear.
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# Characters that stand as they are, as browsers and httpx send them:
# https://url.spec.whatwg.org/#path-percent-encode-set and #query-percent-encode-set
_IN_QUERY = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"#<>')
_IN_PATH = "".join(character for character in _IN_QUERY if character not in "?`{}")


class Address(NamedTuple):
    """A page on the web."""

    url: str
    """Percent-encoded where it must be, without default port, fragment and `user:password@`."""
    scheme: str
    """`http` or `https`."""
    host: str
    """In lower case and in ASCII, an IPv6 address without its brackets."""
    port: int
    credentials: tuple[str, str] | None
    """Name and password, where the address had them."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as robots.txt and credentials hold for them (RFC 6454 §4)."""
        return "/".join(self.url.split("/", 3)[:3])


def parse(text: str) -> Address:
    """Read an address.

    Raises NotAWebAddress where it is none, or leads elsewhere than to the web.
    """
    given = _LINE_ENDS.sub("", text.strip())
    try:
        parts = urlsplit(given)
        host, port = _ascii((parts.hostname or "").lower()), parts.port
    except ValueError as error:  # such as "http://[broken", or a port that is no number
        raise NotAWebAddress(f"{_shown(given)} is not a web address: {error}") from error
    if parts.scheme not in _PORTS or not host or _NO_HOST.search(host) or port == 0:
        raise NotAWebAddress(f"{_shown(given)} is not a web address")
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port is not None and port != _PORTS[parts.scheme] else ""
    path = remove_dots(_encode(parts.path, _IN_PATH)) or "/"
    query = f"?{_encode(parts.query, _IN_QUERY)}" if parts.query else ""
    url = f"{parts.scheme}://{shown_host}{shown_port}{path}{query}"
    if len(url) > LONGEST:
        raise NotAWebAddress(f"{_shown(given)} is not a web address: it is longer than {LONGEST:,} characters")
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(
        url=url,
        scheme=parts.scheme,
        host=host,
        port=_PORTS[parts.scheme] if port is None else port,
        credentials=(name, password) if name or password else None,
    )


def join(base: str, reference: str) -> Address:
    """Read an address that stands in a page or an answer of `base` (RFC 3986 §5). Raises NotAWebAddress."""
    try:
        joined = urljoin(base, _LINE_ENDS.sub("", reference.strip()))
    except ValueError as error:
        raise NotAWebAddress(f"{_shown(reference)} is not a web address: {error}") from error
    return parse(joined)


def remove_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986 §5.2.4)."""
    if "/." not in path:
        return path
    output: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            del output[-1:]
        elif segment != ".":
            output.append(segment)
    if segments[-1] in {".", ".."}:
        output.append("")
    return "/" + "/".join(output)


def _ascii(host: str) -> str:
    """Return a host in ASCII (RFC 5891). Raises ValueError where no name server could know it."""
    if host.isascii():
        return host
    import idna

    return idna.encode(host, uts46=True).decode("ascii")


def _encode(text: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe=safe, errors="surrogatepass")


def _shown(text: str) -> str:
    """Return an address for a message: short, and without a password."""
    before, at, after = text.rpartition("@")
    scheme, slashes, _ = before.rpartition("//")
    return repr((f"{scheme}{slashes}…@{after}" if at else text)[:200])
