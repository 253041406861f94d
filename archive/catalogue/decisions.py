"""Rows of reviewers' decisions; the file itself is `archive.collection.decisions`."""

from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import storage_errors

__all__ = [
    "Decision",
    "count_decisions",
    "decision_history",
    "insert_decision",
    "latest",
    "lines_end",
    "placed_decisions",
]


class Decision(NamedTuple):
    """A decision, with the keys of a line of decisions.jsonl."""

    decision: str
    """Its own name, a `urn:uuid:`."""
    item: str
    """Name of the change that it is about (`archive.catalogue.history.change_id`)."""
    diff_sha256: str
    """Of the difference that was seen."""
    ruleset_sha256: str
    """Of the rules of the cleaning."""
    verdict: str
    note: str
    reviewer: str
    at: str
    """UTC, to the microsecond."""
    supersedes: str
    """The decision about the same item before it; empty where there is none."""
    batch: str
    """The same for decisions that were made in one go; empty for one alone."""


_COLUMNS = ", ".join(Decision._fields)


def latest(catalogue: Catalogue) -> dict[str, Decision]:
    """Return the last decision about each item. Raises Busy, Damaged or StorageError."""
    sql = f"SELECT {_COLUMNS} FROM decision WHERE id IN (SELECT max(id) FROM decision GROUP BY item)"
    with storage_errors(catalogue.path, reading=True):
        return {each.item: each for each in catalogue.select(Decision, sql)}


def decision_history(catalogue: Catalogue, item: str) -> list[Decision]:
    """Return all decisions about an item, the oldest first. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path, reading=True):
        return list(catalogue.select(Decision, f"SELECT {_COLUMNS} FROM decision WHERE item = ? ORDER BY id", item))


def placed_decisions(catalogue: Catalogue) -> list[tuple[Decision, int]]:
    """Return all decisions, the oldest first, each with where its line ends in the file. Raises sqlite3.Error."""
    rows = catalogue.execute(f"SELECT {_COLUMNS}, line_end FROM decision ORDER BY id").fetchall()
    return [(Decision._make(row[:-1]), row[-1]) for row in rows]


def count_decisions(catalogue: Catalogue) -> int:
    """Return how many decisions there are. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path, reading=True):
        return int(catalogue.one("SELECT count(*) FROM decision")[0])


def lines_end(catalogue: Catalogue) -> int:
    """Return where the last line of decisions.jsonl that was inserted ends, in bytes. Raises sqlite3.Error."""
    return int(catalogue.one("SELECT coalesce(max(line_end), 0) FROM decision")[0])


def insert_decision(catalogue: Catalogue, decision: Decision, line_end: int) -> None:
    """Insert a decision, inside a transaction of the caller's; its line ends at this byte.

    Raises sqlite3.IntegrityError where the catalogue has it, or its verdict is none; or another sqlite3.Error.
    """
    catalogue.insert("decision", **decision._asdict(), line_end=line_end)
