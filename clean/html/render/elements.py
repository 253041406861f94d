"""What each element is to the reader of a page: the names, as tables."""

__all__ = ["BLOCKS", "HEADINGS", "LISTS", "LOOKS", "TAGS", "UNSEEN"]

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

BLOCKS = frozenset(
    (
        "address", "article", "aside", "body", "center", "dd", "dir", "div", "dl", "fieldset", "figcaption", "figure",
        "footer", "form", "header", "hgroup", "html", "legend", "li", "main", "nav", "p", "section", "summary",
        "details", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "search", "dialog", "optgroup", "option",
    )
)  # fmt: skip

LISTS = frozenset(("ul", "ol", "menu", "dir"))

# Which part of a look an element sets.
LOOKS = {
    **dict.fromkeys(("strong", "b"), "bold"),
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "italic"),
    **dict.fromkeys(("del", "s", "strike"), "strike"),
}

# Elements that Markdown has no mark for, and that stay as they are.
TAGS = frozenset(("sub", "sup", "mark", "kbd"))

UNSEEN = {
    **dict.fromkeys(("input", "select", "textarea", "datalist", "progress", "meter"), "html.control"),
    # Not here: `source` and its like. They have no content, but parsers put into them what follows.
    **dict.fromkeys(("rp", "defs", "desc", "mp-style-type"), ""),
    # Programs, style sheets and what describes the page: text of the page's making, not of the page.
    **dict.fromkeys(("script", "style", "template", "head", "title", "meta", "link", "base"), ""),
}
