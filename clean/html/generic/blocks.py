"""Segmentation of a page into blocks: uninterrupted runs of text in one block element.

One walk over the tree without recursion. A block element begins a block and ends the one before; two line breaks in a
row, or one before an indented line, part paragraphs as old pages wrote them. Every visible text node and every medium
belongs to one block, so a decision about a block is a decision about nodes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeVar

from lxml import etree
from lxml.etree import _Element

from clean.html.custom import named_like, standard_name

__all__ = [
    "CONTROLS",
    "DRAWN_FORMULA",
    "FAINT",
    "FORMULA",
    "HEADINGS",
    "HIDDEN",
    "INLINE",
    "KINDS",
    "MEDIA",
    "UNREAD",
    "VISIBLE",
    "WORD",
    "Block",
    "BlockNode",
    "BlockPage",
    "Box",
    "boxes_around",
    "cjk_count",
    "cut_into_blocks",
    "element_visibility",
    "inherited",
    "text_tokens",
    "text_units",
]


# What each element is to one who reads a page in blocks: the names, as tables.


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


# Whether an element can be seen, as its own attributes say.


VISIBLE: Final = 0
FAINT: Final = 1
"""Laid out and not drawn: `visibility:hidden` or `opacity:0`, which a script lifts when the page has loaded."""
HIDDEN: Final = 2
"""Not laid out: `hidden` or `display:none`."""

LONGEST_STYLE: Final = 2000

# Names, a colon, white space around it, a literal value: nothing that could be matched in two ways.
NO_BOX = re.compile(r"display\s*:\s*none", re.IGNORECASE)
NO_INK = re.compile(r"visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])", re.IGNORECASE)


@lru_cache(maxsize=2048)
def style_visibility(style: str) -> int:
    """Return what a `style` attribute says."""
    if NO_BOX.search(style):
        return HIDDEN
    return FAINT if NO_INK.search(style) else VISIBLE


def element_visibility(element: _Element) -> int:
    """Return whether the element itself is seen, faint or gone; those around it are not asked."""
    if element.get("hidden") is not None:
        return HIDDEN
    style = element.get("style")
    return style_visibility(style[:LONGEST_STYLE]) if style else VISIBLE


# How much a text says, whatever it is written in: units, tokens.
#
# A word counts five, a Chinese character, a kana or a Hangul syllable three: two characters make a Chinese word more
# often than one, and a floor in characters would take a short Chinese item for an accident. Whole numbers, so that sums
# are the same on every machine.


WORD: Final = 5
"""Units of one word."""
CHARACTER: Final = 3
"""Units of one character that needs no spaces around it."""

CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"

# One character class each: linear.
CHARACTERS = re.compile(rf"[{CJK}]")
WORDS = re.compile(rf"[^\W{CJK}]+")
TOKENS = re.compile(rf"[{CJK}]|[^\W{CJK}]+")


def text_units(text: str) -> int:
    """Return how much a text says, in units."""
    if text.isascii():
        return WORD * len(text.split())
    wide = len(CHARACTERS.findall(text))
    if not wide:
        return WORD * len(text.split())
    return WORD * len(WORDS.findall(text)) + CHARACTER * wide


def cjk_count(text: str) -> int:
    """Return the number of Chinese, Japanese and Korean characters."""
    return 0 if text.isascii() else len(CHARACTERS.findall(text))


def text_tokens(text: str) -> list[str]:
    """Return the words of a text in lower case; each character that needs no spaces is one."""
    return TOKENS.findall(text.lower())


# What an element itself may say about being seen; asked of the whole page at once.
_CONCEALABLE = etree.XPath("descendant::*[@style or @hidden]")

NOSCRIPT_UNITS = 60 * WORD
"""Units of text in a `noscript` from which it is the page's text: some forums ship it there."""

# A line that begins with an indent: no quantifier over more than the two characters that make it one.
INDENT = re.compile(r"[\r\n\t ]*(?:\u3000|\xa0[\xa0\u3000 ])")


class BlockNode(NamedTuple):
    """One node of a block."""

    element: _Element
    kind: Literal["text", "tail", "medium"]
    """The text before the element's first child, the text after its end, or the element as a medium."""


class Box:
    """A block element, and sums over all blocks in it."""

    __slots__ = (
        "above", "blocks", "children", "depth", "element", "first", "last", "linked", "number", "sight", "tag", "total",
    )  # fmt: skip

    def __init__(self, element: _Element, tag: str, above: "Box | None", number: int, seen: int) -> None:
        self.element = element
        self.tag = tag
        self.above = above
        self.number = number
        self.depth: int = above.depth + 1 if above is not None else 0
        self.sight = seen
        self.children: list[Box] = []
        self.first = -1
        self.last = -1
        self.blocks = 0
        self.total = 0
        self.linked = 0
        if above is not None:
            above.children.append(self)


