"""Comparison of two Markdown texts: matching of blocks, moves, and changes inside of pairs.

Pure: the same two texts give the same difference. Time grows with the length of the texts and with what changed, and is
bounded by the numbers in `archive.diff.lcs`. The numbers that decide what matches what are held by the cases in
tests/archive/diff/cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from archive.diff.blocks import LINED, Block, blocks, field_changes, image_changes
from archive.diff.lcs import Similarity, common, gaps, in_order
from archive.diff.model import BlockPlace, Difference, FieldChange, ImageChange, Pair, PairOrigin, Span, SpanKind
from archive.diff.spans import MIN_SIMILARITY, join_spans, spans_by_key, spans_inside

__all__ = ["compare"]

MIN_SIMILARITY_ALONE = 0.35
"""As `MIN_SIMILARITY`, where nothing else can be meant: one block on each side between the same neighbours. A short
sentence in traditional characters has 0.38 in common with itself in simplified ones."""

MIN_SIMILARITY_MOVED = 0.6
"""The same for a block that stands elsewhere: nothing around it supports the match, so more is asked."""

MIN_MOVED_LENGTH = 12
"""Characters below which nothing is said to have moved: 取消 or a lone number stands in many places."""

MAX_MOVE_CANDIDATES = 100
"""Unmatched blocks on a side above which edited ones are not searched elsewhere: such a text was rewritten."""

MIN_NEIGHBOUR_SHARE = 0.7
"""Share of a neighbour's words that it must add to a match, for a block to be split or merged with it."""

MAX_NEIGHBOURS = 4
"""Parts that a block is split into, or merged from, at most."""


