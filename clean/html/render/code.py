"""Code blocks: the text line by line as the page shows it, without line numbers and other things beside it."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree
from lxml.etree import _Element

from clean.html.render.gutters import bars, is_gutter, is_number
from clean.html.render.languages import language
from clean.html.render.model import Code, is_visible
from clean.html.render.style import NO_STYLE, Style, read_style, roles

if TYPE_CHECKING:
    from clean.html.render.reader import Reader

__all__ = ["code_block", "code_text", "is_block", "is_prose", "listing"]

LINE_BLOCKS = frozenset(("div", "p", "li", "tr", "section", "ol", "ul", "table", "tbody", "dd", "dt", "pre"))
PARTS = frozenset(("ol", "ul", "table", "tbody", "thead", "tr"))
"""Between what stands in these, white space is none of the code."""
PROSE = ("img", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "iframe", "video", "audio", "mpvoice")
UNSEEN = {**dict.fromkeys(("script", "style", "template"), "html.hidden"), "button": "html.control"}
SKELETON = frozenset(("table", "thead", "tbody", "tfoot", "tr"))


def is_prose(pre: _Element, reader: "Reader") -> bool:
    """Return whether a `pre` is no code but a box around paragraphs, as editors leave it when text is pasted."""
    inside = reader.inside
    if inside.first(pre, *PROSE) is not None:
        return True
    if inside.first(pre, "code", "li") is not None:
        return False
    return inside.first(pre, "p", "section", "blockquote") is not None


def is_block(code: _Element) -> bool:
    """Return whether a `code` outside of `pre` is a block: by its name, by its style, or as lines by themselves."""
    if "block" in (code.get("class") or "").split():
        return True
    given = code.get("style")
    if given and read_style(given).flow == "block":
        return True
    if next(code.iterdescendants("br"), None) is None:
        return False
    parent = code.getparent()
    if parent is None or parent.tag not in ("p", "div", "section", "article", "figure"):
        return False
    if code.getprevious() is not None or code.getnext() is not None:
        return False
    return not (parent.text or "").strip() and not (code.tail or "").strip()


def code_block(element: _Element, reader: "Reader") -> Code | None:
    """Return an element as a block of code; None if there is no code in it."""
    beside = bars(element)
    text = code_text(element, reader, beside)
    if not text:
        return None
    return Code(text, language(element) or next((name for name in beside.values() if name), ""))


def code_text(root: _Element, reader: "Reader", beside: dict[_Element, str] | None = None) -> str:
    """Return the code in an element; what is no code is named as dropped.

    Lines end where the text has line ends, at `<br>`, and at every element that is a line: a block, a `code` among
    its like, a `span` that a highlighter calls line.
    """
    beside = beside or {}
    cuts = reader.options.cuts
    by_line = list(root.iterchildren("code"))
    line_codes = frozenset(by_line) if len(by_line) > 1 else frozenset()
    parts: list[str] = []  # none of them empty
    marks: list[int] = []
    if root.text and not (line_codes and not root.text.strip()):
        add(parts, reader.text_before(root))
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if node is root:
            continue
        if event == "start":
            if node in cuts.elements:
                reader.cut_off(node, cuts.elements[node])
                marks.append(-1)
                walker.skip_subtree()
                continue
            tag = node.tag
            given = node.get("style")
            style = read_style(given) if given else NO_STYLE
            why = rule(node, style) if node not in beside else "html.code-bar"
            if why:
                reader.drop(node, why)
                marks.append(-1)
                walker.skip_subtree()
                continue
            if is_line(node, style) or node in line_codes or "line" in roles(node.get("class")):
                fresh(parts)
            marks.append(len(parts))
            if tag == "br":
                parts.append("\n")
            add(parts, reader.text_before(node))
            continue
        if event == "end":
            mark = marks.pop()
            if mark >= 0 and (node in line_codes or is_line(node, read_style(node.get("style") or ""))):
                end_line(parts, mark)
        tail = node.tail
        if not tail:
            continue
        parent = node.getparent()
        between = parent is not None and (parent.tag in PARTS or (line_codes and parent is root))
        if not (between and not tail.strip()):
            add(parts, reader.text_after(node))
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """Return the lines of code without white space at their ends, and without empty ones before and after."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    lines = [line.rstrip() for line in text.split("\n")]
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return "\n".join(lines[start:end])


def rule(element: _Element, style: Style) -> str:
    """Return why an element in a code block is no code; nothing if it is."""
    if element.tag in UNSEEN:
        return UNSEEN[str(element.tag)]
    if style.hidden or element.get("hidden") is not None:
        return "html.hidden"
    if is_number(element):
        return "html.code-gutter"
    return "html.code-hover" if "hover" in roles(element.get("class")) else ""


def is_line(element: _Element, style: Style) -> bool:
    """Return whether an element stands on lines of its own."""
    return (element.tag in LINE_BLOCKS and style.flow != "inline") or style.flow == "block"


def add(parts: list[str], text: str) -> None:
    """Add a text, if there is any."""
    if text:
        parts.append(text)


def fresh(parts: list[str]) -> None:
    """Begin a line, unless one has just begun."""
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")


def end_line(parts: list[str], mark: int) -> None:
    """End a line that began at a mark, an empty one as well."""
    if len(parts) == mark or not parts[-1].endswith("\n"):
        parts.append("\n")


def listing(table: _Element, reader: "Reader") -> str | None:
    """Return the code of a table that shows code beside line numbers; None if it shows something else."""
    if not any(is_gutter(cell) for cell in islice(table.iterdescendants("td"), 3)):
        return None
    if next(iter(table.iterdescendants("img", "table")), None) is not None:
        return None
    cells = list(skeleton(table, reader))
    if None in cells:
        return None
    lines = []
    for cell in cells:
        if cell is None:
            continue
        if cell in reader.options.cuts.elements:
            reader.cut_off(cell, reader.options.cuts.elements[cell])
        elif is_gutter(cell):
            reader.drop(cell, "html.code-gutter")
        else:
            lines.append(code_text(cell, reader))
    return "\n".join(lines).strip("\n")


def skeleton(table: _Element, reader: "Reader") -> Iterator[_Element | None]:
    """Return the cells of a table and what is cut off; None where something stands beside the cells."""
    stack = [table]
    while stack:
        node = stack.pop()
        if node is not table and is_visible(node.tail or ""):
            yield None
        if not isinstance(node.tag, str) or node.tag in ("col", "colgroup"):
            continue
        if node in reader.options.cuts.elements or node.tag in ("td", "th"):
            yield node
        elif node.tag not in SKELETON or is_visible(node.text or ""):
            yield None
        else:
            stack.extend(reversed(node))
