"""Guard against addresses outside the public Internet: names, networks, ports.

An archive fetches what strangers wrote: a link or a redirect must not reach the machine itself, its network, or the
metadata service of a cloud. A host is resolved once, every address is judged, and the connection goes to a judged
address, so a second answer of the name server changes nothing. Every hop of a redirect passes here.

`ipaddress.is_global` is not enough: it is true for 6to4 and NAT64 forms of private addresses, for multicast and for
Azure's platform address, and differs between versions of Python. So this is a table of its own, after IANA's
registries of special-purpose addresses (RFC 6890 and its successors). In IPv6 only 2000::/3 is given out at all.
"""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from capture.errors import AddressForbidden, NotAWebAddress, ProxyFailed, UnknownHost

__all__ = ["Guard", "Proxy", "ProxyOf", "Resolver", "direct", "environment", "forbidden", "resolve"]

Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host, the best first, as text. Raises OSError where the name does not resolve."""

_IPV4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),  # RFC 791 §3.2; "this" host, which many systems take for themselves
        ("10.0.0.0/8", "private"),  # RFC 1918
        ("100.100.100.200/32", "the metadata service of Alibaba Cloud"),
        ("100.64.0.0/10", "shared by the customers of a provider"),  # RFC 6598
        ("127.0.0.0/8", "this machine"),  # RFC 1122 §3.2.1.3
        ("168.63.129.16/32", "the platform of Azure"),
        ("169.254.169.254/32", "the metadata service of a cloud"),
        ("169.254.0.0/16", "link-local"),  # RFC 3927
        ("172.16.0.0/12", "private"),  # RFC 1918
        ("192.0.0.0/24", "reserved for protocols"),  # RFC 6890; Oracle's metadata service too
        ("192.0.2.0/24", "reserved for examples"),  # RFC 5737
        ("192.88.99.0/24", "a relay of 6to4"),  # RFC 7526
        ("192.168.0.0/16", "private"),  # RFC 1918
        ("198.18.0.0/15", "reserved for measurements"),  # RFC 2544
        ("198.51.100.0/24", "reserved for examples"),  # RFC 5737
        ("203.0.113.0/24", "reserved for examples"),  # RFC 5737
        ("224.0.0.0/4", "multicast"),  # RFC 5771
        ("240.0.0.0/4", "reserved"),  # RFC 1112 §4, and broadcast
    )
)
_IPV6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),  # RFC 4291 §2.5.2
        ("::1/128", "this machine"),  # RFC 4291 §2.5.3
        ("::ffff:0:0/96", "an IPv4 address in disguise"),  # RFC 4291 §2.5.5.2
        ("::/96", "an IPv4 address in disguise"),  # RFC 4291 §2.5.5.1
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),  # RFC 6052
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),  # RFC 8215
        ("100::/64", "discarded by every router"),  # RFC 6666
        ("2001::/32", "an IPv4 address behind Teredo"),  # RFC 4380
        ("2001::/23", "reserved for protocols"),  # RFC 2928
        ("2001:db8::/32", "reserved for examples"),  # RFC 3849
        ("2002::/16", "an IPv4 address behind 6to4"),  # RFC 3056
        ("3fff::/20", "reserved for examples"),  # RFC 9637
        ("fd00:ec2::254/128", "the metadata service of Amazon"),
        ("fc00::/7", "private"),  # RFC 4193
        ("fe80::/10", "link-local"),  # RFC 4291 §2.5.6
        ("fec0::/10", "site-local"),  # RFC 3879
        ("ff00::/8", "multicast"),  # RFC 4291 §2.7
    )
)
_GIVEN_OUT = IPv6Network("2000::/3")

# Ports of other services, to which no browser sends HTTP: https://fetch.spec.whatwg.org/#port-blocking
_BAD_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
    531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
    5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})  # fmt: skip
_LAST_PORT = 65535

# A last label that is a number makes the host an IPv4 address for browsers and resolvers, in decimal, octal or hex:
# https://url.spec.whatwg.org/#ends-in-a-number-checker. Anchored classes of single characters: linear.
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9A-Fa-f]*)$", re.ASCII)

_MOST_ADDRESSES = 4
"""Addresses of one host that are tried; each may take a whole timeout."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host as the system resolves it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def forbidden(address: str) -> str:
    """Return why an address must not be contacted, in words; empty where it may be.

    Raises ValueError where the text is no address.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return next((reason for network, reason in _IPV4 if ip in network), "")
    reason = next((reason for network, reason in _IPV6 if ip in network), "")
    return reason or ("" if ip in _GIVEN_OUT else "reserved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Decides whether a host may be contacted, and at which addresses."""

    allow_private: bool = False
    """Whether every address may be contacted, in every spelling; for servers of one's own."""
    resolver: Resolver = resolve

    def check(self, host: str, port: int) -> None:
        """Judge what can be judged without resolving: port, spelling, an address that stands for the host.

        `host` is in ASCII, an IPv6 address with or without its brackets. Raises AddressForbidden, NotAWebAddress.
        """
        if not 0 < port <= _LAST_PORT:
            raise NotAWebAddress(f"{port} is no port of {host}")
        if port in _BAD_PORTS:
            raise AddressForbidden(
                f"port {port} of {host} belongs to another service than the web", hint="Check the address."
            )
        if self.allow_private:
            return
        ip = _address(host)
        if ip is not None:
            if reason := forbidden(str(ip)):
                raise AddressForbidden(f"{host} is not contacted: its address is {reason}")
        elif _NUMBER.match(host.rstrip(".").rpartition(".")[2]):
            raise AddressForbidden(f"{host} is not contacted: it is an odd spelling of an IPv4 address")
        elif f".{host.lower().rstrip('.')}".endswith(".localhost"):  # RFC 6761 §6.3; a proxy would resolve it to itself
            raise AddressForbidden(f"{host} is not contacted: the name stands for this machine")

    def admit(self, host: str, port: int) -> tuple[str, ...]:
        """Resolve a host, once, and return the addresses that may be contacted, the best first; never none.

        Forbidden addresses beside good ones are left out: networks with DNS64 add one to every name.
        Raises AddressForbidden, NotAWebAddress, UnknownHost.
        """
        self.check(host, port)
        if ip := _address(host):
            return (str(ip),)
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that is empty or too long for IDNA
            unknown = UnknownHost(f"the name {host} does not resolve: {getattr(error, 'strerror', None) or error}")
            unknown.passes = getattr(error, "errno", None) == socket.EAI_AGAIN
            raise unknown from error
        if not found:
            raise UnknownHost(f"the name {host} has no address")
        if self.allow_private:
            return tuple(found[:_MOST_ADDRESSES])
        judged = [(address, forbidden(address)) for address in found]
        good = tuple(address for address, reason in judged if not reason)
        if not good:
            address, reason = judged[0]
            raise AddressForbidden(f"{host} is not contacted: its address {address} is {reason}")
        return good[:_MOST_ADDRESSES]


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that stands for a host; zones (`%eth0`) are left to the resolver, which finds link-local."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


# The proxy that the environment names for an address: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY.


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


def environment(environ: Mapping[str, str] | None = None) -> ProxyOf:
    """Return the proxies that the environment names now.

    `environ` takes its place, with keys as `urllib` has them (`http`, `no`).
    """
    from urllib.request import getproxies_environment

    named = dict(getproxies_environment() if environ is None else environ)

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
