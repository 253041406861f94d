"""`--diff`: the source against its clean text, every change with its rule.

The ledger is the difference, so nothing is computed or guessed here: lines that went are shown whole, changes
inside a line are marked where they are, and what nobody touched is folded.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from clean.document import Cleaned
from clean.ledger import Entry, Rewrite
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
    rows = list(_rows(source, cleaned.ledger.entries, paint))
    near = {index + step for index, row in enumerate(rows) if row.mark != " " for step in range(-CONTEXT, CONTEXT + 1)}
    if not near:
        return
    width = len(str(source.count("\n") + 1))
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
        text = paint.old(row.text) if row.mark == "-" else paint.new(row.text) if row.mark == "+" else row.text
        yield f"{paint.quiet(f'{number:>{width}}')} {row.mark} {text}{shown}"
    if folded:
        yield paint.quiet(f"{'':{width}}   {word('diff.unchanged', count=folded)}")


def _rows(source: str, entries: tuple[Entry, ...], paint: Paint) -> Iterator[_Row]:
    """Yield the source line by line, with what came between."""
    pending = list(entries)
    start = 0
    for number, line in enumerate(source.split("\n"), 1):
        end = start + len(line)
        while pending and pending[0].span.end < start:
            pending.pop(0)
        here = [entry for entry in pending if entry.span.start < end and entry.span.end > start] if line else []
        # A rewrite of several lines stands once, where it starts; and what it puts in their place follows its last.
        several = [entry for entry in here if "\n" in entry.text.rstrip("\n") or "\n" in _new(entry).rstrip("\n")]
        covering = [entry for entry in here if entry.span.start <= start and entry.span.end >= end]
        if covering and (not _new(covering[0]) or several):
            yield _Row("-", number, line, (covering[0].rule,))
        elif here:
            yield _Row("~", number, _marked(line, start, here, paint), tuple(dict.fromkeys(e.rule for e in here)))
        elif line.strip():
            yield _Row(" ", number, line)
        for entry in several:
            if entry.span.end <= end + 1:
                yield from (_Row("+", 0, text, (entry.rule,)) for text in _new(entry).rstrip("\n").split("\n"))
        start = end + 1


def _new(entry: Entry) -> str:
    return entry.replacement if isinstance(entry, Rewrite) else ""


def _marked(line: str, start: int, entries: list[Entry], paint: Paint) -> str:
    """A line with its changes: [-old-]{+new+} without colours."""
    pieces: list[str] = []
    position = start
    for entry in entries:
        pieces.append(line[max(position - start, 0) : max(entry.span.start - start, 0)])
        old, new = entry.text.rstrip("\n"), _new(entry).rstrip("\n")
        if old:
            pieces.append(paint.old(old) if paint.on else f"[-{old}-]")
        if new:
            pieces.append(paint.new(new) if paint.on else f"{{+{new}+}}")
        position = entry.span.end
    pieces.append(line[max(position - start, 0) :])
    return "".join(pieces)
