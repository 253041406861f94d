r"""The collection: WARC files, clean Markdown, and the catalogue that indexes both.

    import archive
    from clean import clean

    source = "---\ntitle: 竹纸\nurl: https://paper.example/bamboo\n---\n\n竹纸脆，皮纸韧。\n".encode()
    with archive.open("papers", write=True) as collection:
        collection.add([archive.Snapshot("bamboo.txt", source, clean(source))])

    with archive.open("papers") as collection:
        for article in collection.articles():
            print(article.title, article.url)
        print(collection.text("竹纸"))

A `Snapshot` is text that another tool fetched; a `Visit` (`Collection.keep`) holds a page of `capture`. An `Article`
has a `Capture` for each time it was fetched, and a `Version` for each of its texts; a `Selection` says which articles
match. What goes wrong is an `ArchiveError`; archive.errors draws all of them as a tree.
"""

TYPE_CHECKING = False  # as in `typing`, without the import: whoever needs one name shall not pay for all
if TYPE_CHECKING:
    from os import PathLike
    from typing import Literal, overload

    from archive.catalogue.articles import (
        Article,
        ArticleDetail,
        Capture,
        ManyArticles,
        NoSuchArticle,
        NoSuchVersion,
        Selection,
        Version,
    )
    from archive.collection.collection import Collection
    from archive.collection.reader import CollectionReader
    from archive.errors import (
        ArchiveError,
        BadConfig,
        Busy,
        Damaged,
        DiskFull,
        NoCatalogue,
        NotACatalogue,
        NotACollection,
        NotReadable,
        NotWritable,
        StorageError,
    )
    from archive.ingest.commit import CommitResult
    from archive.ingest.prepared import Visit
    from archive.ingest.snapshot import Snapshot

__all__ = [
    "ArchiveError", "Article", "ArticleDetail", "BadConfig", "Busy", "Capture", "Collection", "CollectionReader",
    "CommitResult", "Damaged", "DiskFull", "ManyArticles", "NoCatalogue", "NoSuchArticle", "NoSuchVersion",
    "NotACatalogue", "NotACollection", "NotReadable", "NotWritable", "Selection", "Snapshot", "StorageError",
    "Version", "Visit", "open",
]  # fmt: skip

_HOMES = {
    **dict.fromkeys(
        (
            "Article",
            "ArticleDetail",
            "Capture",
            "ManyArticles",
            "NoSuchArticle",
            "NoSuchVersion",
            "Selection",
            "Version",
        ),
        "catalogue.articles",
    ),
    "Collection": "collection.collection",
    "CollectionReader": "collection.reader",
    **dict.fromkeys(
        (
            *("ArchiveError", "BadConfig", "Busy", "Damaged", "DiskFull", "NoCatalogue", "NotACatalogue"),
            *("NotACollection", "NotReadable", "NotWritable", "StorageError"),
        ),
        "errors",
    ),
    "CommitResult": "ingest.commit",
    "Visit": "ingest.prepared",
    "Snapshot": "ingest.snapshot",
}

if TYPE_CHECKING:

    @overload
    def open(path: PathLike[str] | str) -> CollectionReader: ...
    @overload
    def open(path: PathLike[str] | str, *, write: Literal[True]) -> Collection: ...
    @overload
    def open(path: PathLike[str] | str, *, write: bool) -> CollectionReader: ...


def open(path: "PathLike[str] | str", *, write: bool = False) -> "CollectionReader":
    """Open the collection in a folder. Use it in a `with` block, or `close` it.

    For reading, it shows the moment of opening, writes nothing and waits for nobody; see `CollectionReader.open`. With
    `write` it can be added to, and is made where there is none; see `Collection.open`, which has more choices.

    Raises NotACollection where there is none to be read, and what these two raise.
    """
    from pathlib import Path

    if write:
        from archive.collection.collection import Collection

        return Collection.open(Path(path))
    from archive.collection.reader import CollectionReader

    return CollectionReader.open(Path(path))


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"archive.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names as well as those that have been imported."""
    return sorted({*globals(), *__all__})
