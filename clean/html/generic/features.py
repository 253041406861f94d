"""Features of blocks: one row of named numbers each.

Ratios and counts of whole numbers only, so a row is the same on every machine. `NAMES` is the order of a row. A row
is made of the block's own text, the names around it (`vocabulary`), the sums over its boxes and the page's head.
"""

import json
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, KINDS, WORD, Block, BlockPage, Box, cjk_count
from clean.html.generic.box_sums import BoxSums
from clean.html.generic.vocabulary import (
    FAR,
    GROUPS,
    SUBJECTS_ABOVE,
    is_dated,
    speaks_of,
)

__all__ = ["NAMES", "WHOLE", "HeadClues", "feature_rows", "read_clues", "squeeze"]

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


def feature_rows(page: BlockPage, sums: BoxSums, clues: HeadClues) -> list[list[float]]:
    """Return one row for each block with text, in document order."""
    blocks = [block for block in page.blocks if block.text]
    own = own_rows(blocks, sums, clues)
    around = around_rows(blocks, sums)
    like = like_rows(blocks, sums)
    place, under = place_rows(blocks, page, sums)
    whole = whole_row(blocks, page, sums, clues)
    above: dict[Box, list[float]] = {}
    near: dict[Box, list[int]] = {}
    rows = []
    for at, block in enumerate(blocks):
        box = block.box
        if box not in above:
            above[box] = above_row(box, sums)
            low = box.depth - FAR
            near[box] = [box.depth - depth if depth > low else FAR for depth in sums.nearest[box.number]]
        high = above[box].copy()
        high[2::5] = [block.units / max(1, total) for total in high[2::5]]
        rows.append([*own[at], *around[at], *high, *like[at], *place[at], *near[box], *under[at], *whole])
    return rows


MOST_SEARCHED: Final = 500_000_000
"""Characters of the text that a page gives in its data which are searched for its blocks, all together: a page of 5,000
blocks may give 100,000. For one that gives more it is as if it gave none."""


def own_rows(blocks: list[Block], sums: BoxSums, clues: HeadClues) -> list[list[float]]:
    """Measure the blocks' own texts."""
    squeezed = [squeeze(block.text) for block in blocks]
    seen: dict[str, int] = {}
    for text in squeezed:
        seen[text] = seen.get(text, 0) + 1
    titles = frozenset(clues.titles)
    body = clues.body if len(clues.body) * len(blocks) <= MOST_SEARCHED else ""
    rows: list[list[float]] = []
    since = NONE
    for block, plain in zip(blocks, squeezed, strict=True):
        text, tag, total = block.text, block.box.tag, max(1, block.units)
        start = text[:600]
        cased = len(CASED.findall(start))
        is_title = plain in titles
        since = 0 if is_title else min(NONE, since + 1)
        rows.append(
            [
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
                seen[plain],
                int(is_title),
                int(bool(clues.description) and len(plain) > 12 and (plain[:60] in clues.description)),
                (1 if plain in body else -1) if body and len(plain) > 5 else 0,
                since,
                sums.goods[block.number],
                int(block.units <= SAYING and is_dated(text)),
            ]
        )
    return rows


def around_rows(blocks: list[Block], sums: BoxSums) -> list[list[float]]:
    """Measure what stands after each block, and how much around it is links."""
    count = len(blocks)
    good = [sums.goods[block.number] for block in blocks]
    links, units = [0], [0]
    for block in blocks:
        links.append(links[-1] + block.linked)
        units.append(units[-1] + block.units)
    rows: list[list[float]] = []
    far = NONE
    for at in reversed(range(count)):
        after = blocks[at + 1] if at + 1 < count else None
        low, high = max(0, at - 4), min(count, at + 5)
        around = (links[high] - links[low]) / max(1, units[high] - units[low])
        if after is None:
            rows.append([0, -1, -1, -1, far, around])
        else:
            linked = after.linked / max(1, after.units)
            rows.append([after.units, linked, good[at + 1], KINDS.get(after.box.tag, 0), far, around])
        far = 0 if good[at] else min(NONE, far + 1)
    rows.reverse()
    return rows


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


