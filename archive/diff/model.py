"""Data types of a difference: pairs of blocks, the way each was matched, spans of old and new text."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "BlockPlace",
    "ChangeDegree",
    "Difference",
    "FieldChange",
    "ImageChange",
    "Pair",
    "PairOrigin",
    "Relation",
    "Span",
    "SpanKind",
]


class SpanKind(StrEnum):
    """The kind of a span: equal, removed or inserted."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


class PairOrigin(StrEnum):
    """The way in which a pair was matched."""

    EXACT = "exact"
    """The same text, white space aside."""
    SIMILAR = "similar"
    """Between the same neighbours, with enough in common."""
    MOVED = "moved"
    """The same or a similar text at another place."""
    SPLIT = "split"
    """One block became several."""
    MERGED = "merged"
    """Several blocks became one."""
    POSITIONAL = "positional"
    """Nothing in common but the place: an image that was replaced, a front matter."""
    RULED = "ruled"
    """Not searched for: the ledger says what became of it."""
    NONE = "none"
    """On one side only: removed, or added."""


class Relation(StrEnum):
    """The relation of an old address of an image to its new one."""

    SAME_ASSET = "same-asset"
    """The same image under another size, parameters or host."""
    SAME_PAYLOAD = "same-payload"
    """Another address that gave the same bytes."""
    REPLACED = "replaced"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that both have, or one of them."""

    kind: SpanKind
    text: str
    rules: tuple[str, ...] = ()
    """Rules of cleaning that took it or put it there, where they are known."""


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """The place of one side of a pair in its text."""

    first: int
    """Number of its first block, from 0."""
    count: int
    line: int
    """Line of the text on which it begins, from 1."""


@dataclass(frozen=True, slots=True)
class ImageChange:
    """An image that is not as it was."""

    relation: Relation
    old: str
    """Address; empty where there was none."""
    new: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A key of the front matter whose value is not as it was."""

    key: str
    old: str | None
    """As it stands in the file; None where the key was not there."""
    new: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A block of the old text with what it is in the new one; for a split or a merge, blocks.

    Equal and deleted spans joined are the old text of it, equal and inserted ones the new text.
    """

    kind: str
    """`front-matter`, `heading`, `paragraph`, `image`, `list`, `quote`, `table`, `code` or `blank`."""
    matched_by: PairOrigin
    old: BlockPlace | None
    new: BlockPlace | None
    spans: tuple[Span, ...]
    similarity: float = 1.0
    """Share of words in common, from 0 to 1."""
    images: tuple[ImageChange, ...] = ()

    @property
    def change(self) -> "ChangeDegree":
        """How much of a change it is."""
        changed = [span for span in self.spans if span.kind is not SpanKind.EQUAL]
        if not changed:
            return ChangeDegree.MOVED if self.matched_by is PairOrigin.MOVED else ChangeDegree.NONE
        if any(span.text.strip() for span in changed):
            return ChangeDegree.TEXT
        if self.matched_by is PairOrigin.MOVED:
            return ChangeDegree.MOVED
        last = all(span.text.strip("\r\n") == "" for span in self.spans[self.spans.index(changed[0]) :])
        return ChangeDegree.LINE_ENDS if last else ChangeDegree.WHITE_SPACE

    @property
    def old_text(self) -> str:
        """The text of the old side."""
        return "".join(span.text for span in self.spans if span.kind is not SpanKind.INSERT)

    @property
    def new_text(self) -> str:
        """The text of the new side."""
        return "".join(span.text for span in self.spans if span.kind is not SpanKind.DELETE)


class ChangeDegree(StrEnum):
    """The degree of change of a pair."""

    NONE = "none"
    LINE_ENDS = "line-ends"
    """The blank lines after the block."""
    WHITE_SPACE = "white-space"
    MOVED = "moved"
    """Only its place."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts, block by block, in the order in which they are read."""

    pairs: tuple[Pair, ...]
    """In the order of the new text; what was removed stands where it was."""
    fields: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether the texts differ at all, in a blank line even."""
        return any(pair.change is not ChangeDegree.NONE for pair in self.pairs)

    def changed(self) -> Iterator[Pair]:
        """Yield the pairs that are not as they were and say something.

        A block that became the last one, or no longer is, has other blank lines after it. That is told only where the
        texts do not differ in anything else.
        """
        pairs = [pair for pair in self.pairs if pair.change is not ChangeDegree.NONE]
        telling = [pair for pair in pairs if pair.change is not ChangeDegree.LINE_ENDS]
        yield from telling or pairs

    @property
    def old_text(self) -> str:
        """The whole old text."""
        pairs = sorted((pair.old.first, pair.old_text) for pair in self.pairs if pair.old)
        return "".join(text for _, text in pairs)

    @property
    def new_text(self) -> str:
        """The whole new text."""
        pairs = sorted((pair.new.first, pair.new_text) for pair in self.pairs if pair.new)
        return "".join(text for _, text in pairs)
