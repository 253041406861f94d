"""Full-text search: tokens, index, queries, snippets.

Text as the full-text index has it is tokens between blanks, the same for what is stored and for what is asked. Chinese
has no blanks between words, and nobody can say for certain where one ends. So every ideograph is a token, and a word is
a phrase of them: words of one character, of two, or of ten are found alike, wherever they stand. What was measured
against other ways, over 100,000 articles of 2,000 characters each (`benchmarks/looking.py` measures this one):

| way | size | adding | finding |
| --- | --- | --- | --- |
| an ideograph a token | 319 MB | 1.0 ms an article | all; 1 to 54 ms |
| two neighbours a token | 453 MB | 1.6 ms | all; 1 to 4 ms, but 250 ms for one frequent character |
| SQLite's `trigram` | 1,030 MB (from 30,000) | 2.3 ms | no word of fewer than three characters |

Kana and Hangul are split likewise; letters and digits of other scripts make whole words. Full and half width, upper and
lower case are one (NFKC, then case folding). Punctuation that ends a clause, and an empty line, are a token too, so
that no word is found across them; all other marks are nothing, so that emphasis inside of a word does not hide it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

from archive.catalogue.articles import Selection, conditions
from archive.catalogue.connection import Catalogue
from archive.errors import ArchiveError, storage_errors
from clean import frontmatter

__all__ = [
    "BREAK",
    "LETTER",
    "RANKED",
    "SINGLE",
    "HitDetail",
    "PlainText",
    "SearchHit",
    "SearchResult",
    "Snippet",
    "hit_detail",
    "index_missing",
    "index_text",
    "marks",
    "phrases",
    "plain",
    "search",
    "snippet",
    "tokens",
]


BREAK = "¶"

SINGLE = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Characters that are tokens by themselves, as ranges for an expression: ideographs, kana, bopomofo, Hangul."""

LETTER = rf"[^\W_{SINGLE}]"
"""Any other letter or digit, as an expression."""

# What ends a clause, or an empty line, with all marks behind it. Marks and letters share no character: linear.
_END = re.compile(r"(?:[,.!?;:。、]|\n\s*\n)[\W_]*")

# A token. Alternatives begin with different characters: linear.
_TOKEN = re.compile(rf"{BREAK}|[{SINGLE}]|{LETTER}+")

# A part of a query: what stands in quotation marks, or what stands between blanks. Each stops at the next mark: linear.
_PART = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』|(\S+)')


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _TOKEN.findall(_END.sub(f" {BREAK} ", text))


def phrases(query: str) -> list[tuple[str, ...]]:
    """Return what a query asks for, each a phrase of tokens: words between blanks, or what stands in quotation marks.

    Nothing where it holds no letter, digit or ideograph.
    """
    result: dict[tuple[str, ...], None] = {}
    for match in _PART.finditer(query):
        phrase = tokens(match[match.lastindex or 0])
        while phrase and phrase[0] == BREAK:
            del phrase[0]
        while phrase and phrase[-1] == BREAK:
            del phrase[-1]
        if phrase:
            result[tuple(phrase)] = None
    return list(result)


# Plain text of a clean Markdown file, without addresses and marks: it is indexed, and snippets are cut from it.

_NO_WORDS = frontmatter.BOOLEAN_KEYS | {"title", "url", "date", "fetch_date", "kind", "modified", "published"}
"""Keys of the front matter that are no part of the text: the title stands by itself, and the others are no words."""

# The address of a link or an image. It stops at the next bracket of any kind: linear.
_ADDRESS = re.compile(r"\]\([^()\[\]\n]*\)")

# An HTML tag, or an address between angle brackets; not a sign that is escaped. It stops at the next sign: linear.
_TAG = re.compile(r"(?<!\\)<[a-zA-Z/!][^<>]*>")


class PlainText(NamedTuple):
    """A text in plain words."""

    title: str
    text: str
    """What the front matter says in words, an empty line, and the body."""


