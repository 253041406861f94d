"""What a reader sees of a node: its text, and pictures, media and words that stand in attributes.

Text is not all that a page shows. `KNOWN` says of each attribute what it is to a reader; `IN_MARKDOWN` which of them
the Markdown has already, by the element that they stand at. Whatever is left is named in the ledger, so that nothing
of an element is passed over, be it kept or cut.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Set
from itertools import islice
from typing import NamedTuple

from lxml.etree import _Element

from clean.html.embedded import SMALLEST, is_stand_in
from clean.html.render.model import BLOCK_TAGS, HEADINGS, LIST_TAGS, Kind, is_visible
from clean.html.render.style import read_style

__all__ = [
    "BACKGROUNDS",
    "KNOWN",
    "SILENT",
    "ShownAttribute",
    "VisibleContent",
    "background_of",
    "file_name",
    "hosted_address",
    "image_address",
    "is_of_extension",
    "is_pixel",
    "is_placeholder",
    "picture_address",
    "shown_attributes",
    "visible_content",
]


# Where an image is: loaders keep its address in many attributes, and put a stand-in into its own.


# Where lazy loaders keep the address, the best one first.
LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-original-src", "data-actualsrc", "data-croporisrc",
    "data-url", "data-image", "data-full-src", "data-lazyload", "data-echo", "file", "zoomfile",
)  # fmt: skip
# Where others keep it, beside an address that stands in for it.
RARE = (
    "data-image-loader", "data-lazy", "data-img-src", "data-imgsrc", "data-defer-src", "data-delayed-url", "data-hires",
    "data-pagespeed-lazy-src", "data-flickity-lazyload", "data-cfsrc", "data-runner-src", "data-ks-lazyload",
    "data-lazyload-src", "data-ezsrc", "data-orig-src", "data-real-src", "data-realsrc", "data-large-src", "lazysrc",
    "data-io-src", "data-aload", "data-nuxt-img", "data-normal", "lazy-src", "data-nsrc", "_src", "lay-src", "v-lazy",
    "zoom-src", "real_src", "data-backsrc", "data-placeholder-src", "data-thumb",
)  # fmt: skip
SIZES = frozenset(("data-lazy-sizes", "data-lazy-srcset"))
NO_LOADERS = frozenset(
    ("src", "alt", "title", "class", "id", "style", "srcset", "sizes", "usemap", "longdesc", "name", "width", "height",
     "onclick", "onload", "onerror", "aria-label", "aria-describedby", "data-alt", "data-title", "data-caption",
     "data-link")
)  # fmt: skip
"""Attributes that no loader keeps the address of an image in."""
# What attributes are called that hold a small copy, or another image; alternatives of fixed words.
LESSER = re.compile(r"thumb|small|placeholder|lqip|preview|avatar|error|fallback|default|icon|tiny", re.IGNORECASE)
# Something that looks like an address: one word with a slash or a dot in it, no brace of a template.
IMAGE_ADDRESS = re.compile(r"[^\s{}]*+(?<![,{}\s])$")
# Stand-ins that bear their purpose in their name.
STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:blank|cleardot|spacer|transparent|placeholder|pixel|1x1|grey|gray|lazy(?:load)?|loading|trans|dot)"
    r"\.(?:gif|png|svg|jpe?g)(?:[?#]|$)",
    re.IGNORECASE,
)
# One candidate of a srcset: commas and white space (HTML, section 4.8.4.4), an address that neither begins nor ends
# with a comma, then its width or density. Of a text without either at its end each try succeeds: linear.
CANDIDATE = re.compile(r"[\s,]*+([^\s,](?:\S*[^\s,])?)(?:\s++([\d.]++)[wxh])?[^,]*+(?:,|$)")
NOTHING = "," + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
LONGEST_SRCSET = 20_000
"""Characters of candidates that are read for one image."""
MOST_SOURCES = 20
"""Sources of a `picture` that are read for each image in it."""


def image_address(image: _Element) -> str | None:
    """Return the address of an image, as it stands in the page; None if there is none."""
    given = image.get("src")
    lazy = loaded_address(image, LAZY, lambda where: where.startswith("data:"))
    if lazy is None:  # whatever a loader is called, its attribute says that it is lazy
        named = [name for name in map(str, image.keys()) if "lazy" in name and name not in SIZES]
        lazy = loaded_address(image, named, is_placeholder) if named else None
    if lazy is not None:
        return lazy
    if given and given.strip() and not may_stand_in(given):
        return given.strip()
    sets = [image.get("data-srcset"), image.get("srcset"), image.get("data-lazy-srcset")]
    parent = image.getparent()
    # Parsers that do not know `source` put the image into it.
    while parent is not None and parent.tag == "source":
        parent = parent.getparent()
    if parent is not None and parent.tag == "picture":
        for source in islice(parent.iterdescendants("source"), MOST_SOURCES):
            sets += [source.get("data-srcset"), source.get("srcset")]
    left = LONGEST_SRCSET
    for one in filter(None, sets):
        found = largest_candidate(one) if left > 0 else None
        left -= len(one) if not one.startswith("data:") else 0
        if found is not None and not is_placeholder(found):
            return found
    if given is None or may_stand_in(given):
        rare = loaded_address(image, (*RARE, *LAZY), is_placeholder)  # here also one that holds the image itself
        if rare is None:
            rare = loaded_address(image, unknown_loaders(image), lambda where: not _PICTURE.search(where))
        if rare is not None:
            return rare
    if (given is None or is_placeholder(given)) and (style := image.get("style")):
        behind = read_style(style).background  # SingleFile keeps an image that stands on a page twice in its styles
        if behind and not is_placeholder(behind):
            return behind
    return given.strip() if given and given.strip() else None


def unknown_loaders(image: _Element) -> list[str]:
    """Return the attributes of an image in which a loader that is not known may keep its address, the best ones first.

    Small copies and what is shown in case of an error come last.
    """
    names = [name for name in map(str, image.keys()) if name not in NO_LOADERS and name not in KNOWN]
    return sorted(names, key=lambda name: LESSER.search(name) is not None)


def may_stand_in(where: str) -> bool:
    """Return whether an image may stand in for another whose address stands beside it: by its form, or by its size."""
    where = where.strip()
    if where[:5].lower() == "data:" and (len(where) < SMALLEST or where[:14].lower() == "data:image/svg"):
        return True
    return is_placeholder(where)


def loaded_address(image: _Element, names: Iterable[str], is_stand_in: Callable[[str], bool]) -> str | None:
    """Return the address that a loader finds in the first of these attributes that has one; None if none has."""
    for name in names:
        where = image.get(name)
        if where and ("/" in where or "." in where) and IMAGE_ADDRESS.match(where.strip()) and not is_stand_in(where):
            return where.strip()
    return None


def picture_address(picture: _Element) -> str | None:
    """Return the address of a `picture` that has sources alone; None where none names one."""
    for source in islice(picture.iterdescendants("source"), MOST_SOURCES):
        found = largest_candidate(source.get("srcset") or source.get("data-srcset") or "")
        if found and not is_placeholder(found):
            return found
    return None


def largest_candidate(srcset: str) -> str | None:
    """Return the address of the largest candidate of a srcset."""
    if srcset.startswith("data:"):
        return srcset.strip().split()[0]
    best, size = None, -1.0
    for found in CANDIDATE.finditer(srcset[:LONGEST_SRCSET].rstrip(NOTHING)):
        try:
            here = float(found[2] or 1)
        except ValueError:
            here = 1.0
        if here > size:
            best, size = found[1], here
    return best


def is_placeholder(where: str) -> bool:
    """Return whether an address is that of a stand-in."""
    where = where.strip()
    if where[:5].lower() == "data:":
        return is_stand_in(where)
    return STAND_IN.search(where) is not None or where.startswith(("about:", "javascript:"))


# Schemes of files that belong to an extension of the browser which saved the page. One word and an end: linear.
OF_EXTENSION = re.compile(
    r"\s*(?:(?:chrome|moz|edge|opera|brave|safari(?:-web)?|ms-browser)-extension):", re.IGNORECASE
)


def is_of_extension(where: str) -> bool:
    """Return whether an address is that of a file in an extension of somebody's browser."""
    return OF_EXTENSION.match(where) is not None


