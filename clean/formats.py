"""Formats of files that hold no page, told by their content: feeds, data, programs, mail, lists, binaries.

A file is refused only where all of it leaves no doubt: prose about feeds, a page that shows JSON, a text that begins
with a header of mail stay what they are. A page begins with a tag and a snapshot mostly with `---`, so nearly all
inputs are passed after a look at their first bytes.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from clean.errors import NotAPage, NotText

__all__ = ["FORMATS", "MARKS", "OtherFormat", "other_format", "refuse_binary", "refuse_other"]

# Marks of Unicode, longest first, because the UTF-32 one begins with the UTF-16 one.
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


# Files that are no text, by their first bytes: https://mimesniff.spec.whatwg.org and the formats' own definitions.


_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"%!PS-Adobe", "a PostScript document"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x00\x00\x02\x00", "a cursor"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS\x00\x01", "a Photoshop picture"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or PowerPoint document"),
    (b"{\\rtf", "a rich text document"),
    (b"ITSF\x03\x00\x00\x00", "a compiled help file (CHM)"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x00asm", "a program (WebAssembly)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"bplist00", "a binary property list"),
    (b"\x00\x01\x00\x00\x00", "a font"),
    (b"OTTO\x00", "a font"),
    (b"ttcf\x00", "a font"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\xff\xfb", "an MP3 recording"),
    (b"\xff\xf3", "an MP3 recording"),
    (b"OggS\x00", "an Ogg recording"),
    (b"fLaC\x00", "a FLAC recording"),
    (b"\x1a\x45\xdf\xa3", "a film (Matroska, WebM)"),
    (b"FLV\x01", "a film (FLV)"),
)

# Signatures that a text may begin with as well, and the bytes that follow them in such a file. Bounded: linear.
_LONGER = (
    (re.compile(rb"BZh[1-9]1AY&SY"), "a bzip2 file"),
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "a BMP picture"),
    (re.compile(rb"(?:FWS|CWS)[\x01-\x2f]"), "a Flash film"),
    (re.compile(rb"RIFF.{4}[A-Z]", re.DOTALL), "a WebP picture or a recording"),
    (re.compile(rb"ID3[\x02-\x04]"), "an MP3 recording"),
)

_FILM = b"ftyp"
"""Stands after the length of the first box in MP4, MOV, HEIC and AVIF (ISO 14496-12)."""

_TAR = (257, b"ustar")
"""Where POSIX tar says what it is."""


def _binary_word(data: bytes) -> str:
    """Return what these bytes are, where they are no text by their beginning; else the empty string."""
    for signature, word in _SIGNATURES:
        if data.startswith(signature):
            return word
    for pattern, word in _LONGER:
        if pattern.match(data):
            return word
    if data.startswith(_FILM, 4):
        return "a film or a picture (MP4, HEIC)"
    at, sign = _TAR
    return "a tar archive" if data.startswith(sign, at) else ""


def refuse_binary(data: bytes, instead: str, hint: str) -> None:
    """Raise NotText where the beginning is that of a file that is no text; `instead` is what was looked for."""
    if word := _binary_word(data):
        raise NotText(f"this is {word}, not {instead}", hint=hint)


# Formats of text.


class OtherFormat(NamedTuple):
    """A format of text that holds no page."""

    name: str
    """A stable word for machines."""
    what: str
    """What to call such a file, with its article."""
    hint: str
    """What to do with it."""


def _formats() -> Iterator[OtherFormat]:
    feed = OtherFormat("", "", hint="Give its addresses to `capture`, or watch the feed with `archive add --feed`.")
    yield feed._replace(name="rss", what="an RSS feed")
    yield feed._replace(name="atom", what="an Atom feed")
    yield feed._replace(name="rdf", what="an RDF feed or other RDF data")
    yield feed._replace(name="json-feed", what="a JSON feed")
    yield OtherFormat("sitemap", "a sitemap", hint="Give the addresses in it to `capture`.")
    yield OtherFormat("opml", "a list of feeds (OPML)", hint="Give the addresses in it to `capture`.")
    yield OtherFormat("plist", "a property list", hint="Give the page itself, saved as HTML, MHTML or .webarchive.")
    yield OtherFormat("svg", "an SVG picture", hint="Give the page that shows it.")
    yield OtherFormat(
        "har",
        "a HAR file of a browser",
        hint="Convert it to a WARC or WACZ file (for example with har2warc) and import that.",
    )
    yield OtherFormat("json", "JSON data", hint="Give the page that it belongs to, as HTML.")
    yield OtherFormat("json-lines", "JSON Lines data", hint="Give the pages or the WARC files that it speaks of.")
    yield OtherFormat("cdx", "a CDX index", hint="Give the WARC files that it lists; an index holds no page.")
    yield OtherFormat("cdxj", "a CDXJ index", hint="Give the WARC files that it lists; an index holds no page.")
    yield OtherFormat("javascript", "a JavaScript program", hint="Give the page that loads it.")
    yield OtherFormat("css", "a style sheet", hint="Give the page that loads it.")
    mail = OtherFormat("mail", "an e-mail message", hint="Open it in a mail program, and save it as HTML or MHTML.")
    yield mail
    yield mail._replace(name="mailbox", what="a mailbox of e-mail messages")
    yield OtherFormat("robots", "a robots.txt", hint="Nothing is to be done: `capture` keeps it with the visit.")
    yield OtherFormat("log", "the log of a server", hint="Give the pages that were visited, not the list of visits.")
    yield OtherFormat("csv", "a table of data (CSV)", hint="Give a page or a text; a table of data is neither.")
    yield OtherFormat("calendar", "a calendar (iCalendar)", hint="Give the page that it belongs to, as HTML.")
    yield OtherFormat("contacts", "a contact card (vCard)", hint="Give the page that it belongs to, as HTML.")


FORMATS: Final = {each.name: each for each in _formats()}
"""All formats that are told, by name."""

_LOOK = 64 * 1024
"""Bytes in which the root of an XML document has begun, and the head of a message has ended."""

_MOST_JSON = 4 * 1024 * 1024
"""Bytes of JSON that are parsed; of more, these must be the beginning of such a value."""

_LINES = 200
"""Lines of a list that are looked at."""


def refuse_other(data: bytes) -> None:
    """Raise NotAPage where these bytes are in a format that holds no page."""
    if found := other_format(data):
        raise NotAPage(f"this is {found.what}, not a page", found.name, hint=found.hint)


def other_format(data: bytes) -> OtherFormat | None:
    """Return the format of a text that is certainly no page and no snapshot; None for all others."""
    for mark, name in MARKS:
        if data.startswith(mark):
            data = data[len(mark) :] if name == "utf-8" else data[len(mark) :].decode(name, "ignore").encode()
            break
    start = data[:_LOOK].lstrip()
    if not start:
        return None
    if start.startswith(b"<"):
        name = _xml(data, start)
    elif start.startswith(b"---"):  # front matter
        return None
    else:
        name = next((name for tell in _TELLERS if (name := tell(data, start))), "")
    return FORMATS[name] if name else None


# XML: the name of the root, behind declaration, document type, comments and processing instructions. What stands
# between `<` and `>` of those is one run, which ends at the first sign that may end it: linear.
_BEFORE_ROOT = re.compile(rb"\s*<(?:!--.*?-->|\?.*?\?>|![A-Za-z][^<>\[]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL)
_ROOT = re.compile(rb"\s*<(?:[A-Za-z_][\w.-]{0,30}:)?([A-Za-z_][\w.-]{0,60})([^<>]{0,4000})>")

_ROOTS = {
    b"rss": ("rss", b""),
    b"feed": ("atom", b"/atom"),
    b"rdf": ("rdf", b"rdf-syntax-ns"),
    b"urlset": ("sitemap", b""),
    b"sitemapindex": ("sitemap", b""),
    b"opml": ("opml", b""),
    b"plist": ("plist", b""),
    b"svg": ("svg", b""),
}
"""Name of the root in lower case, the format, and what its tag must say in lower case for that."""


def _xml(data: bytes, start: bytes) -> str:
    at, declared = 0, start.startswith(b"<?xml")
    while match := _BEFORE_ROOT.match(start, at):
        at = match.end()
        declared = declared or match[0].lstrip().lower().startswith((b"<!doctype svg", b"<!doctype rss"))
    root = _ROOT.match(start, at)
    if root is None or (found := _ROOTS.get(root[1].lower())) is None:
        return ""
    name, said = found
    if said not in root[2].lower():
        return ""
    # Markdown may show a listing without a fence; a file of this kind says first that it is XML, or ends as it began.
    tag = b"</" + start[root.start() : root.end(1)].strip()[1:].lower()
    end = data[-_LONGEST_CELL:].rstrip().lower()
    return name if declared or (end.endswith(b">") and tag in end[-len(tag) - 10 :]) else ""


# JSON: one value that takes the whole file, or one that the file's end cuts off.

# The beginning of an object, or of a list of objects or strings. One run up to the quote that ends it: linear.
_JSON_START = re.compile(rb'[\[{]\s*(?:\{\s*)?"(?:[^"\\\n]|\\.){0,200}"\s*[:,\]]')
_HAR_START = re.compile(rb'\{\s*"log"\s*:\s*\{')
# What servers put before JSON so that no script of others can read it. Bounded runs: linear.
_GUARD = re.compile(rb"\)\]\}',?\s{0,9}\n|(?:for\s{0,9}\(;;\)|while\s{0,9}\(1\))\s{0,9};\s{0,9}")
_LONGEST_WORD = 5
"""Letters of the longest word of JSON, `false`: a word that is cut off is reported where it begins."""


def _json(data: bytes, start: bytes) -> str:
    if match := _GUARD.match(start):
        data = data.lstrip()[match.end() :]
        start = data[:_LOOK].lstrip()
    if not start.startswith((b"{", b"[")):
        return ""
    text = data[:_MOST_JSON].decode("utf-8", "replace").strip()
    try:
        value = json.loads(text, parse_int=str, parse_float=str)  # nobody asks for the numbers
    except json.JSONDecodeError as error:
        at_end = error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LONGEST_WORD
        if error.msg == "Extra data" or not at_end or not _JSON_START.match(start):
            return ""
        return "har" if _HAR_START.match(start) else "json"
    except RecursionError:  # nothing that a person wrote
        return "json"
    if isinstance(value, dict):
        log, version = value.get("log"), value.get("version")
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return "har"
        return "json-feed" if isinstance(version, str) and "//jsonfeed.org/version" in version else "json"
    # A number or two in brackets may be a note of somebody's; objects, or many values, are data.
    return "json" if len(value) > 2 or any(isinstance(each, dict | list) for each in value) else ""


def _lines(data: bytes, most: int = _LINES) -> list[str]:
    """Return the first lines that are not empty; without the last one where that may be cut by the look."""
    piece = data[: 16 * _LOOK]
    lines = piece.decode("utf-8", "replace").split("\n")
    if len(piece) < len(data):
        lines.pop()
    return [line for line in lines if line.strip()][:most]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line, parse_int=str, parse_float=str), dict | list)
    except (ValueError, RecursionError):
        return False


def _json_lines(data: bytes, start: bytes) -> str:
    if not start.startswith((b"{", b"[")):
        return ""
    lines = _lines(data)
    told = lines[:-1] if len(lines) > 2 else lines  # the end of the file may cut the last one off
    return "json-lines" if len(told) > 1 and all(map(_is_object, told)) else ""


# Indexes of web archives: https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/ and CDXJ.
# A searchable address, 14 digits, and an object; single classes that end where the next begins: linear.
_CDXJ_LINE = re.compile(r"\S{1,4000} \d{14} (\{.*\})\s*", re.DOTALL)
_CDX_HEAD = re.compile(rb" ?CDX(?: [A-Za-z]){4,}\s*\n")
_CDX_LINE = re.compile(r"\S{1,4000} \d{14} \S{1,4000} \S{1,200} (?:\d{3}|-) \S{1,100}(?: \S{1,500}){0,6}\s*")


def _cdx(data: bytes, start: bytes) -> str:
    if _CDX_HEAD.match(data[:_LOOK].lstrip(b"\r\n")):
        return "cdx"
    body = [line for line in _lines(data, 20) if not line.startswith("!")]  # lines of the index about itself
    if not body:
        return ""
    if all((match := _CDXJ_LINE.fullmatch(line)) and _is_object(match[1]) for line in body):
        return "cdxj"
    return "cdx" if all(map(_CDX_LINE.fullmatch, body)) else ""


# A message (RFC 5322): fields, one after the other, up to an empty line. A mailbox begins each with a line `From `.
_MAILBOX = re.compile(
    rb"From \S{1,300} +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d [\d:]{5,8} [^\n]{0,40}\n"
)
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,70}):(?:[ \t]|\r?$)")
_OF_TRANSPORT = frozenset(
    {b"received", b"message-id", b"return-path", b"delivered-to", b"dkim-signature", b"mime-version", b"x-mailer"}
)
_OF_LETTERS = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender"})

# What makes a message of parts a saved page (RFC 2557): its parts say where they come from.
_SAVED_PAGE = re.compile(rb"^(?:Snapshot-Content-Location|Content-Location):", re.IGNORECASE | re.MULTILINE)
_SAVED_BY = re.compile(rb"^From:[^\n]{0,20}<?Saved by ", re.IGNORECASE | re.MULTILINE)


def _mail(data: bytes, start: bytes) -> str:
    at, boxed = 0, _MAILBOX.match(start)
    if boxed:
        at = boxed.end()
    names: list[bytes] = []
    ended = False
    for line in start[at:].split(b"\n"):
        if not line.strip():
            ended = True
            break
        if line[:1] in b" \t" and names:
            continue
        if not (field := _FIELD.match(line)):
            return ""
        names.append(field[1].lower())
    found = set(names)
    if not (ended or len(data) <= _LOOK) or len(found & _OF_LETTERS) < 2 or not found & _OF_TRANSPORT:
        return ""
    if _SAVED_BY.search(start) or _SAVED_PAGE.search(data[: 16 * _LOOK]):
        return ""
    if not boxed and not found & {b"from", b"sender"}:
        return ""
    return "mailbox" if boxed else "mail"


# robots.txt (RFC 9309): nothing but groups of rules, and comments. One name up to a colon: linear.
_ROBOTS_LINE = re.compile(r"([A-Za-z][A-Za-z-]{0,30})\s{0,9}:.*", re.DOTALL)
_ROBOTS_RULES = frozenset({"disallow", "allow", "crawl-delay", "crawldelay"})
_ROBOTS_FIELDS = _ROBOTS_RULES | {"user-agent", "useragent", "sitemap"}


def _robots(data: bytes, start: bytes) -> str:
    fields = []
    for line in _lines(data):
        bare = line.partition("#")[0].strip()
        if bare:
            match = _ROBOTS_LINE.fullmatch(bare)
            if match is None:
                return ""
            fields.append(match[1].lower())
    known = sum(field in _ROBOTS_FIELDS for field in fields)
    if not fields or known * 10 < len(fields) * 8:
        return ""
    has_group = not {"user-agent", "useragent"}.isdisjoint(fields) and not _ROBOTS_RULES.isdisjoint(fields)
    return "robots" if has_group or set(fields) == {"sitemap"} else ""


# A log in the common format of web servers (NCSA): host, two names, time in brackets, request in quotes. Single
# classes up to one sign each: linear.
_LOG_LINE = re.compile(
    r'\S{1,300} \S{1,100} [^\[\n]{1,100}\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*', re.DOTALL
)


def _log(data: bytes, start: bytes) -> str:
    lines = _lines(data)
    return "log" if len(lines) > 1 and all(map(_LOG_LINE.fullmatch, lines)) else ""


_LONGEST_CELL = 300

_NUMBER = re.compile(r'\s*"?[-+]?[\d.,:/ -]*\d[\d.,:/ %-]*"?\s*')
"""A number, a date or a time. Two classes around one digit that is in both: bounded by the length of a cell."""


def _csv(data: bytes, start: bytes) -> str:
    lines = _lines(data)
    if len(lines) < 5 or any("|" in line for line in lines):
        return ""
    for separator in (",", "\t", ";"):
        rows = [_cells(line, separator) for line in lines]
        width = len(rows[0])
        if width < 3 or any(len(row) != width or max(map(len, row)) > _LONGEST_CELL for row in rows):
            continue
        columns = list(zip(*rows[1:], strict=True))
        if any(all(map(_NUMBER.fullmatch, column)) for column in columns):
            return "csv"
    return ""


# A cell in quotes, where a quote is doubled, or one without any. The alternatives begin differently: linear.
_CELL = {each: re.compile(rf'"(?:[^"]|"")*"|[^{each}"]*') for each in ",;\t"}


def _cells(line: str, separator: str) -> list[str]:
    cells, at = [], 0
    while True:
        match = _CELL[separator].match(line, at)
        assert match is not None  # it may be empty
        cells.append(match[0])
        at = match.end()
        if not line.startswith(separator, at):
            return cells if at == len(line) else []
        at += 1


_TEXT_SIGNATURES = ((b"BEGIN:VCALENDAR", "calendar"), (b"BEGIN:VCARD", "contacts"))


def _signed(data: bytes, start: bytes) -> str:
    return next((name for sign, name in _TEXT_SIGNATURES if start.startswith(sign)), "")


# Programs and style sheets. What stands in strings and comments is taken out, and what is left must be code to the
# last word: two words with a blank between them, neither of which the language knows, are prose.

_MOST_CODE = 1024 * 1024
"""Characters of a program that are looked at."""

# Comments, strings, templates, and regular expressions behind a sign after which nothing can be divided. What is not
# closed ends with its line, or with the text, so nothing is read twice, a regular expression but for its bound: linear.
_QUOTED = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?"
    r"|(?<=[(,=:\[!&|?{};\n]) ?/(?![*/])(?:[^/\\\n]|\\.){1,300}/[a-z]{0,8}",
    re.DOTALL,
)
_IDEOGRAPHS = r"[\u3001\u3002\uff0c\uff1b]|[\u4e00-\u9fff]{2}"
# Two words with a blank between them; only at the beginning of a word, so none is read twice: linear.
_WORDS = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]*)[ \t]+(?=([A-Za-z_$][\w$]*))")
# The words of JavaScript and TypeScript that stand beside others. Alternatives of letters: linear.
_KNOWN_WORD = (
    r"abstract|as|async|await|break|case|catch|class|const|continue|debugger|declare|default|delete|do|else|enum|export"
    r"|extends|finally|for|from|function|get|if|implements|import|in|instanceof|interface|is|keyof|let|namespace|new|of"
    r"|private|protected|public|readonly|return|set|static|switch|throw|try|type|typeof|var|void|while|with|yield"
)

# How a program begins. Words and signs, one after the other, each run bounded by another sign: linear.
_PROGRAM_START = (
    r"\s*(?:[;!+(~-]\s{0,9}){0,9}(?:"
    r"(?:async\s+)?function\b|(?:var|let|const)\s+[\w$\[{]|import\b\s*[\w$*{(\"]|export\s+[\w{*]|class\s+\w+|if\s*\(|try\s*\{"
    r"|\([\w$, ]{0,200}\)\s*=>|[\w$]+\s*=>|\"\"\s*;"
    r"|[A-Za-z_$][\w$]*(?:(?:\?\.|\.)[A-Za-z_$][\w$]*|\[\w*\]){0,9}(?:\s*(?:=(?!=)|\|\|=)|\(|\[)"
    r")"
)
_HASHBANG = re.compile(r"#!.*\n")
_PROGRAM_END = re.compile(r"[;})\]]\s*\Z")

# Comments, strings and addresses of a style sheet, whose comments are others; closed as in `_QUOTED`: linear.
_QUOTED_STYLE = re.compile(r"/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|url\([^()\n]*\)", re.DOTALL)
_STYLE_SIGN = re.compile(r"([{};])")
# A property and its value, in which other colons may stand. Classes parted by colons: linear.
_DECLARATION = re.compile(r"\s*[*_]?-{0,2}[A-Za-z_][\w-]*\s*:[^:]+(?::[^:]*){0,3}")
# What stands before a brace: the head of an at-rule, or a selector. The last sign of one is no comma: linear.
_SELECTOR = re.compile(r"\s*(?:@[A-Za-z-].*|[\w.#*:\[\]()=~^$|\">+,\s%&/\\-]*[\w*\])%&])\s*", re.DOTALL)


def _code(data: bytes, start: bytes) -> str:
    text = data[:_MOST_CODE].decode("utf-8", "replace")
    if _is_style(text):
        return "css"
    cut = len(data) > _MOST_CODE
    bare = _HASHBANG.sub("", _QUOTED.sub(_hole, text)).strip()
    if (
        not re.match(_PROGRAM_START, bare)
        or not (cut or _PROGRAM_END.search(bare[-200:]))
        or re.search(_IDEOGRAPHS, bare)
    ):
        return ""
    known = re.compile(_KNOWN_WORD)
    prose = sum(not any(map(known.fullmatch, match.groups())) for match in _WORDS.finditer(bare))
    if prose * 1000 > len(bare):  # now and then a string is misread that stands behind a regular expression
        return ""
    signs = sum(map(bare.count, "(){}[];="))
    if signs < 4 or signs * 60 < len(bare) or not any(map(bare.count, ";{=")):
        return ""
    # A regular expression that was taken for a division may hide a bracket or two.
    balanced = cut or all(abs(bare.count(a) - bare.count(b)) <= bare.count(a) // 20 for a, b in ("()", "{}"))
    return "javascript" if balanced else ""


def _hole(match: re.Match[str]) -> str:
    """What stands for a quoted piece: a blank for a comment, an empty string for the rest."""
    return " " if match[0].startswith(("/*", "//")) else '""'


def _is_style(text: str) -> bool:
    """Whether all is rules of a style sheet (CSS Syntax 3), nested or not, the last of which may be cut off."""
    bare = _QUOTED_STYLE.sub(_hole, text).replace("<!--", " ").replace("-->", " ")
    if "{" not in bare or re.search(_IDEOGRAPHS, bare):
        return False
    depth = good = bad = 0
    *pairs, _rest = _STYLE_SIGN.split(bare)
    for piece, sign in zip(pairs[::2], pairs[1::2], strict=True):
        if sign == "{":
            if not _SELECTOR.fullmatch(piece):
                return False
            depth += 1
        elif depth and piece.strip():
            is_good = _DECLARATION.fullmatch(piece) is not None
            good, bad = good + is_good, bad + (not is_good)
        elif not depth and not (sign == ";" and piece.lstrip().startswith("@")):
            return False
        depth -= sign == "}"
    return good > 9 * bad and (depth > 0 or not _rest.strip())


Teller = Callable[[bytes, bytes], str]
"""Takes the whole text and its beginning without white space; returns the name of a format, or the empty string."""

_TELLERS: Sequence[Teller] = (_signed, _json, _json_lines, _cdx, _mail, _robots, _log, _csv, _code)
