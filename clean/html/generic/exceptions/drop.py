"""Exceptions to the model: what goes from the chosen text, each by a rule of its own.

The model judges each block by itself. What stands a second time, a heading whose text went, and an offer to subscribe
look like the author's text, and are told only by what stands around them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Final

from lxml import etree
from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box, boxes_around, inherited
from clean.html.generic.exceptions.foreign import names_of
from clean.html.generic.vocabulary import speaks_of
from clean.view import comparable_text

__all__ = ["drop_blocks", "selected"]

TITLE: Final = "generic.title"
TWICE: Final = "generic.twice"
EMPTY_HEADING: Final = "generic.empty-heading"
OFFER: Final = "generic.offer"
NOTICE: Final = "generic.notice"
RELATED: Final = "generic.related"
BYLINE: Final = "generic.byline"


def drop_blocks(
    blocks: Sequence[Block], kept: Mapping[Block, bool], title: str, walls: Set[_Element]
) -> dict[Block, str]:
    """Return the kept blocks that go all the same, with the rule of each; `blocks` in the order of the page.

    `title` is the page's title, which stands above the text; `walls` are the elements that the page itself declares to
    be only for those who pay.
    """
    found: dict[Block, str] = {}

    def shown() -> list[Block]:
        return [block for block in blocks if kept[block] and block not in found and block.sight < HIDDEN]

    found.update(dict.fromkeys(offers(shown(), walls), OFFER))
    headline = next((block for block in blocks if block.box.tag == "h1" and block.text and block.sight < HIDDEN), None)
    if headline is not None:
        found.update(dict.fromkeys(notices(shown(), headline), NOTICE))
        seen = [block for block in blocks if block.sight < HIDDEN]
        stories = (block for block in other_stories(seen, headline) if kept[block] and block not in found)
        found.update(dict.fromkeys(stories, RELATED))
    found.update(dict.fromkeys(lines_of_controls(shown()), BYLINE))
    found.update(dict.fromkeys(titles_again(shown(), title), TITLE))
    found.update(dict.fromkeys(copies(shown()), TWICE))
    stays = {block: kept[block] and block not in found for block in blocks}
    found.update(dict.fromkeys(empty_headings(blocks, stays, title), EMPTY_HEADING))
    return found


# Offers to those who are to pay.


# How sites name the box in which they offer what the rest of the text costs. Alternation of literals: linear.
_WALL: Final = re.compile(
    r"pay-?wall|reg-?wall|login-?wall|sub(?:scri(?:be|ption))?-?wall|meter-?wall|metered|piano-|tp-container|pay-?read"
    r"|premium-?(?:box|offer|teaser)|member-?only|vip-?(?:tip|lock)|unlock|article-?locked|abo-?(?:box|teaser|offer)",
    re.IGNORECASE,
)
LONGEST_OFFER: Final = 120 * WORD
"""Units of a box that is an offer as a whole."""


def offers(blocks: Sequence[Block], walls: Set[_Element]) -> Iterator[Block]:
    """Yield the blocks that offer the rest of the text: boxes named for it, or declared to be paid for, that say so.

    What is declared to be paid for is mostly the text itself; an offer speaks of logging in and of subscribing.
    """
    boxes: dict[Box, list[Block]] = {}
    known: dict[Box | None, Box | None] = {None: None}

    def outermost_wall(box: Box, around: Box | None) -> Box | None:
        return box if around is None and (box.element in walls or is_named_wall(box)) else around

    for block in blocks:
        box = inherited(block.box, known, outermost_wall)
        if box is not None and block.text:
            boxes.setdefault(box, []).append(block)
    for box, inside in boxes.items():
        if sum(block.units for block in inside) > LONGEST_OFFER:
            continue
        wanted = 1 if is_named_wall(box) else 2
        if sum(any(speaks_of(subject, block.text) for block in inside) for subject in ("entry", "subscribe")) >= wanted:
            yield from inside


def is_named_wall(box: Box) -> bool:
    """Whether the names of a box say that it offers what the text costs."""
    return bool(_WALL.search(f"{box.element.get('class') or ''} {box.element.get('id') or ''}"))


# One class or one id, as https://schema.org/cssSelector has it in nearly every page. Bounded runs: linear.
_SELECTOR: Final = re.compile(r"([.#])([A-Za-z_][\w-]{0,80})$")
MOST_WALLS: Final = 50


def selected(root: _Element, selectors: Sequence[str]) -> frozenset[_Element]:
    """Return the elements of some CSS selectors; those of other forms than one class or one id select nothing."""
    found: set[_Element] = set()
    for selector in selectors[:10]:
        match = _SELECTOR.match(selector.strip())
        if match is None:
            continue
        path = _BY_ID if match[1] == "#" else _BY_CLASS
        elements = path(root, name=match[2] if match[1] == "#" else f" {match[2]} ")
        if isinstance(elements, list):
            found.update(one for one in islice(elements, MOST_WALLS) if isinstance(one, _Element))
    return frozenset(found)


_BY_ID: Final = etree.XPath("//*[@id = $name]")
_BY_CLASS: Final = etree.XPath("//*[contains(concat(' ', normalize-space(@class), ' '), $name)]")


# Notices of the site above the text: consent, announcements.


# How sites name them. Alternation of literals: linear.
_NOTICE: Final = re.compile(
    r"cookie|consent|gdpr|onetrust|privacy-?(?:notice|banner|layer)|notice-?(?:layer|bar|banner)|announcement|promo-?bar"
    r"|site-?message|alert-?bar|top-?banner"
)
MOST_OF_NOTICE: Final = (1, 2)
"""The part of a box's text that speaks of cookies."""
LONGEST_NOTICE: Final = 600 * WORD
"""Units of a notice of consent; what is longer is a page about it."""


