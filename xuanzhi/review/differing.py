"""A comparison as rows for reading: what changed, a little of what stands around it, and how much is left out."""

from collections.abc import Sequence
from typing import NamedTuple

from archive.diff.model import Change, Difference, ImageChange, Match, Pair, Relation
from archive.diff.model import Kind as SpanKind
from archive.diff.model import Span as Stretch
from xuanzhi.review.shown import shown

__all__ = ["MARKS", "Row", "Words", "addresses", "rows"]

CONTEXT = 1
"""Unchanged blocks shown on either side of a change."""

MARKS = {"added": "+", "removed": "−", "edited": "±", "moved": "↕", "split": "⑂", "merged": "⑃", "image": "▣"}
"""What stands beside a changed block, by what became of it; the same is said in words."""

_HOW = {Match.MOVED: "moved", Match.SPLIT: "split", Match.MERGED: "merged"}


class Words(NamedTuple):
    """A stretch of text as it may be shown."""

    kind: str
    """`equal`, `delete` or `insert`."""
    text: str


class Row(NamedTuple):
    """A block, or a run of blocks that is left out."""

    kind: str
    """`changed`, `same` or `fold`."""
    pair: Pair | None = None
    how: str = ""
    """What became of it: a key of MARKS."""
    spans: tuple[Words, ...] = ()
    images: tuple[ImageChange, ...] = ()
    """Those that a person has to see: the same picture at another address is not among them."""
    rules: tuple[str, ...] = ()
    from_line: int = 0
    """Of a block that moved: where it stood."""
    blocks: int = 0
    """Blocks that are left out."""

    @property
    def mark(self) -> str:
        """What stands beside it."""
        return MARKS.get(self.how, "")


def rows(difference: Difference, *, full: bool = False) -> list[Row]:
    """Return the rows; `full` leaves nothing out."""
    pairs = [pair for pair in difference.pairs if pair.kind != "front-matter"]
    changed = [_is_change(pair) for pair in pairs]
    near = [full or any(changed[max(place - CONTEXT, 0) : place + CONTEXT + 1]) for place in range(len(pairs))]
    found: list[Row] = []
    folded = 0
    for pair, is_changed, is_near in zip(pairs, changed, near, strict=True):
        if not is_near:
            folded += 1
            continue
        if folded:
            found.append(Row("fold", blocks=folded))
            folded = 0
        found.append(_changed(pair) if is_changed else Row("same", pair, spans=_words(pair.spans)))
    if folded and any(changed):
        found.append(Row("fold", blocks=folded))
    return found


def addresses(found: Sequence[Row]) -> list[str]:
    """Return the addresses of all images in some rows."""
    return [address for row in found for image in row.images for address in (image.old, image.new) if address]


def _is_change(pair: Pair) -> bool:
    """Whether a person has to see it: not white space, and not the same picture in another size."""
    if pair.kind == "image" and pair.images and all(image.relation in _QUIET for image in pair.images):
        return pair.change is Change.MOVED
    return pair.change not in {Change.NONE, Change.LINE_ENDS, Change.WHITE_SPACE}


def _changed(pair: Pair) -> Row:
    images = tuple(image for image in pair.images if image.relation not in _QUIET)
    rules = tuple(dict.fromkeys(rule for span in pair.spans for rule in span.rules))
    moved_from = pair.old.line if pair.matched_by is Match.MOVED and pair.old else 0
    return Row("changed", pair, _how(pair), _words(pair.spans), images, rules, moved_from)


_QUIET = frozenset({Relation.SAME_ASSET, Relation.SAME_PAYLOAD})


def _how(pair: Pair) -> str:
    if pair.old is None:
        return "added"
    if pair.new is None:
        return "removed"
    if pair.matched_by in _HOW:
        return _HOW[pair.matched_by]
    return "image" if pair.kind == "image" else "edited"


def _words(spans: Sequence[Stretch]) -> tuple[Words, ...]:
    """Return the spans as they may be shown; a blank end that changed is not."""
    found = [Words(str(span.kind), shown(span.text)) for span in spans]
    while found and not found[-1].text.strip():
        found.pop()
    if found:
        found[-1] = found[-1]._replace(text=found[-1].text.rstrip("\n"))
    return tuple(span for span in found if span.kind == SpanKind.EQUAL or span.text)