def like_rows(blocks: list[Block], sums: BoxSums) -> list[list[float]]:
    """Measure how often the like of each block's boxes is on the page: cards and replies come in rows."""
    paths: dict[int, list[int]] = {}
    for block in blocks:
        entry = paths.setdefault(sums.paths[block.box.number], [0, 0, 0, 0])
        entry[0] += 1
        entry[1] += block.units
        entry[2] += block.linked
        entry[3] += sums.goods[block.number]
    whole = max(1, sum(block.units for block in blocks))
    known: dict[Box, list[float]] = {}
    rows = []
    for block in blocks:
        box = block.box
        if box not in known:
            known[box] = like_row(box, sums, whole)
        path = paths[sums.paths[box.number]]
        size = max(1, path[1])
        rows.append([*known[box], path[0], path[1], path[2] / size, path[1] / whole, path[3] / size])
    return rows


def like_row(box: Box, sums: BoxSums, whole: int) -> list[float]:
    """Find the nearest box that has its like beside it, and the one whose like hold most."""
    nearest = widest = None
    far = step = 0
    here: Box | None = box
    while here is not None and step < 12:
        frame = sums.frames[here.number]
        if frame.like > 1 and here.tag not in ("p", "td", "th", "h2", "h3", "dt", "dd"):
            if nearest is None and frame.like > 2:
                nearest, far = frame, step
            if widest is None or frame.total > widest.total:
                widest = frame
        here = here.above
        step += 1
    row: list[float] = [0, -1, 0, -1, NONE, 0, 0, -1, 0, -1]
    if nearest is not None:
        row[:5] = (
            nearest.like, nearest.at, nearest.total / nearest.like, nearest.linked / max(1, nearest.total), far,
        )  # fmt: skip
    if widest is not None:
        row[5:] = (
            widest.like, widest.total / widest.like, widest.linked / max(1, widest.total),
            widest.total / whole, widest.at,
        )  # fmt: skip
    return row


def place_rows(
    blocks: list[Block], page: BlockPage, sums: BoxSums
) -> tuple[list[tuple[float, ...]], list[tuple[bool, ...]]]:
    """Measure where each block stands on the page and to the likely containers; and what its heading is about."""
    whole = max(1, sum(block.units for block in blocks))
    count = len(blocks)
    best, half = ways_to(page.boxes, sums.best), ways_to(page.boxes, sums.half)
    top = max(1, sums.scores[sums.best.number])
    h1 = next((at for at, block in enumerate(blocks) if block.box.tag == "h1"), None)
    rows: list[tuple[float, ...]] = []
    under: list[tuple[bool, ...]] = []
    passed = 0
    last, level, heading_linked = -1, 0, 0.0
    subject = nothing = (False,) * len(SUBJECTS_ABOVE)
    known: dict[Box, tuple[float, ...]] = {}
    for at, block in enumerate(blocks):
        box = block.box
        if box not in known:
            known[box] = (
                *best[box.number],
                *half[box.number],
                *score_shares(box, sums, top),
            )
        climb, below, climb_half, below_half, share, widest = known[box]
        rows.append(
            (
                at / count,
                passed / whole,
                box.depth,
                int(climb == 0),
                climb,
                below,
                side_of(block, sums.best),
                int(climb_half == 0),
                climb_half,
                side_of(block, sums.half),
                below_half,
                share,
                widest,
                min(NONE, at - last) if last >= 0 else NONE,
                level,
                heading_linked,
                max(-NONE, min(NONE, at - h1)) if h1 is not None else NONE + 1,
            )
        )
        under.append(subject)
        passed += block.units
        if box.tag in HEADINGS:
            last, level = at, HEADINGS[box.tag]
            heading_linked = block.linked / max(1, block.units)
            short_text = block.text if block.units <= SAYING else ""
            subject = tuple(speaks_of(one, short_text) for one in SUBJECTS_ABOVE) if short_text else nothing
    return rows, under


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


def side_of(block: Block, goal: Box) -> int:
    """Return -1 before the goal's blocks, 0 among them, 1 after them."""
    if block.number < goal.first:
        return -1
    return int(block.number > goal.last)


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
