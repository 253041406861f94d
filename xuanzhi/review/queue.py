"""The review queue: changes by risk, with their traits, filters and groups.

What was never compared is compared in the background while the page is open, and stands in the queue meanwhile, as
waiting.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

from archive.catalogue.current import DOUBTS
from archive.catalogue.history import CAPTURED, FIRST, RECLEANED, VersionChange, VersionsMark
from archive.collection.decisions import UNDONE, Decision, ReviewBasis
from archive.collection.reader import CollectionReader
from archive.errors import ArchiveError
from xuanzhi.review.traits import ChangeTraits, TraitsDatabase, traits_or_damage, without_comparison

__all__ = [
    "FEW",
    "ORDERS",
    "PENDING",
    "RISKS",
    "STATES",
    "TRAITS",
    "QueueFilter",
    "QueuePlace",
    "ReviewItem",
    "ReviewQueue",
    "filter_items",
    "group_items",
    "queue_place",
    "review_item",
    "sort_items",
]

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
    *(Risk(doubt, 90, "the text does not look like the article that stood there") for doubt in DOUBTS),
    Risk("low-confidence", 85, "the text is expected to miss much of the page's content, or to hold much else"),
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


class ReviewItem(NamedTuple):
    """A change with what is known of it."""

    change: VersionChange
    facts: ChangeTraits
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
    def as_seen(self) -> ReviewBasis:
        """The same, for a decision."""
        return ReviewBasis(self.id, self.facts.diff_sha256, self.change.ruleset_sha256, self.change.key)

    @property
    def traits(self) -> tuple[str, ...]:
        """Traits of the change, and why its text is doubtful."""
        return (*self.change.doubts, *self.facts.traits)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Traits that speak for a look, the weightiest first."""
        return tuple(sorted(self.traits, key=lambda trait: -_WEIGHT[trait]))

    @property
    def level(self) -> str:
        """`high`, `middle` or `low`."""
        return next(name for least, name in LEVELS if self.risk >= least)


def state_of(change: VersionChange, facts: ChangeTraits, decision: Decision | None) -> str:
    """Return the state of an item: its decision, where that is about what is seen now."""
    if (
        decision is not None
        and decision.verdict != UNDONE
        and (decision.diff_sha256, decision.ruleset_sha256) == (facts.diff_sha256, change.ruleset_sha256)
    ):
        return decision.verdict
    return PENDING if change.held else "superseded"


def review_item(change: VersionChange, facts: ChangeTraits, decision: Decision | None) -> ReviewItem:
    """Put an item together."""
    state = state_of(change, facts, decision)
    traits = (*change.doubts, *facts.traits)
    return ReviewItem(change, facts, state, decision, max((_WEIGHT[trait] for trait in traits), default=0))


class QueueFilter(NamedTuple):
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
        plain = QueueFilter()
        return {name: value for name, value in self._asdict().items() if value != getattr(plain, name)}

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "QueueFilter":
        """Read the fields of an address; what is not known is as if it were not there."""
        found: dict[str, Any] = {name: query[name].strip() for name in cls._fields if query.get(name, "").strip()}
        share = found.get("share", "0")
        found["share"] = min(int(share), 100) if share.isdecimal() and len(share) <= 3 else 0
        known = {"state": (*STATES, "any"), "came": (FIRST, CAPTURED, RECLEANED), "kind": TRAITS, "order": ORDERS}
        for name, values in known.items():
            if name in found and found[name] not in values:
                del found[name]
        return cls(**found)


def filter_items(items: Iterable[ReviewItem], wanted: QueueFilter) -> list[ReviewItem]:
    """Return the items for which all conditions hold."""
    return [item for item in items if _holds(item, wanted)]


def _holds(item: ReviewItem, wanted: QueueFilter) -> bool:
    change, facts = item.change, item.facts
    return (
        wanted.state in {"any", item.state}
        and wanted.source in {"", change.source}
        and wanted.came in {"", change.kind}
        and (not wanted.kind or wanted.kind in item.traits)
        and (not wanted.rule or wanted.rule in facts.rules)
        and (not wanted.share or facts.share * 100 >= wanted.share)
        and (not wanted.since or change.fetched_at >= wanted.since)
        and (not wanted.until or change.fetched_at[: len(wanted.until)] <= wanted.until)
        and (not wanted.reviewer or (item.decision is not None and item.decision.reviewer == wanted.reviewer))
    )


def sort_items(items: Iterable[ReviewItem], order: str) -> list[ReviewItem]:
    """Return the items in an order; those that are equal in it, the newest capture first."""
    newest = sorted(items, key=lambda item: (item.change.fetched_at, item.id), reverse=True)
    if order == "risk":
        newest.sort(key=lambda item: (-item.risk, _confidence(item), -item.facts.removed))
    elif order == "share":
        newest.sort(key=lambda item: -item.facts.share)
    elif order == "title":
        newest.sort(key=lambda item: item.change.title)
    return newest


