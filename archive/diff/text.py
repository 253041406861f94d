"""A difference as rows for the eye, one for each line: what stayed is folded, and each piece knows what became of it.

Rows hold no colours and no words: whoever shows them has those.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from archive.diff.model import Change, Difference, Kind, Match, Pair, Span
from archive.diff.shown import visible_space

__all__ = ["FOLD", "MOVED_AWAY", "MOVED_HERE", "Row", "rows"]

FOLD, MOVED_HERE, MOVED_AWAY = "…", ">", "<"
"""Marks of rows besides `-` gone, `+` new, `~` changed inside, and a space for what stayed."""

_MARKS = {Kind.EQUAL: " ", Kind.DELETE: "-", Kind.INSERT: "+"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    mark: str
    old_line: int
    """From 1; 0 where the old text has no such line."""
    new_line: int
    pieces: tuple[tuple[Kind, str], ...]
    rules: tuple[str, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    """Codes of what else is to be said: `moved-from` and `moved-to` with the line, `split`, `merged`, and the relation
    of an image whose address changed."""
    count: int = 0
    """Of a fold: how many lines."""


def rows(difference: Difference, context: int = 1) -> Iterator[Row]:
    """Yield the rows that changed, with so many around them; nothing where the texts do not differ."""
    every = list(_every(difference))
    near = {
        index + step
        for index, row in enumerate(every)
        if row.mark != " " or row.notes
        for step in range(-context, context + 1)
    }
    if not near:
        return
    folded = 0
    for index, row in enumerate(every):
        if index not in near:
            folded += 1
            continue
        if folded:
            yield Row(FOLD, 0, 0, (), count=folded)
            folded = 0
        yield row
    if folded:
        yield Row(FOLD, 0, 0, (), count=folded)


def _every(difference: Difference) -> Iterator[Row]:
    telling = set(map(id, difference.changed()))
    away = sorted(
        (pair for pair in difference.pairs if pair.matched_by is Match.MOVED and pair.old),
        key=lambda pair: pair.old.first if pair.old else 0,
        reverse=True,
    )
    for pair in difference.pairs:
        if pair.old and pair.matched_by is not Match.MOVED:
            while away and away[-1].old and away[-1].old.first < pair.old.first:
                yield _away(away.pop())
        if id(pair) in telling:
            yield from _noted(pair)
        else:
            yield from _unchanged(pair)
    while away:
        yield _away(away.pop())


def _unchanged(pair: Pair) -> Iterator[Row]:
    """Yield the lines of a block that is as it was; blank ones say nothing."""
    old, new = pair.old.line if pair.old else 0, pair.new.line if pair.new else 0
    for number, line in enumerate(pair.new_text.split("\n")):
        if line.strip():
            yield Row(" ", old + number, new + number, ((Kind.EQUAL, line),))


def _noted(pair: Pair) -> Iterator[Row]:
    notes: list[tuple[str, int]] = []
    if pair.matched_by is Match.MOVED and pair.old:
        notes.append(("moved-from", pair.old.line))
    if pair.matched_by in {Match.SPLIT, Match.MERGED}:
        notes.append((pair.matched_by.value, 0))
    for image in pair.images:
        if image.old and image.new and (image.relation.value, 0) not in notes:
            notes.append((image.relation.value, 0))
    first = True
    for row in _lines(pair):
        mark = MOVED_HERE if pair.matched_by is Match.MOVED and row.mark == " " else row.mark
        yield replace(row, mark=mark, notes=tuple(notes) if first else ())
        first = False


def _away(pair: Pair) -> Row:
    """The place where a block stood that moved."""
    assert pair.old is not None  # for the type checker, as the next
    assert pair.new is not None
    line = next((line for line in pair.old_text.split("\n") if line.strip()), "")
    return Row(MOVED_AWAY, pair.old.line, 0, ((Kind.EQUAL, line),), notes=(("moved-to", pair.new.line),))


class _Line:
    """The row that is being put together."""

    def __init__(self, old: int, new: int) -> None:
        self.start = self.here = (old, new)
        self.pieces: list[tuple[Kind, str]] = []
        self.rules: list[str] = []

    def add(self, span: Span, text: str) -> None:
        if text:
            self.pieces.append((span.kind, text))
            self.rules += [rule for rule in span.rules if rule not in self.rules]

    def end(self, kind: Kind) -> None:
        self.here = self.here[0] + (kind is not Kind.INSERT), self.here[1] + (kind is not Kind.DELETE)


def _lines(pair: Pair) -> Iterator[Row]:
    """Yield the rows of a changed pair."""
    spaces = pair.change in {Change.WHITE_SPACE, Change.LINE_ENDS}
    line = _Line(pair.old.line if pair.old else 0, pair.new.line if pair.new else 0)
    for span in pair.spans:
        changed = span.kind is not Kind.EQUAL
        pieces = span.text.split("\n")
        for number, piece in enumerate(pieces):
            line.add(span, visible_space(piece) if changed else piece)
            if number == len(pieces) - 1:
                break
            # A line end that came or went inside a line is shown; after a line that came or went as a whole it is not.
            if changed and (spaces or any(kind is Kind.EQUAL for kind, _ in line.pieces)):
                line.add(span, "⏎")
            line.end(span.kind)
            if changed and spaces:
                continue
            yield from _row(line)
            line = _Line(*line.here)
    yield from _row(line)


def _row(line: _Line) -> Iterator[Row]:
    """Yield a line, whose text went or came whole as two rows; nothing where it is blank."""
    pieces = tuple(line.pieces)
    kinds = {kind for kind, text in pieces if text.strip()}
    if not kinds:
        return
    old, new = line.start
    if Kind.EQUAL in kinds and len({kind for kind, _ in pieces}) > 1:
        yield Row("~", old, new, pieces, tuple(line.rules))
        return
    for kind in (Kind.EQUAL, Kind.DELETE, Kind.INSERT):
        if kind in kinds:
            text = "".join(text for each, text in pieces if each is kind)
            sides = old if kind is not Kind.INSERT else 0, new if kind is not Kind.DELETE else 0
            yield Row(_MARKS[kind], *sides, ((kind, text),), tuple(line.rules))
