"""Which articles of a collection are meant: by name, by where they come from, by what was seen last, and when."""

import json
from typing import Any, NamedTuple

from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError, storage_errors
from capture.identity import NotAWebAddress, identify

__all__ = ["ManyArticles", "NoSuchArticle", "Selection", "conditions", "find", "select"]

# What stands between "//" and the next "/"; the address is canonical, so it is lower case and has both.
_REST = "substr(article.url, instr(article.url, '//') + 2)"
_AUTHORITY = f"substr({_REST}, 1, instr({_REST}, '/') - 1)"

_NAMED = 5
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
        row = catalogue.one("SELECT article FROM alias WHERE key = ?", _key(name)) or catalogue.one(
            "SELECT article FROM alias WHERE key = ?", name
        )
        if row is None and name.endswith(".md"):
            at = name.rfind("markdown/")
            row = catalogue.one("SELECT id FROM article WHERE markdown = ?", name[max(at, 0) :])
        if row:
            return int(row[0])
        titled = catalogue.execute(
            "SELECT id, title FROM article WHERE instr(title, ?) ORDER BY id LIMIT ?", (name, _NAMED + 1)
        ).fetchall()
    if not titled or not name.strip():
        raise NoSuchArticle(f"the collection has no article {name!r}")
    if len(titled) > 1:
        exact = [row for row in titled if row[1] == name]
        if len(exact) != 1:
            names = "; ".join(title for _, title in titled[:_NAMED])
            raise ManyArticles(f"{name!r} is in several titles: {names}{'; …' if len(titled) > _NAMED else ''}")
        titled = exact
    return int(titled[0][0])


def select(catalogue: Catalogue, selection: Selection) -> list[int]:
    """Return the rows of the articles that are meant: named ones in the order of their names, others by age.

    Raises what `find` raises.
    """
    where, values = conditions(catalogue, selection)
    with storage_errors(catalogue.path):
        found = [row[0] for row in catalogue.execute(f"SELECT id FROM article WHERE {where} ORDER BY id", values)]
    if not selection.articles:
        return found
    holding = set(found)
    return [article for article in _named(catalogue, selection) if article in holding]


def conditions(catalogue: Catalogue, selection: Selection) -> tuple[str, tuple[Any, ...]]:
    """Return an SQL expression that is true of the rows of `article` that are meant, and its values.

    Raises what `find` raises.
    """
    parts: list[str] = ["1"]
    values: list[Any] = []
    if selection.articles:
        parts.append("article.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(_named(catalogue, selection)))
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


def _named(catalogue: Catalogue, selection: Selection) -> list[int]:
    return list(dict.fromkeys(find(catalogue, name) for name in selection.articles))


def _literal(text: str) -> str:
    """Return the text with what LIKE would read as a pattern escaped."""
    return "".join(f"!{character}" if character in "!%_" else character for character in text)


def _key(name: str) -> str:
    try:
        return identify(name).key
    except NotAWebAddress:
        return ""
