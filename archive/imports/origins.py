"""Which record has the payload of a revisit (WARC 1.1 §6.7): in the same file, or in the collection."""

from collections.abc import Iterable
from typing import NamedTuple

from archive import dates
from archive.catalogue import Catalogue, storable
from archive.errors import storage_errors
from archive.imports.candidates import Candidate

__all__ = ["Origins", "Payload"]

_CHAIN = 10
"""Revisits of revisits that are followed."""


class Payload(NamedTuple):
    """A record that has a payload."""

    record_id: str
    content_type: str
    """Of the answer, as far as the imported file says."""


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

    def of(self, revisit: Candidate) -> Payload | None:
        """Return the record of a page that a revisit repeats; None where there is none."""
        each = revisit
        for _ in range(_CHAIN):
            record_id, url, date = each.refers_to
            near = self._by_id.get(record_id) if record_id else None
            near = near or self._by_date.get((url or each.url, date))
            if near is None and (kept := self._kept(record_id, url or each.url, date)):
                return Payload(kept, each.content_type)
            near = near or (self._by_digest.get(each.digest) if each.digest else None)
            if near is None or near is each:
                return None
            if near.kind != "revisit":
                return Payload(near.record_id, near.content_type) if near.is_page else None
            each = near
        return None

    def _kept(self, record_id: str, url: str, date: str) -> str:
        """Return the record of a page of the collection, by its identifier, or by address and date."""
        when = dates.moment(date)
        with storage_errors(self._catalogue.path):
            row = self._catalogue.one(
                "SELECT record_id FROM capture JOIN record ON record.id = capture.record"
                " WHERE version IS NOT NULL AND (record_id = ? OR (url = ? AND fetched_at = ?)) LIMIT 1",
                record_id,
                storable(url),
                dates.exact(when) if when else "",
            )
        return str(row[0]) if row else ""
