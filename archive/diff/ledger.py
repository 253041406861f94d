"""Differences made from ledgers, and the rules that explain a difference of clean texts.

For the first nothing is searched for, because the ledger says it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archive.diff.blocks import blocks, field_changes, image_changes
from archive.diff.model import BlockPlace, Difference, Pair, PairOrigin, Span, SpanKind
from archive.diff.spans import join_spans, spans_by_key, spans_inside
from clean.ledger import Entry, Ledger

__all__ = ["by_ledger", "removed_lines", "with_rules"]


def by_ledger(source: str, entries: Sequence[Entry]) -> Difference:
    """Return the difference between a source text and its clean text; each changed span names its rule.

    The pairs follow the blocks of the source. What was rewritten is marked inside where little of it changed.
    """
    source_blocks = blocks(source)
    pairs: list[Pair] = []
    pending = list(_spans(source, entries))
    pending.reverse()
    new_line, new_place = 1, 0
    for number, block in enumerate(source_blocks):
        remaining = len(block.text)
        spans_of_block: list[Span] = []
        while pending and (remaining or pending[-1].kind is SpanKind.INSERT):
            span = pending.pop()
            if span.kind is not SpanKind.INSERT:
                if len(span.text) > remaining:
                    pending.append(replace(span, text=span.text[remaining:]))
                    span = replace(span, text=span.text[:remaining])
                remaining -= len(span.text)
            spans_of_block.append(span)
            if (
                not remaining
                and number < len(source_blocks) - 1
                and not (pending and pending[-1].kind is SpanKind.INSERT and span.rules)
            ):
                break
        spans = tuple(spans_of_block)
        new_text = "".join(span.text for span in spans if span.kind is not SpanKind.DELETE)
        changed = any(span.kind is not SpanKind.EQUAL for span in spans)
        old_text = block.text
        pairs.append(
            Pair(
                block.kind,
                PairOrigin.RULED if changed else PairOrigin.EXACT,
                BlockPlace(number, 1, block.line),
                BlockPlace(new_place, 1, new_line) if new_text else None,
                spans,
                1.0,
                image_changes(old_text, new_text, {}, {}) if changed else (),
            )
        )
        new_place += bool(new_text)
        new_line += new_text.count("\n")
    if not source_blocks and pending:
        spans = tuple(reversed(pending))
        pairs.append(Pair("paragraph", PairOrigin.RULED, None, BlockPlace(0, 1, 1), spans))
    head = [pair for pair in pairs[:1] if pair.kind == "front-matter"]
    fields = field_changes(head[0].old_text.strip(), head[0].new_text.strip()) if head else ()
    return Difference(tuple(pairs), fields)


def _spans(source: str, entries: Sequence[Entry]) -> Iterator[Span]:
    position = 0
    for entry in entries:
        if entry.span.start > position:
            yield Span(SpanKind.EQUAL, source[position : entry.span.start])
        yield from _entry(entry)
        position = entry.span.end
    if position < len(source):
        yield Span(SpanKind.EQUAL, source[position:])


def _entry(entry: Entry) -> Iterator[Span]:
    rules = (entry.rule,)
    old, new = entry.text, entry.replacement
    if not (old and new) or "\n" not in old + new:
        spans: tuple[Span, ...] = join_spans((Span(SpanKind.DELETE, old), Span(SpanKind.INSERT, new)))
    elif old.startswith("---\n"):
        spans = spans_by_key(old, new)
    else:
        spans = spans_inside(old, new, by_lines=True)
    for span in spans:
        yield span if span.kind is SpanKind.EQUAL else replace(span, rules=rules)


def removed_lines(ledger: Ledger) -> dict[str, str]:
    """Return the lines that a ledger took away, each with the rule that did."""
    result: dict[str, str] = {}
    for node in ledger.nodes:
        text = f"![]({node.text})" if node.kind == "image" else node.text
        for line in text.split("\n"):
            result.setdefault(line.strip(), node.rule)
    for entry in ledger.entries:
        for line in entry.text.split("\n"):
            result.setdefault(line.strip(), entry.rule)
    result.pop("", None)
    return result


def with_rules(difference: Difference, removed: Mapping[str, str], restored: Mapping[str, str]) -> Difference:
    """Return a difference of two clean texts whose spans name the rules that explain them.

    `removed` are the lines that the new text's ledger took, `restored` those that the old one's had taken, each with
    its rule. A span is explained where it is of whole lines and each of them is.
    """
    return replace(difference, pairs=tuple(_explained(pair, removed, restored) for pair in difference.pairs))


def _explained(pair: Pair, removed: Mapping[str, str], restored: Mapping[str, str]) -> Pair:
    if all(span.kind is SpanKind.EQUAL for span in pair.spans):
        return pair
    result: list[Span] = []
    for index, span in enumerate(pair.spans):
        rule_of = {SpanKind.DELETE: removed, SpanKind.INSERT: restored, SpanKind.EQUAL: {}}[span.kind]
        lines = {line for each in span.text.split("\n") if (line := each.strip())}
        explained = lines and lines <= rule_of.keys() and _is_whole(pair.spans, index)
        result.append(replace(span, rules=tuple(sorted({rule_of[line] for line in lines}))) if explained else span)
    return replace(pair, spans=tuple(result))


def _is_whole(spans: Sequence[Span], index: int) -> bool:
    """Whether a span is of whole lines: a lone 。 of the interface does not explain the end of a sentence."""
    kind, text = spans[index].kind, spans[index].text
    before = "".join(span.text for span in spans[:index] if span.kind in {kind, SpanKind.EQUAL})
    after = "".join(span.text for span in spans[index + 1 :] if span.kind in {kind, SpanKind.EQUAL})
    return before[-1:] in {"", "\n"} and (text.endswith("\n") or after[:1] in {"", "\n"})
