"""Lenient parsing of the heads of HTTP/1.x answers: fields by name, bytes as they came.

RFC 9112 §4 and §5. A head is read, never written: the bytes stay in the block, this is only a view of them.
"""

import re
from typing import NamedTuple

__all__ = ["Field", "Head", "parse_fields", "parse_head"]

# A status line up to its reason phrase (RFC 9112 §4). Lenient as browsers are: any run of blanks, one digit of minor
# version or none. Anchored, with one repetition, which begins and ends with what it cannot hold: linear.
_STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?)[ \t]+(\d{3})(?=[ \t\r]|$)")


class Field(NamedTuple):
    """One field line of a head (RFC 9110 §5), or one line that should have been one."""

    name: bytes
    """As sent; empty for a line without a colon."""
    value: bytes
    """Without white space around it; folded lines are joined by one space (RFC 9112 §5.2)."""


class Head(NamedTuple):
    """The head of an answer."""

    version: str
    """Such as `1.1`."""
    status: int
    """Three digits (RFC 9110 §15)."""
    reason: bytes
    """Reason phrase as sent; empty where there is none."""
    fields: tuple[Field, ...]
    """In the order of the head, duplicates kept."""

    def values(self, name: str) -> list[bytes]:
        """Return the values of all fields of this name, in any case of letters, as bytes."""
        wanted = name.lower().encode("ascii")
        return [field.value for field in self.fields if field.name.lower() == wanted]

    def get(self, name: str) -> str:
        """Return the first value of a field as text, empty where it is missing.

        UTF-8 where the bytes are UTF-8, ISO-8859-1 otherwise (RFC 9110 §5.5).
        """
        value = next(iter(self.values(name)), b"")
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("iso-8859-1")

    def tokens(self, name: str) -> list[str]:
        """Return the members of a comma-separated list (RFC 9110 §5.6.1) over all its field lines, in lower case."""
        joined = b",".join(self.values(name)).decode("iso-8859-1").lower()
        return [member for part in joined.split(",") if (member := part.strip(" \t"))]


def parse_head(data: bytes) -> Head | None:
    """Read the head that `data` is, up to and with its empty line. None where it does not begin with a status line.

    Never raises. Lines may end in LF alone (RFC 9112 §2.2); empty lines before the status line are passed over.
    """
    first, _, rest = data.lstrip(b"\r\n").partition(b"\n")
    match = _STATUS.match(first)
    if not match:
        return None
    return Head(match[1].decode(), int(match[2]), first[match.end() :].strip(b" \t\r"), parse_fields(rest))


def parse_fields(data: bytes) -> tuple[Field, ...]:
    """Read field lines up to an empty line or the end. Never raises."""
    found: list[tuple[bytes, list[bytes]]] = []
    for line in data.split(b"\n"):
        text = line.rstrip(b"\r")
        if not text:
            break
        if text[:1] in b" \t" and found:
            found[-1][1].append(text.strip(b" \t"))
            continue
        name, colon, value = text.partition(b":")
        found.append((name.strip(b" \t"), [value.strip(b" \t")]) if colon else (b"", [text.strip(b" \t")]))
    return tuple(Field(name, b" ".join(values)) for name, values in found)
