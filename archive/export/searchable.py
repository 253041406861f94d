"""Addresses as the keys of an index: sorted by host from its end, with what makes no difference taken away.

The Sort-friendly URI Reordering Transform (SURT) with the rules of the Wayback Machine, as every replay tool looks
pages up; CDXJ 0.1.0 calls the result a searchable URL. The library that does this, surt, is under the AGPL, which would
bind all that is distributed with it; so the tests compare with it instead.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote_from_bytes, unquote_to_bytes

__all__ = ["searchable"]

# Scheme, authority, path, query, fragment (RFC 3986, appendix B). Each part ends where the next begins: linear.
_PARTS = re.compile(rb"([a-zA-Z][a-zA-Z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$", re.DOTALL)
# Number of a server farm's member before a host: no repetition but one class: linear.
_WWW = re.compile(rb"www\d*\.")
# An address in numbers, decimal or octal, short forms with it. Parts are parted by dots: linear.
_NUMBERS = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}$")

# A percent sign that was encoded again and again. One repetition of a fixed text: linear.
_DEEP = re.compile(rb"%(?:25)+(?=[0-9A-Fa-f]{2})")

# Session identifiers in a path of ASP.NET. The repeated group is of fixed length: linear.
_IN_PATH = (
    re.compile(rb"(?<=/)\((?:[a-z]\([0-9a-z]{24}\))+\)/", re.IGNORECASE),
    re.compile(rb"(?<=/)\([0-9a-z]{24}\)/", re.IGNORECASE),
)
# Those in a query. Fixed lengths: linear.
_IN_QUERY = (
    re.compile(rb"jsessionid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"phpsessid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"sid=[0-9a-z]{32}(?=&|$)", re.IGNORECASE),
    re.compile(rb"aspsessionid[a-z]{8}=[a-z]{24}(?=&|$)", re.IGNORECASE),
)
# Those of ColdFusion are a pair of parameters.
_PAIR = (b"cfid=", b"cftoken=")

_UNESCAPED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_PORTS = {b"http": 80, b"https": 443}


def searchable(url: str) -> str:
    """Return the key of an address, such as `com,example)/page?a=1`; what is no web address is its own key."""
    text = re.sub(rb"[\n\r\t]", b"", url.strip().encode("utf-8", "surrogatepass"))
    parts = _PARTS.match(text)
    if parts is None or parts[1].lower() not in _PORTS or not parts[2]:
        return url
    host, port = _host_and_port(parts[2])
    if port is None:
        return url
    key = b",".join(reversed(host.split(b".")))
    if port not in {0, _PORTS[parts[1].lower()]}:
        key += b":%d" % port
    key += b")" + _path(parts[3])
    if query := _query(parts[4] or b""):
        key += b"?" + query
    return key.decode("utf-8", "replace")


def _host_and_port(authority: bytes) -> tuple[bytes, int | None]:
    """Return the canonical host, and the port: 0 where none is given, None where it is no number."""
    host = authority.rpartition(b"@")[2].rstrip(b":")
    if host.startswith(b"["):
        host, _, port = host[1:].partition(b"]")
        port = port.lstrip(b":")
    else:
        host, _, port = host.partition(b":")
    if not (port.isdigit() and int(port) < 65536) and port:
        return host, None
    host = _unescaped(host.lower())
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".")
    host = _numeric(host) or _escaped(host.lower())
    farm = _WWW.match(host)
    return host[farm.end() :] if farm else host, int(port or 0)


def _numeric(host: bytes) -> bytes:
    """Return an address in numbers in its usual form; empty for a name."""
    if host.isdigit():
        return socket.inet_ntoa((int(host) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    if _NUMBERS.match(host):
        with suppress(OSError):
            return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
    return b""


def _path(path: bytes) -> bytes:
    kept: list[bytes] = []
    for step in _unescaped(path).split(b"/")[1:]:
        if step == b"..":
            if kept:
                kept.pop()
            else:
                kept.append(step)
        elif step != b".":
            kept.append(step)
    steps = [step for step in kept[:-1] if step] + kept[-1:]
    path = _escaped(b"/" + b"/".join(steps)).lower()
    for pattern in _IN_PATH:
        for found in reversed(list(pattern.finditer(path))):
            if path.find(b".aspx", found.end() + 1) >= 0:
                path = path[: found.start()] + path[found.end() :]
                break
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _query(query: bytes) -> bytes:
    query = _escaped(_unescaped(query))
    for pattern in _IN_QUERY:
        if found := list(pattern.finditer(query)):
            query = query[: found[-1].start()] + query[found[-1].end() + 1 :]
    query = _without_pair(query).lower()
    return b"&".join(b"=".join(each) for each in sorted(_arguments(query)))


def _arguments(query: bytes) -> Iterator[tuple[bytes, ...]]:
    for argument in query.split(b"&"):
        yield tuple(argument.split(b"=", 1))


def _without_pair(query: bytes) -> bytes:
    arguments = query.split(b"&")
    for place in range(len(arguments) - 2, -1, -1):
        first, second = arguments[place].lower(), arguments[place + 1].lower()
        at = first.rfind(_PAIR[0], 0, len(first) - 1)
        if at >= 0 and second.startswith(_PAIR[1]) and len(second) > len(_PAIR[1]):
            before, after = arguments[:place], arguments[place + 2 :]
            return b"&".join([*before, arguments[place][:at] + (after[0] if after else b""), *after[1:]])
    return query


def _unescaped(text: bytes) -> bytes:
    """Return the text without percent-encoding, however often it was encoded.

    Encoded percent signs go first: a text of them alone would take as many rounds as it has signs.
    """
    while (less := unquote_to_bytes(_DEEP.sub(b"%", text))) != text:
        text = less
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_UNESCAPED).encode()
