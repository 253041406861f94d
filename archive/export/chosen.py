"""What of a collection goes into an export: all of it, or some articles with the records of their captures."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.export.errors import NothingCaptured, NothingSelected
from archive.export.selection import Gathering
from archive.export.selection_files import selection_files
from archive.export.warcs import Run, WarcFile
from archive.holdings import Holdings
from archive.selection import Selection, select

__all__ = ["Article", "Capture", "Chosen", "choose"]


class Article(NamedTuple):
    """One article as the catalogue has it."""

    id: int
    key: str
    url: str
    title: str
    source: str
    date: str
    markdown: str
    """Path of its Markdown file in the collection; empty where no capture of it was ever live."""
    conversion: str
    """Record of its current text; empty likewise."""
    clean_sha256: str


class Capture(NamedTuple):
    """One visit of an article, or one snapshot."""

    kind: str
    record_id: str
    """Of the source: a resource, a response or a revisit; else the description."""
    fetched_at: str
    state: str
    notice: str
    title: str
    visit_id: str
    """Empty for a snapshot, as the next."""
    final_url: str
    status: int
    clean_sha256: str
    """Of the text that it gave; empty where it gave none."""
    conversion: str
    """The record that has this text; empty likewise."""


class Chosen(NamedTuple):
    """What goes into an export."""

    collection: Holdings
    articles: tuple[int, ...]
    """Rows of the articles."""
    whole: bool
    newest: str
    """UTC, to the second: when the newest of what is chosen was fetched or cleaned. The export's date, because it
    depends on the collection alone."""

    def each(self) -> Iterator[Article]:
        """Yield the articles, in their order."""
        for article in self.articles:
            row = self.collection.catalogue.one(
                "SELECT article.id, article.key, article.url, article.title, article.source, article.date,"
                " coalesce(markdown, ''), coalesce(record_id, ''), coalesce(clean_sha256, '') FROM article"
                " LEFT JOIN version ON version.id = current_version"
                " LEFT JOIN record ON record.id = version.record WHERE article.id = ?",
                article,
            )
            yield Article(*row)

    def captures(self, article: int) -> list[Capture]:
        """Return the captures of an article, oldest first."""
        rows = self.collection.catalogue.execute(
            "SELECT kind, source.record_id, fetched_at, state, notice, title, coalesce(visit_id, ''),"
            " coalesce(final_url, ''), coalesce(status, 0), coalesce(clean_sha256, ''), coalesce(text.record_id, '')"
            " FROM capture JOIN record AS source ON source.id = capture.record"
            " LEFT JOIN visit ON visit.capture = capture.id LEFT JOIN version ON version.id = capture.version"
            " LEFT JOIN record AS text ON text.id = version.record WHERE capture.article = ?"
            " ORDER BY fetched_at, capture.id",
            (article,),
        )
        return [Capture(*row) for row in rows]

    def files(self) -> list[WarcFile]:
        """Return the WARC files, those of captures first.

        Raises Damaged where a record that is chosen cannot be read, Busy or StorageError.
        """
        if not self.whole:
            gathering = Gathering(self.collection)
            for article in self.articles:
                gathering.article(article)
            return selection_files(self.collection, gathering.places(), len(self.articles), self.newest)
        rows = self.collection.catalogue.execute(
            "SELECT folder, name, committed_length FROM file WHERE committed_length ORDER BY folder DESC, id"
        )
        return [
            WarcFile(folder, name, b"", (Run(self.collection.path / folder / name, 0, length),))
            for folder, name, length in rows
        ]

    def require_captures(self) -> None:
        """Raise NothingCaptured where there is no visit among what is chosen."""
        for article in self.articles:
            if self.collection.catalogue.one(
                "SELECT 1 FROM visit JOIN capture ON capture.id = visit.capture WHERE article = ?", article
            ):
                return
        raise NothingCaptured(f"{len(self.articles):,} articles were chosen, and none was captured: they are snapshots")


def choose(collection: Holdings, selection: Selection) -> Chosen:
    """Return what a selection means, as the collection stood when it was opened for reading.

    Raises NothingSelected, what `archive.selection.select` raises, Busy, Damaged or StorageError.
    """
    catalogue = collection.catalogue
    articles = tuple(select(catalogue, selection))
    with storage_errors(catalogue.path, reading=True):
        if not articles:
            empty = not catalogue.one("SELECT 1 FROM article")
            raise NothingSelected(
                "the collection holds no article yet" if empty else "no article is as the selection says"
            )
        return Chosen(collection, articles, selection == Selection(), _newest(catalogue, articles))


def _newest(catalogue: Catalogue, articles: Sequence[int]) -> str:
    newest = ""
    for article in articles:
        (found,) = catalogue.one(
            "SELECT max(max(fetched_at), coalesce(max(at), '')) FROM capture"
            " LEFT JOIN cleaning ON cleaning.capture = capture.id WHERE article = ?",
            article,
        )
        newest = max(newest, found or "")
    return newest[:19] + "Z"