def file_name(where: str) -> str:
    """Return the name of an address's file; nothing for an address that holds its data."""
    return "" if where.startswith("data:") else where.partition("?")[0].rpartition("/")[2]


# A width or height of a style: `max-width` and `line-height` are others. A bounded number, so linear.
STYLED_SIZE = re.compile(r"(?<![\w-])(width|height)\s?:\s?([0-9]{1,9})(?:px)?(?![\w.%])", re.IGNORECASE)


def is_pixel(image: _Element) -> bool:
    """Return whether an image is one pixel high and wide, by its attributes or by its style.

    A style of no width at all is a loader's, which stretches the image by `min-width`, as that of Next.js.
    """
    sizes = {name: (image.get(name) or "").strip() in ("0", "1") for name in ("width", "height")}
    style = image.get("style") or ""
    if "min-" not in style:
        sizes |= {found[1].lower(): found[2] == "1" for found in STYLED_SIZE.finditer(style) if found[2] != "0"}
    return all(sizes.values())


# Everything else that attributes show.


class ShownAttribute(NamedTuple):
    """Something that a reader sees of an element, and that is none of its text."""

    kind: Kind
    text: str
    """The words, or the address as the page writes it."""
    rule: str
    """Id of the rule under which the ledger has it where the Markdown has not."""


