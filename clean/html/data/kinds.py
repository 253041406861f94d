"""Kinds of nodes in structured texts, by the names that editors give them, and what they are in HTML."""

from collections.abc import Mapping, Sequence
from typing import Final

from clean.html.javascript import Literal

__all__ = [
    "BOXES",
    "ITEMS",
    "MARKS",
    "TAGS",
    "is_blocks",
    "is_element",
    "is_leaf",
    "kind_of_block",
    "kind_of_node",
    "list_around",
    "plain_name",
]


# Kinds of nodes, by their names in lower case without signs, and what they are in HTML.
BOXES: Final[Mapping[str, str]] = {
    "paragraph": "p", "p": "p", "text": "p", "unstyled": "p", "normal": "p", "lead": "p", "textblock": "p",
    "heading": "h2", "header": "h2", "headerone": "h1", "headertwo": "h2", "headerthree": "h3", "headerfour": "h4",
    "headerfive": "h5", "headersix": "h6", "heading1": "h1", "heading2": "h2", "heading3": "h3", "heading4": "h4",
    "heading5": "h5", "heading6": "h6", "headingone": "h1", "headingtwo": "h2", "headingthree": "h3",
    "headingfour": "h4", "headingfive": "h5", "headingsix": "h6", "h1": "h1", "h2": "h2", "h3": "h3", "h4": "h4",
    "h5": "h5", "h6": "h6", "subheadline": "h2", "subheading": "h2", "crosshead": "h2", "subhead": "h2",
    "blockquote": "blockquote", "quote": "blockquote", "pullquote": "blockquote", "bq": "blockquote",
    "pq": "blockquote",
    "bulletlist": "ul", "bulletedlist": "ul", "unorderedlist": "ul", "ul": "ul", "ullist": "ul", "tasklist": "ul",
    "orderedlist": "ol", "numberedlist": "ol", "ol": "ol", "ollist": "ol", "list": "ul",
    "listitem": "li", "li": "li", "taskitem": "li", "uli": "li", "oli": "li",
    "unorderedlistitem": "li", "orderedlistitem": "li", "lic": "", "listitemchild": "",
    "codeblock": "pre", "code": "pre", "pre": "pre", "preformatted": "pre",
    "table": "table", "tablerow": "tr", "tablecell": "td", "tableheader": "th", "tableheadercell": "th",
    "horizontalrule": "hr", "hr": "hr", "thematicbreak": "hr", "divider": "hr", "delimiter": "hr",
    "image": "img", "img": "img", "figure": "figure", "figcaption": "figcaption", "caption": "figcaption",
    "hardbreak": "br", "linebreak": "br", "br": "br", "link": "a", "hyperlink": "a", "urllink": "a",
    "a": "a", "autolink": "a",
}  # fmt: skip
MARKS: Final[Mapping[str, str]] = {
    "bold": "strong", "strong": "strong", "b": "strong", "italic": "em", "em": "em", "emphasis": "em", "i": "em",
    "code": "code", "strike": "s", "strikethrough": "s", "s": "s", "superscript": "sup", "sup": "sup",
    "subscript": "sub", "sub": "sub",
}  # fmt: skip
ITEMS: Final[Mapping[str, str]] = {
    "unorderedlistitem": "ul", "uli": "ul", "orderedlistitem": "ol", "oli": "ol", "bullet": "ul", "number": "ol",
}  # fmt: skip
"""Items that stand beside one another without a list around them."""

TAGS: Final = frozenset(
    (
        "a", "abbr", "article", "aside", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del",
        "details", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5",
        "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "ol", "p", "pre", "q", "s",
        "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot",
        "th", "thead", "time", "tr", "u", "ul", "var", "video", "audio", "iframe", "source", "picture",
    )
)  # fmt: skip


def plain_name(name: Literal) -> str:
    """Return a name in lower case without signs; empty for what is no text."""
    return "".join(filter(str.isalnum, name.lower())) if isinstance(name, str) else ""


