"""Insertion of rows: what a capture adds to the catalogue, when it is made and when it is rebuilt.

Rows of records are made by the caller, who knows where the records lie.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.current import (
    CurrentChoice,
    SharedText,
    capture_facts,
    choose_current,
    insert_sketch,
    shared_first_texts,
    shared_texts,
    verdicts,
)
from archive.catalogue.search import index_text
from archive.model import DOUBTFUL, Judgement, Subject, VisitDescription
from archive.naming import fold, markdown_path, with_suffix
from archive.warc.records import PayloadOrigin
from capture.identity import Identity

__all__ = [
    "CapturedState",
    "CatalogueWriter",
    "CurrentText",
    "EarlierVisit",
    "LatestState",
    "RecordRows",
    "StoredState",
    "StoredSubject",
    "StoredVersion",
    "free_name",
    "has_import",
    "insert_import",
    "settle",
]

LIVE = "live"


class RecordRows(NamedTuple):
    """Rows of the records that a judgement made or refers to."""

    provenance: int
    version: int | None = None
    ledger: int | None = None


class EarlierVisit(NamedTuple):
    """A live visit whose text a later one takes over."""

    clean_sha256: str
    title: str
    source: str
    date: str
    source_sha256: str
    payload_sha256: str


class StoredVersion(NamedTuple):
    """A version of an article that the catalogue has."""

    id: int
    """Its row."""
    conversion: str
    """Identifier of the record that has its text."""


class CapturedState(NamedTuple):
    """A capture that the catalogue has, and how it was judged last."""

    capture: int
    """Its row."""
    article: int
    """The article's row."""
    record_id: str
    """The record that stands for it: of a snapshot its resource."""
    state: str
    """As it was judged: a doubtful one is live."""
    clean_sha256: str | None


class StoredSubject(NamedTuple):
    """The subject of a stored capture: those of its facts that recleaning does not change."""

    key: str
    """Of the article."""
    url: str
    fetch_date: str
    fetched_at: str


class CurrentText(NamedTuple):
    """An article, and the Markdown file with its current text."""

    id: int
    """Its row."""
    key: str
    markdown: str | None
    """The file, relative to the collection; None where no capture was ever live."""
    version: int | None
    """The row of the current version."""
    clean_sha256: str | None
    """Of that version."""
    pending: int
    """Whether the file is still to be written: 0 or 1."""


class LatestState(NamedTuple):
    """The state of an article's latest capture."""

    state: str
    notice: str


class StoredState(NamedTuple):
    """The state of a capture, as the catalogue has it after its judgement."""

    state: str
    """That of the judgement, or `doubtful`."""
    doubts: tuple[str, ...] = ()
    """Of a doubtful one: why."""


class _CurrentCapture(NamedTuple):
    """The capture that gives the current text of an article."""

    title: str
    source: str
    date: str
    url: str
    """Of the article."""


