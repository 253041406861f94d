"""Traits of a change: from the comparison of its texts, the ledger of its cleaning and the confidence in it.

To say what changed, two texts and a ledger are read and compared. That takes milliseconds an item, too long for ten
thousand of them whenever a page is opened, so what came out is cached (`TraitsDatabase`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.cache import CacheLayout, FactCache
from archive.catalogue.history import FIRST, RECLEANED, VersionChange
from archive.collection.reader import CollectionReader
from archive.diff.compare import compare
from archive.diff.model import ChangeDegree as Degree
from archive.diff.model import Difference, Pair, Relation, Span, SpanKind
from archive.errors import ArchiveError
from clean import frontmatter
from clean.document import LOW_CONFIDENCE
from clean.errors import CleanError
from clean.ledger import Ledger, restore

__all__ = [
    "FILE",
    "TRAITS_VERSION",
    "ChangeTraits",
    "ItemTexts",
    "TraitsDatabase",
    "body",
    "diff_sha256",
    "difference_of",
    "traits_of",
    "traits_or_damage",
    "without_comparison",
]


class ChangeTraits(NamedTuple):
    """What a comparison and a ledger say of a change; cached beside the catalogue, and worked out again when lost."""

    diff_sha256: str
    signature: str
    """The same for changes that are the same, in whatever article."""
    traits: tuple[str, ...]
    added: int
    """Characters, as the next."""
    removed: int
    source_length: int
    """Characters of what cleaning read."""
    taken: int
    """Characters of them that cleaning took."""
    rules: Mapping[str, int]
    """How often each rule fired."""
    confidence: float | None = None
    """In the choice of the content; None where nothing had to be chosen."""

    @property
    def share(self) -> float:
        """Share of the source that cleaning took."""
        return self.taken / self.source_length if self.source_length else 0.0

    @property
    def pieces(self) -> int:
        """How many pieces cleaning took or rewrote."""
        return sum(self.rules.values())


class ItemTexts:
    """The texts of an item, each read when it is first needed, as long as the collection is open."""

    def __init__(self, collection: CollectionReader, change: VersionChange) -> None:
        self._collection = collection
        self.change = change

    def _read(self, row: int) -> str:
        return self._collection.text_at(row) if row else ""

    @cached_property
    def before(self) -> str:
        """The text that this one follows, empty where there is none. Raises Damaged."""
        return self._read(self.change.before_record)

    @cached_property
    def after(self) -> str:
        """The text. Raises Damaged."""
        return self._read(self.change.after_record)

    @cached_property
    def ledger(self) -> Ledger | None:
        """What cleaning took to give the text; None where it took over an earlier text. Raises Damaged, LedgerError."""
        text = self._read(self.change.ledger)
        return Ledger.from_json_lines(text) if text else None

    @cached_property
    def confidence(self) -> float | None:
        """The confidence in the choice of the content, as the cleaning that gave the text stated it.

        None where nothing had to be chosen. Raises Damaged.
        """
        with suppress(ValueError):
            stated = json.loads(self._read(self.change.provenance)).get("confidence")
            return float(stated) if isinstance(stated, int | float) else None
        return None

    @cached_property
    def source(self) -> str:
        """What cleaning read, or of a page the text that it rendered to. Raises Damaged, LedgerError."""
        return restore(self.after, self.ledger) if self.ledger is not None else self.after


def body(markdown: str) -> str:
    """Return a Markdown text without its front matter."""
    return markdown[frontmatter.read_front_matter(markdown).end :]


# Traits of a change: from the comparison of its texts and the ledger of its cleaning.

TRAITS_VERSION = 2
"""Raise it when the same texts give other traits: those in the cache are then worked out again."""

LARGE = {"snapshot": 0.40, "wechat": 0.30, "generic": 0.75}
"""Share of a source above which a removal is large: of each kind, one in twenty of some hundred real ones is."""

LEAST = 2_000
"""Characters below which no removal is large: WeChat's interface alone is several hundred, below any article."""

