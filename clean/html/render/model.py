"""Data types of rendering: blocks, inline pieces with their formatting, dropped content, the bound of what is repeated.

The tables at the end say what each element is to the reader of a page.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from clean.html.model import NodePlace

__all__ = [
    "BLOCK_TAGS",
    "BREAK",
    "FORMATTING_TAGS",
    "HEADINGS",
    "HIDDEN_TAGS",
    "IMAGE",
    "KEPT_TAGS",
    "LATEX",
    "LIST_TAGS",
    "NO_GROWTH_MET",
    "PER_CHARACTER",
    "PLAIN",
    "RAW",
    "STAGE",
    "TEXT",
    "Block",
    "Code",
    "Delimiters",
    "DroppedNode",
    "Formatting",
    "Formula",
    "Growth",
    "GrowthMet",
    "Heading",
    "InlinePiece",
    "InlineTag",
    "ItemList",
    "Kind",
    "Link",
    "Note",
    "Paragraph",
    "Quote",
    "Table",
    "ThematicBreak",
    "has_ink",
    "is_visible",
]

TEXT, IMAGE, BREAK, RAW, LATEX = range(5)

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u200c\u200d\u00ad"))
"""Characters without a glyph of their own; a text of nothing else shows nothing."""


MOST_REPEATED = 20_000
"""Characters of one link's address and title that are repeated, where it reaches over many paragraphs."""


# The bound of what the Markdown of a page repeats: addresses, and cells that nothing stands in. Markdown says in full
# what HTML says once for many: the address of a link around many paragraphs, a `<base>` before every relative address,
# the cells that a span reaches over. A page of some kilobytes could ask for gigabytes of these, whatever its shape, so
# they are counted here, all that one rendering repeats together, in characters. Where no more may be repeated, what
# would be repeated is left out and nothing else: every text and every address still stands where it stands first, and
# `GrowthMet` says what the reader has to do without.

FREE = 100_000
"""Characters that the smallest page may repeat. Of 1,187 known pages the one that repeats most needs 20,000."""
PER_CHARACTER = 2
"""Characters more for each character of the page."""


class GrowthMet(NamedTuple):
    """What a rendering had to do without."""

    tables: int = 0
    """Tables whose spans are not written as cells, or whose short rows are not filled up."""
    addresses: int = 0
    """Relative addresses that stand as the page writes them."""
    links: int = 0
    """Paragraphs that a link reaches into and that do not repeat its address."""


NO_GROWTH_MET = GrowthMet()


class Growth:
    """Counts what one rendering repeats."""

    def __init__(self, size: int) -> None:
        """`size` is that of the page in characters or bytes."""
        self.left = FREE + PER_CHARACTER * size
        self.met = NO_GROWTH_MET

    def allows(self, characters: int) -> bool:
        """Return whether so many characters may still be repeated, and count them if so."""
        if characters > self.left:
            return False
        self.left -= max(0, characters)  # what becomes shorter buys nothing
        return True

    def count(self, *, tables: int = 0, addresses: int = 0, links: int = 0) -> None:
        """Note what was done without."""
        met = self.met
        self.met = GrowthMet(met.tables + tables, met.addresses + addresses, met.links + links)


@dataclass(slots=True, eq=False)
class Link:
    """One `<a>`: two links to the same address are still two."""

    address: str
    title: str = ""
    used: bool = False
    """Whether anything inside it shows."""
    written: int = 0
    """How often its address was written: once for each paragraph that it reaches into."""
    withheld: int = 0
    """How often it was not."""

    def repeats(self) -> bool:
        """Return whether its address may be written once more, and count it."""
        may = self.written * (len(self.address) + len(self.title)) <= MOST_REPEATED
        self.written += may
        self.withheld += not may
        return may


@dataclass(frozen=True, slots=True, eq=False)
class InlineTag:
    """One element that stays an inline HTML tag: `sup`, `sub`, `mark`, `kbd`."""

    name: str


class Formatting(NamedTuple):
    """How a piece of text is set, by all the elements around it: bold, italic, linked."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    link: Link | None = None
    tags: tuple[InlineTag, ...] = ()
    code: object | None = None
    """The code element it stands in, if any: two neighbours are two."""
    waiting: Link | None = None
    """A link around a heading and more: it becomes the heading's alone."""
    lines: bool = False
    """Whether line ends in the source are line ends for the reader."""
    zero: bool = False
    """Whether its size is zero."""
    searched: bool = False
    """Whether an element around it was searched for the source of a formula, in vain."""
    plain: bool = False
    """Whether an element around it tells the page's script for formulas to let it be."""


