"""Reviewers' decisions: the append-only file decisions.jsonl and its rows in the catalogue.

The file is the truth. A decision is kept so, under the write lock of the collection:

1. lines behind the last one that the catalogue knows are inserted, and half a line, which a process that died left, is
   cut off: it was never reported done;
2. the new lines are appended, and fsynced;
3. their rows are inserted, and the transaction is committed.

A process that dies between 2 and 3 leaves whole lines; whoever decides next, or opens the collection for writing, does
step 1 for them.

| key | value |
| --- | --- |
| `decision` | its own name, a `urn:uuid:` |
| `item` | name of the change that it is about (`archive.catalogue.history`) |
| `diff_sha256`, `ruleset_sha256` | what was seen: the difference, and the rules of the cleaning |
| `verdict` | `accepted`, `rejected`, `needs-work`; `pending` takes the decision before it back |
| `note`, `reviewer` | in the reviewer's words |
| `at` | UTC, to the microsecond |
| `supersedes` | the decision about the same item before it; empty where there is none |
| `batch` | the same for decisions that were made in one go; empty for one alone |
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from archive.catalogue.connection import Catalogue
from archive.catalogue.decisions import Decision, decision_history, insert_decision, latest, lines_end
from archive.dates import exact
from archive.errors import ArchiveError, Damaged, storage_errors
from archive.storage import CATALOGUE, Journal, storable

__all__ = [
    "FILE",
    "UNDONE",
    "VERDICTS",
    "DecidedMeanwhile",
    "Decision",
    "ReviewBasis",
    "catch_up",
    "decision_history",
    "latest",
    "record_decision",
]

FILE = "decisions.jsonl"

VERDICTS = ("accepted", "rejected", "needs-work")

UNDONE = "pending"
"""What an undoing decides: that the item is as if nobody had decided."""


class ReviewBasis(NamedTuple):
    """The texts and rules that a reviewer saw when deciding."""

    item: str
    diff_sha256: str
    ruleset_sha256: str


class DecidedMeanwhile(ArchiveError):
    """Somebody decided about the same item since it was looked at."""

    code = "decided-meanwhile"
    hint = "Look at the item again, then decide."

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.reviewer} decided about {decision.item}: {decision.verdict}")
        self.decision = decision


def record_decision(
    root: Path,
    seen: Iterable[ReviewBasis],
    verdict: str,
    *,
    note: str,
    reviewer: str,
    at: datetime,
    batch: str = "",
    after: Mapping[str, str] | None = None,
) -> list[Decision]:
    """Keep one decision about each of some items; when this returns, they are on the disk.

    `after` names the decision that was the last one about an item when it was looked at, empty where there was none.

    Raises DecidedMeanwhile where another one came since, and then nothing is kept; Busy, DiskFull, NotWritable, Damaged
    or StorageError.
    """
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
        catch_up(catalogue, root, cut=True)
        decisions = []
        for each in seen:
            before = decision_history(catalogue, each.item)[-1:]
            last = before[0].decision if before else ""
            if after is not None and after.get(each.item, "") != last:
                raise DecidedMeanwhile(before[0]) if before else Damaged(f"{root / FILE} has lost a decision")
            name = f"urn:uuid:{uuid4()}"
            decisions.append(
                Decision(
                    **each._asdict(),
                    decision=name,
                    verdict=verdict,
                    note=storable(note),
                    reviewer=storable(reviewer),
                    at=exact(at),
                    supersedes=last,
                    batch=batch,
                )
            )
        ends = Journal(root / FILE).append([each._asdict() for each in decisions])
        for decision, end in zip(decisions, ends, strict=True):
            insert_decision(catalogue, decision, end)
    return decisions


def catch_up(
    catalogue: Catalogue, root: Path, *, cut: bool = False, damage: list[tuple[int, str]] | None = None
) -> int:
    """Insert the decisions that the file has and the catalogue has not, inside a transaction of the caller's.

    Return where the last whole line ends, in bytes. With `cut`, half a line behind it is cut off. Lines that are no
    decisions stay in the file and decide nothing; they go to `damage`, with where they begin.

    Raises StorageError or sqlite3.Error.
    """
    end = lines_end(catalogue)
    path = root / FILE
    with storage_errors(path):
        if not path.exists():
            return 0
        if cut and path.stat().st_size > end:
            Journal(
                path
            ).sync()  # what a process that died had written; the catalogue must never know more than the file
        with path.open("r+b" if cut else "rb") as file:
            file.seek(end)
            for line in file:
                if not line.endswith(b"\n"):
                    if cut:
                        file.truncate(end)
                    break
                start, end = end, end + len(line)
                try:
                    insert_decision(catalogue, Decision(**json.loads(line)), end)
                except (ValueError, TypeError, sqlite3.IntegrityError) as error:
                    if damage is not None:
                        damage.append((start, f"the line is no decision: {error}"))
    return end
