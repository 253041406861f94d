"""Opening of a page: what the file is, decoding, one tree, and what the tool that saved it noted."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.formats.binary import refuse_nothing
from clean.formats.text import refuse_other
from clean.html.decode import DecodedPage, decode_page
from clean.html.frames import FrameDocument, fill_frames
from clean.html.mhtml import is_mhtml, read_mhtml
from clean.html.model import NodePlaces
from clean.html.parse import flatten_tags, parse_document, parse_page
from clean.html.saved import (
    LOOKED_AT,
    WEBARCHIVE_TYPE,
    WaybackCopy,
    archived_address,
    is_webarchive,
    put_back_images,
    read_self_extracting,
    read_wayback,
    read_webarchive,
    saved_note,
    unpacks_itself,
)
from clean.html.shadow import MARK, attach_shadow_trees
from clean.ledger import Span

__all__ = ["OpenPage", "open_page"]


class OpenPage(NamedTuple):
    """One page, as every profile needs it."""

    root: HtmlElement
    """Its tree; scripts in it may have a few letters in the place of a program."""
    programs: Mapping[_Element, Span]
    """Those scripts, and where their programs are in `decoded.data`."""
    places: NodePlaces
    decoded: DecodedPage
    url: str
    """As the tool that saved the page noted it; may be empty."""
    saved: str
    """When a tool saved it, ISO 8601; may be empty. Of a copy of the Wayback Machine: when that captured it."""
    media_type: str
    """`text/html`, or `multipart/related` for MHTML (RFC 2557), or that of a .webarchive."""
    sha256: str
    """Of the file's bytes, in lowercase hex."""
    wayback: WaybackCopy | None = None
    """Of a copy of the Wayback Machine: what was found, and undone in `root`."""


def open_page(data: bytes, charset: str | None = None) -> OpenPage:
    """Open a page as fetched, or as a tool saved it (HTML, MHTML by RFC 2557, .webarchive).

    `charset` is a label or the value of the Content-Type header. Raises NotText for a picture or an archive,
    NotAPage for a format that holds none, SourceError for an MHTML file that holds no page, EmptySource for a file
    without a sign that anybody could see.
    """
    refuse_nothing(data)
    noted = saved = ""
    documents: Mapping[str, FrameDocument] = {}
    media_type, digest = "text/html", sha256(data).hexdigest()
    if is_webarchive(data):
        file = read_webarchive(data)
        data, charset, noted = file.data, file.charset or charset, file.url
        documents = file.documents
        media_type = WEBARCHIVE_TYPE
    refuse_other(data)
    if unpacks_itself(data):
        file = read_self_extracting(data)
        data, charset, noted, saved = file.data, None, file.url, file.date
        documents = file.documents
    if is_mhtml(data):
        file = read_mhtml(data)
        data, charset, noted, saved = file.data, file.charset or charset, file.url, file.date
        documents = file.documents
        media_type = "multipart/related"
    decoded = decode_page(data, charset)
    if not noted:
        noted, when = saved_note(decoded.head(LOOKED_AT))
        saved = saved or when
    root, programs = parse_page(decoded.data)
    if copied := archived_address(noted):
        noted, saved = copied.url, copied.date or saved
    if wayback := read_wayback(root, decoded.data):
        noted, saved = noted or wayback.url, wayback.date or saved
        documents = {(copy.url if (copy := archived_address(name)) else name): one for name, one in documents.items()}
    fill_frames(root, noted, documents, _parse_document)
    if documents or MARK in decoded.data:
        attach_shadow_trees(root)
    put_back_images(root)
    return OpenPage(root, programs, NodePlaces(root), decoded, noted, saved, media_type, digest, wayback)


_DEPTH_OF_FRAMES: Final = 150
"""Nested elements of a frame's document that are kept: six such documents may stand in one another."""


def _parse_document(data: bytes, charset: str) -> HtmlElement:
    return parse_document(flatten_tags(decode_page(data, charset).data, _DEPTH_OF_FRAMES))
