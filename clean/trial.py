"""Rules tried on their own examples: a rule that does not do what its example says is no rule."""

from collections.abc import Iterator
from typing import NamedTuple

from clean.document import Cleaned
from clean.errors import SourceError
from clean.pipeline import clean
from clean.rules import LABEL, PAGE_STAGES, STAGE, Example, Rule, Ruleset

__all__ = ["TrialFault", "trials"]


class TrialFault(NamedTuple):
    """One example that is not as the rule says."""

    rule: Rule
    example: Example
    counter: bool
    """Whether the example is a counter-example."""
    reason: str
    """`silent`: the rule does not fire. `fires`: it fires where it must not. `differs`: the text is another."""
    got: str


def trials(rule: Rule, ruleset: Ruleset) -> Iterator[TrialFault | None]:
    """Try every example and counter-example of a rule; yield a Fault, or None where all is as the rule says.

    An example's `after` without front matter is compared with the body alone, and for a page without the line end at
    its end. A counter-example says only that this rule stays silent: other rules may act on it. A learned rule is tried
    without the other learned ones, each of which is approved or not by itself.
    """
    if rule.stage == STAGE:
        ruleset = Ruleset(one for one in ruleset.rules if one.stage != STAGE or one is rule)
    for example in rule.examples:
        result = _clean(rule, example, ruleset)
        got = _comparable(rule, result, example.after) if result else ""
        if result and not _fired(rule, result) and example != Example("", ""):
            yield TrialFault(rule, example, False, "silent", got)
        elif got != example.after:
            yield TrialFault(rule, example, False, "differs", got)
        else:
            yield None
    for example in rule.counter_examples:
        result = _clean(rule, example, ruleset)
        if result and _fired(rule, result):
            yield TrialFault(rule, example, True, "fires", _comparable(rule, result, ""))
        else:
            yield None


def _clean(rule: Rule, example: Example, ruleset: Ruleset) -> Cleaned | None:
    profile = None if rule.profile == "any" else rule.profile
    try:
        if rule.stage in PAGE_STAGES:
            from clean.page import clean_page  # heavy, and not needed for the rules of text

            return clean_page(example.before.encode(), ruleset=ruleset, profile=profile)
        return clean(example.before.encode(), ruleset=ruleset, profile=profile)
    except SourceError:
        return None


def _fired(rule: Rule, result: Cleaned) -> bool:
    if rule.match == LABEL:
        return rule.options["fact"] in result.facts
    return rule.id in result.ledger.counts()


def _comparable(rule: Rule, result: Cleaned, wanted: str) -> str:
    text = result.markdown or ""
    if rule.stage in PAGE_STAGES:
        text = text.removesuffix("\n")
    if wanted.startswith("---\n") or not text.startswith("---\n"):
        return text
    return text.partition("\n---\n")[2].removeprefix("\n")
