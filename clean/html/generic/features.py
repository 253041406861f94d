"""Features of blocks: what is measured of a block's text, of the boxes around it and of the page, each with a name.

Ratios and counts of whole numbers only, so a feature is the same on every machine. `NAMES` is the order of a row, which
`rows` makes of the block's own text, the names around it (`vocabulary`), the sums over its boxes and the page's head.
"""

import json
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, KINDS, WORD, Block, BlockPage, Box, cjk_count
from clean.html.generic.box_sums import BoxSums
from clean.html.generic.vocabulary import (
    GROUPS,
    SUBJECTS_ABOVE,
    is_dated,
    speaks_of,
)

__all__ = [
    "NAMES",
    "NONE",
    "WHOLE",
    "HeadClues",
    "OpenHeading",
    "OwnMeasures",
    "above_row",
    "box_kinds",
    "good_distances",
    "like_row",
    "open_headings",
    "own_measures",
    "path_measures",
    "read_clues",
    "score_shares",
    "squeeze",
    "ways_to",
    "whole_row",
]

# What the head of a page says about its text: titles, description, kind, the article's own text where it is given.


LONGEST_DATA = 400_000
"""Characters of one data block that are read."""

KIND = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
PART = re.compile(r"\s+[|\-–—_·»:]\s+|[|_｜]")

ARTICLES = frozenset(
    (
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "Report", "ScholarlyArticle",
        "article",
    )
)  # fmt: skip
FORUMS = frozenset(("DiscussionForumPosting", "QAPage", "Question", "Answer", "Comment"))
QUESTIONS = frozenset(("QAPage", "Question"))
PRODUCTS = frozenset(("Product", "Offer", "AggregateOffer", "product", "og:product", "product.item"))
LISTS = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProductGroup", "OfferCatalog"))


class HeadClues(NamedTuple):
    """Clues in the head of a page; all texts are squeezed."""

    titles: tuple[str, ...]
    description: str
    body: str
    """The article's text as data for search engines gives it; empty where it does not."""
    article: bool
    forum: bool
    product: bool
    listing: bool
    asks: bool
    """Whether it says that the page is a question with answers."""


def squeeze(text: str) -> str:
    """Return a text without white space and in lower case, for comparing."""
    return "".join(text.split()).lower()


def read_clues(root: _Element) -> HeadClues:
    """Read the head's elements wherever they stand."""
    titles: dict[str, None] = {}
    description = ""
    kinds: set[str] = set()
    bodies: list[str] = []
    for element in root.iter("title", "meta", "script"):
        tag = element.tag
        if tag == "title":
            if element.text and not titles:
                add_title(titles, element.text)
        elif tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            content = element.get("content") or ""
            if name in ("og:title", "twitter:title"):
                add_title(titles, content)
            elif name in ("description", "og:description") and len(content) > len(description):
                description = content
            elif name == "og:type":
                kinds.add(content.strip())
        elif "ld+json" in (element.get("type") or "") and element.text:
            data = element.text[:LONGEST_DATA]
            kinds.update(KIND.findall(data))
            if '"articleBody"' in data:
                bodies.append(article_body(data))
    for element in root.iter("h1"):
        add_title(titles, "".join(map(str, element.itertext()))[:300])
        break
    return HeadClues(
        tuple(titles),
        squeeze(description)[:400],
        squeeze(max(bodies, key=len, default="")),
        bool(kinds & ARTICLES),
        bool(kinds & FORUMS),
        bool(kinds & PRODUCTS),
        bool(kinds & LISTS),
        bool(kinds & QUESTIONS),
    )


def add_title(titles: dict[str, None], text: str) -> None:
    """Add a title and its longest part: sites put their own name before or after it."""
    whole = squeeze(text)
    if whole:
        titles[whole] = None
        longest = max(PART.split(text), key=len)
        if len(longest) > 3:
            titles[squeeze(longest)] = None


