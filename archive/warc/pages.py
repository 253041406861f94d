"""Detection of pages among records: answers with HTML, notices of WeChat, and their revisits.

There is one predicate, `is_page`, for what we capture and for files of others, whichever command reads them.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from archive.dates import RecordDate, date_in_name, record_date
from archive.warc.records import Fields
from archive.warc.segments import SEGMENTED
from archive.warc.validate import values_of
from capture.heads import Head, parse_head
from clean.document import WECHAT_HOSTS

__all__ = [
    "BEGINNING",
    "PARTIAL_CONTENT",
    "FileDates",
    "PageRecord",
    "host_of",
    "is_on_file_server",
    "is_page",
    "page_record",
    "select_pages",
]

BEGINNING = 64 * 1024
"""Bytes of a block that are looked at for the head of an answer."""

_PAGES = ("text/html", "application/xhtml+xml", "multipart/related")
"""Media types of pages; the last is that of MHTML, which browsers save."""
_NOT_MODIFIED = 304

PARTIAL_CONTENT = 206
"""Status of a part of a page. Nobody asked for a part (RFC 9110 §15.3.7), and a part is not the page."""


def is_page(url: str, status: int, content_type: str) -> bool:
    """Whether a whole answer is a page: HTML of a web address or of a file server, with a status of 200 to 299.

    Error pages of sites say nothing, those of WeChat are notices with any status from 400 on. `content_type` is the
    value of Content-Type: where it is empty, it may be HTML, but not on a file server, which has files of every kind.
    """
    is_file = is_on_file_server(url)
    if not is_file and not url.lower().startswith(("http://", "https://")):
        return False
    if is_file and not content_type:
        return False
    kind = content_type.strip().lower()
    if kind and not kind.startswith(_PAGES):
        return False
    return status // 100 == 2 or (status >= 400 and host_of(url) in WECHAT_HOSTS)


def is_on_file_server(url: str) -> bool:
    """Whether an address is that of a file on a server of FTP (RFC 1738 §3.2), with or without TLS."""
    return url.lower().startswith(("ftp://", "ftps://"))


def host_of(url: str) -> str:
    """Return the host of an address in lower case; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


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
    file_dates: tuple[str, ...] = ()
    """Dates of its file, the best one first: they stand in where its own cannot be read."""

    @property
    def captured(self) -> RecordDate:
        """When it was captured, as far as it can be known."""
        return record_date(self.date, self.file_dates)

    @property
    def is_not_modified(self) -> bool:
        """Whether it is a revisit whose server said that nothing changed: it means the answer that it repeats."""
        return self.kind == "revisit" and self.status == _NOT_MODIFIED

    @property
    def is_segmented(self) -> bool:
        """Whether it is the first part of a record, and the others are not put together with it."""
        return self.truncated == SEGMENTED

    @property
    def is_page(self) -> bool:
        """Whether its own head says that it is a page; a revisit may say nothing, then what it repeats decides."""
        repeats = self.kind == "revisit" and self.status in {0, _NOT_MODIFIED}
        status = 200 if repeats or not self.status else self.status
        return is_page(self.url, status, self.content_type)

    @property
    def has_page(self) -> bool:
        """Whether it is a page that it holds itself; a revisit repeats that of another record."""
        return self.kind != "revisit" and self.is_page


class FileDates:
    """The dates of a file, which stand in for those of its records that cannot be read."""

    def __init__(self, *names: str) -> None:
        """Begin; `names` are those of the file, the innermost first: crawlers put dates into them."""
        self._in_names = tuple(date for name in names if (date := date_in_name(name)))
        self._warcinfo = ""

    def see(self, fields: Fields) -> None:
        """Take the fields of a record: the warcinfo that came last says when what follows was captured (§6.2)."""
        values = values_of(fields)
        if values.get("warc-type", "").lower() == "warcinfo":
            self._warcinfo = values.get("warc-date", "")

    @property
    def all(self) -> tuple[str, ...]:
        """The dates, the best one first."""
        return (self._warcinfo, *self._in_names) if self._warcinfo else self._in_names


def page_record(
    record_id: str, fields: Fields, beginning: bytes, file_dates: tuple[str, ...] = ()
) -> PageRecord | None:
    """Return what a record is, by its fields and the first bytes of its block; None where it is of no interest.

    `file_dates` are those of `PageRecord`.
    """
    values = values_of(fields)
    kind = values.get("warc-type", "").lower()
    if kind not in {"response", "resource", "revisit"}:
        return None
    url = values.get("warc-target-uri", "").strip("<>")
    head = parse_head(beginning) if kind != "resource" else None
    # An answer of a file server is the file itself (WARC 1.1 §6.3.3).
    is_file = head is None and (kind == "resource" or (kind == "response" and is_on_file_server(url)))
    if kind == "response" and head is None and not is_file:
        return None
    return PageRecord(
        record_id=record_id,
        given_id=values.get("warc-record-id", "").strip("<>"),
        kind=kind,
        url=url,
        date=values.get("warc-date", ""),
        status=head.status if head else 0,
        reason=head.reason.decode("utf-8", "replace") if head else "",
        content_type=head.get("Content-Type") if head else values.get("content-type", "") if is_file else "",
        etag=head.get("ETag") if head else "",
        last_modified=head.get("Last-Modified") if head else "",
        location=_location(head) if head else "",
        truncated=values.get("warc-truncated", "") or (SEGMENTED if "warc-segment-number" in values else ""),
        digest=values.get("warc-payload-digest", ""),
        refers_to=(
            values.get("warc-refers-to", "").strip("<>"),
            values.get("warc-refers-to-target-uri", "").strip("<>"),
            values.get("warc-refers-to-date", ""),
        ),
        file_dates=file_dates,
    )


def _location(head: Head) -> str:
    return head.get("Location") if head.status // 100 == 3 and head.status != _NOT_MODIFIED else ""


def select_pages(candidates: Iterable[PageRecord], listed: Mapping[str, str]) -> dict[PageRecord, str]:
    """Return the records that are pages, each with the title that a list gives it.

    `listed` are the addresses of a list of pages, as in a WACZ, with their titles: a page is what that names, and what
    its addresses redirect to. Where there is none, or it names no page of these, every answer with HTML is one.
    """
    records = list(candidates)
    titles = {_plain(url): title for url, title in listed.items()}
    for each in records:  # in the order of the file: a redirect stands before where it leads
        if titles and each.location and (url := _plain(each.url)) in titles:
            titles.setdefault(_plain(urljoin(each.url, each.location)), titles[url])
    if not any(each.is_page and _plain(each.url) in titles for each in records):
        titles = {}
    return {
        each: titles.get(_plain(each.url), "")
        for each in records
        if each.is_page and (not titles or _plain(each.url) in titles)
    }


def _plain(url: str) -> str:
    return urldefrag(url).url
