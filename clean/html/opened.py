"""A page opened: its bytes decoded, its tree parsed once, and what the one who saved it noted."""

from hashlib import sha256
from typing import NamedTuple

from lxml.html import HtmlElement

from clean.errors import EmptySource
from clean.html.decode import Decoded, decode_page
from clean.html.mhtml import is_mhtml, read_mhtml, saved_note
from clean.html.parse import parse_html
from clean.html.places import Places

__all__ = ["Opened", "open_page"]


class Opened(NamedTuple):
    """One page, as every profile needs it."""

    root: HtmlElement
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
    if not data.strip():
        raise EmptySource("the file is empty")
    noted = saved = ""
    media_type, digest = "text/html", sha256(data).hexdigest()
    if is_mhtml(data):
        file = read_mhtml(data)
        data, charset, noted, saved = file.data, file.charset or charset, file.url, file.date
        media_type = "multipart/related"
    decoded = decode_page(data, charset)
    if not noted:
        noted, when = saved_note(decoded.text)
        saved = saved or when
    plain = decoded.encoding == "utf-8" and decoded.known_by != "mark" and not decoded.replaced and not decoded.zeros
    root = parse_html(decoded.text, data if plain else None)
    return Opened(root, Places(root), decoded, noted, saved, media_type, digest)
