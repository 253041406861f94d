"""The source text with everything that cleaning took out of it struck through, and why, beside it.

Rows tile the source. Whole lines that went stand in rows of their own, those of one rule that follow one another in
one; changes inside of a paragraph stand in the row of that paragraph.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from clean.ledger import Entry, Ledger, NodeRemoval, Rewrite
from xuanzhi.review.shown import shown

__all__ = ["FOLDED", "KEPT", "NEAR", "NodeRun", "Piece", "Row", "Why", "nodes", "rows"]

KEPT, FOLDED = "kept", "folded"
"""Kinds of rows; one with changes has none of these."""

NEAR = 240
"""Characters of kept text shown on either side of a change; what lies between is folded, where it is longer."""


class Piece(NamedTuple):
    """A stretch of the source: what stood there, and what stands there now."""

    old: str
    """As it may be shown; empty for an insertion."""
    new: str
    is_changed: bool


class Why(NamedTuple):
    """What changed a row."""

    number: int
    """Of the first of its entries in the ledger, from 0."""
    rule: str
    stage: str
    line: int
    is_first: bool
    """Whether the rule has not been named before; its reason is given once."""


class Row(NamedTuple):
    """Some lines of the source."""

    kind: str
    """`kept`, `folded`, `removed` (whole lines that went) or `changed`."""
    pieces: tuple[Piece, ...]
    whys: tuple[Why, ...] = ()
    lines: int = 0
    """Of a folded row."""


class NodeRun(NamedTuple):
    """Consecutive nodes of a page that one rule left out."""

    number: int
    """Of the first of them in the ledger, from 0."""
    rule: str
    stage: str
    note: str
    nodes: tuple[NodeRemoval, ...]


def rows(source: str, ledger: Ledger) -> list[Row]:
    """Return the whole source in its order."""
    found: list[Row] = []
    seen: set[str] = set()
    open_pieces: list[Piece] = []
    open_whys: list[Why] = []

    def close() -> None:
        if open_pieces:
            found.append(Row("changed" if open_whys else KEPT, tuple(open_pieces), tuple(open_whys)))
            open_pieces.clear()
            open_whys.clear()

    position = 0
    for number, entry in enumerate(ledger.entries):
        why = Why(number, entry.rule, entry.stage, entry.line, entry.rule not in seen)
        seen.add(entry.rule)
        kept = source[position : entry.span.start]
        position = entry.span.end
        if open_whys:  # the paragraph of the last change ends the row
            head, gap, rest = kept.partition("\n\n")
            if gap:
                _keep(open_pieces, head + gap)
                close()
                kept = rest
        if not _is_lines(source, entry) or "\n" in _new(entry).strip("\n"):
            head, gap, tail = kept.rpartition("\n\n")
            if gap:
                _keep(open_pieces, head + gap)
                close()
                kept = tail
            _keep(open_pieces, kept)
            open_pieces += _pieces(entry)
            open_whys.append(why)
            continue
        _keep(open_pieces, kept)
        close()
        piece = Piece(shown(entry.text.strip("\n") or entry.text.replace("\n", "⏎")), shown(_new(entry)), True)
        last = found[-1] if found else None
        if last and last.kind == "removed" and last.whys[-1].rule == entry.rule and not kept.strip():
            found[-1] = last._replace(pieces=(*last.pieces, piece))
        else:
            found.append(Row("removed", (piece,), (why,)))
    rest = source[position:]
    head, gap, tail = rest.partition("\n\n") if open_whys else ("", "", rest)
    _keep(open_pieces, head + gap)
    if open_whys:
        close()
    _keep(open_pieces, tail)
    close()
    return list(_folded(found))


def _is_lines(source: str, entry: Entry) -> bool:
    """Whether an entry takes whole lines, and not a piece of one."""
    start, end = entry.span
    return (
        bool(entry.text.strip())
        and (start == 0 or source[start - 1] == "\n" or entry.text[0] == "\n")
        and (end == len(source) or source[end] == "\n" or entry.text[-1] == "\n")
    )


def _new(entry: Entry) -> str:
    return entry.replacement if isinstance(entry, Rewrite) else ""


def _pieces(entry: Entry) -> Iterator[Piece]:
    """Yield what an entry changed: of several lines, such as a front matter, line by line."""
    new = _new(entry)
    if "\n" not in entry.text.strip("\n") or not new:
        yield Piece(shown(entry.text), shown(new), True)
        return
    old_lines, new_lines = entry.text.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, first, last, start, end in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        old, text = (shown("".join(lines)) for lines in (old_lines[first:last], new_lines[start:end]))
        yield Piece(old, text, kind != "equal")


def _keep(pieces: list[Piece], text: str) -> None:
    if text:
        pieces.append(Piece(shown(text), shown(text), False))


def _folded(found: list[Row]) -> Iterator[Row]:
    """Yield the rows; blank ones are left out, and of long kept ones the middle is folded."""
    for place, row in enumerate(found):
        text = "".join(piece.old for piece in row.pieces)
        if row.kind != KEPT or (text.strip() and len(text) <= 3 * NEAR):
            yield row
            continue
        if not text.strip():
            continue
        start = 0 if place == 0 else text.find("\n", NEAR, 2 * NEAR) + 1 or NEAR
        end = len(text) if place == len(found) - 1 else text.rfind("\n", -2 * NEAR, -NEAR) + 1 or len(text) - NEAR
        for kind, part in ((KEPT, text[:start]), (FOLDED, text[start:end]), (KEPT, text[end:])):
            if part.strip():
                yield Row(kind, (Piece(part, part, False),), lines=part.strip().count("\n") + 1)


def nodes(ledger: Ledger) -> list[NodeRun]:
    """Return what of a page is not in its Markdown, in the page's order, in runs of one rule."""
    runs: list[NodeRun] = []
    number = 0
    for (rule, stage, note), run in groupby(ledger.nodes, key=lambda node: (node.rule, node.stage, node.note)):
        runs.append(NodeRun(number, rule, stage, note, tuple(run)))
        number += len(runs[-1].nodes)
    return runs
