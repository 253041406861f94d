"""Search for the texts in a value of a page's data, and for what says whether each is the page's own.

Every dictionary is asked for the keys of a rule. The way to it tells whose text it is: names such as `related` lead to
other pages, and so do most lists; a title or an address that is the page's leads to its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from clean.html.data.structured import Effort, StructuredTexts
from clean.html.data.texts import (
    MARKDOWN_KEYS,
    as_markup,
    is_markdown,
    paragraphs,
    plain_key,
    said_by,
    squeezed,
    words_of,
)
from clean.html.data.values import DataValue, read_json
from clean.html.javascript import Literal
from clean.rules import Rule

__all__ = [
    "AUTHORS",
    "DATES",
    "LEAST",
    "Candidate",
    "DataSearch",
    "OwnNames",
    "Step",
    "begins_alike",
    "first_said",
    "title_parts",
]

LEAST: Final = 20
"""Letters and ideographs of a text, below which a value says nothing by itself."""

MOST: Final = 300_000
"""Values of one page's data that are looked at."""

DEEPEST: Final = 100
"""Values within values that are looked at."""


_MOST_TEXTS: Final = 3000
"""Texts of one value that are compared; the longest list of comments known has a thousand."""

_MOST_KEYS: Final = 200
"""Keys of a thing that says something of itself; what has more is an index of things."""

_LONGEST_ADDRESS: Final = 2000


class OwnNames(NamedTuple):
    """What a page is called, by all that it says outside of the data."""

    titles: tuple[str, ...]
    address: str
    """The address it was fetched from, or the one that it gives itself; empty where nobody knows."""
    shown: str = ""
    """The text that was taken for its content, where there is some."""


# What the data say of an article beside its text, whatever the framework: keys in lower case without signs.
_TITLES: Final = ("headline", "headlines", "title", "posttitle", "articletitle", "name", "subject", "seotitle")
AUTHORS: Final = (
    "author", "authors", "byline", "creator", "authorname", "writer", "user", "nickname", "createdby", "username",
    "credits",
)  # fmt: skip
DATES: Final = (
    "datepublished", "publishedat", "publisheddate", "publishdate", "published", "publicationdate", "publishtime",
    "pubdate", "firstpublishedat", "firstpublished", "datecreated", "createdat", "created", "date", "createtime",
    "time",
)  # fmt: skip
_ADDRESSES: Final = (
    "url",
    "link",
    "permalink",
    "canonicalurl",
    "canonical",
    "slug",
    "path",
    "href",
    "uri",
    "webpageurl",
)
_IDS: Final = ("id", "_id", "articleid", "postid", "docid", "noteid", "key", "uuid", "documentid")

# Words in the names of values that hold other articles. Names are cut into words at their capitals and signs.
_OTHERS: Final = frozenset(
    (
        "related", "recommend", "recommended", "recommendations", "recommendation", "next", "prev", "previous",
        "more", "also", "latest", "recent", "popular", "trending", "hot", "sidebar", "aside", "suggestions",
        "suggested", "similar", "other", "others", "footer", "nav", "navigation", "menu", "ads", "promo",
        "promoted", "sponsored", "teaser", "teasers", "mentions", "citation", "itemlistelement", "ispartof",
        "isbasedon", "readmore", "further", "newest", "featured", "comments", "comment", "replies", "reply",
        "answers", "reviews", "settings", "config", "translations", "i18n", "messages", "locale", "locales",
        "cookie", "consent", "newsletter", "hero", "banner", "popup", "modal", "alert", "legal",
        "policy", "privacy", "terms", "gdpr",
    )
)  # fmt: skip
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


class Step(NamedTuple):
    """A way into the data, linked upwards."""

    above: "Step | None"
    key: str
    value: Literal
    is_other: bool
    """Whether a name on the way says that it leads to other pages."""
    is_listed: bool
    """Whether it leads through a list of several things."""
    depth: int


class Candidate(NamedTuple):
    """A text in the data, and what speaks for it."""

    step: Step
    """The thing that has the text."""
    key: str
    """Under which it has it."""
    html: str
    markdown: str
    text: str
    title: str
    evidence: int
    """Above 0 where the text is the page's own, below where it belongs to another page, 0 where nothing tells."""


