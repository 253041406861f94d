"""A page opened: its bytes decoded, its tree parsed once, and what the one who saved it noted."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.errors import EmptySource
from clean.html.decode import Decoded, decode_page
from clean.html.mhtml import LOOKED_AT, is_mhtml, read_mhtml, saved_note
from clean.html.model import Places
from clean.html.parse import parse_page
from clean.spans import Span

__all__ = ["Opened", "open_page"]


class Opened(NamedTuple):
    """One page, as every profile needs it."""

    root: HtmlElement
    """Its tree; scripts in it may have a few letters in the place of a program."""
    programs: Mapping[_Element, Span]
    """Those scripts, and where their programs are in `decoded.data`."""
    places: Places
    decoded: Decoded
    url: str
    """As the browser that saved the page noted it; may be empty."""
    saved: str
    """When a browser saved it, ISO 8601; may be empty."""
    media_type: str
    """`text/html`, or `multipart/related` for MHTML (RFC 2557)."""
    sha256: str
    """Of the file's bytes, in lowercase hex."""


def open_page(data: bytes, charset: str | None = None) -> Opened:
    """Open a page as fetched, or as a browser saved it (HTML or MHTML, RFC 2557).

    `charset` is a label or the value of the Content-Type header. Raises NotText for a picture or an archive,
    SourceError for an MHTML file that holds no page, EmptySource for a file without a byte.
    """
    if not data or data.isspace():
        raise EmptySource("the file is empty")
    noted = saved = ""
    media_type, digest = "text/html", sha256(data).hexdigest()
    if is_mhtml(data):
        file = read_mhtml(data)
        data, charset, noted, saved = file.data, file.charset or charset, file.url, file.date
        media_type = "multipart/related"
    decoded = decode_page(data, charset)
    if not noted:
        noted, when = saved_note(decoded.head(LOOKED_AT))
        saved = saved or when
    root, programs = parse_page(decoded.data)
    return Opened(root, programs, Places(root), decoded, noted, saved, media_type, digest)
