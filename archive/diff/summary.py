"""Summary of a difference: amount and kind of change, and a signature that equal changes share.

And the whole difference as plain data, for `--json` and for other programs.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from archive.diff.model import ChangeDegree, Difference, Pair, PairOrigin, Relation, Span, SpanKind

__all__ = ["KINDS", "Summary", "as_json", "difference_sha256", "summary"]

KINDS = ("text", "chrome", "image", "image-address", "moved", "front-matter", "white-space")
"""Kinds of change, the gravest first: words; words that rules explain, all of them; an image that is another, came or
went; an image's address alone; a place alone; a value of the front matter; white space alone."""

_QUIET = frozenset({Relation.SAME_ASSET, Relation.SAME_PAYLOAD})


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of a difference, as lists of many show it."""

    old_characters: int
    """White space left out, as in the next three."""
    new_characters: int
    removed: int
    added: int
    share: float
    """Of all characters of both texts, those that went or came; 0 to 1."""
    kinds: tuple[str, ...]
    """Which of KINDS there are, in that order."""
    blocks: Mapping[str, int]
    """How many blocks: `removed`, `added`, `changed`, `moved`, `split`, `merged`, those that are."""
    images: Mapping[str, int]
    """How many images, by relation, those that are."""
    fields: tuple[str, ...]
    """Keys of the front matter whose values changed."""
    rules: tuple[str, ...]
    """Rules that explain a change."""
    signature: str
    """sha256 over the rules and the texts that went and came: equal changes of two articles have it in common."""


def summary(difference: Difference) -> Summary:
    """Return the summary of a difference."""
    old = new = removed = added = 0
    for pair in difference.pairs:
        for span in pair.spans:
            size = len("".join(span.text.split()))
            old += size * (span.kind is not SpanKind.INSERT)
            new += size * (span.kind is not SpanKind.DELETE)
            removed += size * (span.kind is SpanKind.DELETE)
            added += size * (span.kind is SpanKind.INSERT)
    changed = list(difference.changed())
    spans = [span for pair in changed for span in _spans(pair)]
    images = Counter(image.relation.value for pair in changed for image in pair.images)
    kinds = {kind for pair in changed for kind in _kinds(pair)}
    rules = tuple(sorted({rule for span in spans for rule in span.rules}))
    return Summary(
        old,
        new,
        removed,
        added,
        round((removed + added) / (old + new), 4) if old + new else 0.0,
        tuple(kind for kind in KINDS if kind in kinds),
        dict(sorted(Counter(_block(pair) for pair in changed).items())),
        dict(sorted(images.items())),
        tuple(field.key for field in difference.fields),
        rules,
        _digest([rules, sorted({(span.kind.value, span.text.strip()) for span in spans if span.text.strip()})]),
    )


def difference_sha256(difference: Difference) -> str:
    """Return a digest of a difference: what a decision is bound to. Same texts and same matches, same digest."""
    return _digest(
        [[pair.matched_by.value, [[span.kind.value, span.text] for span in pair.spans]] for pair in difference.pairs]
    )


def _digest(values: object) -> str:
    return sha256(json.dumps(values).encode()).hexdigest()


def _spans(pair: Pair) -> Iterator[Span]:
    return (span for span in pair.spans if span.kind is not SpanKind.EQUAL)


def _block(pair: Pair) -> str:
    if pair.matched_by in {PairOrigin.MOVED, PairOrigin.SPLIT, PairOrigin.MERGED}:
        return pair.matched_by.value
    if pair.old is None:
        return "added"
    return "removed" if pair.new is None else "changed"


def _kinds(pair: Pair) -> Iterator[str]:
    """Yield what kinds of change a pair has."""
    if pair.matched_by is PairOrigin.MOVED:
        yield "moved"
    if pair.change in {ChangeDegree.WHITE_SPACE, ChangeDegree.LINE_ENDS}:
        yield "white-space"
    if pair.kind == "front-matter":
        yield "front-matter"
        return
    chrome = all(span.rules for span in _spans(pair) if span.text.strip())
    if pair.images:
        quiet = all(image.relation in _QUIET for image in pair.images)
        yield "image-address" if quiet else "chrome" if chrome else "image"
    if pair.change is ChangeDegree.TEXT and not (pair.kind == "image" and pair.images):
        yield "chrome" if chrome else "text"


def as_json(difference: Difference) -> dict[str, Any]:
    """Return the difference as JSON's types.

    `pairs` has each changed pair whole, and for each run of unchanged blocks one object that says how many they are.
    """
    pairs: list[dict[str, Any]] = []
    for unchanged, run in groupby(difference.pairs, key=lambda pair: pair.change is ChangeDegree.NONE):
        if unchanged:
            pairs.append({"unchanged": sum(1 for _ in run)})
        else:
            pairs += [_pair(pair) for pair in run]
    return {
        "sha256": difference_sha256(difference),
        "summary": asdict(summary(difference)),
        "fields": [asdict(field) for field in difference.fields],
        "pairs": pairs,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    values = asdict(pair)
    for span in values["spans"]:
        if not span["rules"]:
            del span["rules"]
    return values
