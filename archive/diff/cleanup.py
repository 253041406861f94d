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
    for each in pieces:
        piece = each
        while stack and _is_island(stack[-1], piece):
            piece = _together(stack.pop(), piece)
        stack.append(piece)
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


def _is_island(before: Piece, piece: Piece) -> bool:
    """Whether the equal text of a piece is to be taken into the edits before and after it."""
    equal = piece[0]
    edited = all(len(equal) <= max(len(gone), len(come)) for _, gone, come in (before, piece))
    return bool(equal) and edited and not IMAGE.search(equal)


def _together(before: Piece, piece: Piece) -> Piece:
    equal, gone, come = piece
    return before[0], before[1] + equal + gone, before[2] + equal + come
