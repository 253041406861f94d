"""Reviewers' decisions: the append-only file decisions.jsonl and its rows in the catalogue.

The file is the truth. A decision is kept so, under the write lock of the collection:

1. lines behind the last one that the catalogue knows are inserted, and half a line, which a process that died left, is
   moved aside: it was never reported done;
2. the new lines are appended, and fsynced;
3. their rows are inserted, the current texts of the articles follow them (`archive.catalogue.current`), and the
   transaction is committed;
4. the Markdown files of articles whose current text moved are written.

A process that dies between 2 and 3 leaves whole lines; whoever decides next, or opens the collection for writing, does
step 1 for them.

Should the file lose a line, the catalogue has it still, and `write_back` makes the file again.

| key | value |
| --- | --- |
| `previous` | the digest of the line before (`archive.storage.Journal`) |
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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from archive.catalogue.articles import article_row
from archive.catalogue.connection import Catalogue
from archive.catalogue.decisions import (
    Decision,
    decision_history,
    insert_decision,
    latest,
    lines_end,
    placed_decisions,
)
from archive.catalogue.history import changes
from archive.catalogue.manifest import ManifestRow, carry_over, manifest_row, named_rows
from archive.catalogue.rows import free_name, settle
from archive.catalogue.schema import SCHEMA_VERSION
from archive.collection import markdown
from archive.collection.manifest import append_lines
from archive.dates import exact
from archive.errors import ArchiveError, Damaged
from archive.storage import (
    CATALOGUE,
    Journal,
    JournalHead,
    json_line,
    read_line,
    storable,
    sync_folder,
    write_atomically,
)
from archive.warc.reader import read_at

__all__ = [
    "FILE",
    "UNDONE",
    "VERDICTS",
    "DecidedMeanwhile",
    "Decision",
    "ReviewBasis",
    "carried_over",
    "catch_up",
    "check_line",
    "decision_history",
    "latest",
    "lines_lost",
    "record_decision",
    "write_back",
    "written",
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
    article: str
    """Key of the article, whose current text may move."""


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
    with closing(Catalogue(root / CATALOGUE)) as catalogue:
        with catalogue.transaction():
            catch_up(catalogue, root, mend=True)
            if lines_lost(catalogue, root):
                raise Damaged(
                    f"{root / FILE} is not what was written, or has lost lines",
                    hint="See what is wrong with `archive verify`;"
                    " `archive verify --repair` writes lost decisions back.",
                )
            decisions = []
            articles = []
            for each in seen:
                before = decision_history(catalogue, each.item)[-1:]
                last = before[0].decision if before else ""
                if after is not None and after.get(each.item, "") != last:
                    raise DecidedMeanwhile(before[0]) if before else Damaged(f"{root / FILE} has lost a decision")
                name = f"urn:uuid:{uuid4()}"
                decisions.append(
                    Decision(
                        item=each.item,
                        diff_sha256=each.diff_sha256,
                        ruleset_sha256=each.ruleset_sha256,
                        decision=name,
                        verdict=verdict,
                        note=storable(note),
                        reviewer=storable(reviewer),
                        at=exact(at),
                        supersedes=last,
                        batch=batch,
                    )
                )
                if (article := article_row(catalogue, each.article)) is not None:
                    articles.append(article)
            ends = append_lines(catalogue, root, FILE, [each._asdict() for each in decisions])
            for decision, end in zip(decisions, ends, strict=True):
                insert_decision(catalogue, decision, end)
            settle(catalogue, articles, partial(free_name, catalogue, root))
        with suppress(ArchiveError):  # the flag stays, and whoever writes next does it
            markdown.write_pending(catalogue, root, {}, lambda row: read_at(root, catalogue.place(row)).block)
    return decisions


def catch_up(
    catalogue: Catalogue,
    root: Path,
    *,
    mend: bool = False,
    until: int | None = None,
    damage: list[tuple[int, str]] | None = None,
    name: Callable[[str, str], str] | None = None,
) -> None:
    """Insert the decisions that the file has and the catalogue has not, inside a transaction of the caller's.

    With `mend`, the file's last line gets its end where that is missing, and half a line is moved aside. `until` is the
    place in the file up to which it is read, in bytes; None for all of it. Lines that are no decisions stay in the file
    and decide nothing; they go to `damage`, with where they begin. `name` names the Markdown file of an article that
    has none yet.

    Raises StorageError or sqlite3.Error.
    """
    journal = Journal(root / FILE)
    items: set[str] = set()
    if mend:
        journal.mend()
        # What a process that died had written goes to the disk first: the catalogue must never know more than the file.
        if journal.size() > lines_end(catalogue):
            journal.sync()
    for line in journal.lines(lines_end(catalogue)):
        if not line.whole or (until is not None and line.end > until):
            break
        try:
            decision = _decision(line.data)
            insert_decision(catalogue, decision, line.end)
            items.add(decision.item)
        except (ValueError, TypeError, sqlite3.IntegrityError) as error:
            if damage is not None:
                damage.append((line.start, f"the line is no decision: {error}"))
    if items:  # a line does not name the article
        articles = [change.article for change in changes(catalogue) if change.id in items]
        settle(catalogue, articles, name or partial(free_name, catalogue, root))


def check_line(line: bytes) -> None:
    """Raise ValueError or TypeError where a line is no decision."""
    _decision(line)


def _decision(line: bytes) -> Decision:
    """Return the decision that a line says. Raises ValueError or TypeError where it says none."""
    values = read_line(line)
    values.pop("previous", None)
    return Decision(**values)


def lines_lost(catalogue: Catalogue, root: Path) -> bool:
    """Whether the file is not what was noted, or ends before the last decision that the catalogue has.

    Raises StorageError or sqlite3.Error.
    """
    journal = Journal(root / FILE)
    row = manifest_row(catalogue, FILE)
    return journal.size() < lines_end(catalogue) or (row is not None and not journal.holds(row.head))


def written(catalogue: Catalogue) -> bytes | None:
    """Return the file as it was written, byte for byte, made from the rows of the catalogue.

    None where they do not give it: its lines have other lengths than the rows say, or another digest than was noted.
    Raises sqlite3.Error.
    """
    lines: list[bytes] = []
    end, whole = 0, sha256()
    digest = whole.hexdigest()
    for decision, line_end in placed_decisions(catalogue):
        values = decision._asdict()
        named = json_line({"previous": digest, **values})
        # Earlier versions named nothing, and the first of them escaped nothing.
        old = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        line = next((each for each in (named, json_line(values), old) if end + len(each) == line_end), None)
        if line is None:
            return None
        lines.append(line)
        end += len(line)
        whole.update(line)
        digest = (sha256(line) if line is named else whole).hexdigest()
    row = manifest_row(catalogue, FILE)
    return b"".join(lines) if row is None or row.head == JournalHead(end, digest) else None


@contextmanager
def carried_over(catalogue: Catalogue, root: Path) -> Iterator[None]:
    """Keep what only the catalogue knows while it is made again, inside a transaction of the caller's.

    These are decisions that the file lost (`write_back`), and how the files beside the WARC files were last written.
    """
    noted: list[tuple[ManifestRow, str]] = []
    if catalogue.schema() == SCHEMA_VERSION:
        write_back(catalogue, root)
        noted = named_rows(catalogue)
    yield
    carry_over(catalogue, noted)


def write_back(catalogue: Catalogue, root: Path) -> int:
    """Make the file again where it lost decisions, or is not what was written, inside a transaction of the caller's.

    Return how many decisions it lacked. It becomes what was written where the catalogue gives that; else it holds the
    decisions that the catalogue has, in their order, and `archive verify` goes on telling that it is not what was
    written. Decisions that it alone has come behind them. The file as it was is kept beside it. The rows no longer tell
    where the lines end, so the catalogue is to be made again.

    Raises DiskFull, NotWritable, StorageError or sqlite3.Error.
    """
    journal = Journal(root / FILE)
    lines = list(journal.lines())
    if not lines_lost(catalogue, root) and all(line.fits for line in lines):
        return 0
    known = {decision.decision: decision for decision, _ in placed_decisions(catalogue)}
    found: dict[str, Decision] = {}
    for line in lines:
        with suppress(ValueError, TypeError):
            decision = _decision(line.data)
            found[decision.decision] = decision
    missing = sum(found.get(name) != decision for name, decision in known.items())
    data = written(catalogue)
    if data is None and not missing:
        return 0
    if lines:
        before = journal.path.read_bytes()
        aside = journal.path.with_name(f"{FILE}.{sha256(before).hexdigest()[:8]}.damaged")
        write_atomically(aside, before, locked=True)
    write_atomically(journal.path, data or b"", locked=True)
    sync_folder(root)
    if data is None:
        journal.append([decision._asdict() for decision in known.values()])
    if unknown := [decision._asdict() for name, decision in found.items() if name not in known]:
        journal.append(unknown)
    return missing
