"""An address as it is asked for: without fragment, and with what logs in kept apart."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from capture.errors import NotAWebAddress

__all__ = ["Address", "join", "parse"]

_PORTS = {"http": 80, "https": 443}

# What browsers take out of an address wherever it stands: https://url.spec.whatwg.org/#concept-basic-url-parser
_LINE_ENDS = re.compile(r"[\t\r\n]")

# What no host holds: https://url.spec.whatwg.org/#forbidden-domain-code-point. A class of single characters: linear.
_NO_HOST = re.compile(r"[\x00-\x20\"<>\\^`{|}%\x7f]")


class Address(NamedTuple):
    """A page on the web."""

    url: str
    """Without fragment, without `user:password@`."""
    scheme: str
    """`http` or `https`."""
    host: str
    """In lower case, an IPv6 address without its brackets."""
    port: int
    credentials: tuple[str, str] | None
    """Name and password, where the address had them."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as robots.txt and credentials hold for them (RFC 6454 §4)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if _PORTS[self.scheme] == self.port else f":{self.port}")


def parse(text: str) -> Address:
    """Read an address.

    Raises NotAWebAddress where it is none, or leads elsewhere than to the web.
    """
    given = _LINE_ENDS.sub("", text.strip())
    try:
        parts = urlsplit(given)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:  # such as "http://[broken", or a port that is no number
        raise NotAWebAddress(f"{_shown(given)} is not a web address: {error}") from error
    if parts.scheme not in _PORTS or not host or _NO_HOST.search(host):
        raise NotAWebAddress(f"{_shown(given)} is not a web address")
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(
        url=parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl(),
        scheme=parts.scheme,
        host=host,
        port=_PORTS[parts.scheme] if port is None else port,
        credentials=(name, password) if name or password else None,
    )


def _shown(text: str) -> str:
    """Return an address for a message: short, and without a password."""
    before, at, after = text.partition("@")
    return repr((before.partition("//")[0] + "//…@" + after if at and "//" in before else text)[:200])


def join(base: str, reference: str) -> Address:
    """Read an address that stands in a page or an answer of `base` (RFC 3986 §5). Raises NotAWebAddress."""
    try:
        return parse(urljoin(base, _LINE_ENDS.sub("", reference.strip())))
    except NotAWebAddress:
        raise
    except ValueError as error:
        raise NotAWebAddress(f"{_shown(reference)} is not a web address: {error}") from error