def _exact_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair the unmatched blocks whose text stands elsewhere once, and is long enough to be meant."""
    indices: dict[str, list[int]] = {}
    for other in there:
        indices.setdefault(new[other].key, []).append(other)
    times: dict[str, int] = {}
    for index in here:
        times[old[index].key] = times.get(old[index].key, 0) + 1
    return [
        (index, indices[key][0])
        for index in here
        if len(key := old[index].key) >= MIN_MOVED_LENGTH and times[key] == 1 and len(indices.get(key, ())) == 1
    ]


def _edited_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int], similar: Similarity
) -> list[tuple[int, int, float]]:
    """Pair unmatched blocks that moved and were edited, the most similar ones first."""
    here = [index for index in here if _may_move(old[index])]
    there = [other for other in there if _may_move(new[other])]
    if len(here) > MAX_MOVE_CANDIDATES or len(there) > MAX_MOVE_CANDIDATES:
        return []
    candidates = [
        (value, index, other)
        for index in here
        for other in there
        if (value := similar(index, other, MIN_SIMILARITY_MOVED))
    ]
    paired_old: set[int] = set()
    paired_new: set[int] = set()
    pairs: list[tuple[int, int, float]] = []
    for value, index, other in sorted(candidates, key=lambda each: (-each[0], each[1], each[2])):
        if index not in paired_old and other not in paired_new:
            paired_old.add(index)
            paired_new.add(other)
            pairs.append((index, other, value))
    return pairs


def _may_move(block: Block) -> bool:
    return block.kind not in {"image", "front-matter", "blank"} and len(block.key) >= MIN_MOVED_LENGTH


def _with_neighbours(
    words: Sequence[str], others: dict[int, Sequence[str]], partner: int, similar: Similarity, *, old_side: bool
) -> list[int]:
    """Return which neighbours of a block, with itself, are the other side of a split or a merge; itself alone if none.

    `words` are those of the one block, `others` those of the block that it is paired with and of that one's unmatched
    neighbours. `old_side` says that the one block is of the old text.
    """

    def shared(run: Sequence[int]) -> int:
        both = [word for number in run for word in others[number]]
        return similar.length(words, both) if old_side else similar.length(both, words)

    run = [partner]
    shared_words = shared(run)
    for step in (1, -1):
        while len(run) < MAX_NEIGHBOURS:
            number = run[-1] + 1 if step == 1 else run[0] - 1
            if number not in others:
                break
            longer = [*run, number] if step == 1 else [number, *run]
            longer_shared = shared(longer)
            if not others[number] or longer_shared - shared_words < MIN_NEIGHBOUR_SHARE * len(others[number]):
                break
            run, shared_words = longer, longer_shared
    return run


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

    __slots__ = ("matched_by", "new", "old", "similarity")

    def __init__(self, old: Sequence[int], new: Sequence[int], matched_by: PairOrigin, similarity: float = 1.0) -> None:
        self.old = old
        self.new = new
        self.matched_by = matched_by
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
        self._match_front_matters()
        for index, other in common([each.key for each in self._old], [each.key for each in self._new]):
            if index not in self._of_old and other not in self._of_new:
                self._match(index, other, PairOrigin.EXACT)
        for index, other in _exact_moves(self._old, self._new, *self._unmatched()):
            self._match(index, other, PairOrigin.MOVED)
        for here, there in self._gaps():
            least = MIN_SIMILARITY_ALONE if len(here) == len(there) == 1 else MIN_SIMILARITY
            for index, other, value in in_order(here, there, self._similarity, least):
                self._match(index, other, PairOrigin.SIMILAR, value)
        self._splits_and_merges()
        for index, other, value in _edited_moves(self._old, self._new, *self._unmatched(), self._similar):
            self._match(index, other, PairOrigin.MOVED, value)
        self._match_by_position()
        ordered = list(self._in_reading_order())
        return Difference(tuple(self._pair(each) for each in ordered), self._fields())

    # Matching

    def _match(self, index: int, other: int, matched_by: PairOrigin, similarity: float = 1.0) -> None:
        if matched_by is PairOrigin.EXACT and self._old[index].body != self._new[other].body:
            image = self._old[index].kind == "image"
            matched_by = PairOrigin.SIMILAR if image else matched_by
        self._of_old[index] = self._of_new[other] = _Match((index,), (other,), matched_by, similarity)

    def _match_front_matters(self) -> None:
        """Two front matters belong together, whatever they say."""
        if all(side and side[0].kind == "front-matter" for side in (self._old, self._new)):
            same = self._old[0].body == self._new[0].body
            self._match(0, 0, PairOrigin.EXACT if same else PairOrigin.POSITIONAL)

    def _unmatched(self) -> tuple[list[int], list[int]]:
        """The blocks without a match."""
        return (
            [index for index in range(len(self._old)) if index not in self._of_old],
            [other for other in range(len(self._new)) if other not in self._of_new],
        )

    def _spine(self) -> list[tuple[int, int]]:
        """The ends of all matches that are in the order of both texts."""
        return [
            (index, match.new[match.old.index(index)] if len(match.old) == len(match.new) else match.new[0])
            for index, match in sorted(self._of_old.items())
            if match.matched_by is not PairOrigin.MOVED
        ]

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the unmatched blocks between two matches."""
        for here, there in gaps(self._spine(), len(self._old), len(self._new)):
            indices = [index for index in here if index not in self._of_old]
            others = [other for other in there if other not in self._of_new]
            if indices and others:
                yield indices, others

    def _similarity(self, index: int, other: int, least: float) -> float:
        """Similarity of two blocks that may be one: an image is no text, and code no prose."""
        kinds = {self._old[index].kind, self._new[other].kind}
        if len(kinds) > 1 and kinds & {"image", "code", "blank", "front-matter"}:
            return 0.0
        if "image" in kinds:  # the same asset was matched before
            return 0.0
        return self._similar(index, other, least)

    def _splits_and_merges(self) -> None:
        """Take unmatched neighbours of a similar pair into it, where they are parts of the same text."""
        words_of_old, words_of_new = (self._similar.words(old_side=side) for side in (True, False))
        for match in [each for each in self._of_old.values() if each.matched_by is PairOrigin.SIMILAR]:
            (index,), (other,) = match.old, match.new
            if self._old[index].kind == "image":
                continue
            run = self._parts(words_of_old(index), other, old_side=True)
            if len(run) > 1:
                self._set_match(_Match((index,), run, PairOrigin.SPLIT))
                continue
            run = self._parts(words_of_new(other), index, old_side=False)
            if len(run) > 1:
                self._set_match(_Match(run, (other,), PairOrigin.MERGED))

    def _parts(self, words: Sequence[str], partner: int, *, old_side: bool) -> list[int]:
        """Return the blocks that, one after the other, are the other side of a block of these words."""
        matched, side = (self._of_new, self._new) if old_side else (self._of_old, self._old)
        around = self._unmatched_around(partner, matched, side)
        if len(around) == 1:
            return around
        words_of = self._similar.words(old_side=not old_side)
        others = {number: words_of(number) for number in around}
        return _with_neighbours(words, others, partner, self._similar, old_side=old_side)

    def _unmatched_around(self, middle: int, matched: Mapping[int, _Match], side: Sequence[Block]) -> list[int]:
        """The block, and the unmatched blocks of text that touch it, nearest ones."""
        result = [middle]
        for step in (1, -1):
            number = middle + step
            while 0 <= number < len(side) and number not in matched and side[number].kind not in {"image", "blank"}:
                result.append(number)
                number += step
                if len(result) > 8:
                    break
        return result

    def _set_match(self, match: _Match) -> None:
        old = [word for index in match.old for word in self._similar.words(old_side=True)(index)]
        new = [word for other in match.new for word in self._similar.words(old_side=False)(other)]
        match.similarity = 2 * self._similar.length(old, new) / max(len(old) + len(new), 1)
        self._of_old.update(dict.fromkeys(match.old, match))
        self._of_new.update(dict.fromkeys(match.new, match))

    def _match_by_position(self) -> None:
        """Pair the images that are left between two matches, in order: they were replaced. So is a lone table."""
        for here, there in list(self._gaps()):
            for kind in ("image", *sorted(LINED)):
                indices = [index for index in here if self._old[index].kind == kind]
                others = [other for other in there if self._new[other].kind == kind]
                if kind == "image" or len(indices) == len(others) == 1:
                    for index, other in zip(indices, others, strict=False):
                        self._match(index, other, PairOrigin.POSITIONAL, 0.0)

    def _in_reading_order(self) -> Iterator[_Match]:
        """Yield all matches in the order of the new text; what was removed stands where it was."""
        until = len(self._old)  # for each new block: the old block of the next match in order
        ends: list[int] = []
        for other in range(len(self._new) - 1, -1, -1):
            match = self._of_new.get(other)
            if match is not None and match.matched_by is not PairOrigin.MOVED:
                until = match.old[0]
            ends.append(until)
        index = 0
        for other in range(len(self._new)):
            end = ends.pop()
            yield from self._removed(index, end)
            index = max(index, end)
            match = self._of_new.get(other)
            if match is None:
                yield _Match((), (other,), PairOrigin.NONE, 0.0)
            elif match.new[0] == other:
                yield match
        yield from self._removed(index, len(self._old))

    def _removed(self, start: int, end: int) -> Iterator[_Match]:
        return (_Match((index,), (), PairOrigin.NONE, 0.0) for index in range(start, end) if index not in self._of_old)

    # Marking

    def _pair(self, match: _Match) -> Pair:
        old = [self._old[index] for index in match.old]
        new = [self._new[other] for other in match.new]
        spans = self._spans(old, new)
        images: tuple[ImageChange, ...] = ()
        if any(span.kind is not SpanKind.EQUAL for span in spans):
            before, after = ("".join(each.body for each in side) for side in (old, new))
            images = image_changes(before, after, *self._payloads)
        return Pair(
            (new or old)[0].kind,
            match.matched_by,
            BlockPlace(match.old[0], len(match.old), old[0].line) if old else None,
            BlockPlace(match.new[0], len(match.new), new[0].line) if new else None,
            spans,
            round(match.similarity, 4),
            images,
        )

    def _spans(self, old: list[Block], new: list[Block]) -> tuple[Span, ...]:
        if not new:
            return (Span(SpanKind.DELETE, "".join(each.text for each in old)),)
        if not old:
            return (Span(SpanKind.INSERT, "".join(each.text for each in new)),)
        before = "".join(each.text for each in old).removesuffix(old[-1].gap)
        after = "".join(each.text for each in new).removesuffix(new[-1].gap)
        if before == after:
            inside: tuple[Span, ...] = (Span(SpanKind.EQUAL, before),)
        elif old[0].kind == new[0].kind == "front-matter":
            inside = spans_by_key(before, after)
        else:
            by_lines = old[0].kind == new[0].kind and old[0].kind in LINED
            inside = spans_inside(before, after, by_lines=by_lines)
        return join_spans((*inside, *_white_space(old[-1].gap, new[-1].gap)))

    def _fields(self) -> tuple[FieldChange, ...]:
        old, new = (side[0].body if side and side[0].kind == "front-matter" else "" for side in (self._old, self._new))
        return field_changes(old, new)


def _white_space(old: str, new: str) -> Iterator[Span]:
    """Yield the spans of the blank lines after a block."""
    both = next((index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    both = min(len(old), len(new)) if both is None else both
    yield Span(SpanKind.EQUAL, old[:both])
    yield Span(SpanKind.DELETE, old[both:])
    yield Span(SpanKind.INSERT, new[both:])
