"""Formats of programs, told by what is left without strings and comments: JavaScript, style sheets, SQL, patches."""

import re

from clean.formats.model import first_lines

__all__ = ["tell_code", "tell_patch", "tell_sql"]

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


def tell_code(data: bytes, start: bytes) -> str:
    """Tell JavaScript and style sheets."""
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
    return " " if match[0].startswith(("/*", "//", "--")) else '""'


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


# Statements of SQL: what is quoted, by the rules of several databases, and data that follow a statement up to a line
# `\.`. What is not closed ends with the text: linear.
_QUOTED_SQL = re.compile(
    r"/\*.*?(?:\*/|\Z)|--[^\n]*|'(?:[^'\\]|\\.|'')*'?|\"[^\"]*\"?|`[^`]*`?|\$\$.*?(?:\$\$|\Z)", re.DOTALL
)
_COPIED = re.compile(r"(?i)\bfrom stdin;\r?\n")
_STATEMENT = re.compile(
    r"(?i)\s*(?:create|insert|replace|drop|alter|update|delete|set|use|lock|unlock|begin|start|commit|copy|comment|grant"
    r"|revoke|truncate|select|with|pragma|delimiter|go|analyze|vacuum|rollback|end|call|exec|declare|\\\w+)\b"
)
_MAKING = re.compile(
    r"(?i)\s*(?:create\s+(?:or\s+replace\s+)?(?:temporary\s+|unique\s+)?(?:table|index|view|database|schema|function|trigger)"
    r"|(?:insert|replace)\s+(?:ignore\s+)?into\s+[^\s(]{1,200}\s{0,9}(?:\(|values|select|default)|drop\s+(?:table|database|view)|alter\s+table)\b"
)


def tell_sql(data: bytes, start: bytes) -> str:
    """Tell statements that make or fill tables, each closed by a semicolon but for one that the end cuts off."""
    head = start[:4000].lower()
    if start[:1] not in b"-/#" and not _STATEMENT.match(head.decode("utf-8", "replace")[:40]):
        return ""
    if not any(word in head for word in (b"table", b"into", b"database", b"sql")):
        return ""
    text = _without_data(data[:_MOST_CODE].decode("utf-8", "replace"))
    bare = _QUOTED_SQL.sub(_hole, text)
    statements = [each for each in bare.split(";") if each.strip()]
    if not statements or re.search(_IDEOGRAPHS, bare) or ";" not in bare:
        return ""
    # Code inside of a function has semicolons of its own.
    known = sum(_STATEMENT.match(each) is not None for each in statements)
    made = sum(_MAKING.match(each) is not None for each in statements)
    return "sql" if made and known * 10 >= 9 * len(statements) else ""


def _without_data(text: str) -> str:
    """Return statements without the rows that stand behind PostgreSQL's `COPY`, which a backslash and a dot end."""
    pieces, at = [], 0
    while match := _COPIED.search(text, at):
        pieces.append(text[at : match.end()])
        end = text.find("\n\\.", match.end() - 1)
        at = end + len("\n\\.") if end >= 0 else len(text)
    return "".join([*pieces, text[at:]])


# A patch: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html and `git format-patch`. Words
# at the beginning of a line: linear.
_HUNK = re.compile(r"@@ -\d{1,9}(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? @@.*")
_PATCH_LINE = re.compile(
    r"[ +\-\\\t].*|@@ .*|diff .*|index [\da-f]+.*|Index: .*|=+|(?:new|deleted|old) (?:file )?mode .*"
    r"|similarity index .*|(?:rename|copy) (?:from|to) .*|Binary files .*|Only in .*|GIT binary patch|literal \d+"
    r"|[A-Za-z][!-~]{20,66}"
)
_FORMATTED = re.compile(rb"From [\da-f]{40,64} Mon Sep 17 00:00:00 2001\r?\n")
"""The first line of each patch that `git format-patch` writes, always with this moment."""


def tell_patch(data: bytes, start: bytes) -> str:
    """Tell unified differences, bare or with the message of a commit that `git format-patch` puts before them."""
    if not start.startswith((b"--- ", b"diff ", b"Index: ", b"From ")):
        return ""
    if _FORMATTED.match(start):
        return "diff" if b"\ndiff --git " in data else ""
    lines = first_lines(data, 20_000)
    has_hunk = any(map(_HUNK.fullmatch, lines)) or any(line.startswith("GIT binary patch") for line in lines)
    has_names = any(line.startswith(("--- ", "diff --git ")) for line in lines)
    return "diff" if has_hunk and has_names and all(map(_PATCH_LINE.fullmatch, lines)) else ""