def article_body(data: str) -> str:
    """Return the longest `articleBody` in JSON, or nothing if it cannot be read."""
    try:
        stack = [json.loads(data, strict=False)]
    except (ValueError, RecursionError):
        return ""
    best = ""
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            body = value.get("articleBody")
            if isinstance(body, str) and len(body) > len(best):
                best = body
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return best if "<" not in best else re.sub(r"<[^<>]*>", "", best)


NONE: Final = 99
"""A distance to nothing."""

SAYING: Final = 60 * WORD
"""Units of a text that may be interface words alone."""

CLOSERS: Final = '.!?。！？…:："”’」』)）'
# One class each: linear.
MARKS = re.compile(r"[|·•/›»>→#@©®★▪■►◆]")
CAPITALS = re.compile(r"[A-Z]")
CASED = re.compile(r"[A-Za-z]")


MOST_SEARCHED: Final = 500_000_000
"""Characters of the text that a page gives in its data which are searched for its blocks, all together: a page of 5,000
blocks may give 100,000. For one that gives more it is as if it gave none."""


class OwnMeasures(NamedTuple):
    """What a block's text and tag say by themselves; the names of OWN, without the distance to the title."""

    units: int
    linked: float
    links: int
    media: int
    closed: int
    capitals: float
    word_length: float
    marks: float
    kind: int
    heading: int
    sight: int
    repeats: int
    is_title: int
    in_description: int
    in_data: int
    good: int
    says_date: int


class OpenHeading(NamedTuple):
    """The heading that a block stands under."""

    level: int
    linked: float
    subject: tuple[bool, ...]
    """Of SUBJECTS_ABOVE, which it speaks of."""


def own_measures(blocks: list[Block], sums: BoxSums, clues: HeadClues) -> tuple[list[OwnMeasures], list[int]]:
    """Measure the blocks' own texts, and how far behind the title each stands; equal measures are one object."""
    plain_of = {text: squeeze(text) for text in {block.text: None for block in blocks}}
    repeats = Counter(plain_of[block.text] for block in blocks)
    titles = frozenset(clues.titles)
    body = clues.body if len(clues.body) * len(blocks) <= MOST_SEARCHED else ""
    measured: dict[tuple[str, int, int, int, int, str], OwnMeasures] = {}
    equal: dict[OwnMeasures, OwnMeasures] = {}
    found: list[OwnMeasures] = []
    distances: list[int] = []
    since = NONE
    for block in blocks:
        key = (block.text, block.linked, block.links, block.media, block.sight, block.box.tag)
        own = measured.get(key)
        if own is None:
            plain = plain_of[block.text]
            own = own_measure(block, plain, repeats[plain], sums.goods[block.number], plain in titles, clues, body)
            own = measured[key] = equal.setdefault(own, own)
        since = 0 if own.is_title else min(NONE, since + 1)
        found.append(own)
        distances.append(since)
    return found, distances


def own_measure(
    block: Block, plain: str, repeats: int, good: int, is_title: bool, clues: HeadClues, body: str
) -> OwnMeasures:
    """Measure one block's text; `plain` is what it is squeezed, `body` the text in the page's data."""
    text, tag, total = block.text, block.box.tag, max(1, block.units)
    start = text[:600]
    cased = len(CASED.findall(start))
    return OwnMeasures(
        block.units,
        block.linked / total,
        block.links,
        block.media,
        int(text[-1:] in CLOSERS),
        len(CAPITALS.findall(start)) / cased if cased else 0,
        len(start) / max(1, len(start.split())) if not cjk_count(start) else 0,
        len(MARKS.findall(start)) * WORD / total,
        KINDS.get(tag, 0),
        HEADINGS.get(tag, 0),
        block.sight,
        repeats,
        int(is_title),
        int(bool(clues.description) and len(plain) > 12 and (plain[:60] in clues.description)),
        (1 if plain in body else -1) if body and len(plain) > 5 else 0,
        good,
        int(block.units <= SAYING and is_dated(text)),
    )


def good_distances(own: Sequence[OwnMeasures]) -> list[int]:
    """Return for each block how many stand between it and the next good text."""
    found: list[int] = []
    far = NONE
    for one in reversed(own):
        found.append(far)
        far = 0 if one.good else min(NONE, far + 1)
    found.reverse()
    return found


