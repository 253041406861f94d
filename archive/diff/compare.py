"""The comparison of two Markdown texts: blocks first, then what moved, then what changed inside the pairs.

Pure: the same two texts give the same difference. Time grows with the length of the texts and with what changed, and is
bounded by the numbers in `archive.diff.lcs`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from archive.diff.blocks import (
    LINED,
    Block,
    blocks,
    ends_sentence,
    field_changes,
    image_changes,
    key,
    lines,
    sentences,
    word_tokens,
)
from archive.diff.lcs import (
    ALONE,
    BETTER,
    MOST_MOVED,
    MOVED,
    MOVED_LENGTH,
    NEIGHBOUR,
    NEIGHBOURS,
    SIMILAR,
    WHOLE,
    Similarity,
    common,
    gaps,
    in_order,
)
from archive.diff.model import BlockPlace, Difference, FieldChange, ImageChange, Pair, PairOrigin, Span, SpanKind

__all__ = [
    "TokenRun",
    "changed_tokens",
    "compare",
    "edited_moves",
    "exact_moves",
    "joined",
    "pieces_together",
    "spans_by_key",
    "spans_inside",
    "spans_of",
    "with_neighbours",
]


# Marks that can be read: short equal islands between two edits are taken into them.


class TokenRun(NamedTuple):
    """Tokens that stayed, then those that went and those that came after them."""

    equal: list[str]
    gone: list[str]
    come: list[str]


def pieces_together(pieces: Sequence[TokenRun]) -> list[TokenRun]:
    """Return the pieces with short equal islands taken into the edits around them.

    An island has no more tokens than the edits on both its sides, as in diff-match-patch: 海量数据优化
    against 大规模数据清洗 is one change, not two with 数据 between them. No edit reaches across the end of a sentence,
    and an image that stayed is never taken in.
    """
    stack: list[TokenRun] = []
    for each in pieces:
        piece = each
        while stack and _is_island(stack[-1], piece):
            before = stack.pop()
            gone, come = (side + piece.equal + more for side, more in zip(before[1:], piece[1:], strict=True))
            piece = TokenRun(before.equal, gone, come)
        stack.append(piece)
    return stack


def changed_tokens(pieces: Sequence[TokenRun]) -> int:
    """Return how many tokens went and came."""
    return sum(len(piece.gone) + len(piece.come) for piece in pieces)


def spans_of(pieces: Sequence[TokenRun]) -> Iterator[Span]:
    """Yield the spans of one sentence; where most of it changed, it is shown whole, before and after."""
    equal = sum(len(piece.equal) for piece in pieces)
    changed = changed_tokens(pieces)
    if changed <= WHOLE * (changed + 2 * equal) or any(_holds_image(piece.equal) for piece in pieces):
        for piece in pieces:
            yield Span(SpanKind.EQUAL, "".join(piece.equal))
            yield Span(SpanKind.DELETE, "".join(piece.gone))
            yield Span(SpanKind.INSERT, "".join(piece.come))
        return
    last = pieces[-1]
    kept = last.equal[-1:] if not (last.gone or last.come) and last.equal[-1:] in (["\n"], ["\r\n"]) else []
    end = "".join(kept)  # the line end that both sides share
    yield Span(SpanKind.DELETE, "".join("".join(piece.equal + piece.gone) for piece in pieces).removesuffix(end))
    yield Span(SpanKind.INSERT, "".join("".join(piece.equal + piece.come) for piece in pieces).removesuffix(end))
    yield Span(SpanKind.EQUAL, end)


def _is_island(before: TokenRun, piece: TokenRun) -> bool:
    """Whether the equal tokens of a piece are to be taken into the edits before and after it."""
    size = len(piece.equal)
    if not size or any(size > max(len(each.gone), len(each.come)) for each in (before, piece)):
        return False
    return not _holds_image(piece.equal) and not any(map(ends_sentence, piece.equal))


def _holds_image(tokens: Sequence[str]) -> bool:
    return any(token.startswith("![") for token in tokens)


# What changed inside a pair: sentences side by side, then the tokens of those that differ.


def spans_inside(old: str, new: str, *, by_lines: bool) -> tuple[Span, ...]:
    """Return the spans of two texts that are one piece edited; `by_lines` where a line's end is its only stop."""
    group = lines if by_lines else sentences
    first, second = group(word_tokens(old)), group(word_tokens(new))
    before, after = ["".join(unit) for unit in first], ["".join(unit) for unit in second]
    matches = common(before, after)
    similar = Similarity(before, after)
    spans: list[Span] = []
    done = 0
    for here, there in gaps(matches, len(before), len(after)):
        spans += [Span(SpanKind.EQUAL, text) for text in before[done : here.start]]
        spans += _gap(first[here.start : here.stop], second[there.start : there.stop], similar, here, there)
        done = here.stop
    spans += [Span(SpanKind.EQUAL, text) for text in before[done:]]
    return joined(spans)


