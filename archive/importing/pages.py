"""From a page in an imported file to what the catalogue and the derived files have of it: a visit that others made.

Its description is that of a visit (see `archive.model`), with one key more:

| key | value |
| --- | --- |
| `import` | where it comes from: `sha256` and `file` of what was imported, `type` of the record, `title` in a list of \
pages, `origin`: of a revisit the record that has the payload, else empty; `digest` of the payload as the record says |

The answer's payload is named in it by no digest: a conditional request never refers to what others captured.
"""

from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from archive import dates
from archive.collection.reader import CollectionReader
from archive.errors import storage_errors
from archive.ingest.answers import PageContent, PageRecord
from archive.ingest.prepared import Context, PreparedVisit
from archive.ingest.provenance import CONTENT_TYPE, to_json
from archive.ingest.visit import assembled, identities_of, key_of
from archive.model import FORMAT, facts_in
from archive.storage import storable
from archive.warc import records
from archive.warc.members import member
from archive.warc.records import EMPTY_SHA256, named_record_id, urn, visit_uri
from clean.document import State

__all__ = ["ImportedPage", "NoDate", "OriginFinder", "new_visit_id", "prepare_imported"]


class NoDate(ValueError):
    """A record does not say when it was captured."""


class ImportedPage(NamedTuple):
    """A page of others, and what cleaning made of it."""

    found: PageRecord
    answer: PageContent
    aliases: tuple[str, ...]
    """Addresses under which the page itself names its article."""
    origin: str
    """Of a revisit, the record that has the payload; else empty."""
    sha256: str
    """Of the imported file."""
    file: str
    visit_id: str
    """Of the record that describes it; see `new_visit_id`."""
    title: str
    """In the list of pages that came with it; empty where there is none."""


def new_visit_id(collection: CollectionReader, record_id: str) -> str | None:
    """Return the identifier for the visit of a record; None where the collection has that visit.

    It follows from the record's, so that one page is never taken twice, also by two processes. Where others import a
    collection like ours, the record of that name may be theirs; then ours has another name.
    """
    catalogue = collection.catalogue
    for number in count(1):
        visit_id = named_record_id(f"{record_id} visit {number}")
        if catalogue.one("SELECT 1 FROM visit WHERE visit_id = ?", visit_id):
            return None
        if catalogue.row_of(visit_id) is None:
            return visit_id
    raise AssertionError("numbers do not end")


def prepare_imported(page: ImportedPage, context: Context) -> PreparedVisit:
    """Return the records and facts of a page that others captured. The record of its answer is kept already.

    Raises NoDate, and BadRecord for a value that no record can hold.
    """
    found, cleaned = page.found, page.answer.cleaned
    when = dates.moment(found.date)
    if when is None:
        raise NoDate(f"the record {found.record_id} has no date that can be read: {found.date[:60]!r}")
    started = dates.exact(when)
    status = found.status or 200
    live = cleaned is not None and cleaned.state is State.LIVE
    identities = identities_of(found.url, (*page.aliases, *([cleaned.fact("url")] if cleaned and live else [])))
    target = cleaned.target if cleaned else ""
    said: dict[str, object] = {
        "visit": FORMAT,
        "url": storable(found.url),
        "started": started,
        "answer": found.record_id,
        "final_url": storable(found.url),
        "status": status,
        "etag": storable(found.etag),
        "last_modified": storable(found.last_modified),
        "payload_sha256": "",
        "wall": "",
        "error": "",
        "message": "",
        "robots": {},
        "insecure": False,
        "failures": [],
        "shared": [],
        "article": identities[0].key if identities else None,
        "article_kind": identities[0].kind if identities else None,
        "article_url": identities[0].canonical if identities else None,
        "aliases": [each.key for each in identities[1:]],
        "target": target,
        "target_key": key_of(target),
        "run": None,
        "item": 0,
        "exchanges": [
            {"record": found.record_id, "role": "page", "via": None, "url": storable(found.url), "status": status}
        ],
        "certificates": {},
        "import": {
            "sha256": page.sha256,
            "file": storable(page.file),
            "type": found.kind,
            "title": storable(page.title),
            "origin": page.origin,
            "digest": storable(found.digest),
        },
    }
    uri = visit_uri(found.url)
    description = records.metadata(
        record_id=page.visit_id,
        date=started,
        uri=urn("visit", uri),
        concurrent_to=found.record_id,
        content_type=CONTENT_TYPE,
        block=to_json(said),
    )
    facts = facts_in(page.visit_id, said)
    return assembled(facts, cleaned, page.answer.found, member(description), context, uri=uri, source=page.origin)


# Which record has the payload of a revisit (WARC 1.1 §6.7): in the same file, or in the collection.


_CHAIN = 10
"""Revisits of revisits that are followed."""


# The second half lets SQLite use the index, which leaves empty digests out.
_DIGEST = "imported_digest = ? AND imported_digest != ''"


class OriginFinder:
    """Finds records, by what a revisit says."""

    def __init__(self, collection: CollectionReader, candidates: Iterable[PageRecord]) -> None:
        self._catalogue = collection.catalogue
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
            if near is None and (kept := self._kept(record_id, url or each.url, date)):
                return kept
            near = near or (self._by_digest.get(each.digest) if each.digest else None)
            if near is None or near is each:
                return self._with_digest(each)
            if near.kind != "revisit":
                return near.record_id if near.is_page else ""
            each = near
        return ""

    def _kept(self, record_id: str, url: str, date: str) -> str:
        """Return what has the payload of a page of the collection, by its identifier, or by address and date."""
        when = dates.moment(date)
        found = self._one("record.record_id = ?", record_id) if record_id else ""
        if not found and when:
            found = self._one("final_url = ? AND fetched_at = ?", storable(url), dates.exact(when))
        return found

    def _with_digest(self, revisit: PageRecord) -> str:
        """Return what has a payload of this digest, of all pages of the collection.

        Equal digests of one kind are equal payloads, so it matters little which; the same address is preferred.
        """
        digest = storable(revisit.digest)
        ours = digest.removeprefix("sha256:") if digest.startswith("sha256:") else ""
        if not digest or ours == EMPTY_SHA256:
            return ""
        same = self._one(f"final_url = ? AND {_DIGEST}", storable(revisit.url), digest)
        return same or self._one(_DIGEST, digest) or (self._one("sha256 = ?", ours) if ours else "")

    def _one(self, condition: str, *values: str) -> str:
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one(
                "SELECT CASE WHEN imported_payload != '' THEN imported_payload ELSE"
                " (SELECT theirs.record_id FROM record AS theirs WHERE id = coalesce(payload.record, record.id)) END"
                " FROM capture JOIN record ON record.id = capture.record JOIN visit ON visit.capture = capture.id"
                " LEFT JOIN payload ON payload.sha256 = visit.payload_sha256"
                f" WHERE version IS NOT NULL AND ({condition}) ORDER BY fetched_at, capture.id LIMIT 1",
                *values,
            )
        return str(row[0]) if row else ""
