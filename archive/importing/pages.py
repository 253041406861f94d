"""Visits made of the pages in imported files.

Its description is that of a visit with one key more, `import`; see `archive.model`. It names the answer's payload by no
digest: a conditional request never refers to what others captured.

Of a revisit, the payload is in another record, of the same file or of the collection (WARC 1.1 §6.7); `OriginFinder`
finds it. Of a segmented record (§7), `put_together` makes a `conversion` that has the whole block; the segments stay as
they came.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from archive import dates
from archive.catalogue.visits import find_payload_record, has_visit, waiting_revisits
from archive.collection.collection import Collection
from archive.collection.reader import CollectionReader, catalogue_of
from archive.errors import Damaged, storage_errors
from archive.importing.importer import Importer
from archive.ingest.answers import PageContent
from archive.ingest.prepared import Context, PreparedVisit
from archive.ingest.visit import identities_of, key_of, prepare_described
from archive.model import ImportSource, VisitDescription, VisitExchange
from archive.storage import storable
from archive.warc.content import demand_size
from archive.warc.pages import BEGINNING, PageRecord, page_record
from archive.warc.records import EMPTY_SHA256, conversion, named_record_id, visit_uri
from clean.document import State
from clean.version import SOFTWARE

__all__ = [
    "ImportedPage",
    "OriginFinder",
    "WaitingPage",
    "WholeRecord",
    "new_visit_id",
    "prepare_imported",
    "put_together",
    "waiting_pages",
]


class ImportedPage(NamedTuple):
    """A page of others, and what cleaning made of it."""

    record: PageRecord
    content: PageContent
    aliases: tuple[str, ...]
    """Addresses under which the page itself names its article."""
    origin: str
    """Of a revisit or a segmented record, the record that has the payload; else empty."""
    sha256: str
    """Of the imported file."""
    file: str
    visit_id: str
    """Of the record that describes it; see `new_visit_id`."""
    title: str
    """In the list of pages that came with it; empty where there is none."""


def new_visit_id(collection: CollectionReader, record_id: str) -> str | None:
    """Return the identifier for the visit of a record; None where the collection has that visit.

    It follows from the record's, so that one page is never added twice, also by two processes. Where others import a
    collection like ours, the record of that name may be theirs; then ours has another name.
    """
    catalogue = catalogue_of(collection)
    for number in count(1):
        visit_id = named_record_id(f"{record_id} visit {number}")
        if has_visit(catalogue, visit_id):
            return None
        if catalogue.row_of(visit_id) is None:
            return visit_id
    raise AssertionError("numbers do not end")


def prepare_imported(page: ImportedPage, context: Context) -> PreparedVisit:
    """Return the records and facts of a page that others captured. The record of its answer is kept already.

    Raises BadRecord for a value that no record can hold.
    """
    record, cleaned = page.record, page.content.cleaned
    captured = record.captured
    url, status = storable(record.url), record.status or 200
    live = cleaned is not None and cleaned.state is State.LIVE
    names = (*page.aliases, *([cleaned.fact("url")] if cleaned and live else []))
    target = cleaned.target if cleaned else ""
    description = VisitDescription(
        visit_id=page.visit_id,
        url=url,
        started=dates.exact(captured.moment),
        answer=record.record_id,
        final_url=url,
        status=status,
        etag=storable(record.etag),
        last_modified=storable(record.last_modified),
        target=target,
        target_key=key_of(target),
        exchanges=(VisitExchange(record=record.record_id, role="page", via="", url=url, status=status),),
        imported=ImportSource(
            sha256=page.sha256,
            file=storable(page.file),
            type=record.kind,
            title=storable(page.title),
            origin=page.origin,
            digest=storable(record.digest),
            date=storable(captured.given) if captured.code else "",
            date_read=captured.code,
            date_precision=captured.precision if captured.code else "",
        ),
    ).with_identities(identities_of(record.url, names))
    uri = visit_uri(record.url)
    return prepare_described(
        description, cleaned, page.content.judged, context, address_uri=uri, answer_uri=uri, source=page.origin
    )


class WholeRecord(NamedTuple):
    """The record that has the whole block of a segmented one."""

    record_id: str
    """Empty where there is none."""
    problem: str
    """Why there is none; else empty."""


def put_together(collection: Collection, importer: Importer, page: PageRecord, limit: int) -> WholeRecord:
    """Return the record that has the whole block of a segmented one.

    It is made where the collection does not have it: a `conversion` (WARC 1.1 §6.8) of the first segment, with its
    Content-Type. All records of the file are committed already.

    Raises ContentTooLarge above `limit` bytes, Damaged where a segment is, and what `Importer.keep_made` raises.
    """
    parts = importer.segments.of(page.given_id)
    if parts.problem:
        return WholeRecord("", parts.problem)
    whole_id = named_record_id(" ".join(("segments", *parts.places)))
    if catalogue_of(collection).row_of(whole_id) is None:
        demand_size(parts.size, limit)
        records = [collection.record(each) for each in parts.places]
        importer.keep_made(
            conversion(
                record_id=whole_id,
                date=dates.warc_date(collection.context().now),
                uri=visit_uri(page.url),
                refers_to=page.record_id,
                content_type=storable(records[0].get("Content-Type")) or "application/octet-stream",
                software=SOFTWARE,
                options=f"segments={len(parts.places)}",
                block=b"".join(each.block for each in records),
            )
        )
    return WholeRecord(whole_id, "")


_CHAIN = 10
"""Revisits of revisits that are followed."""


class OriginFinder:
    """Finds records, by what a revisit says."""

    def __init__(self, collection: CollectionReader, candidates: Iterable[PageRecord]) -> None:
        self._catalogue = catalogue_of(collection)
        self._by_id: dict[str, PageRecord] = {}
        self._by_date: dict[tuple[str, str], PageRecord] = {}
        self._by_digest: dict[str, PageRecord] = {}
        for each in candidates:
            self._by_id.setdefault(each.given_id, each)
            if each.kind != "revisit":
                self._by_date.setdefault((each.url, each.date), each)
                self._by_digest.setdefault(each.digest, each)

    def of(self, revisit: PageRecord) -> str:
        """Return the record that has the payload of a page that a revisit repeats; empty where none is here."""
        each = revisit
        for _ in range(_CHAIN):
            record_id, url, date = each.refers_to
            near = self._by_id.get(record_id) if record_id else None
            near = near or self._by_date.get((url or each.url, date))
            if near is None and (stored := self._stored(record_id, url or each.url, date)):
                return stored
            near = near or (self._by_digest.get(each.digest) if each.digest else None)
            if near is None or near is each:
                return self._with_digest(each)
            if near.kind != "revisit":
                return near.record_id if near.is_page else ""
            each = near
        return ""

    def _stored(self, record_id: str, url: str, date: str) -> str:
        """Return what has the payload of a page of the collection, by its identifier, or by address and date."""
        said = dates.read_record_date(date)
        origin = self._one(record_id=record_id) if record_id else ""
        if not origin and said:
            origin = self._one(url=storable(url), fetched_at=dates.exact(said.moment))
        return origin

    def _with_digest(self, revisit: PageRecord) -> str:
        """Return what has a payload of this digest, of all pages of the collection.

        Equal digests of one kind are equal payloads, so it matters little which; the same address is preferred.
        """
        digest = storable(revisit.digest)
        ours = digest.removeprefix("sha256:") if digest.startswith("sha256:") else ""
        if not digest or ours == EMPTY_SHA256:
            return ""
        same = self._one(url=storable(revisit.url), imported_digest=digest)
        return same or self._one(imported_digest=digest) or (self._one(payload_sha256=ours) if ours else "")

    def _one(self, **conditions: str) -> str:
        with storage_errors(self._catalogue.path):
            return find_payload_record(self._catalogue, **conditions)


class WaitingPage(NamedTuple):
    """A revisit that is no capture yet, because its page was not in the collection when it came."""

    page: PageRecord
    sha256: str
    """Of the file that it came with."""
    file: str
    title: str
    """In the list of pages of that file; empty where there is none."""


def waiting_pages(collection: CollectionReader) -> Iterator[WaitingPage]:
    """Yield the revisits that wait for their pages. Raises Busy or StorageError."""
    catalogue = catalogue_of(collection)
    with storage_errors(catalogue.path):
        revisits = waiting_revisits(catalogue)
    for each in revisits:
        try:
            record = collection.record(each.record_id)
        except Damaged:  # which `archive verify` says
            continue
        dates_of_file = tuple(json.loads(each.file_dates))
        page = page_record(record.record_id, record.fields, record.block[:BEGINNING], dates_of_file)
        if page is not None:
            yield WaitingPage(page, each.sha256, each.file, each.title)
