"""The exception for an article's own head: the standfirst and the pictures above its first paragraph.

A head is made of small parts, a kicker, names, a date, buttons, and a model that judges them together loses what the
author wrote among them. The standfirst is the first sentence below the headline; the pictures are those of the page's
own story, which are told from the faces of authors, from logos and from the pictures of other stories.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box
from clean.html.generic.box_sums import STOP
from clean.html.generic.exceptions.foreign import begins_as_interface, is_foreign_box, names_of
from clean.html.generic.vocabulary import speaks_of_any
from clean.view import comparable_text

__all__ = ["PictureBox", "first_paragraph", "is_small", "keep_head", "picture_box"]


PROSE: Final = 15 * WORD
"""Units of a paragraph with which the text begins."""
MOST_BETWEEN: Final = 80
"""Blocks between the headline and this paragraph: names, dates, buttons to share, pictures."""
MOST_BEFORE: Final = 12
"""Blocks before the headline among which the picture may stand."""
WITHIN: Final = 10
"""Texts below the headline of which one is the standfirst."""
SHORTEST: Final = 6 * WORD
"""Units of a standfirst."""
SENTENCE: Final = 8 * WORD
"""Units of a sentence with a date in it that is no byline."""
LONGEST: Final = 120 * WORD
"""Units of the longest standfirst."""
LONGEST_FIGURE: Final = 120 * WORD
"""Units of the text of pictures that stand in one box: a gallery with its captions."""
MOST_IN_FIGURE: Final = 24
"""Blocks in such a box."""
LEVELS: Final = 6
"""How far above a picture the box is that holds its caption as well."""
NARROW: Final = 120
"""Pixels of the width of a picture that is none of an article: an icon, a face."""
SHORT_LABEL: Final = 3 * WORD
"""Units of a text in a figure that is a button, unless it is named for a caption."""

# Names of the boxes of pictures, of standfirsts and of faces: literals between ends of words, linear.
_PICTURE: Final = re.compile(
    r"(?<![a-z])(?:images?|img|photos?|picture|pic|figure|foto|bild|gallery|hero|lead-?(?:image|media|art|photo)|media"
    r"|featured|poster|thumbnail|thumb|thumbinner|thumbcaption|cover|opener|caption|illustration)(?![a-z])"
)
_CAPTION: Final = re.compile(r"caption|credit|copyright|source|legend|quelle|author|foto|photo|bild")
_STANDFIRST: Final = re.compile(
    r"(?<![a-z])(?:stand-?first|lead|lede|dek|deck|intro|subtitle|sub-?title|sub-?head(?:line|ing)?|excerpt|summary"
    r"|abstract|epigraph|chapo|teaser|tagline|description|kicker-text|sapo|entradilla|vorspann)(?![a-z])"
)
_FACE: Final = re.compile(
    r"(?<![a-z])(?:authors?|avatar|byline|profile|bio|writer|logo|icons?|brand|flag|emoji|badge|sponsor|signature)(?![a-z])"
)
_NO_STANDFIRST: Final = frozenset(
    ("figcaption", "figure", "li", "address", "td", "th", "nav", "footer", "aside", "form")
)
_BYLINE: Final = ("byline", "date", "share", "reading", "entry", "subscribe", "cookie")

# The name of a picture's file without the sizes that sites add: what is left tells that two are the same picture.
_STEM: Final = re.compile(r"[\w-]{8,}")


class PictureBox(NamedTuple):
    """A box that holds a picture with its caption, or several as a gallery."""

    box: Box
    figure: bool
    """Whether it is a `figure`, by its element."""


def picture_box(block: Block) -> PictureBox | None:
    """Return the largest box around a block that is made for pictures and their texts; None if there is none."""
    found: PictureBox | None = None
    here: Box | None = block.box
    for _ in range(LEVELS):
        if here is None or here.total > LONGEST_FIGURE or here.blocks > MOST_IN_FIGURE or here.tag == "body":
            break
        if here.tag == "figure":
            found = PictureBox(here, True)
        elif _PICTURE.search(names_of(here.element)):
            found = PictureBox(here, found.figure if found is not None else False)
        here = here.above
    return found


def is_small(element: _Element) -> bool:
    """Whether a picture says that it is too small for one of an article, or is a drawing of the interface."""
    if (element.get("src") or "").partition("?")[0].lower().endswith((".svg", ".ico")):
        return True
    width = element.get("width") or ""
    return width.isdecimal() and len(width) < 6 and int(width) < NARROW


def keep_head(blocks: Sequence[Block], kept: Mapping[Block, bool], title: str, body: _Element) -> dict[Block, bool]:
    """Return the choice with the standfirst and the pictures kept of the article's head; `blocks` in document order."""
    result = dict(kept)
    prose = first_paragraph(blocks, kept)
    if prose is None:
        return result
    headline = headline_before(blocks, prose, title)
    if headline is None:
        return result
    holder = shared_box(blocks[headline].box, blocks[prose].box)
    facts = HeadFacts.of(body)
    for at in standfirsts(blocks, kept, headline, prose, holder, facts):
        result[blocks[at]] = True
    holder = article_around(holder)
    first = max(holder.first, headline - MOST_BEFORE) if holder.tag != "body" else headline
    linked_headings = [
        block.number for block in blocks if block.box.tag in HEADINGS and block.text and 2 * block.linked >= block.units
    ]
    seen: set[Box] = set()
    for block in blocks[first:prose]:
        if not block.media or block.sight >= HIDDEN or (result[block] and block.text):
            continue
        if result[block]:
            result[block] = facts.shows(block) or not is_of_others(block, holder, linked_headings)
            continue
        around = picture_box(block)
        box = around.box if around is not None else block.box
        if box in seen:
            continue
        seen.add(box)
        own = facts.shows(block)
        if not own and (around is None or is_of_others(block, holder, linked_headings)):
            continue
        if not own and around is not None and not around.figure and 2 * box.linked > max(1, box.total):
            continue
        for one in blocks[box.first : box.last + 1] if around is not None else (block,):
            if one.sight < HIDDEN and (not one.text or is_caption(one, box)):
                result[one] = True
    return result


