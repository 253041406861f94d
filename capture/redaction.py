"""Request fields that carry secrets are kept by name, not by value.

An archive is read by many and for long, and a request record holds what was sent. So values of the fields below are
written as `x-redacted`, and the exchange says which. What servers send is never touched: the raw is sacred.
"""

__all__ = ["MARKER", "SECRETS", "redact"]

MARKER = b"x-redacted"
"""Stands in the place of a value."""

SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Names, in lower case, of the fields that are redacted unless the caller says otherwise."""


def redact(head: bytes, names: frozenset[str]) -> tuple[bytes, tuple[str, ...]]:
    """Return a request's head with the values of these fields replaced, and the names as they stand in it.

    `names` are in lower case. The request is one of our own, so its lines end in CRLF and are not folded.
    """
    found: list[str] = []
    lines = head.split(b"\r\n")
    for place, line in enumerate(lines):
        name, colon, _ = line.partition(b":")
        if place and colon and name.lower().decode("iso-8859-1") in names:
            found.append(name.decode("iso-8859-1"))
            lines[place] = name + b": " + MARKER
    return b"\r\n".join(lines), tuple(found)