HOVER, FIELD, BACKGROUND, MEDIA = "html.hover-text", "html.control", "html.background", "html.media"

KNOWN = {
    **dict.fromkeys(
        (
            "title", "data-title", "data-original-title", "data-bs-original-title", "data-text", "data-tooltip",
            "data-tippy-content", "data-tip", "data-hint", "data-footnote", "data-note", "data-definition",
        ),
        HOVER,
    ),
    **dict.fromkeys(("value", "placeholder", "label"), FIELD),
    **dict.fromkeys(
        (
            "background", "data-bg", "data-bgset", "data-bg-src", "data-bg-url", "data-background",
            "data-background-image", "data-background-src", "data-bgimage", "data-lazy-bg", "data-lazy-background",
            "data-lazy-background-image", "data-lazy-bgimg", "data-image-src", "data-setbg", "data-bg-image",
            "data-bgimg", "data-bg-img", "data-bgsrc", "data-ll-bg", "data-img-bg", "data-image-bg", "data-bg-lazy",
            "data-desktop-bg", "data-parallax-image", "data-bg-hidpi", "data-bg-multi", "data-background-url",
            "lazy-bg",
        ),
        BACKGROUND,
    ),
    **dict.fromkeys(
        (
            "src", "data-src", "srcset", "data-srcset", "data", "poster", "data-poster", "href", "alt", "srcdoc",
            "data-image-loader", "data-original", "data-lazy-src", "code", "classid",
        ),
        MEDIA,
    ),
}  # fmt: skip
"""Of each attribute that a reader sees something of, the rule that names it."""

BACKGROUNDS = frozenset(name for name, rule in KNOWN.items() if rule == BACKGROUND)

_FIELDS = frozenset(("input", "option", "optgroup", "select", "textarea", "track", "menuitem"))
"""Elements whose `value`, `placeholder` or `label` is words that a reader sees."""
_SILENT_FIELDS = frozenset(("hidden", "checkbox", "radio", "password", "range", "color", "file"))

_PICTURES = frozenset(("img", "image"))
_IN_MARKDOWN: dict[str, frozenset[str]] = {
    **dict.fromkeys(_PICTURES, frozenset(name for name, rule in KNOWN.items() if rule != HOVER) | {"title"}),
    "a": frozenset(("title", "href")),
    "iframe": frozenset(("src", "data-src", "title", "data-title", "poster", "data-poster")),
    "frame": frozenset(("src", "data-src", "title")),
    **dict.fromkeys(
        ("video", "audio", "embed", "object"), frozenset(("src", "data-src", "data", "poster", "title", "data-title"))
    ),
}
"""What the Markdown has of an element that stands in it: its handler has written it, or has named it."""

_NONE: frozenset[str] = frozenset()

# An address of a picture, by the ending of its file; anchored at its end, every part bounded.
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg)(?:[?#][^\s]{0,2000})?$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"url\(\s*+['\"]?+([^'\")]++)", re.IGNORECASE)

_LOOKED_AT = 12
"""Texts of an element that a hover text is compared with: what it repeats is seen without it."""
_LONGEST = 20_000
"""Characters of one attribute that are named."""


def shown_attributes(element: _Element, *, kept: bool, also: Set[str] = frozenset()) -> Iterator[ShownAttribute]:
    """Yield what a reader sees of an element's attributes; where it is kept, only what no handler has written.

    `also` are attributes that were written beside those that always are.
    """
    tag = str(element.tag)
    written = _IN_MARKDOWN.get(tag, _NONE) | also if kept else _NONE
    if tag in _PICTURES and not kept:
        where = image_address(element) if tag == "img" else element.get("href") or element.get("xlink:href")
        if where:
            yield ShownAttribute("image", where, "")
        written = _IN_MARKDOWN[tag] - {"title"}
    if tag == "oembed" and not kept and element.get("url"):
        yield ShownAttribute("link", element.get("url") or "", MEDIA)
    if "-" in tag and not kept and (hosted := hosted_address(element)):
        yield ShownAttribute("link", hosted, MEDIA)
    for name, given in element.items():
        rule = KNOWN.get(str(name))
        if name == "style" and not kept:
            style = read_style(str(given))
            for where in filter(None, (style.background, *style.more)):
                if not is_placeholder(where):
                    yield ShownAttribute("image", where, BACKGROUND)
        if rule is None or name in written or not given:
            continue
        value = str(given).strip()
        value = value if value[:5].lower() == "data:" else value[:_LONGEST]  # the digest is that of all of it
        if rule == HOVER:
            if is_visible(value) and not _repeats(element, value) and not _is_data(value):
                yield ShownAttribute("text", value, rule)
        elif rule == FIELD:
            if tag in _FIELDS and _is_shown_field(element, str(name)) and is_visible(value):
                yield ShownAttribute("text", value, rule)
        elif rule == BACKGROUND:
            where = "" if kept else _address_in(value)  # of a box that is kept, it is shown or named with the box
            if where and not is_placeholder(where):
                yield ShownAttribute("image", where, rule)
        else:
            yield from () if kept and tag == "source" else _medium(element, tag, str(name), value)


def background_of(element: _Element) -> str:
    """Return the address of the picture behind a box that an attribute names; empty where there is none."""
    for name, value in element.items():
        if KNOWN.get(str(name)) == BACKGROUND and (where := _address_in(str(value))):
            return where
    return ""


# Elements of components that show what others host, and where that is; `{}` stands for the number of the video.
HOSTS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
    "soundcloud": "https://api.soundcloud.com/tracks/{}",
}
NUMBERS = ("data-videoid", "videoid", "video-id", "data-video-id", "data-trackid", "trackid", "data-id", "vid")
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}$")


