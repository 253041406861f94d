"""Data types of cleaning: kinds of sources, states, warnings, the cleaned document."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from clean.formats.binary import MARKS
from clean.frontmatter import Value
from clean.ledger import Ledger

__all__ = [
    "ADVICE",
    "WECHAT_HOSTS",
    "Advice",
    "CleanWarning",
    "Cleaned",
    "EmbeddedFile",
    "PageKind",
    "SourceKind",
    "State",
    "source_kind",
]


WECHAT_HOSTS = frozenset({"mp.weixin.qq.com", "weixin.qq.com"})


class State(StrEnum):
    """The state of a source."""

    LIVE = "live"
    """An article."""
    EMPTY = "empty"
    """A shell without content; retry later."""
    VERIFICATION = "verification"
    """A wall that asks for a person; retry later."""
    DELETED = "deleted"
    """Deleted by its author."""
    VIOLATION = "violation"
    """Taken down by the platform, or found to infringe."""
    ACCOUNT_BLOCKED = "account-blocked"
    """The account is blocked or closed."""
    MIGRATED = "migrated"
    """The account moved; the notice may name the new address."""
    EXPIRED = "expired"
    """A temporary link that has run out."""
    BAD_LINK = "bad-link"
    """The address does not name an article."""
    UNAVAILABLE = "unavailable"
    """Not to be seen now, for another reason that the notice gives."""
    NOT_ARTICLE = "not-article"
    """A page of another kind, such as an account's page."""
    UNCLEANED = "uncleaned"
    """Not known: cleaning met a limit of the machine, or was ended. Cleaning never gives it; collections do."""
    DOUBTFUL = "doubtful"
    """Looks like an article, but not like the one that stood there. Only collections give it."""


class Advice(StrEnum):
    """What a person, or a scheduler, can do where there was no article."""

    RETRY_LATER = "retry-later"
    """Visit it again later, and more slowly."""
    GONE = "gone"
    """Nothing: the article is no longer there; an earlier capture is all there is."""
    NEW_ADDRESS = "new-address"
    """Visit the address to which it moved, or its lasting one."""
    LOG_IN = "log-in"
    """Save the page in a browser that is logged in."""
    USE_BROWSER = "use-browser"
    """Save the page in a browser, which runs its scripts."""
    VISIT_FRAMES = "visit-frames"
    """Visit the pages in its frames, which the notice names."""
    OTHER_NETWORK = "other-network"
    """Visit it from another network or another country."""


ADVICE: Mapping[State, Advice] = {
    State.EMPTY: Advice.RETRY_LATER,
    State.VERIFICATION: Advice.RETRY_LATER,
    State.DELETED: Advice.GONE,
    State.VIOLATION: Advice.GONE,
    State.ACCOUNT_BLOCKED: Advice.GONE,
    State.MIGRATED: Advice.NEW_ADDRESS,
    State.EXPIRED: Advice.NEW_ADDRESS,
    State.BAD_LINK: Advice.GONE,
    State.UNAVAILABLE: Advice.RETRY_LATER,
}
"""What each state advises, unless the rule that told it knows better. There is none for an article, or for a page of
another kind."""


class CleanWarning(NamedTuple):
    """Something that a person should know, and that stopped nothing."""

    code: str
    message: str
    line: int
    """Line of the source file, counted from 1; 0 for the file as a whole."""
    hint: str


class EmbeddedFile(NamedTuple):
    """An image that a page holds in itself, and that stands in its Markdown as the address of a file."""

    path: str
    """From where the Markdown lies, with a slash; the name has the digest of the data."""
    media_type: str
    """RFC 6838, without parameters."""
    data: bytes


LOW_CONFIDENCE: Final = 0.7
"""Confidence below which a person should look."""


class PageKind(NamedTuple):
    """What a general page is."""

    name: str
    """`article`, `documentation`, `forum`, `q-and-a`, `product`, `listing`, `collection`, `service`."""
    probability: float
    """How probable that is, 0 to 1, in hundredths."""


