"""What changed inside a pair: sentences side by side, then the tokens of those that differ."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from archive.diff.align import in_order
from archive.diff.cleanup import readable
from archive.diff.model import Kind, Span
from archive.diff.sequences import common, gaps
from archive.diff.similarity import Measure, Similarity
from archive.diff.thresholds import SIMILAR
from archive.diff.tokens import key, lines, sentences, tokens

__all__ = ["joined", "spans_by_key", "spans_inside"]

Group = Callable[[Sequence[str]], list[list[str]]]


def spans_inside(old: str, new: str, *, by_lines: bool, measure: Measure) -> tuple[Span, ...]:
    """Return the spans of two texts that are one piece edited; `by_lines` where a line's end is its only stop."""
    group = lines if by_lines else sentences
    first, second = group(tokens(old)), group(tokens(new))
    before, after = ["".join(unit) for unit in first], ["".join(unit) for unit in second]
    matches = common(before, after)
    similar = Similarity(before, after, measure)
    pairs = list(matches)
    for here, there in gaps(matches, len(before), len(after)):
        if len(here) == len(there) == 1:
            pairs.append((here[0], there[0]))
        else:
            pairs += [(place, other) for place, other, _ in in_order(here, there, similar, SIMILAR)]
    return joined(_spans(first, second, sorted(pairs)))


def spans_by_key(old: str, new: str) -> tuple[Span, ...]:
    """Return the spans of two front matters: a key's line against the line of the same key."""
    first, second = lines(tokens(old)), lines(tokens(new))
    keys = [[_key(unit, place) for place, unit in enumerate(side)] for side in (first, second)]
    return joined(_spans(first, second, common(*keys)))


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


def _spans(
    first: Sequence[Sequence[str]], second: Sequence[Sequence[str]], pairs: Sequence[tuple[int, int]]
) -> Iterator[Span]:
    place = other = 0
    for here, there in [*pairs, (len(first), len(second))]:
        yield from (Span(Kind.DELETE, "".join(unit)) for unit in first[place:here])
        yield from (Span(Kind.INSERT, "".join(unit)) for unit in second[other:there])
        if here < len(first):
            yield from _edited(first[here], second[there])
        place, other = here + 1, there + 1


def _edited(old: Sequence[str], new: Sequence[str]) -> Iterator[Span]:
    """Yield the spans of one sentence edited."""
    if old == new:
        yield Span(Kind.EQUAL, "".join(old))
        return
    matches = common([key(token) for token in old], [key(token) for token in new])
    pieces: list[tuple[str, str, str]] = []  # each an equal piece, then what went and what came
    place = other = 0
    equal: list[str] = []
    gone: list[str] = []
    come: list[str] = []
    for here, there in [*matches, (len(old), len(new))]:
        gone += old[place:here]
        come += new[other:there]
        same = here < len(old) and old[here] == new[there]
        if same and (gone or come):
            pieces.append(("".join(equal), "".join(gone), "".join(come)))
            equal, gone, come = [], [], []
        if same:
            equal.append(old[here])
        elif here < len(old):  # the same image under another address
            gone.append(old[here])
            come.append(new[there])
        place, other = here + 1, there + 1
    pieces.append(("".join(equal), "".join(gone), "".join(come)))
    yield from readable(pieces)
