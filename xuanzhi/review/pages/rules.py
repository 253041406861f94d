"""The rules in use, and each one whole: what it takes, why, its examples, and where it fired."""

from starlette.responses import Response

from xuanzhi.review.request import Asked

__all__ = ["rule", "rules"]

FEW = 20
"""Items that the page of a rule names."""


def rules(asked: Asked) -> Response:
    """List all rules by their stage, with how often each fired."""
    uses = asked.room.queue.uses()
    stages: dict[str, list[object]] = {}
    for each in asked.room.ruleset.rules:
        stages.setdefault(each.stage, []).append(each)
    return asked.page("rules.html", stages=stages, uses=uses)


def rule(asked: Asked) -> Response:
    """Show one rule whole."""
    found = asked.room.ruleset.by_id.get(asked.path["rule"])
    if found is None:
        return asked.nothing_here()
    items = [item for item in asked.room.queue.items() if found.id in item.facts.rules]
    return asked.page("rule.html", rule=found, items=items[:FEW], count=len(items))
