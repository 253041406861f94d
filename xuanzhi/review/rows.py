"""Rows that the review page shows: of a difference, of a source with its removals, and of small plots.

A row is plain data, which a template writes out; nothing here knows HTML.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from archive.catalogue.history import Month
from archive.diff.model import ChangeDegree, Difference, ImageChange, Pair, PairOrigin, Relation, SpanKind
from archive.diff.model import Span as Stretch
from clean.ledger import Entry, Ledger, NodeRemoval, Rewrite

__all__ = [
    "FOLDED",
    "KEPT",
    "MARKS",
    "NEAR",
    "ChangeCause",
    "DifferenceRow",
    "NodeRun",
    "PlotBar",
    "PlotColumn",
    "SourcePiece",
    "SourceRow",
    "TextSpan",
    "addresses",
    "columns",
    "difference_rows",
    "every_month",
    "nodes",
    "ranked",
    "shown",
    "source_rows",
]

# Control characters but tab and line feed; zero width space, word joiner, byte order mark; marks, embeddings,
# overrides and isolates of direction (UAX 9); line and paragraph separators; lone surrogates. One character: linear.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def shown(text: str, *, lines: bool = True) -> str:
    """Return the text with hidden characters as `␛` or `⟨U+202E⟩`; line feeds too unless `lines`.

    A right-to-left override turns what stands behind it around, so that a text reads as another; a control character
    may do anything.
    """
    text = _HIDDEN.sub(_name, text) if _HIDDEN.search(text) else text
    return text if lines else text.replace("\n", "⏎")


def _name(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


# Rows of a comparison: the changes, with their context, and folds between them.

CONTEXT = 1
"""Unchanged blocks shown on either side of a change."""

MARKS = {"added": "+", "removed": "−", "edited": "±", "moved": "↕", "split": "⑂", "merged": "⑃", "image": "▣"}
"""What stands beside a changed block, by what became of it; the same is said in words."""

_HOW = {PairOrigin.MOVED: "moved", PairOrigin.SPLIT: "split", PairOrigin.MERGED: "merged"}


class TextSpan(NamedTuple):
    """A stretch of text as it may be shown."""

    kind: str
    """`equal`, `delete` or `insert`."""
    text: str


class DifferenceRow(NamedTuple):
    """A block, or a run of blocks that is left out."""

    kind: str
    """`changed`, `same` or `fold`."""
    pair: Pair | None = None
    how: str = ""
    """What became of it: a key of MARKS."""
    spans: tuple[TextSpan, ...] = ()
    images: tuple[ImageChange, ...] = ()
    """Those that a person has to see: the same picture at another address is not among them."""
    rules: tuple[str, ...] = ()
    from_line: int = 0
    """Of a block that moved: where it stood."""
    blocks: int = 0
    """Blocks that are left out."""

    @property
    def mark(self) -> str:
        """What stands beside it."""
        return MARKS.get(self.how, "")


def difference_rows(difference: Difference, *, full: bool = False) -> list[DifferenceRow]:
    """Return the rows; `full` leaves nothing out."""
    pairs = [pair for pair in difference.pairs if pair.kind != "front-matter"]
    changed = [_is_change(pair) for pair in pairs]
    near = [full or any(changed[max(place - CONTEXT, 0) : place + CONTEXT + 1]) for place in range(len(pairs))]
    rows: list[DifferenceRow] = []
    folded = 0
    for pair, is_changed, is_near in zip(pairs, changed, near, strict=True):
        if not is_near:
            folded += 1
            continue
        if folded:
            rows.append(DifferenceRow("fold", blocks=folded))
            folded = 0
        rows.append(_changed(pair) if is_changed else DifferenceRow("same", pair, spans=_words(pair.spans)))
    if folded and any(changed):
        rows.append(DifferenceRow("fold", blocks=folded))
    return rows


def addresses(rows: Sequence[DifferenceRow]) -> list[str]:
    """Return the addresses of all images in some rows."""
    return [address for row in rows for image in row.images for address in (image.old, image.new) if address]


def _is_change(pair: Pair) -> bool:
    """Whether a person has to see it: not white space, and not the same picture in another size."""
    if pair.kind == "image" and pair.images and all(image.relation in _QUIET for image in pair.images):
        return pair.change is ChangeDegree.MOVED
    return pair.change not in {ChangeDegree.NONE, ChangeDegree.LINE_ENDS, ChangeDegree.WHITE_SPACE}


def _changed(pair: Pair) -> DifferenceRow:
    images = tuple(image for image in pair.images if image.relation not in _QUIET)
    rules = tuple(dict.fromkeys(rule for span in pair.spans for rule in span.rules))
    moved_from = pair.old.line if pair.matched_by is PairOrigin.MOVED and pair.old else 0
    return DifferenceRow("changed", pair, _how(pair), _words(pair.spans), images, rules, moved_from)


_QUIET = frozenset({Relation.SAME_ASSET, Relation.SAME_PAYLOAD})


def _how(pair: Pair) -> str:
    if pair.old is None:
        return "added"
    if pair.new is None:
        return "removed"
    if pair.matched_by in _HOW:
        return _HOW[pair.matched_by]
    return "image" if pair.kind == "image" else "edited"


def _words(spans: Sequence[Stretch]) -> tuple[TextSpan, ...]:
    """Return the spans as they may be shown; a blank end that changed is not."""
    visible = [TextSpan(str(span.kind), shown(span.text)) for span in spans]
    while visible and not visible[-1].text.strip():
        visible.pop()
    if visible:
        visible[-1] = visible[-1]._replace(text=visible[-1].text.rstrip("\n"))
    return tuple(span for span in visible if span.kind == SpanKind.EQUAL or span.text)


# Rows of a source text, with what cleaning removed struck through and the reason beside it. Rows tile the source.
# Whole removed lines stand in rows of their own, neighbours of one rule in one; changes inside of a paragraph stand in
# its row.

KEPT, FOLDED = "kept", "folded"
"""Kinds of rows; one with changes has none of these."""

NEAR = 240
"""Characters of kept text shown on either side of a change; what lies between is folded, where it is longer."""


class SourcePiece(NamedTuple):
    """A stretch of the source: what stood there, and what stands there now."""

    old: str
    """As it may be shown; empty for an insertion."""
    new: str
    is_changed: bool


class ChangeCause(NamedTuple):
    """The cause of a change in a row."""

    number: int
    """Of the first of its entries in the ledger, from 0."""
    rule: str
    stage: str
    line: int
    is_first: bool
    """Whether the rule has not been named before; its reason is given once."""


class SourceRow(NamedTuple):
    """A row of the source text."""

    kind: str
    """`kept`, `folded`, `removed` (whole lines that went) or `changed`."""
    pieces: tuple[SourcePiece, ...]
    whys: tuple[ChangeCause, ...] = ()
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


def source_rows(source: str, ledger: Ledger) -> list[SourceRow]:
    """Return the whole source in its order."""
    rows: list[SourceRow] = []
    seen: set[str] = set()
    open_pieces: list[SourcePiece] = []
    open_whys: list[ChangeCause] = []

    def close() -> None:
        if open_pieces:
            rows.append(SourceRow("changed" if open_whys else KEPT, tuple(open_pieces), tuple(open_whys)))
            open_pieces.clear()
            open_whys.clear()

    position = 0
    for number, entry in enumerate(ledger.entries):
        why = ChangeCause(number, entry.rule, entry.stage, entry.line, entry.rule not in seen)
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
        piece = SourcePiece(shown(entry.text.strip("\n") or entry.text.replace("\n", "⏎")), shown(_new(entry)), True)
        last = rows[-1] if rows else None
        if last and last.kind == "removed" and last.whys[-1].rule == entry.rule and not kept.strip():
            rows[-1] = last._replace(pieces=(*last.pieces, piece))
        else:
            rows.append(SourceRow("removed", (piece,), (why,)))
    rest = source[position:]
    head, gap, tail = rest.partition("\n\n") if open_whys else ("", "", rest)
    _keep(open_pieces, head + gap)
    if open_whys:
        close()
    _keep(open_pieces, tail)
    close()
    return list(_folded(rows))


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


def _pieces(entry: Entry) -> Iterator[SourcePiece]:
    """Yield what an entry changed: of several lines, such as a front matter, line by line."""
    new = _new(entry)
    if "\n" not in entry.text.strip("\n") or not new:
        yield SourcePiece(shown(entry.text), shown(new), True)
        return
    old_lines, new_lines = entry.text.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, first, last, start, end in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        old, text = (shown("".join(lines)) for lines in (old_lines[first:last], new_lines[start:end]))
        yield SourcePiece(old, text, kind != "equal")


def _keep(pieces: list[SourcePiece], text: str) -> None:
    if text:
        pieces.append(SourcePiece(shown(text), shown(text), False))


def _folded(rows: list[SourceRow]) -> Iterator[SourceRow]:
    """Yield the rows; blank ones are left out, and of long kept ones the middle is folded."""
    for place, row in enumerate(rows):
        text = "".join(piece.old for piece in row.pieces)
        if row.kind != KEPT or (text.strip() and len(text) <= 3 * NEAR):
            yield row
            continue
        if not text.strip():
            continue
        start = 0 if place == 0 else text.find("\n", NEAR, 2 * NEAR) + 1 or NEAR
        end = len(text) if place == len(rows) - 1 else text.rfind("\n", -2 * NEAR, -NEAR) + 1 or len(text) - NEAR
        for kind, part in ((KEPT, text[:start]), (FOLDED, text[start:end]), (KEPT, text[end:])):
            if part.strip():
                yield SourceRow(kind, (SourcePiece(part, part, False),), lines=part.strip().count("\n") + 1)


def nodes(ledger: Ledger) -> list[NodeRun]:
    """Return what of a page is not in its Markdown, in the page's order, in runs of one rule."""
    runs: list[NodeRun] = []
    number = 0
    for (rule, stage, note), run in groupby(ledger.nodes, key=lambda node: (node.rule, node.stage, node.note)):
        runs.append(NodeRun(number, rule, stage, note, tuple(run)))
        number += len(runs[-1].nodes)
    return runs


