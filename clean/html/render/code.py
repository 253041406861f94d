"""Rendering of code blocks: language, and text without line numbers and buttons."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree
from lxml.etree import _Element

from clean.html.controls import is_interface
from clean.html.render.model import HEADINGS, Code, is_visible
from clean.html.render.style import NO_STYLE, CssStyle, class_roles, read_style, text_content

if TYPE_CHECKING:
    from clean.html.render.reader import Reader

__all__ = [
    "KNOWN",
    "code_bars",
    "code_block",
    "code_text",
    "is_block",
    "is_code_bar",
    "is_gutter",
    "is_number",
    "is_numbering",
    "is_prose",
    "language",
    "numbered_listing",
]


# The language of a code block: from class names and attributes of the block, its code, the boxes around it.


# A class name that tells the language; the name of the language is bounded.
LANGUAGE = re.compile(
    r"(?:^|\s)(?:language-|lang-|lang_|highlight-source-|highlight-|src-|brush:\s*)([\w+#.-]{1,30})", re.I
)
# On a box around, `lang-` may speak of the language that people speak.
AROUND = re.compile(r"(?:^|\s)(?:language-|highlight-source-|highlight-|brush:\s*)([\w+#.-]{1,30})", re.I)
NAMES = re.compile(r"(?:^|\s)(?:hljs|hl|sourceCode|highlight|prettyprint|syntaxhighlighter)\s+([\w+#-]{1,30})(?=\s|$)")
NAME = re.compile(r"[\w+#.-]{1,30}")
MOST_BEFORE_LINES = 40
"""Boxes of an editor before the one that holds its lines and names the language, as in CodeMirror 6."""
OWN_ATTRIBUTES = ("language", "lang", "data-syntaxhighlighter-params")
"""Attributes of a block itself: of custom elements, of GitHub's `pre`, of Confluence; elsewhere people's languages."""
ATTRIBUTES = ("data-lang", "data-language", "data-code-language")

NOT_A_LANGUAGE = frozenset(
    (
        "none", "text", "plaintext", "plain", "txt", "nohighlight", "no-highlight", "highlight", "default", "auto",
        "wrap", "language", "lang", "linenums", "code-snippet__js", "highlighter-rouge", "table", "notranslate",
        "numbersource", "numberlines", "tab-size", "hljs", "prettyprinted", "nogutter", "block", "inline", "en",
        "en-us", "zh", "zh-cn", "ja", "de", "fr", "es", "ru", "ko",
    )
)  # fmt: skip

KNOWN = frozenset(
    (
        "bash", "c", "c#", "c++", "clojure", "cmake", "cpp", "csharp", "css", "csv", "dart", "diff", "docker",
        "dockerfile", "elixir", "erlang", "fortran", "go", "graphql", "groovy", "haskell", "html", "http", "ini",
        "java", "javascript", "js", "json", "jsonc", "jsx", "julia", "kotlin", "latex", "lean", "less", "lisp", "lua",
        "makefile", "markdown", "matlab", "mermaid", "nginx", "nix", "ocaml", "perl", "php", "plaintext", "powershell",
        "prisma", "protobuf", "python", "r", "ruby", "rust", "sass", "scala", "scss", "sh", "shell", "solidity", "sql",
        "svelte", "swift", "text", "toml", "ts", "tsx", "typescript", "vim", "vue", "xml", "yaml", "yml", "zig", "zsh",
    )
)  # fmt: skip
"""Names that a bar above a code block shows; anything else there might be a part of the code."""


def language(pre: _Element) -> str:
    """Return the language of a code block, or nothing."""
    inner = list(islice(pre.iterdescendants("code"), 2))  # the first may be that of the line numbers
    around = [node for node, _ in zip(pre.iterancestors(), range(4), strict=False)]
    for name in OWN_ATTRIBUTES if "-" in str(pre.tag) or pre.tag == "pre" else ():
        given = (pre.get(name) or "").removeprefix("brush:").partition(";")[0].strip()
        if given.lower() in KNOWN:
            return given
    editors = [one for one in islice(pre.iterdescendants("div"), MOST_BEFORE_LINES) if one.get("data-language")]
    for node in (pre, *inner, *editors[:1], *around):
        for name in ATTRIBUTES:
            given = (node.get(name) or "").strip()
            if given and NAME.fullmatch(given) and not (node in around and given.lower() in NOT_A_LANGUAGE):
                return "" if given.lower() in NOT_A_LANGUAGE else given
        names = (node.get("class") or "")[:500]
        if not names:
            continue
        classes = AROUND if node in around else LANGUAGE
        for found in (*classes.finditer(names), *NAMES.finditer(names)):
            if found[1].lower() not in NOT_A_LANGUAGE:
                return "python" if "ipython" in found[1] else found[1]
    return ""


# What stands beside code and is none of it: line numbers, bars with a language and buttons, texts that pop up.


# Line numbers and what stands between them. A gutter of anything else is not one.
NUMBERS = re.compile(r"[\d\s.:|]*+$")
# A style with which a line number is kept out of what a reader copies.
UNSELECTABLE = re.compile(r"user-select\s*+:\s*+none", re.IGNORECASE)
MOST_BARS = 5
LONGEST_BAR = 40


def is_gutter(element: _Element) -> bool:
    """Return whether an element holds line numbers and nothing else."""
    if "gutter" in class_roles(element.get("class")) and element.tag not in ("pre", "code"):
        return numbers_only(element)
    if element.tag not in ("td", "th"):
        return False
    # Hugo (Chroma) calls both cells of its table alike; the numbers in the first have the name.
    if not any("gutter" in class_roles(one.get("class")) for one in islice(element.iterdescendants("*"), 4)):
        return False
    return numbers_only(element)


def numbers_only(element: _Element) -> bool:
    """Return whether there is no text but numbers in an element, and no picture."""
    if next(element.iter("img", "picture", "video", "iframe"), None) is not None:
        return False
    return all(NUMBERS.match(str(text)) for text in element.itertext(with_tail=False))


def is_number(element: _Element) -> bool:
    """Return whether an element in a code block is a line number, by its name or by its style.

    Chroma with `linenos=inline` and without classes says it by style alone; so do several of React's highlighters.
    """
    if is_gutter(element):
        return True
    names = element.get("class")
    if names and element.tag in NUMBER_BOXES and NUMBER_NAME.search(names[:MOST_NAMES]) and numbers_only(element):
        return TOKEN.search(names[:MOST_NAMES]) is None
    style = element.get("style")
    if not style or UNSELECTABLE.search(style) is None:
        return False
    return numbers_only(element) and bool(text_content(element).strip())


# What highlighters call a number that is a part of the code: Prism, highlight.js, Pygments, Rouge.
TOKEN = re.compile(r"(?:^|\s)(?:hljs-|token|number|m[biofhlx]?(?:\s|$)|constant|literal)", re.IGNORECASE)
# How pages name line numbers that `ROLES` does not know. One class of names, no repeat within a repeat.
NUMBER_NAME = re.compile(
    r"(?:^|[\s_-])(?:num|nums|number|numbers|numbering|lineno|gutter|ln)(?:[\s_-]|$)", re.IGNORECASE
)
NUMBER_BOXES = ("div", "ul", "ol", "td", "th")
MOST_PARTS = 12
MOST_NAMES = 500
MOST_SEARCHED = 200
"""Elements beside a bar that are searched for the code block."""


def line_numbers(root: _Element) -> frozenset[_Element]:
    """Return the elements that number the lines of a code block from within: one at the start of each, 1, 2, 3 and on.

    The number of one line says nothing; a number that a highlighter coloured as code is code.
    """
    found: list[_Element] = []
    first, fresh, numbered, code = 0, True, False, False
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if node is root and event == "end":
            break
        if event == "start" and node is not root and not numbered:
            fresh = fresh or node.tag == "br" or node.tag in LINE_BLOCKS
        number = (node.text or "").strip(" \t\n.:|") if event == "start" and not len(node) else ""
        if (fresh or numbered) and number.isascii() and number.isdigit() and len(number) < 6 and len(node.keys()):
            first = first if found else int(number)
            if int(number) != first + len(found) or TOKEN.search(node.get("class") or "") is not None:
                return frozenset()
            found.append(node)
            fresh, numbered = False, True
            continue
        for at, line in enumerate(((node.text if event == "start" else node.tail) or "").split("\n")):
            if at:
                fresh, numbered = True, False
            if line.strip():
                if fresh:
                    return frozenset()  # a line without a number
                code, numbered = True, False
    return frozenset(found) if len(found) > 1 and code else frozenset()


def is_numbering(element: _Element) -> bool:
    """Return whether a list behind a code block holds its line numbers, as parsers part it from the `pre` around it."""
    before = element.getprevious()
    if before is None or not holds_listing(before):
        return False
    if is_visible(before.tail or "") or not numbers_only(element):
        return False
    items = [text_content(item).strip(" \t\n.") for item in element.iterchildren("li")]
    if not items or items != [str(number) for number in range(1, len(items) + 1)]:
        return False
    lines = text_content(before).strip().count("\n") + 1
    return NUMBER_NAME.search(element.get("class") or "") is not None or (lines > 1 and 0 <= len(items) - lines <= 1)


# How pages name the bars of a listing and what stands in them. One alternative of fixed words: linear.
BAR = re.compile(
    r"copy|btn|button|clipboard|tool-?bar|header|listing_data|(?:code|hljs|block)[\w-]{0,30}(?:bar|head|lang|title)",
    re.IGNORECASE,
)
NOT_BARS = frozenset(("pre", "code", "table", "ol", "body", "article", "main"))


@lru_cache(maxsize=1024)
def names_bar(names: str) -> bool:
    """Return whether class names are those of a bar above code, or of a button in it."""
    return BAR.search(names) is not None and TOKEN.search(names) is None


def says_bar(element: _Element) -> str | None:
    """Return the language that a bar names, or nothing; None for an element with any word that is no interface."""
    language = ""
    parts = list(islice(element.itertext("*", with_tail=True), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS:
        return None
    for part in map(str.strip, map(str, parts)):
        if part.lower() in KNOWN:
            language = language or part.lower()
        elif not is_interface(part) and NUMBERS.match(part) is None:
            return None
    return language


def holds_listing(element: _Element | None) -> bool:
    """Return whether an element is a code block, or one stands near its beginning."""
    if element is None or not isinstance(element.tag, str):
        return False
    return element.tag == "pre" or any(one.tag == "pre" for one in islice(element.iterdescendants("*"), MOST_SEARCHED))


def is_code_bar(element: _Element) -> bool:
    """Return whether an element beside a code block is its bar: named so, with interface and a language in it alone."""
    names = element.get("class")
    if not names or len(names) > MOST_NAMES or element.tag in NOT_BARS or not names_bar(names):
        return False
    if says_bar(element) is None or not (holds_listing(element.getnext()) or holds_listing(element.getprevious())):
        return False
    return next(element.iterdescendants("pre", "code", "table", *HEADINGS), None) is None


def code_bars(root: _Element) -> dict[_Element, str]:
    """Return the bars in a code block that hold interface and at most a language; of each the language.

    The largest box around a button is the bar, as long as there is no word in it but the name of a language. Without a
    button it is what the page calls so.
    """
    found: dict[_Element, str] = {}
    for button in islice(root.iterdescendants("button"), MOST_BARS):
        best, word, here = None, "", button.getparent()
        while here is not None and here is not root and here.tag not in ("code", "pre"):
            text = bar_text(here)
            if text is None or (text and text.lower() not in KNOWN):
                break
            best, word, here = here, text, here.getparent()
        if best is not None:
            found[best] = word.lower()
    for one in root.iterdescendants("*"):
        names = one.get("class") or one.get("onclick")
        if names and len(names) < MOST_NAMES and names_bar(names) and one.tag not in NOT_BARS:
            said = says_bar(one)
            if said is not None and next(one.iterdescendants("pre", "code"), None) is None:
                found.setdefault(one, said)
    for one in beside_code(root):
        said = says_bar(one)
        if said:
            found.setdefault(one, said)
    return found


def beside_code(pre: _Element) -> Iterator[_Element]:
    """Yield the boxes in a code block that stand beside the only `code` in it, or beside what that stands in."""
    inner = list(islice(pre.iterdescendants("code"), 2))
    if len(inner) != 1 or pre.tag != "pre":
        return
    for here in (inner[0], *inner[0].iterancestors()):
        if here is pre:
            return
        yield from here.itersiblings("div", "header", preceding=True)


def bar_text(box: _Element) -> str | None:
    """Return the text of a box without that of its buttons; None if there is much of it."""
    parts: list[str] = []
    walker = etree.iterwalk(box, events=("start", "end"))
    for event, node in walker:
        if event == "start" and node.tag == "button":
            walker.skip_subtree()
        elif event == "start" or node is not box:
            parts.append((node.text if event == "start" else node.tail) or "")
        if len(parts) > LONGEST_BAR:
            return None
    joined = "".join(parts).strip()
    return joined if len(joined) <= LONGEST_BAR and "\n" not in joined else None


CODE_PARENTS = frozenset(("p", "div", "section", "article", "figure", "li", "dd", "td", "blockquote", "center"))
LINE_BLOCKS = frozenset(("div", "p", "li", "tr", "section", "ol", "ul", "table", "tbody", "dd", "dt", "pre"))
PARTS = frozenset(("ol", "ul", "table", "tbody", "thead", "tr"))
"""Between what stands in these, white space is none of the code."""
PROSE = ("img", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6", "iframe", "video", "audio", "mpvoice")
UNSEEN = {**dict.fromkeys(("script", "style", "template"), "html.hidden"), "button": "html.control"}
SKELETON = frozenset(("table", "thead", "tbody", "tfoot", "tr"))


LONGEST_LINE = 120
"""Characters of a line of code."""
SENTENCE_ENDS = ("。", "！", "？", "…", ".", "!", "?", "：", "”")


def is_prose(pre: _Element, reader: "Reader") -> bool:
    """Return whether a `pre` is no code but a box around paragraphs, as editors leave it when text is pasted."""
    inside = reader.cut_index
    if inside.first(pre, *PROSE) is not None:
        return True
    if inside.first(pre, "code", "li") is not None or holds_lines(pre):
        return False
    return inside.first(pre, "p", "section", "blockquote") is not None


def holds_lines(pre: _Element) -> bool:
    """Return whether a `pre` has a paragraph for each line of code: no more than paragraphs, with nothing in them.

    Sentences in paragraphs are prose: they are long, and most end like one.
    """
    lines = list(pre)
    if len(lines) < 2 or any(one.tag != "p" or len(one) or (one.tail or "").strip() for one in lines):
        return False
    if (pre.text or "").strip():
        return False
    texts = [text for one in lines if (text := (one.text or "").rstrip())]
    sentences = sum(len(text) > LONGEST_LINE or text.endswith(SENTENCE_ENDS) for text in texts)
    return 3 * sentences < len(texts)


def is_block(code: _Element) -> bool:
    """Return whether a `code` outside of `pre` is a block: by its name, by its style, or as lines by themselves."""
    if "block" in (code.get("class") or "").split():
        return True
    given = code.get("style")
    if given and read_style(given).flow == "block":
        return True
    if given and read_style(given).lines and "\n" in text_content(code).strip():
        return True
    if next(code.iterdescendants("br"), None) is None:
        return False
    parent = code.getparent()
    if parent is None or parent.tag not in CODE_PARENTS:
        return False
    if code.getprevious() is not None or code.getnext() is not None:
        return False
    return not (parent.text or "").strip() and not (code.tail or "").strip()


def code_block(element: _Element, reader: "Reader") -> Code | None:
    """Return an element as a block of code; None if there is no code in it."""
    beside = code_bars(element)
    text = code_text(element, reader, beside)
    if not text:
        return None
    named = language(element) or next((name for name in beside.values() if name), "")
    return Code(text, named or language_beside(element))


def language_beside(element: _Element) -> str:
    """Return the language that a bar above a code block names, or nothing."""
    for one in (element, *islice(element.iterancestors("div", "figure", "section"), 1)):
        bar = one.getprevious()
        if bar is not None and is_code_bar(bar):
            return says_bar(bar) or ""
    return ""


def code_text(root: _Element, reader: "Reader", beside: dict[_Element, str] | None = None) -> str:
    """Return the code in an element; what is no code is named as dropped.

    Lines end where the text has line ends, at `<br>`, and at every element that is a line: a block, a `code` among
    its like, a `span` that a highlighter calls line.
    """
    beside = beside or {}
    numbers = line_numbers(root)
    flowing = reader.listings.get(root, False)  # outside of `pre`, line ends of the source are spaces
    cuts = reader.options.cuts
    by_line = list(root.iterchildren("code"))
    broken = next(root.iterchildren("br"), None) is not None
    line_codes = frozenset(by_line) if len(by_line) > 1 and not broken else frozenset()
    parts: list[str] = []  # none of them empty
    marks: list[int] = []
    if root.text and not (line_codes and not root.text.strip()):
        add_part(parts, reader.text_before(root), flowing=flowing)
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if node is root:
            continue
        if event == "start":
            if node in cuts.elements:
                reader.cut_off(node, cuts.elements[node])
                marks.append(-1)
                walker.skip_subtree()
                continue
            tag = node.tag
            given = node.get("style")
            style = read_style(given) if given else NO_STYLE
            why = no_code_rule(node, style) if node not in beside else "html.code-bar"
            why = "html.code-gutter" if node in numbers else why
            if why:
                reader.drop(node, why)
                marks.append(-1)
                walker.skip_subtree()
                continue
            if is_line(node, style) or node in line_codes or "line" in class_roles(node.get("class")):
                start_line(parts)
            marks.append(len(parts))
            if tag == "br":
                parts.append("\n")
            add_part(parts, reader.text_before(node), flowing=flowing)
            continue
        if event == "end":
            mark = marks.pop()
            if mark >= 0 and (node in line_codes or is_line(node, read_style(node.get("style") or ""))):
                end_line(parts, mark)
        tail = node.tail
        if not tail:
            continue
        parent = node.getparent()
        between = parent is not None and (parent.tag in PARTS or (line_codes and parent is root))
        if not (between and not tail.strip()):
            add_part(parts, reader.text_after(node), flowing=flowing)
    text = trim_code("".join(parts))
    if numbers and all(line.startswith(" ") for line in text.split("\n") if line):
        return "\n".join(line[1:] for line in text.split("\n"))  # the space behind the numbers
    return text


def trim_code(text: str) -> str:
    """Return the lines of code without white space at their ends, and without empty ones before and after."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    lines = [line.rstrip() for line in text.split("\n")]
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return "\n".join(lines[start:end])


