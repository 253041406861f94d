"""Reviewers' decisions about differences: `decisions.jsonl`, to which lines are added and in which none ever changes.

A line is one JSON object:

| key | value |
| --- | --- |
| `decision` | format of this object: 1 |
| `id` | `urn:uuid:` … |
| `article` | key of the article |
| `from`, `to` | sha256 of the two texts, of versions of the article; `from` is empty for the first version |
| `diff_sha256` | of the difference that was seen |
| `ruleset_sha256` | of the rules that gave the new text |
| `verdict` | `pending`, `accepted`, `rejected` or `needs-work` |
| `note`, `reviewer` | words of the person, and who that is |
| `at` | UTC, to the microsecond |
| `supersedes` | the decision that this one takes the place of; empty where there is none |
| `batch` | the same for decisions that were made in one go; empty for a single one |

The catalogue's table has the same, and where in the file each line ends: what lies behind the last one was written by a
process that died before its commit, and is taken up at the next opening. A decision that is taken back stays; a later
one supersedes it. A decision counts as long as the difference and the rules are those that it was made about.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from archive import writer
from archive.catalogue import Catalogue, storable
from archive.dates import exact
from archive.errors import Damaged, storage_errors
from archive.records import new_record_id

__all__ = ["FILE", "PENDING", "VERDICTS", "Decision", "Decisions", "Draft", "Item", "UnreadableLine", "insert_all"]

FILE = "decisions.jsonl"
FORMAT = 1

PENDING = "pending"
VERDICTS = (PENDING, "accepted", "rejected", "needs-work")

_BEGINNING = b'{"decision": '
_KEYS = ("id", "article", "from", "to", "diff_sha256", "ruleset_sha256", "verdict", "note", "reviewer", "at",
         "supersedes", "batch")  # fmt: skip
_COLUMNS = ("decision_id", "article_key", "from_sha256", "to_sha256", *_KEYS[4:])

_write = os.write  # tests put a disk that runs full in its place


class Item(NamedTuple):
    """What is decided about: the step of an article from one text to another."""

    article: str
    """Key of the article."""
    from_sha256: str
    to_sha256: str


class Draft(NamedTuple):
    """A decision that is to be recorded."""

    item: Item
    diff_sha256: str
    ruleset_sha256: str
    verdict: str
    note: str = ""
    reviewer: str = ""


class Decision(NamedTuple):
    """A recorded decision; the fields are those of the file."""

    id: str
    item: Item
    diff_sha256: str
    ruleset_sha256: str
    verdict: str
    note: str
    reviewer: str
    at: str
    supersedes: str
    batch: str


class UnreadableLine(NamedTuple):
    """A line of the file that is no decision. It stays where it is."""

    line: int
    """From 1."""
    message: str


class Decisions:
    """The decisions of a collection. Every method raises Busy, Damaged, DiskFull, NotWritable or StorageError."""

    def __init__(
        self,
        root: Path,
        catalogue: Catalogue,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = new_record_id,
    ) -> None:
        """Take a collection's folder and its catalogue, and take up what a killed process left."""
        self._path = root / FILE
        self._catalogue = catalogue
        self._clock = clock
        self._new_id = new_id
        with storage_errors(self._path):
            behind = self._size() != self._read_up_to()
        if behind:
            with self._catalogue.transaction():
                self._take_up()

    def record(self, drafts: Sequence[Draft]) -> list[Decision]:
        """Record decisions, those of one call as one batch; when this returns, they are on the disk.

        Each supersedes the last one about the same difference. Raises ValueError for a verdict that is none.
        """
        for draft in drafts:
            if draft.verdict not in VERDICTS:
                raise ValueError(f"{draft.verdict!r} is no verdict; known are {', '.join(VERDICTS)}")
        at = exact(self._clock())
        batch = self._new_id() if len(drafts) > 1 else ""
        with self._catalogue.transaction():
            self._take_up()
            end = self._size()
            made: list[Decision] = []
            lines: list[bytes] = []
            for draft in drafts:
                before = next((each for each in reversed(made) if _same(each, draft)), None) or self._last(draft)
                supersedes = before.id if before else ""
                decision = Decision(self._new_id(), *(_storable(draft)), at, supersedes, batch)
                line = _line(decision)
                end += len(line)
                _insert(self._catalogue, decision, end)
                made.append(decision)
                lines.append(line)
            with storage_errors(self._path):
                _append(self._path, b"".join(lines))
        return made

    def state(self, item: Item, diff_sha256: str, ruleset_sha256: str) -> Decision | None:
        """Return the decision that counts for a difference; None where nobody decided, so that it is pending.

        An earlier decision about another difference of the same texts, or under other rules, does not count.
        """
        with storage_errors(self._path):
            return self._last(Draft(item, diff_sha256, ruleset_sha256, PENDING))

    def history(self, article: str) -> list[Decision]:
        """Return all decisions about an article, by its key, in the order in which they were made."""
        with storage_errors(self._path):
            return self._select("article_key = ? ORDER BY id", article)

    def unreadable(self) -> list[UnreadableLine]:
        """Return the lines of the file that are no decisions."""
        with storage_errors(self._path):
            return [each for each, _ in _lines(_content(self._path)) if isinstance(each, UnreadableLine)]

    def _last(self, draft: Draft) -> Decision | None:
        found = self._select(
            "article_key = ? AND from_sha256 = ? AND to_sha256 = ? AND diff_sha256 = ? AND ruleset_sha256 = ?"
            " ORDER BY id DESC LIMIT 1",
            *draft.item,
            draft.diff_sha256,
            draft.ruleset_sha256,
        )
        return found[0] if found else None

    def _select(self, condition: str, *values: str) -> list[Decision]:
        sql = f"SELECT {', '.join(_COLUMNS)} FROM decision WHERE {condition}"
        return [Decision(row[0], Item(*row[1:4]), *row[4:]) for row in self._catalogue.execute(sql, values).fetchall()]

    def _size(self) -> int:
        with suppress(FileNotFoundError):
            return self._path.stat().st_size
        return 0

    def _read_up_to(self) -> int:
        return int(self._catalogue.one("SELECT ifnull(max(ends_at), 0) FROM decision")[0])

    def _take_up(self) -> None:
        """Under the lock: mend the file's end, and insert what the catalogue does not have yet."""
        with storage_errors(self._path):
            content = _mended(self._path)
            known = self._read_up_to()
            if len(content) < known:
                raise Damaged(
                    f"{self._path} is shorter than it was: {len(content)} bytes instead of {known}",
                    hint="Put it back from a copy; `archive reindex` would forget the decisions that it lacks.",
                )
            if len(content) > known:
                _insert_lines(self._catalogue, content, known)


