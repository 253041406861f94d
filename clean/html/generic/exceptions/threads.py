"""Exceptions for threads: answers of one thread stay together, and with each its author and its time."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from clean.html.facts.bylines import named_for
from clean.html.facts.names import is_interface
from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box
from clean.html.generic.box_sums import own_name
from clean.html.generic.vocabulary import is_dated

__all__ = ["keep_contributions", "keep_speakers"]


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


# Contributions stand in boxes of one form, and what each says in a box of one name in it. Where most of a thread are
# kept, what is missing was cut for its words, such as a short answer, or the formulas and the program in a long one.


FEWEST_KEPT: Final = 2
"""Contributions of one form that must be kept, and more than are cut."""
LEAST_SAID: Final = 8 * WORD
"""Units of a kept text that make a contribution a kept one."""
FORMS_AROUND: Final = 4
"""Boxes around a text that may be contributions: an answer in a thread in a page of threads."""
MOST_DEEP: Final = 12
"""How far below the box of a contribution a text is looked at."""
LONGEST_NAMES: Final = 300
"""Characters of the names of a box that are read."""

Way = tuple[object, ...]
"""The names of the boxes from one up to a contribution around it."""


class Said(NamedTuple):
    """A text of a contribution."""

    block: Block
    ways: tuple[Way, ...]
    """Of the boxes around the text, the nearest first, without the contribution's own."""


def keep_contributions(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with all kept that is said in a thread most of which is kept; `blocks` in document order."""
    threads: dict[tuple[Box, str], dict[Box, list[Said]]] = {}
    forms: dict[Box, str] = {}
    for block in blocks:
        if block.text and block.sight < HIDDEN:
            for post, ways in posts_around(block.box, forms):
                assert post.above is not None
                thread = threads.setdefault((post.above, forms[post]), {})
                thread.setdefault(post, []).append(Said(block, ways))
    result = dict(kept)
    for posts in threads.values():
        full = [inside for inside in posts.values() if any(is_said(one.block, kept) for one in inside)]
        cut = sum(not any(kept[one.block] for one in inside) for inside in posts.values())
        if len(full) < FEWEST_KEPT or len(full) <= cut:
            continue
        held = Counter(
            way for inside in full for way in {body_of(one) for one in inside if is_said(one.block, kept)} if way
        )
        bodies = {way for way, count in held.items() if count >= FEWEST_KEPT and 2 * count >= len(full)}
        texts = [one for inside in posts.values() for one in inside if not bodies.isdisjoint(one.ways)]
        times = Counter(DIGITS.sub("", one.block.text) for one in texts)
        result.update({one.block: True for one in texts if is_own(one.block, times)})
    return result


# `Helpful (6)` and `Helpful (2)` are said by the site. One class: linear.
DIGITS: Final = re.compile(r"[0-9]+")


def is_own(block: Block, times: Mapping[str, int]) -> bool:
    """Whether a text in a contribution is no link and, where it is short, not said in others of the thread again."""
    is_again = block.box.tag != "pre" and block.units <= LONGEST_SPEAKER and times[DIGITS.sub("", block.text)] > 1
    return 2 * block.linked < block.units and not is_again


def is_said(block: Block, kept: Mapping[Block, bool]) -> bool:
    """Whether a text is kept, and long enough to be what somebody says."""
    return kept[block] and block.units >= LEAST_SAID and 2 * block.linked < block.units


def body_of(said: Said) -> Way:
    """Return the way to the box of all that is said beside a text: its own, or that around its paragraph."""
    is_own = said.block.box.tag not in PARAGRAPHS
    return next(iter(said.ways[0 if is_own else 1 :]), ())


PARAGRAPHS: Final = frozenset(("p", "li", "blockquote", "pre", *HEADINGS))
"""Elements that hold a part of what somebody says."""


def posts_around(box: Box, forms: dict[Box, str]) -> Iterator[tuple[Box, tuple[Way, ...]]]:
    """Yield the contributions around a box, with the ways to those between.

    `forms` learns the form of each box that is met, empty where none beside it is of the same.
    """
    names: list[object] = []
    here: Box | None = box
    found = 0
    while here is not None and here.above is not None and len(names) < MOST_DEEP and found < FORMS_AROUND:
        if here not in forms:
            beside = {each: form_of(each) for each in here.above.children}
            counts = Counter(beside.values())
            forms.update({each: form if counts[form] > 1 else "" for each, form in beside.items()})
        if forms[here]:
            found += 1
            yield here, tuple(tuple(names[at:]) for at in range(len(names)))
        names.append(own_name(here.tag, (here.element.get("class") or "")[:LONGEST_NAMES]))
        here = here.above


def form_of(box: Box) -> str:
    """Return the tag of a box and the words that name it a contribution; nothing where none does."""
    get = box.element.get
    found = POST.findall(f"{get('class') or ''} {get('itemprop') or ''}"[:LONGEST_NAMES])
    return f"{box.tag} {' '.join(dict.fromkeys(map(str.lower, found)))}" if found else ""