def _gap(
    first: Sequence[list[str]], second: Sequence[list[str]], similar: Similarity, here: range, there: range
) -> list[Span]:
    """Return the spans of sentences that stand between two that are the same.

    Side by side, as a rule. Where they are not equally many, one may have been divided or broken into lines; then all
    are compared as one text, if that marks far less.
    """
    if len(first) == len(second) == 1:
        return list(spans_of(_edited(first[0], second[0])))
    pairs = in_order(here, there, similar, SIMILAR)
    found = list(_side_by_side(first, second, [(place - here.start, other - there.start) for place, other, _ in pairs]))
    if not first or not second or len(first) == len(second):
        return found
    together = _edited(*([token for unit in side for token in unit] for side in (first, second)))
    least = sum(len(word_tokens(span.text)) for span in found if span.kind is not SpanKind.EQUAL) * BETTER
    return list(spans_of(together)) if changed_tokens(together) <= least else found


def spans_by_key(old: str, new: str) -> tuple[Span, ...]:
    """Return the spans of two front matters: a key's line against the line of the same key."""
    first, second = lines(word_tokens(old)), lines(word_tokens(new))
    keys = [[_key(unit, place) for place, unit in enumerate(side)] for side in (first, second)]
    return joined(_side_by_side(first, second, common(*keys)))


def _key(unit: Sequence[str], place: int) -> str:
    line = "".join(unit).rstrip("\r\n")
    name, colon, _ = line.partition(":")
    return name if colon and name[:1].strip() else f"{place and 1}:{line}"


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans of which no two neighbours are of one kind; of a change, what went stands first."""
    found: list[Span] = []
    gone, come = "", ""

    def close() -> None:
        nonlocal gone, come
        found.extend(Span(kind, text) for kind, text in ((SpanKind.DELETE, gone), (SpanKind.INSERT, come)) if text)
        gone = come = ""

    for span in spans:
        if not span.text:
            continue
        if span.kind is SpanKind.DELETE:
            gone += span.text
        elif span.kind is SpanKind.INSERT:
            come += span.text
        else:
            close()
            if found and found[-1].kind is SpanKind.EQUAL:
                found[-1] = Span(SpanKind.EQUAL, found[-1].text + span.text)
            else:
                found.append(span)
    close()
    return tuple(found)


def _side_by_side(
    first: Sequence[list[str]], second: Sequence[list[str]], pairs: Sequence[tuple[int, int]]
) -> Iterator[Span]:
    place = other = 0
    for here, there in [*pairs, (len(first), len(second))]:
        yield from (Span(SpanKind.DELETE, "".join(unit)) for unit in first[place:here])
        yield from (Span(SpanKind.INSERT, "".join(unit)) for unit in second[other:there])
        if here < len(first):
            yield from spans_of(_edited(first[here], second[there]))
        place, other = here + 1, there + 1


def _edited(old: list[str], new: list[str]) -> list[TokenRun]:
    """Return the pieces of one sentence edited, ready to be read."""
    if old == new:
        return [TokenRun(old, [], [])]
    matches = common([key(token) for token in old], [key(token) for token in new])
    pieces = [TokenRun([], [], [])]
    place = other = 0
    for here, there in [*matches, (len(old), len(new))]:
        pieces[-1].gone.extend(old[place:here])
        pieces[-1].come.extend(new[other:there])
        if here < len(old):
            if old[here] != new[there]:  # the same image under another address
                pieces[-1].gone.append(old[here])
                pieces[-1].come.append(new[there])
            else:
                if pieces[-1].gone or pieces[-1].come:
                    pieces.append(TokenRun([], [], []))
                pieces[-1].equal.append(old[here])
        place, other = here + 1, there + 1
    return pieces_together(pieces)


# Blocks that stand elsewhere, and blocks that became several or one.


def exact_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair the unmatched blocks whose text stands elsewhere once, and is long enough to be meant."""
    places: dict[str, list[int]] = {}
    for other in there:
        places.setdefault(new[other].key, []).append(other)
    times: dict[str, int] = {}
    for place in here:
        times[old[place].key] = times.get(old[place].key, 0) + 1
    return [
        (place, places[key][0])
        for place in here
        if len(key := old[place].key) >= MOVED_LENGTH and times[key] == 1 and len(places.get(key, ())) == 1
    ]


