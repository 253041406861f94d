"""Differences on a terminal, each change with its rule or its kind of match."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from archive.diff.compare import compare
from archive.diff.ledger import by_ledger, removed_lines, with_rules
from archive.diff.model import SpanKind
from archive.diff.text import FOLD, DiffLine, diff_lines
from archive.printable import visible
from xuanzhi.messages import N_, _, ngettext

if TYPE_CHECKING:
    from archive.diff.model import Difference
    from clean.document import Cleaned
    from clean.ledger import Ledger

__all__ = ["ComparedText", "Paint", "cleaning_difference", "compare_texts", "difference_lines", "inline", "unified"]

_NOTES = {
    "moved-from": N_("moved here from line {line}"),
    "moved-to": N_("moved to line {line}"),
    "split": N_("one paragraph split into several"),
    "merged": N_("several paragraphs merged into one"),
    "same-asset": N_("same image, different address"),
    "same-payload": N_("different address, same bytes"),
    "replaced": N_("image replaced"),
    "removed": N_("image removed"),
    "added": N_("image added"),
}

CONTEXT = 1
"""Untouched lines shown on either side of a change."""


class Paint:
    """Colours for a terminal, or none."""

    def __init__(self, stream: TextIO) -> None:
        self.terminal = stream.isatty()
        wanted = os.environ.get("FORCE_COLOR") or (self.terminal and os.environ.get("TERM") != "dumb")
        self.on = bool(wanted) and not os.environ.get("NO_COLOR")

    def _dye(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def old(self, text: str) -> str:
        """Text that went: struck through as well, for eyes that do not tell the colours apart."""
        return self._dye("31;9", text)

    def new(self, text: str) -> str:
        """Text that came: underlined as well."""
        return self._dye("32;4", text)

    def quiet(self, text: str) -> str:
        """Line numbers, rules, folds."""
        return self._dye("2", text)


def cleaning_difference(source: str, cleaned: "Cleaned", paint: Paint) -> Iterator[str]:
    """Yield what cleaning did, line by line, ready to print; nothing where it did nothing.

    The ledger is the difference, so nothing is searched for or guessed.
    """
    dropped = list(_gone(cleaned))
    changed = list(diff_lines(by_ledger(source, cleaned.ledger.entries), CONTEXT))
    width = _width([row.old_line for row in (*dropped, *changed)])
    for some in (dropped, changed):
        yield from _printed(some, paint, (width,))


def inline(difference: "Difference", paint: Paint) -> Iterator[str]:
    """Yield a difference of two texts, ready to print, with the lines' numbers in both; nothing where there is none."""
    changed = list(diff_lines(difference, CONTEXT))
    widths = _width([row.old_line for row in changed]), _width([row.new_line for row in changed])
    yield from _printed(changed, paint, widths)


def unified(old: str, new: str, old_name: str, new_name: str, paint: Paint) -> Iterator[str]:
    """Yield the unified diff of two texts, ready to print: on a terminal to be read, else as `patch` reads it."""
    from archive.diff.text import unified as lines

    for line in lines(old, new, visible(old_name), visible(new_name)):
        shown = visible(line) if paint.on or paint.terminal else line
        if line.startswith(("---", "+++", "@@", "\\")):
            yield paint.quiet(shown)
        else:
            yield paint.old(shown) if line[:1] == "-" else paint.new(shown) if line[:1] == "+" else shown


class ComparedText(NamedTuple):
    """One of the two texts that are compared."""

    name: str
    """What it is called to people: a file, or a version's number and day."""
    text: str
    facts: Mapping[str, Any] = {}
    """What else is known of it, by the keys of `--json`."""
    ledger: "Ledger | None" = None
    """Of the cleaning that gave it, where it is known: rules then explain what it lacks."""
    payloads: Mapping[str, str] = {}
    """The sha256 of its images, by address, as far as they are known."""


def compare_texts(old: ComparedText, new: ComparedText) -> "Difference":
    """Return the difference of two clean texts; what a ledger of either has is explained by its rule."""
    difference = compare(old.text, new.text, old_payloads=old.payloads, new_payloads=new.payloads)
    if old.ledger is None and new.ledger is None:
        return difference
    removed, restored = (removed_lines(each.ledger) if each.ledger else {} for each in (new, old))
    return with_rules(difference, removed, restored)


def difference_lines(
    old: ComparedText, new: ComparedText, difference: "Difference", paint: Paint, *, as_patch: bool = False
) -> Iterator[str]:
    """Yield a difference ready to print, with the texts' names above; nothing where there is none."""
    if not difference:
        return
    if as_patch:
        yield from unified(old.text, new.text, old.name, new.name, paint)
        return
    yield paint.quiet(f"── {old.name} → {new.name} ──")
    yield from inline(difference, paint)


def _width(numbers: Sequence[int]) -> int:
    return len(str(max(numbers, default=0)))


def _gone(cleaned: "Cleaned") -> Iterator[DiffLine]:
    """Yield what of a page is not in its Markdown, by the lines of its source."""
    for node in cleaned.ledger.nodes:
        text = f"![]({node.text})" if node.kind == "image" else f"[]({node.text})" if node.kind == "link" else node.text
        yield DiffLine("-", node.line, 0, ((SpanKind.DELETE, text),), (node.rule,))


def _printed(shown: Sequence[DiffLine], paint: Paint, widths: tuple[int, ...]) -> Iterator[str]:
    last: tuple[str, ...] = ()
    for row in shown:
        numbers = " ".join(
            f"{number or '':>{width}}" for number, width in zip((row.old_line, row.new_line), widths, strict=False)
        )
        if row.mark == FOLD:
            yield paint.quiet(
                f"{numbers}   " + ngettext("… {count:,} line unchanged", "… {count:,} lines unchanged", row.count)
            )
            last = ()
            continue
        rules = "" if row.rules == last else " ".join(row.rules)
        last = row.rules
        notes = [_(_NOTES[code], line=line) for code, line in row.notes]
        remarks = _(", ").join([rules, *notes] if rules else notes)
        text = "".join(_piece(kind, visible(text), paint, row.mark) for kind, text in row.pieces)
        yield f"{paint.quiet(numbers)} {row.mark} {text}" + ("  " + paint.quiet(f"‹{remarks}›") if remarks else "")


def _piece(kind: SpanKind, text: str, paint: Paint, mark: str) -> str:
    """A piece of a line: [-old-]{+new+} without colours where the line's mark does not say it."""
    whole = mark in "-+" or paint.on
    if kind is SpanKind.DELETE:
        return paint.old(text if whole else f"[-{text}-]")
    if kind is SpanKind.INSERT:
        return paint.new(text if whole else f"{{+{text}+}}")
    return text