LONG = 5_000
"""Characters of one piece that the block model left out of a page; one page in twelve has such a one."""

_QUIET = frozenset({"fetch_date"})
"""Keys of the front matter that are another at every capture, and say nothing."""

_LOST = {Relation.REMOVED: "image-lost", Relation.REPLACED: "image", Relation.ADDED: "image"}


def difference_of(texts: ItemTexts) -> Difference:
    """Compare the texts of a change; of the first version of an article, its text with itself."""
    before = texts.after if texts.change.kind == FIRST else texts.before
    return compare(before, texts.after)


def traits_of(texts: ItemTexts) -> ChangeTraits:
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
    is_low = texts.confidence is not None and texts.confidence < LOW_CONFIDENCE
    if is_low:
        traits.add("low-confidence")
    rules = ledger.counts() if ledger is not None else {}
    changed = [[pair.old_text, pair.new_text] for pair in difference.changed() if pair.kind != "front-matter"]
    fields = [[field.key, field.old, field.new] for field in difference.fields if field.key not in _QUIET]
    return ChangeTraits(
        diff_sha256=diff_sha256(change),
        # Of a first version, what its cleaning did; of any other, what changed from one text to the other. A text of
        # low confidence is accepted together with none that was clear.
        signature=_digest(
            [change.kind, sorted(rules) if change.kind == FIRST else [changed, fields], *(["low"] if is_low else [])]
        )[:16],
        traits=tuple(sorted(traits or {"chrome"})),
        added=sum(len(span.text) for span in _spans(difference, SpanKind.INSERT)),
        removed=sum(len(span.text) for span in _spans(difference, SpanKind.DELETE)),
        source_length=length,
        taken=taken,
        rules=rules,
        confidence=texts.confidence,
    )


def diff_sha256(change: VersionChange) -> str:
    """Return what a decision about a change is bound to: both texts give the difference, and it is the same always."""
    return _digest([change.before, change.after])


def _digest(value: object) -> str:
    return sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _spans(difference: Difference, kind: SpanKind) -> Iterator[Span]:
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


def _traits(difference: Difference, change: VersionChange, ledger: Ledger | None) -> Iterator[str]:
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
    return all(_folded(span.text) in taken for span in pair.spans if span.kind is SpanKind.DELETE)


def _folded(text: str) -> str:
    return "".join(text.split())


FILE = "review.sqlite"

_TRAITS = CacheLayout("facts", "change", "facts", str, version=TRAITS_VERSION)
"""By the id of the change; as JSON."""


class TraitsDatabase:
    """The cache of the traits of one collection."""

    def __init__(self, folder: Path) -> None:
        """Take the collection's folder."""
        self._cache = FactCache(folder / FILE, _TRAITS)

    def read(self) -> dict[str, ChangeTraits]:
        """Return all traits, by the id of their change; none where there is no file that can be read."""
        with suppress(ValueError, TypeError):
            return {change: _traits_in(json.loads(text)) for change, text in self._cache.read().items()}
        return {}

    def write(self, traits: Mapping[str, ChangeTraits]) -> None:
        """Add traits; where that cannot be, nothing is lost but time."""
        self._cache.write({change: json.dumps(each, ensure_ascii=False) for change, each in traits.items()})


def _traits_in(values: list[object]) -> ChangeTraits:
    found = ChangeTraits(*values)  # type: ignore[arg-type]  # we wrote them
    return found._replace(traits=tuple(found.traits))


def traits_or_damage(collection: CollectionReader, change: VersionChange) -> ChangeTraits:
    """Return the facts of a change; of one that cannot be read, that it is damaged."""
    try:
        return traits_of(ItemTexts(collection, change))
    except (ArchiveError, CleanError):
        return without_comparison(change, "damaged")


def without_comparison(change: VersionChange, trait: str) -> ChangeTraits:
    """Return the facts of a change that was not compared."""
    return ChangeTraits(diff_sha256(change), change.id, (trait,), 0, 0, 0, 0, {})
