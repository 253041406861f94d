"""The texts of a version: its Markdown, its ledger, and the source that both give back."""

from functools import cached_property

from archive.catalogue.history import Change
from archive.collection.collection import Holdings
from clean import frontmatter
from clean.ledger import Ledger, restore

__all__ = ["Texts", "body"]


class Texts:
    """What a change is about, each text read when it is first wanted; while the collection is open."""

    def __init__(self, holdings: Holdings, change: Change) -> None:
        self._holdings = holdings
        self.change = change

    def _read(self, row: int) -> str:
        return self._holdings.record_at(row).block.decode("utf-8", "replace") if row else ""

    @cached_property
    def before(self) -> str:
        """The text that this one follows, empty where there is none. Raises Damaged."""
        return self._read(self.change.before_record)

    @cached_property
    def after(self) -> str:
        """The text. Raises Damaged."""
        return self._read(self.change.after_record)

    @cached_property
    def ledger(self) -> Ledger | None:
        """What cleaning took to give the text; None where it took over an earlier text. Raises Damaged, LedgerError."""
        text = self._read(self.change.ledger)
        return Ledger.from_json_lines(text) if text else None

    @cached_property
    def source(self) -> str:
        """What cleaning read, or of a page the text that it rendered to. Raises Damaged, LedgerError."""
        return restore(self.after, self.ledger) if self.ledger is not None else self.after


def body(markdown: str) -> str:
    """Return a Markdown text without its front matter."""
    return markdown[frontmatter.read(markdown).end :]
