"""Listings that stand in no `pre`: what a page calls code or sets like it, and lines of code in boxes of their own.

Editors and highlighters of forums write every line as a `div` of `code` elements; read line by line, each would be a
paragraph with a few words set as code, and the listing without its indentation. Others leave it to the style sheet, and
only the name of the box, its font and its white space say that it is code.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from lxml import etree
from lxml.etree import _Element

__all__ = ["code_listings", "is_code_element", "listing_captions"]

CODE: Final = ("code", "samp", "tt")
LINES: Final = frozenset(("div", "p", "section", "dd"))
"""Elements that may be a line. Items of a list are none: a list of names is set in code as often as lines are."""
BOXES: Final = frozenset(("div", "section", "figure", "td", "dd", "blockquote", "center"))
"""Elements that may hold the lines."""
INLINE: Final = frozenset(("a", "b", "br", "code", "em", "font", "i", "samp", "span", "strong", "tt", "u"))
"""What may stand in a line of code."""
MOST_LEVELS: Final = 4
"""How far above its `code` a line may be."""
MOST_IN_LINE: Final = 400
"""Elements of the longest line."""
LEAST_LINES: Final = 2

# Names of boxes with code, each a whole class name: `code-block`, `reFormatCodeBlock`, `react-code-lines`. The words
# before and behind are bounded. What is called a code and is none (promo codes, post codes) holds no signs of code.
CODE_BOX = re.compile(
    r"(?:^|\s)(?:(?:[\w-]{0,20}[-_]|[a-z]{0,3}format|docx-)?(?:source|src)?code[-_]?(?:block|snippet|listing|lines)s?"
    r"|ql-code-block-container|fragment|blockcode|codebox|dp-[a-z]{1,6}|ltx_lstlisting|enlighter)(?=\s|$)",
    re.IGNORECASE,
)
MONOSPACED = re.compile(r"font(?:-family)?\s*+:[^;]*?(?:monospace|courier|consolas|menlo|monaco)", re.IGNORECASE)
KEPT_LINES = re.compile(r"white-space\s*+:\s*+(?:pre|break-spaces)", re.IGNORECASE)
EVERNOTE: Final = "--en-codeblock:true"
# Characters that stand in code and seldom in the text of a box.
SIGNS = re.compile(r"[;{}=<>()\[\]|&$#\\/]")
ROOTS: Final = frozenset(("div", "section", "figure", "ol", "p", "span", "td"))
"""Elements that may be such a box."""
WITHIN: Final = INLINE.union(
    ("div", "section", "ol", "li", "table", "tbody", "tr", "td", "button", "svg", "path", "rect", "mark", "sub", "sup")
)
"""What may stand in one; anything else, and it is a box around code and more."""
ENDS_LINE: Final = frozenset(("div", "section", "li", "tr", "br"))


def code_listings(root: _Element) -> Mapping[_Element, bool]:
    """Return the boxes under `root` that are listings; of each, whether its line ends in the source are only spaces."""
    found: dict[_Element, bool] = {}
    judged: dict[_Element, bool] = {}
    for code in root.iter(*CODE):
        line = line_around(code, root)
        box = None if line is None else line.getparent()
        if line is None or box is None:
            continue
        if box is not root and box not in judged:
            judged[box] = holds_lines(box)
            if judged[box]:
                found[box] = True
        if not judged.get(box) and line not in judged and line is not root:
            judged[line] = is_broken(line) and line_of_code(line) is True
            if judged[line]:
                found[line] = True
    called = called_code(root)
    held = code_within(root) if called else {}
    for box in called:
        flowing = KEPT_LINES.search(box.get("style") or "") is None
        inside = held.get(box) if holds_named_lines(box) else None
        if inside is not None and inside.signs and (inside.lines >= LEAST_LINES or (inside.breaks and not flowing)):
            found.setdefault(box, flowing)
    return found


CAPTIONS = etree.XPath("descendant::*[@class='codebox']/*[position()=1 and (self::p or self::dt)]")
# What boards (phpBB) write above a listing in the reader's language: a word, a colon, and what a link there does.
CAPTION = re.compile(r"\s*\w{1,20}\s?[:：]\s*\w{1,20}(?: \w{1,20}){0,3}\s*")


def listing_captions(root: _Element) -> list[_Element]:
    """Return what boards write above listings: `Code: Select all`, where a link selects the lines."""
    found = CAPTIONS(root)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, _Element) and is_caption(one)]


def is_caption(element: _Element) -> bool:
    """Return whether an element says nothing but that there is code, and has a link that leads nowhere."""
    links = [one for one in element if one.tag == "a"]
    text = "".join(map(str, element.itertext()))
    return len(links) == 1 and (links[0].get("href") or "").startswith("#") and CAPTION.fullmatch(text) is not None


def is_code_element(tag: str) -> bool:
    """Return whether a site named an element of its own after code: `code-block`, `my-code-snippet`."""
    return tag.endswith(("code-block", "codeblock", "code-snippet", "code-listing"))


def is_broken(line: _Element) -> bool:
    """Return whether a line break parts what stands in an element."""
    breaks = line.iterchildren("br")
    return any(one.getprevious() is not None and one.getnext() is not None for one in breaks)


def line_around(code: _Element, root: _Element) -> _Element | None:
    """Return the element that a `code` is a line of, or a part of one; None where none is near."""
    for above in islice(code.iterancestors(), MOST_LEVELS):
        if above is root or above.tag not in INLINE:
            return above if above.tag in LINES and above is not root else None
    return None


def holds_lines(box: _Element) -> bool:
    """Return whether a box holds lines of code and nothing else; empty ones part the others."""
    if box.tag not in BOXES or (box.text or "").strip():
        return False
    lines = 0
    for child in box:
        if (child.tail or "").strip():
            return False
        if not isinstance(child.tag, str) or child.tag == "br":
            continue
        if child.tag not in LINES:
            return False
        said = line_of_code(child)
        if said is None:
            return False
        lines += said
    return lines >= LEAST_LINES


def line_of_code(line: _Element) -> bool | None:
    """Return whether there is code in a line; None if there is anything else in it."""
    if (line.text or "").strip():
        return None
    code = 0
    for count, (node, within) in enumerate(parts_of(line)):
        if count > MOST_IN_LINE or (node.tag not in INLINE and not (within and node.tag in LINES)):
            return None
        if not within and node.tag not in CODE and (node.text or "").strip():
            return None
        if not within and (node.tail or "").strip():
            return None
        code += node.tag in CODE
    return code > 0


def parts_of(line: _Element) -> Iterator[tuple[_Element, bool]]:
    """Yield the elements in a line, and of each whether it stands within code."""
    stack = [(child, False) for child in reversed(line) if isinstance(child.tag, str)]
    while stack:
        node, within = stack.pop()
        yield node, within
        inside = within or node.tag in CODE
        stack.extend((child, inside) for child in reversed(node) if isinstance(child.tag, str))


def called_code(root: _Element) -> list[_Element]:
    """Return the boxes under `root` that are called code, or set like it.

    Every page has its thousands of boxes and a few dozen names: each name is judged once. A path of XPath with as many
    alternatives takes eight times as long.
    """
    judged: dict[tuple[str | None, str | None], bool] = {(None, None): False}
    found: list[_Element] = []
    for box in root.iter(*ROOTS):
        named = (box.get("class"), box.get("style"))
        is_called = judged.get(named)
        if is_called is None:
            is_called = judged[named] = is_called_code(named[0] or "", named[1] or "")
        if is_called and box is not root:
            found.append(box)
    return found


def holds_named_lines(box: _Element) -> bool:
    """Return whether a box is code by more than its name: a `fragment` is Doxygen's if it begins with a line of it."""
    if "fragment" not in (box.get("class") or "").split():
        return True
    return len(box) > 0 and box[0].get("class") == "line"


