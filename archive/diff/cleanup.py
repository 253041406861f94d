"""Marks that can be read: short equal islands between two edits are taken into them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archive.diff.model import Kind, Span
from archive.diff.thresholds import WHOLE
from archive.diff.tokens import ends_sentence

__all__ = ["Piece", "changed_tokens", "pieces_together", "spans_of"]


class Piece(NamedTuple):
    """Tokens that stayed, then those that went and those that came after them."""

    equal: list[str]
    gone: list[str]
    come: list[str]


def pieces_together(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with short equal islands taken into the edits around them.

    An island has no more tokens than the edits on both its sides, as in diff-match-patch: 海量数据优化
    against 大规模数据清洗 is one change, not two with 数据 between them. No edit reaches across the end of a sentence,
    and an image that stayed is never taken in.
    """
    stack: list[Piece] = []
    for each in pieces:
        piece = each
        while stack and _is_island(stack[-1], piece):
            before = stack.pop()
            gone, come = (side + piece.equal + more for side, more in zip(before[1:], piece[1:], strict=True))
            piece = Piece(before.equal, gone, come)
        stack.append(piece)
    return stack


def changed_tokens(pieces: Sequence[Piece]) -> int:
    """Return how many tokens went and came."""
    return sum(len(piece.gone) + len(piece.come) for piece in pieces)


def spans_of(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Yield the spans of one sentence; where most of it changed, it is shown whole, before and after."""
    equal = sum(len(piece.equal) for piece in pieces)
    changed = changed_tokens(pieces)
    if changed <= WHOLE * (changed + 2 * equal) or any(_holds_image(piece.equal) for piece in pieces):
        for piece in pieces:
            yield Span(Kind.EQUAL, "".join(piece.equal))
            yield Span(Kind.DELETE, "".join(piece.gone))
            yield Span(Kind.INSERT, "".join(piece.come))
        return
    last = pieces[-1]
    kept = last.equal[-1:] if not (last.gone or last.come) and last.equal[-1:] in (["\n"], ["\r\n"]) else []
    end = "".join(kept)  # the line end that both sides share
    yield Span(Kind.DELETE, "".join("".join(piece.equal + piece.gone) for piece in pieces).removesuffix(end))
    yield Span(Kind.INSERT, "".join("".join(piece.equal + piece.come) for piece in pieces).removesuffix(end))
    yield Span(Kind.EQUAL, end)


def _is_island(before: Piece, piece: Piece) -> bool:
    """Whether the equal tokens of a piece are to be taken into the edits before and after it."""
    size = len(piece.equal)
    if not size or any(size > max(len(each.gone), len(each.come)) for each in (before, piece)):
        return False
    return not _holds_image(piece.equal) and not any(map(ends_sentence, piece.equal))


def _holds_image(tokens: Sequence[str]) -> bool:
    return any(token.startswith("![") for token in tokens)
