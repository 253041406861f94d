"""Output of `--explain`: the rule that removed a line of the source or a node of a page."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from clean.document import Cleaned, PageKind
from clean.ledger import Entry, NodeRemoval, Rewrite
from clean.rules import Ruleset
from xuanzhi.messages import N_, _, ngettext, pgettext, reason
from xuanzhi.output.failures import InputError
from xuanzhi.output.labels import PAGE_KINDS, STATES

__all__ = ["entries_of", "explain", "explained", "nodes_of", "page_kind_fields"]

_NODES = {
    "text": N_("not in the Markdown"),
    "image": N_("image not in the Markdown"),
    "link": N_("link not in the Markdown"),
}

LONGEST = 60
"""Characters of a piece that are shown; the ledger has them all."""


def entries_of(cleaned: Cleaned, source: str, line: int | None) -> list[Entry]:
    """Return the entries that concern one line of the source, or all. Raises InputError where there is no such line."""
    if line is None:
        return list(cleaned.ledger.entries)
    lines = source.split("\n")
    count = len(lines) - (lines[-1] == "")
    if not 1 <= line <= count:
        raise InputError(
            "no-such-line",
            ngettext(
                "the file has only {count:,} line; there is no line {line:,}",
                "the file has {count:,} lines; there is no line {line:,}",
                count,
                line=line,
            ),
            _("Lines are numbered from 1."),
        )
    start = sum(len(text) + 1 for text in lines[: line - 1])
    end = start + len(lines[line - 1])
    entries = []
    for entry in cleaned.ledger.entries:
        # A blank line belongs to the piece that ends with it; an insertion belongs to the line at whose end it is.
        inside = entry.span.start < end and entry.span.end > start
        if inside or (start == end and entry.span.start <= start < entry.span.end) or entry.span == (end, end):
            entries.append(entry)
    return entries


def nodes_of(cleaned: Cleaned, line: int | None) -> list[NodeRemoval]:
    """Return the nodes of a page that are not in its Markdown: all, or those that begin on a line of its source.

    Where none begins there, the last one above, which may reach down to the line.
    """
    nodes = cleaned.ledger.nodes
    if line is None:
        return list(nodes)
    last = max((node.line for node in nodes if 0 < node.line <= line), default=0)
    return [node for node in nodes if node.line == last] if last else []


def explain(cleaned: Cleaned, source: str, ruleset: Ruleset, line: int | None) -> Iterator[str]:
    """Yield the explanation for people, line by line."""
    if cleaned.ledger.rendered_sha256:
        yield from _explain_page(cleaned, ruleset, line)
        return
    if line is None:
        yield from _about_all(cleaned)
    entries = entries_of(cleaned, source, line)
    if line is not None:
        yield f"{line} │ {source.split(chr(10))[line - 1]}"
    if not entries:
        yield (
            _("no rule affects this line; it stays as it is")
            if line is not None
            else _("nothing was removed or rewritten")
        )
    yield from _entries(entries, ruleset)


def page_kind_fields(kind: PageKind | None) -> dict[str, Any] | None:
    """Return what a page is, for `--json`."""
    return None if kind is None else {"name": kind.name, "probability": kind.probability}


def _about_all(cleaned: Cleaned) -> Iterator[str]:
    """What the source turned out to be, how sure that is, and the notice."""
    yield _("state: {state}", state=_(STATES[cleaned.state]))
    if cleaned.confidence is not None:
        yield _("confidence in the choice of content: {confidence}", confidence=f"{cleaned.confidence:.2f}")
    if cleaned.page_kind is not None:
        kind, probability = cleaned.page_kind
        yield _("kind of page: {kind} ({probability})", kind=_(PAGE_KINDS[kind]), probability=f"{probability:.2f}")
    if cleaned.notice:
        yield _("notice: {notice}", notice=" / ".join(cleaned.notice.split("\n")))


def _entries(entries: Iterable[Entry], ruleset: Ruleset) -> Iterator[str]:
    for entry in entries:
        yield f"{_place(entry)}  {_action(entry)}"
        yield from _because(entry, ruleset)


def _because(entry: Entry | NodeRemoval, ruleset: Ruleset) -> Iterator[str]:
    yield "    " + _("by rule {rule} (stage {stage})", rule=entry.rule, stage=entry.stage)
    rule = ruleset.by_id.get(entry.rule)
    if rule is not None:
        yield f"    {reason(rule)}"


def _explain_page(cleaned: Cleaned, ruleset: Ruleset, line: int | None) -> Iterator[str]:
    if line is None:
        yield from _about_all(cleaned)
    nodes = nodes_of(cleaned, line)
    if not nodes:
        yield (
            _("nothing that begins on or above this line is missing from the Markdown")
            if line is not None
            else _("nothing was removed or rewritten")
        )
    for _unused, run in groupby(nodes, key=lambda node: (node.rule, node.note)):
        for node in run:
            yield f"{_('line {line}', line=node.line)}  {_(_NODES[node.kind])}  {_short(node.text)}"
            yield f"    {node.path}"
        yield from _about(node, ruleset)
    if line is None and cleaned.ledger.entries:
        yield _("changed in the text rendered from the page:")
        yield from _entries(cleaned.ledger.entries, ruleset)


def _about(node: NodeRemoval, ruleset: Ruleset) -> Iterator[str]:
    """Yield why a run of nodes is not in the Markdown, once below it."""
    yield from _because(node, ruleset)
    if node.note:
        yield f"    {node.note}"


def explained(name: str, cleaned: Cleaned, source: str, ruleset: Ruleset, line: int | None) -> dict[str, Any]:
    """Return the explanation as one JSON event."""
    entries = []
    for node in nodes_of(cleaned, line):
        known = ruleset.by_id.get(node.rule)
        entries.append({**node._asdict(), "reason": known.reason if known else None})
    for entry in entries_of(cleaned, source, line) if line is None or not cleaned.ledger.rendered_sha256 else ():
        rule = ruleset.by_id.get(entry.rule)
        record: dict[str, Any] = {
            "start": entry.span.start, "end": entry.span.end, "line": entry.line, "stage": entry.stage,
            "rule": entry.rule, "reason": rule.reason if rule else None, "text": entry.text,
        }  # fmt: skip
        if isinstance(entry, Rewrite):
            record["replacement"] = entry.replacement
        entries.append(record)
    return {
        "event": "explained", "file": name, "state": cleaned.state.value, "line": line,
        "confidence": cleaned.confidence, "page_kind": page_kind_fields(cleaned.page_kind), "entries": entries,
    }  # fmt: skip


def _place(entry: Entry) -> str:
    last = entry.line + entry.text.rstrip("\n").count("\n")
    if last == entry.line:
        return _("line {line}", line=entry.line)
    return _("lines {first}–{last}", first=entry.line, last=last)


def _action(entry: Entry) -> str:
    if not isinstance(entry, Rewrite):
        return f"{pgettext('cleaning', 'removed')}  {_short(entry.text)}"
    if not entry.text:
        return f"{pgettext('cleaning', 'added')}  {_short(entry.replacement)}"
    return f"{_('rewritten')}  {_short(entry.text)}  {_('becomes')}  {_short(entry.replacement)}"


def _short(text: str) -> str:
    """A piece on one line, its line ends shown."""
    text = text.strip("\n").replace("\n", "⏎") or text.replace("\n", "⏎")
    text = text.replace("\xa0", "⍽") if text.strip() else text.replace(" ", "␠").replace("\xa0", "⍽")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
