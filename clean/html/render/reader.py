"""State of the walk over a page, and how elements add to it."""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from lxml.etree import _Element

from clean.document import EmbeddedFile
from clean.html.controls import named_panels, row_of
from clean.html.embedded import embedded_file
from clean.html.listings import code_listings, listing_captions
from clean.html.model import NO_CUTS, CutReason, NodeCuts, NodePlaces, line_of
from clean.html.render.escape import absolute, is_relative, trimmed_address
from clean.html.render.footnotes import NO_NOTES, find_notes
from clean.html.render.model import (
    BREAK,
    HEADINGS,
    IMAGE,
    PLAIN,
    RAW,
    STAGE,
    TEXT,
    Block,
    Delimiters,
    DroppedNode,
    Formatting,
    Growth,
    InlinePiece,
    ItemList,
    Kind,
    Link,
    Note,
    Paragraph,
    has_ink,
    is_visible,
)
from clean.html.render.style import CutIndex, text_content
from clean.html.render.tables import Grid, flatten
from clean.html.render.visible import image_address, shown_attributes, visible_content

__all__ = ["DEEPEST", "SKIP", "Enter", "Leave", "Options", "Reader", "Skip", "has_content", "tree_root"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of the renderer knows and the tree does not say."""

    base: str | None = None
    """What relative links and images are relative to; None leaves them as they are."""
    image_address: Callable[[_Element], str | None] = image_address
    """Returns the address of an `img` as it stands in the page; None if it has none."""
    cuts: NodeCuts = NO_CUTS
    """What another stage has decided to leave out; each goes to what was dropped with its stage and rule."""
    revealed: Set[_Element] = frozenset()
    """Elements that are read although the page hides them; another stage has found that they are its content."""
    places: NodePlaces | None = None
    """Names the nodes; None for the places of the page that the root stands in."""
    size: int = 0
    """Of the source, in bytes; what the Markdown may repeat is in proportion to it."""


DEEPEST = 8
"""How many quotes, lists and tables may stand in each other; deeper ones are plain boxes. Markdown renderers stop
reading at a depth of twenty, and a list counts twice."""

# White space as HTML collapses it: not the non-breaking space, not the ideographic one.
SPACES = re.compile(r"[ \t\n\r\f]+")
UNTIDY = re.compile(r"[\t\n\r\f]|  ")
# A line end between two Chinese or Japanese characters parts nothing (CSS Text 3, 4.1.3).
EAST = "\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60"
EASTERN_LINE = re.compile(rf"(?<=[{EAST}])[ \t]*+[\r\n][ \t\r\n]*+(?=[{EAST}])")

CHECK_MARKS = ("[x]", "[ ]")

Leave = Callable[[], None]


class Skip(NamedTuple):
    """An element that was dealt with as a whole."""


SKIP = Skip()


class Enter(NamedTuple):
    """An element whose content is to be read, in this formatting; `leave` is called at its end."""

    formatting: Formatting
    leave: Leave | None = None


class Reader:
    """What has been read: finished blocks, the paragraph that is open, what was left out."""

    def __init__(self, root: _Element, options: Options, *, with_notes: bool = True) -> None:
        self.root = root
        self.options = options
        self.dropped: list[DroppedNode] = []
        self.growth = Growth(options.size)
        self.links: list[Link] = []
        self.places = options.places or NodePlaces(tree_root(root))
        self.cuts = options.cuts
        self.cut_index = CutIndex(options.cuts)
        self.page = (options.base or "").partition("#")[0]
        self.notes = find_notes(root, self.page, self.cut_index, self.places) if with_notes else NO_NOTES
        self.panels = self._panels()
        """Panels, each with the tab whose name stands before it."""
        self.tabs = frozenset(self.panels.values())
        self.unnamed: dict[_Element, None] = {}
        """Tabs that were passed by, and whose panels were not met yet."""
        self.listings = code_listings(root)
        """Boxes that hold lines of code in elements of their own."""
        self.marked: set[str] = set()
        """Numbers that a mark was written for; those of the notes must be the same in the end."""
        self.noted: set[str] = set()
        self.side_notes: list[Note] = []
        """Notes that stand in the line they belong to; in the Markdown they follow the text."""
        self.unfit = False
        """Whether a note turned out to be more than a footnote can hold."""
        self.blocks: list[Block] = []
        self.flow: list[InlinePiece] = []
        self.line = 0
        """How many elements are open that hold one line: inside, boxes only break it."""
        self.heading = False
        """Whether a heading is open."""
        self.depth = 0
        self.list: ItemList | None = None
        self.grid: Grid | None = None
        self.loose: list[tuple[int, ItemList]] = []
        """The list that items without a list around them have made, and the open one of each level below it."""
        self.left_out: dict[_Element, str] = dict.fromkeys(listing_captions(root), "html.code-bar")
        """Elements that are no text where they stand, such as the number before an item, each with its rule."""
        self.marked_texts: set[_Element] = set()
        """Items that begin with their number or dot as text."""
        self.seen: set[str] = set()
        self.files: dict[str, EmbeddedFile] = {}
        """Images that the page holds in itself and that are shown, by the address that stands for each."""
        self.first_images: dict[_Element, str | None] = {}
        self.among_comments: dict[_Element, bool] = {}
        """Whether an element, or one around it, is named after comments; of those that were asked about."""
        self.delimiters: tuple[Delimiters, ...] | None = None
        """What stands around LaTeX in the page's text; empty where no script shows formulas, None if not known yet."""
        self.begun = False
        """Whether there is a paragraph yet."""
        self.last_cut: _Element | None = None
        """The element that was left out last, with all that is in it."""

    def _panels(self) -> Mapping[_Element, _Element]:
        """Return the panels that are named, of rows of tabs of which nothing is cut off but panels with their tabs."""
        panels = named_panels(self.root, self.places.by_id)
        whole = {
            panel: tab for panel, tab in panels.items() if not (self.cut_index.is_cut(panel) and self._is_cut(tab))
        }
        rows = {row_of(tab) for panel, tab in whole.items() if self._is_cut(panel) or self._is_cut(tab)}
        return {panel: tab for panel, tab in whole.items() if row_of(tab) not in rows}

    def _is_cut(self, element: _Element) -> bool:
        """Whether an element, or anything in it or around it, is cut off."""
        return self.cut_index.is_cut(element) or (not len(element) and element in self.cut_index.touched)

    def add_name(self, panel: _Element) -> None:
        """Add the name of a panel as a paragraph before it, unless the panel begins with it as its heading."""
        self.end_paragraph()
        tab = self.panels[panel]
        self.unnamed.pop(tab, None)
        text = " ".join(text_content(tab).split())
        heading = self.cut_index.first(panel, *HEADINGS)
        if heading is not None and text == " ".join(text_content(heading).split()) and begins_with(panel, heading):
            self.drop_text(tab, text, "html.tab-name")
            return
        self.flow.append(InlinePiece(TEXT, text, PLAIN._replace(bold=True)))
        self.end_paragraph()

    def add_side_note(self, pieces: list[InlinePiece]) -> None:
        """Add a note, and its mark to the line; the footnotes that the page numbers come first."""
        number = str(len(self.notes.notes) + len(self.side_notes) + 1)
        self.flow.append(InlinePiece(RAW, f"[^{number}]", PLAIN))
        self.side_notes.append(Note(number, pieces))

    def resolve(self, address: str) -> str:
        """Return an address as the page's base makes it; as the page writes it where no more bases may be repeated."""
        address = trimmed_address(address)
        if not self.options.base or not is_relative(address):
            return address
        if self.growth.left > 0:  # otherwise not even joined: a long base would be read for each of many links
            whole = absolute(address, self.options.base)
            if self.growth.allows(len(whole) - len(address)):
                return whole
            self.growth.left = 0
        self.growth.count(addresses=1)
        return address

    def first_image(self, element: _Element) -> str | None:
        """Return the address of the first image in an element that is not cut; each element is searched once."""
        if element not in self.first_images:
            one = self.cut_index.first(element, "img")
            self.first_images[element] = None if one is None else self.options.image_address(one)
        return self.first_images[element]

    def add_text(self, text: str, formatting: Formatting, element: _Element) -> None:
        """Add text to the paragraph."""
        if formatting.zero and is_visible(text):
            self.drop_text(element, text.strip(), "html.zero-size")
            return
        if formatting.lines and formatting.code is None and "\n" in text:
            for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
                if number:
                    self.flow.append(InlinePiece(BREAK, "\n", formatting))
                if line:
                    self.flow.append(InlinePiece(TEXT, line, formatting))
            return
        if UNTIDY.search(text) is not None:
            text = SPACES.sub(" ", EASTERN_LINE.sub("", text) if "\n" in text else text)
        if formatting.link is not None and not formatting.link.used and is_visible(text):
            formatting.link.used = True
        self.flow.append(InlinePiece(TEXT, text, formatting))

    def end_paragraph(self, *, whole: bool = False) -> None:
        """End the paragraph; where several line breaks stand together, it is several.

        `whole` says that the block around ends as well.
        """
        if self.line:
            if self.flow:
                self.flow.append(InlinePiece(BREAK, "\n", PLAIN))
            return
        flow = self.flow
        if not flow or (len(flow) == 2 and flow[0].kind == RAW and flow[0].text in CHECK_MARKS and not whole):
            return  # a box to tick stands before the text of its item, in whatever boxes that is
        self.flow = []
        if len(flow) == 1:
            self.add_paragraph(flow)
            return
        start = breaks = 0
        for at, piece in enumerate(flow):
            if piece.kind == BREAK:
                breaks += 1
                if breaks == 2:
                    self.add_paragraph(flow[start:at])
                    start = at
            elif piece.kind != TEXT or not piece.text.isspace():
                breaks = 0
        self.add_paragraph(flow[start:])

    def add_paragraph(self, pieces: list[InlinePiece]) -> None:
        """Add a paragraph, unless nothing of it shows."""
        if has_ink(pieces):
            self.begun = True
            self.blocks.append(Paragraph(pieces))

    def add_block(self, block: Block) -> None:
        """Add a block; in a line, as its text."""
        if self.line:
            self.flow += flatten([block])
        else:
            self.end_paragraph()
            self.blocks.append(block)

    def add_alt(self, alt: str, formatting: Formatting) -> None:
        """Add what stands for an image."""
        if alt.strip():
            self.add_text(alt, formatting, self.root)

    def add_image(self, address: str, formatting: Formatting, alt: str = "", title: str = "") -> None:
        """Add an image to the paragraph."""
        self.seen.add(address)
        if formatting.link is not None:
            formatting.link.used = True
        file = embedded_file(address)
        if file is not None:
            self.files.setdefault(file.path, file)
            address = file.path
        self.flow.append(InlinePiece(IMAGE, address, formatting._replace(code=None), alt, title))

    def container(self, finish: Callable[[list[Block]], None], formatting: Formatting) -> Enter:
        """Enter an element whose blocks belong together; `finish` gets them."""
        self.end_paragraph()
        outside = (self.blocks, self.list, self.grid)
        self.blocks, self.list, self.grid = [], None, None
        self.depth += 1

        def leave() -> None:
            self.end_paragraph(whole=True)
            inside = self.blocks
            self.blocks, self.list, self.grid = outside
            self.depth -= 1
            finish(inside)

        return Enter(formatting, leave)

    def drop_text(self, element: _Element, text: str, rule: str, kind: Kind = "text") -> None:
        """Name something that is left out."""
        self.cut(element, text, CutReason(STAGE, rule), kind)

    def cut(self, element: _Element, text: str, why: CutReason, kind: Kind = "text") -> None:
        """Name something that is left out, and why."""
        place = self.places.place(element)
        self.dropped.append(DroppedNode(place, kind, text, why.rule, why.stage, why.note, line_of(element)))

    def text_before(self, element: _Element) -> str:
        """Return the text before an element's first child; nothing if it is cut."""
        return self._uncut(element.text, self.cuts.texts.get(element), element)

    def text_after(self, element: _Element) -> str:
        """Return the text after an element's end; nothing if it is cut."""
        why = self.cuts.tails.get(element)
        parent = None if why is None else element.getparent()
        return self._uncut(element.tail, why, element if parent is None else parent)

    def _uncut(self, text: str | None, why: CutReason | None, holder: _Element) -> str:
        """Return a text that is not cut; name one that is, by the element that holds it."""
        if why is None:
            return text or ""
        if text and is_visible(text):
            self.cut(holder, text.strip(), why)
        return ""

    def drop(self, element: _Element, rule: str) -> Skip:
        """Leave out an element with all that is in it, and name its text and its images."""
        return self.cut_off(element, CutReason(STAGE, rule))

    def drop_content(self, element: _Element, rule: str, written: Set[str] = frozenset()) -> Skip:
        """Leave out what is in an element that stands in the Markdown itself, and name it.

        `written` are attributes that the Markdown has, beside those that it always has of such an element.
        """
        self.name_attributes(element, written)
        return self.cut_off(element, CutReason(STAGE, rule), itself=False)

    def finish(self, element: _Element) -> Skip:
        """Note that everything of an element is written or named; what else it says is the same once more."""
        self.last_cut = element
        return SKIP

    def cut_off(self, element: _Element, why: CutReason, *, itself: bool = True) -> Skip:
        """Leave out an element with all that is in it, and name its text, its images and the like, and why."""
        self.last_cut = element
        text, attributes = visible_content(element)
        if text and is_visible(text):
            self.cut(element, text, why)
        for holder, each in attributes:
            if itself or not (holder is element or is_source_of(holder, element)):
                self.cut(holder, each.text, why, each.kind)
        return SKIP

    def name_attributes(self, element: _Element, written: Set[str] = frozenset()) -> None:
        """Name what a reader sees of the attributes of an element that is kept, where the Markdown has it not."""
        for each in shown_attributes(element, kept=True, also=written):
            self.drop_text(element, each.text, each.rule, each.kind)

    def name_content(self, element: _Element, since: int) -> None:
        """Name the attributes of an element that was written as a whole, and of what is in it and was not named."""
        self.name_attributes(element)
        if not len(element):
            return
        named = {one.text for one in self.dropped[since:]}
        for inside in element.iterdescendants("*"):
            if len(inside.keys()):
                for each in shown_attributes(inside, kept=False):
                    if each.text not in named and self.resolve(each.text) not in self.seen:
                        self.drop_text(inside, each.text, each.rule or "html.media", each.kind)


def is_source_of(node: _Element, medium: _Element) -> bool:
    """Return whether a node is a source of a medium: the medium once more. Parsers put sources into each other."""
    here: _Element | None = node
    while here is not None and here.tag == "source":
        here = here.getparent()
    return here is medium and here is not node


def begins_with(panel: _Element, heading: _Element) -> bool:
    """Return whether nothing that a reader sees stands in a panel before a heading in it."""
    here: _Element | None = heading
    while here is not None and here is not panel:
        around = here.getparent()
        before = [one for one in here.itersiblings(preceding=True) if isinstance(one.tag, str)]
        texts = [around.text if around is not None else "", *(one.tail for one in here.itersiblings(preceding=True))]
        if any(has_content(one) for one in before) or any(text and is_visible(text) for text in texts):
            return False
        here = around
    return True


def tree_root(element: _Element) -> _Element:
    """Return the root of an element's tree."""
    return element.getroottree().getroot()


def has_content(element: _Element) -> bool:
    """Return whether there is text or an image in an element."""
    return bool(text_content(element).strip()) or next(iter(element.iterdescendants("img")), None) is not None
