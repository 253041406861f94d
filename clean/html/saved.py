"""Pages that other tools saved: .webarchive, self-extracting files, notes at the top, copies of the Wayback Machine.

What a tool notes of a page's address and date is taken from there; addresses that the Wayback Machine rewrote are
brought back, and its toolbar is named, so that it can be told from the page.
"""

import plistlib
import re
import zipfile
import zlib
from collections import deque
from io import BytesIO
from typing import Any, Final, NamedTuple
from xml.parsers.expat import ExpatError

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.errors import EmptySource, SourceError
from clean.html.frames import FrameDocument
from clean.html.mhtml import SavedPage, mail_date, web_address

__all__ = [
    "LOOKED_AT",
    "WEBARCHIVE_TYPE",
    "ArchivedAddress",
    "WaybackCopy",
    "archived_address",
    "is_webarchive",
    "put_back_images",
    "read_self_extracting",
    "read_wayback",
    "read_webarchive",
    "saved_note",
    "tool_date",
    "unpacks_itself",
]

LOOKED_AT: Final = 4096
"""Characters at the beginning of a page in which a tool's note stands, if there is one."""

# Safari's .webarchive: a property list, XML or binary, with the page, its frames and its pictures.

WEBARCHIVE_TYPE: Final = "application/x-webarchive"
"""Media type of a .webarchive; Apple registered none, and this is what systems call it."""

_PLIST_STARTS = (b"bplist", b"<?xml", b"<!DOCTYPE plist", b"<plist")
_MAIN = "WebMainResource"
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_HINT = "Save the page again, as “web page, complete” or with `capture`."

_NO_PLIST = (
    plistlib.InvalidFileException, ExpatError, ValueError, LookupError, TypeError, AttributeError, OverflowError,
    RecursionError,
)  # fmt: skip
"""What plistlib raises for what is none: cut off, in no encoding, with entities, nested without end, other elements."""


def is_webarchive(data: bytes) -> bool:
    """Whether these bytes begin like a property list, and speak of the main resource of a page."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PLIST_STARTS) and _MAIN.encode() in data


class _Resource(NamedTuple):
    """A resource of a .webarchive: the page, or the document of a frame."""

    content: bytes
    kind: str
    charset: str
    address: str


def read_webarchive(data: bytes) -> SavedPage:
    """Return the page, and the documents of its frames.

    Raises EmptySource or SourceError where there is none, or the file is cut off.
    """
    try:
        archive = plistlib.loads(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
    except _NO_PLIST as error:
        raise SourceError(f"this .webarchive file cannot be read: {error}", hint=_HINT) from error
    main = _main_resource(archive)
    if main is None:
        raise SourceError("this .webarchive file holds no page", hint=_HINT)
    if main.kind not in _HTML:
        raise SourceError(f"the page of this .webarchive file is {main.kind}, not HTML", hint=_HINT)
    if not main.content.strip():
        raise EmptySource("the page in this .webarchive file is empty", hint=_HINT)
    return SavedPage(main.content, main.charset, web_address(main.address), "", _documents_of_frames(archive))


def _main_resource(archive: Any) -> _Resource | None:
    main = archive.get(_MAIN) if isinstance(archive, dict) else None
    if not isinstance(main, dict):
        return None
    content, charset = main.get("WebResourceData"), main.get("WebResourceTextEncodingName")
    if isinstance(content, str):  # some writers keep text as text
        content, charset = content.encode("utf-8", "replace"), "utf-8"
    if not isinstance(content, bytes):
        return None
    kind, address = main.get("WebResourceMIMEType") or "text/html", main.get("WebResourceURL")
    return _Resource(
        content, str(kind), charset if isinstance(charset, str) else "", address if isinstance(address, str) else ""
    )


def _documents_of_frames(archive: Any) -> dict[str, FrameDocument]:
    """Return the documents of the frames, and of the frames in these, by their addresses."""
    documents: dict[str, FrameDocument] = {}
    waiting, seen = deque([archive]), {id(archive)}
    while waiting:
        inner = waiting.popleft().get("WebSubframeArchives")
        for each in inner if isinstance(inner, list) else ():
            if not isinstance(each, dict) or id(each) in seen:  # a list may name one object many times
                continue
            seen.add(id(each))
            waiting.append(each)
            main = _main_resource(each)
            if main is not None and main.kind in _HTML and main.address:
                documents.setdefault(main.address, FrameDocument(main.content, main.charset, main.address))
    return documents


# SingleFile's self-extracting files, and those of SingleFileZ: HTML that shows what a zip file behind it holds.

_UNPACKS_ITSELF = re.compile(rb"<html[^<>]{0,400}\sdata-sfz\b|Page saved with SingleFileZ", re.IGNORECASE)
_ZIP_START, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
_ZIP_END_SIZE = 22
"""Bytes of the record that ends a zip file, without its comment (APPNOTE 4.3.16)."""
_INDEX = "index.html"
# A document of a frame, or of one in a frame: `frames/0/frames/2/index.html`. Numbers between words: linear.
_FRAME = re.compile(r"(?:frames/\d{1,6}/){1,20}index\.html")
_LARGEST_PAGE = 64 * 1024 * 1024

_NO_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What zipfile raises for a file that is damaged, encrypted or strangely compressed, or lacks its page."""