def hosted_address(element: _Element) -> str:
    """Return where others show the video or the sound of a component; empty where it names none."""
    tag = str(element.tag)
    host = next((address for name, address in HOSTS.items() if name in tag), "")
    number = next((given for name in NUMBERS if (given := (element.get(name) or "").strip())), "")
    return host.format(number) if host and NUMBER.match(number) else ""


def _address_in(value: str) -> str:
    """Return the address in the value of a background: bare, within `url(…)`, or the first of a set."""
    found = _IN_BRACKETS.search(value)
    words = (found[1] if found else value).split()
    return words[0].rstrip(",") if words and ("/" in words[0] or "." in words[0]) else ""


def _repeats(element: _Element, words: str) -> bool:
    """Whether an element's own text says what a hover text says."""
    wanted = "".join(words.split())
    text = "".join("".join(map(str, islice(element.itertext(), _LOOKED_AT))).split())
    return wanted in text


def _is_data(words: str) -> bool:
    """Whether a value is made for a script: an object, a template, a bare number."""
    return words.startswith(("{", "[{")) or words.isdigit() or "{{" in words


def _is_shown_field(field: _Element, name: str) -> bool:
    if field.tag == "input":
        return name != "label" and (field.get("type") or "text").lower() not in _SILENT_FIELDS
    return name == "label" or (field.tag == "textarea" and name == "placeholder")


_MEDIA_TAGS = frozenset(("source", "track", "area", "video", "audio", "embed", "object", "iframe", "frame", "applet"))
_OF_MEDIA = frozenset(("src", "data-src", "data", "poster", "data-poster", "srcset", "data-srcset", "code"))


def _medium(element: _Element, tag: str, name: str, value: str) -> Iterator[ShownAttribute]:
    if value.lower().startswith(("javascript:", "about:", "blob:")):
        return
    is_named = "-" in tag or tag in _MEDIA_TAGS
    if tag == "area":
        if name in ("href", "alt"):
            yield ShownAttribute("link" if name == "href" else "text", value, MEDIA)
    elif name == "srcdoc" or (is_named and name in _OF_MEDIA) or (tag == "input" and name == "src"):
        if not is_placeholder(value):
            yield ShownAttribute("text" if name == "srcdoc" else "link", value, MEDIA)
    elif name not in ("href", "alt", "src", "data", "code", "classid", "poster") and _PICTURE.search(value):
        yield ShownAttribute("image", value, MEDIA)


SILENT = frozenset({"script", "style", "template", "link", "meta"})
"""Elements whose text no reader sees."""

_PARTED = BLOCK_TAGS.union(HEADINGS, LIST_TAGS, ("br", "table", "tr", "td", "th", "blockquote", "pre", "hr", "button"))


class VisibleContent(NamedTuple):
    """The visible content of a node."""

    text: str
    """White space folded."""
    attributes: tuple[tuple[_Element, ShownAttribute], ...]
    """Pictures, hover texts and the like, each with its element, in the order of the page."""


def visible_content(element: _Element) -> VisibleContent:
    """Return what a reader sees of an element, the text after its end tag left out."""
    pieces: list[str] = []
    attributes: list[tuple[_Element, ShownAttribute]] = []
    stack: list[_Element | str] = [element]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            pieces.append(piece)
        elif isinstance(piece.tag, str) and (piece is element or piece.tag not in SILENT):
            gap = " " if piece.tag in _PARTED else ""
            if len(piece.keys()):
                attributes += ((piece, each) for each in shown_attributes(piece, kept=False))
            inside: list[_Element | str] = [gap + (piece.text or "")]
            for child in piece:
                inside += (child, child.tail or "")
            inside.append(gap)
            stack += reversed(inside)
    return VisibleContent(" ".join("".join(pieces).split()), tuple(attributes))