def notices(blocks: Sequence[Block], headline: Block) -> Iterator[Block]:
    """Yield the blocks of notices: boxes beside the headline that speak of cookies, or are named for what they are.

    On a page about cookies the headline stands in the same box, or nothing else is left.
    """
    around = set(boxes_around(headline.box))
    boxes: dict[Box, list[Block]] = {}
    for block in blocks:
        if block.text and block.box not in around:
            beside = next(box for box in boxes_around(block.box) if box.above is None or box.above in around)
            boxes.setdefault(beside, []).append(block)
    whole = sum(block.units for block in blocks)
    for box, inside in boxes.items():
        units = sum(block.units for block in inside)
        named = _NOTICE.search(names_of(box.element)) is not None
        spoken = sum(block.units for block in inside if speaks_of("cookie", block.text))
        says = MOST_OF_NOTICE[1] * spoken >= MOST_OF_NOTICE[0] * units
        before = box.last < headline.number
        consent = says and units <= LONGEST_NOTICE and units < whole and (named or (before and len(inside) > 1))
        if consent or (named and before and units <= LONGEST_OFFER):
            yield from inside


# Other stories below the text.


FEWEST_STORIES: Final = 3
"""Boxes of one form that make a list of stories."""
LONGEST_STORY: Final = 120 * WORD
"""Units of what such a box tells of a story."""


def other_stories(blocks: Sequence[Block], headline: Block) -> Iterator[Block]:
    """Yield what is told of other stories: boxes of one form outside of the page's one article, each with its link.

    The article is the element of that name (HTML, section 4.3.2) which holds the headline and a text. Boxes outside of
    it with a heading each that is a link lead to stories of their own.
    """
    article = next((box for box in boxes_around(headline.box) if box.tag == "article"), None)
    if article is None or not any(is_told_in(block, article) for block in blocks):
        return
    stories: dict[Box, list[Block]] = {}
    known: dict[Box | None, Box | None] = {None: None}
    likes: dict[Box, Counter[str]] = {}

    def story(box: Box, around: Box | None) -> Box | None:
        within = article.first <= box.first <= article.last
        if around is not None or box.above is None or box.total > LONGEST_STORY or within:
            return around
        if box.above not in likes:  # counted once for each box: a list may have thousands of items
            likes[box.above] = Counter(one.tag for one in box.above.children if one.total)
        alike = likes[box.above][box.tag] >= FEWEST_STORIES
        return box if alike and any(map(is_linked, box.element.iter(*HEADINGS))) else None

    for block in blocks:
        if block.number > headline.number and (block.text or block.media):
            box = inherited(block.box, known, story)
            if box is not None:
                stories.setdefault(box, []).append(block)
    if len(stories) >= FEWEST_STORIES:
        for inside in stories.values():
            yield from inside


def is_linked(heading: _Element) -> bool:
    """Whether a heading is a link, or stands in one."""
    return next(heading.iter("a"), None) is not None or any(
        one.tag == "a" for one in islice(heading.iterancestors(), 3)
    )


def is_told_in(block: Block, article: Box) -> bool:
    """Whether a block is a text in an article."""
    told = block.units >= LEAST and block.box.tag not in HEADINGS and 2 * block.linked < block.units
    return told and article.first <= block.number <= article.last


# The line above a text that names its source and offers to print it.


# What such a line offers. Alternation of literals: linear.
_TOOLS: Final = re.compile(r"字体|字號|字号|打印|列印|关闭窗口|收藏本页|\bprint\b|\bfont size\b", re.IGNORECASE)
_LABELLED: Final = re.compile(r"[:：]")


