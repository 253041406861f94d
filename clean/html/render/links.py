"""Addresses: where links lead, made absolute, and how an address is written in Markdown."""

import re
from html.entities import html5
from urllib.parse import urljoin

__all__ = ["absolute", "destination", "entity_at", "is_dead", "quoted_title"]

# A scheme is bounded in CommonMark as well.
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}:")
# Browsers take these out of addresses wherever they stand (URL standard, 4.4).
LINE_ENDS = re.compile(r"[\t\n\r]+")
# Nothing of these can be opened from an archive. Renderers refuse to link the first three and `data:` as well.
DEAD = re.compile(r"(?:javascript|vbscript|file|data|about|blob):|#?$", re.IGNORECASE)
# What cannot stand in a bare address: white space, angle brackets at its start, control characters.
UNQUOTABLE = re.compile(r"[\s\x00-\x1f\x7f<>]")
# An entity as CommonMark reads it; every part is bounded.
ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
PUNCTUATED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
MOST_BRACKETS = 30


def absolute(address: str, base: str | None) -> str:
    """Return an address as the page's base makes it; an address with a scheme is left exactly as it is."""
    address = LINE_ENDS.sub("", address.strip())
    if not base or not address or address.startswith("#") or SCHEME.match(address):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def is_dead(address: str) -> bool:
    """Return whether an address leads nowhere that a reader could go."""
    return DEAD.match(address.strip()) is not None


def entity_at(text: str, at: int) -> bool:
    """Return whether CommonMark would read an entity here."""
    found = ENTITY.match(text, at)
    return found is not None and (found[1] is None or found[1] + ";" in html5)


def escape_entities(text: str) -> str:
    """Return text in which CommonMark reads no entity."""
    if "&" not in text:
        return text
    return ENTITY.sub(lambda found: "\\" + found[0] if entity_at(found[0], 0) else found[0], text)


def destination(address: str) -> str:
    """Return an address as the target of a Markdown link or image."""
    if not address:
        return "<>"
    # What follows the address is punctuation: `)` or `>`.
    text = escape_entities(PUNCTUATED.sub(r"\\\\", address + ")")[:-1] if "\\" in address else address)
    if UNQUOTABLE.search(text):
        return "<" + text.replace("\n", "%0A").replace("<", "\\<").replace(">", "\\>") + ">"
    if "(" in text or ")" in text:
        return text if balanced(text) else text.replace("(", "\\(").replace(")", "\\)")
    return text


def balanced(text: str) -> bool:
    """Return whether round brackets pair up, not too deep for any reader."""
    depth = 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        if depth < 0 or depth > MOST_BRACKETS:
            return False
    return depth == 0


def quoted_title(title: str) -> str:
    """Return a title as it stands behind a target, or nothing."""
    title = " ".join(title.split())
    if not title:
        return ""
    text = escape_entities(PUNCTUATED.sub(r"\\\\", title + '"')[:-1]).replace('"', '\\"')
    return f' "{text}"'
