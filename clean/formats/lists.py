"""Formats of text that are lists, told by each of their lines: indexes, robots.txt, logs, addresses, references."""

import re

from clean.formats.data import is_object
from clean.formats.model import LOOK, first_lines

__all__ = ["tell_cdx", "tell_list", "tell_log", "tell_references", "tell_robots"]

# Indexes of web archives: https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/ and CDXJ.
# A searchable address, 14 digits, and an object; single classes that end where the next begins: linear.
_CDXJ_LINE = re.compile(r"\S{1,4000} \d{14} (\{.*\})\s*", re.DOTALL)
_CDX_HEAD = re.compile(rb" ?CDX(?: [A-Za-z]){4,}\s*\n")
_CDX_LINE = re.compile(r"\S{1,4000} \d{14} \S{1,4000} \S{1,200} (?:\d{3}|-) \S{1,100}(?: \S{1,500}){0,6}\s*")


def tell_cdx(data: bytes, start: bytes) -> str:
    """Tell indexes of web archives, CDX and CDXJ."""
    if _CDX_HEAD.match(data[:LOOK].lstrip(b"\r\n")):
        return "cdx"
    body = [line for line in first_lines(data, 20) if not line.startswith("!")]  # lines of the index about itself
    if not body:
        return ""
    if all((match := _CDXJ_LINE.fullmatch(line)) and is_object(match[1]) for line in body):
        return "cdxj"
    return "cdx" if all(map(_CDX_LINE.fullmatch, body)) else ""


# robots.txt (RFC 9309): nothing but groups of rules, and comments. One name up to a colon: linear.
_ROBOTS_LINE = re.compile(r"([A-Za-z][A-Za-z-]{0,30})\s{0,9}:.*", re.DOTALL)
_ROBOTS_RULES = frozenset({"disallow", "allow", "crawl-delay", "crawldelay"})
_ROBOTS_FIELDS = _ROBOTS_RULES | {"user-agent", "useragent", "sitemap"}


def tell_robots(data: bytes, start: bytes) -> str:
    """Tell a robots.txt."""
    fields = []
    for line in first_lines(data):
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


# The fields of a log of IIS or a proxy: https://www.w3.org/TR/WD-logfile. One name: linear.
_W3C_FIELDS = re.compile(rb"^#Fields: (?:date|time|c-ip|cs-)", re.MULTILINE)

# A moment at the beginning of a line, as programs write it, then somewhere near how grave it is; or a moment, a host
# and a program as in syslog (RFC 3164, RFC 5424). Bounded runs: linear.
_MOMENT = (
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?|\d\d:\d\d:\d\d[.,]\d{3})\]?"
)
_GRAVITY = (
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE"
    r"|debug|info|notice|warn|warning|error|crit|emerg|alert)"
)
_PROGRAM_LINE = re.compile(
    rf"(?a:{_MOMENT}[^\n]{{0,80}}?\b{_GRAVITY}\b.*"
    rf"|\[?{_GRAVITY}\]?[ :]{{1,3}}{_MOMENT}.*"
    r"|(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.:-]{1,80} [\w./-]{1,60}(?:\[\d{1,9}\])?: .*"
    r"|(?:<\d{1,3}>1 )?\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,24} [\w.:-]{1,80} [\w./-]{1,60}(?:\[\d{1,9}\]:| \d{1,9}) .*)"
)
_TRACE_LINE = re.compile(
    r"\s+.*|Caused by: .*|Traceback \(most recent call last\):|[\w.$]{3,120}(?:Error|Exception)\b.*|\.\.\. \d+ more"
)


def tell_log(data: bytes, start: bytes) -> str:
    """Tell logs of servers and of programs, by the head of each line."""
    if start.startswith(b"#") and _W3C_FIELDS.search(start):
        lines = [line for line in first_lines(data) if not line.startswith("#")]
        return "log" if all(line[:1].isdigit() for line in lines) else ""
    lines = first_lines(data)
    if len(lines) > 1 and all(map(_LOG_LINE.fullmatch, lines)):
        return "log"
    told = 0
    for line in lines:
        if _PROGRAM_LINE.fullmatch(line):
            told += 1
        elif not told or not _TRACE_LINE.fullmatch(line):
            return ""
    return "program-log" if told > 2 else ""


