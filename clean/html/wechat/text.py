"""The text of a node as a reader sees it: in lines, without scripts, white space folded."""

from lxml.html import HtmlElement

__all__ = ["folded", "lines_of", "text_of"]

_SILENT = frozenset({"script", "style", "noscript", "template", "head", "title"})
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "button", "dd", "div", "dl", "dt", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
})  # fmt: skip


def folded(text: str) -> str:
    """Fold runs of white space into one blank."""
    return " ".join(text.split())


def text_of(element: HtmlElement | None) -> str:
    """Return all text of a node on one line; empty for None."""
    return "" if element is None else folded(" ".join(lines_of(element)))


def lines_of(element: HtmlElement, skip_classes: frozenset[str] = frozenset()) -> list[str]:
    """Return the lines of a node, none of them empty, without the parts that have one of the classes."""
    lines = [""]
    inside = 0  # depth within something silent
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        node, leaving = stack.pop()
        is_element = isinstance(node.tag, str)
        silent = not is_element or node.tag in _SILENT
        if is_element and skip_classes and not silent:
            silent = not skip_classes.isdisjoint(node.get("class", "").split())
        if is_element and node.tag in _BLOCKS:
            lines.append("")
        if leaving:
            inside -= silent
            if not inside and node is not element:
                lines[-1] += node.tail or ""
            continue
        inside += silent
        if not inside:
            lines[-1] += node.text or ""
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))
    return [line for line in map(folded, lines) if line]
