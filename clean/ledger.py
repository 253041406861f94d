"""The ledger: every removal and rewrite of a cleaning, in source order.

An entry names a span of the source text, what stood there, what stands there now, and the stage and the rule
that did it. Entries are in source order and never overlap, so the kept spans and the entries' spans tile the
source, and the source comes back from the clean text exactly.

A page's Markdown is rendered from its nodes: those that are not in it are named one by one. What the text stages then
changed in the rendered text are entries on that text.

On disk a ledger is JSON lines: one object that says what it belongs to, then one object per entry.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from clean.errors import LedgerError
from clean.source import Encoding

__all__ = [
    "Edit",
    "Entry",
    "Ledger",
    "NodeRemoval",
    "Removal",
    "Rewrite",
    "SourceEdit",
    "apply_entries",
    "apply_source_edits",
    "compose_edits",
    "restore",
    "restore_bytes",
]


# Half-open stretches of a text, and the arithmetic of what is kept and what is taken.


class Span(NamedTuple):
    """Characters `start` up to, not including, `end` of the source text."""

    start: int
    end: int

    def __contains__(self, position: object) -> bool:
        return isinstance(position, int) and self.start <= position < self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character; touching spans share none."""
        return self.start < other.end and other.start < self.end


def gaps_between(taken: Iterable[Span], length: int) -> Iterator[Span]:
    """Yield what lies between the `taken` spans (sorted, disjoint) of a text of `length` characters."""
    position = 0
    for span in taken:
        if position < span.start:
            yield Span(position, span.start)
        position = span.end
    if position < length:
        yield Span(position, length)


def tiles(spans: Iterable[Span], length: int) -> bool:
    """Whether the spans, in order, cover a text of `length` characters without a gap or an overlap."""
    position = 0
    for span in spans:
        if span.start != position or span.end < span.start:
            return False
        position = span.end
    return position == length


FORMAT = 1


class Removal(NamedTuple):
    """A piece of the source that is not in the clean text."""

    span: Span
    stage: str
    rule: str
    line: int
    """Line of the source file at which the span starts, counted from 1."""
    text: str
    """The piece itself: `source[span.start:span.end]`."""

    @property
    def replacement(self) -> str:
        """Nothing stands in its place."""
        return ""


class Rewrite(NamedTuple):
    """A piece of the source that stands in the clean text in another form. An insertion has an empty span."""

    span: Span
    stage: str
    rule: str
    line: int
    text: str
    replacement: str


Entry = Removal | Rewrite


class NodeRemoval(NamedTuple):
    """A text, an image or a link's target that is in a page and not in its Markdown."""

    path: str
    """Where it stood: an XPath, or for a tree from the page's data its place there and an XPath."""
    kind: str
    """`text`, `image` or `link`."""
    stage: str
    rule: str
    line: int
    """Line of the page's source on which the element begins, counted from 1; 0 where it is not known."""
    text: str
    """The text, or the address."""
    note: str = ""
    """Why, where the rule does not say it all: votes, score, strongest reasons."""


