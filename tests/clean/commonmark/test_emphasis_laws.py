"""Laws of the repair of emphasis, on generated text, with markdown-it as an independent reader."""

import re
from itertools import groupby, pairwise

import pytest
from draws import draws
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from clean.commonmark.emphasis import EmphasisRepair, apply_repairs, repair_emphasis

READER = MarkdownIt("commonmark").enable("table")
SWITCHES = {"strong_open": ("b", 1), "strong_close": ("b", -1), "em_open": ("i", 1), "em_close": ("i", -1)}
TAGS = {"<strong>": "strong_open", "</strong>": "strong_close", "<em>": "em_open", "</em>": "em_close"}

# One piece of text of one look: (text, bold, italic).
Piece = tuple[str, bool, bool]


def characters(tokens: list[Token]) -> list[tuple[str, bool, bool]]:
    """Return the visible characters of inline tokens, white space left out, and how each looks."""
    found = []
    depth = {"b": 0, "i": 0}
    for token in tokens:
        kind = TAGS.get(token.content, token.type) if token.type == "html_inline" else token.type
        if kind in SWITCHES:
            look, by = SWITCHES[kind]
            depth[look] += by
        elif token.type in ("text", "code_inline", "html_inline", "image"):
            found += [(char, depth["b"] > 0, depth["i"] > 0) for char in token.content if not char.isspace()]
    return found


def shown(text: str) -> list[tuple[str, bool, bool]]:
    """Return all visible characters of a Markdown text, as a reader sees them."""
    found = []
    for token in READER.parse(text):
        if token.type == "inline":
            found += characters(token.children or [])
        elif token.content:
            found += [(char, False, False) for char in token.content if not char.isspace()]
    return found


def plain(text: str) -> str:
    """Return the visible characters other than asterisks."""
    return "".join(char for char, _, _ in shown(text) if char != "*")


def convert(pieces: list[Piece]) -> str:
    """Write pieces as a converter does: delimiters around each, whatever stands beside them."""
    written = []
    for text, bold, italic in pieces:
        mark = "**" * bold + "*" * italic
        written.append(f"{mark}{text.replace('*', chr(92) + '*')}{mark}")
    return "".join(written)


WORDS = st.text("馆藏书目读者年aZ7“”「」（）《》，。：、！·%￥📚👉-/*", min_size=1, max_size=5)
EDGE = st.sampled_from(["", "", "", " ", "\u00a0", "\u3000"])
BOLD_OR_PLAIN = st.tuples(st.builds(lambda a, b, c: a + b + c, EDGE, WORDS, EDGE), st.booleans(), st.just(False))
# An asterisk alone beside a space is never taken for emphasis, so italic text has none at its edges.
ITALIC = st.tuples(WORDS, st.booleans(), st.just(True))
PIECES = st.lists(BOLD_OR_PLAIN | BOLD_OR_PLAIN | ITALIC, min_size=1, max_size=7)


def meant(pieces: list[Piece]) -> list[tuple[str, bool, bool]]:
    """Return the visible characters that the converter had before it."""
    return [(char, bold, italic) for text, bold, italic in pieces for char in text if not char.isspace()]


def clear(pieces: list[Piece]) -> bool:
    """Return whether what was meant can be told from the delimiters at all.

    Where italic touches italic, `*a**b**c*` is three spans as well as bold inside italic; and `“*` beside `”` looks
    like a quoted asterisk.
    """
    written = convert(pieces)
    touching = any(one[2] and two[2] for one, two in pairwise(pieces))
    return not touching and re.search(r"[“「（《/]\*[”」）》/]|/\*|\*/", written) is None


@pytest.mark.slow
@settings(max_examples=draws(400), deadline=None)
@given(PIECES)
@example([("“甲”", True, False), ("乙", False, False), ("“丙”", True, False)])
def test_looks_as_the_converter_meant(pieces: list[Piece]) -> None:
    assume(clear(pieces))
    text = "文" + convert(pieces)
    repaired = apply_repairs(text, repair_emphasis(text))
    assert without_marks(shown(repaired)) == without_marks([("文", False, False), *meant(pieces)]), repaired


def without_marks(looks: list[tuple[str, bool, bool]]) -> list[tuple[str, bool, bool]]:
    """Return characters and their looks; of a single mark of punctuation nobody sees whether it is bold or italic."""
    found = list(looks)
    for at, (char, *_) in enumerate(looks):
        around = [looks[near] for near in (at - 1, at + 1) if 0 <= near < len(looks)]
        if not char.isalnum():
            bold, italic = (looks[at][by] and any(side[by] for side in around) for by in (1, 2))
            found[at] = (char, bold, italic)
    return found


@pytest.mark.slow
@settings(max_examples=draws(250), deadline=None)
@example([("", [("-", False, False), (" 7", True, False)])])
@given(st.lists(st.tuples(st.sampled_from(["", "- ", "> ", "# ", "1. ", "| "]), PIECES), min_size=1, max_size=4))
def test_blocks_keep_their_text(blocks: list[tuple[str, list[Piece]]]) -> None:
    text = "\n\n".join(mark + convert(pieces) for mark, pieces in blocks)
    repaired = apply_repairs(text, repair_emphasis(text))
    assert plain(repaired) == plain(text)
    assert repair_emphasis(repaired) == []


MARKDOWN = st.text("文aB1*****_` \n\\[]()<>|-#!“”，。&;\t~:=.0\u00a0", max_size=60)


@settings(max_examples=draws(800), deadline=None)
@example("*_0**_")  # an asterisk that becomes text must not let underscores vanish
@given(MARKDOWN)
def test_any_text(text: str) -> None:
    repairs = repair_emphasis(text)
    repaired = apply_repairs(text, repairs)
    assert plain(repaired) == plain(text)
    assert repair_emphasis(repaired) == []
    assert_only_delimiters(text, repairs)


def assert_only_delimiters(text: str, repairs: list[EmphasisRepair]) -> None:
    at = 0
    for start, end, replacement, rule in repairs:
        assert at <= start <= end
        assert set(text[start:end]) <= {"*"}
        assert re.fullmatch(r"(?:\*|\\|</?(?:strong|em)>)*", replacement)
        assert text[start:end] != replacement
        assert rule.startswith("markdown.")
        at = end


@settings(deadline=None)
@given(st.text())
def test_nothing_to_do_without_asterisks(text: str) -> None:
    assert repair_emphasis(text.replace("*", "")) == []


@pytest.mark.slow
@settings(max_examples=draws(150), deadline=None)
@given(PIECES)
def test_no_edit_where_all_renders(pieces: list[Piece]) -> None:
    text = "文 " + " ".join(convert([(words.strip(), *look)]) for words, *look in pieces if words.strip())
    assume(clear([(words, bold, italic) for words, bold, italic in pieces]))
    wanted = [("文", False, False)] + [
        (char, bold, italic) for words, bold, italic in pieces for char in words if not char.isspace()
    ]
    assume(shown(text) == wanted)
    assert repair_emphasis(text) == []


def test_groups_are_rendered_once() -> None:
    """The oracle itself: pieces of one look follow one another."""
    assert [(look, len(list(group))) for look, group in groupby(shown("**ab***c*"), key=lambda one: one[1:])] == [
        ((True, False), 2),
        ((False, True), 1),
    ]
