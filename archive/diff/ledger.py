"""What cleaning did, as a difference: nothing is searched for, because the ledger says it.

And rules for a difference of two clean texts, where a ledger has what went or came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archive.diff.blocks import blocks, field_changes, image_changes
from archive.diff.compare import joined, spans_by_key, spans_inside
from archive.diff.model import BlockPlace, Difference, Pair, PairOrigin, Span, SpanKind
from clean.ledger import Entry, Ledger

__all__ = ["by_ledger", "removed_lines", "with_rules"]


def by_ledger(source: str, entries: Sequence[Entry]) -> Difference:
    """Return the difference between a source text and its clean text; each changed span names its rule.

    The pairs follow the blocks of the source. What was rewritten is marked inside where little of it changed.
    """
    cut = blocks(source)
    pairs: list[Pair] = []
    waiting = list(_spans(source, entries))
    waiting.reverse()
    new_line, new_place = 1, 0
    for number, block in enumerate(cut):
        room = len(block.text)
        taken: list[Span] = []
        while waiting and (room or waiting[-1].kind is SpanKind.INSERT):
            span = waiting.pop()
            if span.kind is not SpanKind.INSERT:
                if len(span.text) > room:
                    waiting.append(replace(span, text=span.text[room:]))
                    span = replace(span, text=span.text[:room])
                room -= len(span.text)
            taken.append(span)
            if (
                not room
                and number < len(cut) - 1
                and not (waiting and waiting[-1].kind is SpanKind.INSERT and span.rules)
            ):
                break
        spans = tuple(taken)
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
    if not cut and waiting:
        spans = tuple(reversed(waiting))
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
        spans: tuple[Span, ...] = joined((Span(SpanKind.DELETE, old), Span(SpanKind.INSERT, new)))
    elif old.startswith("---\n"):
        spans = spans_by_key(old, new)
    else:
        spans = spans_inside(old, new, by_lines=True)
    for span in spans:
        yield span if span.kind is SpanKind.EQUAL else replace(span, rules=rules)


def removed_lines(ledger: Ledger) -> dict[str, str]:
    """Return the lines that a ledger took away, each with the rule that did."""
    found: dict[str, str] = {}
    for node in ledger.nodes:
        text = f"![]({node.text})" if node.kind == "image" else node.text
        for line in text.split("\n"):
            found.setdefault(line.strip(), node.rule)
    for entry in ledger.entries:
        for line in entry.text.split("\n"):
            found.setdefault(line.strip(), entry.rule)
    found.pop("", None)
    return found


def with_rules(difference: Difference, removed: Mapping[str, str], restored: Mapping[str, str]) -> Difference:
    """Return a difference of two clean texts whose spans name the rules that explain them.

    `removed` are the lines that the new text's ledger took, `restored` those that the old one's had taken, each with
    its rule. A span is explained where it is of whole lines and each of them is.
    """
    return replace(difference, pairs=tuple(_explained(pair, removed, restored) for pair in difference.pairs))


def _explained(pair: Pair, removed: Mapping[str, str], restored: Mapping[str, str]) -> Pair:
    if all(span.kind is SpanKind.EQUAL for span in pair.spans):
        return pair
    found: list[Span] = []
    for place, span in enumerate(pair.spans):
        known = {SpanKind.DELETE: removed, SpanKind.INSERT: restored, SpanKind.EQUAL: {}}[span.kind]
        lines = {line for each in span.text.split("\n") if (line := each.strip())}
        is_known = lines and lines <= known.keys() and _is_whole(pair.spans, place)
        found.append(replace(span, rules=tuple(sorted({known[line] for line in lines}))) if is_known else span)
    return replace(pair, spans=tuple(found))


def _is_whole(spans: Sequence[Span], place: int) -> bool:
    """Whether a span is of whole lines: a lone 。 of the interface does not explain the end of a sentence."""
    kind, text = spans[place].kind, spans[place].text
    before = "".join(span.text for span in spans[:place] if span.kind in {kind, SpanKind.EQUAL})
    after = "".join(span.text for span in spans[place + 1 :] if span.kind in {kind, SpanKind.EQUAL})
    return before[-1:] in {"", "\n"} and (text.endswith("\n") or after[:1] in {"", "\n"})
