"""The queue of one collection, as it is at this moment: changes, the facts about them, and what was decided.

To say what changed, two texts and a ledger are read and compared. That takes milliseconds an item, too long for ten
thousand of them whenever a page is opened, so what came out is kept (`facts_file.py`). What was never compared is
compared in the background while the page is open, and stands in the queue meanwhile, as waiting.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from archive.catalogue.history import Change, changes
from archive.collection.collection import Holdings
from archive.collection.decisions import Decision, latest
from archive.errors import ArchiveError, storage_errors
from clean.errors import CleanError
from xuanzhi.review.comparing import diff_sha256, facts_of
from xuanzhi.review.facts_file import FactsFile
from xuanzhi.review.queue import Facts, Item, item_of
from xuanzhi.review.texts import Texts

__all__ = ["FEW", "Store"]

FEW = 20
"""So many are compared before a page is shown."""

_AT_ONCE = 50
"""Changes that are compared with the collection opened once."""


class Store:
    """The queue. May be used by several threads."""

    def __init__(self, path: Path) -> None:
        """Take the folder of the collection; nothing is read yet."""
        self._path = path
        self._file = FactsFile(path)
        self._lock = Lock()
        self._worker: Thread | None = None
        self._facts: dict[str, Facts] | None = None
        self._stamp: Any = None
        self._decided = 0
        self._changes: list[Change] = []
        self._decisions: dict[str, Decision] = {}
        self._items: dict[str, Item] | None = None

    def items(self) -> list[Item]:
        """Return all items, in the order in which they came. Raises what `Holdings.open` raises."""
        return list(self._known().values())

    def item(self, name: str) -> Item | None:
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

    def complete(self, told: Callable[[], object] = lambda: None) -> None:
        """Compare all that was not compared yet; `told` is called after each. Raises the same."""
        with self._lock:
            self._look()
            missing = self._missing()
        self._compare(missing, told)

    def _known(self) -> dict[str, Item]:
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
        with Holdings.open(self._path) as holdings:
            stamp = _stamp(holdings)
            if stamp != self._stamp:
                self._changes = changes(holdings.catalogue)
                self._stamp, self._items = stamp, None
            with storage_errors(holdings.catalogue.path, reading=True):
                (decided,) = holdings.catalogue.one("SELECT count(*) FROM decision")
            if decided != self._decided:
                self._decisions = latest(holdings.catalogue)
                self._decided, self._items = decided, None

    def _missing(self) -> list[Change]:
        known = self._facts or {}
        return [change for change in self._changes if change.id not in known]

    def _item(self, change: Change) -> Item:
        facts = (self._facts or {}).get(change.id) or _without(change, "waiting")
        decision = self._decisions.get(change.id)
        return item_of(change, facts, decision)

    def _begin(self, missing: Sequence[Change]) -> None:
        """Compare in the background, unless that is being done."""
        with self._lock:
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._work, args=(missing,), daemon=True)
                self._worker.start()

    def _work(self, missing: Sequence[Change]) -> None:
        with suppress(ArchiveError):  # then the next page begins anew
            self._compare(missing)

    def _compare(self, missing: Sequence[Change], told: Callable[[], object] = lambda: None) -> None:
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            with Holdings.open(self._path) as holdings:
                found = {change.id: _facts(holdings, change) for change in some}
            self._file.write({name: facts for name, facts in found.items() if "damaged" not in facts.traits})
            with self._lock:
                self._facts = {**(self._facts or {}), **found}
                self._items = None
            for _ in some:
                told()


def _facts(holdings: Holdings, change: Change) -> Facts:
    try:
        return facts_of(Texts(holdings, change))
    except (ArchiveError, CleanError):
        return _without(change, "damaged")


def _without(change: Change, trait: str) -> Facts:
    """Return the facts of a change that was not compared."""
    return Facts(diff_sha256(change), change.id, (trait,), 0, 0, 0, 0, {})


def _stamp(holdings: Holdings) -> tuple[Any, ...]:
    """Return what is another whenever the queue may be another."""
    catalogue = holdings.catalogue
    with storage_errors(catalogue.path, reading=True):
        numbers = catalogue.one(
            "SELECT (SELECT max(id) FROM cleaning), (SELECT count(*) FROM version), (SELECT count(*) FROM article)"
        )
        # A catalogue that was made again has its tables anew, and perhaps other numbers of rows.
        made = catalogue.one("PRAGMA schema_version")
        return (catalogue.path.stat().st_ino, *made, *numbers)