PLAIN = Formatting()


class InlinePiece(NamedTuple):
    """A stretch of text, an image, a line break, a piece of finished Markdown, or a formula."""

    kind: int
    text: str
    """The text; an image's address; the Markdown; the LaTeX."""
    formatting: Formatting
    alt: str = ""
    title: str = ""


class Delimiters(NamedTuple):
    """What stands around LaTeX in the text of a page whose script shows it as a formula."""

    left: str
    right: str
    display: bool
    certain: bool = True
    """Whether the page says so itself; where it does not, what stands between must look like LaTeX."""


@dataclass(slots=True)
class Paragraph:
    """Inline pieces that flow together."""

    pieces: list[InlinePiece]


@dataclass(slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    pieces: list[InlinePiece]


@dataclass(slots=True)
class Code:
    """A block of code, and its language if known."""

    text: str
    language: str = ""


@dataclass(slots=True)
class Formula:
    """LaTeX that stands by itself."""

    text: str


@dataclass(slots=True)
class ThematicBreak:
    """A line across the text."""


@dataclass(slots=True)
class Quote:
    """Blocks that are quoted."""

    blocks: "list[Block]"
    voice: bool = False
    """Whether it is a comment, and no quotation."""


@dataclass(slots=True)
class ItemList:
    """A list; `start` is the first number of an ordered one, else None."""

    start: int | None
    items: "list[list[Block]]" = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """Rows of cells, none longer than the first, which is the head."""

    rows: list[list[list[InlinePiece]]]


@dataclass(slots=True)
class Note:
    """A footnote: its number and its text."""

    number: str
    pieces: list[InlinePiece]


Block = Note | Paragraph | Heading | Code | Formula | ThematicBreak | Quote | ItemList | Table


def has_ink(pieces: list[InlinePiece]) -> bool:
    """Return whether a reader sees anything of these."""
    if len(pieces) == 1 and pieces[0].kind == TEXT:
        return is_visible(pieces[0].text)
    return any(piece.kind in (IMAGE, RAW, LATEX) or (piece.kind == TEXT and is_visible(piece.text)) for piece in pieces)


def is_visible(text: str) -> bool:
    """Return whether a reader sees anything of this text."""
    text = text.strip()
    return bool(text) and (ord(text[0]) not in INVISIBLE or bool(text.translate(INVISIBLE).strip()))


# What did not go into the Markdown: where it stood in the page, what it was, and which rule says why.


Kind = Literal["text", "image", "link"]

STAGE = "render"
"""The stage of what rendering itself leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class DroppedNode:
    """One text, image or link target that is in the page and not in the Markdown."""

    place: NodePlace
    kind: Kind
    text: str
    """The text, or the address."""
    rule: str
    stage: str = STAGE
    note: str = ""
    """For people; empty where the rule says it all."""
    line: int = 0
    """Line of the page's source, counted from 1; 0 where it is not known."""

    @property
    def path(self) -> str:
        """Where it stood: an XPath."""
        return self.place.path()


# What each element is to the reader of a page: the names, as tables.


HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

BLOCK_TAGS = frozenset(
    (
        "address", "article", "aside", "body", "center", "dd", "dir", "div", "dl", "fieldset", "figcaption", "figure",
        "footer", "form", "header", "hgroup", "html", "legend", "li", "main", "nav", "p", "section", "summary",
        "details", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "search", "dialog", "optgroup", "option",
    )
)  # fmt: skip

LIST_TAGS = frozenset(("ul", "ol", "menu", "dir"))

# Which part of the formatting an element sets.
FORMATTING_TAGS = {
    **dict.fromkeys(("strong", "b"), "bold"),
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "italic"),
    **dict.fromkeys(("del", "s", "strike"), "strike"),
}

# Elements that Markdown has no mark for, and that stay as they are.
KEPT_TAGS = frozenset(("sub", "sup", "mark", "kbd"))

HIDDEN_TAGS = {
    **dict.fromkeys(("input", "select", "textarea", "datalist", "progress", "meter"), "html.control"),
    # Not here: `source` and its like. They have no content, but parsers put into them what follows.
    **dict.fromkeys(("rp", "defs", "desc", "mp-style-type"), ""),
    # Programs, style sheets and what describes the page: text of the page's making, not of the page.
    **dict.fromkeys(("script", "style", "template", "head", "title", "meta", "link", "base"), ""),
}
