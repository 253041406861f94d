"""Is everything as it was written? A validator of WARC files (ISO 28500:2017, WARC 1.1), ours or anybody's.

| code | what is wrong |
| --- | --- |
| `not-a-member` | no gzip member begins here, or it does not inflate to its checksum and length (annex D) |
| `cut` | the file ends inside of a record |
| `gzip-head`, `gzip-checksum` | in a file of ours: the member's head, or its compressed bytes, changed; what it \
inflates to may be the same |
| `not-a-record` | the member holds no record, more than one, or one that is not as long as its Content-Length (§4) |
| `missing-field`, `forbidden-field`, `repeated-field`, `bad-value` | see `archive.verify_fields` |
| `block-digest` | the block's digest is not what the header says (§5.8) |
| `payload-digest` | the payload's is not: of an HTTP answer, its body without transfer coding (§5.9, §6.3.2) |
| `not-http` | a request or a response that claims to be HTTP is none (§6.3.2, §6.5.2) |
| `no-warcinfo`, `file-name` | the file does not begin with a warcinfo, or that names another file (§5.15) |
| `same-id` | two records have one identifier (§5.2) |
| `dangling` | a reference leads to no record; in a single file only WARC-Concurrent-To is looked at |
| `payload-differs` | a revisit has another payload digest than the record that it refers to (§6.7.2) |
| `catalogue-damaged` | the catalogue cannot be read; then the files are looked at by themselves |
| `unknown-file`, `missing-file`, `tail`, `not-indexed`, `not-there` | catalogue and files disagree |

Imported records stay as others wrote them; what was wrong with one of them then is a finding that `came_so`.

Blocks are read in pieces, so records of any size cost no memory, and so do identifiers, which stand in a temporary
file.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from archive.errors import Damaged, DiskFull, StorageError, storage_errors
from archive.files import CATALOGUE
from archive.finding import Finding
from archive.verify_fields import strange_fields, values_of
from archive.verify_gzip import MemberBytes
from archive.verify_references import References
from archive.warc.reader import Chunks, RecordParser, inflate, next_member
from archive.warc.records import Fields
from archive.warc.validate import Block

__all__ = ["verify_collection", "verify_file"]

_SOFTWARE = b"software: xuanzhi/"


def verify_file(path: Path | str, watch: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Yield everything that is wrong with one WARC file, in its order; nothing where all is well.

    Behind damage it goes on with the next record that can be found.

    `watch` hears of each record's bytes. Raises StorageError or NotWritable where the file cannot be read, DiskFull
    where there is no room for a temporary one.
    """
    path = Path(path)
    with References(path) as references:
        yield from _file(path, None, references, watch)
        yield from references.findings(everywhere=False)


