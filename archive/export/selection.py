"""The records that some articles need: of their visits with all exchanges, of what was made of them, and of origins.

A visit's description names its exchanges; request, answer and description of an exchange lie side by side. What a
revisit stands for, and what a conversion was made of, is needed too, so that the result replays by itself.
"""

import json
from contextlib import suppress
from functools import cache
from typing import Any

from archive.export.passing import peek
from archive.holdings import Holdings
from archive.reader import Place
from archive.warc.records import Record

__all__ = ["Gathering"]

_BEFORE, _AFTER = 2, 3
"""Rows around that of an exchange's record in which its other records are: request, answer, description."""


class Gathering:
    """Collects the rows of records. Every method raises Damaged, Busy or StorageError."""

    def __init__(self, collection: Holdings) -> None:
        """Begin with nothing."""
        self._collection = collection
        self._catalogue = collection.catalogue
        self._rows: set[int] = set()
        self._fetched = cache(self._fetched_in)

    def places(self) -> list[Place]:
        """Return where the records lie: captures first, in the order in which they were written."""
        names = self._catalogue.execute("SELECT folder, name FROM file ORDER BY folder DESC, id").fetchall()
        files = {name: number for number, name in enumerate(names)}
        found = (self._catalogue.place(row) for row in self._rows)
        return sorted(found, key=lambda place: (files[place.folder, place.name], place.offset))

    def article(self, article: int) -> None:
        """Add all that belongs to an article."""
        run = self._catalogue.execute
        for kind, record, visit_id in run(
            "SELECT kind, record, coalesce(visit_id, '') FROM capture LEFT JOIN visit ON visit.capture = capture.id"
            " WHERE article = ? ORDER BY capture.id",
            (article,),
        ).fetchall():
            if kind == "visit":
                self._visit(visit_id)
            else:
                self._add(record)
        for rows in run(
            "SELECT provenance, ledger FROM cleaning JOIN capture ON capture.id = cleaning.capture WHERE article = ?",
            (article,),
        ).fetchall():
            for row in rows:
                if row is not None:
                    self._add(row)
        for (row,) in run("SELECT record FROM version WHERE article = ?", (article,)).fetchall():
            self._add(row)

    def _visit(self, visit_id: str) -> None:
        said = json.loads(self._collection.record(visit_id).block)
        for exchange in said["exchanges"]:
            self._exchange(self._row(exchange["record"]))
        for url in said["shared"]:  # an earlier page of the run has it
            self._shared(url, said["run"] or "")
        # What a revisit of others repeats is not always named by identifier.
        if origin := said.get("import", {}).get("origin"):
            self._exchange(self._row(origin))
        self._rows.add(self._row(visit_id))

    def _shared(self, url: str, run: str) -> None:
        if record_id := self._fetched(run).get(url):
            self._exchange(self._row(record_id))
        elif found := self._catalogue.one("SELECT record FROM payload WHERE uri = ?", url):
            self._exchange(found[0])

    def _fetched_in(self, run: str) -> dict[str, str]:
        """Return which record holds what was fetched at an address, of all visits of a run."""
        visits = self._catalogue.execute(
            "SELECT visit_id FROM item JOIN run ON run.id = item.run WHERE run_id = ? AND visit_id != ''", (run,)
        ).fetchall()
        found: dict[str, str] = {}
        for (visit_id,) in visits:
            said: dict[str, Any] = json.loads(self._collection.record(visit_id).block)
            found |= {each["url"]: each["record"] for each in said["exchanges"] if each["role"] == "requisite"}
        return found

    def _exchange(self, row: int) -> None:
        """Add the record that stands for an exchange, with those that were written beside it."""
        if row in self._rows:
            return
        added = self._add(row)
        record_id = added.record_id
        beside = self._catalogue.execute(
            "SELECT id FROM record WHERE id BETWEEN ? AND ? AND id != ?"
            " AND file = (SELECT file FROM record WHERE id = ?)",
            (row - _BEFORE, row + _AFTER, row, row),
        ).fetchall()
        for (each,) in beside:
            record = self._peek(each)
            of_visit = record.get("WARC-Target-URI").startswith("urn:visit:")
            is_named = record.record_id in _concurrent_to(added)  # by some writers the answer names the request
            if (record_id in _concurrent_to(record) or is_named) and not of_visit:
                self._rows.add(each)

    def _add(self, row: int) -> Record:
        """Add a record, and the one that it refers to."""
        self._rows.add(row)
        record = self._peek(row)
        if record.refers_to:
            with suppress(KeyError):  # nothing to be found there either by those who read it here
                origin = self._row(record.refers_to)
                if record.type in {"revisit", "conversion"}:
                    self._exchange(origin)
        return record

    def _row(self, record_id: str) -> int:
        found = self._catalogue.one("SELECT id FROM record WHERE record_id = ?", record_id)
        if found is None:
            raise KeyError(record_id)
        return int(found[0])

    def _peek(self, row: int) -> Record:
        place = self._catalogue.place(row)
        return peek(self._collection.path / place.folder / place.name, place.offset, place.length)


def _concurrent_to(record: Record) -> list[str]:
    """Return the records that a record says it was made with (WARC 1.1 §5.7); the field may be repeated."""
    return [value.strip("<>") for name, value in record.fields if name.lower() == "warc-concurrent-to"]
