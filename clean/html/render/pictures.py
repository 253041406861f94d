"""Rendering of images, drawings and backgrounds, without repetition."""

import re
from itertools import islice
from urllib.parse import unquote

from lxml.etree import _Element

from clean.html.embedded import is_broken
from clean.html.render import math
from clean.html.render.model import PLAIN, TEXT, Formatting, InlinePiece, Link, is_visible
from clean.html.render.reader import SKIP, Enter, Reader, Skip, has_content
from clean.html.render.style import CssStyle, class_roles, read_style, text_content
from clean.html.render.visible import (
    background_of,
    file_name,
    is_of_extension,
    is_pixel,
    is_placeholder,
    picture_address,
)

__all__ = [
    "add_backgrounds",
    "enter_image",
    "enter_noscript",
    "enter_picture",
    "enter_svg",
    "enter_svg_image",
    "is_copy",
    "same_picture",
]


# One picture at several addresses: the same file in another size, as its name says.
#
# A link around a picture often leads to the picture alone, only larger; and a box may hold a picture twice, for wide
# screens and for narrow ones.


# The ending of a picture's file; anchored, every part bounded.
ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|jfif)$", re.IGNORECASE)
# What names say about the size, at their end: `-300x200`, `_small`, `@2x`. Anchored; no part can match in two ways.
SIZE = re.compile(
    r"(?:[-_.](?:[0-9]{2,5}x[0-9]{2,5}|[0-9]{2,5}(?:w|px)|large|medium|small|thumb(?:nail)?|scaled|original|full)|@[1-4]x)$",
    re.IGNORECASE,
)
FIGURE_LEVELS = 6
"""How far above a picture its figure may stand."""
MOST = 8
"""Pictures of a figure that are compared; one with more is a gallery."""


def file_stem(where: str) -> str:
    """Return the name of a picture's file without its size and its ending; nothing if it has no such ending."""
    name = file_name(where.partition("#")[0])
    bare = ENDING.sub("", name)
    return "" if bare == name else SIZE.sub("", unquote(bare)).lower()


def same_picture(one: str, other: str) -> bool:
    """Return whether two addresses are of one picture."""
    return one == other or ("" != file_stem(one) == file_stem(other))


def is_copy(reader: Reader, image: _Element, found: str) -> bool:
    """Return whether a picture's figure has shown it already, in another size."""
    if not file_stem(found):
        return False
    figure = next((above for above in islice(image.iterancestors(), FIGURE_LEVELS) if above.tag == "figure"), None)
    if figure is None or reader.cut_index.is_cut(figure):
        return False
    pictures = list(islice(reader.cut_index.all(figure, "img"), MOST + 1))
    if not 1 < len(pictures) <= MOST:
        return False
    for before in pictures[: pictures.index(image)] if image in pictures else ():
        where = (reader.options.image_address(before) or "").strip()
        if where != found and same_picture(where, found) and alternative_text(before) == alternative_text(image):
            return True
    return False


def alternative_text(image: _Element) -> str:
    """Return what a picture says of itself."""
    return " ".join((image.get("alt") or "").split())


NEAR = 3
"""How many elements behind an image, or behind what holds it, may be the one for browsers without scripts."""
LEVELS = 3
"""How far above an image the one for browsers without scripts may stand beside it."""
SHORTEST_NOTE = 4
"""Characters of the shortest note; less is the word `note` or a sign."""
SHAPES = ("path", "rect", "circle", "use", "polygon", "line", "ellipse", "polyline", "animate")


NOTE_MARKS = frozenset(("qqreader-footnote", "zhangyue-footnote", "epub-footnote", "footnote-img"))
"""How makers of books name the picture that is the mark of a note, whose text it has for its own."""


def note_of_mark(image: _Element) -> str:
    """Return the note whose mark a picture is; nothing for any other picture."""
    if NOTE_MARKS.isdisjoint((image.get("class") or "")[:200].split()):
        return ""
    note = " ".join((image.get("zy-footnote") or image.get("alt") or "").split())
    return note if len(note) >= SHORTEST_NOTE else ""


