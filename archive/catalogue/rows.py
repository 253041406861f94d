"""The catalogue's rows, and which of them a capture adds: the same code when something is kept and when all is rebuilt.

Rows of records are made by the caller, who knows where the records lie.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.search import index_text
from archive.model import Judgement, Subject, VisitFacts
from archive.naming import fold, with_suffix
from archive.warc.records import PayloadOrigin
from capture.identity import Identity

__all__ = ["CatalogueWriter", "EarlierVisit", "RecordRows", "free_name"]

LIVE = "live"


class RecordRows(NamedTuple):
    """Rows of the records that a judgement made or refers to."""

    provenance: int
    version: int | None = None
    ledger: int | None = None


class EarlierVisit(NamedTuple):
    """A live visit whose text a later one takes over."""

    capture: int
    clean_sha256: str
    title: str
    source: str
    date: str
    source_sha256: str
    payload_sha256: str


class CatalogueWriter:
    """Inserts rows, inside a transaction of the caller's. Every method raises sqlite3.Error."""

    def __init__(self, catalogue: Catalogue, name: Callable[[str, str], str]) -> None:
        """Take the catalogue, and what names an article's Markdown file: from the name it would like, and its key."""
        self._catalogue = catalogue
        self._name = name

    # Articles

    def article(self, subject: Subject) -> tuple[int, list[str]]:
        """Return the article that has one of these names, a new one where there is none; and the keys of those joined.

        Where the names lead to several articles, they were one all along and become one.
        """
        marks = ", ".join("?" * len(subject.identities))
        keys = tuple(identity.key for identity in subject.identities)
        found = self._catalogue.execute(
            f"SELECT DISTINCT article FROM alias WHERE key IN ({marks}) ORDER BY article", keys
        ).fetchall()
        article = int(found[0][0]) if found else self._new_article(subject, subject.identity)
        for key in keys:
            self._catalogue.execute("INSERT OR IGNORE INTO alias (key, article) VALUES (?, ?)", (key, article))
        return article, [self._join(article, int(other)) for (other,) in found[1:]]

    def _new_article(self, subject: Subject, identity: Identity) -> int:
        return self._catalogue.insert(
            "article",
            key=identity.key,
            kind=identity.kind,
            url=identity.canonical,
            title=subject.title,
            source=subject.source,
            date=subject.date,
        )

    def _join(self, article: int, other: int) -> str:
        """Let one article take over all that belongs to another; the older one stays. Return the other's key."""
        run = self._catalogue.execute
        key, path, current = self._catalogue.one(
            "SELECT key, markdown, clean_sha256 FROM article LEFT JOIN version ON version.id = current_version"
            " WHERE article.id = ?",
            other,
        )
        shared = run(
            "SELECT theirs.id, ours.id FROM version AS theirs JOIN version AS ours USING (clean_sha256)"
            " WHERE theirs.article = ? AND ours.article = ?",
            (other, article),
        ).fetchall()
        for theirs, ours in shared:
            for table in ("capture", "cleaning"):
                run(f"UPDATE {table} SET version = ? WHERE version = ?", (ours, theirs))
            run("DELETE FROM version WHERE id = ?", (theirs,))
        for table in ("capture", "version", "event", "alias"):
            run(f"UPDATE {table} SET article = ? WHERE article = ?", (article, other))
        run("DELETE FROM article WHERE id = ?", (other,))
        self._sum_up(article)
        if path is None:
            return str(key)
        kept = run(
            "UPDATE article SET markdown = ?, markdown_folded = ?, pending = 1 WHERE id = ? AND markdown IS NULL",
            (path, fold(path), article),
        ).rowcount
        if not kept:
            run("INSERT OR REPLACE INTO obsolete (path, sha256) VALUES (?, ?)", (path, current))
        return str(key)

    # Captures

    def capture(
        self, subject: Subject, article: int, record: int, *, source_sha256: str, visit: VisitFacts | None
    ) -> int:
        """Insert a snapshot, or a visit; its state comes with its judgement."""
        capture = self._catalogue.insert(
            "capture",
            article=article,
            kind="visit" if visit else "snapshot",
            source_sha256=source_sha256,
            fetched_at=subject.fetched_at,
            fetch_date=subject.fetch_date,
            url=subject.url,
            title=subject.title,
            source=subject.source,
            date=subject.date,
            file_name="" if visit else subject.name,
            record=record,
            state="",
            notice="",
        )
        if visit:
            self._catalogue.insert(
                "visit",
                capture=capture,
                visit_id=visit.visit_id,
                final_url=visit.final_url,
                status=visit.status,
                etag=visit.etag,
                last_modified=visit.last_modified,
                payload_sha256=visit.payload_sha256,
                wall=visit.wall,
                error=visit.error,
                target=visit.target,
                target_key=visit.target_key,
                imported_payload=visit.imported_payload,
                imported_digest=visit.imported_digest,
            )
        self._sum_up(article)
        return capture

    def _sum_up(self, article: int) -> None:
        """Note on an article what its captures come to, so that nobody has to look through them all."""
        self._catalogue.execute(
            "UPDATE article SET (latest_state, last_fetched_at) = (SELECT state, fetched_at FROM capture"
            " WHERE article = article.id ORDER BY fetched_at DESC, id DESC LIMIT 1),"
            " first_fetched_at = (SELECT min(fetched_at) FROM capture WHERE article = article.id),"
            " captures = (SELECT count(*) FROM capture WHERE article = article.id),"
            " versions = (SELECT count(*) FROM version WHERE article = article.id) WHERE id = ?",
            (article,),
        )

    def joined(self, at: str, article: int, capture: int, keys: list[str]) -> None:
        """Note that a capture told of articles that they are one."""
        for key in keys:
            self._catalogue.insert(
                "event", at=at, type="metadata modification", article=article, capture=capture, outcome=f"joined {key}"
            )

    def version(self, article: int, clean_sha256: str) -> tuple[int, str] | None:
        """Return the row of an article's version and its conversion record, None where the text is new."""
        row = self._catalogue.one(
            "SELECT version.id, record_id FROM version JOIN record ON record.id = version.record"
            " WHERE article = ? AND clean_sha256 = ?",
            article,
            clean_sha256,
        )
        return (int(row[0]), str(row[1])) if row else None

    def new_version(self, article: int, capture: int, judgement: Judgement, record: int, markdown: bytes | None) -> int:
        """Insert a version, its text into the full-text index with it; `record` is its conversion's.

        Without `markdown`, because it cannot be read at this moment, the version is marked as not indexed.
        """
        version = self._catalogue.insert(
            "version",
            article=article,
            clean_sha256=judgement.clean_sha256,
            ruleset_sha256=judgement.ruleset_sha256,
            software=judgement.software,
            capture=capture,
            record=record,
        )
        if markdown is not None:
            index_text(self._catalogue, version, record, markdown)
        return version

    def judge(
        self,
        article: int,
        capture: int,
        subject: Subject,
        judgement: Judgement,
        rows: RecordRows,
        *,
        event: str,
        path: str,
    ) -> bool:
        """Insert a judgement and what follows from it; return whether the article's current version moved.

        `subject` has what cleaning read this time; `event` is what happened, by the names of PREMIS; `path` the
        Markdown file's name that a new text would like.
        """
        state, notice = judgement.state, judgement.notice
        self._catalogue.insert(
            "cleaning",
            capture=capture,
            at=judgement.at,
            state=state,
            notice=notice,
            version=rows.version,
            ruleset_sha256=judgement.ruleset_sha256,
            software=judgement.software,
            provenance=rows.provenance,
            ledger=rows.ledger,
        )
        self._catalogue.execute(
            "UPDATE capture SET state = ?, notice = ?, version = ?, title = ?, source = ?, date = ?, source_sha256 = ?"
            " WHERE id = ?",
            (
                state,
                notice,
                rows.version,
                subject.title,
                subject.source,
                subject.date,
                judgement.source_sha256,
                capture,
            ),
        )
        self._sum_up(article)
        moved = self._move_current(article, path)
        self._catalogue.insert(
            "event",
            at=judgement.at,
            type=event,
            article=article,
            capture=capture,
            outcome=f"{state}; current version moved" if moved else state,
        )
        return moved

    def _move_current(self, article: int, path: str) -> bool:
        """Let the newest live capture, by its fetch, give the current version; return whether it moved.

        Where no capture is live, nothing moves: a deleted page does not take away the text that was kept.
        """
        newest = self._catalogue.one(
            "SELECT version, title, source, date FROM capture WHERE article = ? AND state = ?"
            " ORDER BY fetched_at DESC, id DESC LIMIT 1",
            article,
            LIVE,
        )
        current, markdown, key = self._catalogue.one(
            "SELECT current_version, markdown, key FROM article WHERE id = ?", article
        )
        if newest is None or newest[0] == current:
            return False
        if markdown is None:
            markdown = self._name(path, key)
            self._catalogue.execute(
                "UPDATE article SET markdown = ?, markdown_folded = ? WHERE id = ?",
                (markdown, fold(markdown), article),
            )
        self._catalogue.execute(
            "UPDATE article SET current_version = ?, title = ?, source = ?, date = ?, pending = 1 WHERE id = ?",
            (*newest, article),
        )
        return True

    # Payloads, and the texts that visits take over

    def payload(self, sha256: str) -> PayloadOrigin | None:
        """Return the record that has a payload."""
        row = self._catalogue.one(
            "SELECT record_id, uri, payload.date FROM payload JOIN record ON record.id = payload.record"
            " WHERE sha256 = ?",
            sha256,
        )
        return PayloadOrigin(*row) if row else None

    def new_payload(self, sha256: str, record: int, uri: str, date: str) -> None:
        """Note that a record has a payload; the first one that has it stays."""
        self._catalogue.execute(
            "INSERT OR IGNORE INTO payload (sha256, record, uri, date) VALUES (?, ?, ?, ?)", (sha256, record, uri, date)
        )

    def meant_by(self, article: int, url: str, etag: str, last_modified: str) -> EarlierVisit | None:
        """Return the live visit that a 304 means: the article's last one here that had the validator that was sent.

        If-None-Match counts alone where it was sent (RFC 9110 §13.1.3). None where no visit has it: then nobody knows
        what the server did not modify.
        """
        column, value = ("etag", etag) if etag else ("last_modified", last_modified)
        condition = f"capture.article = ? AND final_url = ? AND {column} = ?"
        return self._earlier(condition, article, url, value) if value else None

    def with_payload(self, article: int, sha256: str) -> EarlierVisit | None:
        """Return the last live visit of an article that had this payload."""
        return self._earlier("capture.article = ? AND payload_sha256 = ?", article, sha256) if sha256 else None

    def _earlier(self, condition: str, *values: object) -> EarlierVisit | None:
        row = self._catalogue.one(
            "SELECT capture.id, clean_sha256, title, source, date, source_sha256, payload_sha256 FROM visit"
            " JOIN capture ON capture.id = visit.capture JOIN version ON version.id = capture.version"
            f" WHERE {condition} AND state = 'live' AND status BETWEEN 200 AND 299"
            " ORDER BY fetched_at DESC, capture.id DESC LIMIT 1",
            *values,
        )
        return EarlierVisit(*row) if row else None

    # Runs

    def item_done(self, facts: VisitFacts, outcome: str) -> None:
        """Note what became of an item of a run; the latest counts."""
        self._catalogue.execute(
            "UPDATE item SET outcome = ?, visit_id = ?"
            " WHERE position = ? AND run = (SELECT id FROM run WHERE run_id = ?)",
            (outcome, facts.visit_id, facts.item, facts.run),
        )


def free_name(catalogue: Catalogue, root: Path, path: str, key: str) -> str:
    """Return a name for an article's Markdown file that no other article has, and where nothing of anybody's lies."""

    def is_taken(candidate: str) -> bool:
        taken = catalogue.one("SELECT 1 FROM article WHERE markdown_folded = ?", fold(candidate))
        return bool(taken) or (root / candidate).exists()

    return with_suffix(path, key, is_taken)