class CatalogueWriter:
    """Inserts rows, inside a transaction of the caller's. Every method raises sqlite3.Error."""

    def __init__(self, catalogue: Catalogue, name: Callable[[str, str], str]) -> None:
        """Take the catalogue, and what names an article's Markdown file: from the name it would like, and its key."""
        self._catalogue = catalogue
        self._name = name
        self._united: set[int] = set()  # articles that others were joined to, so that their texts compete anew

    # Articles

    def article(self, subject: Subject) -> tuple[int, list[str]]:
        """Return the article that has one of these names, a new one where there is none; and the keys of those joined.

        Where the names lead to several articles, they were one all along and become one.
        """
        marks = ", ".join("?" * len(subject.identities))
        keys = tuple(identity.key for identity in subject.identities)
        rows = self._catalogue.execute(
            f"SELECT DISTINCT article FROM alias WHERE key IN ({marks}) ORDER BY article", keys
        ).fetchall()
        known = [int(article) for (article,) in rows]
        article = known[0] if known else self._new_article(subject, subject.identity)
        for key in keys:
            self._catalogue.execute("INSERT OR IGNORE INTO alias (key, article) VALUES (?, ?)", (key, article))
        return article, [self._join(article, other) for other in known[1:]]

    def article_text(self, key: str) -> CurrentText:
        """Return the article that has this name. Raises Damaged where there is none."""
        return self._article("article.id = (SELECT article FROM alias WHERE alias.key = ?)", key)

    def _article(self, condition: str, value: object) -> CurrentText:
        return self._catalogue.require(
            CurrentText,
            "SELECT article.id, article.key, markdown, current_version AS version, clean_sha256, pending FROM article"
            f" LEFT JOIN version ON version.id = current_version WHERE {condition}",
            value,
        )

    def mark_pending(self, article: int) -> None:
        """Let the article's Markdown file be written at the end of the batch."""
        self._catalogue.execute("UPDATE article SET pending = 1 WHERE id = ?", (article,))

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
        joined = self._article("article.id = ?", other)
        self._united.add(article)
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
        if joined.markdown is None:
            return joined.key
        is_handed_over = run(
            "UPDATE article SET markdown = ?, markdown_folded = ?, pending = 1 WHERE id = ? AND markdown IS NULL",
            (joined.markdown, fold(joined.markdown), article),
        ).rowcount
        if not is_handed_over:
            values = (joined.markdown, joined.clean_sha256)
            run("INSERT OR REPLACE INTO obsolete (path, sha256) VALUES (?, ?)", values)
        return joined.key

    # Captures

    def capture(
        self, subject: Subject, article: int, record: int, *, source_sha256: str, visit: VisitDescription | None
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
            self._catalogue.insert("visit", capture=capture, **visit.row())
        self._sum_up(article)
        return capture

    def judgement_lost(self, capture: int) -> None:
        """Note of a capture that no file holds its judgement, or the text that this names."""
        self._catalogue.execute(
            "UPDATE capture SET state = 'unavailable', notice = 'its text is lost' WHERE id = ?", (capture,)
        )
        self._sum_up(int(self._catalogue.one("SELECT article FROM capture WHERE id = ?", capture)[0]))

    def snapshot(self, source_sha256: str) -> CapturedState | None:
        """Return the snapshot of these bytes, None where they are new."""
        return self._captured("source_sha256 = ? AND kind = 'snapshot'", source_sha256)

    def is_named(self, article: int, key: str) -> bool:
        """Whether an article, by its row, has this key among its names."""
        return self._catalogue.one("SELECT 1 FROM alias WHERE key = ? AND article = ?", key, article) is not None

    def visit(self, visit_id: str) -> CapturedState | None:
        """Return the capture that a visit made, None where it made none."""
        return self._captured("capture.id = (SELECT capture FROM visit WHERE visit_id = ?)", visit_id)

    def _captured(self, condition: str, value: str) -> CapturedState | None:
        return self._catalogue.first(
            CapturedState,
            "SELECT capture.id AS capture, capture.article, record_id,"
            " CASE state WHEN 'doubtful' THEN 'live' ELSE state END AS state, clean_sha256 FROM capture"
            " JOIN record ON record.id = capture.record LEFT JOIN version ON version.id = capture.version"
            f" WHERE {condition}",
            value,
        )

    def stored_subject(self, capture: int) -> StoredSubject:
        """Return what was captured. Raises Damaged where there is no such capture."""
        return self._catalogue.require(
            StoredSubject,
            "SELECT key, capture.url, fetch_date, fetched_at FROM capture"
            " JOIN article ON article.id = capture.article WHERE capture.id = ?",
            capture,
        )

    def latest_state(self, article: int) -> LatestState | None:
        """Return the state of an article's latest capture; None where it has none."""
        return self._catalogue.first(
            LatestState,
            "SELECT state, notice FROM capture WHERE article = ? ORDER BY fetched_at DESC, id DESC LIMIT 1",
            article,
        )

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
        """Note that a capture showed articles to be one."""
        for key in keys:
            self._catalogue.insert(
                "event", at=at, type="metadata modification", article=article, capture=capture, outcome=f"joined {key}"
            )

    def version(self, article: int, clean_sha256: str) -> StoredVersion | None:
        """Return an article's version of this text, None where the text is new."""
        return self._catalogue.first(
            StoredVersion,
            "SELECT version.id, record_id AS conversion FROM version JOIN record ON record.id = version.record"
            " WHERE article = ? AND clean_sha256 = ?",
            article,
            clean_sha256,
        )

    def new_version(self, article: int, capture: int, judgement: Judgement, record: int, markdown: bytes | None) -> int:
        """Insert a version, its text into the full-text index with it; `record` is its conversion's.

        Without `markdown`, because it cannot be read at this moment, the version is marked as not indexed.
        """
        version = self._catalogue.insert(
            "version",
            article=article,
            clean_sha256=judgement.clean_sha256,
            **judgement.makers,
            capture=capture,
            record=record,
        )
        if markdown is not None:
            index_text(self._catalogue, version, record, markdown)
            insert_sketch(self._catalogue, version, markdown.decode("utf-8", "replace"))
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
    ) -> StoredState:
        """Insert a judgement and what follows from it; return the state of the capture.

        `subject` has what cleaning read this time; `event` is what happened, by the names of PREMIS; `path` the
        Markdown file's name that a new text would like.
        """
        state, notice = judgement.state, judgement.notice
        is_plain = self._is_plain(article, rows.version, event)
        before = None if is_plain else self._choice(article).version
        self._catalogue.insert(
            "cleaning",
            capture=capture,
            at=judgement.at,
            state=state,
            notice=notice,
            version=rows.version,
            **judgement.makers,
            provenance=rows.provenance,
            ledger=rows.ledger,
        )
        said = (subject.title, subject.source, subject.date, judgement.source_sha256)
        self._catalogue.execute(
            "UPDATE capture SET state = ?, notice = ?, version = ?, title = ?, source = ?, date = ?, source_sha256 = ?"
            " WHERE id = ?",
            (state, notice, rows.version, *said, capture),
        )
        if rows.version is not None and before != rows.version and event != "normalization":
            asked = shared_first_texts if before is None else shared_texts
            shared = asked(self._catalogue, article, rows.version)
            self._catalogue.execute("UPDATE capture SET shared = ? WHERE id = ?", (int(bool(shared)), capture))
            if before is None:
                self._doubt_first(shared)
        if is_plain:
            self._sum_up(article)
            self._catalogue.insert(
                "event", at=judgement.at, type=event, article=article, capture=capture, outcome=state
            )
            return StoredState(state)
        by_itself, choice = self._settle(article, path)
        moved = by_itself.version is not None and by_itself.version != before
        doubts = ", ".join(by_itself.doubts.get(capture, ()))
        self._catalogue.insert(
            "event",
            at=judgement.at,
            type=event,
            article=article,
            capture=capture,
            outcome=f"{DOUBTFUL}: {doubts}" if doubts else f"{state}; current version moved" if moved else state,
        )
        return StoredState(DOUBTFUL if capture in choice.doubts else state, choice.doubts.get(capture, ()))

    def settle(self, article: int) -> None:
        """Choose the current text of an article anew, after reviewers decided about some of its texts."""
        self._settle(article, "")

    def _doubt_first(self, shared: Sequence[SharedText]) -> None:
        """Doubt texts of other articles that turn out to be shared, where an article never had another one."""
        for other in shared:
            changed = self._catalogue.execute(
                "UPDATE capture SET shared = 1 WHERE article = ? AND version = ? AND shared = 0"
                " AND NOT EXISTS (SELECT 1 FROM version WHERE article = ? AND id != ?)",
                (other.article, other.version, other.article, other.version),
            ).rowcount
            if changed:
                self._settle(other.article, "")

    def _is_plain(self, article: int, version: int | None, event: str) -> bool:
        """Whether a judgement cannot move the current text: a new capture without a text, or with the current one.

        Most are. Where reviewers decide, the current text may be another than it would be without them.
        """
        if event == "normalization" or article in self._united:
            return False
        if version is None:
            return True
        (current,) = self._catalogue.one("SELECT current_version FROM article WHERE id = ?", article)
        return bool(version == current and self._catalogue.one("SELECT 1 FROM decision LIMIT 1") is None)

    def _choice(self, article: int) -> CurrentChoice:
        """Choose the current text as if no reviewer had decided, so that a rebuilt catalogue says the same."""
        return choose_current(capture_facts(self._catalogue, article), {})

    def _settle(self, article: int, path: str) -> tuple[CurrentChoice, CurrentChoice]:
        """Note which captures are doubtful, and let the right one give the current text.

        Returns the choice as it would be if no reviewer had decided anything, and the one that holds. Where no capture
        is live, nothing moves: a deleted page does not take away the text that stands.
        """
        facts = capture_facts(self._catalogue, article)
        choice = by_itself = choose_current(facts, {})
        self._note_doubts(article, choice)
        decided: Mapping[int, str] = {}
        for _ in facts:  # what a text follows, and so the name of a change, depends on which texts are doubtful
            if (found := verdicts(self._catalogue, article)) == decided:
                break
            decided, choice = found, choose_current(facts, found)
            self._note_doubts(article, choice)
        self._sum_up(article)
        if choice.capture is not None and choice.version is not None:
            self._move_current(article, choice.capture, choice.version, path)
        elif choice.doubts:
            self._withdraw(article)
        return by_itself, choice

    def _note_doubts(self, article: int, choice: CurrentChoice) -> None:
        self._catalogue.execute(
            "UPDATE capture SET state = ?, notice = '' WHERE article = ? AND state = ?", (LIVE, article, DOUBTFUL)
        )
        for capture, doubts in choice.doubts.items():
            self._catalogue.execute(
                "UPDATE capture SET state = ?, notice = ? WHERE id = ?", (DOUBTFUL, ", ".join(doubts), capture)
            )

    def _move_current(self, article: int, capture: int, version: int, path: str) -> None:
        """Let a capture give the current version, where another one did."""
        current = self._article("article.id = ?", article)
        if version == current.version:
            return
        facts = self._catalogue.require(
            _CurrentCapture,
            "SELECT capture.title, capture.source, capture.date, article.url AS url FROM capture"
            " JOIN article ON article.id = capture.article WHERE capture.id = ?",
            capture,
        )
        if current.markdown is None:
            markdown = self._name(path or markdown_path(facts._asdict().__getitem__, current.key), current.key)
            self._catalogue.execute(
                "UPDATE article SET markdown = ?, markdown_folded = ? WHERE id = ?",
                (markdown, fold(markdown), article),
            )
        self._catalogue.execute(
            "UPDATE article SET current_version = ?, title = ?, source = ?, date = ?, pending = 1 WHERE id = ?",
            (version, facts.title, facts.source, facts.date, article),
        )

    def _withdraw(self, article: int) -> None:
        """Take the current text from an article of which all texts are doubtful; its file is to be removed."""
        current = self._article("article.id = ?", article)
        if current.markdown is not None:
            self._catalogue.execute(
                "INSERT OR REPLACE INTO obsolete (path, sha256) VALUES (?, ?)", (current.markdown, current.clean_sha256)
            )
        self._catalogue.execute(
            "UPDATE article SET current_version = NULL, markdown = NULL, markdown_folded = NULL, pending = 0"
            " WHERE id = ?",
            (article,),
        )

    # Payloads, and the earlier visits whose text a visit takes over

    def payload(self, sha256: str) -> PayloadOrigin | None:
        """Return the record that has a payload."""
        return self._catalogue.first(
            PayloadOrigin,
            "SELECT record_id, uri, payload.date FROM payload JOIN record ON record.id = payload.record"
            " WHERE sha256 = ?",
            sha256,
        )

    def new_payload(self, sha256: str, record: int, uri: str, date: str) -> None:
        """Note that a record has a payload; the first one that has it stays."""
        self._catalogue.execute(
            "INSERT OR IGNORE INTO payload (sha256, record, uri, date) VALUES (?, ?, ?, ?)", (sha256, record, uri, date)
        )

    def visit_with_validator(self, article: int, url: str, etag: str, last_modified: str) -> EarlierVisit | None:
        """Return the live visit that a 304 refers to: the article's last one of this address with the validator sent.

        If-None-Match counts alone where it was sent (RFC 9110 §13.1.3). None where no visit has it: then nobody knows
        what the server did not modify.
        """
        column, value = ("etag", etag) if etag else ("last_modified", last_modified)
        condition = f"capture.article = ? AND final_url = ? AND {column} = ?"
        return self._earlier(condition, article, url, value) if value else None

    def visit_with_payload(self, article: int, sha256: str) -> EarlierVisit | None:
        """Return the last live visit of an article that had this payload."""
        return self._earlier("capture.article = ? AND payload_sha256 = ?", article, sha256) if sha256 else None

    def _earlier(self, condition: str, *values: object) -> EarlierVisit | None:
        return self._catalogue.first(
            EarlierVisit,
            "SELECT clean_sha256, title, source, date, source_sha256, payload_sha256 FROM visit"
            " JOIN capture ON capture.id = visit.capture JOIN version ON version.id = capture.version"
            f" WHERE {condition} AND state IN ('live', 'doubtful') AND status BETWEEN 200 AND 299"
            " ORDER BY fetched_at DESC, capture.id DESC LIMIT 1",
            *values,
        )

    # Runs

    def item_done(self, visit: VisitDescription, outcome: str) -> None:
        """Record the result of an item of a run, where the visit belongs to one; a later result replaces it."""
        self._catalogue.execute(
            "UPDATE item SET outcome = ?, visit_id = ?"
            " WHERE position = ? AND run = (SELECT id FROM run WHERE run_id = ?)",
            (outcome, visit.visit_id, visit.item, visit.run),
        )


