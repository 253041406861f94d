"""What an answer of others says: read and judged the same way when it is taken over and when it is cleaned anew."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from archive.ingest.state import VisitState, judge_answer
from archive.warc.content import content_of
from archive.warc.records import Fields, Record
from archive.warc.validate import values_of
from capture.heads import Head, parse_head
from clean.document import Cleaned, State
from clean.errors import CleanError
from clean.rules import Ruleset

__all__ = ["BEGINNING", "PageContent", "PageLimits", "PageRecord", "candidate", "chosen", "found_in", "read_answer"]


# Which records of an imported file are pages: answers with HTML, notices of WeChat, and revisits of them.
#
# Where a list of pages came with the file, as in a WACZ, a page is what that list names, and what its addresses
# redirect to. Else every answer with HTML is one, as for `clean`.


_HTML = ("text/html", "application/xhtml+xml")
_NOT_MODIFIED = 304
_WECHAT = "mp.weixin.qq.com"


class PageRecord(NamedTuple):
    """A record that may be a page, or that leads to one."""

    record_id: str
    """As it is kept."""
    given_id: str
    """As it came."""
    kind: str
    """`response`, `resource` or `revisit`."""
    url: str
    date: str
    """WARC-Date."""
    status: int
    """0 where there is no answer of HTTP."""
    reason: str
    content_type: str
    """Of the answer."""
    etag: str
    last_modified: str
    location: str
    """Where a redirect leads; else empty."""
    truncated: str
    """Why it is cut, by its own WARC-Truncated; else empty."""
    digest: str
    """WARC-Payload-Digest, as it says."""
    refers_to: tuple[str, str, str]
    """Of a revisit: record, address and date of what it repeats, as far as it says."""

    @property
    def is_not_modified(self) -> bool:
        """Whether it is a revisit whose server said that nothing changed: it means the answer that it repeats."""
        return self.kind == "revisit" and self.status == _NOT_MODIFIED

    @property
    def is_page(self) -> bool:
        """Whether its own head says that it is a page."""
        if self.location or not self.url.lower().startswith(("http://", "https://")):
            return False
        kind = self.content_type.strip().lower()
        if kind and not kind.startswith(_HTML):
            return False
        if self.kind == "revisit" and self.status in {0, _NOT_MODIFIED}:
            return True  # what it repeats tells
        return self.kind == "resource" or self.status // 100 == 2 or _host(self.url) == _WECHAT


class PageLimits(NamedTuple):
    """What pages are wanted; empty ones limit nothing."""

    hosts: tuple[str, ...] = ()
    """Host names; those below them are meant, too."""
    prefixes: tuple[str, ...] = ()
    """How the address begins."""

    def hold(self, url: str) -> bool:
        """Whether a page is wanted."""
        if self.prefixes and not url.startswith(self.prefixes):
            return False
        host = _host(url)
        return not self.hosts or any(host == each or host.endswith(f".{each}") for each in self.hosts)


def candidate(record_id: str, fields: Fields, beginning: bytes) -> PageRecord | None:
    """Return what a record is, by its fields and the first bytes of its block; None where it is of no interest."""
    values = values_of(fields)
    kind = values.get("warc-type", "").lower()
    if kind not in {"response", "resource", "revisit"}:
        return None
    head = parse_head(beginning) if kind != "resource" else None
    if kind == "response" and head is None:
        return None
    return PageRecord(
        record_id,
        values.get("warc-record-id", "").strip("<>"),
        kind,
        values.get("warc-target-uri", "").strip("<>"),
        values.get("warc-date", ""),
        head.status if head else 0,
        head.reason.decode("utf-8", "replace") if head else "",
        head.get("Content-Type") if head else values.get("content-type", "") if kind == "resource" else "",
        head.get("ETag") if head else "",
        head.get("Last-Modified") if head else "",
        _location(head) if head else "",
        values.get("warc-truncated", "") or ("segmented" if "warc-segment-number" in values else ""),
        values.get("warc-payload-digest", ""),
        (
            values.get("warc-refers-to", "").strip("<>"),
            values.get("warc-refers-to-target-uri", "").strip("<>"),
            values.get("warc-refers-to-date", ""),
        ),
    )


def chosen(found: Iterable[PageRecord], listed: Mapping[str, str], limits: PageLimits) -> dict[PageRecord, str]:
    """Return the pages that are wanted, each with the title that a list gives it.

    `listed` are the addresses of a list of pages with their titles; empty where there is none.
    """
    candidates = list(found)
    titles = {_plain(url): title for url, title in listed.items()}
    for each in candidates:  # in the order of the file: a redirect stands before where it leads
        if titles and each.location and (url := _plain(each.url)) in titles:
            titles.setdefault(_plain(urljoin(each.url, each.location)), titles[url])
    if not any(each.is_page and _plain(each.url) in titles for each in candidates):
        titles = {}
    return {
        each: titles.get(_plain(each.url), "")
        for each in candidates
        if each.is_page and limits.hold(each.url) and (not titles or _plain(each.url) in titles)
    }


def _plain(url: str) -> str:
    return urldefrag(url).url


def _location(head: Head) -> str:
    return head.get("Location") if head.status // 100 == 3 and head.status != _NOT_MODIFIED else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


BEGINNING = 64 * 1024
"""Bytes of a block that are looked at for the head of an answer."""


class PageContent(NamedTuple):
    """What was read."""

    cleaned: Cleaned | None
    """None where it is cut, or no text."""
    found: VisitState
    """State and notice."""


def found_in(record: Record) -> PageRecord | None:
    """Return what a record of the collection says of its answer; None where it has none."""
    return candidate(record.record_id, record.fields, record.block[:BEGINNING])


def read_answer(said: PageRecord, holding: Record, ruleset: Ruleset, limit: int) -> PageContent:
    """Clean an answer and judge it; `holding` is the record with the payload: another one where it is a revisit.

    Raises ContentTooLarge where it has more than `limit` bytes of content.
    """
    data, cut = holding.block, said.truncated
    if holding.type.lower() == "response":
        data, broken = content_of(holding.block, limit)
        cut = broken or cut
    if cut:  # half a text is none
        return PageContent(None, VisitState(State.UNAVAILABLE, f"the answer is cut: {cut}"))
    kind = said.content_type
    if not kind and (origin := found_in(holding)) is not None:
        kind = origin.content_type
    cleaned = _cleaned(data, said.url, kind, ruleset)
    status = 200 if said.is_not_modified else said.status or 200
    return PageContent(cleaned, judge_answer(status, said.reason, kind, cleaned))


def _cleaned(data: bytes, url: str, kind: str, ruleset: Ruleset) -> Cleaned | None:
    from clean.page import clean_page  # heavy

    try:
        return clean_page(data, url=url, charset=kind or None, ruleset=ruleset)
    except CleanError:  # no text; the bytes are kept all the same
        return None
