"""The catalogue, made again from the files alone: plain files are the truth.

Captures come in the order of the capture files, judgements in that of the derived files. The order between the two is
found again from what refers to what: a capture is followed by its own judgement, and a judgement that cleaned
something anew stands between those of its time. Rows are inserted by the code that inserted them first.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from archive import catalogue as catalogues
from archive import decisions
from archive.catalogue import Catalogue, storable
from archive.errors import Damaged, NewerSchema, StorageError, storage_errors
from archive.index import Index, Rows, free_name
from archive.naming import candidates, fold, markdown_path
from archive.prepared import Judgement, Subject
from archive.runs import insert_run
from archive.said import Captured, Files, Unit, read_files
from archive.visit_facts import VisitFacts, facts_in
from capture.identity import Identity

__all__ = ["Damage", "Reindexed", "reindex"]


class Damage(NamedTuple):
    """A place that could not be read."""

    file: str
    offset: int
    """In bytes; of decisions.jsonl the number of the line."""
    message: str


class Reindexed(NamedTuple):
    """What a rebuilt catalogue holds, and what it lacks."""

    records: int
    captures: int
    damage: tuple[Damage, ...]
    lost: tuple[str, ...]
    """Records of snapshots and visits whose judgement or text could not be found."""


def reindex(path: Path | str) -> Reindexed:
    """Make the catalogue of a collection again, and put it in the place of the old one.

    No other process may use the collection meanwhile. What lies behind the last whole record of a file is a torn tail,
    which the next opening cuts off; damage before that is reported, and what can be read is indexed.

    Raises Busy where another process writes at this moment, DiskFull, NotWritable or StorageError. Then the old
    catalogue stands as it stood.
    """
    path = Path(path)
    old, new = path / catalogues.FILE, path / f"{catalogues.FILE}.part"
    with storage_errors(path), _held(old):
        _unlink(new)
        files = read_files(path)
        index = Catalogue(new)
        try:
            with index.transaction():
                lost = _Replay(index, path, files).run()
                files.damage += [
                    (decisions.FILE, each.line, f"line {each.line}: {each.message}")
                    for each in decisions.insert_all(index, path)
                ]
                records, captures = (index.one(f"SELECT count(*) FROM {table}")[0] for table in ("record", "capture"))
            index.execute("PRAGMA journal_mode = DELETE")  # one file, whole
        finally:
            index.close()
    with storage_errors(path):
        for tail in ("-wal", "-shm"):  # the old one's, which must not be taken for the new one's
            old.with_name(old.name + tail).unlink(missing_ok=True)
        new.replace(old)
    return Reindexed(records, captures, tuple(Damage(*each) for each in files.damage), tuple(lost))


@contextmanager
def _held(old: Path) -> Iterator[None]:
    """Hold the write lock of the old catalogue, where there is one that can be read. Raises Busy."""
    with ExitStack() as held:
        if old.exists():
            with suppress(Damaged, NewerSchema, StorageError):
                catalogue = Catalogue(old, timeout=1)
                held.callback(catalogue.close)
                held.enter_context(catalogue.transaction())
        yield


def _unlink(path: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


class _Replay:
    """Fills an empty catalogue, inside a transaction."""

    def __init__(self, catalogue: Catalogue, root: Path, files: Files) -> None:
        self._catalogue = catalogue
        self._root = root
        self._files = files
        self._rows: dict[str, int] = {}
        self._index = Index(catalogue, self._stand_in)
        self._wanted: dict[str, tuple[str, str]] = {}  # by its stand-in: the name an article would like, and its key
        self._captures: dict[str, tuple[int, int]] = {}  # article and capture, by resource or visit
        self._done = 0  # units
        self._first: dict[str, int] = {}
        for place, unit in enumerate(files.units):
            if unit.first_of:
                self._first.setdefault(unit.first_of, place)

    def run(self) -> list[str]:
        """Fill it; return what could not be put together."""
        self._insert_records()
        lost = [each.record_id for each in self._files.captured if not self._captured(each)]
        self._recleaned(len(self._files.units))
        self._name_files()
        return lost

    def _insert_records(self) -> None:
        for file in self._files.files:
            row = self._catalogue.insert(
                "file", folder=file.folder, name=file.name, committed_length=file.committed_length
            )
            for record_id, offset, length in file.records:
                self._rows[record_id] = self._catalogue.insert(
                    "record", record_id=record_id, file=row, offset=offset, length=length
                )
        for payload in self._files.payloads:
            self._index.new_payload(payload.sha256, self._rows[payload.record_id], payload.uri, payload.date)

    def _captured(self, captured: Captured) -> bool:
        """Insert a capture with its first judgement; return whether all of it was found."""
        said = captured.said
        if captured.kind == "run":
            insert_run(self._catalogue, captured.record_id, said)
            return True
        if captured.kind == "visit":
            facts = facts_in(captured.record_id, said)
            if not facts.identities:
                self._index.item_done(facts, facts.error or "unavailable")
                return True
            unit = self._unit_of(facts.visit_id)
            return unit is not None and self._visit(facts, unit)
        if said["clean_sha256"] is None:
            return self._snapshot(captured, Unit())
        unit = self._unit_of(said["source_sha256"])
        return unit is not None and self._snapshot(captured, unit)

    def _unit_of(self, name: str) -> Unit | None:
        """Return the first judgement of a visit or a snapshot, after what was cleaned anew before it."""
        place = self._first.get(name)
        if place is None or place < self._done:
            return None
        self._recleaned(place)
        self._done = place + 1
        return self._files.units[place]

    def _recleaned(self, end: int) -> None:
        """Insert the judgements up to this one of captures that had been judged before."""
        for unit in self._files.units[self._done : end]:
            found = self._captures.get(str(unit.said.get("visit", unit.refers_to)))
            if unit.provenance and found:
                judgement = _judgement(unit.at, unit.said)
                self._judge(*found, judgement, unit, unit.provenance, "normalization", _path(unit.said))
        self._done = max(self._done, end)

    def _snapshot(self, captured: Captured, unit: Unit) -> bool:
        said = captured.said
        judgement = _judgement(captured.at, said)
        subject = _subject(said, (Identity(said["article"], said["article_kind"], said["article_url"]),))
        article, joined = self._index.article(subject)
        capture = self._index.capture(
            subject, article, self._rows[captured.record_id], source_sha256=judgement.source_sha256, visit=None
        )
        self._captures[captured.record_id] = article, capture
        self._index.joined(judgement.at, article, capture, joined)
        return self._judge(article, capture, judgement, unit, captured.provenance, "ingestion", _path(said))

    def _visit(self, facts: VisitFacts, unit: Unit) -> bool:
        judgement = _judgement(unit.at, unit.said)
        subject = _subject(unit.said, facts.identities)
        article, joined = self._index.article(subject)
        record = self._rows[facts.answer or facts.visit_id]
        capture = self._index.capture(subject, article, record, source_sha256=judgement.source_sha256, visit=facts)
        self._captures[facts.visit_id] = article, capture
        self._index.joined(judgement.at, article, capture, joined)
        found = self._judge(article, capture, judgement, unit, unit.provenance, "capture", _path(unit.said))
        self._index.item_done(facts, facts.error or judgement.state)
        return found

    def _judge(
        self, article: int, capture: int, judgement: Judgement, unit: Unit, provenance: str, event: str, path: str
    ) -> bool:
        """Insert a judgement; return whether the text that it names was found."""
        version: int | None = None
        if judgement.clean_sha256 is not None:
            known = self._index.version(article, judgement.clean_sha256)
            if known:
                version = known[0]
            elif unit.conversion:
                version = self._index.new_version(article, capture, judgement, self._rows[unit.conversion])
            else:
                return False
        rows = Rows(self._rows[provenance], version, self._rows.get(unit.ledger))
        self._index.judge(article, capture, judgement, rows, event=event, path=path)
        return True

    # Markdown files

    def _stand_in(self, path: str, key: str) -> str:
        """Return a stand-in for a name: which one the article got, its file tells at the end."""
        stand_in = f"?{len(self._wanted)}"
        self._wanted[stand_in] = path, key
        return stand_in

    def _name_files(self) -> None:
        """Give each article the file that holds its text; where there is none, a free name, and the file is due."""
        self._catalogue.execute("DELETE FROM obsolete")
        on_disk = _texts(self._root)
        nameless: list[tuple[int, str, str]] = []
        for article, stand_in, digest in self._catalogue.execute(
            "SELECT article.id, markdown, clean_sha256 FROM article JOIN version ON version.id = current_version"
            " WHERE markdown IS NOT NULL ORDER BY article.id"
        ).fetchall():
            path, key = self._wanted[stand_in]
            holding = on_disk.get(digest, set())
            # A name with a suffix is made from the article's key, so it can be no other's; the bare one may be.
            bare, *suffixed = candidates(path, key)
            name = next((each for each in (*suffixed, bare) if each in holding), min(holding, default=""))
            if name:
                holding.remove(name)
                self._set_name(article, name, pending=False)
            else:
                nameless.append((article, key, path))
        for article, key, path in nameless:
            self._set_name(article, free_name(self._catalogue, self._root, path, key), pending=True)

    def _set_name(self, article: int, name: str, *, pending: bool) -> None:
        self._catalogue.execute(
            "UPDATE article SET markdown = ?, markdown_folded = ?, pending = ? WHERE id = ?",
            (name, fold(name), int(pending), article),
        )


def _texts(root: Path) -> dict[str, set[str]]:
    """Return the Markdown files of a collection by the digest of what they hold."""
    found: dict[str, set[str]] = {}
    for path in (root / "markdown").rglob("*.md"):
        if path.is_file():
            found.setdefault(sha256(path.read_bytes()).hexdigest(), set()).add(path.relative_to(root).as_posix())
    return found


def _path(said: Mapping[str, Any]) -> str:
    """Return the name that a Markdown file of this text would like."""
    facts = {**said["facts"], **{key: said[key] for key in ("title", "source", "date", "url")}}
    facts["url"] = said.get("page_url", said["url"])
    return markdown_path(lambda key: str(facts.get(key, "")), said["article"])


def _subject(said: Mapping[str, Any], identities: tuple[Identity, ...]) -> Subject:
    whole, _, fraction = said["fetch_date_utc"].rstrip("Z").partition(".")
    return Subject(
        name=said.get("file", said["url"]),
        identities=identities,
        url=storable(said["url"]),
        title=storable(said["title"]),
        source=storable(said["source"]),
        date=storable(said["date"]),
        fetch_date=storable(said["fetch_date"]),
        fetched_at=f"{whole}.{fraction[:6].ljust(6, '0')}Z",
    )


def _judgement(at: str, said: Mapping[str, Any]) -> Judgement:
    return Judgement(
        at=at,
        state=said["state"],
        notice=storable(said["notice"]),
        source_sha256=said["source_sha256"],
        clean_sha256=said["clean_sha256"],
        ruleset_sha256=said["ruleset_sha256"],
        software=said["software"],
    )
