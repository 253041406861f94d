"""The plain files of a collection beside its WARC files: clean texts, settings, schedule, decisions, rules."""

from collections.abc import Iterator

from archive import settings
from archive.collection.decisions import FILE as DECISIONS
from archive.errors import storage_errors
from archive.export.chosen import Article, Chosen
from archive.holdings import Holdings
from archive.rules_files import paths
from archive.schedule.table import JOURNAL

__all__ = ["markdown_files", "settings_files"]


def markdown_files(chosen: Chosen) -> Iterator[tuple[Article, bytes]]:
    """Yield the current clean text of each article that has one, as its record holds it.

    Not as it lies in the collection's folder, where somebody may have changed it. Raises Damaged or StorageError.
    """
    for article in chosen.each():
        if article.markdown:
            yield article, chosen.collection.record(article.conversion).block


def settings_files(collection: Holdings) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of what people wrote or decided: settings, schedule, decisions, rules.

    Raises StorageError.
    """
    for path in (*(collection.path / name for name in (settings.FILE, JOURNAL, DECISIONS)), *paths(collection.path)):
        with storage_errors(path):
            if path.exists():
                yield path.relative_to(collection.path).as_posix(), path.read_bytes()
