"""The comparison of two Markdown texts: blocks first, then what moved, then what changed inside the pairs.

Pure: the same two texts give the same difference. Time grows with the length of the texts and with what changed, and is
bounded by the numbers in `archive.diff.thresholds`.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from archive.diff.align import in_order
from archive.diff.blocks import LINED, Block, blocks
from archive.diff.front_matter import field_changes
from archive.diff.images import image_changes
from archive.diff.inside import joined, spans_by_key, spans_inside
from archive.diff.lcs import common, gaps
from archive.diff.model import Difference, FieldChange, ImageChange, Kind, Match, Pair, Place, Span
from archive.diff.moves import edited_moves, exact_moves, with_neighbours
from archive.diff.similarity import Similarity
from archive.diff.thresholds import ALONE, SIMILAR

__all__ = ["compare"]

NOTHING: Mapping[str, str] = MappingProxyType({})


def compare(
    old: str,
    new: str,
    *,
    old_payloads: Mapping[str, str] = NOTHING,
    new_payloads: Mapping[str, str] = NOTHING,
) -> Difference:
    """Return the difference of two texts.

    Payloads are the sha256 of images, in hex, by address, as far as they are known on each side.
    """
    return _Comparison(blocks(old), blocks(new), old_payloads, new_payloads).run()


class _Match:
    """A pair before its spans are made."""

    __slots__ = ("how", "new", "old", "similarity")

    def __init__(self, old: Sequence[int], new: Sequence[int], how: Match, similarity: float = 1.0) -> None:
        self.old = old
        self.new = new
        self.how = how
        self.similarity = similarity


class _Comparison:
    def __init__(
        self,
        old: list[Block],
        new: list[Block],
        old_payloads: Mapping[str, str],
        new_payloads: Mapping[str, str],
    ) -> None:
        self._old = old
        self._new = new
        self._payloads = old_payloads, new_payloads
        self._similar = Similarity([each.body for each in old], [each.body for each in new])
        self._of_old: dict[int, _Match] = {}
        self._of_new: dict[int, _Match] = {}

    def run(self) -> Difference:
        """Match, in the order of certainty, then mark."""
        self._front_matters()
        for place, other in common([each.key for each in self._old], [each.key for each in self._new]):
            if place not in self._of_old and other not in self._of_new:
                self._keep(place, other, Match.EXACT)
        for place, other in exact_moves(self._old, self._new, *self._left()):
            self._keep(place, other, Match.MOVED)
        for here, there in self._gaps():
            least = ALONE if len(here) == len(there) == 1 else SIMILAR
            for place, other, value in in_order(here, there, self._similarity, least):
                self._keep(place, other, Match.SIMILAR, value)
        self._splits_and_merges()
        for place, other, value in edited_moves(self._old, self._new, *self._left(), self._similar):
            self._keep(place, other, Match.MOVED, value)
        self._positional()
        ordered = list(self._in_reading_order())
        return Difference(tuple(self._pair(each) for each in ordered), self._fields())

    # Matching

    def _keep(self, place: int, other: int, how: Match, similarity: float = 1.0) -> None:
        if how is Match.EXACT and self._old[place].body != self._new[other].body:
            image = self._old[place].kind == "image"
            how = Match.SIMILAR if image else how
        self._of_old[place] = self._of_new[other] = _Match((place,), (other,), how, similarity)

    def _front_matters(self) -> None:
        """Two front matters belong together, whatever they say."""
        if all(side and side[0].kind == "front-matter" for side in (self._old, self._new)):
            same = self._old[0].body == self._new[0].body
            self._keep(0, 0, Match.EXACT if same else Match.POSITIONAL)

    def _left(self) -> tuple[list[int], list[int]]:
        """The blocks without a match."""
        return (
            [place for place in range(len(self._old)) if place not in self._of_old],
            [other for other in range(len(self._new)) if other not in self._of_new],
        )

    def _spine(self) -> list[tuple[int, int]]:
        """The ends of all matches that are in the order of both texts."""
        return [
            (place, match.new[match.old.index(place)] if len(match.old) == len(match.new) else match.new[0])
            for place, match in sorted(self._of_old.items())
            if match.how is not Match.MOVED
        ]

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the unmatched blocks between two matches."""
        for here, there in gaps(self._spine(), len(self._old), len(self._new)):
            places = [place for place in here if place not in self._of_old]
            others = [other for other in there if other not in self._of_new]
            if places and others:
                yield places, others

    def _similarity(self, place: int, other: int, least: float) -> float:
        """Similarity of two blocks that may be one: an image is no text, and code no prose."""
        kinds = {self._old[place].kind, self._new[other].kind}
        if len(kinds) > 1 and kinds & {"image", "code", "blank", "front-matter"}:
            return 0.0
        if "image" in kinds:  # the same asset was matched before
            return 0.0
        return self._similar(place, other, least)

    def _splits_and_merges(self) -> None:
        """Take unmatched neighbours of a similar pair into it, where they are parts of the same text."""
        words_of_old, words_of_new = (self._similar.words(old_side=side) for side in (True, False))
        for match in [each for each in self._of_old.values() if each.how is Match.SIMILAR]:
            (place,), (other,) = match.old, match.new
            if self._old[place].kind == "image":
                continue
            run = self._run(words_of_old(place), other, old_side=True)
            if len(run) > 1:
                self._widen(_Match((place,), run, Match.SPLIT))
                continue
            run = self._run(words_of_new(other), place, old_side=False)
            if len(run) > 1:
                self._widen(_Match(run, (other,), Match.MERGED))

    def _run(self, words: Sequence[str], paired: int, *, old_side: bool) -> list[int]:
        """Return the blocks that, one after the other, are the other side of a block of these words."""
        matched, side = (self._of_new, self._new) if old_side else (self._of_old, self._old)
        around = self._around(paired, matched, side)
        if len(around) == 1:
            return around
        words_of = self._similar.words(old_side=not old_side)
        others = {number: words_of(number) for number in around}
        return with_neighbours(words, others, paired, self._similar, old_side=old_side)

    def _around(self, middle: int, matched: Mapping[int, _Match], side: Sequence[Block]) -> list[int]:
        """The block, and the unmatched blocks of text that touch it, nearest ones."""
        found = [middle]
        for step in (1, -1):
            number = middle + step
            while 0 <= number < len(side) and number not in matched and side[number].kind not in {"image", "blank"}:
                found.append(number)
                number += step
                if len(found) > 8:
                    break
        return found

    def _widen(self, match: _Match) -> None:
        old = [word for place in match.old for word in self._similar.words(old_side=True)(place)]
        new = [word for other in match.new for word in self._similar.words(old_side=False)(other)]
        match.similarity = 2 * self._similar.length(old, new) / max(len(old) + len(new), 1)
        self._of_old.update(dict.fromkeys(match.old, match))
        self._of_new.update(dict.fromkeys(match.new, match))

    def _positional(self) -> None:
        """Pair the images that are left between two matches, in order: they were replaced. So is a lone table."""
        for here, there in list(self._gaps()):
            for kind in ("image", *sorted(LINED)):
                places = [place for place in here if self._old[place].kind == kind]
                others = [other for other in there if self._new[other].kind == kind]
                if kind == "image" or len(places) == len(others) == 1:
                    for place, other in zip(places, others, strict=False):
                        self._keep(place, other, Match.POSITIONAL, 0.0)

    def _in_reading_order(self) -> Iterator[_Match]:
        """Yield all matches in the order of the new text; what was removed stands where it was."""
        until = len(self._old)  # for each new block: the old block of the next match in order
        ends: list[int] = []
        for other in range(len(self._new) - 1, -1, -1):
            match = self._of_new.get(other)
            if match is not None and match.how is not Match.MOVED:
                until = match.old[0]
            ends.append(until)
        place = 0
        for other in range(len(self._new)):
            end = ends.pop()
            yield from self._removed(place, end)
            place = max(place, end)
            match = self._of_new.get(other)
            if match is None:
                yield _Match((), (other,), Match.NONE, 0.0)
            elif match.new[0] == other:
                yield match
        yield from self._removed(place, len(self._old))

    def _removed(self, start: int, end: int) -> Iterator[_Match]:
        return (_Match((place,), (), Match.NONE, 0.0) for place in range(start, end) if place not in self._of_old)

    # Marking

    def _pair(self, match: _Match) -> Pair:
        old = [self._old[place] for place in match.old]
        new = [self._new[other] for other in match.new]
        spans = self._spans(old, new)
        images: tuple[ImageChange, ...] = ()
        if any(span.kind is not Kind.EQUAL for span in spans):
            before, after = ("".join(each.body for each in side) for side in (old, new))
            images = image_changes(before, after, *self._payloads)
        return Pair(
            (new or old)[0].kind,
            match.how,
            Place(match.old[0], len(match.old), old[0].line) if old else None,
            Place(match.new[0], len(match.new), new[0].line) if new else None,
            spans,
            round(match.similarity, 4),
            images,
        )

    def _spans(self, old: list[Block], new: list[Block]) -> tuple[Span, ...]:
        if not new:
            return (Span(Kind.DELETE, "".join(each.text for each in old)),)
        if not old:
            return (Span(Kind.INSERT, "".join(each.text for each in new)),)
        before = "".join(each.text for each in old).removesuffix(old[-1].gap)
        after = "".join(each.text for each in new).removesuffix(new[-1].gap)
        if before == after:
            inside: tuple[Span, ...] = (Span(Kind.EQUAL, before),)
        elif old[0].kind == new[0].kind == "front-matter":
            inside = spans_by_key(before, after)
        else:
            by_lines = old[0].kind == new[0].kind and old[0].kind in LINED
            inside = spans_inside(before, after, by_lines=by_lines)
        return joined((*inside, *_white_space(old[-1].gap, new[-1].gap)))

    def _fields(self) -> tuple[FieldChange, ...]:
        old, new = (side[0].body if side and side[0].kind == "front-matter" else "" for side in (self._old, self._new))
        return field_changes(old, new)


def _white_space(old: str, new: str) -> Iterator[Span]:
    """Yield the spans of the blank lines after a block."""
    both = next((place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    both = min(len(old), len(new)) if both is None else both
    yield Span(Kind.EQUAL, old[:both])
    yield Span(Kind.DELETE, old[both:])
    yield Span(Kind.INSERT, new[both:])