Inherited = TypeVar("Inherited")


def boxes_around(box: Box) -> Iterator[Box]:
    """Yield a box and those that it stands in."""
    here: Box | None = box
    while here is not None:
        yield here
        here = here.above


def inherited(box: Box, known: dict[Box | None, Inherited], step: Callable[[Box, Inherited], Inherited]) -> Inherited:
    """Return what a box has from the boxes around it.

    `step` says what a box makes of what the one around it has; `known` has what was found for other boxes and, under
    None, what stands around all, and learns what is found on the way: each box is asked once, however deep a page is.
    """
    path: list[Box] = []
    here: Box | None = box
    while here not in known:
        assert here is not None
        path.append(here)
        here = here.above
    found = known[here]
    for one in reversed(path):
        found = known[one] = step(one, found)
    return found


class Block:
    """A run of text under one box."""

    __slots__ = ("box", "linked", "links", "media", "number", "pieces", "sight", "text", "units")

    def __init__(self, box: Box) -> None:
        self.box = box
        self.number = 0
        self.pieces: list[BlockNode] = []
        self.text = ""
        self.units = 0
        self.linked = 0
        self.links = 0
        self.media = 0
        self.sight = 0


class BlockPage(NamedTuple):
    """A page in blocks."""

    body: _Element
    boxes: list[Box]
    """In order of their start tags; the first is the body."""
    blocks: list[Block]
    """In document order. Blocks without text hold media alone."""


class OpenBlock:
    """The block that is being gathered."""

    __slots__ = ("block", "breaks", "linked", "parts", "shown")

    def __init__(self, box: Box) -> None:
        self.block = Block(box)
        self.shown = HIDDEN
        """How well the text of it is seen that is seen best; a hidden word in a paragraph hides no more than itself."""
        self.parts: list[str] = []
        self.linked: list[str] = []
        self.breaks = 0


class BlockWalk:
    """The state of the one walk."""

    def __init__(self) -> None:
        self.boxes: list[Box] = []
        self.blocks: list[Block] = []
        self.texts = 0
        """How many blocks have text."""
        self.run: OpenBlock | None = None
        self.pictured: dict[_Element, bool] = {}
        """Whether an element holds a picture outside of every `noscript` right in it; asked once of each."""

    def add(self, text: str, element: _Element, kind: Literal["text", "tail"], state: "OpenElements") -> None:
        """Add the text of a node; an indented line after a break begins a block of its own."""
        run = self.run
        if text.isspace():
            if run is not None and run.parts:
                run.parts.append(" ")
            return
        if run is None or run.block.box is not state.box or (run.breaks and run.parts and INDENT.match(text)):
            self.end()
            run = self.run = OpenBlock(state.box)
        run.breaks = 0
        run.parts.append(text)
        run.block.pieces.append(BlockNode(element, kind))
        run.block.sight = max(run.block.sight, state.sight)
        if state.sight < run.shown and any(map(str.isalnum, text)):
            run.shown = state.sight
        if state.link:
            run.linked.append(text)

    def medium(self, element: _Element, state: "OpenElements") -> None:
        """Add a medium to the block that is open, or begin one."""
        run = self.run
        if run is None or run.block.box is not state.box:
            self.end()
            run = self.run = OpenBlock(state.box)
        run.block.pieces.append(BlockNode(element, "medium"))
        run.block.media += 1
        run.block.sight = max(run.block.sight, state.sight)

    def line_break(self) -> None:
        """Note a line break; the second in a row ends the block."""
        run = self.run
        if run is not None and run.parts:
            run.breaks += 1
            run.parts.append("\n")
            if run.breaks > 1:
                self.end()

    def link(self) -> None:
        """Count a link."""
        if self.run is not None:
            self.run.block.links += 1

    def end(self) -> None:
        """End the block that is open."""
        run = self.run
        if run is None:
            return
        self.run = None
        block = run.block
        if not block.pieces:
            return
        if block.sight >= HIDDEN > run.shown:
            block.sight = run.shown
        words = "".join(run.parts).split()
        text = block.text = " ".join(words)
        self.texts += bool(words)
        block.units = WORD * len(words) if text.isascii() else text_units(text)
        if run.linked:
            block.linked = min(block.units, sum(map(text_units, run.linked)))
            block.links = max(block.links, 1)
        block.number = len(self.blocks)
        self.blocks.append(block)


