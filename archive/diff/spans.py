"""Changes inside of a pair of blocks: aligned sentences, and the tokens that differ, as spans.

A mark is a span that went or came. Short equal islands between two edits are taken into them, and a sentence of which
most changed is shown whole, before and after. The numbers that decide this are held by the cases in
tests/archive/diff/cases.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archive.diff.blocks import ends_sentence, lines, sentences, token_key, word_tokens
from archive.diff.lcs import Similarity, common, gaps, in_order
from archive.diff.model import Span, SpanKind

__all__ = ["MIN_SIMILARITY", "join_spans", "spans_by_key", "spans_inside"]

MIN_SIMILARITY = 0.5
"""Share of words in common from which two blocks between the same neighbours are one that was edited. Unrelated Chinese
paragraphs have 0.10 to 0.33 in common, edited ones seldom less than 0.55."""

MAX_MARKED_SHARE = 0.6
"""Changed share above which before and after are shown one after the other: marks in between would not be read."""

MAX_JOINED_CHANGES = 0.5
"""Share of changed tokens that marks across sentences must save by, where sentences were split, merged or broken into
lines; otherwise sentences are put side by side."""


class _TokenRun(NamedTuple):
    """Tokens that stayed, then those that went and those that came after them."""

    equal: list[str]
    removed: list[str]
    added: list[str]


def _merge_islands(pieces: Sequence[_TokenRun]) -> list[_TokenRun]:
    """Return the pieces with short equal islands taken into the edits around them.

    An island has no more tokens than the edits on both its sides, as in diff-match-patch: 海量数据优化
    against 大规模数据清洗 is one change, not two with 数据 between them. No edit reaches across the end of a sentence,
    and an image that stayed is never taken in.
    """
    stack: list[_TokenRun] = []
    for each in pieces:
        piece = each
        while stack and _is_island(stack[-1], piece):
            before = stack.pop()
            removed, added = (side + piece.equal + more for side, more in zip(before[1:], piece[1:], strict=True))
            piece = _TokenRun(before.equal, removed, added)
        stack.append(piece)
    return stack


def _count_changed(pieces: Sequence[_TokenRun]) -> int:
    """Return how many tokens went and came."""
    return sum(len(piece.removed) + len(piece.added) for piece in pieces)


def _sentence_spans(pieces: Sequence[_TokenRun]) -> Iterator[Span]:
    """Yield the spans of one sentence; where most of it changed, it is shown whole, before and after."""
    equal = sum(len(piece.equal) for piece in pieces)
    changed = _count_changed(pieces)
    if changed <= MAX_MARKED_SHARE * (changed + 2 * equal) or any(_holds_image(piece.equal) for piece in pieces):
        for piece in pieces:
            yield Span(SpanKind.EQUAL, "".join(piece.equal))
            yield Span(SpanKind.DELETE, "".join(piece.removed))
            yield Span(SpanKind.INSERT, "".join(piece.added))
        return
    last = pieces[-1]
    shared_end = last.equal[-1:] if not (last.removed or last.added) and last.equal[-1:] in (["\n"], ["\r\n"]) else []
    end = "".join(shared_end)  # the line end that both sides share
    yield Span(SpanKind.DELETE, "".join("".join(piece.equal + piece.removed) for piece in pieces).removesuffix(end))
    yield Span(SpanKind.INSERT, "".join("".join(piece.equal + piece.added) for piece in pieces).removesuffix(end))
    yield Span(SpanKind.EQUAL, end)


def _is_island(before: _TokenRun, piece: _TokenRun) -> bool:
    """Whether the equal tokens of a piece are to be taken into the edits before and after it."""
    size = len(piece.equal)
    if not size or any(size > max(len(each.removed), len(each.added)) for each in (before, piece)):
        return False
    return not _holds_image(piece.equal) and not any(map(ends_sentence, piece.equal))


def _holds_image(tokens: Sequence[str]) -> bool:
    return any(token.startswith("![") for token in tokens)


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
    return join_spans(spans)


def _gap(
    first: Sequence[list[str]], second: Sequence[list[str]], similar: Similarity, here: range, there: range
) -> list[Span]:
    """Return the spans of sentences that stand between two that are the same.

    Side by side, as a rule. Where they are not equally many, one may have been divided or broken into lines; then all
    are compared as one text, if that marks far less.
    """
    if len(first) == len(second) == 1:
        return list(_sentence_spans(_edited(first[0], second[0])))
    pairs = in_order(here, there, similar, MIN_SIMILARITY)
    result = list(
        _side_by_side(first, second, [(index - here.start, other - there.start) for index, other, _ in pairs])
    )
    if not first or not second or len(first) == len(second):
        return result
    together = _edited(*([token for unit in side for token in unit] for side in (first, second)))
    least = sum(len(word_tokens(span.text)) for span in result if span.kind is not SpanKind.EQUAL) * MAX_JOINED_CHANGES
    return list(_sentence_spans(together)) if _count_changed(together) <= least else result


def spans_by_key(old: str, new: str) -> tuple[Span, ...]:
    """Return the spans of two front matters: a key's line against the line of the same key."""
    first, second = lines(word_tokens(old)), lines(word_tokens(new))
    keys = [[_key(unit, index) for index, unit in enumerate(side)] for side in (first, second)]
    return join_spans(_side_by_side(first, second, common(*keys)))


