"""HTTP answers in records of others, judged the same way at import and at recleaning."""

from typing import NamedTuple

from archive.ingest.state import VisitState, judge_answer
from archive.warc.content import content_of
from archive.warc.pages import BEGINNING, PageRecord, host_of, page_record
from archive.warc.records import Record, holds_answer
from clean.document import Cleaned, State
from clean.errors import CleanError, NotAPage, NotText
from clean.rules import Ruleset

__all__ = ["PageContent", "PageLimits", "clean_answer", "page_of", "read_answer"]


class PageLimits(NamedTuple):
    """The pages that are wanted; an empty limit limits nothing."""

    hosts: tuple[str, ...] = ()
    """Host names; those below them are meant, too."""
    prefixes: tuple[str, ...] = ()
    """How the address begins."""

    def hold(self, url: str) -> bool:
        """Whether a page is wanted."""
        if self.prefixes and not url.startswith(self.prefixes):
            return False
        host = host_of(url)
        return not self.hosts or any(host == each or host.endswith(f".{each}") for each in self.hosts)


class PageContent(NamedTuple):
    """The content of an answer, cleaned and judged."""

    cleaned: Cleaned | None
    """None where it is cut, or no text."""
    judged: VisitState
    """State and notice."""


def page_of(record: Record) -> PageRecord | None:
    """Return what a record of the collection says of its answer; None where it has none."""
    return page_record(record.record_id, record.fields, record.block[:BEGINNING])


def read_answer(
    page: PageRecord, payload_record: Record, ruleset: Ruleset, limit: int, *, uncleaned: str = ""
) -> PageContent:
    """Return what cleaning makes of an answer, and the state that follows.

    With `uncleaned`, why this machine cannot clean it, nothing is cleaned.

    `payload_record` is the record that holds the payload: another one than the page's where that is a revisit or the
    first segment of its record.

    Raises ContentTooLarge where it has more than `limit` bytes of content.
    """
    data, cut = payload_record.block, page.truncated
    if page.is_segmented and payload_record.record_id != page.record_id:
        cut = ""
    if holds_answer(payload_record):
        data, broken = content_of(payload_record.block, limit)
        # Of a segment alone, which other is missing says more than that it ends early.
        is_segment = payload_record.get("WARC-Segment-Number") != ""
        cut = (cut if is_segment else "") or broken or cut
    if cut:  # half a text is none
        return PageContent(None, VisitState(State.UNAVAILABLE, f"the answer is cut: {cut}"))
    status = 200 if page.is_not_modified else page.status or 200
    if uncleaned:
        return PageContent(None, judge_answer(status, page.reason, page.content_type, None, uncleaned))
    kind = page.content_type
    if not kind and (origin := page_of(payload_record)) is not None:
        kind = origin.content_type
    cleaned, refused = clean_answer(data, page.url, kind, ruleset)
    return PageContent(cleaned, judge_answer(status, page.reason, kind, cleaned, refused=refused))


def clean_answer(data: bytes, url: str, kind: str, ruleset: Ruleset) -> tuple[Cleaned | None, str]:
    """Return what cleaning makes of the content of an answer, or None and what it is, where it is no page after all.

    `kind` is its Content-Type. The bytes of what is no page are kept all the same. What it is may be empty.
    """
    from clean.page import clean_page  # heavy

    try:
        return clean_page(data, url=url, charset=kind or None, ruleset=ruleset), ""
    except (NotAPage, NotText) as error:
        return None, str(error)
    except CleanError:  # nothing in it
        return None, ""
