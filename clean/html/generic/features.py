"""What is measured of each block: one row of numbers, each with a name.

Ratios and counts of whole numbers only, so a row is the same on every machine. `measures.NAMES` is the order of a row.
"""

import re
from typing import Final

from clean.html.generic.blocks import Block, Box, Page
from clean.html.generic.clues import Clues, squeeze
from clean.html.generic.phrases import LEARNT, learnt_mask
from clean.html.generic.sums import Sums
from clean.html.generic.tags import HEADINGS, KINDS
from clean.html.generic.text import WORD, cjk_count

__all__ = ["measure"]

NONE: Final = 99
"""A distance to nothing."""

PROSE: Final = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "you were her all she there would their we him been has when who will no if out so said what its about than into "
    "them can only other time my your i me our us do did how could "
    "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass "
    "sie nach wird bei einer um am sind noch wie einem über so zum war haben nur oder aber vor zur bis mehr durch "
    "le la les des et est un une du dans qui que pour pas sur au plus par ce avec son il elle sont nous vous mais ou "
    "el los las y en una del se por con para su al lo como más pero sus le ha me sin sobre este "
    "il di che è per un non sono da si della i gli ma anche nel "
    "de het een van op te dat niet zijn voor met die aan er maar om ook "
    "o e do da em um os uma no na não mais dos como mas foi "
    "и в не на я что с он а как это по но к из у за то"
)
STOP_WORDS: Final = frozenset(PROSE.split())
"""Short words of several languages that prose is full of and menus are not."""

CHINESE_STOPS = re.compile("[的了是在和也就不我有这他们与为而着]")
FIRST_LETTER = re.compile(r"\w")
CLOSERS: Final = '.!?。！？…:："”’」』)）'
MARKS = re.compile(r"[|·•/›»>→#@©®★▪■►◆]")
NUMBERS = re.compile(r"\d")
CAPITALS = re.compile(r"[A-Z]")
CASED = re.compile(r"[A-Za-z]")


def measure(page: Page, sums: Sums, clues: Clues) -> list[list[float]]:
    """Return one row for each block with text, in document order."""
    blocks = [block for block in page.blocks if block.units or block.text]
    said = [learnt_mask(block.text) if block.units <= 60 * WORD else 0 for block in blocks]
    own = own_rows(blocks, sums, clues)
    around = around_rows(blocks, sums)
    like = like_rows(blocks, sums)
    place, under = place_rows(blocks, page, sums, said)
    whole = whole_row(blocks, page, sums, clues)
    above: dict[Box, list[float]] = {}
    rows = []
    for at, block in enumerate(blocks):
        box = block.box
        if box not in above:
            above[box] = above_row(box, sums)
        share = [block.units / max(1, total) for total in above[box][2::6]]
        high = above[box].copy()
        high[2::6] = share
        rows.append(
            [
                *own[at],
                *bits(said[at]),
                *around[at],
                *high,
                *like[at],
                *place[at],
                *sums.near[box.number],
                *bits(under[at]),
                *whole,
            ]
        )
    return rows


def bits(mask: int) -> tuple[int, ...]:
    """Return the bits of a mask of subjects."""
    return BITS[mask]


BITS: Final = tuple(tuple(mask >> at & 1 for at in range(len(LEARNT))) for mask in range(1 << len(LEARNT)))


def own_rows(blocks: list[Block], sums: Sums, clues: Clues) -> list[list[float]]:
    """Measure the blocks' own texts."""
    squeezed = [squeeze(block.text) for block in blocks]
    seen: dict[str, int] = {}
    for text in squeezed:
        seen[text] = seen.get(text, 0) + 1
    rows: list[list[float]] = []
    since = NONE
    for block, plain in zip(blocks, squeezed, strict=True):
        text, total = block.text, max(1, block.units)
        words = text[:600].lower().split()
        wide = cjk_count(text[:600])
        stops = len(CHINESE_STOPS.findall(text[:600])) if wide else sum(word in STOP_WORDS for word in words)
        size = len(text)
        is_title = plain in clues.titles
        since = 0 if is_title else min(NONE, since + 1)
        rows.append(
            [
                block.units,
                block.linked / total,
                block.links,
                block.media,
                block.bold / total,
                block.breaks,
                sums.commas[block.number] * WORD / total,
                sums.stops[block.number] * WORD / total,
                int(text[-1:] in CLOSERS),
                int(text[-1:] in ":："),
                stops / max(1, wide or len(words)),
                len(NUMBERS.findall(text[:600])) / min(600, size),
                len(CAPITALS.findall(text[:600])) / max(1, len(CASED.findall(text[:600]))),
                min(600, size) / max(1, len(words)) if not wide else 0,
                len(MARKS.findall(text[:600])) * WORD / total,
                wide / min(600, size),
                KINDS.get(block.box.tag, 0),
                HEADINGS.get(block.box.tag, 0),
                block.sight,
                seen[plain],
                int(len(plain) > 8 and any(plain in title for title in clues.titles)),
                int(is_title),
                int(bool(clues.description) and len(plain) > 12 and (plain[:60] in clues.description)),
                (1 if plain in clues.body else -1) if clues.body and len(plain) > 5 else 0,
                since,
                sums.goods[block.number],
            ]
        )
    return rows