def _confidence(item: ReviewItem) -> float:
    """Return the confidence of an item that is looked at for it: the lowest comes first. Others are as if certain."""
    return item.facts.confidence or 0.0 if "low-confidence" in item.facts.traits else 1.0


def group_items(items: Sequence[ReviewItem]) -> list[list[ReviewItem]]:
    """Put items of the same signature together, at the place of the first of them."""
    groups: dict[str, list[ReviewItem]] = {}
    for item in items:
        groups.setdefault(item.facts.signature, []).append(item)
    return list(groups.values())


class QueuePlace(NamedTuple):
    """The place of an item in the queue."""

    number: int
    """From 1; 0 where it is not among them."""
    total: int
    previous: str
    """Id of the item before it; empty where there is none, as the next."""
    next: str


def queue_place(item: str, items: Sequence[ReviewItem]) -> QueuePlace:
    """Return where an item stands."""
    ids = [each.id for each in items]
    if item not in ids:
        return QueuePlace(0, len(ids), "", ids[0] if ids else "")
    at = ids.index(item)
    return QueuePlace(at + 1, len(ids), ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "")


FEW = 20
"""So many are compared before a page is shown."""

_AT_ONCE = 50
"""Changes that are compared with the collection opened once."""


class ReviewQueue:
    """The queue of one collection. May be used by several threads."""

    def __init__(self, path: Path) -> None:
        """Take the folder of the collection; nothing is read yet."""
        self._path = path
        self._file = TraitsDatabase(path)
        self._lock = Lock()
        self._worker: Thread | None = None
        self._facts: dict[str, ChangeTraits] | None = None
        self._mark: VersionsMark | None = None
        self._decided = 0
        self._changes: list[VersionChange] = []
        self._decisions: dict[str, Decision] = {}
        self._items: dict[str, ReviewItem] | None = None

    def items(self) -> list[ReviewItem]:
        """Return all items, in the order in which they came. Raises what `CollectionReader.open` raises."""
        return list(self._known().values())

    def item(self, name: str) -> ReviewItem | None:
        """Return one item by its id; None where there is none. Raises the same."""
        return self._known().get(name)

    def uses(self) -> dict[str, int]:
        """Return how often each rule fired in the texts that are held. Raises the same."""
        count: Counter[str] = Counter()
        for item in self.items():
            if item.change.held:
                count.update(item.facts.rules)
        return dict(count)

    def waiting(self) -> int:
        """Return how many changes were not compared yet. Raises the same."""
        with self._lock:
            self._look()
            return len(self._missing())

    def complete(self, advance: Callable[[], object] = lambda: None) -> None:
        """Compare all that was not compared yet; `advance` is called after each. Raises the same."""
        with self._lock:
            self._look()
            missing = self._missing()
        self._compare(missing, advance)

    def _known(self) -> dict[str, ReviewItem]:
        with self._lock:
            self._look()
            missing = self._missing()
        self._compare(missing[:FEW])
        if len(missing) > FEW:
            self._begin(missing[FEW:])
        with self._lock:
            if self._items is None:
                self._items = {change.id: self._item(change) for change in self._changes}
            return self._items

    def _look(self) -> None:
        """See whether the collection is as it was."""
        if self._facts is None:
            self._facts = self._file.read()
        with CollectionReader.open(self._path) as collection:
            mark = collection.versions_mark()
            if mark != self._mark:
                self._changes = collection.changes()
                self._mark, self._items = mark, None
            decided = collection.count_decisions()
            if decided != self._decided:
                self._decisions = collection.latest_decisions()
                self._decided, self._items = decided, None

    def _missing(self) -> list[VersionChange]:
        known = self._facts or {}
        return [change for change in self._changes if change.id not in known]

    def _item(self, change: VersionChange) -> ReviewItem:
        facts = (self._facts or {}).get(change.id) or without_comparison(change, "waiting")
        decision = self._decisions.get(change.id)
        return review_item(change, facts, decision)

    def _begin(self, missing: Sequence[VersionChange]) -> None:
        """Compare in the background, unless that is being done."""
        with self._lock:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._work, args=(missing,), daemon=True)
                self._worker.start()

    def _work(self, missing: Sequence[VersionChange]) -> None:
        with suppress(ArchiveError):  # then the next page begins anew
            self._compare(missing)

    def _compare(self, missing: Sequence[VersionChange], advance: Callable[[], object] = lambda: None) -> None:
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            with CollectionReader.open(self._path) as collection:
                found = {change.id: traits_or_damage(collection, change) for change in some}
            self._file.write({name: facts for name, facts in found.items() if "damaged" not in facts.traits})
            with self._lock:
                self._facts = {**(self._facts or {}), **found}
                self._items = None
            for _ in some:
                advance()
