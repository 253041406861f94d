"""What elements are to a reader that say it in no word of HTML: custom elements, and Word's items of lists.

HTML says nothing of custom elements (section 4.13); the site's style sheet and programs make them paragraphs, headings
and words. What is left to judge by are the name, and what stands beside the element.
"""

import re
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from lxml.etree import _Element

__all__ = [
    "CALLOUT_KINDS",
    "EDITOR_BLOCKS",
    "NEXT",
    "ItemMark",
    "callout_kind",
    "custom_item_mark",
    "editor_block",
    "editor_item_mark",
    "is_callout_title",
    "is_marker",
    "is_quill_list",
    "named_like",
    "quill_item_mark",
    "standard_name",
    "stands_alone",
    "word_item_mark",
]

ENDS: Final = {
    **dict.fromkeys(("p", "para", "paragraph"), "p"),
    **{f"h{level}": f"h{level}" for level in range(1, 7)},
    **dict.fromkeys(("li", "oli", "uli", "tli"), "li"),
    **dict.fromkeys(("quote", "blockquote"), "blockquote"),
    **dict.fromkeys(("text", "span", "link", "a", "icon", "inline", "emoji", "badge"), "span"),
    **dict.fromkeys(("strong", "bold", "b"), "strong"),
    **dict.fromkeys(("em", "italic"), "em"),
    **dict.fromkeys(("block", "section", "card", "row", "list", "body"), "div"),
    "code": "code",
}
"""The last part of a name, and the element of HTML that is alike."""
MARKERS: Final = ("-oli-i", "-uli-i", "-tli-i", "-li-marker", "-marker", "-bullet")
"""The number or the dot before an item."""
DRAWN: Final = ("mjx-", "mp-")
"""Names that others deal with: MathJax's drawings, WeChat's cards."""
LINE: Final = frozenset(
    (
        "a",
        "abbr",
        "b",
        "code",
        "del",
        "em",
        "font",
        "i",
        "kbd",
        "label",
        "mark",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    )
)
ENDINGS: Final = tuple("。！？；…：.!?;:”")
MOST_PARTS: Final = 100
"""Texts of an element above which it is no word."""
SENTENCE: Final = 12
"""Characters of the shortest text that is a sentence."""


@lru_cache(maxsize=512)
def standard_name(tag: str) -> str:
    """Return the element of HTML that a custom element is by its name; nothing where the name does not tell."""
    if "-" not in tag or tag.startswith(DRAWN):
        return ""
    if tag == "math-renderer":  # GitHub's formulas, in their line or by themselves
        return "span"
    if tag.endswith((*MARKERS, "-heading-content", "-code-content")):
        return "span"
    return ENDS.get(tag.rpartition("-")[2], "")


def is_marker(tag: str) -> bool:
    """Return whether a custom element is the number or the dot before an item, by its name."""
    return tag.endswith(MARKERS)


def stands_alone(element: _Element) -> bool:
    """Return whether a custom element, whose name does not tell, is a block: no word stands beside it in its line.

    One beside others of its name is a block where it holds a sentence; words in a row hold none.
    """
    if str(element.tag).startswith(DRAWN):
        return False
    parent, before, after = element.getparent(), element.getprevious(), element.getnext()
    beside = (before.tail if before is not None else parent.text if parent is not None else "", element.tail)
    if any(text and text.strip() for text in beside):
        return False
    for one in (before, after):
        if one is None or not isinstance(one.tag, str):
            continue
        if one.tag in LINE or standard_name(one.tag) in LINE:
            return False
        if "-" in one.tag and not standard_name(one.tag) and not holds_sentence(element):
            return False
    return True


def holds_sentence(element: _Element) -> bool:
    """Return whether the text in an element is long enough for a sentence and ends like one."""
    parts = [str(part) for part in islice(element.itertext(), MOST_PARTS + 1)]
    text = "".join(parts).strip()
    return len(parts) > MOST_PARTS or (len(text) >= SENTENCE and text.endswith(ENDINGS))


