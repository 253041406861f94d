"""The current text of an article: which capture gives it, and which captures are doubtful.

A wall, an error page or somebody's front page may be answered with status 200 and look like an article. So before a
capture moves the current version, it is compared with it. No knowledge of any wall is needed for that: only what stood
there, what stands there now, and what other addresses of the host show.

| doubt | the new text | ends when |
| --- | --- | --- |
| `shrank` | has less than a tenth of the characters | a later capture shows it, or a person accepts it |
| `teaser` | has only the beginning of the old one, and less than half of its length | the same |
| `replaced` | has less than a tenth of the clauses of the old one | the same |
| `retitled` | has another title, and less than half of the clauses | the same |
| `title-gone` | has another title, and less than a tenth of the clauses | a person accepts it |
| `front-page` | came from the front page of the host, and the article has an address of its own | the same |
| `shared` | is shown by other addresses of the host too | the same |

A first text is doubted where it is short and other addresses of the host show it too, as they show a wall, perhaps with
their title or address in it: then none of them has a current text. What is published at two addresses, a longer text,
is not doubted.

A later capture shows a text if it is equal: a wall with the number of a request, a date, or a count of what is left is
another text each time. Only a text longer than any wall may have changed a little. What became much shorter and says
anything that never stood there, as a wall does, waits for a person, however often it is seen. The text that a doubtful
one displaced comes back at once. A text much longer than a short one that stood there is not doubted: a notice that was
taken for an article gives way to the article.

Everything here follows from the captures in the order in which they were added, and from reviewers' decisions, so that
a rebuilt catalogue says the same. What decides is pure; `text_facts` and the queries beside it feed it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from archive.catalogue.connection import Catalogue
from archive.catalogue.history import changes
from archive.catalogue.search import plain
from archive.model import DOUBTFUL
from clean.frontmatter import read_front_matter

__all__ = [
    "DOUBTS",
    "CaptureFacts",
    "CurrentChoice",
    "SharedText",
    "TextSketch",
    "capture_facts",
    "choose_current",
    "doubts",
    "insert_sketch",
    "may_be_notice",
    "shared_first_texts",
    "shared_texts",
    "sketch",
    "verdicts",
]

_REPEATABLE = frozenset({"shrank", "teaser", "replaced", "retitled"})
"""Doubts that end when a later capture shows the text again: the title stays, or half of the text does."""

DOUBTS = ("shrank", "teaser", "replaced", "retitled", "title-gone", "front-page", "shared")

_SIZE = 256
"""Hashes of a sketch. Most articles have fewer clauses and are compared exactly, so that a single sentence that offers
the rest for money is seen. Of longer ones, an estimated share is off by 0.03 (one standard deviation) at most."""

_TINY = 20
"""Characters below which a text, unless it is pictures alone, says too little to be compared with another."""

_SHORT = 400
"""Characters up to which a text may have been a notice, so that a long one in its place is not doubted."""

_PARAGRAPHS = 2
"""Paragraphs of a text that may be a notice at a new address: one and the same article is published at several, too."""

_FEW = 5
"""Clauses below which an edit of every one of them is no wonder."""

_HALF = 128
"""The middle of a text, in 256ths."""

_FEW_OF_BEGINNING = 3
"""Clauses of a beginning below which it may stand there by chance."""

_ALIKE = 0.5
"""Share of clauses that two texts have in common (Jaccard) when one counts as the other seen again."""

_MORE_THAN_A_WALL = 64
"""Clauses above which no wall is known; only a text with more may have changed when it is seen again."""

_BRIEF = 1000
"""Characters up to which most walls are that come with a site around them."""

_LONGEST_WALL = 2600
"""Characters up to which all of them are."""

_SAME = 0.7
"""The same, when two addresses count as showing one text."""

_SAME_WORDS = 0.8
"""Share of words that two short texts have in common when they count as one, but for a word or two."""

_SAME_WORDS_AND_TITLE = 0.5
"""The same under one title: a wall may name the article that it stands before."""

_FEWEST_LETTERS = 10
"""Letters of a text, without its title and address, below which its words say too little."""

# What ends a clause. One character: linear.
_CLAUSE = re.compile("[,.!?;:|。、，！？；：…\n\t]")

# What is no letter or digit. A run: linear.
_NOISE = re.compile(r"[\W_]+")
# Numbers, and what may be the number of a request, in which two copies of a wall differ. Runs: linear.
_NUMBER = re.compile(r"[a-z0-9]+|\d+")
# Words; and letters of scripts that part no words: Chinese, kana, Thai, Lao, Burmese, Khmer. Runs: linear.
_WORD = re.compile(r"[^\W_]+")
_RUNNING = re.compile("[\u2e80-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


class TextSketch(NamedTuple):
    """The clauses of a text in little room, so that texts can be compared without being read.

    The hashes are the smallest of all distinct clauses' (bottom-k sketch; Cohen and Kaplan, PODC 2007).
    """

    characters: int
    """Letters and digits of the text."""
    clauses: int
    """Distinct ones."""
    hashes: tuple[int, ...]
    """At most 256 of 32 bits, ascending."""
    places: tuple[int, ...] = ()
    """Where each of these clauses begins, in 256ths of the text."""
    words: tuple[int, ...] = ()
    """Of a text that may be a notice: hashes of its words, without its title and address, as those of clauses are."""
    title: int = 0
    """Hash of its title; 0 where it has none, or no words are noted."""

    def common(self, other: "TextSketch") -> float:
        """Return the share of the clauses of both that both have, from 0 to 1 (Jaccard); exact up to 256 clauses."""
        is_sampled = self.clauses > len(self.hashes) or other.clauses > len(other.hashes)
        return _common(self.hashes, other.hashes, _SIZE if is_sampled else None)

    def is_shown_by(self, other: "TextSketch") -> bool:
        """Whether two addresses that have these texts show one text, perhaps with a few words of their own."""
        if self.common(other) >= _SAME:
            return True
        if not self.words or not other.words:
            return False
        is_titled_alike = bool(self.title) and self.title == other.title
        return _common(self.words, other.words, _SIZE) >= (_SAME_WORDS_AND_TITLE if is_titled_alike else _SAME_WORDS)

    def kept_in(self, other: "TextSketch") -> float:
        """Return the share of this text's clauses that the other one has, from 0 to 1."""
        if not self.clauses:
            return 0.0 if other.clauses else 1.0
        common = self.common(other)
        return min(1.0, common * (self.clauses + other.clauses) / (1 + common) / self.clauses)

    def adds_to(self, other: "TextSketch") -> bool:
        """Whether this text says anything that the other one does not: exact up to 256 clauses of the other."""
        last = other.hashes[-1] if other.clauses > len(other.hashes) else 1 << 32
        return any(each <= last for each in {*self.hashes}.difference(other.hashes))

    def begins(self, other: "TextSketch") -> bool:
        """Whether this text has the beginning of a much longer one and no more of it, whatever else it says."""
        if self.characters * 2 >= other.characters or not other.hashes:
            return False
        mine = set(self.hashes)
        # Of a text with more clauses than the sketch has, those above the last hash are not known.
        last = self.hashes[-1] if self.clauses > len(self.hashes) else max(other.hashes)
        known = sorted((at, each in mine) for each, at in zip(other.hashes, other.places, strict=True) if each <= last)
        for end in (at for at, is_here in known if is_here and at < _HALF):
            inside = [is_here for at, is_here in known if at <= end]
            after = [is_here for at, is_here in known if at > end]
            if sum(inside) >= max(_FEW_OF_BEGINNING, 0.8 * len(inside)) and sum(after) * 10 <= len(after):
                return True
        return False

    def bands(self, host: str) -> list[int]:
        """Return numbers of which texts of a host that are alike mostly share one.

        They are of each two neighbours among the smallest hashes; and of the title of a text that may be a notice.
        """
        found = [crc32(_packed(pair)) for pair in _neighbours(self.hashes[:4])]
        if self.words:
            found += [crc32(_packed(pair) + host.encode()) for pair in _neighbours(self.words[:8])]
            found += [crc32(_packed([self.title]) + host.encode())] if self.title else []
        return found