def enter_image(reader: Reader, element: _Element, formatting: Formatting) -> Skip:
    """Add an image."""
    alt = element.get("alt") or ""
    formula = math.of_image(element)
    if formula:
        reader.drop_text(element, (reader.options.image_address(element) or "").strip(), "html.math-drawing", "image")
        math.add_formula(reader, element, formula, math.is_display(element), formatting)
        return SKIP
    found = reader.options.image_address(element)
    note = note_of_mark(element)
    if note and not (reader.line or reader.heading or reader.grid is not None or formatting.code is not None):
        reader.drop_text(element, (found or alt).strip(), "html.note-number", "image")
        reader.add_side_note([InlinePiece(TEXT, note, PLAIN)])
        return reader.finish(element)
    if found is None or not found.strip():
        if alt.strip():
            reader.drop_text(element, alt.strip(), "html.placeholder-image", "image")
        return SKIP
    if is_broken(found):
        reader.drop_text(element, found, "html.broken-data", "image")
        reader.add_alt(alt, formatting)
    elif is_placeholder(found):
        reader.drop_text(element, found, "html.placeholder-image", "image")
    elif is_of_extension(found):
        reader.drop_text(element, found, "html.extension-image", "image")
    elif is_pixel(element):
        reader.drop_text(element, found, "html.pixel", "image")
    elif alt and "emoji" in class_roles(element.get("class")) and is_emoji(alt):
        reader.drop_text(element, found, "html.emoji-image", "image")
        reader.add_alt(alt, formatting)
    elif is_copy(reader, element, found):
        reader.drop_text(element, found, "html.small-image", "image")
    else:
        large = noscript_image(reader, element, found)
        address = reader.resolve(large or found)
        link = link_around(element, formatting)
        if link is not None and same_picture(link.address, address):
            reader.drop_text(element, link.address, "html.picture-link", "link")
            link.used = True
            formatting = formatting._replace(link=None)
            large, address = (link.address, link.address) if link.address != address else (large, address)
        if large:
            reader.drop_text(element, found, "html.small-image", "image")
        reader.add_image(address, formatting, alt, element.get("title") or "")
    return SKIP


