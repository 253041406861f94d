"""Whether an element can be seen, as its own attributes say."""

import re
from functools import lru_cache
from typing import Final

from lxml.etree import _Element

__all__ = ["FAINT", "GONE", "SEEN", "sight"]

SEEN: Final = 0
FAINT: Final = 1
"""Laid out and not drawn: `visibility:hidden` or `opacity:0`, which a script lifts when the page has loaded."""
GONE: Final = 2
"""Not laid out: `hidden` or `display:none`."""

LONGEST_STYLE: Final = 2000

# Names, a colon, white space around it, a literal value: nothing that could be matched in two ways.
NO_BOX = re.compile(r"display\s*:\s*none", re.IGNORECASE)
NO_INK = re.compile(r"visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])", re.IGNORECASE)


@lru_cache(maxsize=2048)
def style_sight(style: str) -> int:
    """Return what a `style` attribute says."""
    if NO_BOX.search(style):
        return GONE
    return FAINT if NO_INK.search(style) else SEEN


def sight(element: _Element) -> int:
    """Return whether the element itself is seen, faint or gone; those around it are not asked."""
    if element.get("hidden") is not None:
        return GONE
    style = element.get("style")
    return style_sight(style[:LONGEST_STYLE]) if style else SEEN
