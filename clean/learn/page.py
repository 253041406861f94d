"""A page as learning sees it: its lines, normalised, and what is known of it."""

import re
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized, normalize
from urllib.parse import parse_qs, urlsplit

from clean.frontmatter import read
from clean.view import View, heading_text, same_title

__all__ = [
    "FIXED",
    "PROSE",
    "LearnedLine",
    "LearnedPage",
    "LineKind",
    "ListPlace",
    "NormalLine",
    "is_moment",
    "is_row",
    "lines_of",
    "normal",
    "read_page",
    "scope_of",
    "units",
]


# A line as learned rules compare it: what a converter or a day of fetching changes is left out.
#
# NFKC; no emphasis, no characters without width, no escapes, one space for all white space; a link is its words and its
# address without tracking; an image is its address alone, and one of WeChat's is the name of its asset.


class LineKind(StrEnum):
    """What a line is, as far as learning asks."""

    TEXT = "text"
    HEADING = "heading"
    LINK = "link"
    """Links, and hardly anything else."""
    IMAGE = "image"
    TABLE = "table"
    CODE = "code"
    PART = "part"
    """A piece of something that another line goes on with, such as a link over two lines; or raw HTML."""


FIXED = frozenset({LineKind.TABLE, LineKind.CODE, LineKind.PART})
"""Kinds of lines that are never removed: taking one of several that belong together would change the others."""


PROSE = 13
"""Words from which on a line of text is prose: shorter ones are names, labels, buttons."""


DIGITS = 5
"""So many of them has a picture's name that no person gave."""

REMEMBERED = 2048
"""Lines whose normal form is remembered: a source's frame is the same line by line on page after page."""


LONGEST = 500
"""Characters of a line that is remembered."""


class NormalLine(NamedTuple):
    """One line, normalised."""

    text: str
    """Empty where a reader sees nothing but symbols: such a line counts for nothing, and nothing removes it."""
    kind: LineKind
    units: int
    """Words: characters of Chinese, Japanese and Korean, and words of other letters; none of an address."""
    target: str = ""
    """Where a line leads that is links and hardly anything else: its last link's address, normalised."""


NOTHING = NormalLine("", LineKind.TEXT, 0)

# An address in parentheses, one pair of them inside, perhaps in angle brackets, perhaps with a title. Classes exclude
# what ends them: linear.
_TARGET = r"\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s+[\"'][^\"']*[\"'])?\s*\)"

# An image, and a link whose words hold no brackets of their own. Classes exclude what ends them: linear.
_IMAGE = re.compile(r"!\[([^\[\]]*)\]" + _TARGET)
_LINK = re.compile(r"\[([^\[\]]*)\]" + _TARGET)

# Marks of emphasis, in both forms that the text stages write, and characters without width. Fixed alternatives: linear.
_UNSEEN = re.compile(r"\*+|</?(?:strong|em|b|i)>|[\u200b-\u200d\u2060\ufeff\ufe0f\xad]")

# A backslash before ASCII punctuation (CommonMark 0.31, section 2.4). Fixed length: linear.
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")

# What opens a line and says only how it is set: quotes and lists. Each turn takes a mark and the white space after it,
# at least one of it after the mark of a list: linear.
_MARKERS = re.compile(r"(?:>[ \t]*|(?:[-+*]|\d{1,9}[.)])[ \t]+)+")

_HEADING = re.compile(r"#{1,6}(?=\s)")
_SPACE = re.compile(r"(?:\s|&nbsp;)+")
_LETTER = re.compile(r"[^\W_]")

# One CJK character, or one word of other letters. Two classes that share no character: linear.
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNIT = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")

# A picture of WeChat's: folder, name of the asset, size. The classes exclude the slash that ends them: linear.
_ASSET = re.compile(r"(?:https?:)?//mmbiz\.q(?:pic|logo)\.cn/(?:\w+/)?([\w-]{20,})(?:/|$)", re.ASCII)

# A picture's name that was made from its bytes or drawn by lot, with the ending of a picture. One class: linear.
_HASHED = re.compile(r"([\w-]{16,})\.(?:png|jpe?g|gif|webp|svg)", re.ASCII | re.IGNORECASE)

# A day, perhaps with a time: nothing but numbers and what stands between them. One class: linear.
_MOMENT = re.compile(r"(?=.*\d{4})[\d\s:/.年月日时分-]{8,25}")

