"""Marks that can be read: short equal islands between two edits are taken into them."""

from collections.abc import Iterator, Sequence

from archive.diff.images import IMAGE
from archive.diff.model import Kind, Span
from archive.diff.thresholds import WHOLE

__all__ = ["readable"]

Piece = tuple[str, str, str]
"""An equal piece, then what went and what came after it; the last may have neither."""


def readable(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Yield the spans of one sentence; where most of it changed, it is shown whole, before and after.

    An equal piece that is no longer than the edits on both its sides is taken into them, as in diff-match-patch's
    semantic cleanup: 海量数据优化 against 大规模数据清洗 is one change, not two with 数据 between them. Pieces are
    of one sentence, so no edit reaches across its end; and an image that stayed is never taken in.
    """
    stack: list[Piece] = []
    for piece in pieces:
        equal, gone, come = piece
        while stack and equal and (gone or come) and _is_island(equal, stack[-1], (equal, gone, come)):
            before, first, second = stack.pop()
            gone, come = first + equal + gone, second + equal + come
            equal = before
        stack.append((equal, gone, come))
    changed = sum(len(gone) + len(come) for _, gone, come in stack)
    total = changed + 2 * sum(len(equal) for equal, _, _ in stack)
    if changed > WHOLE * total and not any(IMAGE.search(equal) for equal, _, _ in stack):
        line_end = _line_end(stack[-1])
        yield Span(Kind.DELETE, "".join(equal + gone for equal, gone, _ in stack).removesuffix(line_end))
        yield Span(Kind.INSERT, "".join(equal + come for equal, _, come in stack).removesuffix(line_end))
        yield Span(Kind.EQUAL, line_end)
        return
    for equal, gone, come in stack:
        yield Span(Kind.EQUAL, equal)
        yield Span(Kind.DELETE, gone)
        yield Span(Kind.INSERT, come)


def _line_end(last: Piece) -> str:
    """Return the line end that both sides share, if the last piece has it."""
    equal, gone, come = last
    if gone or come:
        return ""
    return equal[len(equal.rstrip("\r\n")) :]


def _is_island(equal: str, before: Piece, after: Piece) -> bool:
    edits = (before, after)
    return all(len(equal) <= max(len(gone), len(come)) for _, gone, come in edits) and not IMAGE.search(equal)
