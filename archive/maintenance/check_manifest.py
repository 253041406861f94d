"""Verification of the files beside the WARC files: journals, rules, collection.toml.

| code | what is wrong |
| --- | --- |
| `lines-lost` | a journal (decisions, schedule, runs) ends before a line that was written, or is gone |
| `line-changed` | a line of a journal, or what stands before it, is not what was written |
| `decisions-changed` | the same of decisions.jsonl, where the catalogue has all decisions: repair writes it again |
| `accepted-loss` | remark: a person accepted what is lost or changed in a journal (`archive.maintenance.acceptance`) |
| `not-a-line`, `not-a-decision` | a line of a journal cannot be read |
| `unfinished-line` | the last line of a journal lacks its end, or is half of one, which a killed process left |
| `settings-changed`, `rules-changed` | collection.toml, a list that it names, or a file of rules is another than when \
the collection was last written to: somebody changed it |
| `rules-missing`, `settings-missing` | it is gone |
| `bad-rules`, `bad-config` | it cannot be read |

The record that has the bytes of a file, where there is one, is named in the finding: it gives the file back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from archive import settings
from archive.catalogue.connection import Catalogue, ReadOnlyCatalogue
from archive.catalogue.manifest import ManifestRow, manifest_rows, named_rows
from archive.collection import decisions
from archive.collection.manifest import JOURNALS, is_learned, is_readable, read_whole_files
from archive.errors import ArchiveError, DiskFull, SystemLimit, storage_errors
from archive.maintenance.acceptance import ACCEPTANCES, Acceptance, JournalBreak, read_acceptances
from archive.maintenance.check import Finding
from archive.schedule.settings import read_settings
from archive.storage import CATALOGUE, Journal, read_line
from clean.errors import RuleError
from clean.rules import load_rules

__all__ = ["RESTORABLE", "check_beside"]

RESTORABLE = frozenset({"rules-missing", "settings-missing", "bad-rules", "bad-config"})
"""Codes of findings that a record mends, where the finding names one."""

T = TypeVar("T")


def check_beside(root: Path) -> Iterator[Finding]:
    """Yield what is wrong with the files beside the WARC files; whatever is wrong with one, the others are looked at.

    Without a sound catalogue nobody knows what was written last, and only what the files say of themselves is checked.
    Nothing is written; others may write meanwhile. Raises Busy, DiskFull or SystemLimit.
    """
    yield from _check(root, _noted(root))


class _Noted(NamedTuple):
    """What the catalogue says at one moment."""

    rows: Mapping[str, ManifestRow]
    records: Mapping[str, str]
    """Identifiers of the records that have the bytes of files, or name heads."""


def _noted(root: Path) -> _Noted:
    return _from_catalogue(root, _Noted({}, {}), lambda index: _Noted(manifest_rows(index), dict(_records(index))))


def _records(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for row, record_id in named_rows(catalogue):
        yield row.file, record_id


def _from_catalogue(root: Path, otherwise: T, answer: Callable[[Catalogue], T]) -> T:
    """Ask the catalogue; where it cannot be read, which whoever checks it tells, return something else."""
    try:
        with closing(ReadOnlyCatalogue(root / CATALOGUE)) as catalogue, storage_errors(root / CATALOGUE, reading=True):
            return answer(catalogue)
    except (DiskFull, SystemLimit):  # of this machine: what follows would be wrong
        raise
    except (ArchiveError, ValueError, TypeError):  # the latter: what a damaged row makes the code stumble over
        return otherwise


def _check(root: Path, noted: _Noted) -> Iterator[Finding]:
    accepted = read_acceptances(root) if (root / ACCEPTANCES).exists() else []
    for file in JOURNALS:
        of_file = [each for each in accepted if each.file == file]
        found = list(_check_journal(root, file, noted.rows.get(file), of_file))
        is_loss = file == decisions.FILE and any(each.code != "unfinished-line" for each in found)
        if is_loss and _from_catalogue(root, None, decisions.written) is not None:
            message = f"{found[0].message}; the catalogue has all decisions"
            yield Finding(file, found[0].offset, "", "decisions-changed", message)
        else:
            yield from found
    files = read_whole_files(root)
    for file in sorted({*files, *noted.rows, settings.FILE} - {*JOURNALS}):
        finding = _check_whole(root, file, files.get(file), noted)
        if finding is not None and file in noted.rows:  # perhaps somebody wrote it since the catalogue was read
            noted_now, files_now = _noted(root), read_whole_files(root)
            finding = _check_whole(root, file, files_now.get(file), noted_now)
        if finding is not None:
            yield finding


def _check_journal(
    root: Path, file: str, row: ManifestRow | None, acceptances: Sequence[Acceptance]
) -> Iterator[Finding]:
    journal, whole = Journal(root / file), sha256()
    accepted = {each for acceptance in acceptances for each in acceptance.breaks}
    row = _accepted_row(row, acceptances)
    end = before = 0
    reached = row is None or row.length == 0
    try:
        for line in journal.lines():
            if not line.whole:
                yield Finding(file, line.start, "", "unfinished-line", "half a line, which a killed process left")
                break
            whole.update(line.data)
            if row is not None and end < row.length < line.end:
                yield Finding(file, end, "", "line-changed", "a line ended within this one when it was written")
                reached = True
            elif reason := _unreadable(file, line.data):
                code = "not-a-decision" if file == decisions.FILE else "not-a-line"
                yield Finding(file, line.start, "", code, reason)
            elif not line.fits and JournalBreak(before, whole.hexdigest()) not in accepted:
                message = "the line here, or the one behind it, is not what was written: the digests differ"
                yield Finding(file, before, "", "line-changed", message)
            before, end = line.start, line.end
            if row is not None and end == row.length:
                reached = True
                if line.digest != row.sha256:
                    message = "the last line that the catalogue knows is not what was written"
                    yield Finding(file, line.start, "", "line-changed", message)
            if not line.ended:
                yield Finding(file, end - 1, "", "unfinished-line", "the last line lacks its end")
    except ArchiveError as error:
        yield Finding(file, end, "", "lines-lost", str(error))
        return
    if row is not None and not reached:
        lost = row.length - end
        state = f"{lost:,} bytes of lines are gone" if journal.path.exists() else "the file is gone"
        yield Finding(file, end, "", "lines-lost", state)
    for each in acceptances:
        message = f"a loss that {each.reviewer} accepted on {each.at[:10]}: {each.reason}"
        yield Finding(file, each.now.length, "", "accepted-loss", message)


def _accepted_row(row: ManifestRow | None, acceptances: Sequence[Acceptance]) -> ManifestRow | None:
    """Return what a journal has to hold: a rebuilt catalogue may know what it held before a loss was accepted."""
    for each in acceptances:
        if row is not None and row.head == each.lost:
            row = row._replace(length=each.now.length, sha256=each.now.digest)
    return row


def _unreadable(file: str, line: bytes) -> str:
    """Return why a line cannot be read; empty where it can."""
    try:
        (decisions.check_line if file == decisions.FILE else read_line)(line)
    except (ValueError, TypeError) as error:
        return f"the line cannot be read: {error}"
    return ""


def _check_whole(root: Path, file: str, data: bytes | None, noted: _Noted) -> Finding | None:
    row = noted.rows.get(file)
    record_id = noted.records.get(file, "") if row is not None and row.bound else ""
    kind = "rules" if file.startswith(f"{settings.FOLDER}/") else "settings"
    if data is None:
        if row is None and file != settings.FILE:
            return None
        if row is not None and not row.sha256 and file != settings.FILE:
            return None
        return Finding(file, 0, record_id, f"{kind}-missing", "it is gone, or cannot be read")
    digest = sha256(data).hexdigest()
    is_other = row is not None and digest not in {row.sha256, row.announced}
    if reason := _broken(root, file, data):
        return Finding(file, 0, record_id if is_other else "", "bad-rules" if kind == "rules" else "bad-config", reason)
    if is_other:
        message = "it was changed since the collection was last written to; if that was you, nothing is wrong"
        if is_learned(file):
            message = (
                "no command wrote what it holds; if you did, confirm it: `archive rules approve` with a rule in it"
            )
        return Finding(file, 0, record_id, f"{kind}-changed", message)
    if row is None and settings.FILE in noted.rows:  # else nobody looked yet: it is of an earlier version
        message = "it is new since the collection was last written to; if you made it, nothing is wrong"
        return Finding(file, 0, "", f"{kind}-changed", message)
    return None


def _broken(root: Path, file: str, data: bytes) -> str:
    """Return why a file cannot be used; empty where it can."""
    try:
        if file == settings.FILE:
            settings.parse(data.decode(), root / file)
            read_settings(root)
        elif file.endswith(".toml"):
            load_rules([(str(root / file), data.decode())], undecided=True)
    except (ArchiveError, RuleError, ValueError) as error:
        return str(error)
    return "" if is_readable(file, data) else "it is not UTF-8"
