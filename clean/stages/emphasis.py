"""Emphasis that CommonMark would show as asterisks is written so that it renders."""

from collections.abc import Sequence

from clean.commonmark.emphasis import repair_emphasis
from clean.commonmark.repair import UNCLOSED
from clean.edits import Claim, carry_out, compose
from clean.stages.stage import Edit, Found, Ruleset, View

__all__ = ["emphasis"]

MOST_PASSES = 4
"""Mending an emphasis that crosses paragraphs can show that another one does, too; two passes are the most seen."""


def emphasis(view: View, ruleset: Ruleset) -> Found:
    """Mend emphasis; only asterisks are touched, no character of the text."""
    if "*" not in view.text:
        return Found()
    claims: list[Claim] = []
    text = view.text
    for _ in range(MOST_PASSES):
        repairs = repair_emphasis(text)
        claims = compose(claims, [Edit(*repair) for repair in repairs], "emphasis", len(view.text))
        if not any(repair.rule == UNCLOSED for repair in repairs):
            break
        text = carry_out(view.text, claims)
    return Found(_edits(claims))


def _edits(claims: Sequence[Claim]) -> list[Edit]:
    return [Edit(claim.start, claim.end, claim.replacement, claim.rule) for claim in claims]
