"""`--diff`: the source against its clean text, every change with its rule.

The ledger is the difference, so nothing is computed or guessed here: lines that went are shown whole, changes
inside a line are marked where they are, and what nobody touched is folded.
"""

import os
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple, TextIO

from clean.document import Cleaned
from clean.ledger import Entry, Rewrite
from xuanzhi.report import visible
from xuanzhi.words import word

__all__ = ["Paint", "difference"]

CONTEXT = 1
"""Untouched lines shown on either side of a change."""


class Paint:
    """Colours for a terminal, or none."""

    def __init__(self, stream: TextIO) -> None:
        wanted = os.environ.get("FORCE_COLOR") or (stream.isatty() and os.environ.get("TERM") != "dumb")
        self.on = bool(wanted) and not os.environ.get("NO_COLOR")

    def _dye(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def old(self, text: str) -> str:
        """Text that went: struck through as well, for eyes that do not tell the colours apart."""
        return self._dye("31;9" if self.on else "", text)

    def new(self, text: str) -> str:
        """Text that came: underlined as well."""
        return self._dye("32;4", text)

    def quiet(self, text: str) -> str:
        """Line numbers, rules, folds."""
        return self._dye("2", text)


class _Row(NamedTuple):
    mark: str
    """`-` gone, `+` new, `~` changed inside, space untouched, `…` a fold."""
    number: int
    text: str
    rules: tuple[str, ...] = ()


def difference(source: str, cleaned: Cleaned, paint: Paint) -> Iterator[str]:
    """Yield the difference, line by line, ready to print; nothing where there is none."""
    gone = list(_gone(cleaned))
    rows = list(_rows(source, cleaned.ledger.entries, paint))
    near = {index + step for index, row in enumerate(rows) if row.mark != " " for step in range(-CONTEXT, CONTEXT + 1)}
    width = len(str(max((row.number for row in [*gone, *rows]), default=0)))
    if gone:
        yield from _printed(gone, range(len(gone)), width, paint)
    if near:
        yield from _printed(rows, near, width, paint)


def _printed(rows: Sequence[_Row], near: Container[int], width: int, paint: Paint) -> Iterator[str]:
    """Yield the rows that are near a change, the others folded."""
    folded, last = 0, ""
    for index, row in enumerate(rows):
        if index not in near:
            folded += 1
            continue
        if folded:
            yield paint.quiet(f"{'':{width}}   {word('diff.unchanged', count=folded)}")
            folded, last = 0, ""
        rules = " ".join(row.rules)
        shown = "" if not rules or rules == last else "  " + paint.quiet(f"‹{rules}›")
        last = rules
        number = str(row.number) if row.number else ""
        # A line changed inside was made visible piece by piece, before it was painted.
        text = row.text if row.mark == "~" else visible(row.text)
        text = paint.old(text) if row.mark == "-" else paint.new(text) if row.mark == "+" else text
        yield f"{paint.quiet(f'{number:>{width}}')} {row.mark} {text}{shown}"
    if folded:
        yield paint.quiet(f"{'':{width}}   {word('diff.unchanged', count=folded)}")


def _gone(cleaned: Cleaned) -> Iterator[_Row]:
    """Yield what of a page is not in its Markdown, by the lines of its source."""
    for node in cleaned.ledger.nodes:
        text = f"![]({node.text})" if node.kind == "image" else f"[]({node.text})" if node.kind == "link" else node.text
        yield _Row("-", node.line, text, (node.rule,))


def _rows(source: str, entries: tuple[Entry, ...], paint: Paint) -> Iterator[_Row]:
    """Yield the source line by line, with what came between."""
    pending = deque(entries)
    start = done = 0
    for number, line in enumerate(source.split("\n"), 1):
        end = start + len(line)
        while pending and pending[0].span.end < start:
            pending.popleft()
        here = [entry for entry in _until(pending, end) if _touches(entry, start, end)]
        several = next((entry for entry in here if "\n" in _new(entry).rstrip("\n")), None)
        covering = next((entry for entry in here if entry.span.start <= start and entry.span.end >= end), None)
        if start < done:
            pass
        elif several is not None and several.span.start <= start:
            yield from _block(number, several)
            done = several.span.end
        elif not line.strip():
            pass
        elif covering is not None and covering.text and not _new(covering):
            yield _Row("-", number, line, (covering.rule,))
        elif any(entry.text.strip("\n") or _new(entry).strip("\n") for entry in here):
            yield _Row("~", number, _marked(line, start, here, paint), tuple(dict.fromkeys(e.rule for e in here)))
        else:
            yield _Row(" ", number, line)
        start = end + 1


def _until(pending: Iterable[Entry], end: int) -> Iterator[Entry]:
    """The next entries that start by a position."""
    return takewhile(lambda entry: entry.span.start <= end, pending)


def _touches(entry: Entry, start: int, end: int) -> bool:
    """Whether an entry changes a line; an insertion does where it stands."""
    return not entry.text or (entry.span.start < end and entry.span.end > start)


def _block(number: int, entry: Entry) -> Iterator[_Row]:
    """A rewrite of several lines, such as the front matter: line against line."""
    from difflib import SequenceMatcher

    old, new = entry.text.rstrip("\n").split("\n"), _new(entry).rstrip("\n").split("\n")
    if not entry.text:
        old = []
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for place in range(first, last):
            yield _Row(
                " " if kind == "equal" else "-", number + place, old[place], () if kind == "equal" else (entry.rule,)
            )
        if kind != "equal":
            yield from (_Row("+", 0, text, (entry.rule,)) for text in new[start:end])


def _new(entry: Entry) -> str:
    return entry.replacement if isinstance(entry, Rewrite) else ""


def _marked(line: str, start: int, entries: list[Entry], paint: Paint) -> str:
    """A line with its changes: [-old-]{+new+} without colours."""
    pieces: list[str] = []
    position = start
    for entry in entries:
        pieces.append(visible(line[max(position - start, 0) : max(entry.span.start - start, 0)]))
        old, new = _shown(entry.text), _shown(_new(entry))
        if old:
            pieces.append(paint.old(old) if paint.on else f"[-{old}-]")
        if new:
            pieces.append(paint.new(new) if paint.on else f"{{+{new}+}}")
        position = entry.span.end
    pieces.append(visible(line[max(position - start, 0) :]))
    return "".join(pieces)


def _shown(text: str) -> str:
    """A changed piece, with the white space in it to be seen."""
    text = text.rstrip("\n").replace("\xa0", "⍽")
    return visible(text if text.strip() else text.replace(" ", "␠"))
