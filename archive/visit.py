"""A visit, as it is given to a collection: what came of asking for one page, and what cleaning made of it."""

from typing import NamedTuple

from archive.warc.exchanges import shareable
from capture.errors import CaptureError
from capture.page import Page
from clean.document import Cleaned

__all__ = ["Visit"]


class Visit(NamedTuple):
    """What came of asking for one page."""

    url: str
    """As given."""
    page: Page | None
    """What came; also that of an error. None where the text was no address."""
    cleaned: Cleaned | None = None
    """What cleaning made of the answer's content, without a fetch_date, so that the same page gives the same text.
    None for what is no text, for a 304, and where the caller knows that the payload is known."""
    error: CaptureError | None = None
    """What ended the visit, where something did."""
    aliases: tuple[str, ...] = ()
    """Addresses under which the page itself names its article, such as WeChat's long link."""
    target: str = ""
    """Where a migrated article went, as the page says."""
    run: str = ""
    """The run that it belongs to; see `Collection.begin_run`."""
    item: int = 0
    """The place in that run's list."""

    def payloads(self) -> frozenset[str]:
        """Return the digests of all payloads that another record may have already."""
        exchanges = self.page.exchanges if self.page is not None else ()
        return frozenset(filter(None, map(shareable, exchanges)))
