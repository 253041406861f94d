"""Pages saved by browsers as MHTML (RFC 2557).

An MHTML file is a mail message whose parts are the page, the documents in its frames, and pictures. Pictures are not
read; a file of any size costs one pass over its bytes, however many parts it has and however deep they are nested.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from clean.errors import EmptySource, SourceError
from clean.html.frames import FrameDocument

__all__ = ["SavedPage", "is_mhtml", "mail_date", "read_mhtml", "web_address"]

_DEEPEST = 6
"""Multiparts within multiparts that are looked into; browsers write one, or two for a page with frames."""

_LONGEST_HEAD = 64 * 1024

# The beginning of a mail message: a header field, with MIME-Version among the first ones. Two bounded runs: linear.
_FIELD = re.compile(rb"\s{0,20}[A-Za-z][A-Za-z-]{1,40}:")
_MIME = re.compile(rb"^(?:MIME-Version:|Content-Type:\s{0,4}multipart/related)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")

_HINT = "Save the page again, as “web page, complete” or with `capture`."


class SavedPage(NamedTuple):
    """The page in a saved file."""

    data: bytes
    """Its HTML, without transfer encoding."""
    charset: str
    """What its part declares; may be empty."""
    url: str
    """Where it came from; may be empty."""
    date: str
    """When it was saved, ISO 8601 with offset where it is known; may be empty."""
    documents: Mapping[str, FrameDocument] = {}
    """What its frames may show, by address, and by `cid:` and Content-ID (RFC 2392)."""


def is_mhtml(data: bytes) -> bool:
    """Whether these bytes begin like a mail message of MIME parts."""
    head = data[:4096]
    return bool(_FIELD.match(head) and _MIME.search(head))


def read_mhtml(data: bytes) -> SavedPage:
    """Find the page. Raises EmptySource or SourceError where there is none."""
    head, body = _split(data.lstrip())
    date = mail_date(str(head.get("Date", "")))
    address = str(head.get("Snapshot-Content-Location") or head.get("Content-Location") or "").strip()
    start = str(head.get_param("start") or "").strip("<> ")
    found: SavedPage | None = None
    is_certain = False
    documents: dict[str, FrameDocument] = {}
    for part, content in _parts(head, body):
        if part.get_content_type() not in {"text/html", "application/xhtml+xml"}:
            continue
        location = str(part.get("Content-Location", "")).strip()
        name = str(part.get("Content-ID", "")).strip("<> ")
        page = SavedPage(_transfer_decoded(part, content), str(part.get_content_charset() or ""), location, date)
        document = FrameDocument(page.data, page.charset, location)
        documents.update((key, document) for key in (location, name and f"cid:{name}") if key)
        if not is_certain:
            is_certain = bool((start and name == start) or (address and location == address))
            found = page if is_certain else found or page
    if found is None:
        raise SourceError("this MHTML file holds no HTML page", hint=_HINT)
    if not found.data.strip():
        raise EmptySource("the page in this MHTML file is empty", hint=_HINT)
    shown = {name: one for name, one in documents.items() if one.data is not found.data}
    return found._replace(url=web_address(found.url) or web_address(address), documents=shown)


def _split(data: bytes) -> tuple[Message, bytes]:
    match = _BLANK_LINE.search(data, 0, _LONGEST_HEAD)
    if match is None:
        raise SourceError("this MHTML file has no end of its header", hint=_HINT)
    return BytesHeaderParser().parsebytes(data[: match.start()] + b"\n\n"), data[match.end() :]


def _parts(head: Message, body: bytes, depth: int = 0) -> Iterator[tuple[Message, bytes]]:
    if head.get_content_maintype() != "multipart":
        yield head, body
        return
    boundary = head.get_boundary()
    if not boundary:
        raise SourceError("this MHTML file does not say where its parts end (no boundary)", hint=_HINT)
    line = b"--" + boundary.encode("latin-1", "replace")
    at = body.find(line)
    while at >= 0:
        begin = body.find(b"\n", at)
        if begin < 0 or body.startswith(b"--", at + len(line)):
            return
        at = body.find(b"\n" + line, begin)
        piece = body[begin + 1 : at if at >= 0 else len(body)]
        at += at >= 0
        try:
            part, content = _split(b"\n" + piece if piece[:1] in b"\r\n" else piece)
        except SourceError:
            continue  # a part cut off within its header
        if part.get_content_maintype() != "multipart":
            yield part, content
        elif depth < _DEEPEST:
            yield from _parts(part, content, depth + 1)


def _transfer_decoded(part: Message, content: bytes) -> bytes:
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        try:
            return base64.b64decode(clean[: len(clean) // 4 * 4] + _rest(clean))
        except (binascii.Error, ValueError):
            return b""
    return content


def _rest(clean: bytes) -> bytes:
    """Give the last, incomplete group of four, filled up; one character alone says nothing."""
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def web_address(url: str) -> str:
    """Return an address of the web as it is; the empty string for any other."""
    return url if url.startswith(("http://", "https://")) else ""


def mail_date(value: str) -> str:
    """Return a date as mail writes it (RFC 5322) in ISO 8601; the empty string where it is none."""
    try:
        when = parsedate_to_datetime(value)
        # `-0000` says that the time is UTC, and nothing of where it was written (RFC 5322, section 3.3).
        return (when.isoformat() if when.tzinfo else f"{when.isoformat()}Z") if value.strip() else ""
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