def around_rows(blocks: list[Block], sums: Sums) -> list[list[float]]:
    """Measure what stands before and after each block."""
    total = [block.units for block in blocks]
    linked = [block.linked / max(1, block.units) for block in blocks]
    good = [sums.goods[block.number] for block in blocks]
    kind = [KINDS.get(block.box.tag, 0) for block in blocks]
    count = len(blocks)
    running, links, units = [0], [0], [0]
    for block in blocks:
        running.append(running[-1] + sums.goods[block.number])
        links.append(links[-1] + block.linked)
        units.append(units[-1] + block.units)
    before, after = [NONE] * count, [NONE] * count
    far = NONE
    for at in range(count):
        before[at] = far
        far = 0 if good[at] else min(NONE, far + 1)
    far = NONE
    for at in reversed(range(count)):
        after[at] = far
        far = 0 if good[at] else min(NONE, far + 1)
    rows: list[list[float]] = []
    for at in range(count):
        row: list[float] = []
        for step in (1, 2, 3):
            for there in (at - step, at + step):
                if 0 <= there < count:
                    row += (total[there], linked[there], good[there], kind[there])
                else:
                    row += (0, -1, -1, -1)
        low, high = max(0, at - 8), min(count, at + 9)
        lower, higher = max(0, at - 4), min(count, at + 5)
        row += (
            running[at] - running[low],
            running[high] - running[at + 1],
            before[at],
            after[at],
            (links[higher] - links[lower]) / max(1, units[higher] - units[lower]),
            (running[higher] - running[lower]) / max(1, units[higher] - units[lower]),
        )
        rows.append(row)
    return rows


def above_row(box: Box, sums: Sums) -> list[float]:
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
            here.sentences * WORD / size,
            sums.good[here.number] / size,
            here.blocks,
        )
    return row


def like_rows(blocks: list[Block], sums: Sums) -> list[list[float]]:
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


def like_row(box: Box, sums: Sums, whole: int) -> list[float]:
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


def place_rows(blocks: list[Block], page: Page, sums: Sums, said: list[int]) -> tuple[list[list[float]], list[int]]:
    """Measure where each block stands: on the page, to the likely containers, under which heading."""
    whole = max(1, sum(block.units for block in blocks))
    best = chain(sums.best)
    half = chain(sums.half)
    top = max(1, sums.scores[sums.best.number])
    h1 = next((at for at, block in enumerate(blocks) if block.box.tag == "h1"), None)
    rows, under = [], []
    passed = 0
    last, level, heading_linked, subject = -1, 0, 0.0, 0
    known: dict[Box, list[float]] = {}
    for at, block in enumerate(blocks):
        box = block.box
        if box not in known:
            known[box] = [
                *toward(box, best, sums.best),
                *toward(box, half, sums.half),
                *score_shares(box, sums, top),
            ]
        climb, below, climb_half, below_half, share, widest = known[box]
        rows.append(
            [
                at / len(blocks),
                passed / whole,
                box.depth,
                int(climb == 0),
                climb,
                below,
                side(block, sums.best),
                int(climb_half == 0),
                climb_half,
                side(block, sums.half),
                below_half,
                share,
                widest,
                min(NONE, at - last) if last >= 0 else NONE,
                level,
                heading_linked,
                max(-NONE, min(NONE, at - h1)) if h1 is not None else NONE + 1,
            ]
        )
        under.append(subject)
        passed += block.units
        if box.tag in HEADINGS:
            last, level = at, HEADINGS[box.tag]
            heading_linked = block.linked / max(1, block.units)
            subject = said[at]
    return rows, under


def chain(box: Box) -> dict[Box, int]:
    """Return a box and all above it, with their distance."""
    found: dict[Box, int] = {}
    here: Box | None = box
    while here is not None:
        found[here] = len(found)
        here = here.above
    return found


def toward(box: Box, line: dict[Box, int], goal: Box) -> tuple[int, int]:
    """Return how far up from the goal the paths meet, and how far down from there the box is."""
    here, below = box, 0
    while here not in line:
        assert here.above is not None
        here, below = here.above, below + 1
    return min(20, line[here]), min(20, below)


def side(block: Block, goal: Box) -> int:
    """Return -1 before the goal's blocks, 0 among them, 1 after them."""
    if block.number < goal.first:
        return -1
    return int(block.number > goal.last)


def score_shares(box: Box, sums: Sums, top: int) -> tuple[float, float]:
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


def whole_row(blocks: list[Block], page: Page, sums: Sums, clues: Clues) -> list[float]:
    """Measure the page."""
    whole = max(1, sum(block.units for block in blocks))
    linked = sum(block.linked for block in blocks)
    good = sums.good[0]
    line = chain(sums.best)
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
