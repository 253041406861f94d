"""What needs eyes, the riskiest first: the items, their risk, filters and groups. Pure; `store.py` has the effects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from archive.catalogue.history import CAPTURED, FIRST, RECLEANED, Change
from archive.collection.decisions import UNDONE, Decision, Seen

__all__ = [
    "ORDERS", "PENDING", "RISKS", "STATES", "TRAITS", "Facts", "Filter", "Item", "Place", "arranged", "filtered",
    "grouped", "item_of", "place_of",
]  # fmt: skip

PENDING = "pending"
STATES = (PENDING, "accepted", "rejected", "needs-work", "superseded")
"""An item's state: its decision, where that is about what is seen now; `superseded`: no capture has the text now."""


class Risk(NamedTuple):
    """Something about a change, and how much it speaks for a person looking at it."""

    trait: str
    weight: int
    """From 100, which is looked at first."""
    why: str


RISKS = (
    Risk("unexplained", 100, "text went, and no rule of the ledger says why"),
    Risk("damaged", 95, "its records cannot be read"),
    Risk("large", 80, "cleaning took more of the source than it does of nearly all others"),
    Risk("by-model", 70, "the block model, not a rule, left out a long text"),
    Risk("image-lost", 65, "an image went"),
    Risk("image", 60, "an image is another one now"),
    Risk("prose-gone", 50, "the source has a paragraph less"),
    Risk("text", 40, "words changed inside of paragraphs"),
    Risk("prose-new", 35, "the source has a paragraph more"),
    Risk("moved", 30, "a paragraph stands elsewhere"),
    Risk("front-matter", 20, "title, date or another fact changed"),
    Risk("first", 10, "a new article, cleaned by rules alone"),
    Risk("chrome", 5, "only interface text or white space changed"),
    Risk("waiting", 1, "nobody has compared its texts yet; that goes on while the page is open"),
)
"""In the order of their weight. An item has the weight of its heaviest trait."""

TRAITS = tuple(risk.trait for risk in RISKS)
_WEIGHT = {risk.trait: risk.weight for risk in RISKS}

LEVELS = ((80, "high"), (40, "middle"), (0, "low"))

ORDERS = ("risk", "newest", "share", "title")


class Facts(NamedTuple):
    """What a comparison and a ledger say of a change; kept beside the catalogue, and made again when it is lost."""

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

    @property
    def share(self) -> float:
        """Share of the source that cleaning took."""
        return self.taken / self.source_length if self.source_length else 0.0

    @property
    def pieces(self) -> int:
        """How many pieces cleaning took or rewrote."""
        return sum(self.rules.values())


class Item(NamedTuple):
    """A change with what is known of it."""

    change: Change
    facts: Facts
    state: str
    decision: Decision | None
    """The last one, whether it still counts or not."""
    risk: int
    """The weight of the heaviest trait."""

    @property
    def id(self) -> str:
        """Name of the item, as the change has it."""
        return self.change.id

    @property
    def seen(self) -> str:
        """What a decision is bound to: the difference and the rules."""
        return f"{self.facts.diff_sha256[:32]}-{self.change.ruleset_sha256[:32]}"

    @property
    def as_seen(self) -> Seen:
        """The same, for a decision."""
        return Seen(self.id, self.facts.diff_sha256, self.change.ruleset_sha256)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Traits that speak for a look, the weightiest first."""
        return tuple(sorted(self.facts.traits, key=lambda trait: -_WEIGHT[trait]))

    @property
    def level(self) -> str:
        """`high`, `middle` or `low`."""
        return next(name for least, name in LEVELS if self.risk >= least)


def state_of(change: Change, facts: Facts, decision: Decision | None) -> str:
    """Return the state of an item: its decision, where that is about what is seen now."""
    if (
        decision is not None
        and decision.verdict != UNDONE
        and (decision.diff_sha256, decision.ruleset_sha256) == (facts.diff_sha256, change.ruleset_sha256)
    ):
        return decision.verdict
    return PENDING if change.held else "superseded"


def item_of(change: Change, facts: Facts, decision: Decision | None) -> Item:
    """Put an item together."""
    state = state_of(change, facts, decision)
    return Item(change, facts, state, decision, max((_WEIGHT[trait] for trait in facts.traits), default=0))


class Filter(NamedTuple):
    """Conditions that hold together; an empty one holds for every item. The names are those in the address."""

    state: str = PENDING
    """One of STATES, or `any`."""
    source: str = ""
    came: str = ""
    """Why the text came: a kind of `archive.catalogue.history`."""
    kind: str = ""
    """A trait."""
    rule: str = ""
    share: int = 0
    """Percent of the source that was taken, at least."""
    since: str = ""
    """Day of the capture, as the next."""
    until: str = ""
    reviewer: str = ""
    order: str = "risk"

    def fields(self) -> dict[str, object]:
        """Return what differs from the plain queue, for an address."""
        plain = Filter()
        return {name: value for name, value in self._asdict().items() if value != getattr(plain, name)}

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """Read the fields of an address; what is not known is as if it were not there."""
        found: dict[str, Any] = {name: query[name].strip() for name in cls._fields if query.get(name, "").strip()}
        share = found.get("share", "0")
        found["share"] = min(int(share), 100) if share.isdecimal() and len(share) <= 3 else 0
        known = {"state": (*STATES, "any"), "came": (FIRST, CAPTURED, RECLEANED), "kind": TRAITS, "order": ORDERS}
        for name, values in known.items():
            if name in found and found[name] not in values:
                del found[name]
        return cls(**found)


def filtered(items: Iterable[Item], wanted: Filter) -> list[Item]:
    """Return the items for which all conditions hold."""
    return [item for item in items if _holds(item, wanted)]


def _holds(item: Item, wanted: Filter) -> bool:
    change, facts = item.change, item.facts
    return (
        wanted.state in {"any", item.state}
        and wanted.source in {"", change.source}
        and wanted.came in {"", change.kind}
        and (not wanted.kind or wanted.kind in facts.traits)
        and (not wanted.rule or wanted.rule in facts.rules)
        and (not wanted.share or facts.share * 100 >= wanted.share)
        and (not wanted.since or change.fetched_at >= wanted.since)
        and (not wanted.until or change.fetched_at[: len(wanted.until)] <= wanted.until)
        and (not wanted.reviewer or (item.decision is not None and item.decision.reviewer == wanted.reviewer))
    )


def arranged(items: Iterable[Item], order: str) -> list[Item]:
    """Return the items in an order; those that are equal in it, the newest capture first."""
    newest = sorted(items, key=lambda item: (item.change.fetched_at, item.id), reverse=True)
    if order == "risk":
        newest.sort(key=lambda item: (-item.risk, -item.facts.removed))
    elif order == "share":
        newest.sort(key=lambda item: -item.facts.share)
    elif order == "title":
        newest.sort(key=lambda item: item.change.title)
    return newest


def grouped(items: Sequence[Item]) -> list[list[Item]]:
    """Put items of the same signature together, at the place of the first of them."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.facts.signature, []).append(item)
    return list(groups.values())


class Place(NamedTuple):
    """Where an item stands among others."""

    number: int
    """From 1; 0 where it is not among them."""
    total: int
    previous: str
    """Id of the item before it; empty where there is none, as the next."""
    next: str


def place_of(item: str, items: Sequence[Item]) -> Place:
    """Return where an item stands."""
    ids = [each.id for each in items]
    if item not in ids:
        return Place(0, len(ids), "", ids[0] if ids else "")
    at = ids.index(item)
    return Place(at + 1, len(ids), ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "")