# The search for texts in one value.


class DataSearch:
    """Finds all texts in one value of a page's data."""

    def __init__(self, rule: Rule, value: DataValue, names: OwnNames, effort: Effort) -> None:
        self._rule = rule
        self._value = value
        self._keys = [key.split(".") for key in rule.options["body"]]
        self._titles = {text for title in names.titles for part in title_parts(title) if (text := squeezed(part))}
        self._segments = _segments(names.address) | _routed(value.value)
        self._last = _last(names.address)
        self._shown = squeezed(names.shown)
        self._structured = StructuredTexts(value.value if isinstance(value.value, dict) else {}, effort)
        self._read: dict[tuple[int, bool], tuple[str, str, str]] = {}
        self._found = 0
        self._kept: list[Literal] = []
        """What was read within the value: nothing else may take its place in memory while places are compared."""
        self._alike: dict[str, bool] = {}
        self.named = False
        """Whether something in the data that is no text of its own has the page's title."""

    def candidates(self) -> Iterator[Candidate]:
        """Yield the texts, and what speaks for each."""
        root = Step(None, "", self._value.value, is_other=False, is_listed=False, depth=0)
        stack = [root]
        seen: set[int] = set()
        looked = 0
        while stack and looked < MOST and self._found < _MOST_TEXTS:
            looked += 1
            step = stack.pop()
            value = step.value
            if isinstance(value, str):
                inner = read_json(value) if _may_be_json(value) and step.depth < DEEPEST else None
                if isinstance(inner, dict | list):
                    self._kept.append(inner)
                    stack.append(step._replace(value=inner, depth=step.depth + DEEPEST // 3))
                continue
            if not isinstance(value, dict | list) or id(value) in seen:
                continue
            seen.add(id(value))
            taken = ""
            if isinstance(value, dict) and self._is_wanted(value):
                candidate = self._candidate(step)
                if candidate is not None:
                    self._found += 1
                    taken = candidate.key if candidate.step is step else candidate.step.key
                    yield candidate
                else:
                    self._note(step)
            elif isinstance(value, list) and self._rule.match == "call" and _is_main(value):
                html = self._structured.html(value)
                if len(text := said_by(html)) >= LEAST:
                    yield Candidate(step, value[1], html, "", text, "", self._evidence(step, "", text))
            if step.depth < DEEPEST:
                stack += reversed(list(_inside(step, taken)))

    def _is_wanted(self, value: Mapping[str, Literal]) -> bool:
        if self._rule.match != "json-ld":
            return True
        types = value.get("@type")
        names = types if isinstance(types, list) else [types]
        return any(isinstance(name, str) and name.rpartition("/")[2] in self._rule.texts for name in names)

    def _candidate(self, step: Step) -> Candidate | None:
        bodies: list[tuple[str, str, str, str]] = []
        keys = {plain_key(key): key for key in reversed(list(step.value))}
        for wanted in self._keys:
            path, value = _follow(step.value, keys, wanted)
            html, markdown, text = self._once(value, wanted[-1])
            if len(text) >= LEAST:
                bodies.append((path, html, markdown, text))
        if not bodies:
            return None
        longest = max(len(text) for *_, text in bodies)
        path, html, markdown, text = next(one for one in bodies if 2 * len(one[3]) >= longest)
        if "." in path:  # what holds the text itself may say how it is called
            inside = step
            for key in path.split(".")[:-1]:
                inside = Step(inside, key, inside.value[key], step.is_other, step.is_listed, step.depth + 1)
        else:
            inside = step
        if replies := self._rule.options.get("replies"):
            html += "".join(_reply(step.value, key) for key in replies)
        title = first_said(inside, self._rule.options.get("title") or _TITLES, words_of)
        return Candidate(
            inside, path.rpartition(".")[2], html, markdown, text, title, self._evidence(step, title, text)
        )

    def _once(self, value: Literal, key: str) -> tuple[str, str, str]:
        """Return a value as HTML, as Markdown, and what it says; one that many things share is read once."""
        known = (id(value), plain_key(key) in MARKDOWN_KEYS)
        if known not in self._read:
            html, markdown = self._text(value, key)
            self._read[known] = (html, markdown, said_by(html) or squeezed(markdown))
        return self._read[known]

    def _text(self, value: Literal, key: str) -> tuple[str, str]:
        """Return a value as HTML, or as Markdown."""
        kind = self._rule.options.get("format", "any")
        if isinstance(value, str) and _may_be_json(value) and len(value) > LEAST:
            inner = read_json(value)
            value = inner if isinstance(inner, dict | list) else value
        if isinstance(value, dict | list):
            html = self._structured.html(value)
            value = "" if html else _unwrapped(value)
            if html:
                return html, ""
        if not isinstance(value, str) or len(value) < LEAST or _is_address(value):
            return "", ""
        if kind == "markdown" or (kind == "any" and (plain_key(key) in MARKDOWN_KEYS or is_markdown(value))):
            return "", value
        return (value, "") if kind == "html" else (as_markup(value, plain=kind == "text"), "")

    def _note(self, step: Step) -> None:
        """Note a thing without a text that has the page's title: other texts are others' then."""
        title = squeezed(first_said(step._replace(above=None), _TITLES, words_of))
        self.named = self.named or (len(title) > 1 and title in self._titles and not _is_site(step.value))

    def _evidence(self, step: Step, title: str, text: str) -> int:
        """Return how much speaks for a text: above 0 it is the page's own, below it belongs to another page."""
        found = 0
        name = squeezed(title)
        if name and any(_is_same(name, one) for one in self._titles):
            found += 2
        addresses = [one for one in _given(step, _ADDRESSES) if isinstance(one, str) and len(one) < _LONGEST_ADDRESS]
        ids = [str(one)[:_LONGEST_ADDRESS] for one in _given(step, _IDS) if isinstance(one, str | int)]
        if any(_last(value) and _last(value) in self._segments for value in addresses):
            found += 2
        elif any(len(value) > 1 and value in self._segments for value in ids):
            found += 1
        elif self._last and any(_last(value) not in {"", self._last} for value in addresses) and not found:
            return -1
        if self._shown:
            if text not in self._alike:
                self._alike[text] = begins_alike(self._shown, text)
            found += self._alike[text]
        if found and step.is_other:
            found = 1 if name and not step.is_listed else 0
        return found


def _unwrapped(value: Literal) -> Literal:
    """Return the text in a value that only says what it is written in, as content systems wrap theirs."""
    for _ in range(_WRAPPED):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, dict):
            keys = {plain_key(key): key for key in value}
            if not keys.keys().isdisjoint(_TITLES):
                return None  # an article of its own
            value = next((value[keys[name]] for name in _WRAPPINGS if name in keys), None)
        else:
            break
    return value


_WRAPPED: Final = 4
_WRAPPINGS: Final = ("processed", "rendered", "html", "value", "text", "markdown", "content", "und", "raw")


def _inside(step: Step, taken: str) -> Iterator[Step]:
    """Yield the ways on from a value, without the one that a text was found in."""
    value = step.value
    if isinstance(value, dict):
        for key, one in value.items():
            if key == taken or not isinstance(one, dict | list | str):
                continue
            yield Step(step, key, one, step.is_other or _is_others(key), step.is_listed, step.depth + 1)
    else:
        several = sum(isinstance(one, dict) for one in value) > 1
        for number, one in enumerate(value):
            if isinstance(one, dict | list | str):
                yield Step(step, str(number), one, step.is_other, step.is_listed or several, step.depth + 1)


def _is_others(key: str) -> bool:
    plain = key.partition("(")[0]
    return plain.lower() in _OTHERS or any(word.lower() in _OTHERS for word in _WORDS.findall(plain))


def _follow(value: Literal, keys: Mapping[str, str], wanted: Sequence[str]) -> tuple[str, Literal]:
    """Return the value at `a.b` of a thing, and the names that lead to it."""
    path = []
    for number, name in enumerate(wanted):
        if not isinstance(value, dict) or (number and len(value) > _MOST_KEYS):
            return "", None
        known = keys if not number else {plain_key(key): key for key in value}
        key = known.get(plain_key(name))
        if key is None:
            return "", None
        path.append(key)
        value = value[key]
    return ".".join(path), value


def _given(step: Step, names: Sequence[str]) -> Iterator[Literal]:
    is_thing = isinstance(step.value, dict) and len(step.value) <= _MOST_KEYS
    keys = {plain_key(key): key for key in step.value} if is_thing else {}
    for name in names:
        if plain_key(name) in keys:
            yield step.value[keys[plain_key(name)]]


def first_said(step: Step, names: Sequence[str], read: Callable[[Literal], str]) -> str:
    """Return what the first of these values says that a thing has, or what it stands in, up to a list."""
    here: Step | None = step
    for _ in range(3):
        if here is None:
            break
        if said := next(filter(None, map(read, _given(here, names))), ""):
            return said
        here = here.above if not here.key.isdecimal() else None
    return ""


_MOST_REPLIES: Final = 500


def _reply(value: Mapping[str, Literal], key: str) -> str:
    """Return the answers or comments of a thing as quotations, as a thread is rendered."""
    written = []
    given = value.get(key)
    for one in given[:_MOST_REPLIES] if isinstance(given, list) else [given]:
        if not isinstance(one, dict):
            continue
        said = one.get("text") or one.get("articleBody")
        if isinstance(said, str) and said.strip():
            name = words_of(one.get("author"))
            head = f"<p><strong>{paragraphs(name)[3:-4]}</strong></p>" if name else ""
            written.append(f"<blockquote>{head}{as_markup(said)}</blockquote>")
    return "".join(written)


def _may_be_json(text: str) -> bool:
    return len(text) > LEAST and ((text[0], text.rstrip()[-1:]) in {("{", "}"), ("[", "]")})


def _is_address(text: str) -> bool:
    return " " not in text and text.startswith(("http://", "https://", "/", "data:"))


def _is_main(value: list[Literal]) -> bool:
    return len(value) > 3 and value[0] == "$" and value[1] in {"article", "main"}


def _is_site(value: Literal) -> bool:
    """Whether a thing is the site or a page's frame rather than an article: it says so, or is too small to tell."""
    if not isinstance(value, dict):
        return True
    types = value.get("@type") or value.get("__typename") or ""
    return len(value) < 3 or any(
        word in str(types) for word in ("WebSite", "WebPage", "Organization", "Person", "List")
    )


# Names of a page, and what is the same name.


# Signs between a headline and the name of its site. Alternatives begin differently: linear.
_SIGN = re.compile(r"\s[-|–—·»:•]{1,2}\s|[_|｜]|——")


def title_parts(title: str) -> Iterator[str]:
    """Yield a title and its parts, one of which may be the site's name."""
    yield title
    yield from _SIGN.split(title)


def _is_same(name: str, title: str) -> bool:
    shorter, longer = sorted((name, title), key=len)
    return name == title or (len(shorter) > 3 and shorter in longer and 2 * len(shorter) >= len(longer))


def _segments(address: str) -> set[str]:
    """Return the parts of an address that may name an article."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return set()
    pieces = [unquote(piece) for piece in parts.path.split("/") if piece]
    pieces += [value.partition("=")[2] for value in parts.query.split("&") if value]
    found = {piece.partition(".htm")[0].lower() for piece in pieces}
    for piece in list(found):
        found.update(number for number in re.findall(r"\d+", piece) if len(number) > 3)
    return found - {"", "index", "article", "articles", "post", "posts", "news", "blog", "p", "detail", "story"}


def _last(address: str) -> str:
    """Return the last part of an address or a slug, which names its page."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2]).partition(".htm")[0].lower()


def _routed(value: Literal) -> set[str]:
    """Return what a framework says of the address that was asked for: its parameters, its path."""
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key in ("query", "params", "routeParams"):
        if isinstance(given := value.get(key), dict):
            for one in given.values():
                found |= {text.lower() for text in (one if isinstance(one, list) else [one]) if isinstance(text, str)}
    for key in ("asPath", "url", "path", "routePath"):
        if isinstance(given := value.get(key), str):
            found |= _segments(given)
    return found


def begins_alike(shown: str, text: str) -> bool:
    """Whether what a page shows is in a text, or both begin with the same words."""
    start = text[:200]
    return len(shown) >= LEAST and (shown in text or start[: max(LEAST, len(start) // 2)] in shown)