def enter_picture(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter a `picture`; where no image stands in it, its sources are what it shows."""
    found = picture_address(element) if next(element.iterdescendants("img"), None) is None else None
    if found:
        reader.add_image(reader.resolve(found), formatting, element.get("alt") or "", element.get("title") or "")
        reader.name_attributes(element, frozenset(("alt", "title")))
        return reader.finish(element)
    return Enter(formatting)


def link_around(image: _Element, formatting: Formatting) -> Link | None:
    """Return the link around an image, if nothing else is in it."""
    if formatting.link is None:
        return None
    link = next(image.iterancestors("a"), None)
    if link is None or sum(1 for _ in islice(link.iterdescendants("img"), 2)) != 1:
        return None  # before its text is asked for, which would be asked for by each of many images
    return None if is_visible(text_content(link)) else formatting.link


def noscript_image(reader: Reader, image: _Element, found: str) -> str | None:
    """Return the image for browsers without scripts, if it is this one once more: it is the large one.

    Medium and its like show a blurred copy of a few pixels until their script has run.
    """
    name = file_name(found)
    here: _Element | None = image
    for _ in range(LEVELS):
        if here is None or here is reader.root:
            return None
        for sibling in islice(here.itersiblings("*"), NEAR):
            if sibling.tag != "noscript":
                continue
            other = reader.first_image(sibling)
            if name and other and other != found and file_name(other) == name and not reader.cut_index.is_cut(sibling):
                return other
        here = here.getparent()
    return None


def add_backgrounds(reader: Reader, element: _Element, style: CssStyle, formatting: Formatting) -> None:
    """Show the picture behind a box if a reader sees nothing else in the box; else name it.

    `style` is its own; loaders keep others in attributes. Further pictures that a style draws are named.
    """
    for where in dict.fromkeys(filter(None, (style.background, background_of(element)))):
        if is_placeholder(where) or (element.tag == "img" and reader.options.image_address(element) == where):
            continue
        if element.tag in PAINTED or shows_anything(reader, element):
            reader.drop_text(element, where, "html.background", "image")
        elif reader.resolve(where) not in reader.seen:
            reader.add_image(reader.resolve(where), formatting)
    for where in style.more:
        if not is_placeholder(where):
            reader.drop_text(element, where, "html.background", "image")


PAINTED = frozenset(("body", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "html"))
"""Elements whose background is their paint; a picture cannot stand in their place."""
MOST_IN_BOX = 40
"""Elements of a box in which something to see is looked for."""


def shows_anything(reader: Reader, element: _Element) -> bool:
    """Whether a reader sees anything in a box beside its background: not in one of blanks, breaks and animations."""
    nodes = list(islice(element.iter("*"), MOST_IN_BOX + 1))
    if len(nodes) > MOST_IN_BOX:
        return True
    for node in nodes:
        inside = node is not element
        if (node.text and is_visible(node.text)) or (inside and node.tail and is_visible(node.tail)):
            return True
        if not inside:
            continue
        if (node.tag in MEDIA_TAGS and not is_transparent(node)) or (
            node.tag == "img" and not is_placeholder(reader.options.image_address(node) or "about:")
        ):
            return True
        style = node.get("style")
        if background_of(node) or (style and read_style(style).background):
            return True
    return False


# A shape that is there to be touched, and that nobody sees; both are anchored, of single classes.
NOTHING = re.compile(r"0*\.?0*%?$")
UNSEEN = re.compile(
    r"(?:^|[;\s])(?:fill-)?opacity\s*+:\s*+0*\.?0*%?\s*+(?:;|$)|(?:^|[;\s])fill\s*+:\s*+(?:none|transparent)"
)


def is_transparent(shape: _Element) -> bool:
    """Return whether a shape of a drawing is there only to be touched, as posts have that change on a touch."""
    if shape.tag not in SHAPES:
        return False
    opacity = (shape.get("opacity") or shape.get("fill-opacity") or "1").strip()
    if NOTHING.match(opacity) or UNSEEN.search(shape.get("style") or ""):
        return True
    return (shape.get("fill") or "") in ("none", "transparent") and not shape.get("stroke")


MEDIA_TAGS = frozenset(("image", "video", "audio", "iframe", "embed", "object", "hr", "math")).union(SHAPES[:8])


def enter_svg(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter an SVG: its text and its images count, its shapes are a drawing."""
    if any(above.tag == "svg" for above in islice(element.iterancestors(), FIGURE_LEVELS)):
        return Enter(formatting)
    if has_background(element):
        return Enter(formatting)
    if not has_content(element) and next(iter(element.iterdescendants("image")), None) is None:
        shapes = SHAPES[:-1] if read_style(element.get("style") or "").background else SHAPES  # what moves is shown
        if next(iter(element.iterdescendants(*shapes)), None) is not None:
            reader.drop_text(element, element.get("aria-label") or "", "html.embedded-drawing", "image")
        return SKIP
    if next(iter(element.iterdescendants("text", "image", "img", "foreignobject", "foreignObject")), None) is None:
        # A title, a style sheet: what a drawing says about itself.
        return reader.drop(element, "html.embedded-drawing")
    return Enter(formatting)


def has_background(drawing: _Element) -> bool:
    """Whether a drawing is made of boxes with pictures behind them, as posts are that change when they are touched."""
    return any(
        background_of(inside) or read_style(inside.get("style") or "").background
        for inside in drawing.iterdescendants("*")
        if len(inside.keys())
    )


def enter_svg_image(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Add an image of an SVG."""
    found = element.get("{http://www.w3.org/1999/xlink}href") or element.get("xlink:href") or element.get("href")
    if not found:
        return enter_image(reader, element, formatting)
    if is_placeholder(found):
        reader.drop_text(element, found, "html.placeholder-image", "image")
    else:
        reader.add_image(reader.resolve(found), formatting)
    return Enter(formatting)


def enter_noscript(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Read the image that is there for browsers without scripts, if the page shows it nowhere else."""
    for one in reader.cut_index.all(element, "img"):
        found = reader.options.image_address(one)
        if found and not is_placeholder(found) and reader.resolve(found) not in reader.seen:
            return (
                reader.drop(element, "html.no-script") if stands_behind(reader, element, found) else Enter(formatting)
            )
    return reader.drop(element, "html.no-script")


def stands_behind(reader: Reader, element: _Element, found: str) -> bool:
    """Return whether an image stands right behind the `noscript` that holds it as well, as Zhihu has it."""
    for sibling in islice(element.itersiblings("*"), NEAR):
        images = [sibling] if sibling.tag == "img" else islice(reader.cut_index.all(sibling, "img"), 1)
        if sibling.tag == "noscript" or reader.cut_index.is_cut(sibling):
            continue
        if any((reader.options.image_address(one) or "").strip() == found for one in images):
            return True
    return False


def is_emoji(alt: str) -> bool:
    """Return whether an image's text is the character it stands for, or its name in brackets."""
    alt = alt.strip()
    return len(alt) <= 12 and (not alt.isascii() or (alt[0] in ":[" and alt[-1] in ":]"))
