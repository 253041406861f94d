"""From a page in an imported file to what the catalogue and the derived files have of it: a visit that others made.

Its description is that of a visit (see `archive.model`), with one key more:

| key | value |
| --- | --- |
| `import` | where it comes from: `sha256` and `file` of what was imported, `type` of the record, `title` in a list of \
pages, `origin`: of a revisit the record that has the payload, else empty; `digest` of the payload as the record says |

The answer's payload is named in it by no digest: a conditional request never refers to what others captured.
"""

from itertools import count
from typing import NamedTuple

from archive import dates
from archive.catalogue.connection import Catalogue
from archive.files import storable
from archive.imports.answers import Answer
from archive.ingest.answers import Candidate
from archive.ingest.prepared import Context, PreparedVisit
from archive.ingest.provenance import CONTENT_TYPE, to_json
from archive.ingest.visit import identities_of, key_of
from archive.model import FORMAT, facts_in
from archive.uris import urn, visit_uri
from archive.visit_preparing import assembled
from archive.warc import records
from archive.warc.members import member
from archive.warc.records import named_record_id
from clean.document import State

__all__ = ["ImportedPage", "NoDate", "new_visit_id", "prepare_imported"]


class NoDate(ValueError):
    """A record does not say when it was captured."""


class ImportedPage(NamedTuple):
    """A page of others, and what cleaning made of it."""

    found: Candidate
    answer: Answer
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


def new_visit_id(catalogue: Catalogue, record_id: str) -> str | None:
    """Return the identifier for the visit of a record; None where the collection has that visit.

    It follows from the record's, so that one page is never taken twice, also by two processes. Where others import a
    collection like ours, the record of that name may be theirs; then ours has another name.
    """
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
