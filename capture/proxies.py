"""The proxy that the environment names for an address: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from capture.errors import ProxyFailed

__all__ = ["Proxy", "ProxyOf", "direct", "environment"]


class Proxy(NamedTuple):
    """A proxy and how to log in there."""

    url: str
    """Without credentials."""
    credentials: tuple[str, str] | None
    """Name and password for Basic authentication (RFC 7617)."""


ProxyOf = Callable[[str, str, int], Proxy | None]
"""Gives the proxy for scheme, host and port of an address; None where there is none. May raise ProxyFailed."""


def direct(scheme: str, host: str, port: int) -> None:
    """Use no proxy, whatever the environment says."""


def environment(found: Mapping[str, str] | None = None) -> ProxyOf:
    """Return what the environment says now. `found` takes its place, with keys as `urllib` has them (`http`, `no`)."""
    from urllib.request import getproxies_environment

    named = dict(getproxies_environment() if found is None else found)

    def proxy_of(scheme: str, host: str, port: int) -> Proxy | None:
        text = named.get(scheme) or named.get("all")
        if not text or _bypassed(host.lower(), port, named.get("no", "")):
            return None
        return _parse(text)

    return proxy_of


def _bypassed(host: str, port: int, listed: str) -> bool:
    """Whether NO_PROXY names the host: itself or a domain above it, perhaps with a port; `*` names all."""
    for entry in listed.lower().replace(",", " ").split():
        name = entry.removeprefix("*").lstrip(".")
        if not name or f".{host}".endswith(f".{name}") or f".{host}:{port}".endswith(f".{name}"):
            return True
    return False


def _parse(text: str) -> Proxy:
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:  # its words may hold a part of a password
        raise ProxyFailed("the environment names a proxy that is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ProxyFailed(f"the environment names a proxy of a kind that is not supported: {parts.scheme}")
    host = f"[{host}]" if ":" in host else host
    url = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(url, (name, password) if name or password else None)