class Ledger(NamedTuple):
    """All removals and rewrites of one cleaning, in source order."""

    source_sha256: str
    """Of the source's bytes, in lowercase hex."""
    clean_sha256: str
    """Of the clean text in UTF-8, in lowercase hex."""
    ruleset_sha256: str
    software: str
    state: str
    encoding: Encoding
    entries: tuple[Entry, ...]
    nodes: tuple[NodeRemoval, ...] = ()
    """Of a page, in its order."""
    rendered_sha256: str = ""
    """Of the text that a page's nodes rendered to, before the text stages, in UTF-8; empty for a text snapshot."""
    engine: str = ""
    """Digest of the versions, beside rules and software, that decided the result (`clean.version`); empty where
    nobody noted it."""

    @property
    def makers(self) -> dict[str, str]:
        """What decided the result beside the source, by key."""
        return {"ruleset_sha256": self.ruleset_sha256, "software": self.software, "engine": self.engine}

    def counts(self) -> dict[str, int]:
        """How many entries each rule has, by rule id, in alphabetical order."""
        count: dict[str, int] = {}
        for rule in [node.rule for node in self.nodes] + [entry.rule for entry in self.entries]:
            count[rule] = count.get(rule, 0) + 1
        return dict(sorted(count.items()))

    def kept(self, length: int) -> Iterator[Span]:
        """Yield the spans that no entry claims, of a source text of `length` characters."""
        return gaps_between((entry.span for entry in self.entries), length)

    def to_json_lines(self) -> str:
        """Return the ledger as JSON lines, each ended by a newline. Same ledger, same bytes."""
        head: dict[str, object] = {
            "ledger": FORMAT,
            "state": self.state,
            "source_sha256": self.source_sha256,
            "clean_sha256": self.clean_sha256,
            "ruleset_sha256": self.ruleset_sha256,
            "software": self.software,
            **({"engine": self.engine} if self.engine else {}),
            "encoding": self.encoding.name,
            "byte_order_mark": self.encoding.byte_order_mark,
            "line_end": self.encoding.line_end,
        }
        if self.rendered_sha256:
            head["rendered_sha256"] = self.rendered_sha256
        lines = [_dump(head)]
        lines += [_dump(node._asdict()) for node in self.nodes]
        for entry in self.entries:
            record: dict[str, object] = {
                "start": entry.span.start,
                "end": entry.span.end,
                "line": entry.line,
                "stage": entry.stage,
                "rule": entry.rule,
                "text": entry.text,
            }
            if isinstance(entry, Rewrite):
                record["replacement"] = entry.replacement
            lines.append(_dump(record))
        return "\n".join(lines) + "\n"

    @classmethod
    def from_json_lines(cls, text: str) -> "Ledger":
        """Read a ledger back.

        Raises LedgerError where the text is no ledger or one of a newer format.
        """
        # Not splitlines(): the texts may hold U+2028 and its like, which JSON leaves as they are.
        lines = [line for line in text.split("\n") if line]
        try:
            head, *records = [json.loads(line) for line in lines]
            if head["ledger"] != FORMAT:
                raise LedgerError(
                    f"this ledger has format {head['ledger']}; this software reads format {FORMAT}",
                    hint="Use the software version that the ledger names, or a newer one.",
                )
            return cls(
                head["source_sha256"],
                head["clean_sha256"],
                head["ruleset_sha256"],
                head["software"],
                head["state"],
                Encoding(head["encoding"], head["byte_order_mark"], head["line_end"]),
                tuple(_entry(record) for record in records if "path" not in record),
                tuple(NodeRemoval(**record) for record in records if "path" in record),
                head.get("rendered_sha256", ""),
                head.get("engine", ""),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError(f"this is not a ledger: {error}") from error


def _dump(record: Mapping[str, object]) -> str:
    line = json.dumps(record, ensure_ascii=False, separators=(", ", ": "))
    try:
        line.encode()
    except UnicodeEncodeError:  # a stray byte of the source stands in its text as a lone surrogate
        line = json.dumps(record, separators=(", ", ": "))
    return line


def _entry(record: Mapping[str, object]) -> Entry:
    start, end, line = record["start"], record["end"], record["line"]
    stage, rule, text = record["stage"], record["rule"], record["text"]
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(line, int)):
        raise TypeError("start, end and line of an entry are whole numbers")
    if not (isinstance(stage, str) and isinstance(rule, str) and isinstance(text, str)):
        raise TypeError("stage, rule and text of an entry are strings")
    if "replacement" not in record:
        return Removal(Span(start, end), stage, rule, line, text)
    replacement = record["replacement"]
    if not isinstance(replacement, str):
        raise TypeError("the replacement of an entry is a string")
    return Rewrite(Span(start, end), stage, rule, line, text, replacement)


def apply_entries(source: str, entries: tuple[Entry, ...]) -> str:
    """Return the source text with the entries carried out: the clean text."""
    pieces: list[str] = []
    position = 0
    for entry in entries:
        pieces.append(source[position : entry.span.start])
        pieces.append(entry.replacement)
        position = entry.span.end
    pieces.append(source[position:])
    return "".join(pieces)


def restore(clean: str, ledger: Ledger) -> str:
    """Return the source text from the clean text and the ledger, exactly; of a page, the text that it rendered to.

    Raises LedgerError where the clean text is not the one the ledger belongs to.
    """
    if sha256(clean.encode()).hexdigest() != ledger.clean_sha256:
        raise LedgerError(
            "the clean text is not the one that this ledger belongs to",
            hint="Somebody changed the Markdown; take the kept conversion record instead.",
        )
    pieces: list[str] = []
    position = 0  # in the clean text
    shift = 0  # how far the clean text has fallen behind the source so far
    for entry in ledger.entries:
        start = entry.span.start - shift
        pieces.append(clean[position:start])
        pieces.append(entry.text)
        position = start + len(entry.replacement)
        shift += len(entry.text) - len(entry.replacement)
    pieces.append(clean[position:])
    return "".join(pieces)


