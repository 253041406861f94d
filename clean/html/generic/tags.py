"""What each element is to one who reads a page in blocks: the names, as tables."""

from typing import Final

__all__ = ["CONTROLS", "DRAWN_FORMULA", "FORMULA", "HEADINGS", "INLINE", "KINDS", "MEDIA", "UNREAD"]

INLINE: Final = frozenset(
    (
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "ins", "kbd", "label", "mark", "meter", "nobr", "output", "q", "rb", "rt", "rtc", "ruby", "s", "samp",
        "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "image", "picture",
        "source", "track", "input", "select", "svg", "canvas", "video", "audio", "iframe", "embed", "object", "map",
        "area", "progress", "button", "noindex", "rp",
    )
)  # fmt: skip
"""Elements whose text flows on with what stands around them."""

FORMULA: Final = frozenset(
    (
        "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "merror",
        "mpadded", "mphantom", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover",
        "mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mlabeledtr", "mtd", "maligngroup", "malignmark",
        "maction", "semantics", "annotation", "annotation-xml",
    )
)  # fmt: skip
"""Elements of a formula (MathML 3). A formula is a word of its sentence: to judge its letters one by one tears it."""

DRAWN_FORMULA: Final = "mjx-"
"""What the names of MathJax's own elements begin with."""

UNREAD: Final = frozenset(
    (
        "script", "style", "template", "textarea", "head", "title", "meta", "link", "base", "datalist", "svg", "canvas",
        "defs", "desc", "rp", "noframes", "frameset", "mp-style-type", "select", "progress", "meter", "input",
    )
)  # fmt: skip
"""Elements whose text is not text of the page, or a control that the renderer deals with."""

MEDIA: Final = frozenset(("img", "image", "video", "audio", "iframe", "embed", "object"))
"""Elements that show something without text."""

CONTROLS: Final = frozenset(("button", "label", "legend", "summary", "option"))

HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

KINDS: Final = {
    **{"p": 1, "blockquote": 2, "pre": 3, "li": 4, "dd": 5, "dt": 6, "td": 7, "th": 8, "figcaption": 9, "caption": 9},
    **dict.fromkeys(HEADINGS, 10),
    **{"div": 11, "section": 12, "article": 13, "main": 14, "center": 15, "body": 16, "html": 16, "address": 17},
    **dict.fromkeys(CONTROLS, 18),
    **{"nav": 19, "header": 20, "footer": 21, "aside": 22, "form": 23, "fieldset": 23, "noscript": 24},
    **dict.fromkeys(("ul", "ol", "dl", "table", "tr", "tbody"), 25),
}
"""The kind of the block element that a block's text stands in; others are 0."""
