"""Exceptions for threads: under an answer or a comment that stays, its author and its time stay."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from clean.html.facts.bylines import named_for
from clean.html.facts.names import is_interface
from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box
from clean.html.generic.vocabulary import is_dated

__all__ = ["keep_speakers"]


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
    named = 0
    """Contributions whose author or time stays already."""
    for block in blocks:
        if block.text and block.sight < HIDDEN and block.units <= LONGEST_SPEAKER:
            box = block.box if kept[block] else said_in(block.box, before, found)
            if box not in known:
                known[box] = is_post(box)
            if known[box] and is_speaker(block):
                if kept[block]:
                    named += 1
                else:
                    posts.setdefault(box, []).append(block)
    result = dict(kept)
    said = saying(posts, before)
    if named + len(said) >= FEWEST_POSTS:
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


LEVELS: Final = 4
"""How far above a text the element may stand that is named for its author."""
