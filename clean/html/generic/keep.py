"""Exceptions to the model: figures, headings, notes, cells, listings and speakers that stay with kept text.

The truth that blocks are scored against is text, often without captions, headings and notes. A page without its
pictures is no copy of it; a section that lost its heading says something else; a number in the text must lead to its
note; a table without its short cells has others below the wrong head; and a program without its brackets is none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple

from lxml import etree
from lxml.etree import _Element

from clean.html.facts.bylines import named_for
from clean.html.facts.names import is_interface
from clean.html.generic.blocks import DRAWN_FORMULA, FORMULA, HEADINGS, HIDDEN, WORD, Block, BlockNode, Box, inherited
from clean.html.generic.box_sums import nearest_votes, shared_depth
from clean.html.generic.vocabulary import is_dated
from clean.html.listings import code_listings
from clean.html.render.footnotes import is_reference
from clean.html.render.style import class_roles

__all__ = [
    "keep_cells",
    "keep_figures",
    "keep_headings",
    "keep_listings",
    "keep_notes",
    "keep_speakers",
    "keep_textless_blocks",
]

# Blocks without text: they follow the text beside them.


def keep_textless_blocks(blocks: Sequence[Block], kept: dict[Block, bool]) -> dict[Block, bool]:
    """Return the choice for blocks without text as well: they follow the text blocks beside them.

    Between two blocks of one fate they share it. Between a kept and a cut one they go with the one that stands in the
    smaller box with them, and stay where both are as near.
    """
    # What holds two blocks holds all between them, so the depth for far ones is the least of those for neighbours. From
    # neighbour to neighbour each box is left once and entered once, however deep the page is.
    depths = [shared_depth(one.box, other.box) for one, other in pairwise(blocks)]
    after = nearest_votes(blocks[::-1], kept, depths[::-1])[::-1]
    before = nearest_votes(blocks, kept, depths)
    decided = dict(kept)
    for block, *votes in zip(blocks, before, after, strict=True):
        if block not in kept:
            found = [vote for vote in votes if vote is not None]
            decided[block] = block.sight < HIDDEN and bool(found) and max(found)[1]
    return decided


# Figures: a picture between two kept texts is the author's, and its caption with it. What a caption scores says nothing
# about the picture above it. Right below the title stands the picture that opens the text; it stays as well.


LONGEST_FIGURE: Final = 60 * WORD
"""Units of the text that a figure holds at most."""

MOST_BLOCKS: Final = 4
"""Blocks of a figure at most: the picture, a caption, a credit, one more."""

MOST_BETWEEN: Final = 6
"""Blocks between the page's main heading and the figure that opens its text: author, date, reading time."""

TIP_LEVELS: Final = 3
"""How far above its text the box of a tip may be."""

LONGEST_BETWEEN: Final = 30 * WORD
"""Units of each of these at most; a subtitle is longer than a name."""


