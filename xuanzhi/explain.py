"""`--explain`: which rule took a line of the source, and why."""

from collections.abc import Iterator
from typing import Any

from clean.document import Cleaned
from clean.ledger import Entry, Rewrite
from clean.rules import Ruleset
from xuanzhi.errors import InputError
from xuanzhi.words import reason, word

__all__ = ["entries_of", "explain", "explained"]

LONGEST = 60
"""Characters of a piece that are shown; the ledger has them all."""


def entries_of(cleaned: Cleaned, source: str, line: int | None) -> list[Entry]:
    """The entries that concern one line of the source, or all. Raises InputError where there is no such line."""
    if line is None:
        return list(cleaned.ledger.entries)
    lines = source.split("\n")
    count = len(lines) - (lines[-1] == "")
    if not 1 <= line <= count:
        raise InputError("no-such-line", count=count, line=line)
    start = sum(len(text) + 1 for text in lines[: line - 1])
    end = start + len(lines[line - 1])
    found = []
    for entry in cleaned.ledger.entries:
        # A blank line belongs to the piece that ends with it; an insertion belongs to the line at whose end it is.
        inside = entry.span.start < end and entry.span.end > start
        if inside or (start == end and entry.span.start <= start < entry.span.end) or entry.span == (end, end):
            found.append(entry)
    return found


def explain(cleaned: Cleaned, source: str, ruleset: Ruleset, line: int | None) -> Iterator[str]:
    """Yield the explanation for people, line by line."""
    if line is None:
        yield word("explain.state", state=word(f"state.{cleaned.state}"))
        if cleaned.notice:
            yield word("explain.notice", notice=" / ".join(cleaned.notice.split("\n")))
    entries = entries_of(cleaned, source, line)
    if line is not None:
        yield f"{line} │ {source.split(chr(10))[line - 1]}"
    if not entries:
        yield word("explain.no-rule" if line is not None else "explain.nothing")
    for entry in entries:
        yield f"{_place(entry)}  {_action(entry)}"
        yield f"    {word('explain.by', rule=entry.rule, stage=entry.stage)}"
        rule = ruleset.by_id.get(entry.rule)
        if rule is not None:
            yield f"    {reason(rule)}"


def explained(name: str, cleaned: Cleaned, source: str, ruleset: Ruleset, line: int | None) -> dict[str, Any]:
    """The same as one JSON event."""
    entries = []
    for entry in entries_of(cleaned, source, line):
        rule = ruleset.by_id.get(entry.rule)
        record: dict[str, Any] = {
            "start": entry.span.start, "end": entry.span.end, "line": entry.line, "stage": entry.stage,
            "rule": entry.rule, "reason": rule.reason if rule else None, "text": entry.text,
        }  # fmt: skip
        if isinstance(entry, Rewrite):
            record["replacement"] = entry.replacement
        entries.append(record)
    return {"event": "explained", "file": name, "state": cleaned.state.value, "line": line, "entries": entries}


def _place(entry: Entry) -> str:
    last = entry.line + entry.text.rstrip("\n").count("\n")
    if last == entry.line:
        return word("explain.line", line=entry.line)
    return word("explain.lines", first=entry.line, last=last)


def _action(entry: Entry) -> str:
    if not isinstance(entry, Rewrite):
        return f"{word('explain.removed')}  {_short(entry.text)}"
    if not entry.text:
        return f"{word('explain.inserted')}  {_short(entry.replacement)}"
    return f"{word('explain.rewritten')}  {_short(entry.text)}  {word('explain.becomes')}  {_short(entry.replacement)}"


def _short(text: str) -> str:
    """A piece on one line, its line ends shown."""
    text = text.strip("\n").replace("\n", "⏎") or text.replace("\n", "⏎")
    text = text.replace("\xa0", "⍽") if text.strip() else text.replace(" ", "␠").replace("\xa0", "⍽")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
