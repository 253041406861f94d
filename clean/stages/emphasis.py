"""Emphasis that CommonMark would show as asterisks is written so that it renders."""

from clean.stages.found import Edit, Found, Ruleset, View

__all__ = ["emphasis"]


def emphasis(view: View, ruleset: Ruleset) -> Found:
    """Mend emphasis; only asterisks are touched, no character of the text."""
    if "*" not in view.text:
        return Found()
    from clean.commonmark.emphasis import repair_emphasis

    return Found([Edit(*repair) for repair in repair_emphasis(view.text)])
