"""What a change is about, in numbers and traits: from the comparison of its texts and the ledger of its cleaning."""

import json
from collections.abc import Iterator
from hashlib import sha256

from archive.catalogue.history import FIRST, RECLEANED, Change
from archive.diff.compare import compare
from archive.diff.model import Change as Degree
from archive.diff.model import Difference, Kind, Pair, Relation, Span
from clean.ledger import Ledger
from xuanzhi.review.queue import Facts
from xuanzhi.review.texts import Texts

__all__ = ["FACTS", "diff_sha256", "difference_of", "facts_of"]

FACTS = 1
"""Raised when the same texts give other facts: those that were kept are then made anew."""

LARGE = {"snapshot": 0.40, "wechat": 0.30, "generic": 0.75}
"""Share of a source above which a removal is large: of each kind, one in twenty of some hundred real ones is."""

LEAST = 2_000
"""Characters below which no removal is large: WeChat's interface alone is several hundred, below any article."""

LONG = 5_000
"""Characters of one piece that the block model left out of a page; one page in twelve has such a one."""

_QUIET = frozenset({"fetch_date"})
"""Keys of the front matter that are another at every capture, and say nothing."""

_LOST = {Relation.REMOVED: "image-lost", Relation.REPLACED: "image", Relation.ADDED: "image"}


def difference_of(texts: Texts) -> Difference:
    """Compare the texts of a change; of the first version of an article, its text with itself."""
    before = texts.after if texts.change.kind == FIRST else texts.before
    return compare(before, texts.after)


def facts_of(texts: Texts) -> Facts:
    """Return the facts of a change. Raises Damaged or LedgerError where it cannot be read."""
    change, ledger = texts.change, texts.ledger
    difference = difference_of(texts)
    length, taken = _taken(texts.source, ledger)
    traits = set(_traits(difference, change, ledger))
    if ledger is not None and taken >= LEAST and taken / length > LARGE[_medium(ledger)]:
        traits.add("large")
    if ledger is not None and any(
        node.stage == "generic" and node.kind == "text" and len(node.text) >= LONG for node in ledger.nodes
    ):
        traits.add("by-model")
    if change.kind == FIRST:
        traits.add("first")
    rules = ledger.counts() if ledger is not None else {}
    changed = [[pair.old_text, pair.new_text] for pair in difference.changed() if pair.kind != "front-matter"]
    fields = [[field.key, field.old, field.new] for field in difference.fields if field.key not in _QUIET]
    return Facts(
        diff_sha256=diff_sha256(change),
        # Of a first version, what its cleaning did; of any other, what changed from one text to the other.
        signature=_digest([change.kind, sorted(rules) if change.kind == FIRST else [changed, fields]])[:16],
        traits=tuple(sorted(traits or {"chrome"})),
        added=sum(len(span.text) for span in _spans(difference, Kind.INSERT)),
        removed=sum(len(span.text) for span in _spans(difference, Kind.DELETE)),
        source_length=length,
        taken=taken,
        rules=rules,
    )


def diff_sha256(change: Change) -> str:
    """Return what a decision about a change is bound to: both texts give the difference, and it is the same always."""
    return _digest([change.before, change.after])


def _digest(value: object) -> str:
    return sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _spans(difference: Difference, kind: Kind) -> Iterator[Span]:
    return (span for pair in difference.pairs for span in pair.spans if span.kind is kind)


def _medium(ledger: Ledger) -> str:
    if not ledger.rendered_sha256:
        return "snapshot"
    return "generic" if any(node.stage == "generic" for node in ledger.nodes) else "wechat"


def _taken(source: str, ledger: Ledger | None) -> tuple[int, int]:
    """Return the length of what a reader saw of the source, and how much of that cleaning took."""
    if ledger is None:
        return len(source), 0
    nodes = sum(len(node.text) for node in ledger.nodes if node.kind == "text")
    pieces = sum(max(len(entry.text) - len(entry.replacement), 0) for entry in ledger.entries)
    return len(source) + nodes, nodes + pieces


def _traits(difference: Difference, change: Change, ledger: Ledger | None) -> Iterator[str]:
    taken = _all_taken(ledger) if change.kind == RECLEANED else ""
    if any(field.key not in _QUIET for field in difference.fields):
        yield "front-matter"
    for pair in difference.changed():
        if pair.kind == "front-matter":
            continue
        for image in pair.images:
            if image.relation in _LOST:
                yield _LOST[image.relation]
        if pair.kind == "image":
            continue
        if pair.change is Degree.MOVED:
            yield "moved"
        elif pair.change is Degree.TEXT:
            yield from _of_text(pair)
            if change.kind == RECLEANED and not _is_explained(pair, taken):
                yield "unexplained"


def _of_text(pair: Pair) -> Iterator[str]:
    if pair.new is None:
        yield "prose-gone"
    elif pair.old is None:
        yield "prose-new"
    else:
        yield "text"


def _all_taken(ledger: Ledger | None) -> str:
    """Return all that a ledger holds, a line for each piece, without white space."""
    if ledger is None:
        return ""
    return "\n".join(_folded(each.text) for each in (*ledger.entries, *ledger.nodes))


def _is_explained(pair: Pair, taken: str) -> bool:
    """Whether the ledger of the new text holds every piece that the old text had and this one has not."""
    return all(_folded(span.text) in taken for span in pair.spans if span.kind is Kind.DELETE)


def _folded(text: str) -> str:
    return "".join(text.split())