# Parameters that say how a reader or a picture came, never where the link leads.
_TRACKING = re.compile(
    r"(?:utm_\w+|from|scene|subscene|chksm|sessionid|clicktime|enterid|ascene|devicetype|version|pass_ticket"
    r"|wx\w+|wx_\w+|tp|spm|fbclid|gclid|mpshare|srcid|sharer_\w+|exportkey|uin|lang|nettype)=",
    re.ASCII,
)


def units(text: str) -> int:
    """Count the words of a text."""
    return len(_UNIT.findall(text))


def is_row(text: str) -> bool:
    """Whether a line, without white space around it, may be a row of a table; a lone bar parts two links."""
    return text.startswith("|") and text.count("|") > 1


def is_moment(text: str) -> bool:
    """Whether a normalised line is a day or a time alone."""
    return _MOMENT.fullmatch(text) is not None


def normal(line: str) -> NormalLine:
    """Normalise one line that stands in no fenced code."""
    return _remembered(line) if len(line) <= LONGEST else _normal(line)


def _normal(line: str) -> NormalLine:
    text = line.strip()
    if not text:
        return NOTHING
    if is_row(text):
        return NormalLine(_tidy(text), LineKind.TABLE, units(text))
    marked = _MARKERS.match(text)
    heading = _HEADING.match(text, marked.end() if marked else 0)
    opening = heading or marked
    bare = text[opening.end() :].strip() if opening else text
    if "](" in bare and "`" not in bare:
        return _linked(bare, is_heading=heading is not None)
    tidy = _tidy(bare)
    if not _LETTER.search(tidy):
        return NOTHING
    if not marked and line.startswith(("    ", "\t")):
        return NormalLine(tidy, LineKind.CODE, units(tidy))
    count = units(tidy)
    if _is_part(tidy):
        return NormalLine(tidy, LineKind.PART, count)
    return NormalLine(f"# {tidy}", LineKind.HEADING, count) if heading else NormalLine(tidy, LineKind.TEXT, count)


_remembered = lru_cache(REMEMBERED)(_normal)


def _linked(bare: str, *, is_heading: bool) -> NormalLine:
    without = _IMAGE.sub("", bare)
    around = _tidy(_LINK.sub("", without))
    words = _tidy(_LINK.sub(r"\1", without))
    text = _tidy(_LINK.sub(_link, _IMAGE.sub(_image, bare)))
    count = units(words)
    is_link = units(around) <= 2
    links = _LINK.findall(without) if is_link else ()
    target = _address(links[-1][1]) if links else ""
    if not _LETTER.search(text):
        return NOTHING
    if _is_part(around):
        return NormalLine(text, LineKind.PART, count)
    if is_heading:
        return NormalLine(f"# {text}", LineKind.HEADING, count, target)
    if without != bare and not count:
        return NormalLine(text, LineKind.IMAGE, 0, target)
    return NormalLine(text, LineKind.LINK if is_link else LineKind.TEXT, count, target)


def _link(match: re.Match[str]) -> str:
    address = _address(match[2])
    return match[1] if not address or address.startswith("javascript:") else f"[{match[1]}]({address})"


def _image(match: re.Match[str]) -> str:
    address = match[2]
    if not address:
        return ""
    if asset := _ASSET.match(address):
        return f"image:{asset[1]}"
    if address.startswith("data:"):  # placeholders of lazy pictures, the same for all: the words tell them apart
        return f"image:data {match[1]}"
    address = _address(address)
    name = address.partition("?")[0].rpartition("/")[2]
    # Such a name is the same whichever of a site's hosts serves the picture.
    if _HASHED.fullmatch(name) and sum(map(str.isdigit, name)) >= DIGITS:
        return f"image:{name}"
    return f"image:{address}"


def _address(address: str) -> str:
    """An address without scheme, tracking and fragment; a fragment alone stays."""
    address = address.removeprefix("https:").removeprefix("http:").removeprefix("//")
    address, _, fragment = address.partition("#")
    path, _, query = address.partition("?")
    if query:
        query = "&".join(pair for pair in query.split("&") if pair and not _TRACKING.match(pair))
    kept = f"{path}?{query}" if query else path
    return kept or (f"#{fragment}" if fragment else "")


def _is_part(text: str) -> bool:
    """Whether a bracket without its other half, or a tag, says that the line belongs to others around it."""
    return "](" in text or text.startswith("<") or text.count("[") != text.count("]")


