"""Queries for articles: by name, by selection, and one article in full.

| question | answered by |
| --- | --- |
| which article has this name? | `find` |
| which articles are selected? | `select`, `iter_articles`; `conditions` for other queries |
| what is known of one article? | `article_detail` |
"""

import json
from collections.abc import Iterator, Sequence
from sqlite3 import Row
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.catalogue.visits import ArticleQueries, Migration, StateSpan, article_key
from archive.errors import ArchiveError, storage_errors
from archive.warc.reader import RecordPlace

__all__ = [
    "SORTS",
    "Article",
    "ArticleDetail",
    "Capture",
    "ManyArticles",
    "ManyVersions",
    "NoSuchArticle",
    "NoSuchCapture",
    "NoSuchVersion",
    "Selection",
    "Version",
    "article_detail",
    "article_row",
    "articles_by_row",
    "conditions",
    "find",
    "iter_articles",
    "select",
    "source_names",
]

# What stands between "//" and the next "/"; the address is canonical, so it is lower case and has both.
_REST = "substr(article.url, instr(article.url, '//') + 2)"
_AUTHORITY = f"substr({_REST}, 1, instr({_REST}, '/') - 1)"

_TITLES = 5
"""Titles that an error names."""


class NoSuchArticle(ArchiveError):
    """The collection has no article of this name."""

    code = "no-such-article"
    hint = "`archive list` shows all of them; an address, a key, a Markdown file or words of the title name one."


class ManyArticles(ArchiveError):
    """Several articles have these words in their title."""

    code = "many-articles"
    hint = "Give more of the title, or the address."


class Selection(NamedTuple):
    """Conditions that hold together; an empty one holds for every article."""

    articles: tuple[str, ...] = ()
    """Names, as `find` takes them."""
    sources: tuple[str, ...] = ()
    """Names of accounts or sources, whole."""
    hosts: tuple[str, ...] = ()
    """Host names, with a port where only that is meant; those below them are meant, too."""
    states: tuple[str, ...] = ()
    """Of an article's latest capture."""
    since: str = ""
    """As WARC-Date or the beginning of one: some capture was fetched then or later."""
    until: str = ""
    """Likewise: some capture was fetched before."""


def find(catalogue: Catalogue, name: str) -> int:
    """Return the row of the article of a name: its address, its key, its Markdown file, or words of its title.

    A Markdown file may be named from anywhere, as long as the name ends in `markdown/SOURCE/FILE.md`.

    Raises NoSuchArticle, ManyArticles, Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path):
        row = catalogue.one("SELECT article FROM alias WHERE key = ?", article_key(name)) or catalogue.one(
            "SELECT article FROM alias WHERE key = ?", name
        )
        if row is None and name.endswith(".md"):
            at = name.rfind("markdown/")
            row = catalogue.one("SELECT id FROM article WHERE markdown = ?", name[max(at, 0) :])
        if row:
            return int(row[0])
        matches = catalogue.rows(
            "SELECT id, title FROM article WHERE instr(title, ?) ORDER BY id LIMIT ?", name, _TITLES + 1
        )
    if not matches or not name.strip():
        raise NoSuchArticle(f"the collection has no article {name!r}")
    if len(matches) > 1:
        exact = [match for match in matches if match["title"] == name]
        if len(exact) != 1:
            titles = "; ".join(match["title"] for match in matches[:_TITLES])
            raise ManyArticles(f"{name!r} is in several titles: {titles}{'; …' if len(matches) > _TITLES else ''}")
        matches = exact
    return int(matches[0]["id"])


def select(catalogue: Catalogue, selection: Selection) -> list[int]:
    """Return the rows of the articles that are selected: named ones in the order of their names, others by age.

    Raises what `find` raises.
    """
    where, values = conditions(catalogue, selection)
    with storage_errors(catalogue.path):
        articles = [row for (row,) in catalogue.execute(f"SELECT id FROM article WHERE {where} ORDER BY id", values)]
    if not selection.articles:
        return articles
    matching = set(articles)
    return [article for article in _articles_by_name(catalogue, selection) if article in matching]


def conditions(catalogue: Catalogue, selection: Selection) -> tuple[str, tuple[Any, ...]]:
    """Return an SQL expression that is true of the rows of `article` that are selected, and its values.

    Raises what `find` raises.
    """
    parts: list[str] = ["1"]
    values: list[Any] = []
    if selection.articles:
        parts.append("article.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(_articles_by_name(catalogue, selection)))
    for column, wanted in (("source", selection.sources), ("latest_state", selection.states)):
        if wanted:
            parts.append(f"article.{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    if selection.hosts:
        # With a dot before and a colon behind, the host of an address is found whole, with and without a port.
        one = f"'.' || {_AUTHORITY} || ':' LIKE '%.' || ? || ':%' ESCAPE '!'"
        parts.append("(" + " OR ".join([one] * len(selection.hosts)) + ")")
        values += [_literal(host.lower()) for host in selection.hosts]
    for bound, condition in ((selection.since, "last_fetched_at >= ?"), (selection.until, "first_fetched_at < ?")):
        if bound:
            parts.append(f"article.{condition}")
            values.append(bound)
    return " AND ".join(parts), tuple(values)


def _articles_by_name(catalogue: Catalogue, selection: Selection) -> list[int]:
    return list(dict.fromkeys(find(catalogue, name) for name in selection.articles))


def _literal(text: str) -> str:
    """Return the text with what LIKE would read as a pattern escaped."""
    return "".join(f"!{character}" if character in "!%_" else character for character in text)


SORTS = {
    "added": "id",
    "title": "title",
    "source": "source",
    "date": "date",
    "state": "latest_state",
    "first": "first_fetched_at",
    "last": "last_fetched_at",
    "captures": "captures",
    "versions": "versions",
}
"""What articles can be sorted by, and its column. Equal ones stand in the order in which they were added."""


class Article(NamedTuple):
    """An article at a glance."""

    id: int
    key: str
    url: str
    """Canonical."""
    title: str
    """As the current version has it, as the next two."""
    source: str
    date: str
    state: str
    """Of its latest capture."""
    first: str
    """When it was first fetched: UTC, to the microsecond, as the next."""
    last: str
    captures: int
    versions: int
    markdown: str | None
    """Its Markdown file, relative to the collection; None where no capture of it was ever live."""


_ARTICLES = """
SELECT id, key, url, title, source, date, latest_state AS state, first_fetched_at AS first, last_fetched_at AS last,
  captures, versions, markdown