def is_called_code(names: str, style: str) -> bool:
    """Return whether a box is called code, or set in a font of one width whose white space counts."""
    # What such a name or style holds in any case: one look for each of these, where a pattern takes many.
    by_name = "ode" in names or "fragment" in names or "dp-" in names or "isting" in names or "enlighter" in names
    if not (by_name or "mono" in style or "ourier" in style or "onsolas" in style or "en-codeblock" in style):
        return False
    if CODE_BOX.search(names[:500]) is not None or EVERNOTE in style:
        return True
    return MONOSPACED.search(style) is not None and KEPT_LINES.search(style) is not None


class Held(NamedTuple):
    """What an element holds that has nothing in it but what stands in code."""

    lines: int
    signs: bool
    """Whether there are signs of code in the text."""
    breaks: bool
    """Whether there is a line end between two texts."""


def code_within(root: _Element) -> dict[_Element, Held]:
    """Return what each element holds, of those with nothing in them but what stands in code; one walk."""
    held: dict[_Element, Held] = {}
    for _, node in etree.iterwalk(root, events=("end",)):
        if node.tag not in WITHIN and node.tag not in ROOTS:
            continue
        lines = 0
        texts = [node.text or ""]
        signs = breaks = False
        for child in node:
            texts.append(child.tail or "")
            if not isinstance(child.tag, str):
                continue
            inside = held.get(child)
            if inside is None or child.tag not in WITHIN:
                break
            lines += max(inside.lines, 1 if child.tag in ENDS_LINE else 0)
            signs, breaks = signs or inside.signs, breaks or inside.breaks
        else:
            if node.tag == "tr" and len(node) > 1:
                continue  # cells beside each other are no lines
            text = "".join(texts)
            held[node] = Held(lines, signs or SIGNS.search(text) is not None, breaks or "\n" in text.strip())
    return held