def unpacks_itself(data: bytes) -> bool:
    """Whether this is a page in a zip file behind a page that unpacks it."""
    return _UNPACKS_ITSELF.search(data, 0, LOOKED_AT) is not None and _ZIP_START in data


def read_self_extracting(data: bytes) -> SavedPage:
    """Return the page; its address and date stand in front. Raises SourceError where it cannot be unpacked."""
    url, date = saved_note(data[:LOOKED_AT].decode("utf-8", "replace"))
    end = data.rfind(_ZIP_END)
    try:
        package = zipfile.ZipFile(BytesIO(data[: end + _ZIP_END_SIZE] if end >= 0 else data))
        with package:
            page = _read_at_most(package, _INDEX, _LARGEST_PAGE)
            documents = _frames_in(package, _LARGEST_PAGE - len(page))
    except _NO_ZIP as error:
        raise SourceError(f"the page in this self-extracting file cannot be read: {error}", hint=_HINT) from error
    if len(page) > _LARGEST_PAGE:
        raise SourceError("the page in this self-extracting file is larger than 64 MB", hint=_HINT)
    return SavedPage(page, "", url, date, documents)


def _read_at_most(package: zipfile.ZipFile, name: str, size: int) -> bytes:
    """Read a file of a zip file; one byte more than `size` where it is larger."""
    with package.open(name) as file:
        return file.read(size + 1)


def _frames_in(package: zipfile.ZipFile, room: int) -> dict[str, FrameDocument]:
    """Return the documents of frames by their names, by which the page names them, too, as long as there is room."""
    documents: dict[str, FrameDocument] = {}
    for info in package.infolist():
        if _FRAME.fullmatch(info.filename) and info.file_size <= room:
            data = _read_at_most(package, info.filename, room)
            room -= len(data)
            documents[info.filename] = FrameDocument(data, "", info.filename)
    return documents


# Notes in a comment at the top of a page.

# Internet Explorer and Chrome write the first, SingleFile the second, monolith the third; bounded runs: linear.
_NOTES = (
    re.compile(r"<!-- saved from url=\(\d{1,6}\)(\S{1,4000})()"),
    re.compile(
        r"<!--\s{1,9}Page saved with SingleFileZ?\s{1,9}url:\s{0,9}(\S{1,4000})\s{1,9}saved date:\s{0,9}([^\n]{1,80})"
    ),
    re.compile(r"<!-- Saved from (\S{1,4000}) at ([^\n<>]{1,60}) using monolith "),
)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


def saved_note(text: str) -> tuple[str, str]:
    """Address and date (both may be empty) from the comment that a tool left at the top of a saved page."""
    for pattern in _NOTES:
        if match := pattern.search(text, 0, LOOKED_AT):
            return web_address(match[1]), tool_date(match[2])
    return "", ""


def tool_date(date: str) -> str:
    """Return a date in ISO 8601; the empty string where it is none.

    Tools write it so, or like mail, or like JavaScript: `Wed Mar 04 2026 13:06:07 GMT+0800 (China Standard Time)`.
    """
    date = date.strip()
    return date if _ISO.fullmatch(date) else mail_date(date.partition("(")[0].replace("GMT", " "))


# Copies of the Wayback Machine: https://web.archive.org/web/DATE/ADDRESS, also written without host by its own pages.
# A date of four to fourteen digits and two letters that say how the copy is to be given: bounded runs, linear.
_WRAPPED = re.compile(
    r"(?:(?:https?:)?//web\.archive\.org)?/web/(\d{4,14})(?:[a-z]{2}_)?/(?=https?:/|mailto:)", re.IGNORECASE
)

# What only its copies have: the comment at the end, the call of its script with address and date, its toolbar.
_FILED = re.compile(rb"<!--\s{0,99}FILE ARCHIVED ON (\d{1,2}:\d\d:\d\d [A-Z][a-z]{2} \d{1,2}, \d{4})")
_CALLED = re.compile(rb"__wm\.wombat\(\s{0,9}[\"']([^\"'\s<>]{1,4000})[\"']\s{0,9},\s{0,9}[\"'](\d{14})[\"']")
_BAR = b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->"
_BAR_IDS = frozenset({"wm-ipp-base", "wm-ipp", "wm-ipp-print", "donato"})
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


