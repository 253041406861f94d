"""The plain files of a collection beside its WARC files: clean texts, settings, decisions."""

from collections.abc import Iterator

from archive import config
from archive.errors import storage_errors
from archive.export.chosen import Article, Chosen
from archive.holdings import Holdings

__all__ = ["markdown_files", "settings_files"]

DECISIONS = "decisions.jsonl"


def markdown_files(chosen: Chosen) -> Iterator[tuple[Article, bytes]]:
    """Yield the current clean text of each article that has one, as its record holds it.

    Not as it lies in the collection's folder, where somebody may have changed it. Raises Damaged or StorageError.
    """
    for article in chosen.each():
        if article.markdown:
            yield article, chosen.collection.record(article.conversion).block


def settings_files(collection: Holdings, folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield path and content of collection.toml, and of the reviewers' decisions where there are any."""
    for name in (config.FILE, DECISIONS):
        path = collection.path / name
        with storage_errors(path):
            if path.exists():
                yield f"{folder}{name}", path.read_bytes()