_KINDS: Final = (
    "type", "_type", "nodeType", "@type", "blockType", "component", "__component", "blockName", "acf_fc_layout",
    "__typename",
)  # fmt: skip
"""Where a node says of which kind it is."""
_ENDINGS: Final = ("block", "inline", "element", "node")
"""What the names of some kinds end with: `ParagraphBlock`."""


def kind_of_node(node: Mapping[str, Literal]) -> str:
    """Return the kind of a node in lower case without signs, as others name it: `core/list-item` is `listitem`."""
    found = next((node[key] for key in _KINDS if isinstance(node.get(key), str)), "")
    name = plain_name(found.rpartition("/")[2].rpartition(".")[2])
    if name in BOXES or name in _KNOWN:
        return name
    whole, level = name, ""
    for ending in _ENDINGS:
        whole = whole.removesuffix(ending)
    level = whole[-1:] if whole[:-1] == "heading" else ""
    return whole if whole in BOXES or level else name


def kind_of_block(value: Literal) -> str:
    """Return the kind of a block, empty where it is nothing but a text."""
    if not isinstance(value, dict):
        return "list"
    return kind_of_node(value) or ("box" if isinstance(value.get("children"), list) else "")


def is_blocks(values: Sequence[Literal]) -> bool:
    """Whether these are the blocks of a text: most are of a known kind, or are nothing but a text."""
    kinds = [_make(one) for one in values]
    return bool(kinds) and all(kinds) and 2 * kinds.count(_OTHER) <= len(kinds)


_BLOCK, _OTHER = "block", "other"


def _make(value: Literal) -> str:
    """Return whether a value is a block of a text, or may be one; empty where it is none."""
    if isinstance(value, list):
        return _BLOCK if is_element(value) else ""
    if not isinstance(value, dict):
        return ""
    kind = kind_of_node(value)
    if kind in BOXES or kind in _KNOWN or (not kind and isinstance(value.get("children"), list)):
        return _BLOCK
    is_text = any(isinstance(value.get(key), str) for key in _PIECES)
    return _BLOCK if is_text and _ARTICLES.isdisjoint(value) else _OTHER if kind else ""


_PIECES: Final = ("innerHTML", "text", "html", "content", "body", "value", "paragraph")
_ARTICLES: Final = frozenset(
    {"slug", "url", "link", "permalink", "author", "authors", "date", "publishedAt", "createdAt"}
)
"""What a thing has that is an article of its own, and no block of one."""

_KNOWN: Final = frozenset(
    {"block", "element", "question", "blogposting", "newsarticle", "atomic", "embeddedassetblock", "mediasingle"}
)


def is_element(value: list[Literal]) -> bool:
    """Whether a list is an element of React (`["$", tag, …]`) or of minimark (`[tag, {…}, …]`)."""
    if len(value) >= 2 and value[0] == "$" and isinstance(value[1], str | list):
        return True
    return len(value) >= 2 and isinstance(value[0], str) and value[0] in TAGS and isinstance(value[1], dict)


def is_leaf(node: Mapping[str, Literal], kind: str) -> bool:
    """Whether a node is a piece of text within a line."""
    if kind == "fragment" and isinstance(node.get("model"), dict):
        return True
    if any(isinstance(node.get(key), dict | list) for key in ("children", "content", "model", "data", "attrs")):
        return kind == "text" and isinstance(node.get("value"), str)  # Contentful's have `data`
    is_text = isinstance(node.get("text"), str) or "textData" in node
    return (kind in {"text", "span"} and ("textData" in node or "content" not in node)) or (not kind and is_text)


def list_around(node: Mapping[str, Literal]) -> str:
    """Return `ul` or `ol` for an item that stands beside its like without a list around; else empty."""
    if isinstance(node.get("listItem"), str):
        return ITEMS.get(node["listItem"], "ul")
    return ITEMS.get(kind_of_node(node), "")
