"""Differences as lines of text, and as unified diffs.

What stayed is folded, and each piece of a line knows what became of it. Lines hold no colours and no words: whoever
shows them has those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archive.diff.lcs import common
from archive.diff.model import ChangeDegree, Difference, Pair, PairOrigin, Span, SpanKind
from archive.printable import visible_space

__all__ = ["FOLD", "MOVED_AWAY", "MOVED_HERE", "DiffLine", "diff_lines", "unified"]


FOLD, MOVED_HERE, MOVED_AWAY = "…", ">", "<"
"""Marks of rows besides `-` gone, `+` new, `~` changed inside, and a space for what stayed."""

_MARKS = {SpanKind.EQUAL: " ", SpanKind.DELETE: "-", SpanKind.INSERT: "+"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference."""

    mark: str
    old_line: int
    """From 1; 0 where the old text has no such line."""
    new_line: int
    pieces: tuple[tuple[SpanKind, str], ...]
    rules: tuple[str, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    """Codes of what else is to be said: `moved-from` and `moved-to` with the line, `split`, `merged`, and the relation
    of an image whose address changed."""
    count: int = 0
    """Of a fold: how many lines."""


def diff_lines(difference: Difference, context: int = 1) -> Iterator[DiffLine]:
    """Yield the rows that changed, with so many around them; nothing where the texts do not differ."""
    lines = list(_all_lines(difference))
    near = {
        index + step
        for index, row in enumerate(lines)
        if row.mark != " " or row.notes
        for step in range(-context, context + 1)
    }
    if not near:
        return
    folded = 0
    for index, row in enumerate(lines):
        if index not in near:
            folded += 1
            continue
        if folded:
            yield DiffLine(FOLD, 0, 0, (), count=folded)
            folded = 0
        yield row
    if folded:
        yield DiffLine(FOLD, 0, 0, (), count=folded)


def _all_lines(difference: Difference) -> Iterator[DiffLine]:
    changed = set(map(id, difference.changed()))
    moved_away = sorted(
        (pair for pair in difference.pairs if pair.matched_by is PairOrigin.MOVED and pair.old),
        key=lambda pair: pair.old.first if pair.old else 0,
        reverse=True,
    )
    for pair in difference.pairs:
        if pair.old and pair.matched_by is not PairOrigin.MOVED:
            while moved_away and moved_away[-1].old and moved_away[-1].old.first < pair.old.first:
                yield _moved_line(moved_away.pop())
        if id(pair) in changed:
            yield from _changed_lines(pair)
        else:
            yield from _unchanged(pair)
    while moved_away:
        yield _moved_line(moved_away.pop())


def _unchanged(pair: Pair) -> Iterator[DiffLine]:
    """Yield the lines of a block that is as it was; blank ones say nothing."""
    old, new = pair.old.line if pair.old else 0, pair.new.line if pair.new else 0
    for number, line in enumerate(pair.new_text.split("\n")):
        if line.strip():
            yield DiffLine(" ", old + number, new + number, ((SpanKind.EQUAL, line),))


def _changed_lines(pair: Pair) -> Iterator[DiffLine]:
    notes: list[tuple[str, int]] = []
    if pair.matched_by is PairOrigin.MOVED and pair.old:
        notes.append(("moved-from", pair.old.line))
    if pair.matched_by in {PairOrigin.SPLIT, PairOrigin.MERGED}:
        notes.append((pair.matched_by.value, 0))
    for image in pair.images:
        if image.old and image.new and (image.relation.value, 0) not in notes:
            notes.append((image.relation.value, 0))
    first = True
    for row in _lines(pair):
        mark = MOVED_HERE if pair.matched_by is PairOrigin.MOVED and row.mark == " " else row.mark
        yield replace(row, mark=mark, notes=tuple(notes) if first else ())
        first = False


def _moved_line(pair: Pair) -> DiffLine:
    """The place where a block stood that moved."""
    assert pair.old is not None  # for the type checker, as the next
    assert pair.new is not None
    line = next((line for line in pair.old_text.split("\n") if line.strip()), "")
    return DiffLine(MOVED_AWAY, pair.old.line, 0, ((SpanKind.EQUAL, line),), notes=(("moved-to", pair.new.line),))


class _OpenLine:
    """The row that is being put together."""

    def __init__(self, old: int, new: int) -> None:
        self.start = self.here = (old, new)
        self.pieces: list[tuple[SpanKind, str]] = []
        self.rules: list[str] = []

    def add(self, span: Span, text: str) -> None:
        if text:
            self.pieces.append((span.kind, text))
            self.rules += [rule for rule in span.rules if rule not in self.rules]

    def end(self, kind: SpanKind) -> None:
        self.here = self.here[0] + (kind is not SpanKind.INSERT), self.here[1] + (kind is not SpanKind.DELETE)


def _lines(pair: Pair) -> Iterator[DiffLine]:
    """Yield the rows of a changed pair."""
    spaces = pair.change in {ChangeDegree.WHITE_SPACE, ChangeDegree.LINE_ENDS}
    line = _OpenLine(pair.old.line if pair.old else 0, pair.new.line if pair.new else 0)
    for span in pair.spans:
        changed = span.kind is not SpanKind.EQUAL
        pieces = span.text.split("\n")
        for number, piece in enumerate(pieces):
            line.add(span, visible_space(piece) if changed else piece)
            if number == len(pieces) - 1:
                break
            # A line end that came or went inside a line is shown; after a line that came or went as a whole it is not.
            if changed and (spaces or any(kind is SpanKind.EQUAL for kind, _ in line.pieces)):
                line.add(span, "⏎")
            line.end(span.kind)
            if changed and spaces:
                continue
            yield from _row(line)
            line = _OpenLine(*line.here)
    yield from _row(line)


def _row(line: _OpenLine) -> Iterator[DiffLine]:
    """Yield a line, whose text went or came whole as two rows; nothing where it is blank."""
    pieces = tuple(line.pieces)
    kinds = {kind for kind, text in pieces if text.strip()}
    if not kinds:
        return
    old, new = line.start
    if SpanKind.EQUAL in kinds and len({kind for kind, _ in pieces}) > 1:
        yield DiffLine("~", old, new, pieces, tuple(line.rules))
        return
    for kind in (SpanKind.EQUAL, SpanKind.DELETE, SpanKind.INSERT):
        if kind in kinds:
            text = "".join(text for each, text in pieces if each is kind)
            sides = old if kind is not SpanKind.INSERT else 0, new if kind is not SpanKind.DELETE else 0
            yield DiffLine(_MARKS[kind], *sides, ((kind, text),), tuple(line.rules))


# The unified format, as `patch` and other tools read it: what moved is removed and added


CONTEXT = 3
"""Lines around a change, as diff -u has."""

_NO_END = "\\ No newline at end of file"


def unified(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without their ends; nothing where the texts are equal."""
    if old == new:
        return
    first, second = _with_line_ends(old), _with_line_ends(new)
    yield f"--- {old_name}"
    yield f"+++ {new_name}"
    for here, there, matches in _hunks(first, second):
        yield f"@@ -{_range(here)} +{_range(there)} @@"
        index, other = here.start, there.start
        for match in [*matches, (here.stop, there.stop)]:
            for line in first[index : match[0]]:
                yield from _line("-", line)
            for line in second[other : match[1]]:
                yield from _line("+", line)
            if match[0] < here.stop:
                yield from _line(" ", first[match[0]])
            index, other = match[0] + 1, match[1] + 1


def _with_line_ends(text: str) -> list[str]:
    lines = text.split("\n")
    ended = [line + "\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _line(mark: str, line: str) -> Iterator[str]:
    yield mark + line.removesuffix("\n")
    if not line.endswith("\n"):
        yield _NO_END


def _range(lines: range) -> str:
    """A hunk's lines, as POSIX diff -u writes them."""
    if len(lines) == 1:
        return str(lines.start + 1)
    return f"{lines.start + 1 if lines else lines.start},{len(lines)}"


def _hunks(first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[range, range, list[tuple[int, int]]]]:
    """Yield stretches with a change in them, and the lines in these that are the same."""
    matches = common(first, second)
    ends = [(-1, -1), *matches, (len(first), len(second))]
    changes = [index for index, (a, b) in enumerate(pairwise(ends)) if b[0] - a[0] > 1 or b[1] - a[1] > 1]
    start = 0
    while start < len(changes):
        stop = start
        while stop + 1 < len(changes) and changes[stop + 1] - changes[stop] <= 2 * CONTEXT:
            stop += 1
        low, high = max(changes[start] - CONTEXT, 0), min(changes[stop] + CONTEXT, len(matches))
        inside = matches[low:high]
        from_edge, to_edge = changes[start] < CONTEXT, changes[stop] + CONTEXT > len(matches)
        begin = (0, 0) if from_edge or not inside else inside[0]
        end = (len(first), len(second)) if to_edge or not inside else (inside[-1][0] + 1, inside[-1][1] + 1)
        yield range(begin[0], end[0]), range(begin[1], end[1]), inside
        start = stop + 1