def _key(unit: Sequence[str], index: int) -> str:
    line = "".join(unit).rstrip("\r\n")
    name, colon, _ = line.partition(":")
    return name if colon and name[:1].strip() else f"{index and 1}:{line}"


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans of which no two neighbours are of one kind; of a change, what went stands first."""
    result: list[Span] = []
    removed, added = "", ""

    def close() -> None:
        nonlocal removed, added
        result.extend(Span(kind, text) for kind, text in ((SpanKind.DELETE, removed), (SpanKind.INSERT, added)) if text)
        removed = added = ""

    for span in spans:
        if not span.text:
            continue
        if span.kind is SpanKind.DELETE:
            removed += span.text
        elif span.kind is SpanKind.INSERT:
            added += span.text
        else:
            close()
            if result and result[-1].kind is SpanKind.EQUAL:
                result[-1] = Span(SpanKind.EQUAL, result[-1].text + span.text)
            else:
                result.append(span)
    close()
    return tuple(result)


def _side_by_side(
    first: Sequence[list[str]], second: Sequence[list[str]], pairs: Sequence[tuple[int, int]]
) -> Iterator[Span]:
    index = other = 0
    for here, there in [*pairs, (len(first), len(second))]:
        yield from (Span(SpanKind.DELETE, "".join(unit)) for unit in first[index:here])
        yield from (Span(SpanKind.INSERT, "".join(unit)) for unit in second[other:there])
        if here < len(first):
            yield from _sentence_spans(_edited(first[here], second[there]))
        index, other = here + 1, there + 1


def _edited(old: list[str], new: list[str]) -> list[_TokenRun]:
    """Return the pieces of one sentence edited, ready to be read."""
    if old == new:
        return [_TokenRun(old, [], [])]
    matches = common([token_key(token) for token in old], [token_key(token) for token in new])
    pieces = [_TokenRun([], [], [])]
    index = other = 0
    for here, there in [*matches, (len(old), len(new))]:
        pieces[-1].removed.extend(old[index:here])
        pieces[-1].added.extend(new[other:there])
        if here < len(old):
            if old[here] != new[there]:  # the same image under another address
                pieces[-1].removed.append(old[here])
                pieces[-1].added.append(new[there])
            else:
                if pieces[-1].removed or pieces[-1].added:
                    pieces.append(_TokenRun([], [], []))
                pieces[-1].equal.append(old[here])
        index, other = here + 1, there + 1
    return _merge_islands(pieces)