class Cleaned(NamedTuple):
    """The result of cleaning one source."""

    state: State
    profile: str
    """Which rules applied: `wechat` or `generic`."""
    markdown: str | None
    """The whole clean file, front matter and body, ended by one newline; None unless the state is live."""
    facts: Mapping[str, Value]
    """The front matter: what was given, then what was found, by key."""
    ledger: Ledger
    """Restores the source from `markdown`, or from the empty text where that is None."""
    notice: str
    """The text of the notice where the state is not live; empty for an article."""
    warnings: tuple[CleanWarning, ...]
    media_type: str = "text/markdown"
    """Of the source (RFC 6838), without parameters."""
    confidence: float | None = None
    """F1 that the text is expected to have against the page's true content, 0 to 1; None where nothing had to be
    chosen."""
    page_kind: PageKind | None = None
    """What a general page is; None where nothing had to be chosen."""
    own_url: str = ""
    """An address that a page's own data give it, whatever it was fetched from; empty where they give none."""
    target: str = ""
    """Where a migrated article went; empty where the page does not say."""
    advice: Advice | None = None
    """What to do where the state is not live; None where nothing helps, and for an article."""
    maker: str = ""
    """Who makes the wall or the notice, such as Cloudflare; empty where the rule does not say."""
    files: tuple[EmbeddedFile, ...] = ()
    """Images that the page holds in itself, each once: those that the Markdown shows, in their order, then those that
    the ledger names."""
    withheld: Mapping[str, int] = {}
    """How often a learned rule found what stays, because it stands elsewhere or too little would be left; by rule."""

    def shown_files(self) -> tuple[EmbeddedFile, ...]:
        """Return the files that the Markdown names."""
        text = self.markdown or ""
        return tuple(file for file in self.files if file.path in text)

    def fact(self, key: str) -> str:
        """Return one fact as a string, empty where it is missing."""
        value = self.facts.get(key, "")
        return value if isinstance(value, str) else ", ".join(value)


class SourceKind(StrEnum):
    """Kinds of files that cleaning takes."""

    SNAPSHOT = "snapshot"
    """Front matter and Markdown, as another tool made it."""
    PAGE = "page"
    """HTML, or MHTML or .webarchive as a browser saves it."""
    WARC = "warc"
    """Records of a web archive, plain or gzip (WARC, ARC)."""


_PAGES = (".html", ".htm", ".xhtml", ".mhtml", ".mht", ".shtml", ".webarchive")
_WARCS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")

# How files of Zstandard frames begin (RFC 8878 §3.1), the second with the dictionary of a `.warc.zst` file: neither is
# text.
_ZSTANDARD_STARTS = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")


# How files begin that are pages whatever their name; a snapshot may begin with any other element.
_PAGE_STARTS = (
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<body",
    b"<?xml",
    b"bplist",
    b"<!doctype plist",
    b"<plist",
    b"from: <saved by",
    b"mime-version:",
)
_WARC_STARTS = (b"warc/", b"filedesc://")

_LOOK = 512
"""Bytes in which a page has begun, comments before its first tag aside."""


def source_kind(name: str, data: bytes) -> SourceKind:
    """Return what a file is, told by its first bytes, and by its name where the bytes leave it open.

    `name` is its path or name, `data` its bytes or at least the first of them.
    """
    lowered = name.lower()
    if lowered.endswith(_WARCS):
        return SourceKind.WARC
    start = _start(data)
    if start.startswith(_WARC_STARTS):
        return SourceKind.WARC
    if data.startswith(_ZSTANDARD_STARTS):
        return SourceKind.WARC
    if data.startswith(b"\x1f\x8b"):
        return SourceKind.WARC if _holds_records(data) else SourceKind.SNAPSHOT
    if start.startswith(b"---"):
        return SourceKind.SNAPSHOT
    if lowered.endswith(_PAGES) or start.startswith(_PAGE_STARTS):
        return SourceKind.PAGE
    return SourceKind.SNAPSHOT


def _start(data: bytes) -> bytes:
    """Return the beginning in lower case, without byte order mark, zero bytes, white space and comments."""
    start = data[: 8 * _LOOK]
    for mark, _ in MARKS:
        start = start.removeprefix(mark)
    start = start.replace(b"\0", b"").lstrip()
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip()
    return start[:_LOOK].lower()


def _holds_records(data: bytes) -> bool:
    """Whether a gzip file holds WARC or ARC records."""
    import zlib

    try:
        inside = zlib.decompressobj(31).decompress(data[:4096], 64)
    except zlib.error:
        return False
    return inside.lower().startswith(_WARC_STARTS)