# Items that no list holds. Word saves an item as a paragraph whose style names its list (`mso-list:l0 level2 lfo1`) and
# whose number or dot stands in it as text (`mso-list:Ignore`); in filtered HTML only a run of small blanks behind the
# number is left. Editors such as Yuque give each item an element of its own, with its number in another.


NEXT: Final = -2
"""The number of an item that does not say its own, and is the next of its list, or the first of a new one."""


class ItemMark(NamedTuple):
    """What an item is, and what stands before it."""

    level: int
    """From 1 on."""
    number: int | None
    """Of a numbered item, `NEXT` for whatever comes next; None for a dot."""
    element: _Element | None
    """What holds the number or the dot; None where nothing does."""
    in_text: bool = False
    """Whether it stands in the item's own text instead, right before `element`."""
    done: bool | None = None
    """Of a task, whether it is done; None for an item that is none."""


# Word's names of what it writes; each is looked for once in one attribute.
LIST = re.compile(r"mso-list\s*+:[^;]{0,80}?\blevel([1-9])", re.IGNORECASE)
IGNORE = re.compile(r"mso-list\s*+:\s*+ignore", re.IGNORECASE)
SMALL_BLANKS = re.compile(r"font\s*+:\s*+7(?:\.0)?pt", re.IGNORECASE)
INDENT = re.compile(r"margin-left\s*+:\s*+([0-9]{0,4}(?:\.[0-9]{1,4})?)(pt|in|cm)", re.IGNORECASE)
POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35}
STEP = 36.0
"""Points by which Word moves each level of a list to the right, unless somebody changes it."""
# A number, a letter, a Roman number, in brackets or with a full stop; bounded.
NUMBER = re.compile(r"[(（]?([0-9]{1,4}|[a-z]|[ivx]{1,6})[.)）、．]", re.IGNORECASE)
DOTS = frozenset("·•●○◦o§■□▪▫◆◇Ø-–—*v➢✓ü")
"""Dots as Word writes them: letters of the fonts Symbol and Wingdings among them."""
# Fonts whose letters are drawn as signs; Word's circle is an `o` of Courier New.
SIGN_FONTS = re.compile(r"font-family:\s?[\"']?(?:Wingdings|Webdings|Symbol|Courier New)", re.IGNORECASE)
DOT = -1
"""The number of a dot."""
ROMAN = {"i": 1, "v": 5, "x": 10}


def mark_number(text: str) -> int | None:
    """Return the number that a mark shows, DOT for a dot; None for any other, such as a Chinese number.

    No list of Markdown has Chinese numbers.
    """
    text = text.replace("\N{NO-BREAK SPACE}", " ").strip()
    if not text:
        return None
    if text in DOTS or (len(text) == 1 and "\ue000" <= text <= "\uf8ff"):
        return DOT
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    said = found[1].lower()
    if said.isdigit():
        return int(said)
    if len(said) == 1 and said not in "ivx":
        return ord(said) - ord("a") + 1
    values = [ROMAN[letter] for letter in said]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def word_item_mark(paragraph: _Element) -> ItemMark | None:
    """Return what a paragraph is that Word shows as an item of a list; None for any other."""
    style = paragraph.get("style") or ""
    named = LIST.search(style) if "mso-list" in style else None
    is_named = (paragraph.get("class") or "").startswith("MsoListParagraph")
    if named is None and not is_named:
        return None
    spans = list(islice(paragraph.iterdescendants("span"), 9))
    mark = next((one for one in spans if is_word_marker(one)), None)
    if mark is None:
        blanks = next((one for one in spans if is_run_of_blanks(one)), None)
        mark = blanks.getparent() if blanks is not None and blanks.getparent() is not paragraph else None
    in_text = mark is None and len(paragraph) > 0 and is_run_of_blanks(paragraph[0])
    if in_text:
        mark, text = paragraph[0], paragraph.text or ""
    else:
        text = "".join(map(str, mark.itertext())) if mark is not None else ""
    number = DOT if mark is not None and is_drawn_dot(mark, text) else mark_number(text)
    if number is None:
        return None
    level = int(named[1]) if named is not None else level_by_indent(style)
    return ItemMark(level, None if number == DOT else number, mark, in_text)