def open_headings(blocks: list[Block]) -> tuple[list[OpenHeading], list[int]]:
    """Return for each block the heading that it stands under, and how many blocks above."""
    found: list[OpenHeading] = []
    far: list[int] = []
    nothing = (False,) * len(SUBJECTS_ABOVE)
    last, heading = -1, OpenHeading(0, 0.0, nothing)
    known: dict[OpenHeading, OpenHeading] = {}
    for at, block in enumerate(blocks):
        found.append(heading)
        far.append(min(NONE, at - last) if last >= 0 else NONE)
        tag = block.box.tag
        if tag in HEADINGS:
            last = at
            short_text = block.text if block.units <= SAYING else ""
            subject = tuple(speaks_of(one, short_text) for one in SUBJECTS_ABOVE) if short_text else nothing
            heading = OpenHeading(HEADINGS[tag], block.linked / max(1, block.units), subject)
            heading = known.setdefault(heading, heading)
    return found, far


def box_kinds(
    page: BlockPage, sums: BoxSums, to_best: Sequence[tuple[int, int]], to_half: Sequence[tuple[int, int]]
) -> list[int]:
    """Return a number for each box that is the same where all that is measured of it and of those above is the same.

    The place among its like is left out.
    """
    known: dict[Hashable, int] = {}
    kinds: list[int] = []
    for box in page.boxes:
        at = box.number
        frame = sums.frames[at]
        key = (
            kinds[box.above.number] if box.above is not None else -1,
            sums.paths[at],
            box.total,
            box.linked,
            box.blocks,
            sums.good[at],
            sums.scores[at],
            id(sums.nearest[at]),
            to_best[at],
            to_half[at],
            frame.like,
            frame.total,
            frame.linked,
        )
        kinds.append(known.setdefault(key, len(known)))
    return kinds


def above_row(box: Box, sums: BoxSums) -> list[float]:
    """Measure the boxes around a block: the box itself, its parent, and further ones."""
    row: list[float] = []
    here = box
    step = 0
    for far in (0, 1, 2, 3, 5):
        while step < far and here.above is not None:
            here = here.above
            step += 1
        size = max(1, here.total)
        row += (
            here.total,
            here.linked / size,
            here.total,
            sums.good[here.number] / size,
            here.blocks,
        )
    return row


def path_measures(blocks: list[Block], own: Sequence[OwnMeasures], sums: BoxSums) -> dict[int, list[int]]:
    """Return for each path of names its blocks, their units, those in links, and those of good text."""
    paths: dict[int, list[int]] = {}
    for block, one in zip(blocks, own, strict=True):
        path = sums.paths[block.box.number]
        entry = paths.get(path)
        if entry is None:
            entry = paths[path] = [0, 0, 0, 0]
        entry[0] += 1
        entry[1] += block.units
        entry[2] += block.linked
        entry[3] += one.good
    return paths


def like_row(box: Box, sums: BoxSums, whole: int) -> tuple[list[float], int, int]:
    """Find the nearest box that has its like beside it, and the one whose like hold most; return how far up they are.

    The places among their like, which differ from box to box, are left open.
    """
    nearest = widest = None
    near_far = wide_far = -1
    step = 0
    here: Box | None = box
    while here is not None and step < 12:
        frame = sums.frames[here.number]
        if frame.like > 1 and here.tag not in ("p", "td", "th", "h2", "h3", "dt", "dd"):
            if nearest is None and frame.like > 2:
                nearest, near_far = frame, step
            if widest is None or frame.total > widest.total:
                widest, wide_far = frame, step
        here = here.above
        step += 1
    row: list[float] = [0, -1, 0, -1, NONE, 0, 0, -1, 0, -1]
    if nearest is not None:
        row[:5] = (
            nearest.like, nearest.at, nearest.total / nearest.like, nearest.linked / max(1, nearest.total), near_far,
        )  # fmt: skip
    if widest is not None:
        row[5:] = (
            widest.like, widest.total / widest.like, widest.linked / max(1, widest.total),
            widest.total / whole, widest.at,
        )  # fmt: skip
    return row, near_far, wide_far


