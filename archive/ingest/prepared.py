"""Data types of preparation: records, and facts for the catalogue. All of it can be pickled.

Compressing is most of the work of keeping; done before the collection is locked, in any process, it leaves little more
than appending to the process that owns the files. What a record says may depend on what the collection has: whether an
answer is a revisit, whether a visit takes over an earlier text, which record a text is derived from. Such records are
kept in a form from which the commit makes the right one without reading anything back.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.ingest.provenance import Provenance
from archive.model import Judgement, Subject, VisitDescription
from archive.naming import markdown_path
from archive.warc import records
from archive.warc.exchanges import shareable
from archive.warc.members import Member, member
from archive.warc.records import Fields, Record, urn
from capture.errors import CaptureError
from capture.page import Page
from clean.document import Cleaned, EmbeddedFile

__all__ = [
    "Context",
    "DerivedRecords",
    "PreparedExchange",
    "PreparedReclean",
    "PreparedSnapshot",
    "PreparedVisit",
    "ReferringRecord",
    "RequestConditions",
    "Visit",
    "VisitCapture",
    "derived",
]

MARKDOWN_TYPE = "text/markdown; charset=utf-8; variant=CommonMark"
"""RFC 7763 demands the charset; the variant (RFC 7764) says how the text renders as its author meant."""

LEDGER_TYPE = "application/x-ndjson"


class Context(NamedTuple):
    """Clock, identifiers and settings: given, so that preparation stays pure."""

    timezone: str
    """The zone of dates that name none."""
    now: datetime
    """The moment of adding, with its zone."""
    new_id: Callable[[], str] = records.new_record_id
    """Makes record identifiers; each call gives another."""
    directory: Path | None = None
    """For temporary files of large records; the system's folder by default."""
    known: Collection[str] = frozenset()
    """Digests of payloads that the collection has for certain, so that they need no compressing."""


class ReferringRecord(NamedTuple):
    """A record with a WARC-Refers-To that was chosen before anybody knew what the collection has."""

    record: Record
    member: Member
    """The same, compressed."""

    def referring_to(self, record_id: str) -> Member:
        """Return the record, compressed, with this WARC-Refers-To: as it was prepared where it is the one chosen."""
        if self.record.refers_to == record_id:
            return self.member
        return member(self.record.referring_to(record_id))


class DerivedRecords(NamedTuple):
    """The records of a cleaned text."""

    conversion: ReferringRecord | None
    ledger: ReferringRecord | None
    path: str
    """The Markdown file's name that the article would like."""
    files: tuple[EmbeddedFile, ...] = ()
    """Images that the text shows and that the page held in itself."""

    @property
    def markdown(self) -> bytes:
        """The text, in UTF-8; empty where there is none."""
        return self.conversion.record.block if self.conversion else b""


NOTHING_DERIVED = DerivedRecords(None, None, "")


class PreparedSnapshot(NamedTuple):
    """A snapshot, ready for `Collection.commit`."""

    subject: Subject
    judgement: Judgement
    resource: Member
    provenance: ReferringRecord
    derived: DerivedRecords

    def discard(self) -> None:
        """Do nothing: a snapshot is in memory."""


class PreparedReclean(NamedTuple):
    """A recleaned capture, ready for `Collection.commit`."""

    capture: str
    """The record that names the capture: a snapshot's resource, or the description of a visit."""
    kind: str
    """`snapshot` or `visit`."""
    name: str
    """For people: the snapshot's file, or the address as given."""
    title: str
    """These three as cleaning read them; storable."""
    source: str
    date: str
    judgement: Judgement
    provenance: Member
    derived: DerivedRecords
    inherits: bool
    """Whether the text is that of an earlier visit, which is cleaned anew before it."""

    def discard(self) -> None:
        """Do nothing: all of it is in memory."""


class RequestConditions(NamedTuple):
    """What a conditional request asked about (RFC 9110 §13.1), as it was sent; empty where it was not."""

    etag: str
    """If-None-Match."""
    last_modified: str
    """If-Modified-Since."""


