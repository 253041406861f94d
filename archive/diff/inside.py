"""What changed inside a pair: sentences side by side, then the tokens of those that differ."""

from collections.abc import Iterable, Iterator, Sequence

from archive.diff.align import in_order
from archive.diff.cleanup import Piece, changed_tokens, pieces_together, spans_of
from archive.diff.lcs import common, gaps
from archive.diff.model import Kind, Span
from archive.diff.similarity import Similarity
from archive.diff.thresholds import BETTER, SIMILAR
from archive.diff.tokens import key, lines, sentences, tokens

__all__ = ["joined", "spans_by_key", "spans_inside"]


def spans_inside(old: str, new: str, *, by_lines: bool) -> tuple[Span, ...]:
    """Return the spans of two texts that are one piece edited; `by_lines` where a line's end is its only stop."""
    group = lines if by_lines else sentences
    first, second = group(tokens(old)), group(tokens(new))
    before, after = ["".join(unit) for unit in first], ["".join(unit) for unit in second]
    matches = common(before, after)
    similar = Similarity(before, after)
    spans: list[Span] = []
    done = 0
    for here, there in gaps(matches, len(before), len(after)):
        spans += [Span(Kind.EQUAL, text) for text in before[done : here.start]]
        spans += _gap(first[here.start : here.stop], second[there.start : there.stop], similar, here, there)
        done = here.stop
    spans += [Span(Kind.EQUAL, text) for text in before[done:]]
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
    least = sum(len(tokens(span.text)) for span in found if span.kind is not Kind.EQUAL) * BETTER
    return list(spans_of(together)) if changed_tokens(together) <= least else found


def spans_by_key(old: str, new: str) -> tuple[Span, ...]:
    """Return the spans of two front matters: a key's line against the line of the same key."""
    first, second = lines(tokens(old)), lines(tokens(new))
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
        found.extend(Span(kind, text) for kind, text in ((Kind.DELETE, gone), (Kind.INSERT, come)) if text)
        gone = come = ""

    for span in spans:
        if not span.text:
            continue
        if span.kind is Kind.DELETE:
            gone += span.text
        elif span.kind is Kind.INSERT:
            come += span.text
        else:
            close()
            if found and found[-1].kind is Kind.EQUAL:
                found[-1] = Span(Kind.EQUAL, found[-1].text + span.text)
            else:
                found.append(span)
    close()
    return tuple(found)


def _side_by_side(
    first: Sequence[list[str]], second: Sequence[list[str]], pairs: Sequence[tuple[int, int]]
) -> Iterator[Span]:
    place = other = 0
    for here, there in [*pairs, (len(first), len(second))]:
        yield from (Span(Kind.DELETE, "".join(unit)) for unit in first[place:here])
        yield from (Span(Kind.INSERT, "".join(unit)) for unit in second[other:there])
        if here < len(first):
            yield from spans_of(_edited(first[here], second[there]))
        place, other = here + 1, there + 1


def _edited(old: list[str], new: list[str]) -> list[Piece]:
    """Return the pieces of one sentence edited, ready to be read."""
    if old == new:
        return [Piece(old, [], [])]
    matches = common([key(token) for token in old], [key(token) for token in new])
    pieces = [Piece([], [], [])]
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
                    pieces.append(Piece([], [], []))
                pieces[-1].equal.append(old[here])
        place, other = here + 1, there + 1
    return pieces_together(pieces)
