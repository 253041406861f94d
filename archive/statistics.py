"""What a collection comes to: numbers, sizes, and how both grew."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors

__all__ = ["Month", "Size", "Statistics", "statistics"]


class Month(NamedTuple):
    """A month of fetching."""

    month: str
    """Such as 2026-01, in UTC."""
    captures: int
    disappearances: int
    """Articles that were live at one capture and, at the next, deleted, taken down, blocked, migrated or expired."""


class Size(NamedTuple):
    """What a part of the folder takes on disk."""

    files: int
    bytes: int


class Statistics(NamedTuple):
    """All of it; what is counted by name comes with the largest first."""

    articles: int
    with_text: int
    """Articles that have a text, whatever their state is now."""
    captures: int
    visits: int
    """Of the captures; the others are snapshots."""
    versions: int
    events: int
    records: int
    first: str
    """When the first capture was fetched: UTC, to the microsecond; empty where there is none; as the next."""
    last: str
    states: dict[str, int]
    """Articles by the state of their latest capture."""
    sources: dict[str, int]
    """Articles by account or source."""
    months: list[Month]
    """Every month from the first to the last that has captures; those without any are left out."""
    sizes: dict[str, Size]
    """By `warc`, `derived`, `markdown`, `catalogue`."""


GONE = ("deleted", "violation", "account-blocked", "migrated", "expired")
"""States in which an article has disappeared for good, as far as its page says."""


def statistics(catalogue: Catalogue, root: Path) -> Statistics:
    """Count everything. Raises Busy, Damaged, NotReadable or StorageError."""
    marks = ", ".join("?" * len(GONE))
    states: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    first, last, articles = "", "", 0
    with storage_errors(root, reading=True):
        for state, source, count, since, until in catalogue.execute(
            "SELECT latest_state, source, count(*), min(first_fetched_at), max(last_fetched_at) FROM article"
            " GROUP BY latest_state, source"
        ):
            states[state] += count
            sources[source] += count
            articles += count
            first, last = min(first or since, since), max(last, until)
        numbers = catalogue.one(
            "SELECT (SELECT count(*) FROM article WHERE current_version IS NOT NULL),"
            " (SELECT count(*) FROM capture), (SELECT count(*) FROM visit), (SELECT count(*) FROM version),"
            " (SELECT count(*) FROM event), (SELECT count(*) FROM record)"
        )
        # Most articles have one capture; only what has more can have been live before.
        gone = dict(
            catalogue.execute(
                "SELECT substr(fetched_at, 1, 7), count(*) FROM (SELECT fetched_at, state,"
                " lag(state) OVER (PARTITION BY article ORDER BY fetched_at, id) AS before FROM capture"
                " WHERE article IN (SELECT id FROM article WHERE captures > 1 AND versions > 0))"
                f" WHERE before = 'live' AND state IN ({marks}) GROUP BY 1",
                GONE,
            ).fetchall()
        )
        months = [
            Month(month, count, gone.get(month, 0))
            for month, count in catalogue.execute(
                "SELECT substr(fetched_at, 1, 7), count(*) FROM capture GROUP BY 1 ORDER BY 1"
            ).fetchall()
        ]
        sizes = {folder: _size(_files(root / folder)) for folder in ("warc", "derived", "markdown")}
        sizes["catalogue"] = _size(path.stat().st_size for path in root.glob("catalogue.sqlite*"))
    return Statistics._make((articles, *numbers, first, last, _sorted(states), _sorted(sources), months, sizes))


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _size(sizes: Iterable[int]) -> Size:
    found = list(sizes)
    return Size(len(found), sum(found))


def _files(folder: Path) -> Iterator[int]:
    """Yield the size of each file in a folder and below it; nothing where there is none. `os.scandir` is quickest."""
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield entry.stat(follow_symlinks=False).st_size