def _common(some: Sequence[int], others: Sequence[int], most: int | None) -> float:
    """Return the share of hashes that both have, from 0 to 1, among the smallest `most` of all."""
    union = sorted({*some, *others})[:most]
    mine, theirs = set(some), set(others)
    return sum(each in mine and each in theirs for each in union) / len(union) if union else 1.0


def _neighbours(hashes: Sequence[int]) -> Iterable[tuple[int, int]]:
    return pairwise(hashes) if len(hashes) > 1 else ((each, each) for each in hashes)


def sketch(markdown: str) -> TextSketch:
    """Return the sketch of a clean Markdown file; its front matter and its addresses are no part of the text."""
    _, _, body = plain(markdown).text.partition("\n\n")
    places: dict[int, int] = {}
    characters = distinct = 0
    for clause in _CLAUSE.split(body.casefold()):
        letters = _NOISE.sub("", clause)
        if letters:
            number = crc32(_NOISE.sub("", _NUMBER.sub(_without_number, clause)).encode("utf-8", "replace"))
            distinct += len(letters) if number not in places else 0
            places.setdefault(number, characters)
        characters += len(letters)
    hashes = tuple(sorted(places)[:_SIZE])
    made = TextSketch(characters, len(places), hashes, tuple(256 * places[each] // characters for each in hashes))
    if not _TINY <= characters <= _SHORT or distinct * 2 < characters:  # no notice says everything twice
        return made
    if sum(bool(line.strip()) and not line.startswith("#") for line in body.splitlines()) > _PARAGRAPHS:
        return made
    front = read_front_matter(markdown)
    title = _NOISE.sub(" ", front.get("title").casefold()).strip()
    return made._replace(words=_words_of(body, title, front.get("url")), title=crc32(title.encode()) if title else 0)


def _words_of(body: str, title: str, url: str) -> tuple[int, ...]:
    """Return hashes of the words of a text, without those of its title and address, where these stand in it."""
    text = body.casefold()
    address = url.casefold()
    for name in (address, address.partition("://")[2], urlsplit(address).path):
        if len(name) > 1:
            text = text.replace(name, " ")
    text = f" {_NOISE.sub(' ', text)} "
    if title:
        text = text.replace(title, " ")
    found: set[str] = set()
    letters = 0
    for word in _WORD.findall(text):
        if any(map(str.isdigit, word)):
            continue
        letters += len(word)
        if _RUNNING.search(word):
            found.update(word[place : place + 2] for place in range(max(1, len(word) - 1)))
        else:
            found.add(word)
    hashes = sorted({crc32(word.encode("utf-8", "replace")) for word in found})
    return tuple(hashes[:_SIZE]) if letters >= _FEWEST_LETTERS else ()


def _without_number(match: re.Match[str]) -> str:
    """Return a word as it is, and 0 for what has a digit."""
    return match[0] if match[0].isalpha() else "0"


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """A capture with a text, as far as the choice of the current one needs it."""

    capture: int
    """Its row, as the next; rows are in the order of adding."""
    versions: tuple[int, ...]
    """The texts that cleaning gave it, the latest last."""
    fetched_at: str
    title: str
    address: str
    """Canonical address of the article."""
    answered: str
    """Where the answer came from, after redirects; empty for a snapshot."""
    is_shared: bool
    """Whether other addresses of the host showed the text before."""
    sketches: Mapping[int, TextSketch] = field(default_factory=dict)
    """Of the versions; none of a text that could not be read."""


class CurrentChoice(NamedTuple):
    """Which capture gives the current text, and what is doubtful."""

    capture: int | None
    version: int | None
    doubts: dict[int, tuple[str, ...]]
    """By capture: why it is doubtful. Captures without doubt are not in it."""


def choose_current(captures: Sequence[CaptureFacts], verdicts: Mapping[int, str]) -> CurrentChoice:
    """Choose among the captures of one article that are live, in the order of adding. A pure function.

    `verdicts` are reviewers' latest by version. An accepted text is never doubtful, a rejected one never current: then
    an earlier text of the same capture counts, or an earlier capture.
    """
    current: CaptureFacts | None = None
    chosen: int | None = None
    displaced: TextSketch | None = None  # what stood there before a doubtful text was confirmed by being seen again
    waiting: list[tuple[CaptureFacts, int]] = []
    found: dict[int, tuple[str, ...]] = {}
    for each in captures:
        version = next((one for one in reversed(each.versions) if verdicts.get(one) != "rejected"), None)
        if version is None:
            continue
        reasons: tuple[str, ...] = ()
        is_newer = current is None or each.fetched_at >= current.fetched_at
        if current is not None and chosen is not None and version != chosen and is_newer:
            found_odd = _reasons(current, chosen, each, version, verdicts)
            is_back = displaced is not None and _is_like(each.sketches.get(version), displaced)
            is_confirmed = is_back or _is_confirmed(found_odd, current, chosen, each, version, waiting)
            reasons = () if is_confirmed else found_odd
            if found_odd and is_confirmed:
                displaced = current.sketches.get(chosen)
        elif current is None and each.is_shared and verdicts.get(version) != "accepted":
            text = each.sketches.get(version)
            reasons = ("shared",) if text is not None and may_be_notice(text) else ()
        if reasons:
            found[each.capture] = reasons
            waiting.append((each, version))
        elif is_newer:
            current, chosen = each, version
            waiting.clear()
    if current is None and "rejected" in verdicts.values():  # nothing else to show: the text stands, and its verdict
        return choose_current(captures, {})
    return CurrentChoice(current.capture if current else None, chosen, found)


def _reasons(
    current: CaptureFacts, chosen: int, each: CaptureFacts, version: int, verdicts: Mapping[int, str]
) -> tuple[str, ...]:
    """Return why a text that would follow the current one is odd; nothing where it is not, or a person accepted it."""
    old, new = current.sketches.get(chosen), each.sketches.get(version)
    if old is None or new is None or verdicts.get(version) == "accepted":
        return ()
    return doubts(current, old, each, new)


def _is_confirmed(
    reasons: tuple[str, ...],
    current: CaptureFacts,
    chosen: int,
    each: CaptureFacts,
    version: int,
    waiting: Sequence[tuple[CaptureFacts, int]],
) -> bool:
    """Whether an odd text was seen before, and may be believed for that."""
    old, new = current.sketches.get(chosen), each.sketches.get(version)
    if old is None or new is None or not _REPEATABLE.issuperset(reasons) or _is_of_another(reasons, old, new):
        return False
    seen_before = {seen for _, seen in waiting}
    if version in seen_before:
        return True
    # A wall has the number of the request, a date, or how many articles are left: it is another text each time.
    if {"shrank", "teaser"}.intersection(reasons) or new.clauses <= _MORE_THAN_A_WALL:
        return False
    return any(_is_like(earlier.sketches.get(seen), new) for earlier, seen in waiting)


def _is_of_another(reasons: tuple[str, ...], old: TextSketch, new: TextSketch) -> bool:
    """Whether a text is much shorter than the one that stood there, and says what that never said.

    So does every wall, with or without the beginning of the article, and an author seldom.
    """
    is_less = (
        not {"shrank", "teaser"}.isdisjoint(reasons)
        or (new.characters <= _LONGEST_WALL and new.characters * 2 < old.characters)
        or (new.characters <= _BRIEF and new.characters * 5 < old.characters * 4)
    )
    return is_less and new.adds_to(old)


def _is_like(one: TextSketch | None, other: TextSketch) -> bool:
    return one is not None and one.common(other) >= _ALIKE


def may_be_notice(text: TextSketch) -> bool:
    """Whether a text is so short that it may be a wall or a notice; pictures with a word or two are none."""
    return bool(text.words)


def doubts(current: CaptureFacts, old: TextSketch, new: CaptureFacts, text: TextSketch) -> tuple[str, ...]:
    """Return why a capture does not look like the article that stands there, in the order of `DOUBTS`."""
    kept = old.kept_in(text)
    is_front = _is_front(new.answered) and not _is_front(current.address) and kept < 0.5
    is_shared = new.is_shared and kept < 0.5
    is_tiny = 0 < old.characters < _TINY
    is_outgrown = old.characters <= _SHORT and text.characters > max(4 * old.characters, _SHORT // 2)
    if (is_tiny or is_outgrown) and not is_front and not is_shared:
        return ()
    is_titled = _is_same_title(current.title, new.title)
    reasons = {
        "shrank": text.characters * 10 < old.characters,
        "teaser": text.begins(old),
        "replaced": is_titled and kept < 0.1 and old.clauses >= _FEW,
        "retitled": not is_titled and 0.1 <= kept < 0.5,
        "title-gone": not is_titled and kept < 0.1,
        "front-page": is_front,
        "shared": is_shared,
    }
    return tuple(name for name in DOUBTS if reasons[name])


def _is_front(address: str) -> bool:
    """Whether an address is the front page of its host."""
    if not address:
        return False
    parts = urlsplit(address)
    return not parts.query and parts.path.strip("/").lower() in {"", "index.html", "index.htm", "index.php"}


def _is_same_title(old: str, new: str) -> bool:
    """Whether a title is still there: equal but for marks and case, part of the other, or mostly of the same pairs."""
    first, second = (_NOISE.sub("", title.casefold()) for title in (old, new))
    if not first or first == second:
        return True  # an article without a title has none to lose
    if not second:
        return False
    short, long = sorted((first, second), key=len)
    if len(short) >= 4 and short in long:
        return True
    pairs, others = ({text[place : place + 2] for place in range(len(text) - 1)} for text in (first, second))
    return bool(pairs and others) and 2 * len(pairs & others) >= 0.5 * (len(pairs) + len(others))


# Rows


class _CaptureRow(NamedTuple):
    capture: int
    version: int
    fetched_at: str
    title: str
    address: str
    answered: str
    is_shared: int
    characters: int
    clauses: int
    sketch: bytes


_CAPTURES = f"""
SELECT capture.id AS capture, version.id AS version, fetched_at, capture.title, article.url AS address,
  coalesce(final_url, '') AS answered, capture.shared AS is_shared, characters, clauses, sketch
FROM capture JOIN article ON article.id = capture.article LEFT JOIN visit ON visit.capture = capture.id
  JOIN cleaning ON cleaning.capture = capture.id JOIN version ON version.id = cleaning.version
WHERE capture.article = ? AND capture.state IN ('live', '{DOUBTFUL}')
ORDER BY capture.id, cleaning.id
"""


def capture_facts(catalogue: Catalogue, article: int) -> list[CaptureFacts]:
    """Return the captures of an article that have a text, in the order of adding. Raises sqlite3.Error."""
    found: dict[int, CaptureFacts] = {}
    sketches: dict[int, TextSketch] = {}
    for row in catalogue.select(_CaptureRow, _CAPTURES, article):
        if row.sketch:
            sketches[row.version] = _sketch_of(row)
        before = found.get(row.capture)
        found[row.capture] = CaptureFacts(
            capture=row.capture,
            versions=(*before.versions, row.version) if before else (row.version,),
            fetched_at=row.fetched_at,
            title=row.title,
            address=row.address,
            answered=row.answered,
            is_shared=bool(row.is_shared),
            sketches=sketches,
        )
    return list(found.values())


def verdicts(catalogue: Catalogue, article: int) -> dict[int, str]:
    """Return reviewers' latest verdicts on the texts of an article, by version. Raises what `changes` raises."""
    if catalogue.one("SELECT 1 FROM decision LIMIT 1") is None:
        return {}
    result = {}
    for change in changes(catalogue, [article]):
        verdict = catalogue.one("SELECT verdict FROM decision WHERE item = ? ORDER BY id DESC LIMIT 1", change.id)
        if verdict:
            (version,) = catalogue.one(
                "SELECT id FROM version WHERE article = ? AND clean_sha256 = ?", article, change.after
            )
            result[int(version)] = str(verdict[0])
    return result


def insert_sketch(catalogue: Catalogue, version: int, markdown: str) -> None:
    """Note the sketch of a version's text. Raises sqlite3.Error."""
    made = sketch(markdown)
    (address,) = catalogue.one(
        "SELECT article.url FROM version JOIN article ON article.id = version.article WHERE version.id = ?", version
    )
    host = urlsplit(address).hostname or ""
    catalogue.execute(
        "UPDATE version SET characters = ?, clauses = ?, sketch = ? WHERE id = ?",
        (made.characters, made.clauses, _blob(made), version),
    )
    bands = sorted({*made.bands(host)})
    catalogue.executemany("INSERT INTO band (value, version) VALUES (?, ?)", ((each, version) for each in bands))


class _SketchRow(NamedTuple):
    address: str
    characters: int
    clauses: int
    sketch: bytes
    article: int
    version: int


_TEXTS_IN_BAND = """
SELECT article.url AS address, characters, clauses, sketch, article.id AS article, version.id AS version
FROM version JOIN article ON article.id = version.article
WHERE version.id IN (SELECT version FROM band WHERE value = ? ORDER BY version LIMIT 200) AND version.article != ?
"""


class SharedText(NamedTuple):
    """A text of another article of the same host."""

    article: int
    version: int


def shared_texts(catalogue: Catalogue, article: int, version: int) -> list[SharedText]:
    """Return the texts of other articles of the same host that are like this one. Raises sqlite3.Error.

    Asked when a capture is added, and noted with it: what comes later changes no answer, but for first texts.
    """
    row = _text_row(catalogue, version)
    if row is None or not row.sketch:
        return []
    mine, host = _sketch_of(row), urlsplit(row.address).hostname
    return sorted(
        {
            SharedText(other.article, other.version)
            for band in mine.bands(host or "")
            for other in catalogue.select(_SketchRow, _TEXTS_IN_BAND, band, article)
            if urlsplit(other.address).hostname == host and mine.is_shown_by(_sketch_of(other))
        }
    )


def shared_first_texts(catalogue: Catalogue, article: int, version: int) -> list[SharedText]:
    """Return the same for the first text of an article; nothing where it is too long to be a notice.

    WeChat's notices are known by their make, and short posts of the same words are common there.
    """
    row = _text_row(catalogue, version)
    if row is None or not row.sketch or not may_be_notice(_sketch_of(row)) or not urlsplit(row.address).hostname:
        return []
    (kind,) = catalogue.one("SELECT kind FROM article WHERE id = ?", article)
    return shared_texts(catalogue, article, version) if kind != "wechat" else []


def _text_row(catalogue: Catalogue, version: int) -> _SketchRow | None:
    return catalogue.first(
        _SketchRow,
        "SELECT article.url AS address, characters, clauses, sketch, article.id AS article, version.id AS version"
        " FROM version JOIN article ON article.id = version.article WHERE version.id = ?",
        version,
    )


def _packed(hashes: Sequence[int]) -> bytes:
    return b"".join(each.to_bytes(4, "big") for each in hashes)


def _blob(made: TextSketch) -> bytes:
    """Return what a row keeps of a sketch: clauses, their places, and of a short text its title and its words."""
    words = _packed([made.title, *made.words]) if made.words else b""
    return _packed(made.hashes) + bytes(made.places) + words


def _sketch_of(row: _CaptureRow | _SketchRow) -> TextSketch:
    count = min(row.clauses, _SIZE)
    hashes, places, words = row.sketch[: 4 * count], row.sketch[4 * count : 5 * count], row.sketch[5 * count :]
    title, *others = _unpacked(words) or (0,)
    return TextSketch(row.characters, row.clauses, _unpacked(hashes), tuple(places), tuple(others), title)


def _unpacked(blob: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(blob[place : place + 4], "big") for place in range(0, len(blob), 4))
