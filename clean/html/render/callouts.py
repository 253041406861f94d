"""Callouts: boxes that a page calls a note, a tip, a warning. They become quotes that begin with `[!note]`.

That is how GitHub, Obsidian and Quarto write them, and for every other reader of Markdown it is a quote that says
what it is. Read are the names of Bootstrap, GitHub, Sphinx and Hugo, Docusaurus, VitePress, Starlight, Obsidian.
"""

from functools import lru_cache
from itertools import islice

from lxml.etree import _Element

from clean.html.render.model import BREAK, PLAIN, RAW, TEXT, Block, Heading, Look, Paragraph, Piece, Quote
from clean.html.render.reader import DEEPEST, Enter, Reader

__all__ = ["callout"]

KINDS = frozenset(
    (
        "note", "tip", "info", "important", "warning", "caution", "danger", "success", "question", "failure", "bug",
        "example", "abstract", "summary", "todo", "error", "hint", "attention", "seealso",
    )
)  # fmt: skip
PREFIXES = ("markdown-alert-", "alert-", "callout-", "theme-admonition-", "admonition-", "starlight-aside--", "is-")
TITLES = ("p", "div", "span", "summary", "strong", "h2", "h3", "h4", "h5", "h6")
MOST_BEFORE_TITLE = 4


def callout(reader: Reader, element: _Element, look: Look) -> Enter | None:
    """Enter a callout; None if the page does not say of what kind it is."""
    kind = (element.get("data-callout") or "").strip().lower() or kind_of(element.get("class") or "")
    if kind not in KINDS or reader.line or reader.depth >= DEEPEST:
        return None
    first = islice(reader.inside.all(element, *TITLES), MOST_BEFORE_TITLE)
    titled = any(is_title(one.get("class") or "") for one in first)

    def finish(blocks: list[Block]) -> None:
        if blocks:
            reader.blocks.append(Quote(marked(kind, blocks, titled=titled)))

    return reader.container(finish, look)


@lru_cache(maxsize=1024)
def kind_of(names: str) -> str:
    """Return the kind that class names give."""
    for name in names.lower().split():
        for prefix in PREFIXES:
            if name.startswith(prefix) and name.removeprefix(prefix) in KINDS:
                return name.removeprefix(prefix)
        if name in KINDS:
            return name
    return ""


def is_title(names: str) -> bool:
    """Return whether class names are those of a callout's title."""
    return any(name.endswith(("title", "heading")) for name in names.lower().split())


def marked(kind: str, blocks: list[Block], *, titled: bool) -> list[Block]:
    """Return the blocks with the mark before them: with the title in its line, and the first paragraph below it."""
    head: list[Piece] = [Piece(RAW, f"[!{kind}]", PLAIN)]
    rest = list(blocks)
    title = rest[0]
    if titled and isinstance(title, Paragraph | Heading):
        head += [Piece(TEXT, " ", PLAIN), *title.pieces]
        del rest[0]
    text = rest[0] if rest else None
    if isinstance(text, Paragraph):
        head += [Piece(BREAK, "\n", PLAIN), *text.pieces]
        del rest[0]
    return [Paragraph(head), *rest]