def keep_figures(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the figures kept that stand between two kept texts; `blocks` in document order."""
    result = dict(kept)
    boxes = [figure_of(block) for block in blocks]
    at = 0
    while at < len(blocks):
        first, box = at, boxes[at]
        at += 1
        while at < len(blocks) and box is not None and boxes[at] is box:
            at += 1
        inside = blocks[first:at]
        if all(result[block] for block in inside) or (box is None and not blocks[first].media):
            continue
        above = is_kept(blocks, boxes, kept, range(first - 1, -1, -1))
        if not (above or (box is not None and stands_below_heading(blocks, boxes, first))):
            continue
        if is_kept(blocks, boxes, kept, range(at, len(blocks))) or (
            above and ends_text(blocks, boxes, kept, first, at)
        ):
            for block in inside:
                # Below the title what stands under a picture is a credit as often as a caption: its score decides.
                caption = above and box is not None and 2 * block.linked < block.units
                result[block] = result[block] or not block.text or caption
    return result


def figure_of(block: Block) -> Box | None:
    """Return the `figure` element that a block stands in, if it is one in earnest; None where it stands in none."""
    box: Box | None = block.box
    while box is not None and box.total <= LONGEST_FIGURE and box.blocks <= MOST_BLOCKS:
        if box.tag == "figure":
            return box
        box = box.above
    return None


def ends_text(
    blocks: Sequence[Block], boxes: Sequence[Box | None], kept: Mapping[Block, bool], first: int, after: int
) -> bool:
    """Return whether a figure stands at the end of the element that holds kept text right beside it.

    A picture by itself does so only in an `article`: elsewhere it is as often a sign or a code to scan.
    """
    figure = boxes[first]
    holder = figure.above if figure is not None else blocks[first].box
    if holder is None or (figure is None and (holder.tag != "article" or blocks[first].linked)):
        return False
    texts = (at for at in range(first - 1, -1, -1) if blocks[at].text and boxes[at] is None)
    last = next(texts, None)
    if last is None or not kept[blocks[last]] or holder not in (blocks[last].box, blocks[last].box.above):
        return False
    below = next((blocks[at] for at in range(after, len(blocks)) if blocks[at].text and boxes[at] is None), None)
    return below is None or not stands_in(below.box, holder)


def stands_in(box: Box | None, holder: Box) -> bool:
    """Return whether a box is another, or stands in it."""
    while box is not None and box is not holder:
        box = box.above
    return box is holder


def stands_below_heading(blocks: Sequence[Block], boxes: Sequence[Box | None], first: int) -> bool:
    """Return whether the page's main heading stands right before, with no more than a few words of a byline between."""
    for at in range(first - 1, max(-1, first - 1 - MOST_BETWEEN), -1):
        block = blocks[at]
        if block.text and boxes[at] is None:
            if block.box.tag == "h1":
                return True
            if block.units > LONGEST_BETWEEN:
                return False
    return False


def is_tip(block: Block) -> bool:
    """Return whether a text is what a page shows beside the pointer (WAI-ARIA 1.2, `tooltip`): `Download`, `Zoom`."""
    box: Box | None = block.box
    for _ in range(TIP_LEVELS):
        if box is None:
            break
        if box.element.get("role") == "tooltip":
            return True
        box = box.above
    return False


def is_kept(
    blocks: Sequence[Block], boxes: Sequence[Box | None], kept: Mapping[Block, bool], places: Iterable[int]
) -> bool:
    """Return whether the nearest text at these places that stands in no figure is kept."""
    texts = (blocks[at] for at in places if blocks[at].text and boxes[at] is None)
    return next((kept[block] for block in texts if not is_tip(block)), False)


# Headings: they stay with the text that stands under them.


LONGEST_HEADING: Final = 40 * WORD
"""Units of the longest heading."""

LEAST: Final = 0.15
"""A heading less probable than this is none of the text's: the name of the site, the head of a list of other pages."""


def keep_headings(
    blocks: Sequence[Block], kept: Mapping[Block, bool], scores: Mapping[Block, float]
) -> dict[Block, bool]:
    """Return the choice with the headings kept below which kept text begins, and the terms that it explains.

    `blocks` stand in document order, `scores` has the probability of each with text.
    """
    result = dict(kept)
    below: Block | None = None
    for block in reversed(blocks):
        if not block.text:
            continue
        if below is not None and result[below] and not result[block]:
            heads = scores[block] >= LEAST and is_heading(block) and is_heading_of(block, below)
            result[block] = heads or is_term_of(block, below)
        below = block
    return result


def is_heading(block: Block) -> bool:
    """Return whether a block is a heading that can be seen, and not made of links; a sign to link to itself is none."""
    word = "MsoTitle" in (block.box.element.get("class") or "").split()  # Word's style for the title of a text
    return (
        (block.box.tag in HEADINGS or word)
        and block.sight < HIDDEN
        and block.units <= LONGEST_HEADING
        and 6 * block.linked < block.units
    )


def is_heading_of(heading: Block, below: Block) -> bool:
    """Return whether a text stands in the box that a heading is the first text of, or right beside the heading."""
    box = heading.box
    while box.above is not None and box.above.blocks == 1:
        box = box.above
    here: Box | None = below.box
    while here is not None and here.depth > box.depth - 1:
        here = here.above
    return here is box.above


def is_term_of(term: Block, below: Block) -> bool:
    """Return whether a block is a term, such as the head of a function, and a text the beginning of what it means."""
    if term.box.tag != "dt" or term.sight >= HIDDEN:
        return False
    here: Box | None = below.box
    while here is not None and here.depth > term.box.depth:
        here = here.above
    return here is not None and here.tag == "dd" and here.above is term.box.above


# Notes: where a number in kept text leads to one. They stand far below the text, short and full of links, and look to
# the model like what stands there otherwise.


# A note's number as it stands in the text: three digits at most, in brackets or not, with the name of its group; one
# in a circle, or letters in brackets. Alternatives of bounded parts: linear.
NUMBER = re.compile(
    r"[\[(]?\s?(?:(?:note|nb|n|注|註|註釋|注释)\s?)?[0-9]{1,3}\s?[\])]?$|[\[(]?[①-⑳㉑-㉟㊱-㊿][\])]?$|\[[a-z]{1,2}\]$",
    re.IGNORECASE,
)
MOST_IN_LINK: Final = 3
"""Elements in a link that is the number of a note: two brackets, and the number."""
# How pages name notes.
NAMED = re.compile(r"fn|ftn|edn|foot|note|cite|ref", re.IGNORECASE)
LEVELS: Final = 4
"""How far above a text the link, or the note, may stand that it is in."""


def keep_notes(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the notes kept that kept text above them refers to; `blocks` in document order."""
    result = dict(kept)
    names: set[str] = set()
    number_alone = False
    for block in blocks:
        if not block.text or block.sight >= HIDDEN:
            continue
        if names and not result[block] and (number_alone or is_note(block, names)):
            result[block] = True
            number_alone = NUMBER.match(block.text) is not None
        else:
            number_alone = False
        if block.links and kept[block]:
            names.update(filter(None, (note_reference(piece.element) for piece in block.pieces)))
    return result


def is_note(block: Block, names: set[str]) -> bool:
    """Return whether a block bears one of these names, or stands in an element that does."""
    return any(
        (above.get("id") or above.get("name")) in names
        for piece in block.pieces
        for above in (piece.element, *islice(piece.element.iterancestors(), LEVELS))
    )


def note_reference(element: _Element) -> str:
    """Return the name of the note that a number leads to; nothing for any other text."""
    around = (element, *islice(element.iterancestors(), LEVELS))
    link = next((above for above in around if above.tag == "a"), None)
    address = "" if link is None else link.get("href") or ""
    if link is None or not address.startswith("#") or len(link) > MOST_IN_LINK:
        return ""
    text = "".join(map(str, link.itertext())).strip()
    if NUMBER.match(text) is None and (text or not is_reference(link)):  # books show a picture as the mark
        return ""
    high = any(above.tag == "sup" for above in (*around, *link))
    return address[1:] if high or NAMED.search(address) is not None or is_reference(link) else ""


# Tables: one that has heads stays whole where most of it stays.


MOST_OF_TABLE: Final = (2, 3)
"""The part of a table's text that must be kept."""


class TablePlace(NamedTuple):
    """Where a box stands in a table."""

    table: Box | None
    """The nearest table that holds it, or that it is; None outside of tables."""
    head: bool
    """Whether it stands in the table's head."""


def place_in_table(box: Box, around: TablePlace) -> TablePlace:
    """Return where a box stands, by where the one around it does."""
    if box.tag == "table":
        return TablePlace(box, False)
    if box.tag in ("th", "thead") and around.table is not None:
        return TablePlace(around.table, True)
    return around


def keep_cells(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the cells kept of tables that are kept for the most part."""
    result = dict(kept)
    tables: dict[Box, list[Block]] = {}
    with_heads: set[Box] = set()
    places: dict[Box | None, TablePlace] = {None: TablePlace(None, False)}
    for block in blocks:
        table, head = inherited(block.box, places, place_in_table)
        if table is not None:
            tables.setdefault(table, []).append(block)
            if head:
                with_heads.add(table)
    for box in with_heads:
        inside = [block for block in tables[box] if block.sight < HIDDEN]
        units = sum(block.units for block in inside)
        if MOST_OF_TABLE[1] * sum(block.units for block in inside if kept[block]) >= MOST_OF_TABLE[0] * units:
            result.update(dict.fromkeys(inside, True))
    return result


# Speakers: in a thread, under an answer or a comment that stays, its author and its time.


# How pages name a contribution: class, id, itemprop. A word of a few between ends of words: linear.
POST: Final = re.compile(
    r"(?<![a-z])(?:posts?|comments?|repl(?:y|ies)|answers?|messages?|msg|floor|questions?|topic-?(?:body|post)|tweet|review|status|pcb|plhin)"
    r"(?![a-z])",
    re.IGNORECASE,
)
LONGEST_SPEAKER: Final = 15 * WORD
"""Units of the line that names who speaks, and when."""
MOST_OF_POST: Final = 2
"""Lines of one contribution that stay: its author and its time."""
FEWEST_POSTS: Final = 2
"""Contributions that make a thread: above a single one stands the byline of the page."""


def keep_speakers(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the names and times kept of contributions whose text is kept; `blocks` in their order."""
    before = [0]
    for block in blocks:
        before.append(before[-1] + (kept[block] and bool(block.text) and block.box.tag not in HEADINGS))
    posts: dict[Box, list[Block]] = {}
    found: dict[Box, Box] = {}
    known: dict[Box, bool] = {}
    for block in blocks:
        if block.text and not kept[block] and block.sight < HIDDEN and block.units <= LONGEST_SPEAKER:
            box = said_in(block.box, before, found)
            if box not in known:
                known[box] = is_post(box)
            if known[box] and is_speaker(block):
                posts.setdefault(box, []).append(block)
    result = dict(kept)
    said = saying(posts, before)
    if len(said) >= FEWEST_POSTS:
        for box in said:
            result.update(dict.fromkeys(posts[box][:MOST_OF_POST], True))
    return result


def saying(boxes: Iterable[Box], before: Sequence[int]) -> list[Box]:
    """Return the boxes in which something is said that is not said in another of them; `before` counts kept text.

    An article or a whole thread is named as its contributions are, and says only what they say.
    """
    order = sorted(boxes, key=lambda box: (box.first, -box.last, box.depth))
    own = {box: before[box.last + 1] - before[box.first] for box in order}
    around: list[Box] = []
    for box in order:
        while around and around[-1].last < box.first:
            around.pop()
        if around:
            own[around[-1]] -= before[box.last + 1] - before[box.first]
        around.append(box)
    return [box for box in order if own[box] > 0]


def said_in(box: Box, before: Sequence[int], found: dict[Box, Box]) -> Box:
    """Return the smallest box around that holds kept text; `before` counts it, `found` learns what is on the way."""
    path: list[Box] = []
    while box not in found and box.above is not None and before[box.last + 1] == before[box.first]:
        path.append(box)
        box = box.above
    holder = found.get(box, box)
    found.update(dict.fromkeys(path, holder))
    return holder


def is_speaker(block: Block) -> bool:
    """Whether a short text names an author or says when, in an element that is named for it."""
    if OF_A_MEMBER.match(block.text) or not any(map(str.isalnum, block.text)):
        return False
    says_when = is_dated(block.text)
    for piece in block.pieces[:MOST_PIECES]:
        here = piece.element.getparent() if piece.kind == "tail" else piece.element
        for _ in range(LEVELS):
            if here is None:
                break
            named = named_for(here)
            if (named.author and not is_interface(block.text)) or (says_when and (named.author or named.date)):
                return True
            if here is block.box.element:
                break
            here = here.getparent()
    return False


# What stands about a member beside each contribution, or about a change of it. Alternatives of literals: linear.
OF_A_MEMBER: Final = re.compile(
    r"(?:joined|registered|member since|posts|reputation|location|find|author$|username|last edited"
    r"|edited|注册|加入|积分|威望|最后登录|编辑于)",
    re.IGNORECASE,
)

MOST_PIECES: Final = 6
"""Pieces of a line that are looked at for an element named for an author."""


def is_post(box: Box) -> bool:
    """Whether a box is a contribution, or stands right in one, by its names."""
    here: Box | None = box
    for _ in range(POST_LEVELS):
        if here is None or here.tag == "body":
            return False
        get = here.element.get
        if POST.search(f"{get('class') or ''} {get('id') or ''} {get('itemprop') or ''}"):
            return True
        here = here.above
    return False


POST_LEVELS: Final = 3
"""How far above the box of a text and its author the box of the contribution may be."""


# Listings and formulas: what they say is no prose, so the model scores them low in the middle of the text that they
# belong to. Lines of code that stand in boxes of their own, within `pre` or without, are one text.


LEVELS_UP: Final = 4
"""How far below the box that holds the text before it a listing may stand that ends this box."""
SHORTEST_BEFORE: Final = 8 * WORD
"""Units that the text before it must have then: of a caption or a label nobody knows whose it is."""


def keep_listings(blocks: Sequence[Block], kept: Mapping[Block, bool], root: _Element) -> dict[Block, bool]:
    """Return the choice with listings kept whole, and those listings and formulas kept that kept text stands around.

    `root` is the page's body. One that ends the box which kept text above it stands in stays as well.
    """
    result = dict(kept)
    found = code_listings(root)
    places: dict[Box | None, Box | None] = {None: None}
    drawn = next(root.iter("math", "mjx-container"), None) is not None or bool(FORMULAS(root))

    def outermost_listing(box: Box, around: Box | None) -> Box | None:
        return box if around is None and (box.tag == "pre" or box.element in found) else around

    boxes: dict[Block, Box] = {}
    listings: dict[Box, list[Block]] = {}
    for block in blocks:
        if block.sight >= HIDDEN:
            continue
        box = inherited(block.box, places, outermost_listing)
        if box is None and block.text and (is_latex(block.text) or (drawn and is_formula(block))):
            box = block.box
        if box is not None:
            boxes[block] = box
            listings.setdefault(box, []).append(block)
    if not listings:
        return result
    texts = [block for block in blocks if block.text and block.sight < HIDDEN]
    before: Block | None = None
    earlier: Block | None = None
    above: dict[Box, Block | None] = {}
    for block in texts:
        if block not in boxes:
            before, earlier = block, before
        elif before is not None and is_label(before, boxes[block]):
            above.setdefault(boxes[block], earlier)
        else:
            above.setdefault(boxes[block], before)
    after: Block | None = None
    below: dict[Box, Block | None] = {}
    for block in reversed(texts):
        if block in boxes:
            below.setdefault(boxes[block], after)
        else:
            after = block
    for box, lines in listings.items():
        whole = any(kept[line] for line in lines if line.text)
        if whole or is_amid(box, above.get(box), below.get(box), kept):
            result.update(dict.fromkeys(lines, True))
    return result


def is_label(block: Block, listing: Box) -> bool:
    """Return whether a short text stands in a box with a listing and with nothing else: `Code: Select all`."""
    holder = block.box.above
    if holder is None or block.units > SHORTEST_BEFORE or holder.blocks > listing.blocks + 1:
        return False
    return any(box is holder for box in boxes_around(listing))


def is_amid(listing: Box, above: Block | None, below: Block | None, kept: Mapping[Block, bool]) -> bool:
    """Return whether a listing stands between two kept texts, or below one and at the end of the box around both."""
    if above is None or not kept[above]:
        return False
    if below is not None and kept[below]:
        return True
    around = {id(box) for box in boxes_around(above.box)}
    shared = next((box for box in boxes_around(listing) if id(box) in around), None)
    if shared is None or listing.depth - shared.depth > LEVELS_UP or above.units < SHORTEST_BEFORE:
        return False
    return below is None or all(box is not shared for box in boxes_around(below.box))


def boxes_around(box: Box) -> Iterator[Box]:
    """Yield a box and those that it stands in."""
    here: Box | None = box
    while here is not None:
        yield here
        here = here.above


# Whether a page has a formula that is more than text; asked once, and of few pages true.
# By the attributes, which are fewer than the elements.
FORMULAS = etree.XPath("boolean(descendant::*/@class[contains(., 'ath') or contains(., 'katex')])")
MOST_ABOVE: Final = 12
"""How far above its letters the element of a formula may be."""


def is_latex(text: str) -> bool:
    """Return whether a text is LaTeX that stands by itself between its marks."""
    return len(text) > 4 and (text[:2], text[-2:]) in (("$$", "$$"), (r"\[", r"\]"))


def is_formula(block: Block) -> bool:
    """Return whether a block is a formula and nothing else, as MathML or drawn."""
    return all(piece.kind == "medium" or stands_in_formula(piece) for piece in block.pieces)


def stands_in_formula(piece: BlockNode) -> bool:
    """Return whether a text stands in the element of a formula."""
    here = piece.element if piece.kind == "text" else piece.element.getparent()
    if here is None:
        return False
    return any(
        one.tag in FORMULA or str(one.tag).startswith(DRAWN_FORMULA) or "math" in class_roles(one.get("class"))
        for one in (here, *islice(here.iterancestors(), MOST_ABOVE))
    )