FROM article
"""


def iter_articles(
    catalogue: Catalogue, selection: Selection, *, sort: str = "added", reverse: bool = False, limit: int = 0
) -> Iterator[Article]:
    """Yield the articles that are selected, at most `limit` of them where it is not 0; `sort` is one of SORTS.

    Raises what `find` raises.
    """
    where, values = conditions(catalogue, selection)
    direction = "DESC" if reverse else "ASC"
    with storage_errors(catalogue.path, reading=True):
        yield from catalogue.select(
            Article,
            f"{_ARTICLES} WHERE {where} ORDER BY article.{SORTS[sort]} {direction}, id {direction} LIMIT ?",
            *values,
            limit or -1,
        )


def articles_by_row(catalogue: Catalogue, rows: Sequence[int]) -> dict[int, Article]:
    """Return articles by their rows; one that is not there is left out. Raises Busy, Damaged or StorageError."""
    sql = f"{_ARTICLES} WHERE id IN (SELECT value FROM json_each(?))"
    with storage_errors(catalogue.path, reading=True):
        return {article.id: article for article in catalogue.select(Article, sql, json.dumps(list(rows)))}


def source_names(catalogue: Catalogue) -> list[str]:
    """Return the names of all accounts and sources that articles come from, in the order of their characters.

    Raises Busy, Damaged or StorageError.
    """
    with storage_errors(catalogue.path, reading=True):
        return [name for (name,) in catalogue.execute("SELECT DISTINCT source FROM article ORDER BY source")]


_SHORTEST = 4
"""Characters of a digest or an identifier that may stand for the whole."""


class NoSuchVersion(ArchiveError):
    """The article has no version of this number or digest."""

    code = "no-such-version"
    hint = "`archive show ARTICLE` lists its versions: by number from 1, or by the beginning of their digest."


class NoSuchCapture(ArchiveError):
    """The article has no capture of this number or identifier."""

    code = "no-such-capture"
    hint = "`archive show ARTICLE` lists its captures: by number from 1, or by the beginning of their record's name."


class ManyVersions(ArchiveError):
    """Several versions or captures begin so."""

    code = "many-versions"
    hint = "Give more of the digest, or the number."


class Version(NamedTuple):
    """One distinct clean text of the article."""

    number: int
    """From 1, in the order in which they were kept."""
    id: int
    clean_sha256: str
    ruleset_sha256: str
    """Of the cleaning that gave it first, as the next two."""
    software: str
    engine: str
    """Empty where nobody noted it."""
    current: bool
    captures: int
    """How many have this text."""
    first: str
    """When the first of them was fetched: UTC, to the microsecond, as the next; empty where none has it any more."""
    last: str
    record: int
    """Row of the conversion record."""
    record_id: str
    place: RecordPlace


class Capture(NamedTuple):
    """One visit, or one snapshot."""

    number: int
    """From 1, in the order in which they were fetched."""
    id: int
    kind: str
    """`visit` or `snapshot`."""
    fetched_at: str
    """UTC, to the microsecond."""
    fetch_date: str
    """As given."""
    state: str
    notice: str
    version: int | None
    """Row of its version; None unless the state is live."""
    url: str
    """As given."""
    file_name: str
    """Of the snapshot; empty for a visit."""
    status: int | None
    """Of a visit's answer, 0 where nothing answered."""
    final_url: str | None
    """Of a visit, after redirects."""
    source_sha256: str
    """Of what cleaning read; empty where nothing was cleaned."""
    record: int
    """Row of the source's record: a resource, a response or a revisit; else the visit's description."""
    record_id: str
    place: RecordPlace


