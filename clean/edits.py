"""How a stage's edits, made on the text as the stage sees it, become claims on the source.

Stages run one after another, each on the text that the earlier ones left. The ledger speaks of the source alone.
So every edit is carried back: a character of the source belongs to the first rule that claimed it, and a later
edit that reaches into an earlier rule's replacement trims that replacement.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["Claim", "Edit", "carry_out", "compose"]


class Edit(NamedTuple):
    """Replace characters `start` up to `end` of the text a stage was given. Insertions have an empty range."""

    start: int
    end: int
    replacement: str
    rule: str


class Claim(NamedTuple):
    """The same in characters of the source, with the stage that made it."""

    start: int
    end: int
    replacement: str
    stage: str
    rule: str


def carry_out(source: str, claims: Iterable[Claim]) -> str:
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


def compose(claims: Sequence[Claim], edits: Sequence[Edit], stage: str, length: int) -> list[Claim]:
    """Return the claims on a source of `length` characters after `edits` of one more stage.

    `claims` and `edits` are each sorted and free of overlaps; the edits' positions are in the text that
    `carry_out(source, claims)` gives.
    """
    if not claims:
        return [Claim(edit.start, edit.end, edit.replacement, stage, edit.rule) for edit in edits]
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
        self.claims: list[Claim] = []
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
        first, self._position = self._position, self._position + end - start
        while self._next < len(self._edits):
            edit = self._edits[self._next]
            if edit.start >= self._position:
                return
            left = start + max(edit.start - first, 0)
            right = start + min(edit.end - first, end - start)
            if left < right or edit.start == edit.end:
                self.claims.append(Claim(left, right, self._replacement(edit), self._stage, edit.rule))
            if edit.end > self._position:
                return
            self._advance()

    def replaced(self, claim: Claim) -> None:
        """Pass an earlier claim, whose replacement stands in the current text."""
        if not claim.replacement:
            self.claims.append(claim)
            return
        first, self._position = self._position, self._position + len(claim.replacement)
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
                self.claims.append(Claim(length, length, edit.replacement, self._stage, edit.rule))

    def _replacement(self, edit: Edit) -> str:
        """The edit's replacement, for the first of the pieces that it touches."""
        text = "" if self._written else edit.replacement
        self._written = True
        return text

    def _advance(self) -> None:
        self._next += 1
        self._written = False
