"""Which record has the payload of a revisit (WARC 1.1 §6.7): in the same file, or in the collection."""

from collections.abc import Iterable

from archive import dates
from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors
from archive.files import storable
from archive.ingest.answers import Candidate
from archive.warc.records import EMPTY_SHA256

__all__ = ["Origins"]

_CHAIN = 10
"""Revisits of revisits that are followed."""


# The second half lets SQLite use the index, which leaves empty digests out.
_DIGEST = "imported_digest = ? AND imported_digest != ''"


class Origins:
    """Finds records, by what a revisit says."""

    def __init__(self, catalogue: Catalogue, candidates: Iterable[Candidate]) -> None:
        self._catalogue = catalogue
        self._by_id: dict[str, Candidate] = {}
        self._by_date: dict[tuple[str, str], Candidate] = {}
        self._by_digest: dict[str, Candidate] = {}
        for each in candidates:
            self._by_id.setdefault(each.given_id, each)
            if each.kind != "revisit":
                self._by_date.setdefault((each.url, each.date), each)
                self._by_digest.setdefault(each.digest, each)

    def of(self, revisit: Candidate) -> str:
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

    def _with_digest(self, revisit: Candidate) -> str:
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
