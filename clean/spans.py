"""Half-open stretches of a text, and the arithmetic of what is kept and what is taken."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start` up to, not including, `end` of the source text."""

    start: int
    end: int

    def __contains__(self, position: object) -> bool:
        return isinstance(position, int) and self.start <= position < self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character; touching spans share none."""
        return self.start < other.end and other.start < self.end


def gaps(taken: Iterable[Span], length: int) -> Iterator[Span]:
    """Yield what lies between the `taken` spans (sorted, disjoint) of a text of `length` characters."""
    position = 0
    for span in taken:
        if position < span.start:
            yield Span(position, span.start)
        position = span.end
    if position < length:
        yield Span(position, length)


def tiles(spans: Iterable[Span], length: int) -> bool:
    """Whether the spans, in order, cover a text of `length` characters without a gap or an overlap."""
    position = 0
    for span in spans:
        if span.start != position or span.end < span.start:
            return False
        position = span.end
    return position == length
