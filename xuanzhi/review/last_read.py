"""The pages of the source that was looked at last, so that working out another choice does not read them again."""

from clean.learn.effect import Looked
from xuanzhi.jobs.rules import Source

__all__ = ["MOST_PAGES", "LastRead"]

MOST_PAGES = 500
"""Pages of a source that are read for a look; of a larger one, as many as this, spread over its time."""


class LastRead:
    """Pages by what they were read from: other texts, or another source, are read anew."""

    def __init__(self) -> None:
        """Begin with none."""
        self._last: tuple[object, list[Looked]] = (None, [])

    def pages(self, source: Source) -> list[Looked]:
        """Return a source's pages by date, at most `MOST_PAGES`. Raises Damaged, StorageError."""
        articles = source.spread(MOST_PAGES)
        known, pages = self._last
        if known != articles:
            pages = source.by_date(articles)
            self._last = (articles, pages)
        return pages
