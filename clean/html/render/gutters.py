"""What stands beside code and is none of it: line numbers, bars with a language and buttons, texts that pop up."""

import re
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from clean.html.render.inside import text_of
from clean.html.render.languages import KNOWN
from clean.html.render.style import roles

__all__ = ["bars", "is_gutter", "is_number"]

# Line numbers and what stands between them. A gutter of anything else is not one.
NUMBERS = re.compile(r"[\d\s.:|]*+$")
# A style with which a line number is kept out of what a reader copies.
UNSELECTABLE = re.compile(r"user-select\s*+:\s*+none", re.IGNORECASE)
MOST_BARS = 5
LONGEST_BAR = 40


def is_gutter(element: _Element) -> bool:
    """Return whether an element holds line numbers and nothing else."""
    if "gutter" in roles(element.get("class")) and element.tag not in ("pre", "code"):
        return numbers_only(element)
    if element.tag not in ("td", "th"):
        return False
    # Hugo (Chroma) calls both cells of its table alike; the numbers in the first have the name.
    if not any("gutter" in roles(one.get("class")) for one in islice(element.iterdescendants("*"), 4)):
        return False
    return numbers_only(element)


def numbers_only(element: _Element) -> bool:
    """Return whether there is no text but numbers in an element, and no picture."""
    if next(element.iter("img", "picture", "video", "iframe"), None) is not None:
        return False
    return all(NUMBERS.match(str(text)) for text in element.itertext(with_tail=False))


def is_number(element: _Element) -> bool:
    """Return whether an element in a code block is a line number, by its name or by its style.

    Chroma with `linenos=inline` and without classes says it by style alone; so do several of React's highlighters.
    """
    if is_gutter(element):
        return True
    style = element.get("style")
    if not style or UNSELECTABLE.search(style) is None:
        return False
    return numbers_only(element) and bool(text_of(element).strip())


def bars(root: _Element) -> dict[_Element, str]:
    """Return the bars in a code block that hold a button and at most a language; of each the language.

    The largest box around a button is the bar, as long as there is no word in it but the name of a language.
    """
    found: dict[_Element, str] = {}
    for button in islice(root.iterdescendants("button"), MOST_BARS):
        best, word, here = None, "", button.getparent()
        while here is not None and here is not root and here.tag not in ("code", "pre"):
            text = words(here)
            if text is None or (text and text.lower() not in KNOWN):
                break
            best, word, here = here, text, here.getparent()
        if best is not None:
            found[best] = word.lower()
    return found


def words(box: _Element) -> str | None:
    """Return the text of a box without that of its buttons; None if there is much of it."""
    parts: list[str] = []
    walker = etree.iterwalk(box, events=("start", "end"))
    for event, node in walker:
        if event == "start" and node.tag == "button":
            walker.skip_subtree()
        elif event == "start" or node is not box:
            parts.append((node.text if event == "start" else node.tail) or "")
        if len(parts) > LONGEST_BAR:
            return None
    joined = "".join(parts).strip()
    return joined if len(joined) <= LONGEST_BAR and "\n" not in joined else None