def boxes_above(box: Box) -> dict[Box, int]:
    """Return a box and all above it, with their distance."""
    found: dict[Box, int] = {}
    here: Box | None = box
    while here is not None:
        found[here] = len(found)
        here = here.above
    return found


def ways_to(boxes: Sequence[Box], goal: Box) -> list[tuple[int, int]]:
    """Return for each box how far up from the goal the paths meet, and how far down from there the box is.

    Boxes stand behind the one around them, so each way is one step longer than one that is known.
    """
    line = boxes_above(goal)
    found: list[tuple[int, int]] = []
    for box in boxes:
        if box in line or box.above is None:
            found.append((min(20, line[box]), 0))
        else:
            up, down = found[box.above.number]
            found.append((up, min(20, down + 1)))
    return found


def score_shares(box: Box, sums: BoxSums, top: int) -> tuple[float, float]:
    """Return the container score of the nearest boxes as shares of the best one: the parent's, the largest."""
    own = sums.scores[box.number] / top
    largest = own
    here = box
    for _ in range(3):
        if here.above is None:
            break
        here = here.above
        largest = max(largest, sums.scores[here.number] / top)
    return own, largest


def whole_row(blocks: list[Block], page: BlockPage, sums: BoxSums, clues: HeadClues) -> list[float]:
    """Measure the page."""
    whole = max(1, sum(block.units for block in blocks))
    linked = sum(block.linked for block in blocks)
    good = sums.good[0]
    line = boxes_above(sums.best)
    second = max((sums.scores[box.number] for box in page.boxes if box not in line), default=0)
    sample = " ".join(block.text[:200] for block in blocks[:80])
    return [
        whole,
        len(blocks),
        linked / whole,
        good / whole,
        sums.good[sums.best.number] / max(1, good),
        sums.half.total / whole,
        second / max(1, sums.scores[sums.best.number]),
        cjk_count(sample) / max(1, len(sample)),
        int(clues.article),
        int(clues.forum),
        int(clues.product),
        int(clues.listing),
        int(bool(clues.body)),
        sum(block.box.tag == "p" and block.units > 8 * WORD for block in blocks),
        sum(block.box.tag in HEADINGS for block in blocks),
        sum(box.tag == "article" for box in page.boxes),
        sum(box.tag == "main" for box in page.boxes),
        max((frame.like for frame in sums.frames), default=0),
    ]


# The names of what is measured of a block, in the order of a row.
#
# The model file names its features, so neither this order nor a name can move without fitting it again.


OWN: Final = (
    "units", "linked", "links", "media", "closed", "capitals", "word length", "marks", "kind", "heading", "sight",
    "repeats", "is title", "in description", "in data", "nearest title", "good", "says date",
)  # fmt: skip
AROUND: Final = ("units after", "linked after", "good after", "kind after", "to good after", "linked around")
ABOVE: Final = tuple(
    f"{what} above {far}" for far in (0, 1, 2, 3, 5) for what in ("units", "linked", "share", "good", "blocks")
)
LIKE: Final = (
    "like", "like at", "like units", "like linked", "like far", "widest like", "widest units", "widest linked",
    "widest share", "widest at", "path blocks", "path units", "path linked", "path share", "path good",
)  # fmt: skip
PLACE: Final = (
    "place", "place in text", "depth", "in best", "to best", "below best", "best side", "in half", "to half",
    "half side", "below half", "score share", "widest score", "heading far", "heading level", "heading linked",
    "from h1",
)  # fmt: skip
WHOLE: Final = (
    "page units", "page blocks", "page linked", "page good", "best share", "half share", "second best", "wide page",
    "data article", "data forum", "data product", "data list", "has data", "paragraphs", "headings", "article boxes",
    "main boxes", "cards",
)  # fmt: skip

NAMES: Final = (
    *OWN,
    *AROUND,
    *ABOVE,
    *LIKE,
    *PLACE,
    *(f"in {group}" for group in GROUPS),
    *(f"under {subject}" for subject in SUBJECTS_ABOVE),
    *WHOLE,
)
