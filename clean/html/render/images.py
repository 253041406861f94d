"""Images: choice of the address among many attributes, and images that show nothing."""

import re
from itertools import islice

from lxml.etree import _Element

__all__ = ["file_name", "image_address", "is_drawing", "is_pixel", "is_placeholder"]

# Where lazy loaders keep the address, the best one first.
LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-original-src", "data-actualsrc", "data-croporisrc",
    "data-url", "data-image", "data-full-src", "data-lazyload", "data-echo", "file", "zoomfile",
)  # fmt: skip
# Something that looks like an address: one word with a slash or a dot in it, no brace of a template.
ADDRESS = re.compile(r"[^\s{}]*+(?<![,{}\s])$")
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
EMBEDDED = re.compile(r"data:image/(?:png|jpe?g|gif|webp);", re.IGNORECASE)
# The smallest photograph is larger than this; a stand-in of one colour is not.
SMALLEST_EMBEDDED = 1000
LONGEST_SRCSET = 20_000
"""Characters of candidates that are read for one image."""
MOST_SOURCES = 20
"""Sources of a `picture` that are read for each image in it."""


def image_address(image: _Element) -> str | None:
    """Return the address of an image, as it stands in the page; None if there is none."""
    given = image.get("src")
    for name in LAZY:
        lazy = image.get(name)
        if lazy and ("/" in lazy or "." in lazy) and ADDRESS.match(lazy.strip()) and not lazy.startswith("data:"):
            return lazy.strip()
    if given and given.strip() and not is_placeholder(given):
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
    return given.strip() if given and given.strip() else None


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
        return not EMBEDDED.match(where) or len(where) < SMALLEST_EMBEDDED
    return STAND_IN.search(where) is not None or where.startswith(("about:", "javascript:"))


def file_name(where: str) -> str:
    """Return the name of an address's file; nothing for an address that holds its data."""
    return "" if where.startswith("data:") else where.partition("?")[0].rpartition("/")[2]


def is_drawing(where: str) -> bool:
    """Return whether an address holds a drawing that is more than a stand-in, and that Markdown cannot show."""
    return where[:14].lower().startswith("data:image/svg") and len(where) >= SMALLEST_EMBEDDED


def is_pixel(image: _Element) -> bool:
    """Return whether an image is one pixel high and wide."""
    return (image.get("width") or "").strip() in ("0", "1") and (image.get("height") or "").strip() in ("0", "1")