class PreparedExchange(NamedTuple):
    """An exchange. Whether its answer becomes a response or a revisit is decided when it is kept."""

    record_id: str
    """Of the record that stands for it: the answer's, or where nothing came the description's."""
    url: str
    request: Member | None
    fields: Fields
    """Of the response; empty where nothing came that is HTTP."""
    response: Member | None
    """None where nothing came that is HTTP, and where the collection has the payload."""
    head: bytes
    """Of the answer, verbatim; empty where the payload is not to be looked for."""
    payload_sha256: str
    """Empty where there is no payload that could be referred to: nothing came, or it is cut."""
    conditions: RequestConditions | None
    """Of its request; only where the answer is a 304."""
    verbatim: Member | None
    """The answer's bytes in a metadata record: of a 304 for the case that it becomes a revisit, and of no HTTP."""
    description: Member

    @property
    def held(self) -> int:
        """Bytes of its members that are in memory."""
        members = (self.request, self.response, self.verbatim, self.description)
        return sum(len(each.data) for each in members if each is not None)

    def discard(self) -> None:
        """Remove temporary files."""
        for each in (self.request, self.response, self.verbatim):
            if each is not None:
                each.discard()


class VisitCapture(NamedTuple):
    """The capture that a visit adds to its article, with all that was judged and derived of it."""

    subject: Subject
    provenance: Provenance
    derived: DerivedRecords
    inherits: bool
    """Whether it takes over the text of an earlier visit, where that had the same payload or is what a 304 means."""


class PreparedVisit(NamedTuple):
    """A visit, ready for `Collection.commit`; `discard` it after that."""

    description: VisitDescription
    member: Member
    """The record of the description."""
    exchanges: tuple[PreparedExchange, ...]
    judgement: Judgement
    capture: VisitCapture | None
    """None where nothing was captured, because a rule of ours or a mistake in the address said no."""

    @property
    def derived(self) -> DerivedRecords:
        """What cleaning made of its page."""
        return self.capture.derived if self.capture else NOTHING_DERIVED

    def discard(self) -> None:
        """Remove temporary files."""
        for each in self.exchanges:
            each.discard()


def derived(
    cleaned: Cleaned | None, *, key: str, page: str, uri: str, at: str, source: str, new_id: Callable[[], str]
) -> DerivedRecords:
    """Return the conversion of a cleaned page, and the ledger that refers to it; nothing where it is no article.

    `page` is the page's URI, `uri` the conversion's, `source` the record that it is a conversion of.

    Raises BadRecord for a software name with a line break in it.
    """
    if cleaned is None or cleaned.markdown is None:
        return NOTHING_DERIVED
    ledger = cleaned.ledger
    engine = f"; engine={ledger.engine}" if ledger.engine else ""
    conversion = records.conversion(
        record_id=new_id(),
        date=at,
        uri=uri,
        refers_to=source,
        content_type=MARKDOWN_TYPE,
        software=ledger.software,
        options=f"ruleset=sha256:{ledger.ruleset_sha256}; profile={cleaned.profile}{engine}",
        block=cleaned.markdown.encode(),
    )
    removed = records.metadata(
        record_id=new_id(),
        date=at,
        uri=urn("ledger", page),
        refers_to=conversion.record_id,
        content_type=LEDGER_TYPE,
        block=ledger.to_json_lines().encode(),
    )
    return DerivedRecords(
        ReferringRecord(conversion, member(conversion)),
        ReferringRecord(removed, member(removed)),
        markdown_path(cleaned.fact, key),
        cleaned.shown_files(),
    )


class Visit(NamedTuple):
    """A visit as it is given to a collection: what came of asking for one page, and what cleaning made of it."""

    url: str
    """As given."""
    page: Page | None
    """What came; also that of an error. None where the text was no address."""
    cleaned: Cleaned | None = None
    """What cleaning made of the answer's content, without a fetch_date, so that the same page gives the same text.
    None for what is no text, for a 304, and where the caller knows that the payload is known."""
    error: CaptureError | None = None
    """What ended the visit, where something did."""
    uncleaned: str = ""
    """Why this machine could not clean what came; empty where it could, or where there was nothing to clean."""
    refused: str = ""
    """What the content is, where it is no page whatever the server says; else empty."""
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
