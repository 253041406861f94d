"""Normal form of lines, in which learned rules compare them.

NFKC; no emphasis, no characters without width, no escapes, one space for all white space; a link is its words and its
address without tracking; an image is its address alone, and one of WeChat's is the name of its asset.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from unicodedata import is_normalized, normalize

__all__ = [
    "FIXED_KINDS",
    "PROSE_WORDS",
    "LineKind",
    "NormalLine",
    "count_words",
    "is_date",
    "is_table_row",
    "normalise_line",
]


class LineKind(StrEnum):
    """The kind of a line for learning."""

    TEXT = "text"
    HEADING = "heading"
    LINK = "link"
    """Links, and hardly anything else."""
    IMAGE = "image"
    TABLE = "table"
    CODE = "code"
    PART = "part"
    """A piece of something that another line goes on with, such as a link over two lines; or raw HTML."""


FIXED_KINDS = frozenset({LineKind.TABLE, LineKind.CODE, LineKind.PART})
"""Kinds of lines that are never removed: taking one of several that belong together would change the others."""


PROSE_WORDS = 13
"""Words from which on a line of text is prose: shorter ones are names, labels, buttons."""


DIGITS = 5
"""So many of them has a picture's name that no person gave."""

REMEMBERED = 2048
"""Lines whose normal form is remembered: a source's frame is the same line by line on page after page."""


LONGEST = 500
"""Characters of a line that is remembered."""


class NormalLine(NamedTuple):
    """A line in its normal form."""

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

# One CJK character, or one word of other letters. Two classes that share no character: linear. Compiled when first
# used: it takes longer to make than a short text to clean, and only learning and its rules need it.
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNIT = rf"[{_CJK}]|[^\W_{_CJK}]+"

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


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(re.findall(_UNIT, text))


def is_table_row(text: str) -> bool:
    """Whether a line, without white space around it, may be a row of a table; a lone bar parts two links."""
    return text.startswith("|") and text.count("|") > 1


def is_date(text: str) -> bool:
    """Whether a normalised line is a day or a time alone."""
    return _MOMENT.fullmatch(text) is not None


def normalise_line(line: str) -> NormalLine:
    """Normalise one line that stands in no fenced code."""
    return _remembered(line) if len(line) <= LONGEST else _normal(line)


def _normal(line: str) -> NormalLine:
    text = line.strip()
    if not text:
        return NOTHING
    if is_table_row(text):
        return NormalLine(_tidy(text), LineKind.TABLE, count_words(text))
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
        return NormalLine(tidy, LineKind.CODE, count_words(tidy))
    count = count_words(tidy)
    if _is_part(tidy):
        return NormalLine(tidy, LineKind.PART, count)
    return NormalLine(f"# {tidy}", LineKind.HEADING, count) if heading else NormalLine(tidy, LineKind.TEXT, count)


_remembered = lru_cache(REMEMBERED)(_normal)


def _linked(bare: str, *, is_heading: bool) -> NormalLine:
    without = _IMAGE.sub("", bare)
    around = _tidy(_LINK.sub("", without))
    words = _tidy(_LINK.sub(r"\1", without))
    text = _tidy(_LINK.sub(_link, _IMAGE.sub(_image, bare)))
    count = count_words(words)
    is_link = count_words(around) <= 2
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