# The port that each scheme means anyway, which its script names. Anchored, single classes: linear.
_USUAL_PORT = re.compile(r"(http://[^/?#:]+):80(?=[/?#]|\Z)|(https://[^/?#:]+):443(?=[/?#]|\Z)", re.IGNORECASE)


class ArchivedAddress(NamedTuple):
    """What an address of the Wayback Machine says."""

    url: str
    """Of the page itself."""
    date: str
    """When it was captured, ISO 8601 in UTC; empty where the address does not say the second."""


class WaybackCopy(NamedTuple):
    """What was found on a page that is a copy of the Wayback Machine."""

    url: str
    """The page's own address; may be empty."""
    date: str
    """When it was captured, ISO 8601 in UTC; may be empty."""
    toolbars: tuple[_Element, ...]
    """Elements of the copy's toolbar, none within another."""
    restored: int
    """Addresses that were brought back."""


def archived_address(address: str) -> ArchivedAddress | None:
    """Return what an address of a copy says; None where it is none."""
    match = _WRAPPED.match(address)
    if match is None:
        return None
    url = address[match.end() :]
    if "://" not in url:  # servers fold the slashes of a path
        url = url.replace(":/", "://", 1)
    return ArchivedAddress(url, _moment(match[1]))


def _moment(digits: str) -> str:
    if len(digits) != 14:
        return ""
    year, rest = digits[:4], [digits[at : at + 2] for at in range(4, 14, 2)]
    return f"{year}-{rest[0]}-{rest[1]}T{rest[2]}:{rest[3]}:{rest[4]}Z"


def read_wayback(root: HtmlElement, data: bytes) -> WaybackCopy | None:
    """Bring back the addresses of a copy, in its tree, and return what it says of itself; None where it is none.

    `data` is its HTML in UTF-8.
    """
    filed = _FILED.search(data)
    called = _CALLED.search(data)
    if filed is None and called is None and _BAR not in data:
        return None
    restored = 0
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            if "/web/" in value:
                changed, count = _WRAPPED.subn("", value)
                if count:
                    element.set(name, changed)
                    restored += count
    bars = [element for element in root.iter("*") if element.get("id") in _BAR_IDS]
    known = set(bars)
    toolbars = tuple(each for each in bars if not any(above in known for above in each.iterancestors()))
    date = _moment(called[2].decode()) if called else ""
    if not date and filed:
        clock, month, day, year = filed[1].decode().replace(",", "").split()
        number = _MONTHS.find(month) // 4 + 1
        date = f"{year}-{number:02}-{int(day):02}T{clock:0>8}Z" if number else ""
    url = web_address(called[1].decode("utf-8", "replace")) if called else ""
    return WaybackCopy(_USUAL_PORT.sub(r"\1\2", url), date, toolbars, restored)


# SingleFile keeps an image that stands on a page several times once, as a variable of the style sheet, behind images
# that only take its place.


_VARIABLE_MARK = "--sf-img-"
# One declaration; every part is bounded or one possessive class, so the sheet is read once.
_VARIABLE = re.compile(
    r"""(--sf-img-[0-9]{1,6})\s{0,9}:\s{0,9}url\(\s{0,9}(?:"(data:[^"]++)"|'(data:[^']++)'|(data:[^'")]++))"""
)
_USE = re.compile(r"var\(\s{0,9}(--sf-img-[0-9]{1,6})\s{0,9}\)")
_MOST_REPEATED = 4
"""How many times larger than its style sheets a page may become by images that stand in several places."""


def put_back_images(root: HtmlElement) -> None:
    """Put the images that SingleFile keeps in variables to where they stand, in `style` attributes."""
    sheets = [sheet.text for sheet in root.iter("style") if sheet.text and _VARIABLE_MARK in sheet.text]
    if not sheets:
        return
    images = {found[1]: found[2] or found[3] or found[4] for sheet in sheets for found in _VARIABLE.finditer(sheet)}
    left = _MOST_REPEATED * sum(map(len, sheets))
    for element in root.iter("*"):
        style = element.get("style")
        if not style or _VARIABLE_MARK not in style or (used := _USE.search(style)) is None:
            continue
        image = images.get(used[1], "")
        left -= len(image)
        if image and left > 0:
            element.set("style", f'{style[: used.start()]}url("{image}"){style[used.end() :]}')