class OpenElements(NamedTuple):
    """What the open elements mean for the text in them."""

    box: Box
    link: bool
    sight: int
    noscript: bool = False
    """Whether one of them is a `noscript` that holds the page's text."""


def cut_into_blocks(body: _Element, most: int | None = None) -> BlockPage:
    """Cut the body of a page into blocks; behind more than `most` with text, where that is given, nothing is read."""
    walk = BlockWalk()
    root = Box(body, str(body.tag), None, 0, 0)
    walk.boxes.append(root)
    state = OpenElements(root, False, 0)
    found = _CONCEALABLE(body)
    sights = (
        {one: element_visibility(one) for one in found if isinstance(one, _Element)} if isinstance(found, list) else {}
    )
    stack: list[tuple[_Element, OpenElements | None, OpenElements]] = []
    if body.text:
        walk.add(body.text, body, "text", state)
    stack.extend([(child, None, state) for child in reversed(body)])
    while stack:
        if most is not None and walk.texts > most:
            break
        element, inner, outer = stack.pop()
        if inner is None:
            inner = state_inside(walk, element, outer, sights)
            if inner is not None:
                if element.text:
                    walk.add(element.text, element, "text", inner)
                if len(element):
                    stack.append((element, inner, outer))
                    stack.extend([(child, None, inner) for child in reversed(element)])
                    continue
        if inner is not None and inner.box is not outer.box:
            walk.end()
        if element.tail:
            walk.add(element.tail, element, "tail", outer)
    walk.end()
    return BlockPage(body, walk.boxes, walk.blocks)


def state_inside(
    walk: BlockWalk, element: _Element, outer: OpenElements, sights: Mapping[_Element, int]
) -> OpenElements | None:
    """Enter an element; None when nothing in it is to be read."""
    tag = element.tag
    kind = kind_of_tag(tag) if isinstance(tag, str) else "unread"  # a comment's is a function
    if kind == "unread":
        return None
    if kind == "break":
        walk.line_break()
        return None
    seen = outer.sight
    if sights and element in sights:
        seen = max(seen, sights[element])
    # One within another is a part of its text: asked at each level, text would be read once more for each above it.
    silent = kind == "noscript" and not outer.noscript
    if silent and not holds_text(element):
        if holds_picture(element, walk.pictured):
            walk.medium(element, outer if seen == outer.sight else outer._replace(sight=seen))
        return None
    if kind == "medium":
        walk.medium(element, outer if seen == outer.sight else outer._replace(sight=seen))
        return None
    if kind == "link":
        walk.link()
        return outer._replace(link=True, sight=seen)
    if kind == "inline":
        return outer if seen == outer.sight else outer._replace(sight=seen)
    walk.end()
    alike = standard_name(tag) or named_like(element, tag)
    if tag == "div" and not alike and outer.box.tag in HEADINGS and outer.box.element.tag == "div":
        alike = outer.box.tag  # the boxes of an editor within one that is a heading
    box = Box(element, alike or tag, outer.box, len(walk.boxes), seen)
    walk.boxes.append(box)
    return OpenElements(box, outer.link, seen, outer.noscript or silent)


@lru_cache(maxsize=512)
def kind_of_tag(tag: str) -> Literal["unread", "break", "noscript", "medium", "link", "inline", "box"]:
    """Return what an element of this name is to one who reads a page in blocks."""
    if tag in UNREAD:
        return "unread"
    if tag == "br":
        return "break"
    if tag == "noscript":
        return "noscript"
    if tag in MEDIA:
        return "medium"
    if tag == "a":
        return "link"
    if tag in INLINE or ":" in tag or tag in FORMULA or tag.startswith(DRAWN_FORMULA):
        return "inline"
    if standard_name(tag) in INLINE:  # a custom element that is a word of its line
        return "inline"
    return "box"


def holds_picture(element: _Element, pictured: dict[_Element, bool]) -> bool:
    """Whether a `noscript` holds a picture that its box has nowhere else: the script that shows it has not run."""
    box = element.getparent()
    if box is None or next(element.iterdescendants("img"), None) is None:
        return False
    if box not in pictured:
        pictured[box] = any(next(one.iter("img"), None) is not None for one in box if one.tag != "noscript")
    return not pictured[box]


def holds_text(element: _Element) -> bool:
    """Whether a `noscript` holds the page's text rather than a picture or a complaint."""
    if next(element.iter("iframe"), None) is not None:
        return False
    return text_units("".join(map(str, element.itertext()))) >= NOSCRIPT_UNITS