def settle(catalogue: Catalogue, articles: Iterable[int], name: Callable[[str, str], str]) -> None:
    """Choose the current texts anew of articles about whose changes reviewers decided.

    `name` names the Markdown file of an article that has none yet, as `CatalogueWriter` has it. Inside a transaction of
    the caller's. Raises sqlite3.Error.
    """
    writer = CatalogueWriter(catalogue, name)
    for article in sorted(set(articles)):
        writer.settle(article)


def free_name(catalogue: Catalogue, root: Path, path: str, key: str) -> str:
    """Return a name for an article's Markdown file that no other article has, and where nothing of anybody's lies."""

    def is_used(candidate: str) -> bool:
        article = catalogue.one("SELECT 1 FROM article WHERE markdown_folded = ?", fold(candidate))
        return bool(article) or (root / candidate).exists()

    return with_suffix(path, key, is_used)


def has_import(catalogue: Catalogue, file_sha256: str) -> bool:
    """Whether a file of this sha256 (hexadecimal) was imported to its end."""
    return catalogue.one('SELECT 1 FROM "import" WHERE sha256 = ?', file_sha256) is not None


def insert_import(catalogue: Catalogue, record: int, description: Mapping[str, Any]) -> None:
    """Insert an import; `record` is the row of its description. Raises sqlite3.Error, KeyError where it is no such."""
    row = catalogue.insert(
        "import",
        record=record,
        at=description["at"],
        file_name=description["file"],
        sha256=description["sha256"],
        size=description["size"],
        format=description["format"],
        records=sum(description["records"].values()),
        damaged=len(description["damage"]),
    )
    for each in description.get("waiting", ()):  # descriptions of earlier versions do not say
        revisit = catalogue.row_of(each["record"])
        if revisit is not None:
            catalogue.insert(
                "waiting", record=revisit, title=each["title"], file_dates=json.dumps(each["dates"]), **{"import": row}
            )
