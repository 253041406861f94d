"""Formatting, visibility and role of elements from their attributes, and their visible text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from clean.html.custom import EDITOR_BLOCKS
from clean.html.model import NodeCuts
from clean.html.render.model import Formatting

__all__ = [
    "NO_STYLE",
    "CssStyle",
    "CutIndex",
    "apply_style",
    "class_roles",
    "read_style",
    "text_content",
]

# Longer ones are not kept in memory: a page may hold millions of them.
LONGEST_CACHED = 4000


class CssStyle(NamedTuple):
    """The properties of a `style` attribute; None where it does not set one."""

    bold: bool | None = None
    italic: bool | None = None
    strike: bool | None = None
    lines: bool | None = None
    zero: bool | None = None
    hidden: bool = False
    boxless: bool = False
    """A box of size zero that cuts off what is in it."""
    flow: str = ""
    """`inline`, `block` or nothing."""
    background: str = ""
    """The address of the picture behind a box; empty where there is none."""
    more: tuple[str, ...] = ()
    """Addresses of other pictures that it draws: further layers, borders, dots of lists, what stands in the element's
    place."""


NO_STYLE = CssStyle()

# The properties that matter, each with its value up to the next semicolon. A value in quotes or brackets may hold
# a semicolon only in addresses; those are read by ADDRESS. The property name is anchored by what stands before it,
# and the value is one possessive class, so the text is read once.
PROPERTY = re.compile(
    r"(?:^|[;\s])(display|font-weight|font-style|text-decoration(?:-line)?|white-space|font-size|overflow(?:-[xy])?"
    r"|height|width|max-height|max-width|font)\s*+:\s*+([^;]++)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"""background(?:-image)?\s*+:[^;]*?url\(\s*+(?:"([^"]++)|'([^']++)|([^'")]++))""", re.IGNORECASE)
BACKGROUND = re.compile(r"background", re.IGNORECASE)
# Every address; each alternative is one possessive class.
ADDRESSES = re.compile(r"""url\(\s*+(?:"([^"]++)|'([^']++)|([^'")]++))""", re.IGNORECASE)
# What may draw a picture beside a background; of its shape alone (`mask`, `clip-path`) nothing is to be seen.
DRAWING = re.compile(
    r"(?:^|[;\s])(?:background(?:-image)?|border-image(?:-source)?|list-style(?:-image)?|content)\s*+:\s*+([^;]++)",
    re.IGNORECASE,
)
ZERO = re.compile(r"[+-]?0*\.?0*(?:px|pt|em|rem|%|vw|vh)?$")
RELATIVE = re.compile(r"(?:[\d.]+(?:em|%)|inherit|smaller|larger)$")


def read_style(style: str) -> CssStyle:
    """Return what a `style` attribute says."""
    return known_style(style) if len(style) < LONGEST_CACHED else parse_style(style)


def parse_style(style: str) -> CssStyle:
    """Read the declarations; of two for one property the later one counts."""
    properties = {
        name.lower(): value.replace("!important", "").strip().lower() for name, value in PROPERTY.findall(style)
    }
    address = ADDRESS.search(style) if BACKGROUND.search(style) else None
    background = (address[1] or address[2] or address[3]).strip() if address is not None else ""
    more = other_pictures(style, background) if "url(" in style else ()
    if not properties and address is None and not more:
        return NO_STYLE
    display = properties.get("display", "")
    flow = ""
    if display in ("inline", "contents"):
        flow = "inline"
    elif display in ("block", "flex", "grid", "list-item", "table", "flow-root"):
        flow = "block"
    size = properties.get("font-size", "")
    cut = any(
        properties.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y")
    )
    small = any(ZERO.match(properties.get(name, "") or "1") for name in ("height", "width"))
    space = properties.get("white-space", "")
    return CssStyle(
        bold=weight(properties.get("font-weight", "")),
        italic=slant(properties.get("font-style", "")),
        strike=True
        if "line-through" in properties.get("text-decoration", properties.get("text-decoration-line", ""))
        else None,
        lines=None if not space or space == "inherit" else space.startswith(("pre", "break-spaces")),
        zero=None if not size or (RELATIVE.match(size) and not ZERO.match(size)) else bool(ZERO.match(size)),
        hidden=display == "none",
        boxless=cut and small,
        flow=flow,
        background=background,
        more=more,
    )


def other_pictures(style: str, background: str) -> tuple[str, ...]:
    """Return the addresses of pictures that a style draws beside a background, each once; those of data are no more."""
    found = (
        (address[1] or address[2] or address[3]).strip()
        for value in DRAWING.findall(style)
        for address in ADDRESSES.finditer(value)
    )
    others = dict.fromkeys(one for one in found if one != background and not one.startswith(("#", "data:")))
    return tuple(others)


known_style = lru_cache(maxsize=4096)(parse_style)


def weight(value: str) -> bool | None:
    """Return whether a font weight is bold."""
    if value in ("bold", "bolder"):
        return True
    if value in ("normal", "lighter"):
        return False
    return int(value) >= 600 if value.isascii() and value.isdigit() and len(value) < 5 else None


def slant(value: str) -> bool | None:
    """Return whether a font style is italic."""
    if value.startswith(("italic", "oblique")):
        return True
    return False if value == "normal" else None


ROLES = {
    **dict.fromkeys(
        ("sr-only", "screen-reader-text", "visually-hidden", "visuallyhidden", "sr-text", "v-visible-sr"),
        "screen-reader",
    ),
    **dict.fromkeys(
        (
            "code-snippet__line-index", "filecontents-linenum", "gutter", "lines-num", "linenumbers",
            "react-line-numbers", "lineno", "linenos", "linenodiv", "line-numbers-rows", "line-numbers",
            "line-number", "hljs-ln-numbers", "rouge-gutter", "blob-num", "lnt", "lntd-no", "ln", "line-index",
            "linenumber", "react-syntax-highlighter-line-number", "linenos-inline", "token-line-number", "crayon-nums",
            "codemirror-linenumber", "codemirror-gutter-wrapper", "cm-gutters", "ace_gutter", "margin-view-overlays",
        ),
        "gutter",
    ),
    **dict.fromkeys(
        (
            "katex", "katex-display", "mwe-math-element", "mathjax", "mathjax_display", "hurmet-tex", "math-inline",
            "math-block", "math-display", "ztext-math",
        ),
        "math",
    ),
    **dict.fromkeys(("math", "arithmatex", "math-tex", "mathjax-tex", "js-inline-math", "js-display-math"), "tex"),
    **dict.fromkeys(("tex2jax_ignore", "mathjax_ignore", "nokatex", "no-mathjax"), "no-math"),
    **dict.fromkeys(
        ("latex", "tex", "mwe-math-fallback-image-inline", "mwe-math-fallback-image-display", "ee_img"), "formula-image"
    ),
    "mw-editsection": "control",
    **dict.fromkeys(("mathjax_preview", "mjx-chtml", "mathjax_svg", "mathjax_chtml"), "math-drawing"),
    **dict.fromkeys(
        (
            "anchor", "pilcrow",
            "headerlink", "header-anchor", "heading-anchor", "permalink", "hash-link", "anchorjs-link",
            "heading-link", "direct-link", "header-link",
        ),
        "anchor",
    ),
    **dict.fromkeys(("line", "code-line", "view-line"), "line"),
    **dict.fromkeys(("codemirror-code", "cm-content", "view-lines", "ace_text-layer"), "editor"),
    "hover-info": "hover",
    **dict.fromkeys(
        (
            "sidenote", "marginnote", "margin-note", "side-note", "footnotecontent", "ltx_note_outer",
            "footnote_tooltip", "modern-footnotes-footnote__note", "footnote-inline",
            "tooltiptext", "tooltip-text",
        ),
        "side-note",
    ),
    **dict.fromkeys(
        (
            "ltx_note_mark", "ltx_tag_note", "ltx_note_type", "modern-footnotes-footnote",
            "footnote_plugin_tooltip_text", "sidenote-number", "sidenote-ref",
        ),
        "note-mark",
    ),
    "margin-toggle": "note-toggle",
    **dict.fromkeys(
        (
            "admonition", "admonitionblock", "callout", "markdown-alert", "alert", "custom-block", "theme-admonition",
            "starlight-aside", "confluence-information-macro",
        ),
        "callout",
    ),
    **dict.fromkeys(EDITOR_BLOCKS, "editor-block"),
    **dict.fromkeys(("msotitle", "msoheading7", "msoheading8", "msoheading9"), "heading"),
    "d-none": "unshown",
    **dict.fromkeys(("checkbox-on", "checkbox-off", "chcklst-box"), "check-box"),
    **dict.fromkeys(("emoji", "wp-smiley", "emoticon"), "emoji"),
    **dict.fromkeys(("comment", "comment-item", "u-comment"), "comment"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def known_roles(names: str) -> frozenset[str]:
    """Return the roles that these class names give."""
    return frozenset(ROLES[name] for name in names.lower().split() if name in ROLES)


def apply_style(formatting: Formatting, style: CssStyle) -> Formatting:
    """Return the formatting with what a style changes in it."""
    if formatting.code is None:
        if style.bold is not None and style.bold != formatting.bold:
            formatting = formatting._replace(bold=style.bold)
        if style.italic is not None and style.italic != formatting.italic:
            formatting = formatting._replace(italic=style.italic)
        if style.strike:
            formatting = formatting._replace(strike=True)
    if style.lines is not None and style.lines != formatting.lines:
        formatting = formatting._replace(lines=style.lines)
    if style.zero is not None and style.zero != formatting.zero:
        formatting = formatting._replace(zero=style.zero)
    return formatting


def class_roles(names: str | None) -> frozenset[str]:
    """Return what the class names of an element say about its role."""
    return known_roles(names) if names and len(names) < LONGEST_CACHED else frozenset()


# What stands inside an element and is not cut off: questions of those who deal with an element as a whole.


TEXT = etree.XPath("string()", smart_strings=False)


def text_content(element: _Element) -> str:
    """Return all text in an element."""
    if not len(element):
        return element.text or ""
    return str(TEXT(element))


class CutIndex:
    """Knows which elements have a cut inside, so that the many without one cost nothing."""

    def __init__(self, cuts: NodeCuts) -> None:
        """Mark everything above a cut, each element once."""
        self.cuts = cuts
        self.touched: set[_Element] = set()
        self.known: dict[_Element, bool] = {}
        """Whether an element is cut off or stands in one that is, of those that were asked about."""
        for element in cuts.texts:
            self.mark(element)
        for maps in (cuts.elements, cuts.tails):
            for element in maps:
                self.mark(element.getparent())

    def mark(self, element: _Element | None) -> None:
        """Mark an element and what it stands in."""
        while element is not None and element not in self.touched:
            self.touched.add(element)
            element = element.getparent()

    def is_cut(self, element: _Element) -> bool:
        """Return whether an element, or one around it, is cut off."""
        elements = self.cuts.elements
        if not elements:
            return False
        path: list[_Element] = []
        here: _Element | None = element
        while here is not None and here not in self.known and here not in elements:
            path.append(here)
            here = here.getparent()
        cut = here is not None and (here in elements or self.known[here])
        self.known.update(dict.fromkeys(path, cut))  # the next one asks no further up than its own branch
        return cut

    def first(self, element: _Element, *tags: str) -> _Element | None:
        """Return the first descendant of these names that is not cut off."""
        return next(self.all(element, *tags), None)

    def all(self, element: _Element, *tags: str) -> Iterator[_Element]:
        """Return the descendants of these names that are not cut off."""
        if not len(element):
            return iter(())
        if element not in self.touched:
            return element.iterdescendants(*tags)
        return self.kept(element, frozenset(tags))

    def kept(self, element: _Element, tags: frozenset[str]) -> Iterator[_Element]:
        """Return the descendants of these names, passing by what is cut off."""
        walker = etree.iterwalk(element, events=("start",))
        for _, node in walker:
            if node in self.cuts.elements:
                walker.skip_subtree()
            elif node is not element and node.tag in tags:
                yield node
