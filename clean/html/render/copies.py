"""One picture at several addresses: the same file in another size, as its name says.

A link around a picture often leads to the picture alone, only larger; and a box may hold a picture twice, for wide
screens and for narrow ones.
"""

import re
from itertools import islice
from urllib.parse import unquote

from lxml.etree import _Element

from clean.html.render.images import file_name
from clean.html.render.reader import Reader

__all__ = ["is_copy", "same_picture"]

# The ending of a picture's file; anchored, every part bounded.
ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?|jfif)$", re.IGNORECASE)
# What names say about the size, at their end: `-300x200`, `_small`, `@2x`. Anchored; no part can match in two ways.
SIZE = re.compile(
    r"(?:[-_.](?:[0-9]{2,5}x[0-9]{2,5}|[0-9]{2,5}(?:w|px)|large|medium|small|thumb(?:nail)?|scaled|original|full)|@[1-4]x)$",
    re.IGNORECASE,
)
LEVELS = 6
"""How far above a picture its figure may stand."""
MOST = 8
"""Pictures of a figure that are compared; one with more is a gallery."""


def stem(where: str) -> str:
    """Return the name of a picture's file without its size and its ending; nothing if it has no such ending."""
    name = file_name(where.partition("#")[0])
    bare = ENDING.sub("", name)
    return "" if bare == name else SIZE.sub("", unquote(bare)).lower()


def same_picture(one: str, other: str) -> bool:
    """Return whether two addresses are of one picture."""
    return one == other or ("" != stem(one) == stem(other))


def is_copy(reader: Reader, image: _Element, found: str) -> bool:
    """Return whether a picture's figure has shown it already, in another size."""
    if not stem(found):
        return False
    figure = next((above for above in islice(image.iterancestors(), LEVELS) if above.tag == "figure"), None)
    if figure is None or reader.inside.is_cut(figure):
        return False
    pictures = list(islice(reader.inside.all(figure, "img"), MOST + 1))
    if not 1 < len(pictures) <= MOST:
        return False
    for before in pictures[: pictures.index(image)] if image in pictures else ():
        where = (reader.options.image_address(before) or "").strip()
        if where != found and same_picture(where, found) and said(before) == said(image):
            return True
    return False


def said(image: _Element) -> str:
    """Return what a picture says of itself."""
    return " ".join((image.get("alt") or "").split())
