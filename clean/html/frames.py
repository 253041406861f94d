"""Documents in frames, put where a reader sees them: saved with their page, or written into it (`srcdoc`).

A frame whose document is at hand becomes a box of its content, at its place in the page; the addresses in it are
completed by its own. Each document is shown once and six deep, so that frames that show one another come to an end. A
frame whose document is not at hand stays as it is.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from lxml import etree
from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.html.model import line_of

__all__ = ["FrameDocument", "FrameParser", "addresses_of_frames", "fill_frames"]

_DEEPEST: Final = 6
"""Frames within frames that are filled; pages have two."""

_LEFT_OUT: Final = ("script", "style", "link", "meta", "base", "title", "template")
"""What of a frame's document is not shown, and says nothing of the page around it."""

_ADDRESSES: Final = ("href", "src", "data-src", "data-original", "poster", "background", "longdesc", "cite")

_DOT: Final = frozenset({"0", "1", "0px", "1px"})
"""Sizes of frames that show nothing."""

FrameParser = Callable[[bytes, str], HtmlElement]
"""Parses a document, given its bytes and what declares its encoding."""


class FrameDocument(NamedTuple):
    """A document that frames may show."""

    data: bytes
    """Its HTML."""
    charset: str
    """What declares its encoding; may be empty."""
    address: str
    """What its relative addresses are relative to."""


class _Frames(NamedTuple):
    """A tree whose frames are to be filled."""

    root: HtmlElement
    base: str
    depth: int


def fill_frames(root: HtmlElement, address: str, documents: Mapping[str, FrameDocument], parse: FrameParser) -> None:
    """Fill the frames of a page, changing its tree. `documents` are by address, and by `cid:` and their Content-ID."""
    if next(root.iter("iframe", "frame", "noframes"), None) is None:
        return
    shown: set[int] = set()
    waiting = deque([_Frames(root, address, 1)])
    while waiting:
        here = waiting.popleft()
        base = _base(here.root, here.base)
        for element in list(here.root.iter("iframe", "frame")):
            found = _document(element, base, documents, shown) if here.depth <= _DEEPEST else None
            if found is None:
                continue
            inner = parse(found.data, found.charset)
            inner_base = _base(inner, found.address)
            if element.get("srcdoc") is None:
                _complete(inner, inner_base)
            waiting.append(_Frames(_fill(element, inner, parse), inner_base, here.depth + 1))
        _open_frameset(here.root, parse)


def _base(root: _Element, address: str) -> str:
    given = next((one.get("href") or "" for one in root.iter("base") if one.get("href")), "")
    return _joined(address, given)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address


def _document(
    element: _Element, base: str, documents: Mapping[str, FrameDocument], shown: set[int]
) -> FrameDocument | None:
    """Return what a frame shows; None where it is not at hand, or shown already."""
    written = element.get("srcdoc")
    if written is not None:
        return FrameDocument(written.encode("utf-8", "replace"), "utf-8", base) if written.strip() else None
    given = (element.get("src") or "").strip()
    if not given or not documents:
        return None
    names = [f"cid:{unquote(given[4:])}"] if given.lower().startswith("cid:") else [_joined(base, given), given]
    name = next((name for one in names for name in (one, urldefrag(one).url) if name in documents), "")
    if not name or id(documents[name]) in shown:  # it may have two names
        return None
    shown.add(id(documents[name]))
    return documents[name]


def _complete(root: HtmlElement, base: str) -> None:
    """Complete the addresses in a document by its own; those within it stay."""
    if not base.startswith(("http://", "https://")):
        return
    for element in root.iter("*"):
        for name in _ADDRESSES:
            given = element.get(name)
            if given and not given.startswith(("#", "data:", "cid:")):
                element.set(name, _joined(base, given))
        if given := element.get("srcset"):
            element.set("srcset", ", ".join(_source(part, base) for part in given.split(", ")[:_SOURCES]))


_SOURCES: Final = 20


def _source(part: str, base: str) -> str:
    address, blank, size = part.strip().partition(" ")
    return _joined(base, address) + blank + size


def _fill(element: _Element, inner: HtmlElement, parse: FrameParser) -> HtmlElement:
    """Make a frame a box of what its document shows, and return the box."""
    assert isinstance(element, HtmlElement)
    is_dot = {element.get("width"), element.get("height")} & _DOT
    for name in ("src", "srcdoc", "width", "height", "name"):
        element.attrib.pop(name, None)
    if is_dot:
        element.set("hidden", "")
    _hide_inside(element, parse)
    element.tag = "div"
    body = inner.find("body")
    content = inner if body is None else body
    for one in list(content.iter(*_LEFT_OUT)):
        one.drop_tree()
    line = line_of(element)
    for one in content.iter("*"):
        one.sourceline = line
    if content.text:
        element.text = content.text
    element[0:0] = list(content)
    return element


def _hide_inside(element: HtmlElement, parse: FrameParser) -> None:
    """Put what a frame holds for browsers without frames into a box that is not shown."""
    fallback = etree.SubElement(element, "div", {"hidden": ""})
    fallback.text, element.text = element.text, None
    fallback.extend([one for one in element if one is not fallback])
    _read_markup(fallback, parse)
    if not "".join(map(str, fallback.itertext())).strip():
        element.remove(fallback)


def _open_frameset(root: HtmlElement, parse: FrameParser) -> None:
    """Read what a page of frames says to browsers without them; make a body of the frames that were filled."""
    for element in list(root.iter("noframes")):
        _read_markup(element, parse)
    outer = root.find("frameset")
    if outer is None or root.find("body") is not None or next(outer.iter("div"), None) is None:
        return
    filled = [one for one in outer.iter("div", "frame") if next(one.iterancestors("div", "noframes"), None) is None]
    if not any(one.tag == "div" for one in filled):
        return
    body = etree.SubElement(root, "body" if root.tag == "html" else "div")
    body.extend([_linked(one) if one.tag == "frame" else one for one in filled])
    for one in list(outer.iter("noframes")):
        one.tag = "div"
        one.set("hidden", "")
        body.append(one)
    root.remove(outer)


def _read_markup(element: _Element, parse: FrameParser) -> None:
    """Parse markup that the parser took for the text of an element."""
    assert isinstance(element, HtmlElement)
    if "<" not in (element.text or ""):
        return
    written, element.text = element.text or "", None
    body = parse(written.encode("utf-8", "replace"), "utf-8").find("body")
    if body is not None:
        element.text = body.text
        element[0:0] = list(body)
        for one in element.iter("*"):
            one.sourceline = line_of(element)


def _linked(frame: _Element) -> _Element:
    """Return a link to what a frame shows whose document is not at hand."""
    address = frame.get("src") or ""
    paragraph = etree.Element("p")
    link = etree.SubElement(paragraph, "a", {"href": address})
    link.text = frame.get("title") or frame.get("name") or address
    return paragraph


def addresses_of_frames(root: _Element) -> Sequence[str]:
    """Return where the pages are that the frames of a page show, as it writes them."""
    found = []
    for element in root.iter("frame", "iframe"):
        given = (element.get("src") or element.get("data-src") or "").strip()
        style = "".join((element.get("style") or "").split()).lower()
        is_seen = element.get("hidden") is None and "display:none" not in style and "visibility:hidden" not in style
        is_dot = {element.get("width"), element.get("height")} & _DOT
        if given and is_seen and not is_dot and not given.lower().startswith(("about:", "javascript:", "data:")):
            found.append(given)
    return found
