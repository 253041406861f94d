"""Texts in a page's data: what they are written in, what they say, and the words and dates beside them."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from html import escape, unescape
from typing import Final

from clean.html.javascript import Literal
from clean.html.model import fold_space

__all__ = [
    "MARKDOWN_KEYS",
    "as_markup",
    "date_of",
    "is_markdown",
    "paragraphs",
    "plain_key",
    "said_by",
    "squeezed",
    "well_formed",
    "words_of",
]


def squeezed(text: str) -> str:
    """Return the letters, digits and ideographs of a text in one form, for comparing."""
    return "".join(filter(str.isalnum, text)).casefold()


# Characters that JSON and scripts can spell and no text holds: controls, and what is no character. One class: linear.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def well_formed(text: str) -> str:
    """Return a text without what no tree and no file can hold: controls, and halves of characters as U+FFFD."""
    if not text.isprintable():
        text = _NO_TEXT.sub("", text)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def plain_key(key: str) -> str:
    """Return a key in lower case without signs, and without the arguments that GraphQL caches write behind it."""
    return _known_key(key) if len(key) <= _LONGEST_KNOWN else _plain_key(key)


_LONGEST_KNOWN = 60
"""Characters of a key that is remembered: data repeat theirs by the thousand."""


def _plain_key(key: str) -> str:
    return key.partition("(")[0].replace("_", "").replace("-", "").replace("$", "").lower()


_known_key = lru_cache(maxsize=4096)(_plain_key)


def paragraphs(text: str) -> str:
    """Return plain text as HTML: blank lines part paragraphs, and where there are none, line ends do."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    if "" not in lines:
        return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    parts: list[list[str]] = [[]]
    for line in lines:
        if line:
            parts[-1].append(escape(line, quote=False))
        elif parts[-1]:
            parts.append([])
    return "".join(f"<p>{'<br>'.join(part)}</p>" for part in parts if part)


# What a text is written in.


MARKDOWN_KEYS: Final = frozenset({"markdown", "md", "bodymarkdown", "contentmarkdown", "markdownbody", "rawmarkdown"})
_TAG = re.compile(
    r"</?(?:p|div|br|h[1-6]|ul|ol|li|img|blockquote|strong|em|a|span|table|section|article|figure)[\s/>]", re.I
)
_ESCAPED = re.compile(r"&lt;/?(?:p|div|br|h[1-6]|ul|ol|li|img|blockquote|strong|em|a|span|table)(?:\s|/|&gt;)", re.I)
# Signs of Markdown's blocks and links; each is anchored to a line or begins with a bracket, and bounded: linear.
_SIGNS = (
    re.compile(r"^#{1,6} \S", re.MULTILINE),
    re.compile(r"^(?:```|~~~)", re.MULTILINE),
    re.compile(r"!?\[[^\[\]\n]{1,300}\]\([^()\s]{1,2000}\)"),
    re.compile(r"^ {0,3}[-*+] \S", re.MULTILINE),
    re.compile(r"\*\*[^*\s][^*\n]{0,300}\*\*"),
    re.compile(r"^> ", re.MULTILINE),
)


def is_markdown(text: str) -> bool:
    """Whether a text is Markdown and no HTML: it has at least two of its signs."""
    return not _TAG.search(text) and sum(bool(sign.search(text)) for sign in _SIGNS) > 1


def as_markup(text: str, *, plain: bool = False) -> str:
    """Return a text as HTML, whether it is markup, escaped markup, or plain."""
    if not plain and _TAG.search(text):
        return text
    if not plain and _ESCAPED.search(text):
        return unescape(text)
    return paragraphs(unescape(text) if "&" in text else text)


def said_by(html: str) -> str:
    """Return what a reader reads of some markup, squeezed; its tags are cut out, not parsed."""
    return squeezed(unescape(re.sub(r"<[^<>]{0,5000}>", " ", html)))


# What stands beside a text.


_NAMED: Final = (
    "name",
    "displayname",
    "fullname",
    "nickname",
    "title",
    "text",
    "rendered",
    "value",
    "_value",
    "basic",
    "by",
)
"""Where a value that is a thing of its own has its words."""


def words_of(value: Literal, depth: int = 0) -> str:
    """Return the words of a value: its text, the name of a thing, of several those, joined."""
    if isinstance(value, str):
        plain = unescape(re.sub(r"<[^<>]{0,1000}>", "", value[: 10 * _LONGEST_WORDS]))
        return fold_space(well_formed(plain))[:_LONGEST_WORDS]
    if isinstance(value, dict) and depth < 3:
        keys = {plain_key(key): key for key in value}
        return next(
            (found for name in _NAMED if name in keys and (found := words_of(value[keys[name]], depth + 1))), ""
        )
    if isinstance(value, list) and depth < 3:
        return ", ".join(dict.fromkeys(filter(None, (words_of(one, depth + 1) for one in value[:10]))))
    return ""


_LONGEST_WORDS: Final = 300


def date_of(value: Literal) -> str:
    """Return a date as the data have it, a number of seconds or milliseconds as ISO 8601; empty where it is none."""
    if isinstance(value, str) and value.isdecimal() and len(value) in {10, 13}:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value // 1000 if value > 100_000_000_000 else value
        return datetime.fromtimestamp(seconds, UTC).isoformat() if 600_000_000 < seconds < 4_000_000_000 else ""
    if isinstance(value, dict):
        value = next((one for one in value.values() if isinstance(one, str)), "")
    return well_formed(value) if isinstance(value, str) and len(value) < 60 else ""