# Small plots as numbers for SVG: where each bar begins and how long it is.

MOST_MONTHS = 60
"""More are put together by years."""


class PlotColumn(NamedTuple):
    """A moment, with what was counted up and what was counted down."""

    name: str
    up: int
    down: int
    up_height: float
    """Percent of the plot's height, as the next."""
    down_height: float
    labelled: bool
    """Whether there is room for its name below."""


class PlotBar(NamedTuple):
    """A name, what belongs to it, and the length of its bar in percent of the longest."""

    name: str
    value: float
    length: float
    things: int


def every_month(months: Sequence[Month]) -> list[Month]:
    """Return the months without gaps, or the years where there are too many months."""
    if not months:
        return []
    known = {month.month: month for month in months}
    first, last = (_number(months[place].month) for place in (0, -1))
    if last - first < MOST_MONTHS:
        names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]
        return [known.get(name, Month(name, 0, 0)) for name in names]
    years: dict[str, Month] = {}
    for number in range(first, last + 1):
        month = known.get(f"{number // 12:04}-{number % 12 + 1:02}", Month("", 0, 0))
        year = f"{number // 12:04}"
        before = years.get(year, Month(year, 0, 0))
        years[year] = Month(year, before.captures + month.captures, before.disappearances + month.disappearances)
    return list(years.values())


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def columns(months: Sequence[Month]) -> list[PlotColumn]:
    """Return a column for every month; what was captured goes up, what disappeared goes down, on one scale."""
    whole = every_month(months)
    most = max((max(month.captures, month.disappearances) for month in whole), default=0) or 1
    step = -(-len(whole) // 12) or 1
    labelled = set(range(0, len(whole), step))
    return [
        PlotColumn(
            month.month,
            month.captures,
            month.disappearances,
            100 * month.captures / most,
            100 * month.disappearances / most,
            place in labelled,
        )
        for place, month in enumerate(whole)
    ]


def ranked(values: dict[str, tuple[float, int]], most: int) -> list[PlotBar]:
    """Return the largest values as bars, largest first; each comes with how many things it is of."""
    order = sorted(values.items(), key=lambda item: (-item[1][0], item[0]))[:most]
    longest = max((value for _, (value, _) in order), default=0) or 1
    return [PlotBar(name, value, 100 * value / longest, count) for name, (value, count) in order]