def insert_all(catalogue: Catalogue, root: Path) -> list[UnreadableLine]:
    """Insert all decisions of a file into an empty table, inside a transaction; return the lines that are none.

    Raises OSError or sqlite3.Error.
    """
    return _insert_lines(catalogue, _mended(root / FILE), 0)


def _insert_lines(catalogue: Catalogue, content: bytes, known: int) -> list[UnreadableLine]:
    unreadable: list[UnreadableLine] = []
    for each, end in _lines(content):
        if isinstance(each, UnreadableLine):
            unreadable.append(each)
        elif end > known:
            if catalogue.one("SELECT 1 FROM decision WHERE decision_id = ?", each.id):
                number = content.count(b"\n", 0, end)
                unreadable.append(UnreadableLine(number, f"the decision {each.id} stands in the file twice"))
            else:
                _insert(catalogue, each, end)
    return unreadable


def _insert(catalogue: Catalogue, decision: Decision, ends_at: int) -> None:
    values = (decision.id, *decision.item, *decision[2:])
    catalogue.insert("decision", **dict(zip(_COLUMNS, values, strict=True)), ends_at=ends_at)


def _same(decision: Decision, draft: Draft) -> bool:
    return (decision.item, decision.diff_sha256, decision.ruleset_sha256) == draft[:3]


def _storable(draft: Draft) -> tuple[Item, str, str, str, str, str]:
    item, *rest = draft
    diff, ruleset, verdict, note, reviewer = (storable(each) for each in rest)
    return Item(*map(storable, item)), diff, ruleset, verdict, note, reviewer


def _line(decision: Decision) -> bytes:
    values = (decision.id, *decision.item, *decision[2:])
    told = {"decision": FORMAT, **dict(zip(_KEYS, values, strict=True))}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _lines(content: bytes) -> Iterator[tuple[Decision | UnreadableLine, int]]:
    """Yield what each line of the file says, and where it ends."""
    end = 0
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        end += len(line) + 1
        if not line.strip():
            continue
        try:
            yield _decision(json.loads(line)), end
        except (ValueError, KeyError, TypeError) as error:
            yield UnreadableLine(number, f"this is no decision: {error}"), end


def _decision(told: Mapping[str, Any]) -> Decision:
    if not isinstance(told, dict) or told.get("decision") != FORMAT:
        raise ValueError(f"it has not the format {FORMAT}")
    values = [told[key] for key in _KEYS]
    if not all(isinstance(value, str) for value in values):
        raise TypeError("its values are not strings")
    if told["verdict"] not in VERDICTS:
        raise ValueError(f"{told['verdict']!r} is no verdict")
    values = [storable(value) for value in values]
    return Decision(values[0], Item(*values[1:4]), *values[4:])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _mended(path: Path) -> bytes:
    """Return the file's content, whose last line is whole.

    A torn line of ours, which was never reported as recorded, is cut off. Anything else without an end gets one: it may
    be somebody's.
    """
    content = _content(path)
    start = content.rfind(b"\n") + 1
    last = content[start:]
    if not last:
        return content
    with suppress(ValueError, KeyError, TypeError):
        _decision(json.loads(last))
        _append(path, b"\n")
        return content + b"\n"
    if last.startswith(_BEGINNING) or _BEGINNING.startswith(last):
        with path.open("r+b") as file:
            file.truncate(start)
            os.fsync(file.fileno())
        return content[:start]
    _append(path, b"\n")
    return content + b"\n"


def _append(path: Path, data: bytes) -> None:
    """Append to the file and fsync; where that fails, the file is as long as it was."""
    is_new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
    try:
        length = os.fstat(file).st_size
        try:
            view = memoryview(data)
            while view:
                view = view[_write(file, view) :]
            os.fsync(file)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(file, length)
            raise
    finally:
        os.close(file)
    if is_new:
        writer.sync_folder(path.parent)
