"""The exception for what stands between kept texts: it stays, unless a reader would say why not.

What has kept text of the same parent before and behind it was written by the same author, whatever its own words score:
a list, a caption, a quote, a short last sentence. What goes even there bears a sign of its own (`foreign`): it is named
for something else, begins as an advertisement or a link to the next story does, or is a link as a whole.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from clean.html.generic.blocks import HEADINGS, HIDDEN, WORD, Block, Box
from clean.html.generic.box_sums import STOP, own_name
from clean.html.generic.exceptions.foreign import (
    begins_as_interface,
    has_controls,
    is_foreign_box,
    is_little,
    is_named_foreign,
    is_preview,
    links_file,
    names_of,
)
from clean.html.generic.exceptions.head import first_paragraph
from clean.html.generic.exceptions.wholes import outermost_callout
from clean.html.generic.vocabulary import speaks_of_any

__all__ = ["keep_between"]

LEAST: Final = 3 * WORD
"""Units of kept text that make a part one of the text."""
STANDFIRST: Final = 12 * WORD
"""Units of a text before it that is no byline."""
OFTEN: Final = 3
"""How often a short text stands on a page that is said again and again."""
LONGEST_SAYING: Final = 8 * WORD
"""Units of such a text; a longer one is said again from its second time on."""
LINKED: Final = (1, 2)
"""The part of a text in links above which it leads elsewhere."""
SHORT_ITEM: Final = 5 * WORD
"""Units of the items of a list of links that are names; headlines of other pages are longer."""
MOST_ITEMS: Final = 40
"""Items of such a list; an index of the site has more."""
ROW: Final = 3
"""Parts of one kind in a row that each stand above kept text: headings, whatever their element."""
LONGEST_CAPTION: Final = 80 * WORD
"""Units of the text of a picture."""
LONGEST_FILES: Final = 80 * WORD
"""Units of a list of attachments."""

BYLINE: Final = ("byline", "date", "share", "reading", "entry", "comment")
"""Subjects of short texts between the title and the text."""
LISTS: Final = frozenset(("ul", "ol", "dl", "table", "pre", "li", "dd", "dt", "td", "th"))
"""Elements that are whole or nothing."""
OF_TEXT: Final = frozenset(("pre", "blockquote", "figure", "dd", "dt", "table", "math", *HEADINGS))
"""Elements that authors alone use: their names are not asked."""


class Part(NamedTuple):
    """A part of a box: one of the boxes right in it, or a text that stands in it by itself."""

    box: Box | None
    """None for a text by itself."""
    first: int
    last: int
    """The numbers of its first and its last block."""
    name: tuple[str, str]
    """What kind it is of among its siblings."""


KEPT: Final = 1
CUT: Final = 0
MIXED: Final = -1
"""The state of a part: kept for the most part, cut as a whole, or neither."""


def keep_between(blocks: Sequence[Block], kept: Mapping[Block, bool]) -> dict[Block, bool]:
    """Return the choice with the parts kept that stand between kept parts of one box; `blocks` in document order."""
    result = dict(kept)
    if not blocks:
        return result
    page = Counted(blocks, kept)
    for parts in page.parts():
        states = [page.state(part) for part in parts]
        ends = [at for at, state in enumerate(states) if state == KEPT]
        if not ends:
            continue
        counts = Counter(part.name for part in parts)
        stay = Counter(part.name for part, state in zip(parts, states, strict=True) if state == KEPT)
        last = ends[-1]
        heads = page.heads_of(parts, states)
        for at in range(len(parts)):
            if states[at] != CUT:
                continue
            part = parts[at]
            alike = part.box is not None and stay[part.name] >= max(2, (counts[part.name] + 1) // 2)
            if ends[0] < at < ends[-1]:
                stays = part.name in heads or page.is_of_text(part, alike=alike)
            else:
                stays = page.is_at_edge(part, before=at + 1 == ends[0], behind=last + 1 == at)
                last = at if stays and at > last else last
            if stays:
                result.update(dict.fromkeys(page.own_of(part), True))
    return result


class Counted:
    """The blocks of a page, with sums that tell of any run of them what is kept."""

    def __init__(self, blocks: Sequence[Block], kept: Mapping[Block, bool]) -> None:
        self._blocks = blocks
        self._kept = [0, *accumulate(block.units if kept[block] else 0 for block in blocks)]
        self._seen = [0, *accumulate(block.units if block.sight < HIDDEN else 0 for block in blocks)]
        self._times = Counter(block.text for block in blocks)
        prose = first_paragraph(blocks, kept)
        self._prose = len(blocks) if prose is None else prose
        self._own: dict[Box, list[Block]] = {}
        for block in blocks:
            self._own.setdefault(block.box, []).append(block)

    def parts(self) -> Iterator[list[Part]]:
        """Yield the parts of each box that has several."""
        top = self._blocks[0].box
        while top.above is not None:
            top = top.above
        stack = [top]
        while stack:
            box = stack.pop()
            children = [child for child in box.children if child.first >= 0]
            stack.extend(children)
            own = self._own.get(box, ())
            if len(children) + len(own) < 2:
                continue
            found = [
                Part(child, child.first, child.last, own_name(child.tag, child.element.get("class") or ""))
                for child in children
            ]
            found += [Part(None, block.number, block.number, ("", "")) for block in own]
            found.sort(key=lambda part: part.first)
            yield found

    def state(self, part: Part) -> int:
        """Return whether a part is kept; MIXED as well where nothing of it is seen."""
        kept = self._kept[part.last + 1] - self._kept[part.first]
        seen = self._seen[part.last + 1] - self._seen[part.first]
        if kept >= LEAST and 2 * kept >= seen:
            return KEPT
        return MIXED if kept or not seen else CUT

    def inside(self, part: Part) -> list[Block]:
        """Return the blocks of a part that are seen."""
        return [block for block in self._blocks[part.first : part.last + 1] if block.sight < HIDDEN]

    def heads_of(self, parts: Sequence[Part], states: Sequence[int]) -> set[tuple[str, str]]:
        """Return the kinds of short parts of which nearly all that are cut stand right above kept text."""
        above: Counter[tuple[str, str]] = Counter()
        cut: Counter[tuple[str, str]] = Counter()
        for at, part in enumerate(parts[:-1]):
            if states[at] == CUT and part.box is not None and part.box.total <= LONGEST_SAYING:
                cut[part.name] += 1
                above[part.name] += states[at + 1] == KEPT and self._is_like_heading(part, parts[at + 1])
        return {name for name, count in above.items() if count >= ROW and 4 * count >= 3 * cut[name]}

    def _is_like_heading(self, part: Part, below: Part) -> bool:
        """Whether a short part names another kind of part below it, and is nothing that is said everywhere."""
        texts = [block for block in self.inside(part) if block.text]
        said = not texts or begins_as_interface(texts[0].text) or self._is_said_again(texts)
        foreign = part.box is None or is_named_foreign(part.box, linked=False) or has_controls(part.box.element)
        return below.name != part.name and not said and not foreign

    def own_of(self, part: Part) -> list[Block]:
        """Return the blocks of a part that are seen, without what is the page's in it: buttons, menus of players."""
        known: dict[Box, bool] = {} if part.box is None else {part.box: False}
        names = part.box is not None and part.box.tag in LISTS
        found = []
        for block in self.inside(part):
            linked = bool(block.text) and block.linked == block.units <= LONGEST_SAYING
            again = block.text and block.units <= LONGEST_SAYING and self._times[block.text] >= OFTEN
            if names or not (
                self._stands_in_foreign(block.box, known)
                or (block.text and begins_as_interface(block.text))
                or (again and linked)
                or (block.text and not any(map(str.isalpha, block.text)) and block.box.tag not in LISTS)
            ):
                found.append(block)
        return found

    def _stands_in_foreign(self, box: Box, known: dict[Box, bool]) -> bool:
        """Whether a box, or one around it within a part, is named for something else; `known` has the part's own."""
        path = []
        here: Box | None = box
        while here is not None and here not in known:
            path.append(here)
            here = here.above
        found = here is not None and known[here]
        for one in reversed(path):
            found = known[one] = found or is_foreign_box(one, linked=False)
        return found

    def is_of_text(self, part: Part, *, alike: bool) -> bool:
        """Whether a part between two kept ones is the author's; `alike` says that most of its like are kept."""
        inside = self.inside(part)
        texts = [block for block in inside if block.text]
        units = sum(block.units for block in texts)
        linked = LINKED[1] * sum(block.linked for block in texts) > LINKED[0] * units
        tag = part.box.tag if part.box is not None else ""
        media = any(block.media for block in inside)
        if not any(map(str.isalnum, "".join(block.text for block in texts))) or begins_as_interface(texts[0].text):
            return False
        if part.first < self._prose and part.box is not None and (tag == "h1" or is_head_matter(part.box)):
            return False
        if not media and any(self._times[block.text] > 1 and block.units > LONGEST_SAYING for block in texts):
            return False
        if part.box is not None and tag not in OF_TEXT:
            if has_controls(part.box.element):
                return False
            if is_preview(part.box):
                return True
            if is_named_foreign(part.box, linked=linked, alike=alike):
                return False
        pictures = media and all(not block.text or is_in_figure(block, part.box) for block in inside)
        if pictures or (media and units <= LONGEST_CAPTION and not linked):
            return part.first > self._prose or tag == "figure" or not is_byline(texts, units)
        if alike or tag in ("pre", "dd", "dt") or (part.box is not None and outermost_callout(part.box, None)):
            return True
        return not (
            self._is_said_again(texts)
            or (linked and not self._is_list_of_names(part, texts, units))
            or (part.first < self._prose and not is_standfirst(texts, units))
            or (tag not in LISTS and is_little(texts) and not is_named_heading(part))
        )

    def is_at_edge(self, part: Part, *, before: bool, behind: bool) -> bool:
        """Whether a part right before or right behind the kept ones of its box is the author's all the same."""
        if part.box is None or not (before or behind):
            return False
        inside = [block for block in self.inside(part) if block.text]
        if behind and sum(block.units for block in inside) <= LONGEST_FILES and links_file(part.box.element):
            return not is_named_foreign(part.box, linked=False)
        if behind and part.box.tag == "figure" and part.first > self._prose:
            linked = 2 * sum(block.linked for block in inside) > sum(block.units for block in inside)
            return not linked and not is_named_foreign(part.box, linked=False)
        quote = part.box.tag == "blockquote" or (part.box.tag == "aside" and "quote" in names_of(part.box.element))
        return before and quote and part.first > 0 and not begins_as_interface(inside[0].text)

    def _is_said_again(self, texts: Sequence[Block]) -> bool:
        """Whether the page says one of the first texts again and again."""
        return any(
            self._times[block.text] >= (OFTEN if block.units <= LONGEST_SAYING else OFTEN - 1) for block in texts[:3]
        )

    def _is_list_of_names(self, part: Part, texts: Sequence[Block], units: int) -> bool:
        """Whether what is nearly all links lists names, or is a heading, a quote, a meaning."""
        tag = part.box.tag if part.box is not None else ""
        if tag in ("ul", "ol", "dl"):
            return units <= SHORT_ITEM * len(texts) and len(texts) <= MOST_ITEMS
        return tag in OF_TEXT