def is_word_marker(element: _Element) -> bool:
    """Return whether an element holds the number or the dot of one of Word's items."""
    style = element.get("style")
    return style is not None and "mso-list" in style.lower() and IGNORE.search(style) is not None


def is_drawn_dot(mark: _Element, text: str) -> bool:
    """Return whether a letter is the dot that a font of signs draws in its place, such as `l` and `§` of Wingdings."""
    fonts = (one.get("style") or "" for one in (mark, *islice(mark.iterdescendants("span"), 2)))
    return len(text.strip()) == 1 and any(SIGN_FONTS.search(font) is not None for font in fonts)


def is_run_of_blanks(element: _Element) -> bool:
    """Return whether an element is the gap that Word writes between a number and its text."""
    text = "".join(map(str, element.itertext()))
    return bool(text) and not text.strip() and SMALL_BLANKS.search(element.get("style") or "") is not None


def level_by_indent(style: str) -> int:
    """Return the level of an item by how far it stands to the right."""
    found = INDENT.search(style)
    if found is None or found[1] in ("", "."):
        return 1
    return max(1, min(9, round(float(found[1]) * POINTS[found[2].lower()] / STEP)))


def custom_item_mark(element: _Element) -> ItemMark | None:
    """Return what a custom element is that is an item by its name; None for any other."""
    if standard_name(str(element.tag)) != "li":
        return None
    mark = next((one for one in islice(element.iterdescendants("*"), 3) if is_marker(str(one.tag))), None)
    number = mark_number("".join(map(str, mark.itertext()))) if mark is not None else DOT
    if number is None:
        return None
    given = (element.get("ne-level") or element.get("data-level") or "0").strip()
    return ItemMark(int(given) + 1 if given in tuple("012345678") else 1, None if number == DOT else number, mark)


# Blocks of editors that make every block a `div` and name it in a class: Feishu (Lark) and Notion. The text of an item,
# its number or dot, and the items below it stand in boxes of their own.


EDITOR_BLOCKS: Final = {
    **{f"docx-heading{level}-block": f"h{min(level, 6)}" for level in range(1, 10)},
    **dict.fromkeys(("docx-bullet-block", "docx-ordered-block", "docx-todo-block"), "li"),
    **dict.fromkeys(("docx-quote-block", "docx-quote_container-block", "docx-callout-block"), "blockquote"),
    "docx-divider-block": "hr",
    "notion-header-block": "h1",
    "notion-sub_header-block": "h2",
    "notion-sub_sub_header-block": "h3",
    **dict.fromkeys(("notion-bulleted_list-block", "notion-numbered_list-block", "notion-to_do-block"), "li"),
    **dict.fromkeys(("notion-quote-block", "notion-callout-block"), "blockquote"),
    "notion-divider-block": "hr",
}
"""Class names of blocks, and the element of HTML that is alike."""
# The number of an item that a style sheet draws from a property; a bounded text in quotes: linear.
DRAWN_MARK = re.compile(r"--pseudoBefore--content\s{0,3}:\s{0,3}['\"]([^'\"]{1,8})['\"]")
MARK_NAMES: Final = frozenset(("bullet", "order"))
"""Class names of what holds the number or the dot of an item."""
DONE: Final = frozenset(("checked", "is-checked", "checkbox-on", "done"))
MOST_BEFORE_TEXT: Final = 12
"""Elements of an item that are searched for its mark."""


@lru_cache(maxsize=512)
def editor_block(names: str) -> str:
    """Return the element of HTML that a block of an editor is, by its class names; nothing for any other."""
    return next((EDITOR_BLOCKS[name] for name in names.split() if name in EDITOR_BLOCKS), "")


