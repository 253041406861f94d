"""What a learned rule has beyond a hand-written one: where it may act, what it was learned from, what was decided."""

from collections.abc import Mapping
from typing import Any

from clean.errors import RuleError
from clean.suggest import suggest

__all__ = ["ACTIVE", "KEYS", "LABEL", "MATCHES", "STAGE", "STATES", "TIERS", "check"]

STAGE = "learned"

STATES: Mapping[str, str] = {
    "proposed": "nobody has decided",
    "approved": "a person approved it",
    "rejected": "a person rejected it; it is not proposed again",
    "dormant": "approved, and has stopped firing on new pages; old ones still have what it names",
    "suspended": "approved once, and held back since, because it fires in the wrong place or takes too much",
}

ACTIVE = frozenset({"approved", "dormant"})
"""States in which a rule applies: in both a person has approved it."""

TIERS: Mapping[str, str] = {
    "A": "in a run at the edge, on most pages of some time, and nothing speaks against it: ticked",
    "B": "repeated as often, but alone, in the middle, or with something to consider: not ticked",
    "C": "repeated less often, inside a zone of repetition: to be looked at line by line",
    "D": "a label with changing text: its text is kept as a fact, nothing is removed",
}

ZONES = ("head", "tail", "middle")

LABEL = "label"

MATCHES = frozenset({"run", "list", LABEL})
"""`run`: lines that go together. `list`: the same, and the list of the source's own articles below the last of them.
`label`: a line that begins so names a fact; it stays."""

KEYS: Mapping[str, type] = {
    "least": int,
    "reach": int,
    "prose": int,
    "tier": str,
    "evidence": dict,
    "decision": dict,
}


def check(place: str, entry: Mapping[str, Any]) -> None:
    """Check what is a learned rule's own. Raises RuleError with file and line."""
    for key in ("source", "zone", "state", "text"):
        if not entry.get(key):
            raise RuleError(f"{place}: a learned rule needs a {key!r}")
    for key, known in (("state", STATES), ("zone", ZONES), ("tier", TIERS)):
        value = entry.get(key)
        if value is not None and value not in known:
            raise RuleError(f"{place}: the {key} {value!r} is not known in a learned rule{suggest(str(value), known)}")
    texts = [entry["text"]] if isinstance(entry["text"], str) else entry["text"]
    is_label = entry["match"] == LABEL
    numbers = {"reach": 1, "prose": 0} if is_label else {"reach": 0, "prose": 0, "least": 1}
    for key, smallest in numbers.items():
        number = entry.get(key)
        if not isinstance(number, int) or number < smallest:
            raise RuleError(f"{place}: a learned rule needs {key!r}, a whole number from {smallest} on")
    if entry["match"] == "list" and entry["zone"] != "tail":
        raise RuleError(f"{place}: lists of other articles stand in the 'tail'; elsewhere they are an article's own")
    if entry.get("least", 0) > len(texts):
        raise RuleError(f"{place}: 'least' is {entry['least']}, and the rule has only {len(texts)} lines")
    if is_label:
        if not entry.get("fact"):
            raise RuleError(f"{place}: a rule that matches by 'label' needs a 'fact'")
        return
    from clean.learn.normal import normal  # its expressions cost 7 ms, which most cleaning does not need

    for text in texts:
        wanted = normal(str(text)).text
        if wanted != text:
            hint = f"Write {wanted!r}." if wanted else "A line of symbols alone is never removed; leave it out."
            raise RuleError(f"{place}: {text!r} is not as lines are compared, so it would never be found", hint=hint)