def verify_collection(path: Path | str, watch: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Yield everything that is wrong with the files of a collection, and where they and the catalogue disagree.

    Nothing is written; another process may add to the collection meanwhile. `watch` hears of each record's bytes.

    Raises StorageError, NotWritable, Busy or Damaged where catalogue or files cannot be read, DiskFull where there is
    no room for a temporary file.
    """
    root = Path(path)
    with References(root) as references:
        yield from _collection(root, references, watch)


def _collection(root: Path, references: References, watch: Callable[[int], None] | None) -> Iterator[Finding]:
    try:
        files = _catalogue(root, references)
    except DiskFull:  # of the temporary file
        raise
    except (Damaged, StorageError, UnicodeDecodeError) as error:  # then the files by themselves
        yield Finding(CATALOGUE, 0, "", "catalogue-damaged", str(error))
        for folder in ("warc", "derived"):
            for file in sorted((root / folder).glob("*.warc.gz")):
                yield from _file(file, None, references, watch)
        yield from references.findings(everywhere=True)
        return
    for folder, name, committed in files:
        file = root / folder / name
        if not committed and not file.exists():
            continue
        if not file.exists():
            yield Finding(name, 0, "", "missing-file", f"{folder}/{name} is gone; {committed:,} bytes were committed")
            continue
        size = file.stat().st_size
        behind = size - committed
        if behind > 0:  # unless it is being written at this moment
            behind = _behind_now(root, folder, name, behind)
        if behind:
            said = "after" if behind > 0 else "fewer than"
            yield Finding(name, committed, "", "tail", f"{abs(behind):,} bytes {said} the committed ones")
        yield from _file(file, min(size, committed), references, watch)
    known = {(folder, name) for folder, name, _ in files}
    for folder in ("warc", "derived"):
        for file in sorted((root / folder).glob("*")):
            if (folder, file.name) not in known:
                yield Finding(file.name, 0, "", "unknown-file", f"the catalogue does not know {folder}/{file.name}")
    yield from references.unknown()
    yield from references.findings(everywhere=True)


def _behind_now(root: Path, folder: str, name: str, before: int) -> int:
    """Return how many bytes lie behind a file's committed part when nobody writes."""
    with storage_errors(root), closing(sqlite3.connect(root / CATALOGUE, timeout=60)) as index:
        try:
            index.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_READONLY"):  # then nobody can be writing
                return before
            raise
        (committed,) = index.execute(
            "SELECT committed_length FROM file WHERE folder = ? AND name = ?", (folder, name)
        ).fetchone()
        behind = (root / folder / name).stat().st_size - committed
        index.execute("ROLLBACK")
    return int(behind)


def _catalogue(root: Path, references: References) -> list[tuple[str, str, int]]:
    """Return the files that a catalogue of any version names, and tell of its records; it is not changed."""
    file = root / CATALOGUE
    with storage_errors(file), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as index:
        index.execute("BEGIN")  # both questions to one state
        files = index.execute("SELECT folder, name, committed_length FROM file ORDER BY id").fetchall()
        references.know(index.execute("SELECT record_id, name, offset FROM record JOIN file ON file.id = record.file"))
    return files


def _file(
    path: Path, end: int | None, references: References, watch: Callable[[int], None] | None
) -> Iterator[Finding]:
    """Yield what is wrong with the records of a file, each by itself."""
    start: int | None = 0
    ours = first = True
    while start is not None:
        with storage_errors(path), path.open("rb") as file:
            file.seek(start)
            chunks = Chunks(file, start, end)
            while True:
                offset = chunks.offset
                block = Block()
                member = MemberBytes()
                parser = RecordParser("the record")
                try:
                    if not (data := chunks.take()):
                        return
                    chunks.give_back(data)
                    for piece in inflate(chunks, member):
                        data = parser.feed(piece)
                        block.feed(parser.fields, data)
                    fields = parser.end()
                except Damaged as error:
                    start = next_member(path, offset + 1)
                    if end is not None and start is not None and start >= end:
                        start = None
                    yield Finding(path.name, offset, _record_id(parser.fields), _code(error), str(error))
                    break
                if watch:
                    watch(chunks.offset - offset)
                record_id = _record_id(fields)
                if first:
                    ours = block.beginning.startswith(_SOFTWARE)
                    for code, message in _opening(path.name, fields):
                        yield Finding(path.name, offset, record_id, code, message)
                    first = False
                strange = (*(member.strange() if ours else ()), *strange_fields(fields), *block.strange())
                for code, message in strange:
                    yield Finding(path.name, offset, record_id, code, message)
                yield from references.add(path.name, offset, fields)


def _opening(name: str, fields: Fields) -> Iterator[tuple[str, str]]:
    values = values_of(fields)
    if values.get("warc-type") != "warcinfo":
        yield "no-warcinfo", "the file does not begin with a warcinfo record"
    elif values.get("warc-filename", name) != name:
        yield "file-name", f"the warcinfo is of a file named {values['warc-filename']}"


def _record_id(fields: Fields | None) -> str:
    return values_of(fields or ()).get("warc-record-id", "").strip("<>")


def _code(error: Damaged) -> str:
    text = str(error)
    if "cut off" in text or "committed length" in text:
        return "cut"
    return "not-a-member" if text.startswith("no gzip member") else "not-a-record"
