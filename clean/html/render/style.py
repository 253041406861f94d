"""What attributes say about an element's look and visibility: `style`, `class`, `hidden`."""

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["NO_STYLE", "Style", "read_style", "roles"]

# Longer ones are not kept in memory: a page may hold millions of them.
LONGEST_CACHED = 4000


class Style(NamedTuple):
    """What a `style` attribute says; None where it says nothing."""

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


NO_STYLE = Style()

# The properties that matter, each with its value up to the next semicolon. A value in quotes or brackets may hold
# a semicolon only in addresses; those are read by ADDRESS. The property name is anchored by what stands before it,
# and the value is one possessive class, so the text is read once.
PROPERTY = re.compile(
    r"(?:^|[;\s])(display|font-weight|font-style|text-decoration(?:-line)?|white-space|font-size|overflow(?:-[xy])?"
    r"|height|width|max-height|max-width|font)\s*+:\s*+([^;]++)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"background(?:-image)?\s*+:[^;]*?url\(\s*+['\"]?+([^'\")]++)", re.IGNORECASE)
BACKGROUND = re.compile(r"background", re.IGNORECASE)
ZERO = re.compile(r"[+-]?0*\.?0*(?:px|pt|em|rem|%|vw|vh)?$")
RELATIVE = re.compile(r"(?:[\d.]+(?:em|%)|inherit|smaller|larger)$")


def read_style(style: str) -> Style:
    """Return what a `style` attribute says."""
    return known_style(style) if len(style) < LONGEST_CACHED else parse_style(style)


def parse_style(style: str) -> Style:
    """Read the declarations; of two for one property the later one counts."""
    said = {name.lower(): value.replace("!important", "").strip().lower() for name, value in PROPERTY.findall(style)}
    address = ADDRESS.search(style) if BACKGROUND.search(style) else None
    if not said and address is None:
        return NO_STYLE
    display = said.get("display", "")
    flow = ""
    if display in ("inline", "contents"):
        flow = "inline"
    elif display in ("block", "flex", "grid", "list-item", "table", "flow-root"):
        flow = "block"
    size = said.get("font-size", "")
    cut = any(said.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y"))
    small = any(ZERO.match(said.get(name, "") or "1") for name in ("height", "width"))
    space = said.get("white-space", "")
    return Style(
        bold=weight(said.get("font-weight", "")),
        italic=slant(said.get("font-style", "")),
        strike=True if "line-through" in said.get("text-decoration", said.get("text-decoration-line", "")) else None,
        lines=None if not space or space == "inherit" else space.startswith(("pre", "break-spaces")),
        zero=None if not size or (RELATIVE.match(size) and not ZERO.match(size)) else bool(ZERO.match(size)),
        hidden=display == "none",
        boxless=cut and small,
        flow=flow,
        background=address[1].strip() if address is not None else "",
    )


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
    **dict.fromkeys(("sr-only", "screen-reader-text", "visually-hidden", "visuallyhidden", "sr-text"), "screen-reader"),
    **dict.fromkeys(
        (
            "code-snippet__line-index", "gutter", "lineno", "linenos", "linenodiv", "line-numbers-rows", "line-numbers",
            "line-number", "hljs-ln-numbers", "rouge-gutter", "blob-num", "lnt", "lntd-no", "ln", "line-index",
            "linenumber", "react-syntax-highlighter-line-number", "linenos-inline", "token-line-number", "crayon-nums",
            "codemirror-linenumber", "codemirror-gutter-wrapper", "cm-gutters", "ace_gutter", "margin-view-overlays",
        ),
        "gutter",
    ),
    **dict.fromkeys(
        (
            "katex", "katex-display", "mwe-math-element", "mathjax", "mathjax_display", "hurmet-tex", "math-inline",
            "math-block", "math-display",
        ),
        "math",
    ),
    **dict.fromkeys(
        ("latex", "tex", "mwe-math-fallback-image-inline", "mwe-math-fallback-image-display", "ee_img"), "formula-image"
    ),
    "mw-editsection": "control",
    **dict.fromkeys(("mathjax_preview", "mjx-chtml", "mathjax_svg", "mathjax_chtml"), "math-drawing"),
    **dict.fromkeys(
        (
            "anchor", "headerlink", "header-anchor", "heading-anchor", "permalink", "hash-link", "anchorjs-link",
            "heading-link", "direct-link", "header-link",
        ),
        "anchor",
    ),
    **dict.fromkeys(("line", "code-line", "view-line"), "line"),
    **dict.fromkeys(("codemirror-code", "cm-content", "view-lines", "ace_text-layer"), "editor"),
    "hover-info": "hover",
    **dict.fromkeys(
        (
            "admonition", "admonitionblock", "callout", "markdown-alert", "alert", "custom-block", "theme-admonition",
            "starlight-aside",
        ),
        "callout",
    ),
    **dict.fromkeys(("emoji", "wp-smiley", "emoticon"), "emoji"),
    **dict.fromkeys(("comment", "comment-item", "u-comment"), "comment"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def known_roles(names: str) -> frozenset[str]:
    """Return the roles that these class names give."""
    return frozenset(ROLES[name] for name in names.lower().split() if name in ROLES)


def roles(names: str | None) -> frozenset[str]:
    """Return what the class names of an element say about its role."""
    return known_roles(names) if names and len(names) < LONGEST_CACHED else frozenset()
