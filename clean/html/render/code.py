"""Code blocks: the text line by line as the page shows it, without line numbers, and the language."""

import re
from collections.abc import Callable
from itertools import islice

from lxml import etree
from lxml.etree import _Element

from clean.html.render.style import roles

__all__ = ["code_text", "is_gutter", "is_prose", "language", "listing"]

# Line numbers and what stands between them. A gutter of anything else is not one.
NUMBERS = re.compile(r"[\d\s.:|]*+$")
# A class name that tells the language; the name of the language is bounded.
LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|lang_|highlight-source-|highlight-|brush:\s*)([\w+#.-]{1,30})", re.I)
NAMES = re.compile(r"(?:^|\s)(?:hljs|sourceCode|highlight|prettyprint|syntaxhighlighter)\s+([\w+#-]{1,30})(?=\s|$)")
NOT_A_LANGUAGE = frozenset(
    (
        "none",
        "text",
        "plaintext",
        "plain",
        "txt",
        "nohighlight",
        "no-highlight",
        "highlight",
        "default",
        "auto",
        "wrap",
        "language",
        "lang",
        "linenums",
        "code-snippet__js",
        "highlighter-rouge",
        "table",
        "notranslate",
        "numbersource",
        "numberlines",
        "hljs",
        "prettyprinted",
        "nogutter",
    )
)
LINE_BLOCKS = frozenset(("div", "p", "li", "tr", "section", "ol", "ul", "table", "dd", "dt"))
PROSE = ("img", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "iframe", "video", "audio", "mpvoice")
UNSEEN = frozenset(("script", "style", "template", "button"))


def is_prose(pre: _Element) -> bool:
    """Return whether a `pre` is no code but a box around paragraphs, as editors leave it when text is pasted."""
    if next(iter(pre.iterdescendants(*PROSE)), None) is not None:
        return True
    if next(iter(pre.iterdescendants("code", "li")), None) is not None:
        return False
    return next(iter(pre.iterdescendants("p", "section", "blockquote")), None) is not None


def is_gutter(element: _Element) -> bool:
    """Return whether an element holds line numbers and nothing else."""
    return "gutter" in roles(element.get("class")) and NUMBERS.match(str(element.xpath("string()"))) is not None


def code_text(root: _Element, drop: Callable[[_Element, str], object]) -> str:
    """Return the code in an element; what is no code goes to `drop` with the rule's id.

    Lines end where the text has line ends, at `<br>`, and at every element that is a line: a block, a `code` among
    its like, a `span` that a highlighter calls line.
    """
    by_line = list(root.iterchildren("code"))
    line_codes = frozenset(by_line) if len(by_line) > 1 else frozenset()
    parts: list[str] = [] if line_codes else [root.text or ""]
    marks: list[int] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if node is root:
            continue
        if event == "start":
            tag = node.tag
            if tag in UNSEEN or is_gutter(node) or node.get("hidden") is not None:
                drop(node, rule(node))
                marks.append(-1)
                walker.skip_subtree()
                continue
            if tag in LINE_BLOCKS or node in line_codes or "line" in roles(node.get("class")):
                fresh(parts)
            marks.append(len(parts))
            parts.append("\n" if tag == "br" else node.text or "")
            continue
        if event == "end":
            mark = marks.pop()
            if mark >= 0 and (node in line_codes or node.tag in LINE_BLOCKS):
                end_line(parts, mark)
        tail = node.tail or ""
        parent = node.getparent()
        between = parent is not None and (parent.tag in ("ol", "ul", "table", "tr") or (line_codes and parent is root))
        if tail and not (between and not tail.strip()):
            parts.append(tail)
    text = "".join(parts).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join(lines)


def rule(element: _Element) -> str:
    """Return why an element in a code block is no code."""
    if element.tag == "button":
        return "html.control"
    if element.tag in UNSEEN:
        return "html.script"
    return "html.hidden" if element.get("hidden") is not None else "html.code-gutter"


def fresh(parts: list[str]) -> None:
    """Begin a line, unless one has just begun."""
    for part in reversed(parts):
        if part:
            if not part.endswith("\n"):
                parts.append("\n")
            return


def end_line(parts: list[str], mark: int) -> None:
    """End a line, an empty one as well."""
    text = next((part for part in reversed(parts[mark:]) if part), "")
    if not text.endswith("\n"):
        parts.append("\n")


def language(pre: _Element) -> str:
    """Return the language of a code block, from the element, its code, or the boxes around it."""
    first = next(iter(pre.iterdescendants("code")), None)
    around = [node for node, _ in zip(pre.iterancestors(), range(4), strict=False)]
    for node in (pre, *((first,) if first is not None else ()), *around):
        for name in ("data-lang", "data-language", "data-code-language"):
            given = (node.get(name) or "").strip()
            if given and re.fullmatch(r"[\w+#.-]{1,30}", given):
                return "" if given.lower() in NOT_A_LANGUAGE else given
        names = (node.get("class") or "")[:500]
        for found in (*LANGUAGE.finditer(names), *NAMES.finditer(names)):
            if found[1].lower() not in NOT_A_LANGUAGE:
                return found[1]
    return ""


def listing(table: _Element, drop: Callable[[_Element, str], object]) -> str | None:
    """Return the code of a table that shows code beside line numbers; None if it shows something else."""
    if not any(is_gutter(cell) for cell in islice(table.iterdescendants("td"), 3)):
        return None
    if next(iter(table.iterdescendants("img", "table")), None) is not None:
        return None
    lines = []
    for cell in table.iterdescendants("td"):
        if is_gutter(cell):
            drop(cell, "html.code-gutter")
        else:
            lines.append(code_text(cell, drop))
    return "\n".join(lines).strip("\n")