def _tidy(text: str) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    text = _SPACE.sub(" ", _UNSEEN.sub("", text))
    if not text.isascii() and not is_normalized("NFKC", text):
        text = _SPACE.sub(" ", normalize("NFKC", text))
    return text.strip()


class ListPlace(IntEnum):
    """Whether a line may stand in a list of the source's other articles."""

    NO = 0
    YES = 1
    """A link to one of its own pages, or a day."""
    PICTURE = 2
    """Only with the line below it: a picture above a link."""


class LearnedLine(NamedTuple):
    """One line that counts."""

    at: int
    """Its place in the body, from 0."""
    text: str
    kind: LineKind
    units: int
    listed: ListPlace = ListPlace.NO


class LearnedPage(NamedTuple):
    """One article of a source, cleaned by all rules but learned ones."""

    name: str
    """What people know it by: its address."""
    date: str
    """What orders the pages of a source; sorts as text. A WeChat article is frozen when it is published, the frame of
    a web page is of the day on which it was fetched."""
    lines: tuple[LearnedLine, ...]
    wechat: bool
    cut: bool
    """Whether the tool that made the snapshot cut it, so that its end is not the page's."""
    reposted: bool = False
    """Whether it says that it is another account's article: then its frame is the other's, too."""


def scope_of(url: str, source: str) -> str:
    """Return the name of the source that a page belongs to, empty where nothing tells it.

    `wechat:` and the account's identifier (`__biz`; its display name may change), `source:` and the name where a
    WeChat link does not tell the account, `host:` and the host of any other address, without `www.`.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    if host in {"mp.weixin.qq.com", "weixin.qq.com"}:
        account = parse_qs(parts.query).get("__biz", [""])[0].replace(" ", "+")
        return f"wechat:{account}" if account else f"source:{source}" if source else ""
    return f"host:{host}" if host else f"source:{source}" if source else ""


def lines_of(view: View) -> list[LearnedLine]:
    """Return the lines of a text that count, in order: not blank, not symbols alone, not the article's title.

    The title counts for nothing, so that a second one, which another stage removes, changes no line's place. A line
    that touches a table belongs to it.
    """
    title = view.front.get("title")
    scope = scope_of(view.front.get("url"), view.front.get("source"))
    lines, found = view.lines, []
    for index in view.solid:
        line = lines[index]
        if index in view.verbatim:
            found.append(LearnedLine(index, line, LineKind.CODE, 0))
            continue
        if title and line.startswith("# ") and same_title(heading_text(line, 1), title):
            continue
        one = normal(line)
        if one.text:
            kind = LineKind.TABLE if _touches_table(lines, index) else one.kind
            found.append(LearnedLine(index, one.text, kind, one.units, _listed(one, scope)))
    return found


def _listed(one: NormalLine, scope: str) -> ListPlace:
    if not one.target:
        is_day = one.kind is LineKind.TEXT and is_moment(one.text)
        return ListPlace.YES if is_day else ListPlace.PICTURE if one.kind is LineKind.IMAGE else ListPlace.NO
    # A picture that leads to itself is an illustration.
    own = f"image:{one.target}" not in one.text and _is_own(one.target, scope)
    return ListPlace.YES if own else ListPlace.NO


def _is_own(target: str, scope: str) -> bool:
    """Whether an address is one of the source's own."""
    kind, _, name = scope.partition(":")
    if kind == "host":
        own = target.removeprefix("www.").partition("/")[0] == name
        return own or (target.startswith("/") and target != "/")
    account = str(parse_qs(target.partition("?")[2]).get("__biz", [name])[0]).replace(" ", "+")
    return target.startswith("mp.weixin.qq.com/s") and (kind != "wechat" or account == name)


def _touches_table(lines: list[str], index: int) -> bool:
    return any(0 <= near < len(lines) and is_row(lines[near].strip()) for near in (index - 1, index + 1))


def read_page(markdown: str, *, name: str = "", fetched: str = "") -> LearnedPage:
    """Read a clean text with its front matter."""
    front = read(markdown)
    view = View(markdown[front.end :], front)
    wechat = scope_of(front.get("url"), "").startswith("wechat:") or bool(front.get("kind"))
    fetched = fetched or front.get("fetch_date")
    date = (front.get("date") or fetched) if wechat else (fetched or front.get("date"))
    return LearnedPage(
        name or front.get("url"),
        date,
        tuple(lines_of(view)),
        wechat,
        front.get("truncated") == "true",
        bool(front.get("reposted_from")),
    )