def no_code_rule(element: _Element, style: CssStyle) -> str:
    """Return why an element in a code block is no code; nothing if it is."""
    if element.tag in UNSEEN:
        return UNSEEN[str(element.tag)]
    if style.hidden or element.get("hidden") is not None:
        return "html.hidden"
    if is_number(element):
        return "html.code-gutter"
    return "html.code-hover" if "hover" in class_roles(element.get("class")) else ""


def is_line(element: _Element, style: CssStyle) -> bool:
    """Return whether an element stands on lines of its own."""
    return (element.tag in LINE_BLOCKS and style.flow != "inline") or style.flow == "block"


def add_part(parts: list[str], text: str, *, flowing: bool) -> None:
    """Add a text, if there is any; where it flows, a line end of the source is a space, and between lines nothing."""
    if flowing and "\n" in text:
        text = " ".join(text.split("\n")) if text.strip(" \t\r\n") else ""
    if text:
        parts.append(text)


def start_line(parts: list[str]) -> None:
    """Begin a line, unless one has just begun."""
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")


def end_line(parts: list[str], mark: int) -> None:
    """End a line that began at a mark, an empty one as well."""
    if len(parts) == mark or not parts[-1].endswith("\n"):
        parts.append("\n")


def numbered_listing(table: _Element, reader: "Reader") -> str | None:
    """Return the code of a table that shows code beside line numbers; None if it shows something else."""
    if not any(is_gutter(cell) for cell in islice(table.iterdescendants("td"), 3)):
        return rows_of_lines(table, reader)
    if next(iter(table.iterdescendants("img", "table")), None) is not None:
        return None
    cells = list(code_cells(table, reader))
    if None in cells:
        return None
    lines = []
    for cell in cells:
        if cell is None:
            continue
        if cell in reader.options.cuts.elements:
            reader.cut_off(cell, reader.options.cuts.elements[cell])
        elif is_gutter(cell):
            reader.drop(cell, "html.code-gutter")
        else:
            lines.append(code_text(cell, reader))
    return "\n".join(lines).strip("\n")


