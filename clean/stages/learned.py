"""What a source repeats, as far as a person approved its removal. Most rulesets have no learned rule."""

from clean.learn.form import STAGE
from clean.stages.stage import Found, Ruleset, View

__all__ = ["learned"]


def learned(view: View, ruleset: Ruleset) -> Found:
    """Remove the runs that the approved rules of the page's source name; facts: what their labels say."""
    if not ruleset.compiled(STAGE, _has_learned):
        return Found()
    from clean.learn.applying import applied  # its expressions cost 8 ms, which no other cleaning needs

    return applied(view, ruleset)


def _has_learned(ruleset: Ruleset) -> bool:
    return any(rule.stage == STAGE for rule in ruleset.rules)