def lines_of_controls(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the lines before the text that say date and source beside buttons that work by a script.

    What they say is in the front matter.
    """
    for block in blocks:
        if block.units >= PROSE and not _TOOLS.search(block.text):
            return
        if block.units > LONGEST_OFFER or not speaks_of("date", block.text):
            continue
        if _TOOLS.search(block.text) and len(_LABELLED.findall(block.text)) > 1:
            yield block


# What stands a second time: the title, a standfirst, the text of a desktop beside that of a telephone.


OPENING: Final = 10
"""Blocks with text in which the title stands again."""
PROSE: Final = 20 * WORD
"""Units of a text with which the article has begun."""


def titles_again(blocks: Sequence[Block], title: str) -> Iterator[Block]:
    """Yield the blocks before the text that say the title again; the first of the first level is the title."""
    wanted = comparable_text(title)
    texts = [block for block in blocks if block.text]
    if not wanted:
        return
    has_title = any(block.box.tag == "h1" and comparable_text(block.text) == wanted for block in texts)
    is_first = True
    for block in texts[:OPENING]:
        if comparable_text(block.text) == wanted and not block.media:
            if not (is_first and block.box.tag == "h1") and (has_title or block.box.tag in HEADINGS):
                yield block
            is_first = is_first and block.box.tag != "h1"
        elif block.units >= PROSE and block.box.tag not in HEADINGS:
            return


LEAST: Final = 10 * WORD
"""Units of a text that nobody writes twice by chance."""
TIMES: Final = 2
"""How often a text stands of which one is a copy; what is said more often is said again and again."""
BETWEEN: Final = 4
"""Blocks with text between a text and its copy, at most: farther apart it may be said again."""
RUN: Final = 3
"""Texts in a row that stand twice wherever the second row stands."""
_MEANT: Final = frozenset({"blockquote", "q", "pre", "code", "table", "dl", "ul", "ol", "summary", "form"})
"""Elements in which a text is given again on purpose: quoted, listed, filled in."""


def copies(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the copies of texts: right behind the first, or several in a row."""
    known: dict[Box | None, bool] = {None: False}
    texts = [block for block in blocks if block.text and not inherited(block.box, known, is_meant)]
    said = ["".join(block.text.split()).casefold() if block.units >= LEAST else "" for block in texts]
    times = Counter(said)
    keys = [text if times[text] == TIMES else "" for text in said]
    first: dict[str, int] = {}
    row: list[int] = []
    last = -1
    for at, key in enumerate(keys):
        before = first.setdefault(key, at) if key else at
        if before == at:
            if key or (row and at - row[-1] > BETWEEN):
                yield from copied_row(texts, row)
                row = []
            continue
        if at - before <= BETWEEN + 1:
            if heading_level(texts[at - 1]) == 0 or before == at - 1:
                yield texts[at]
            continue
        if row and before <= last:
            yield from copied_row(texts, row)
            row = []
        row.append(at)
        last = before
    yield from copied_row(texts, row)


def copied_row(texts: Sequence[Block], row: Sequence[int]) -> Iterator[Block]:
    """Yield the texts of a row of copies, where it is long enough and no heading of its own announces it."""
    if len(row) >= RUN and (heading_level(texts[row[0] - 1]) == 0 or row[0] - 1 in row):
        yield from (texts[at] for at in row)


def is_meant(box: Box, around: bool) -> bool:
    """Whether a box stands where texts are given again on purpose, by whether the one around it does."""
    return around or box.tag in _MEANT


# Headings whose text went.


LONGEST_HEADING: Final = 8 * WORD
"""Units of a heading that is no sentence."""
_SENTENCE_ENDS: Final = frozenset(".!?。！？…")


def empty_headings(blocks: Sequence[Block], kept: Mapping[Block, bool], title: str) -> Iterator[Block]:
    """Yield the headings under which nothing is left: what stood there went, or the page ends with them.

    Two headings that the author set one below the other stay, and what stands before the text is no section's.
    """
    wanted = comparable_text(title)
    prose = (at for at, block in enumerate(blocks) if kept[block] and block.units >= LEAST and not heading_level(block))
    opening = next(prose, len(blocks))
    levels = [heading_level(block) for block in blocks]
    counts = {level: levels.count(level) for level in set(levels)}
    below = 0  # the level of the nearest heading below that stays, 0 where there is none
    has_text = went = False
    for at in range(len(blocks) - 1, opening, -1):
        block, level = blocks[at], levels[at]
        if block.sight >= HIDDEN:
            continue
        if not level or not kept[block]:
            has_text = has_text or kept[block]
            went = went or not kept[block]
            continue
        is_empty = not has_text and (below == 0 or below <= level) and (went or (below == 0 and counts[level] > 1))
        if is_empty and not says_something(block) and comparable_text(block.text) != wanted:
            yield block
            went = True
            continue
        below, has_text, went = level, False, False


def heading_level(block: Block) -> int:
    """Return the level of a heading, 0 for other blocks."""
    return HEADINGS.get(block.box.tag, 0) if block.text else 0


def says_something(block: Block) -> bool:
    """Whether a heading is a sentence, or shows a picture: it means something without a text under it."""
    return bool(block.media) or block.units > LONGEST_HEADING or block.text.rstrip()[-1:] in _SENTENCE_ENDS