# How tables of lines are named, each a whole class name, and the heads of their columns.
CODE_TABLE = re.compile(
    r"(?:^|\s)(?:code|highlight|source|listing|blob|lines|file-?code|code-?view)(?=\s|$)", re.IGNORECASE
)
HEADS_OF_LINES = frozenset(("", "line", "lines", "#", "no.", "code", "content", "行", "行号", "代码"))
NOT_IN_LINES = ("img", "table", "p", "ul", "ol", *HEADINGS)


def rows_of_lines(table: _Element, reader: "Reader") -> str | None:
    """Return the code of a table with a row for each line: its number, and the line in a `pre` or `code` alone.

    Where the table is called code, the line may stand there without either.
    """
    named = CODE_TABLE.search((table.get("class") or "")[:MOST_NAMES]) is not None
    rows = [list(row.iterchildren("td", "th")) for row in table.iterdescendants("tr")]
    heads = rows[:1] if named and rows and all(is_head_of_lines(cell) for cell in rows[0]) else []
    lines_of = rows[len(heads) :]
    if len(lines_of) < 2 or any(len(row) != 2 or not is_cell_of_line(row[1], named=named) for row in lines_of):
        return None
    first = text_content(lines_of[0][0]).strip(" \t\n.")
    if not (first.isascii() and first.isdigit() and len(first) < 6) or table in reader.cut_index.touched:
        return None
    if any(text_content(row[0]).strip(" \t\n.") != str(int(first) + at) for at, row in enumerate(lines_of)):
        return None
    cells = [cell for cell in code_cells(table, reader) if cell is not None]
    if len(cells) != sum(map(len, rows)):
        return None
    for head in heads:
        for cell in head:
            reader.drop(cell, "html.code-gutter")
    lines = []
    for number, line in lines_of:
        reader.drop(number, "html.code-gutter")
        inner = line[0] if len(line) == 1 and line[0].tag in ("pre", "code") else line
        lines.append(code_text(inner, reader) if len(inner) else (inner.text or "").strip("\n").rstrip())
    return "\n".join(line.replace("\xa0", " ") for line in lines).strip("\n")


def is_cell_of_line(cell: _Element, *, named: bool) -> bool:
    """Return whether a cell holds a line of code."""
    if len(cell) == 1 and cell[0].tag in ("pre", "code"):
        return not is_visible(cell.text or "") and not is_visible(cell[0].tail or "")
    return named and cell.tag == "td" and next(cell.iterdescendants(*NOT_IN_LINES), None) is None


def is_head_of_lines(cell: _Element) -> bool:
    """Return whether a cell is the head of a column of numbers, or of lines."""
    return cell.tag == "th" and not len(cell) and (cell.text or "").strip().lower() in HEADS_OF_LINES


def code_cells(table: _Element, reader: "Reader") -> Iterator[_Element | None]:
    """Return the cells of a table and what is cut off; None where something stands beside the cells."""
    stack = [table]
    while stack:
        node = stack.pop()
        if node is not table and is_visible(node.tail or ""):
            yield None
        if not isinstance(node.tag, str) or node.tag in ("col", "colgroup"):
            continue
        if node in reader.options.cuts.elements or node.tag in ("td", "th"):
            yield node
        elif node.tag not in SKELETON or is_visible(node.text or ""):
            yield None
        else:
            stack.extend(reversed(node))