def restore_bytes(clean: str, ledger: Ledger) -> bytes:
    """Return the source's bytes from the clean text and the ledger.

    Raises LedgerError where they are not the ledger's source, byte for byte, and for a page.
    """
    if ledger.rendered_sha256:
        raise LedgerError(
            "Markdown does not hold a page's markup, so the page cannot be made from it",
            hint="The collection keeps the page's bytes; `restore` gives the text that they rendered to.",
        )
    data = ledger.encoding.encode(restore(clean, ledger))
    if sha256(data).hexdigest() != ledger.source_sha256:
        raise LedgerError("what the ledger restores is not the source that it names")
    return data


# How a stage's edits, made on the text as the stage sees it, become claims on the source.
#
# Stages run one after another, each on the text that the earlier ones left. The ledger speaks of the source alone.
# So every edit is carried back: a character of the source belongs to the first rule that claimed it, and a later
# edit that reaches into an earlier rule's replacement trims that replacement.


class Edit(NamedTuple):
    """Replace characters `start` up to `end` of the text a stage was given. Insertions have an empty range."""

    start: int
    end: int
    replacement: str
    rule: str


class SourceEdit(NamedTuple):
    """The same in characters of the source, with the stage that made it."""

    start: int
    end: int
    replacement: str
    stage: str
    rule: str


def apply_source_edits(source: str, claims: Iterable[SourceEdit]) -> str:
    """Return the source with all claims carried out: the text that the next stage sees."""
    pieces: list[str] = []
    position = 0
    for claim in claims:
        if position < claim.start:
            pieces.append(source[position : claim.start])
        if claim.replacement:
            pieces.append(claim.replacement)
        position = claim.end
    pieces.append(source[position:])
    return "".join(pieces)


def compose_edits(claims: Sequence[SourceEdit], edits: Sequence[Edit], stage: str, length: int) -> list[SourceEdit]:
    """Return the claims on a source of `length` characters after `edits` of one more stage.

    `claims` and `edits` are each sorted and free of overlaps; the edits' positions are in the text that
    `carry_out(source, claims)` gives.
    """
    if not claims:
        return [SourceEdit(edit.start, edit.end, edit.replacement, stage, edit.rule) for edit in edits]
    sweep = _Sweep(edits, stage)
    position = 0
    for number, claim in enumerate(claims):
        sweep.kept(position, claim.start)
        if sweep.over:
            return sweep.claims + list(claims[number:])
        sweep.replaced(claim)
        position = claim.end
    sweep.kept(position, length)
    sweep.rest(length)
    return sweep.claims


class _Sweep:
    """Walks once over the pieces of the current text, kept ones and replacements, with the edits beside them."""

    def __init__(self, edits: Sequence[Edit], stage: str) -> None:
        self.claims: list[SourceEdit] = []
        self._edits = edits
        self._stage = stage
        self._next = 0  # the first edit that does not end before the current position
        self._written = False  # whether that edit's replacement is placed already
        self._position = 0  # in the current text

    @property
    def over(self) -> bool:
        """Whether no edit is left."""
        return self._next == len(self._edits)

    def kept(self, start: int, end: int) -> None:
        """Pass a piece of the source, `start` up to `end`, that stands in the current text as it is."""
        first = self._position
        position = self._position = first + end - start
        while self._next < len(self._edits):
            at, until, _, rule = edit = self._edits[self._next]
            if at >= position:
                return
            left = start + at - first if at > first else start
            right = start + until - first if until < position else end
            if left < right or at == until:
                self.claims.append(SourceEdit(left, right, self._replacement(edit), self._stage, rule))
            if until > position:
                return
            self._advance()

    def replaced(self, claim: SourceEdit) -> None:
        """Pass an earlier claim, whose replacement stands in the current text."""
        first, self._position = self._position, self._position + len(claim.replacement)
        if not claim.replacement or self.over or self._edits[self._next].start >= self._position:
            self.claims.append(claim)
            return
        text, taken = [], 0
        while self._next < len(self._edits):
            edit = self._edits[self._next]
            if edit.start >= self._position:
                break
            text.append(claim.replacement[taken : max(edit.start - first, 0)])
            text.append(self._replacement(edit))
            taken = max(taken, min(edit.end - first, len(claim.replacement)))
            if edit.end > self._position:
                break
            self._advance()
        text.append(claim.replacement[taken:])
        self.claims.append(claim._replace(replacement="".join(text)))

    def rest(self, length: int) -> None:
        """Place the insertions at the very end."""
        for edit in self._edits[self._next :]:
            if edit.start == self._position:
                self.claims.append(SourceEdit(length, length, edit.replacement, self._stage, edit.rule))

    def _replacement(self, edit: Edit) -> str:
        """The edit's replacement, for the first of the pieces that it touches."""
        text = "" if self._written else edit.replacement
        self._written = True
        return text

    def _advance(self) -> None:
        self._next += 1
        self._written = False