def plain(markdown: str) -> PlainText:
    """Return the plain words of a clean Markdown file. Never fails."""
    front = frontmatter.read_front_matter(markdown)
    facts = [front.get(key) for key in front.values if key not in _NO_WORDS]
    body = _TAG.sub("", _ADDRESS.sub("]", markdown[front.end :]))
    if "&" in body:
        from html import unescape  # 5 ms, and few texts have a reference to a character

        body = unescape(body)
    words = "\n".join(fact for fact in facts if "://" not in fact)
    return PlainText(front.get("title"), f"{words}\n\n{body}")


RANKED = 2_000
"""Up to so many matches are counted, and ranked. Of more, the newest come first: what is in so many texts says little
about each, and ranking them all would take a tenth of a second and more."""

_TITLE_WEIGHT = 5.0
"""How much more a word counts in the title than in the text."""

_AT_ONCE = 100
"""Texts that are indexed in one transaction."""


class SearchHit(NamedTuple):
    """A version that holds all that was asked for."""

    article: int
    version: int
    record: int
    """Row of its conversion record."""


class _RankedMatch(NamedTuple):
    article: int
    version: int
    record: int
    rank: float
    """As BM25 in SQLite: the lowest is the best."""


class SearchResult(NamedTuple):
    """The result of a query."""

    matches: list[SearchHit]
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
    """Insert the texts that could not be read when their versions were inserted.

    `read` gives a text from its record's row; one that still cannot be read stays out, and `search` tells of it.

    Raises Busy, DiskFull, NotWritable, Damaged or StorageError.
    """
    last = 0
    while True:
        with storage_errors(catalogue.path):
            sql = "SELECT id FROM version WHERE NOT indexed AND id > ? LIMIT 1"
            if not catalogue.one(sql, last):
                return
        with catalogue.transaction():
            for version in catalogue.rows(
                "SELECT id, record FROM version WHERE NOT indexed AND id > ? ORDER BY id LIMIT ?", last, _AT_ONCE
            ):
                last = version["id"]
                try:
                    markdown = read(version["record"])
                except ArchiveError:
                    continue
                index_text(catalogue, version["id"], version["record"], markdown)


def search(
    catalogue: Catalogue,
    phrases: Sequence[Sequence[str]],
    selection: Selection,
    *,
    limit: int,
    all_versions: bool = False,
    in_title: bool = False,
) -> SearchResult:
    """Return the versions that hold all phrases: the current ones of the articles selected, or `all_versions` of them.

    Phrases are as `phrases` returns them, at least one. At most `limit` versions, 0 for all.

    Raises what `archive.catalogue.articles.find` raises.
    """
    # Tokens hold letters, digits and BREAK alone, so within quotation marks none of them means anything to FTS5.
    terms = " ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
    query = f"title : ({terms})" if in_title else terms
    where, values = conditions(catalogue, selection)
    joined = "article.id = version.article" if all_versions else "article.current_version = version.id"
    selected = f"SELECT version.record FROM article JOIN version ON {joined} WHERE {where}"
    narrowed = f" AND +words.rowid IN ({selected})" if values else ""
    most = max(limit, RANKED) if limit else 0
    with storage_errors(catalogue.path, reading=True):
        # In this order, whatever SQLite thinks of it: the index is asked, and gives the newest first. "+" keeps SQLite
        # from asking it once for each row that is selected.
        matches = list(
            catalogue.select(
                _RankedMatch,
                "SELECT article.id AS article, version.id AS version, words.rowid AS record,"
                f" bm25(words, {_TITLE_WEIGHT}) AS rank FROM words"
                f" CROSS JOIN version ON version.record = words.rowid CROSS JOIN article ON {joined}"
                f" WHERE words MATCH ?{narrowed} ORDER BY words.rowid DESC LIMIT ?",
                query,
                *values,
                most + 1 if limit else -1,
            )
        )
        (missing,) = catalogue.one("SELECT count(*) FROM version WHERE NOT indexed")
    ranked, more = len(matches) <= RANKED, 0 < most < len(matches)
    if ranked:
        matches.sort(key=attrgetter("rank"))  # stable: of equal rank, the newest first
    return SearchResult(
        matches=[SearchHit(each.article, each.version, each.record) for each in matches[: limit or None]],
        total=len(matches) - more,
        more=more,
        ranked=ranked,
        missing=missing,
    )


