"""Custom elements: what an element that a site named itself is to a reader (HTML, section 4.13).

HTML says nothing of them; the site's style sheet and programs make them paragraphs, headings and words. What is left to
judge by are the name, and what stands beside the element.
"""

from functools import lru_cache
from itertools import islice
from typing import Final

from lxml.etree import _Element

__all__ = ["is_marker", "standard_name", "stands_alone"]

ENDS: Final = {
    **dict.fromkeys(("p", "para", "paragraph"), "p"),
    **{f"h{level}": f"h{level}" for level in range(1, 7)},
    **dict.fromkeys(("li", "oli", "uli", "tli"), "li"),
    **dict.fromkeys(("quote", "blockquote"), "blockquote"),
    **dict.fromkeys(("text", "span", "link", "a", "icon", "inline", "emoji", "badge"), "span"),
    **dict.fromkeys(("strong", "bold", "b"), "strong"),
    **dict.fromkeys(("em", "italic"), "em"),
    **dict.fromkeys(("block", "section", "card", "row", "list", "body"), "div"),
    "code": "code",
}
"""The last part of a name, and the element of HTML that is alike."""
MARKERS: Final = ("-oli-i", "-uli-i", "-tli-i", "-li-marker", "-marker", "-bullet")
"""The number or the dot before an item."""
DRAWN: Final = ("mjx-", "mp-")
"""Names that others deal with: MathJax's drawings, WeChat's cards."""
LINE: Final = frozenset(
    (
        "a",
        "abbr",
        "b",
        "code",
        "del",
        "em",
        "font",
        "i",
        "kbd",
        "label",
        "mark",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    )
)
ENDINGS: Final = tuple("。！？；…：.!?;:”")
MOST_PARTS: Final = 100
"""Texts of an element above which it is no word."""
SENTENCE: Final = 12
"""Characters of the shortest text that is a sentence."""


@lru_cache(maxsize=512)
def standard_name(tag: str) -> str:
    """Return the element of HTML that a custom element is by its name; nothing where the name does not tell."""
    if "-" not in tag or tag.startswith(DRAWN):
        return ""
    if tag.endswith((*MARKERS, "-heading-content")):
        return "span"
    return ENDS.get(tag.rpartition("-")[2], "")


def is_marker(tag: str) -> bool:
    """Return whether a custom element is the number or the dot before an item, by its name."""
    return tag.endswith(MARKERS)


def stands_alone(element: _Element) -> bool:
    """Return whether a custom element, whose name does not tell, is a block: no word stands beside it in its line.

    One beside others of its name is a block where it holds a sentence; words in a row hold none.
    """
    if str(element.tag).startswith(DRAWN):
        return False
    parent, before, after = element.getparent(), element.getprevious(), element.getnext()
    beside = (before.tail if before is not None else parent.text if parent is not None else "", element.tail)
    if any(text and text.strip() for text in beside):
        return False
    for one in (before, after):
        if one is None or not isinstance(one.tag, str):
            continue
        if one.tag in LINE or standard_name(one.tag) in LINE:
            return False
        if "-" in one.tag and not standard_name(one.tag) and not holds_sentence(element):
            return False
    return True


def holds_sentence(element: _Element) -> bool:
    """Return whether the text in an element is long enough for a sentence and ends like one."""
    parts = [str(part) for part in islice(element.itertext(), MOST_PARTS + 1)]
    text = "".join(parts).strip()
    return len(parts) > MOST_PARTS or (len(text) >= SENTENCE and text.endswith(ENDINGS))
