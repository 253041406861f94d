"""The full-text index of the catalogue: what goes in, and what a query finds, the best or the newest first."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError, storage_errors
from archive.plain import plain
from archive.selection import Selection, conditions
from archive.tokens import tokens

__all__ = ["RANKED", "Found", "Match", "index_missing", "index_text", "search"]

RANKED = 2_000
"""Up to so many matches are counted, and ranked. Of more, the newest come first: what is in so many texts says little
about each, and ranking them all would take a tenth of a second and more."""

_TITLE_WEIGHT = 5.0
"""How much more a word counts in the title than in the text."""

_AT_ONCE = 100
"""Texts that are indexed in one transaction."""


class Match(NamedTuple):
    """A version that holds all that was asked for."""

    article: int
    version: int
    record: int
    """Row of its conversion record."""


class Found(NamedTuple):
    """What a query found."""

    matches: list[Match]
    """The first of them."""
    total: int
    """How many there are, as far as they were counted."""
    more: bool
    """Whether there are more than that."""
    ranked: bool
    """Whether they come by rank; otherwise the newest come first."""
    missing: int
    """Versions whose text could not be indexed, so that nobody knows whether they match."""


def index_text(catalogue: Catalogue, version: int, record: int, markdown: bytes) -> None:
    """Insert the text of a version, inside a transaction of the caller's. Raises sqlite3.Error."""
    title, text = plain(markdown.decode("utf-8", "replace"))
    catalogue.insert("words", rowid=record, title=" ".join(tokens(title)), text=" ".join(tokens(text)))
    catalogue.execute("UPDATE version SET indexed = 1 WHERE id = ?", (version,))


def index_missing(catalogue: Catalogue, read: Callable[[int], bytes]) -> None:
    """Insert the texts of a catalogue that was made before there was a full-text index.

    `read` gives a text from its record's row; one that cannot be read stays out, and `search` tells of it.

    Raises Busy, DiskFull, NotWritable, Damaged or StorageError.
    """
    last = 0
    while True:
        with storage_errors(catalogue.path):
            sql = "SELECT id FROM version WHERE NOT indexed AND id > ? LIMIT 1"
            if not catalogue.one(sql, last):
                return
        with catalogue.transaction():
            rows = catalogue.execute(
                "SELECT id, record FROM version WHERE NOT indexed AND id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
            ).fetchall()
            for version, record in rows:
                last = version
                try:
                    markdown = read(record)
                except ArchiveError:
                    continue
                index_text(catalogue, version, record, markdown)


def search(
    catalogue: Catalogue,
    phrases: Sequence[Sequence[str]],
    selection: Selection,
    *,
    limit: int,
    all_versions: bool = False,
    in_title: bool = False,
) -> Found:
    """Return the versions that hold all phrases: the current ones of the articles meant, or `all_versions` of them.

    Phrases are as `archive.tokens.phrases` gives them, at least one. At most `limit` versions, 0 for all.

    Raises what `archive.selection.find` raises.
    """
    # Tokens hold letters, digits and BREAK alone, so within quotation marks none of them means anything to FTS5.
    wanted = " ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
    query = f"title : ({wanted})" if in_title else wanted
    where, values = conditions(catalogue, selection)
    joined = "article.id = version.article" if all_versions else "article.current_version = version.id"
    meant = f"SELECT version.record FROM article JOIN version ON {joined} WHERE {where}"
    narrowed = f" AND +words.rowid IN ({meant})" if values else ""
    most = max(limit, RANKED) if limit else 0
    with storage_errors(catalogue.path, reading=True):
        # In this order, whatever SQLite thinks of it: the index is asked, and gives the newest first. "+" keeps SQLite
        # from asking it once for each row that is meant.
        rows = catalogue.execute(
            f"SELECT article.id, version.id, words.rowid, bm25(words, {_TITLE_WEIGHT}) FROM words"
            f" CROSS JOIN version ON version.record = words.rowid CROSS JOIN article ON {joined}"
            f" WHERE words MATCH ?{narrowed} ORDER BY words.rowid DESC LIMIT ?",
            (query, *values, most + 1 if limit else -1),
        ).fetchall()
        (missing,) = catalogue.one("SELECT count(*) FROM version WHERE NOT indexed")
    ranked, more = len(rows) <= RANKED, 0 < most < len(rows)
    if ranked:
        rows.sort(key=itemgetter(3))  # stable: of equal rank, the newest first
    matches = [Match(*row[:3]) for row in rows[: limit or None]]
    return Found(matches, len(rows) - more, more, ranked, missing)