class HitDetail(NamedTuple):
    """The article of a search hit, and which of its versions was hit."""

    key: str
    source: str
    date: str
    state: str
    """Of the article's latest capture."""
    markdown: str | None
    """The article's Markdown file, relative to the collection."""
    clean_sha256: str
    """Of the version that was hit."""
    current: int
    """Whether that is the article's current version: 0 or 1."""


def hit_detail(catalogue: Catalogue, hit: SearchHit) -> HitDetail:
    """Return what is shown of a hit beside its text. Raises Busy, Damaged or StorageError."""
    with storage_errors(catalogue.path, reading=True):
        return catalogue.require(
            HitDetail,
            "SELECT key, source, date, latest_state AS state, markdown, clean_sha256,"
            " version.id IS current_version AS current"
            " FROM version JOIN article ON article.id = version.article WHERE version.id = ?",
            hit.version,
        )


# Snippets: a few words of a text around a match, with the hits marked.

WIDTH = 60
"""Characters of a snippet, about."""

_BEFORE = 15
"""Characters before the first hit."""

_HITS = 200
"""Hits of a phrase that are looked at; the best place is seldom behind so many."""

_LONGEST = 50
"""Tokens of a phrase that are looked for; more are found in no other place."""

# Full-width forms of ASCII (Unicode, Halfwidth and Fullwidth Forms) and the ideographic space: character by character,
# so that places stay. Rarer forms are found by the index alone, and their hits stay without a mark.
_HALF = {0xFF01 + number: 0x21 + number for number in range(94)} | {0x3000: 0x20}

# What may stand between two tokens of one phrase: marks that end no clause. Bounded, and no token begins so: linear.
_BETWEEN = r"(?:[^\w,.!?;:。、]|_){0,40}"

# Marks of Markdown, which say nothing in a snippet.
_MARKUP = re.compile(r"!?\[|[*`#\]\\|]+")


class Snippet(NamedTuple):
    """A piece of a text."""

    text: str
    """On one line, with … where it was cut."""
    marks: list[tuple[int, int]]
    """Where the hits begin and end, in characters."""


def snippet(text: str, phrases: Sequence[Sequence[str]]) -> Snippet:
    """Return the piece with the most of the phrases in it, the earliest such; without any, the beginning. Pure."""
    text = unicodedata.normalize("NFC", text)
    folded = _folded(text)
    hits = sorted(
        (match.start(), number)
        for number, phrase in enumerate(phrases)
        for match, _ in zip(_pattern(phrase).finditer(folded), range(_HITS), strict=False)
    )
    best, start = 0, 0
    for place, (first, _) in enumerate(hits):
        within = {number for at, number in hits[place : place + 50] if at < first + WIDTH - _BEFORE}
        if len(within) > best:
            best, start = len(within), max(0, first - _BEFORE)
    piece = " ".join(_MARKUP.sub("", text[start : start + WIDTH]).split())
    piece = f"{'…' if start else ''}{piece}{'…' if start + WIDTH < len(text.rstrip()) else ''}"
    return Snippet(piece, marks(piece, phrases))


def marks(text: str, phrases: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return where phrases stand in a text, in order; places that touch or overlap are one."""
    folded = _folded(text)
    places: list[tuple[int, int]] = []
    for start, end in sorted(match.span() for phrase in phrases for match in _pattern(phrase).finditer(folded)):
        if places and start <= places[-1][1]:
            places[-1] = places[-1][0], max(end, places[-1][1])
        else:
            places.append((start, end))
    return places


def _folded(text: str) -> str:
    """Return the text in half width and lower case, each character in its place."""
    lower = text.translate(_HALF).lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := each.lower()) == 1 else each for each in text.translate(_HALF))


def _pattern(phrase: Sequence[str]) -> re.Pattern[str]:
    parts = [r"[\W_]{1,80}" if token == BREAK else _word(token) for token in phrase[:_LONGEST]]
    return re.compile(_BETWEEN.join(parts))


def _word(token: str) -> str:
    """Return an expression for a token: letters only where the word ends at both sides."""
    edge = re.match(LETTER, token)
    return rf"(?<!{LETTER}){re.escape(token)}(?!{LETTER})" if edge else re.escape(token)
