"""Formats of what is sent between people and programs: mail, mailboxes, calendars, contact cards, keys."""

import re

from clean.formats.model import LOOK, first_lines

__all__ = ["tell_mail", "tell_pem", "tell_signed"]

# A message (RFC 5322): fields, one after the other, up to an empty line. A mailbox begins each with a line `From `.
_MAILBOX = re.compile(
    rb"From \S{1,300} +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d [\d:]{5,8} [^\n]{0,40}\n"
)
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,70}):(?:[ \t]|\r?$)")
_OF_TRANSPORT = frozenset(
    {b"received", b"message-id", b"return-path", b"delivered-to", b"dkim-signature", b"mime-version", b"x-mailer"}
)
_OF_LETTERS = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender"})

# What makes a message of parts a saved page (RFC 2557): its parts say where they come from.
_SAVED_PAGE = re.compile(rb"^(?:Snapshot-Content-Location|Content-Location):", re.IGNORECASE | re.MULTILINE)
_SAVED_BY = re.compile(rb"^From:[^\n]{0,20}<?Saved by ", re.IGNORECASE | re.MULTILINE)


def tell_mail(data: bytes, start: bytes) -> str:
    """Tell a message or a mailbox by its fields; one that holds a saved page (MHTML) is neither."""
    at, boxed = 0, _MAILBOX.match(start)
    if boxed:
        at = boxed.end()
    names: list[bytes] = []
    ended = False
    for line in start[at:].split(b"\n"):
        if not line.strip():
            ended = True
            break
        if line[:1] in b" \t" and names:
            continue
        if not (field := _FIELD.match(line)):
            return ""
        names.append(field[1].lower())
    found = set(names)
    if not (ended or len(data) <= LOOK) or len(found & _OF_LETTERS) < 2 or not found & _OF_TRANSPORT:
        return ""
    if _SAVED_BY.search(start) or _SAVED_PAGE.search(data[: 16 * LOOK]):
        return ""
    if not boxed and not found & {b"from", b"sender"}:
        return ""
    return "mailbox" if boxed else "mail"


_TEXT_SIGNATURES = ((b"BEGIN:VCALENDAR", "calendar"), (b"BEGIN:VCARD", "contacts"))


def tell_signed(data: bytes, start: bytes) -> str:
    """Tell calendars (RFC 5545) and contact cards (RFC 6350) by their first line."""
    return next((name for sign, name in _TEXT_SIGNATURES if start.startswith(sign)), "")


# Keys and certificates between two lines (RFC 7468), also those of OpenPGP and SSH. One run up to the dashes: linear.
_BOUNDARY = re.compile(r"-{4,5} ?(BEGIN|END) ([A-Z0-9 ]{1,60}?) ?-{4,5}")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{1,120}={0,3}|=[A-Za-z0-9+/]{4}|[A-Za-z][\w-]{0,60}: .{0,200}")
_ABOUT_KEY = re.compile(
    r"#.*|(?:subject|issuer)\s?[=:/].*|Bag Attributes|Key Attributes.*|\s+\w[\w .-]{0,60}:.*|[\d.]{5,60}:.*"
)
_WITH_PROSE = "SIGNED MESSAGE"
"""A message that is signed stands in clear between such lines (RFC 9580, section 7)."""


def tell_pem(data: bytes, start: bytes) -> str:
    """Tell keys and certificates."""
    if b"---- BEGIN " not in start and b"-----BEGIN " not in start:
        return ""
    inside = ""
    blocks = 0
    for line in first_lines(data, 20_000):
        if match := _BOUNDARY.fullmatch(line):
            if (match[1] == "BEGIN") == bool(inside) or _WITH_PROSE in match[2]:
                return ""
            inside = match[2] if match[1] == "BEGIN" else ""
            blocks += 1
        elif not (_ENCODED if inside else _ABOUT_KEY).fullmatch(line):
            return ""
    return "pem" if blocks else ""
