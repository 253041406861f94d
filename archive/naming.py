r"""File names of Markdown files: `SOURCE/DATE-TITLE.md`, portable and fit for git.

A name holds nothing that Windows, macOS, git or a shell script stumble over: no `<>:"/\|?*`, no white space,
no control, format or private characters, no reserved device names, no dot at an end; NFC; at most 120 bytes
of UTF-8, so that a whole path stays under the 260 characters of Windows.

An article keeps the name it got first. Of two articles with one name the second carries a suffix.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from hashlib import sha256

__all__ = ["candidates", "fold", "markdown_path", "safe", "with_suffix"]

LONGEST = 120
"""Bytes of UTF-8 in a file's name, `.md` included."""

LONGEST_FOLDER = 80
"""Bytes of UTF-8 in a folder's name."""

# What Windows forbids, and white space: one run becomes one hyphen.
_FORBIDDEN = re.compile(r'[\s<>:"/\\|?*\x00-\x1f\x7f-\x9f-]+')

# Categories of characters that a name cannot show: controls, format marks such as zero-width space and the
# marks that turn text around, surrogates, private use, unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

# Names that Windows takes for devices, also with an extension.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)

_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)?(\d{1,2})(?:-|/|\.|月)?(\d{1,2})(?!\d)", re.ASCII)

_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)", re.IGNORECASE)


def safe(text: str, longest: int) -> str:
    """Return the text as a name that every system accepts, of at most `longest` bytes; it may be empty."""
    name = _tidy(text, longest)
    return _tidy(f"_{name}", longest) if _RESERVED.match(name) else name


def _tidy(text: str, longest: int) -> str:
    # The first characters are more than enough: nobody's title is worth normalising 10 MB.
    text = unicodedata.normalize("NFC", text[: longest * 4])
    # White space and controls first: a line break between words parts them.
    text = _FORBIDDEN.sub("-", text)
    text = "".join(character for character in text if unicodedata.category(character) not in _INVISIBLE)
    text = unicodedata.normalize("NFC", text)  # what stood apart may have come together
    # "~" leads to a home folder in shells, "." hides a file, and git owns ".git".
    return _cut(_FORBIDDEN.sub("-", text).strip("-. ~"), longest).strip("-. ~")


def _cut(text: str, longest: int) -> str:
    """Cut to bytes of UTF-8, never through a character."""
    return text.encode("utf-8", "ignore")[:longest].decode("utf-8", "ignore")


def markdown_path(fact: Callable[[str], str], key: str) -> str:
    """Return the path an article asks for, relative to the collection: `markdown/SOURCE/DATE-TITLE.md`.

    `fact` gives a front matter value by its key. Without a source the host names the folder, and so it does where the
    source is an address; without a date the name says so, without a title a mark made from the article's key stands in.
    """
    source, host = fact("source"), _HOST.match(fact("url").strip())
    if site := _HOST.match(source.strip()):
        source = site[1]
    folder = safe(source, LONGEST_FOLDER) or (safe(host[1], LONGEST_FOLDER) if host else "") or "unknown"
    day = _day(fact("date"))
    title = _tidy(fact("title"), LONGEST - len(f"{day}-.md")).removeprefix(f"{day}-")
    title = title or f"untitled-{_mark(key, 8)}"
    return f"markdown/{folder}/{day}-{title}.md"


def with_suffix(path: str, key: str, is_used: Callable[[str], bool]) -> str:
    """Return the path, or if it `is_used`, the path with a suffix made from the article's key.

    The suffix depends on the key alone, so two articles of one name never swap their suffixes.
    """
    for candidate in candidates(path, key):
        if not is_used(candidate):
            return candidate
    raise ValueError(f"{path} and its names with suffixes are taken")  # one article twice


def candidates(path: str, key: str) -> Iterator[str]:
    """Yield the names that an article may have which would like this one, in the order of preference."""
    yield path
    folder, _, name = path.rpartition("/")
    stem = name.removesuffix(".md")
    for length in (8, 16, 64):
        mark = f"-{_mark(key, length)}.md"
        yield f"{folder}/{_cut(stem, LONGEST - len(mark)).rstrip('-. ~')}{mark}"


def fold(path: str) -> str:
    """Return what two paths share that are one file on a system that ignores case (Windows, macOS)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _day(text: str) -> str:
    match = _DAY.match(text.strip())
    if not match:
        return "undated"
    year, month, day = (int(part) for part in match.groups())
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else "undated"


def _mark(key: str, length: int) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:length]
