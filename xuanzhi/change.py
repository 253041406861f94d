"""What cleaning anew changed in one capture: both texts, both ledgers, and how far they are from each other."""

from collections import Counter
from typing import NamedTuple

from clean.ledger import Ledger

__all__ = ["Change", "removed_characters"]


class Change(NamedTuple):
    """One capture before and after. Can be sent to another process."""

    name: str
    """The snapshot's file, or the address as given."""
    article: str
    """Key of its article."""
    markdown: str | None
    """The article's Markdown file, relative to the collection."""
    state_before: str
    state_after: str
    before: str
    """The clean text; empty where there was no article."""
    after: str
    rules_before: dict[str, int]
    """Entries of each rule in the ledger."""
    rules_after: dict[str, int]
    removed_before: int
    """Characters that the ledger names as removed."""
    removed_after: int
    ledgers: tuple[Ledger | None, Ledger | None] = (None, None)
    """Before and after, where a difference is to be shown."""

    @property
    def size(self) -> int:
        """Characters of the lines that stand in one of the two texts and not in the other."""
        before, after = (Counter(text.split("\n")) for text in (self.before, self.after))
        return sum(len(line) * count for line, count in ((before - after) + (after - before)).items())

    @property
    def rules(self) -> dict[str, int]:
        """By how many entries each rule has more now, or fewer where it is negative; none that has as many."""
        names = sorted({*self.rules_before, *self.rules_after})
        moved = {name: self.rules_after.get(name, 0) - self.rules_before.get(name, 0) for name in names}
        return {name: count for name, count in moved.items() if count}


def removed_characters(ledger: Ledger) -> int:
    """Return how many characters a ledger takes away, 0 or more.

    What is rewritten counts by what it became shorter. What became longer, such as a front matter that gained facts,
    was not removed, and makes up for nothing that was removed elsewhere.
    """
    of_text = sum(max(0, len(entry.text) - len(entry.replacement)) for entry in ledger.entries)
    return of_text + sum(len(node.text) for node in ledger.nodes if node.kind == "text")