_MOST_LINES = 20_000
"""Lines of a list that must be complete to be told."""

# An address, or the path of one, up to white space: linear.
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>|]{3,4000}")
# A message of a catalogue of translations (the manual of gettext, "The Format of PO Files"). Runs up to a quote that
# ends the line: linear.
_MESSAGE_LINE = re.compile(r'(?:(?:msgid|msgstr|msgctxt|msgid_plural)(?:\[\d{1,2}\])?\s{1,9})?"(?:[^"\\]|\\.)*"|#.*')
_SHORTCUT = (b"[InternetShortcut]", b"[{000214A0-0000-0000-C000-000000000046}]")


def tell_list(data: bytes, start: bytes) -> str:
    """Tell lists of addresses alone, shortcuts to a page, and catalogues of translations."""
    if start.startswith((b"http", b"ftp", b"HTTP")):
        lines = first_lines(data, _MOST_LINES)
        return "addresses" if len(lines) > 1 and all(_ADDRESS.fullmatch(line.strip()) for line in lines) else ""
    if start.startswith(_SHORTCUT):
        lines = first_lines(data, _MOST_LINES)
        return "shortcut" if all("=" in line or line.startswith("[") for line in lines) else ""
    if start.startswith((b"msg", b"#")) and b"msgstr" in data[: 16 * LOOK]:
        lines = [line.strip() for line in first_lines(data, _MOST_LINES)]
        return "translations" if all(map(_MESSAGE_LINE.fullmatch, lines)) else ""
    return ""


# References: tagged lines of RIS, EndNote and PubMed; a tag of two to four signs, then its value: linear.
_RIS = re.compile(r"[A-Z][A-Z0-9] {1,2}- ?.*")
_ENDNOTE = re.compile(r"%[0-9A-Z@!?] .*")
_PUBMED = re.compile(r"[A-Z]{2,4} {0,2}- .*| {6}.*")
# The head of an entry of BibTeX, up to its key; and what an entry holds. One run up to a sign: linear.
_ENTRY = re.compile(r"@([A-Za-z]{2,30})\s{0,9}[{(]\s{0,9}([^\s,{}\"]{1,200}\s{0,9}[,=]|\")")
_ENTRY_FIELD = re.compile(r"\b[A-Za-z][\w-]{1,30}\s{0,20}=\s{0,20}[{\"\w]")
_REMARK = re.compile(r"^\s*%.*$", re.MULTILINE)


def tell_references(data: bytes, start: bytes) -> str:
    """Tell references as managers of literature keep them: BibTeX, RIS, EndNote, PubMed."""
    if start[:1] not in (b"@", b"%", b"T", b"P"):
        return ""
    if (start[:1] == b"@" or (start[:1] == b"%" and b"@" in start)) and _is_bibtex(data):
        return "references"
    lines = first_lines(data, _MOST_LINES)
    if lines[0].startswith("TY  - "):
        tagged = sum(_RIS.fullmatch(line) is not None for line in lines)
        return "references" if lines[-1].startswith("ER  -") and tagged * 10 >= 8 * len(lines) else ""
    if lines[0].startswith("%0 "):
        return "references" if len(lines) > 2 and all(map(_ENDNOTE.fullmatch, lines)) else ""
    is_pubmed = lines[0].startswith("PMID- ") and len(lines) > 2 and all(map(_PUBMED.fullmatch, lines))
    return "references" if is_pubmed else ""


def _is_bibtex(data: bytes) -> bool:
    """Whether all is entries, one after the other, with balanced braces; the last may be cut off."""
    text = _REMARK.sub("", data[: 16 * LOOK].decode("utf-8", "replace"))
    at = entries = 0
    while match := _ENTRY.match(text, at := _next(text, at)):
        opened = text.find("{", match.start(), match.end())
        braces = re.compile(r"[{}]" if opened >= 0 else r"[()]")
        depth, end = 0, len(text)
        for brace in braces.finditer(text, match.end(1)):
            depth += 1 if brace[0] in "{(" else -1
            if not depth:
                end = brace.end()
                break
        entries += _ENTRY_FIELD.search(text, match.start(), end) is not None
        at = end
    return entries > 0 and _next(text, at) >= len(text)


def _next(text: str, at: int) -> int:
    """Return the place of the next sign that is no white space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at
