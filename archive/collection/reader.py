"""Read-only access to a collection: every query of commands and pages, without a lock.

`archive.collection.collection.Collection` is the same and can be added to.
"""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from archive import settings as config
from archive.catalogue.connection import TIMEOUT, Catalogue, ReadOnlyCatalogue
from archive.errors import Busy, Damaged, NotACollection, storage_errors
from archive.settings import CollectionSettings
from archive.storage import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archive.catalogue.articles import Article, ArticleDetail, Capture, Selection, Version
    from archive.catalogue.captures import StoredCapture
    from archive.catalogue.decisions import Decision
    from archive.catalogue.history import Event, Statistics, VersionChange, VersionsMark
    from archive.catalogue.search import HitDetail, SearchHit, SearchResult
    from archive.catalogue.visits import ArticleQueries
    from archive.warc.reader import RecordPlace
    from archive.warc.records import Record

__all__ = ["CollectionReader", "catalogue_of"]


class CollectionReader:
    """A collection, open for reading. Use as a context manager, or `close` it.

    Every question raises Busy, Damaged, NotReadable or StorageError where the catalogue or a WARC file cannot be read.
    What answers it is imported when it is first asked: a command loads only what it needs.
    """

    path: Path
    config: CollectionSettings

    def __init__(self, path: Path, settings: CollectionSettings, index: Catalogue) -> None:
        """Hold what `open` has prepared."""
        self.path = path
        self.config = settings
        self._catalogue = index

    @classmethod
    def open(cls, path: Path | str, *, timeout: float = TIMEOUT) -> Self:
        """Open a collection as it was committed at this moment, and keep showing that moment.

        It needs no permission to write, makes no file in the collection, waits for no writer, and lets none wait.
        Where nobody writes, the catalogue is read without locks (see `archive.catalogue.connection`); leaving the
        `with` block raises Busy in the rare case that somebody began to write just then, and what was read may be
        wrong. Open it anew for each look that is to see what is new. `timeout` is in seconds.

        Raises NotACollection, BadConfig, NoCatalogue, NotACatalogue, NewerSchema, OlderSchema, NotReadable, Busy,
        Damaged or StorageError.
        """
        path = Path(path)
        file = path / config.FILE
        with storage_errors(path, reading=True):
            if not file.is_file():
                raise NotACollection(f"{path} is not a collection: it has no {config.FILE}")
        return cls(path, config.read(file), ReadOnlyCatalogue(path / CATALOGUE, timeout=timeout))

    def close(self) -> None:
        """Close the catalogue. What was committed needs no closing."""
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        index = self._catalogue
        if (error is None or isinstance(error, Damaged)) and isinstance(index, ReadOnlyCatalogue) and index.changed:
            raise Busy(f"{index.path} was written to while it was read; what was shown may be wrong") from error

    # Articles

    def articles(
        self, selection: "Selection | None" = None, *, sort: str = "added", reverse: bool = False, limit: int = 0
    ) -> "Iterator[Article]":
        """Yield the articles that match, all of them by default, at most `limit` of them where it is not 0.

        `sort` is one of `archive.catalogue.articles.SORTS`. Raises NoSuchArticle or ManyArticles for a name.
        """
        from archive.catalogue.articles import Selection, iter_articles

        return iter_articles(self._catalogue, selection or Selection(), sort=sort, reverse=reverse, limit=limit)

    def article(self, name: str) -> "Article":
        """Return the article of a name: its address, its key, its Markdown file, or words of its title.

        Raises NoSuchArticle or ManyArticles.
        """
        from archive.catalogue.articles import Selection

        return next(self.articles(Selection(articles=(name,))))

    def article_detail(self, name: str) -> "ArticleDetail":
        """Return an article of a name with its states, versions and captures. Raises NoSuchArticle or ManyArticles."""
        from archive.catalogue.articles import article_detail

        return article_detail(self._catalogue, self.article(name))

    def text(self, name: str) -> str:
        """Return the clean text of an article of a name: the Markdown of its current version.

        Raises NoSuchArticle, ManyArticles, or NoSuchVersion where no capture of it was live.
        """
        from archive.catalogue.articles import NoSuchVersion

        detail = self.article_detail(name)
        if not detail.versions:
            raise NoSuchVersion(f"{detail.row.key} has no text: no capture of it was live")
        current = next((each for each in detail.versions if each.current), detail.versions[-1])
        return self.text_at(current.record)

    def articles_by_row(self, rows: "Sequence[int]") -> "dict[int, Article]":
        """Return articles by their rows; one that is not there is left out."""
        from archive.catalogue.articles import articles_by_row

        return articles_by_row(self._catalogue, rows)

    def article_rows(self, selection: "Selection") -> list[int]:
        """Return the rows of the articles that match: named ones in the order of their names, others by age.

        Raises NoSuchArticle or ManyArticles for a name.
        """
        from archive.catalogue.articles import select

        return select(self._catalogue, selection)

    def source_names(self) -> list[str]:
        """Return the names of all accounts and sources that articles come from, sorted."""
        from archive.catalogue.articles import source_names

        return source_names(self._catalogue)

    @property
    def lookups(self) -> "ArticleQueries":
        """What the collection knows of addresses, articles and runs."""
        from archive.catalogue.visits import ArticleQueries

        return ArticleQueries(self._catalogue)

    def unfinished_run(self, urls: "Sequence[str]") -> str | None:
        """Return the interrupted run of a list of addresses; None where there is none."""
        from archive.ingest.runs import list_digest

        return self.lookups.unfinished(list_digest(urls))

    # Captures

    def captures(self, articles: "Sequence[int]") -> "Iterator[StoredCapture]":
        """Yield the captures of articles, by their rows: one article after the other, captures as they came."""
        from archive.catalogue.captures import stored_captures

        return stored_captures(self._catalogue, articles)

    def count_captures(self, articles: "Sequence[int]") -> int:
        """Return how many captures articles have, by their rows."""
        from archive.catalogue.captures import count_captures

        return count_captures(self._catalogue, articles)

    def source_record(self, capture: int) -> int | None:
        """Return the row of the record that stands for a capture, by the capture's row; None where there is none."""
        from archive.catalogue.captures import source_record

        return source_record(self._catalogue, capture)

    def provenance(self, capture: "Capture") -> bytes | None:
        """Return the latest provenance of a capture, as JSON; None where it has none."""
        from archive.catalogue.captures import provenance_record

        row = provenance_record(self._catalogue, capture.id)
        return self.record_at(row).block if row is not None else None

    def ledger(self, version: "Version", capture: "Capture") -> bytes | None:
        """Return the ledger that leads from what cleaning read of a capture to a version, as JSON lines.

        None where there is none.
        """
        from archive.catalogue.texts import ledger_of_source

        row = ledger_of_source(self._catalogue, version.id, capture.source_sha256)
        return self.record_at(row).block if row is not None else None

    def payload_digests(self, addresses: "Iterable[str]") -> dict[str, str]:
        """Return the sha256 of the payload that was captured last at each address, where there is one."""
        from archive.catalogue.captures import payload_digests

        return payload_digests(self._catalogue, addresses)

    def payload_record(self, sha256: str) -> int | None:
        """Return the row of the record that has the payload of this digest; None where there is none."""
        from archive.catalogue.captures import payload_row

        return payload_row(self._catalogue, sha256)

    # History

    def events(self, selection: "Selection") -> "Iterator[Event]":
        """Yield what happened to the articles that match, newest last; its days are those of the events.

        Raises NoSuchArticle or ManyArticles for a name.
        """
        from archive.catalogue.history import events

        return events(self._catalogue, selection)

    def changes(self, articles: "Iterable[int] | None" = None) -> "list[VersionChange]":
        """Return the changes from version to version of some articles, by their rows, or of all, as they came."""
        from archive.catalogue.history import changes

        return changes(self._catalogue, articles)

    def versions_mark(self) -> "VersionsMark":
        """Return a mark of the state that the versions are in: as long as it is the same, `changes` are the same."""
        from archive.catalogue.history import versions_mark

        return versions_mark(self._catalogue)

    def decisions(self, item: str) -> "list[Decision]":
        """Return all decisions of reviewers about an item, the oldest first."""
        from archive.catalogue.decisions import decision_history

        return decision_history(self._catalogue, item)

    def latest_decisions(self) -> "dict[str, Decision]":
        """Return the last decision about each item that has one."""
        from archive.catalogue.decisions import latest

        return latest(self._catalogue)

    def count_decisions(self) -> int:
        """Return how many decisions there are."""
        from archive.catalogue.decisions import count_decisions

        return count_decisions(self._catalogue)

    def statistics(self) -> "Statistics":
        """Count and measure everything."""
        from archive.catalogue.history import statistics

        return statistics(self._catalogue, self.path)

    def committed_bytes(self, folder: str | None = None) -> int:
        """Return how many bytes of all WARC files are committed, or of those in one folder (`warc`, `derived`)."""
        from archive.catalogue.history import committed_bytes

        return committed_bytes(self._catalogue, folder)

    # Full text

    def search(
        self,
        phrases: "Sequence[Sequence[str]]",
        selection: "Selection",
        *,
        limit: int,
        all_versions: bool = False,
        in_title: bool = False,
    ) -> "SearchResult":
        """Return the versions that hold all phrases: the current ones of the articles that match, or `all_versions`.

        Phrases are as `archive.catalogue.search.phrases` gives them, at least one. At most `limit` versions, 0 for all.

        Raises NoSuchArticle or ManyArticles for a name.
        """
        from archive.catalogue.search import search

        return search(self._catalogue, phrases, selection, limit=limit, all_versions=all_versions, in_title=in_title)

    def hit_detail(self, hit: "SearchHit") -> "HitDetail":
        """Return the article of a search hit, and which of its versions was hit."""
        from archive.catalogue.search import hit_detail

        return hit_detail(self._catalogue, hit)

    # Records

    def record(self, record_id: str) -> "Record":
        """Return a record by its identifier.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        return self.record_at(self._row(record_id))

    def head(self, record_id: str) -> "Record":
        """Return a record by its identifier without its block, which is not read, however large it is.

        Raises KeyError where the collection has none of this name, Damaged where it cannot be read.
        """
        from archive.warc import reader

        return reader.head_at(self.path, self.record_place(record_id))

    def record_at(self, row: int) -> "Record":
        """Return a record by its row in the catalogue. Raises Damaged where it cannot be read."""
        from archive.warc import reader

        return reader.read_at(self.path, self._catalogue.place(row))

    def text_at(self, row: int) -> str:
        """Return the block of a record as text, by its row. Raises Damaged where it cannot be read."""
        return self.record_at(row).block.decode("utf-8", "replace")

    def record_place(self, record_id: str) -> "RecordPlace":
        """Return where a record lies, by its identifier. Raises KeyError where the collection has none of this name."""
        return self._catalogue.place(self._row(record_id))

    def _row(self, record_id: str) -> int:
        with storage_errors(self._catalogue.path, reading=True):
            row = self._catalogue.row_of(record_id)
        if row is None:
            raise KeyError(record_id)
        return row


def catalogue_of(collection: CollectionReader) -> Catalogue:
    """Return the catalogue of an open collection, for what in `archive` works on rows: exports, imports, the schedule.

    Everybody else asks the collection.
    """
    return collection._catalogue