def is_standfirst(texts: Sequence[Block], units: int) -> bool:
    """Whether texts before the first paragraph say what the text is about, rather than who wrote it, and when."""
    if units < STANDFIRST or len(texts) > ROW:
        return False
    return not is_byline(texts, units)


def is_byline(texts: Sequence[Block], units: int) -> bool:
    """Whether texts speak of who wrote, when, and for how long one reads; a sentence is none."""
    ends = STOP.search(texts[-1].text[-3:]) is not None and units >= STANDFIRST
    return not ends and any(speaks_of_any(BYLINE, text.text) for text in texts)


# How sites name the line above a text that says who wrote it, and when: literals between ends of words, linear.
_HEAD_MATTER: Final = re.compile(
    r"(?<![a-z])(?:meta|metadata|byline|authors?|author-?[a-z]++|dateline|date|time(?:stamp)?|post-?info|publish[a-z]*+)(?![a-z])"
)


def is_head_matter(box: Box) -> bool:
    """Whether a box above the text is named for the line of names and dates."""
    return _HEAD_MATTER.search(names_of(box.element)) is not None


def is_in_figure(block: Block, within: Box | None) -> bool:
    """Whether a text stands in a `figure`, which stands in a box or is it."""
    here: Box | None = block.box
    while here is not None and here.tag != "figure":
        if here is within:
            return False
        here = here.above
    return here is not None


def is_named_heading(part: Part) -> bool:
    """Whether a short part is named for a heading, or is one."""
    if part.box is None or part.box.tag in HEADINGS:
        return part.box is not None
    names = names_of(part.box.element)
    return any(word in names for word in ("title", "heading", "headline", "subhead"))