def named_like(element: _Element, tag: str) -> str:
    """Return the element of HTML that a `div` or a `p` is to a reader, by its class; nothing for most."""
    names = element.get("class") if tag in ("div", "p") else None
    if not names or len(names) > LONGEST_NAMES:
        return ""
    return editor_block(names) or ("h1" if tag == "p" and "MsoTitle" in names.split() else "")


LONGEST_NAMES: Final = 500
"""Characters of the class names that are read."""


def editor_item_mark(block: _Element) -> ItemMark:
    """Return what the item of an editor is; its level is by what it stands in."""
    names = block.get("class") or ""
    first = list(islice(block.iterdescendants("*"), MOST_BEFORE_TEXT))
    mark = next((one for one in first if not MARK_NAMES.isdisjoint((one.get("class") or "").split())), None)
    if "todo" in names or "to_do" in names:
        done = any(
            one.get("checked") is not None
            or one.get("aria-checked") == "true"
            or not DONE.isdisjoint((one.get("class") or "").split())
            for one in first
        )
        return ItemMark(1, None, mark, done=done)
    if "ordered" not in names and "numbered" not in names:
        return ItemMark(1, None, mark)
    drawn = (DRAWN_MARK.search(one.get("style") or "") for one in first)
    text = "".join(map(str, mark.itertext())) if mark is not None else next((one[1] for one in drawn if one), "")
    number = mark_number(text)
    return ItemMark(1, NEXT if number is None or number == DOT else number, mark)


# Quill's lists: all items in one list, each with its kind (`data-list`, version 2) and its level (`ql-indent-1`).


INDENTED = re.compile(r"(?:^|\s)ql-indent-([1-8])(?=\s|$)")


def is_quill_list(element: _Element | None) -> bool:
    """Return whether the items of a list, or one of them, say themselves of what kind or on what level they are."""
    if element is None or element.tag not in ("ul", "ol"):
        return False
    items = islice(element.iterchildren("li"), MOST_ASKED)
    return any(one.get("data-list") or INDENTED.search(one.get("class") or "") is not None for one in items)


MOST_ASKED: Final = 40
"""Items of a list that are asked whether they have a level of their own."""


def quill_item_mark(item: _Element) -> ItemMark:
    """Return what an item of Quill's is."""
    indented = INDENTED.search(item.get("class") or "")
    level = 1 + (int(indented[1]) if indented is not None else 0)
    above = item.getparent()
    kind = item.get("data-list") or ("ordered" if above is not None and above.tag == "ol" else "bullet")
    done = kind == "checked" if kind in ("checked", "unchecked") else None
    return ItemMark(level, NEXT if kind == "ordered" else None, None, done=done)


# Callouts: the kinds of boxes that pages call a note, a tip, a warning, in classes of Bootstrap, GitHub, Sphinx, Hugo,
# Docusaurus, VitePress, Starlight, Obsidian, Confluence.


CALLOUT_KINDS = frozenset(
    (
        "note", "tip", "info", "important", "warning", "caution", "danger", "success", "question", "failure", "bug",
        "example", "abstract", "summary", "todo", "error", "hint", "attention", "seealso",
    )
)  # fmt: skip
PREFIXES = ("markdown-alert-", "alert-", "callout-", "theme-admonition-", "admonition-", "starlight-aside--", "is-",
            "confluence-information-macro-")  # fmt: skip
OTHER_NAMES = {"information": "info"}


@lru_cache(maxsize=1024)
def callout_kind(names: str) -> str:
    """Return the kind that class names give."""
    for name in names.lower().split():
        for prefix in PREFIXES:
            kind = OTHER_NAMES.get(name.removeprefix(prefix), name.removeprefix(prefix))
            if name.startswith(prefix) and kind in CALLOUT_KINDS:
                return kind
        if name in CALLOUT_KINDS:
            return name
    return ""


def is_callout_title(names: str) -> bool:
    """Return whether class names are those of a callout's title."""
    return any(name.endswith(("title", "heading")) for name in names.lower().split())