class ArticleDetail(NamedTuple):
    """An article in full: its row, captures and versions."""

    row: Article
    aliases: list[str]
    """Every key but its own."""
    states: list[StateSpan]
    migrations: list[Migration]
    versions: list[Version]
    captures: list[Capture]
    """In the order in which they were fetched."""

    def version(self, name: str) -> Version:
        """Return a version by its number, or by the beginning of its digest.

        Raises NoSuchVersion or ManyVersions.
        """
        matches = [each for each in self.versions if str(each.number) == name]
        if not matches and len(name) >= _SHORTEST:
            matches = [each for each in self.versions if each.clean_sha256.startswith(name.lower())]
        if not matches:
            raise NoSuchVersion(
                f"{self.row.key} has {_counted(len(self.versions), 'version')}; none of them is {name!r}"
            )
        if len(matches) > 1:
            raise ManyVersions(f"{len(matches)} versions of {self.row.key} begin with {name!r}")
        return matches[0]

    def capture(self, name: str) -> Capture:
        """Return a capture by its number, or by the beginning of its record's identifier.

        Raises NoSuchCapture or ManyVersions.
        """
        matches = [each for each in self.captures if str(each.number) == name]
        prefix = name.lower().removeprefix("urn:uuid:")
        if not matches and len(prefix) >= _SHORTEST:
            matches = [each for each in self.captures if each.record_id.removeprefix("urn:uuid:").startswith(prefix)]
        if not matches:
            raise NoSuchCapture(
                f"{self.row.key} has {_counted(len(self.captures), 'capture')}; none of them is {name!r}"
            )
        if len(matches) > 1:
            raise ManyVersions(f"{len(matches)} captures of {self.row.key} begin with {name!r}")
        return matches[0]


_PLACE = "folder, name, offset, length"


def article_detail(catalogue: Catalogue, row: Article) -> ArticleDetail:
    """Return all that is known of an article. Raises Busy, Damaged or StorageError."""
    queries = ArticleQueries(catalogue)
    with storage_errors(catalogue.path, reading=True):
        aliases = catalogue.execute(
            "SELECT key FROM alias WHERE article = ? AND key != ? ORDER BY key", (row.id, row.key)
        )
        return ArticleDetail(
            row=row,
            aliases=[key for (key,) in aliases],
            states=queries.states_of(row.id),
            migrations=queries.migrations_of(row.id),
            versions=_versions(catalogue, row.id),
            captures=_captures(catalogue, row.id),
        )


def _versions(catalogue: Catalogue, article: int) -> list[Version]:
    rows = catalogue.rows(
        "SELECT version.id, clean_sha256, ruleset_sha256, software, engine,"
        " version.id IS (SELECT current_version FROM article WHERE id = version.article) AS current,"
        " count(capture.id) AS captures, coalesce(min(fetched_at), '') AS first, coalesce(max(fetched_at), '') AS last,"
        f" version.record, record_id, {_PLACE}"
        " FROM version JOIN record ON record.id = version.record JOIN file ON file.id = record.file"
        " LEFT JOIN capture ON capture.version = version.id WHERE version.article = ?"
        " GROUP BY version.id ORDER BY version.id",
        article,
    )
    return [
        Version(
            number=number,
            id=row["id"],
            clean_sha256=row["clean_sha256"],
            ruleset_sha256=row["ruleset_sha256"],
            software=row["software"],
            engine=row["engine"],
            current=bool(row["current"]),
            captures=row["captures"],
            first=row["first"],
            last=row["last"],
            record=row["record"],
            record_id=row["record_id"],
            place=_place(row),
        )
        for number, row in enumerate(rows, 1)
    ]


def _captures(catalogue: Catalogue, article: int) -> list[Capture]:
    rows = catalogue.rows(
        "SELECT capture.id, kind, fetched_at, fetch_date, state, notice, version, url, file_name, status,"
        f" final_url, source_sha256, capture.record, record_id, {_PLACE} FROM capture"
        " JOIN record ON record.id = capture.record JOIN file ON file.id = record.file"
        " LEFT JOIN visit ON visit.capture = capture.id WHERE article = ? ORDER BY fetched_at, capture.id",
        article,
    )
    return [
        Capture(
            number=number,
            id=row["id"],
            kind=row["kind"],
            fetched_at=row["fetched_at"],
            fetch_date=row["fetch_date"],
            state=row["state"],
            notice=row["notice"],
            version=row["version"],
            url=row["url"],
            file_name=row["file_name"],
            status=row["status"],
            final_url=row["final_url"],
            source_sha256=row["source_sha256"],
            record=row["record"],
            record_id=row["record_id"],
            place=_place(row),
        )
        for number, row in enumerate(rows, 1)
    ]


def _place(row: Row) -> RecordPlace:
    return RecordPlace(folder=row["folder"], name=row["name"], offset=row["offset"], length=row["length"])


def article_row(catalogue: Catalogue, key: str) -> int | None:
    """Return the row of the article that has a key, None where there is none. Raises sqlite3.Error."""
    row = catalogue.one("SELECT article FROM alias WHERE key = ?", key)
    return int(row[0]) if row else None


def _counted(count: int, noun: str) -> str:
    """Return a number and its noun, in the plural but for one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
