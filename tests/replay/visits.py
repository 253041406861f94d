"""Visits to the site on some days in a row, captured and kept as the application does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from article import ARTICLE_PATH
from site_of_wechat import LONG_PATH, Site

from archive.collection.collection import Collection
from archive.ingest.commit import CommitResult
from archive.ingest.prepared import Visit
from capture.client import Client
from capture.content import content
from capture.guard import direct
from capture.page import Page
from capture.settings import Settings
from capture.visit import Validators
from clean.document import Cleaned
from clean.page import clean_page

__all__ = ["FIRST_DAY", "LATER_TEXT", "Kept", "keep_a_week", "keep_until_it_is_deleted"]

FIRST_DAY = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)
LATER_TEXT = "竹纸脆，皮纸韧；作者后来又添了一句。"

_LARGEST = 32 * 1024 * 1024


class Kept:
    """A collection, and what became of each visit to the article: first, not modified, equal, changed."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path
        self.port = port
        self.added: dict[str, CommitResult] = {}

    def url(self, path: str = ARTICLE_PATH, host: str = "mp.weixin.qq.com") -> str:
        """Return an address as it was captured."""
        return f"http://{host}:{self.port}{path}"

    @property
    def files(self) -> list[Path]:
        """The capture files; derived ones are not for replay."""
        return sorted((self.path / "warc").iterdir())


class _Days:
    """Time that moves a little with every look, and to the next day when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> datetime:
        return FIRST_DAY + timedelta(seconds=self.timer())

    def timer(self) -> float:
        self.seconds += 0.001
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def next(self) -> None:
        day = 24 * 3600
        self.seconds = (self.seconds // day + 1) * day


def keep_a_week(path: Path) -> Kept:
    """Capture and keep: the article, the same not modified, the same again, what stands in its way, its next text."""
    days = _Days()
    with Site() as site, Collection.open(path, clock=days.clock) as collection:
        kept = Kept(path, site.port)

        def visit(name: str, url: str, validators: Validators = Validators()) -> None:  # noqa: B008  # immutable
            # A client of its own for each day: one alone fetches what several pages need once.
            with _client(days) as client, client.fetch(url, validators=validators) as page:
                (kept.added[name],) = collection.keep([Visit(url, page, _cleaned(page))])
            days.next()

        visit("first", kept.url())
        known = collection.lookups.validators(kept.url())
        assert known
        visit("not modified", kept.url(), Validators(*known))
        visit("equal", kept.url())
        visit("long", kept.url(LONG_PATH))
        visit("deleted", kept.url("/s/deleted"))
        visit("walled", kept.url("/s/walled"))
        visit("shell", kept.url("/s/shell"))
        site.text = LATER_TEXT
        visit("changed", kept.url(), Validators(*known))
    return kept


def keep_until_it_is_deleted(path: Path) -> Kept:
    """Capture and keep an article, and the next day the notice that stands in its place."""
    days = _Days()
    with Site() as site, Collection.open(path, clock=days.clock) as collection:
        kept = Kept(path, site.port)
        for name in ("first", "deleted"):
            with _client(days) as client, client.fetch(kept.url()) as page:
                (kept.added[name],) = collection.keep([Visit(kept.url(), page, _cleaned(page))])
            days.next()
            site.is_deleted = True
    return kept


@contextmanager
def _client(days: _Days) -> Iterator[Client]:
    settings = Settings(contact="test@example.org", allow_private=True)
    with Client(
        settings,
        resolver=lambda host, port: ["127.0.0.1"],
        proxy_of=direct,
        random=Random(1),
        clock=days.clock,
        timer=days.timer,
        sleep=days.sleep,
    ) as client:
        yield client


def _cleaned(page: Page) -> Cleaned | None:
    answer = page.answer
    if answer.head is None or "html" not in answer.head.get("Content-Type"):
        return None
    return clean_page(content(answer, _LARGEST), url=answer.url, charset=answer.head.get("Content-Type"))