def first_paragraph(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> int | None:
    """Return the number of the first kept paragraph: the first that another one stands beside, or else the first."""
    paragraphs = [at for at, block in enumerate(blocks) if kept[block] and is_paragraph(block)]
    for one, other in pairwise(paragraphs[:FIRST]):
        if blocks[one].box.above is blocks[other].box.above or blocks[one].box is blocks[other].box:
            return one
    return paragraphs[0] if paragraphs else None


FIRST: Final = 6
"""Kept paragraphs of which one begins the text; what stands before may be the standfirst and captions."""


def is_paragraph(block: Block) -> bool:
    """Whether a block is a paragraph of a text."""
    sentence = block.units >= SENTENCE and block.box.tag == "p" and STOP.search(block.text[-3:]) is not None
    return (sentence or block.units >= PROSE) and block.box.tag not in HEADINGS and 3 * block.linked < block.units


def headline_before(blocks: Sequence[Block], prose: int, title: str) -> int | None:
    """Return the number of the headline above the first paragraph: the nearest that says the title, or is an `h1`."""
    wanted = comparable_text(title)
    main: int | None = None
    for at in range(prose, max(-1, prose - MOST_BETWEEN - 1), -1):
        block = blocks[at]
        if block.box.tag not in HEADINGS or not block.text or block.sight >= HIDDEN:
            continue
        said = comparable_text(block.text)
        if wanted and said and (said in wanted or wanted in said) and min(len(said), len(wanted)) > 8:
            return at
        if main is None and block.box.tag == "h1":
            main = at
    return main


def shared_box(one: Box, other: Box) -> Box:
    """Return the smallest box that holds both."""
    here, there = one, other
    while here is not there:
        if here.depth >= there.depth and here.above is not None:
            here = here.above
        elif there.above is not None:
            there = there.above
    return here


def article_around(holder: Box) -> Box:
    """Return the `article` right around a box, where there is one: the picture may stand in it before the headline."""
    here: Box | None = holder
    for _ in range(ARTICLE_LEVELS):
        if here is None or here.tag == "article":
            break
        here = here.above
    return here if here is not None and here.tag == "article" else holder


ARTICLE_LEVELS: Final = 4
"""How far above the box of headline and text their `article` may be."""


class HeadFacts(NamedTuple):
    """What the page's own head says of its article."""

    description: str
    pictures: frozenset[str]
    """The names of the files of its picture, as far as they tell one from another."""

    @classmethod
    def of(cls, body: _Element) -> "HeadFacts":
        """Read the metadata that are meant for other sites (Open Graph) and for search engines."""
        root = body.getroottree().getroot()
        description, pictures = "", set()
        for meta in islice(root.iter("meta"), 200):
            key = (meta.get("property") or meta.get("name") or "").lower()
            value = meta.get("content") or ""
            if key in ("description", "og:description", "twitter:description"):
                description = max(description, value, key=len)
            elif key in ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"):
                pictures.add(stem(value))
        return cls(comparable_text(description), frozenset(pictures - {""}))

    def shows(self, block: Block) -> bool:
        """Whether a block holds the picture that the page names as its article's."""
        if not self.pictures:
            return False
        for piece in block.pieces:
            if piece.kind == "medium":
                for element in islice(piece.element.iter("img", "source"), 6):
                    for key in ("src", "data-src", "srcset", "data-srcset"):
                        if any(name in (element.get(key) or "") for name in self.pictures):
                            return not is_small(element)
        return False


def stem(address: str) -> str:
    """Return what names a picture in its address: the longest word of its file's name; empty for a short one."""
    name = unquote(urlsplit(address[:2000]).path).rsplit("/", 1)[-1].partition(".")[0]
    return max(_STEM.findall(name), key=len, default="") if len(name) > 10 else ""


def standfirsts(
    blocks: Sequence[Block], kept: Mapping[Block, bool], headline: int, prose: int, holder: Box, facts: HeadFacts
) -> Iterator[int]:
    """Yield the number of the standfirst, where it is not kept: the first sentence below the headline."""
    texts = [at for at in range(headline + 1, prose) if blocks[at].text and blocks[at].sight < HIDDEN]
    title = comparable_text(blocks[headline].text)
    told = {comparable_text(block.text) for block in blocks if kept[block]}
    for at in texts[:WITHIN]:
        block = blocks[at]
        if not SHORTEST <= block.units <= LONGEST or 2 * block.linked > block.units:
            continue
        boxes = list(boxes_below(block.box, holder))
        named = any(_STANDFIRST.search(names_of(box.element)) for box in boxes[:3])
        foreign = any(is_foreign_box(box, linked=False) for box in (boxes[3:] if named else boxes))
        said = comparable_text(block.text)
        if foreign or any(box.tag in _NO_STANDFIRST for box in boxes) or said in told or title in said:
            continue
        described = bool(facts.description) and (said[:40] in facts.description or facts.description[:40] in said)
        if begins_as_interface(block.text) or any(_PICTURE.search(names_of(box.element)) for box in boxes[:2]):
            continue
        if named or described or not (is_byline(block) or is_face(boxes)):
            if not kept[block]:
                yield at
            if block.box.tag not in HEADINGS:  # below a second headline the sentence itself may follow
                return


def is_byline(block: Block) -> bool:
    """Whether a text speaks of who wrote, and when; a sentence is none."""
    ends = STOP.search(block.text[-3:]) is not None and block.units >= SENTENCE
    return not ends and speaks_of_any(_BYLINE, block.text)


def boxes_below(box: Box, holder: Box) -> Iterator[Box]:
    """Yield a box and those that it stands in, up to the one that holds the whole article."""
    here: Box | None = box
    while here is not None and here is not holder:
        yield here
        here = here.above


def is_face(boxes: Sequence[Box]) -> bool:
    """Whether one of these boxes is named for an author, a logo, an icon."""
    return any(_FACE.search(names_of(box.element)) for box in boxes)


def is_of_others(block: Block, holder: Box, linked_headings: Sequence[int]) -> bool:
    """Whether a picture in an article's head is a face, a sign, or that of another story."""
    boxes = list(boxes_below(block.box, holder))
    if any(is_foreign_box(box, linked=False) for box in boxes) or is_face(boxes):
        return True
    if all(is_small(piece.element) for piece in block.pieces if piece.kind == "medium"):
        return True
    return any(box.first <= at <= box.last for box in boxes for at in linked_headings)


def is_caption(block: Block, figure: Box) -> bool:
    """Whether a text in the box of a picture is its caption or its credit, rather than a button."""
    if begins_as_interface(block.text) or block.box.tag in HEADINGS or not any(map(str.isalpha, block.text)):
        return False
    boxes = list(boxes_below(block.box, figure))
    if any(is_foreign_box(box, linked=False) for box in boxes):
        return False
    named = block.box.tag == "figcaption" or any(
        box.tag == "figcaption" or _CAPTION.search(names_of(box.element)) for box in boxes
    )
    return named or (block.units > SHORT_LABEL and 2 * block.linked <= block.units and not is_byline(block))
