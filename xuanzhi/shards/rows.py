"""Rows of a shard: one page each, whatever became of it; and the work on one page, in a process that may be lost."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from archive.storage import storable
from archive.warc.files import StreamedPage
from archive.warc.records import named_record_id
from clean.document import Cleaned
from clean.rules import Ruleset
from xuanzhi.jobs.workers import Companion, Loss, WorkLimits
from xuanzhi.shards.naming import ShardSettings

__all__ = ["ERROR", "Page", "PageCleaner", "Row"]

ERROR = "error"
"""The state of a row whose page could not be read or cleaned; `error` says why."""

_TRIES = 3
"""How often a page is cleaned whose process was ended from outside, before it is taken for the cause."""


class Row(NamedTuple):
    """One page of a file of records: where it lies, and what cleaning made of it."""

    id: str
    """WARC-Record-ID of the page's record, without brackets; derived from its place where it has none."""
    url: str
    url_surtkey: str
    """The address as indexes sort it (SURT)."""
    fetch_time: str
    """WARC-Date, in UTC as `2026-01-02T03:04:05Z`; empty where nobody can say."""
    warc_filename: str
    warc_record_offset: int
    """Of the gzip member, or in a plain file of the record."""
    warc_record_length: int
    """Bytes of both; 0 where the member has other records, too, or the record is damaged."""
    state: str
    """As `clean` gives it, or `error`."""
    profile: str
    kind: str
    """What the platform calls the article: image, video …"""
    title: str
    source: str
    date: str
    """As the page says it."""
    text: str
    """Clean Markdown; empty where the page is no article."""
    notice: str
    """What a page says that stands in an article's place."""
    confidence: float | None
    """The F1 that the text is expected to have (0 to 1); None where nobody can say."""
    source_sha256: str
    """Of the page's content, in hexadecimal."""
    clean_sha256: str
    """Of the text in UTF-8."""
    ruleset_sha256: str
    software: str
    engine: str
    warnings: tuple[str, ...]
    """Codes."""
    error: str
    """Code and reason; empty where there is none."""
    ledger: str
    """JSON lines; empty where nothing was cleaned. In a file of its own."""

    def line(self) -> bytes:
        """Return the row as one line that is the same on every machine; for digests."""
        fields = {**self._asdict(), "ledger": sha256(self.ledger.encode()).hexdigest()}
        return json.dumps(fields, sort_keys=True).encode() + b"\n"


class Page(NamedTuple):
    """A page on its way to be cleaned."""

    filename: str
    page: StreamedPage


class _RowWork(NamedTuple):
    """The work on one page; it runs in a worker of a companion process."""

    ruleset: Ruleset
    settings: ShardSettings

    def do(self, item: Page) -> Row | Loss:
        """Clean a page. Raises nothing but MemoryError."""
        page = item.page
        if page.code:
            return self.failed(item, page.code, page.why)
        try:
            from clean.page import clean_page

            captured = page.record.captured
            fetched = captured.text if captured.code else page.record.date
            given = {"url": page.record.url, "charset": page.record.content_type, "fetch_date": fetched}
            known = {key: value for key, value in given.items() if value}
            return self._row(item, clean_page(page.data, **known, ruleset=self.ruleset))
        except MemoryError:
            raise
        except Exception as error:
            code = getattr(error, "code", "")
            return self.failed(item, code or "internal", str(error) if code else f"{type(error).__name__}: {error}")

    def keep(self, item: Page, loss: Loss) -> Row | Loss:
        """Return why the page was lost: `PageCleaner` knows whether to try again."""
        return loss

    def lost(self, item: Page, loss: Loss) -> Row | Loss:
        """Return the same."""
        return loss

    def failed(self, item: Page, code: str, why: str) -> Row:
        """Return the row of a page without a result."""
        digest = "" if item.page.code else sha256(item.page.data).hexdigest()
        return self._placed(item)._replace(state=ERROR, error=storable(f"{code}: {why}"), source_sha256=digest)

    def _row(self, item: Page, cleaned: Cleaned) -> Row:
        ledger = cleaned.ledger
        row = self._placed(item)
        return row._replace(
            state=str(cleaned.state),
            profile=cleaned.profile,
            kind=storable(cleaned.fact("kind")),
            title=storable(cleaned.fact("title")),
            source=storable(cleaned.fact("source")),
            date=storable(cleaned.fact("date")),
            text=storable(cleaned.markdown or ""),
            notice=storable(cleaned.notice),
            confidence=cleaned.confidence,
            source_sha256=ledger.source_sha256,
            clean_sha256="" if cleaned.markdown is None else ledger.clean_sha256,
            warnings=(*(warning.code for warning in cleaned.warnings), *row.warnings),
            ledger=ledger.to_json_lines(),
        )

    def _placed(self, item: Page) -> Row:
        from archive.export.cdxj import searchable

        page, record = item.page, item.page.record
        place = f"{item.filename}:{page.place.offset}:{page.place.inner}"
        captured = record.captured
        return Row(
            id=storable(record.given_id) or named_record_id(f"page:{place}"),
            url=storable(record.url),
            url_surtkey=storable(searchable(record.url)),
            fetch_time="" if captured.precision == "unknown" else f"{captured.moment:%Y-%m-%dT%H:%M:%SZ}",
            warc_filename=storable(item.filename),
            warc_record_offset=page.place.offset,
            warc_record_length=page.length,
            state="",
            profile="",
            kind="",
            title="",
            source="",
            date="",
            text="",
            notice="",
            confidence=None,
            source_sha256="",
            clean_sha256="",
            ruleset_sha256=self.settings.ruleset_sha256,
            software=self.settings.software,
            engine=self.settings.engine,
            warnings=(captured.code,) if captured.code else (),
            error="",
            ledger="",
        )


class PageCleaner:
    """Cleans pages one by one, each in a process of its own kind: one that dies costs its page and no other.

    Make it before the process has threads; `close` it.
    """

    def __init__(self, ruleset: Ruleset, settings: ShardSettings, limits: WorkLimits) -> None:
        """Fork. Raises OSError where no process can be started."""
        # Before the fork, so that a process that takes the place of another one need not load them.
        import archive.export.cdxj  # noqa: F401
        import clean.html.generic.page
        import clean.page  # noqa: F401

        self._work = _RowWork(ruleset, settings)
        self._companion: Companion[Page, Row | Loss] = Companion(self._work, limits)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._companion.close()

    def rows(self, filename: str, pages: Iterator[StreamedPage]) -> Iterator[Row]:
        """Yield the row of each page, in order."""
        for page in pages:
            yield self._row(Page(filename, page))

    def _row(self, item: Page) -> Row:
        if item.page.code:
            return self._work.failed(item, item.page.code, item.page.why)
        result = self._companion.do(item)
        for _ in range(_TRIES - 1):
            if isinstance(result, Row) or result.code != "lost-worker":  # the same again would meet a limit again
                break
            result = self._companion.do(item)
        return result if isinstance(result, Row) else self._work.failed(item, result.code, result.notice)