def edited_moves(
    old: Sequence[Block], new: Sequence[Block], here: Sequence[int], there: Sequence[int], similar: Similarity
) -> list[tuple[int, int, float]]:
    """Pair unmatched blocks that moved and were edited, the most similar ones first."""
    here = [place for place in here if _may_move(old[place])]
    there = [other for other in there if _may_move(new[other])]
    if len(here) > MOST_MOVED or len(there) > MOST_MOVED:
        return []
    found = [(value, place, other) for place in here for other in there if (value := similar(place, other, MOVED))]
    taken: set[int] = set()
    given: set[int] = set()
    pairs: list[tuple[int, int, float]] = []
    for value, place, other in sorted(found, key=lambda each: (-each[0], each[1], each[2])):
        if place not in taken and other not in given:
            taken.add(place)
            given.add(other)
            pairs.append((place, other, value))
    return pairs


def _may_move(block: Block) -> bool:
    return block.kind not in {"image", "front-matter", "blank"} and len(block.key) >= MOVED_LENGTH


def with_neighbours(
    words: Sequence[str], others: dict[int, Sequence[str]], paired: int, similar: Similarity, *, old_side: bool
) -> list[int]:
    """Return which neighbours of a block, with itself, are the other side of a split or a merge; itself alone if none.

    `words` are those of the one block, `others` those of the block that it is paired with and of that one's unmatched
    neighbours. `old_side` says that the one block is of the old text.
    """

    def shared(run: Sequence[int]) -> int:
        both = [word for number in run for word in others[number]]
        return similar.length(words, both) if old_side else similar.length(both, words)

    run = [paired]
    have = shared(run)
    for step in (1, -1):
        while len(run) < NEIGHBOURS:
            number = run[-1] + 1 if step == 1 else run[0] - 1
            if number not in others:
                break
            longer = [*run, number] if step == 1 else [number, *run]
            more = shared(longer)
            if not others[number] or more - have < NEIGHBOUR * len(others[number]):
                break
            run, have = longer, more
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

    __slots__ = ("how", "new", "old", "similarity")

    def __init__(self, old: Sequence[int], new: Sequence[int], how: PairOrigin, similarity: float = 1.0) -> None:
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
                self._keep(place, other, PairOrigin.EXACT)
        for place, other in exact_moves(self._old, self._new, *self._left()):
            self._keep(place, other, PairOrigin.MOVED)
        for here, there in self._gaps():
            least = ALONE if len(here) == len(there) == 1 else SIMILAR
            for place, other, value in in_order(here, there, self._similarity, least):
                self._keep(place, other, PairOrigin.SIMILAR, value)
        self._splits_and_merges()
        for place, other, value in edited_moves(self._old, self._new, *self._left(), self._similar):
            self._keep(place, other, PairOrigin.MOVED, value)
        self._positional()
        ordered = list(self._in_reading_order())
        return Difference(tuple(self._pair(each) for each in ordered), self._fields())

    # Matching

    def _keep(self, place: int, other: int, how: PairOrigin, similarity: float = 1.0) -> None:
        if how is PairOrigin.EXACT and self._old[place].body != self._new[other].body:
            image = self._old[place].kind == "image"
            how = PairOrigin.SIMILAR if image else how
        self._of_old[place] = self._of_new[other] = _Match((place,), (other,), how, similarity)

    def _front_matters(self) -> None:
        """Two front matters belong together, whatever they say."""
        if all(side and side[0].kind == "front-matter" for side in (self._old, self._new)):
            same = self._old[0].body == self._new[0].body
            self._keep(0, 0, PairOrigin.EXACT if same else PairOrigin.POSITIONAL)

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
            if match.how is not PairOrigin.MOVED
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
        for match in [each for each in self._of_old.values() if each.how is PairOrigin.SIMILAR]:
            (place,), (other,) = match.old, match.new
            if self._old[place].kind == "image":
                continue
            run = self._run(words_of_old(place), other, old_side=True)
            if len(run) > 1:
                self._widen(_Match((place,), run, PairOrigin.SPLIT))
                continue
            run = self._run(words_of_new(other), place, old_side=False)
            if len(run) > 1:
                self._widen(_Match(run, (other,), PairOrigin.MERGED))

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
                        self._keep(place, other, PairOrigin.POSITIONAL, 0.0)

    def _in_reading_order(self) -> Iterator[_Match]:
        """Yield all matches in the order of the new text; what was removed stands where it was."""
        until = len(self._old)  # for each new block: the old block of the next match in order
        ends: list[int] = []
        for other in range(len(self._new) - 1, -1, -1):
            match = self._of_new.get(other)
            if match is not None and match.how is not PairOrigin.MOVED:
                until = match.old[0]
            ends.append(until)
        place = 0
        for other in range(len(self._new)):
            end = ends.pop()
            yield from self._removed(place, end)
            place = max(place, end)
            match = self._of_new.get(other)
            if match is None:
                yield _Match((), (other,), PairOrigin.NONE, 0.0)
            elif match.new[0] == other:
                yield match
        yield from self._removed(place, len(self._old))

    def _removed(self, start: int, end: int) -> Iterator[_Match]:
        return (_Match((place,), (), PairOrigin.NONE, 0.0) for place in range(start, end) if place not in self._of_old)

    # Marking

    def _pair(self, match: _Match) -> Pair:
        old = [self._old[place] for place in match.old]
        new = [self._new[other] for other in match.new]
        spans = self._spans(old, new)
        images: tuple[ImageChange, ...] = ()
        if any(span.kind is not SpanKind.EQUAL for span in spans):
            before, after = ("".join(each.body for each in side) for side in (old, new))
            images = image_changes(before, after, *self._payloads)
        return Pair(
            (new or old)[0].kind,
            match.how,
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
        return joined((*inside, *_white_space(old[-1].gap, new[-1].gap)))

    def _fields(self) -> tuple[FieldChange, ...]:
        old, new = (side[0].body if side and side[0].kind == "front-matter" else "" for side in (self._old, self._new))
        return field_changes(old, new)


def _white_space(old: str, new: str) -> Iterator[Span]:
    """Yield the spans of the blank lines after a block."""
    both = next((place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    both = min(len(old), len(new)) if both is None else both
    yield Span(SpanKind.EQUAL, old[:both])
    yield Span(SpanKind.DELETE, old[both:])
    yield Span(SpanKind.INSERT, new[both:])
