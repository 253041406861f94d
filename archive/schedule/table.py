"""The schedule table, derived from collection.toml, schedule.jsonl and captures.

`sync` brings it up to date; where nothing happened it costs two small reads. The same code makes the whole schedule
again when the catalogue is rebuilt. A line of schedule.jsonl is on the disk before the catalogue knows it, so what was
reported done is never lost.

| line | says |
| --- | --- |
| `{"do": "add", "at", "source", "kind", "urls", "plan"}` | addresses of a source, and its plan |
| `{"do": "pause" or "resume" or "remove", "at", "source", "urls"}` | the whole source, or some of its addresses |
| `{"do": "found", "at", "source", "entries"}` | what a feed lists: `url`, `published`, `kind` |
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, NamedTuple, Self

from archive.catalogue.articles import article_row
from archive.catalogue.connection import TIMEOUT, Catalogue
from archive.collection.collection import Collection
from archive.collection.manifest import append_lines
from archive.collection.reader import CollectionReader, catalogue_of
from archive.dates import timestamp_of
from archive.errors import storage_errors
from archive.schedule.due import earliest_due, next_due
from archive.schedule.outcomes import VisitOutcome, outcomes_of
from archive.schedule.policies import Plan, plan_of
from archive.schedule.settings import ScheduleSettings, date_reader, read_settings
from archive.settings import FILE
from archive.storage import CATALOGUE, Journal, storable
from capture.addresses import parse
from capture.identity import NotAWebAddress, identify

__all__ = ["JOURNAL", "DueAddress", "Schedule", "ScheduledAddress", "refresh_host"]

JOURNAL = "schedule.jsonl"

_ADDED_BY_SETTINGS = "1970-01-01T00:00:00.000000Z"
"""When the addresses in collection.toml were added: nobody knows, so they count as due for ever."""


_PAUSED = {"resume": 0, "pause": 1, "remove": 2}

FEW = 500
"""New addresses above which those that nobody visited are planned in one go."""


class ScheduledAddress(NamedTuple):
    """An address of a source."""

    source: str
    key: str
    url: str
    host: str
    kind: str
    published: str
    added: str
    plan: str


class DueAddress(NamedTuple):
    """An address that is to be visited, and when."""

    next_due: float
    """Seconds since 1970; 0 where it stands in collection.toml and was never visited."""
    url: str
    kind: str
    """`page` or `feed`."""
    source: str


class Schedule:
    """A collection's schedule. Methods whose name does not say otherwise open their own transaction.

    Use what `open` returns as a context manager, or `close` it.
    """

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self.root = root
        self.catalogue = catalogue
        """For the modules of `archive`; everybody else asks the methods."""
        self.journal = Journal(root / JOURNAL)
        self._settings: tuple[str, ScheduleSettings] = ("", ScheduleSettings())

    @classmethod
    def of(cls, collection: Collection) -> Self:
        """Return the schedule of an open collection, on its own connection: what is changed is on the disk at once."""
        return cls(collection.path, catalogue_of(collection))

    @classmethod
    def open(cls, root: Path, *, timeout: float = TIMEOUT) -> Self:
        """Open the schedule on a connection of its own, for a runner or a thread beside it.

        It is for what is of the moment, such as claims and leases: a power cut may lose the last of it, and nobody
        waits for disks. What collections promise goes through their own connection. `timeout` is in seconds.

        Raises what `archive.catalogue.connection.Catalogue` raises.
        """
        catalogue = Catalogue(root / CATALOGUE, timeout=timeout)
        catalogue.execute("PRAGMA synchronous = NORMAL")
        return cls(root, catalogue)

    @classmethod
    @contextmanager
    def look(cls, collection: CollectionReader) -> Iterator[Self]:
        """Open the schedule of a collection that is open for reading: no lock is taken, nothing is written there.

        Where it is behind the files, it is brought up to date in a copy that is forgotten. Raises what `sync` raises.
        """
        catalogue = catalogue_of(collection)
        schedule = cls(collection.path, catalogue)
        if schedule.is_current():
            yield schedule
            return
        with TemporaryDirectory(prefix="xuanzhi-") as folder, closing(catalogue.copy(Path(folder, CATALOGUE))) as copy:
            schedule = cls(collection.path, copy)
            schedule.sync()
            yield schedule

    def close(self) -> None:
        """Close the connection."""
        self.catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def settings(self) -> ScheduleSettings:
        """What collection.toml says now. Raises BadConfig or StorageError."""
        return self._read()[1]

    def change(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Append lines to the journal, and take them in. Raises what `append_lines` and `sync` raise."""
        with self.catalogue.transaction():
            append_lines(self.catalogue, self.root, JOURNAL, lines)
            self.sync_inside()

    def unknown_addresses(self, source: str, urls: Sequence[str]) -> set[str]:
        """Return the addresses whose articles a source does not have yet. Raises Busy, Damaged or StorageError."""
        with storage_errors(self.catalogue.path):
            known = {row[0] for row in self.catalogue.execute("SELECT key FROM member WHERE source = ?", (source,))}
        return {url for url in urls if (key := _key(url)) and key not in known}

    def sync(self) -> None:
        """Take in what is new in the files and among the captures. Raises BadConfig, Damaged, Busy or StorageError."""
        if not self.is_current():
            with self.catalogue.transaction():
                self.sync_inside()

    def is_current(self) -> bool:
        """Whether nothing is new in the files and among the captures. Raises what `sync` raises."""
        with storage_errors(self.catalogue.path):
            return self._marks() == self._wanted_marks()

    def sync_inside(self) -> None:
        """Do the same within a transaction of the caller's. Raises sqlite3.Error, too."""
        marks, wanted = self._marks(), self._wanted_marks()
        if marks == wanted:
            return
        start = int(marks.get("journal", 0))
        if marks.get("written") != wanted["written"] or start > self.journal.size():
            start = self._rebuild()
        else:
            self.journal.sync()  # else a power cut could leave us with lines that the file has lost
            for offset, line in self.journal.entries(start):
                self.refresh(self._apply(line), fresh=line["do"] in {"add", "found"})
                start = offset
            self._apply_captures(int(marks.get("captures", 0)))
        for what, mark in {**wanted, "journal": str(start)}.items():
            self.catalogue.execute("INSERT OR REPLACE INTO taken (what, mark) VALUES (?, ?)", (what, mark))

    def _marks(self) -> dict[str, str]:
        return dict(self.catalogue.execute("SELECT what, mark FROM taken").fetchall())

    def _wanted_marks(self) -> dict[str, str]:
        """Return the marks of a schedule that knows everything; an empty collection has none."""
        (captures,) = self.catalogue.one("SELECT coalesce(max(id), 0) FROM capture")
        return {"written": self._read()[0], "journal": str(self.journal.size()), "captures": str(captures)}

    def _read(self) -> tuple[str, ScheduleSettings]:
        """Return what collection.toml says, with a digest of it and of the lists that it names."""
        with storage_errors(self.root / FILE):
            data = (self.root / FILE).read_bytes()
        settings = self._settings[1]
        digest = self._digest(data, settings.lists)
        if digest != self._settings[0]:
            settings = read_settings(self.root)
            self._settings = self._digest(data, settings.lists), settings
        return self._settings

    def _digest(self, data: bytes, lists: Iterable[str]) -> str:
        digest = sha256(data)
        for name in lists:
            with storage_errors(self.root / name):
                digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    # What is asked of it; each method raises Busy, Damaged or StorageError

    def due(self, by: float, *, limit: int) -> list[DueAddress]:
        """Return the addresses that are due by a moment (seconds since 1970), at most `limit`, the earliest first."""
        sql = "SELECT next_due, url, kind, source FROM schedule WHERE next_due <= ? ORDER BY next_due, key LIMIT ?"
        with storage_errors(self.catalogue.path):
            return list(self.catalogue.select(DueAddress, sql, by, limit))

    def source_origin(self, name: str) -> str | None:
        """Return where a source was defined, collection.toml or schedule.jsonl; None where there is no such source."""
        with storage_errors(self.catalogue.path):
            row = self.catalogue.one("SELECT origin FROM source WHERE name = ?", name)
        return str(row[0]) if row is not None else None

    def source_names(self, *, limit: int) -> list[str]:
        """Return the names of the first sources, in the order in which they were added."""
        return self._names("SELECT name FROM source ORDER BY position LIMIT ?", limit)

    def sources_of(self, key: str) -> list[str]:
        """Return the sources that have an address, by its identity key, also where it is paused; sorted."""
        sql = "SELECT source FROM member WHERE key = ? AND paused < ? ORDER BY source"
        return self._names(sql, key, _PAUSED["remove"])

    def added_sources_of(self, key: str) -> list[str]:
        """Return the sources of pages that commands added, and not collection.toml, which have an address."""
        sql = (
            "SELECT source FROM member JOIN source ON source.name = member.source"
            " WHERE key = ? AND origin != ? AND source.kind = 'page'"
        )
        return self._names(sql, key, FILE)

    def _names(self, sql: str, *values: object) -> list[str]:
        with storage_errors(self.catalogue.path):
            return [name for (name,) in self.catalogue.execute(sql, values)]

    def outcomes(self, key: str) -> list[VisitOutcome]:
        """Return what each visit of an article came to, by its key, the oldest first."""
        confirmations = self.settings.defaults.confirmations
        with storage_errors(self.catalogue.path):
            article = article_row(self.catalogue, key)
            return outcomes_of(self.catalogue, article, confirmations) if article is not None else []

    # Sources and their addresses

    def _rebuild(self) -> int:
        """Make sources and addresses again from the files; return up to where the journal was read."""
        run = self.catalogue.execute
        for table in ("source", "member", "schedule"):
            run(f"DELETE FROM {table}")
        run("DELETE FROM turn WHERE holder = ''")
        for source in self.settings.sources:
            self._insert_source(source.name, FILE, source.kind, source.plan)
            self._insert_members(source.name, source.urls, source.kind, _ADDED_BY_SETTINGS)
        end = 0
        for offset, line in self.journal.entries():
            self._apply(line)
            end = offset
        self.refresh([row[0] for row in run("SELECT DISTINCT key FROM member").fetchall()], fresh=True)
        return end

    def _apply(self, line: Mapping[str, Any]) -> list[str]:
        """Take in one line; return the keys that it may change."""
        name, do = line["source"], line["do"]
        run = self.catalogue.execute
        if do == "add":
            if run("SELECT 1 FROM source WHERE name = ? AND origin = ?", (name, FILE)).fetchone() is None:
                self._insert_source(name, JOURNAL, line["kind"], line["plan"])
            self._insert_members(name, line["urls"], line["kind"], line["at"])
            members = [(name, key) for url in line["urls"] if (key := _key(url))]
            self.catalogue.executemany(
                "UPDATE member SET paused = 0 WHERE source = ? AND key = ? AND paused = 2", members
            )
            # The plan may be another one than before.
            return [row[0] for row in run("SELECT key FROM member WHERE source = ?", (name,)).fetchall()]
        if do == "found":
            for entry in line["entries"]:
                self._insert_members(name, [entry["url"]], entry["kind"], line["at"], entry["published"])
            return [key for entry in line["entries"] if (key := _key(entry["url"]))]
        named = [key for url in line.get("urls", ()) if (key := _key(url))]
        where, values = "source = ?", (name, *named)
        if named:
            where += f" AND key IN ({', '.join('?' * len(named))})"
        keys = [row[0] for row in run(f"SELECT key FROM member WHERE {where}", values).fetchall()]
        if named:
            run(f"UPDATE member SET paused = ? WHERE {where} AND paused < 2", (_PAUSED[do], *values))
        elif do == "remove":
            run("DELETE FROM member WHERE source = ?", (name,))
            run("DELETE FROM source WHERE name = ?", (name,))
        else:
            run("UPDATE source SET paused = ? WHERE name = ?", (_PAUSED[do], name))
        return keys

    def _insert_source(self, name: str, origin: str, kind: str, plan: Mapping[str, str]) -> None:
        self.catalogue.execute(
            "INSERT INTO source (name, position, origin, kind, plan)"
            " VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM source), ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET plan = excluded.plan",
            (name, origin, kind, json.dumps(dict(plan), ensure_ascii=False)),
        )

    def _insert_members(self, source: str, urls: Iterable[str], kind: str, at: str, published: str = "") -> None:
        # What is no address was told to whoever added it; a feed may list anything.
        self.catalogue.executemany(
            "INSERT OR IGNORE INTO member (source, key, url, host, kind, published, added)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (source, key, storable(url), host, kind, published, at)
                for url in urls
                if (key := _key(url)) and (host := _host(url))
            ],
        )

    # When each is due

    def _apply_captures(self, after: int) -> None:
        """Plan those anew that were visited since, by whomever; their visits are done."""
        rows = self.catalogue.execute(
            "SELECT DISTINCT alias.key FROM capture JOIN alias USING (article) JOIN member ON member.key = alias.key"
            " WHERE capture.id > ?",
            (after,),
        ).fetchall()
        self.refresh([row[0] for row in rows], done=True)

    def refresh(self, keys: Iterable[str], *, done: bool = False, fresh: bool = False) -> None:
        """Recompute the due times of articles, within a transaction of the caller's.

        `done` tells that visits of them ended, so that nobody holds them any more; `fresh` that many of them may be
        new: those that nobody visited are planned by one statement.
        """
        keys = list(keys)
        if fresh and len(keys) > FEW:
            planned = self._plan_unvisited()
            keys = [key for key in keys if key not in planned]
        hosts = {host for key in keys for host in self._plan(key, done=done)}
        for host in hosts:
            refresh_host(self.catalogue, host)

    def _plan_unvisited(self) -> set[str]:
        """Plan all that is on no schedule and was never visited: it is due since it was added. Return the keys."""
        run, defaults = self.catalogue.execute, self._settings[1].defaults
        rows = run(
            "SELECT key, member.source, url, host, member.kind, added, plan, min(position) FROM member"
            " JOIN source ON source.name = member.source WHERE NOT member.paused AND NOT source.paused"
            " AND key NOT IN (SELECT key FROM alias) AND key NOT IN (SELECT key FROM schedule) GROUP BY key"
        ).fetchall()
        planned = []
        for key, source, url, host, kind, added, plan, _ in rows:
            due = next_due(_plan(plan, defaults.zone), defaults, key, (), None, timestamp_of(added))
            if due is not None:
                planned.append((key, source, url, host, kind, due, due))
        self.catalogue.executemany(
            "INSERT INTO schedule (key, source, url, host, kind, next_due, early) VALUES (?, ?, ?, ?, ?, ?, ?)", planned
        )
        self.catalogue.executemany(
            "INSERT OR IGNORE INTO turn (key, host, ready) VALUES (?, ?, ?)",
            [(values[0], values[3], values[5]) for values in planned],
        )
        for host in {values[3] for values in planned}:
            refresh_host(self.catalogue, host)
        return {values[0] for values in planned}

    def _plan(self, key: str, *, done: bool) -> list[str]:
        """Plan one article anew; return its host."""
        run = self.catalogue.execute
        member = self._member(key)
        planned = self._due(member) if member is not None else None
        if done:
            run("UPDATE turn SET holder = '' WHERE key = ?", (key,))
        if member is None or planned is None:
            run("DELETE FROM schedule WHERE key = ?", (key,))
            hosts = run("SELECT host FROM turn WHERE key = ?", (key,)).fetchall()
            run("DELETE FROM turn WHERE key = ? AND holder = ''", (key,))
            return [host for (host,) in hosts]
        due, soonest = planned
        run(
            "INSERT OR REPLACE INTO schedule (key, source, url, host, kind, next_due, early)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, member.source, member.url, member.host, member.kind, due, soonest),
        )
        run(
            "INSERT INTO turn (key, host, ready) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET ready = excluded.ready, host = excluded.host WHERE holder = ''",
            (key, member.host, due),
        )
        return [member.host]

    def _member(self, key: str) -> ScheduledAddress | None:
        """Return the address by which an article is visited: of several, that of the first source."""
        return self.catalogue.first(
            ScheduledAddress,
            "SELECT source, key, url, host, member.kind AS kind, published, added, plan FROM member"
            " JOIN source ON source.name = member.source WHERE key = ? AND NOT member.paused AND NOT source.paused"
            " ORDER BY position LIMIT 1",
            key,
        )

    def _due(self, member: ScheduledAddress) -> tuple[float, float] | None:
        """Return when an article is due, and from when on a timer's run takes it; None where it never is."""
        defaults = self._settings[1].defaults  # as `sync_inside` has read it
        article = article_row(self.catalogue, member.key)
        outcomes = outcomes_of(self.catalogue, article, defaults.confirmations) if article is not None else []
        published = member.published
        if article is not None:
            if self._is_other_name(article, member.key):
                return None
            (article_date,) = self.catalogue.one("SELECT date FROM article WHERE id = ?", article)
            published = published or article_date
        date_published = date_reader(defaults.zone)(published) if published else None
        plan = _plan(member.plan, defaults.zone)
        due = next_due(
            plan,
            defaults,
            member.key,
            outcomes,
            date_published.timestamp() if date_published else None,
            timestamp_of(member.added),
        )
        if due is None:
            return None
        return due, earliest_due(plan, timestamp_of(outcomes[-1].visit.at), due) if outcomes else due

    def _is_other_name(self, article: int, key: str) -> bool:
        """Whether the same article is visited by another of its names: one visit is enough."""
        (first,) = self.catalogue.one(
            "SELECT min(alias.key) FROM alias JOIN member ON member.key = alias.key"
            " JOIN source ON source.name = member.source"
            " WHERE article = ? AND NOT member.paused AND NOT source.paused",
            article,
        )
        return bool(first != key)


def refresh_host(catalogue: Catalogue, host: str) -> None:
    """Find out when there is something to be done at a host. Raises sqlite3.Error."""
    catalogue.execute("INSERT OR IGNORE INTO host (name, ready) VALUES (?, 0)", (host,))
    catalogue.execute(
        "UPDATE host SET ready = max(coalesce((SELECT min(ready) FROM turn WHERE turn.host = host.name), 9e15), rests)"
        " WHERE name = ?",
        (host,),
    )


@lru_cache(maxsize=256)
def _plan(text: str, zone: str) -> Plan:
    return plan_of(json.loads(text), date_reader(zone))


def _key(url: str) -> str:
    try:
        return identify(url).key
    except NotAWebAddress:
        return ""


def _host(url: str) -> str:
    try:
        return parse(url).host
    except NotAWebAddress:
        return ""
