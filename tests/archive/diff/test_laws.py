"""Laws that hold for any two texts, those that nobody writes with them."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.diff.blocks import blocks, lines, sentences, word_tokens
from archive.diff.compare import compare
from archive.diff.lcs import common, common_length
from archive.diff.ledger import by_ledger
from archive.diff.model import Difference, PairOrigin, SpanKind
from archive.diff.text import diff_lines, unified
from clean.ledger import Entry, Removal, Rewrite, Span, apply_entries

pytestmark = pytest.mark.slow

PIECES = [
    "豆包大模型", "破土而出，", "加速生长的", "**230天**", "。", "！", "\n", "\n\n", "\r\n", "\r", " ", "\t", "- ",
    "| a | b |\n", "|---|---|\n", "```\n", "# 题目\n", "> ", "![](https://mmbiz.qpic.cn/mmbiz_png/abc/640?a=1)",
    "![图](/x.png)",
    "[原文](https://example.org/a)", "---\n", "title: 题\n", "The quick brown fox ", "jumps. ", "3.14",
    "葛\U000e0100", "\ud800", "\x00", "\x1b[31m", "\u202e", "台", "臺", "`code`", "***", "https://example.org/?a=1;b",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """Return a text and the same with pieces of it changed, taken out, put in, moved."""
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60))
    other = list(pieces)
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(other)))
        piece = draw(st.sampled_from(PIECES))
        match draw(st.sampled_from(["put", "take", "swap"])):
            case "put":
                other.insert(place, piece)
            case "take":
                del other[place : place + 1]
            case _:
                other = other[place:] + other[:place]
    return "".join(pieces), "".join(other)


PAIRS = st.one_of(st.tuples(TEXTS, TEXTS), edited())


@given(TEXTS)
def test_blocks_tokens_sentences_and_lines_tile_the_text(text: str) -> None:
    assert "".join(block.text for block in blocks(text)) == text
    assert "".join(word_tokens(text)) == text
    for grouped in (sentences(word_tokens(text)), lines(word_tokens(text))):
        assert [token for group in grouped for token in group] == word_tokens(text)


@given(PAIRS)
def test_joined_spans_give_both_texts(pair: tuple[str, str]) -> None:
    found = compare(*pair)
    assert (found.old_text, found.new_text) == pair


@given(PAIRS)
def test_a_changed_text_has_a_difference_and_an_equal_one_has_none(pair: tuple[str, str]) -> None:
    old, new = pair
    assert bool(compare(old, new)) == (old != new)
    assert not compare(old, old)
    assert all(span.kind is SpanKind.EQUAL for each in compare(old, old).pairs for span in each.spans)


@given(PAIRS)
def test_every_block_is_in_one_pair(pair: tuple[str, str]) -> None:
    found = compare(*pair)
    for side, text in (("old", pair[0]), ("new", pair[1])):
        places = [getattr(each, side) for each in found.pairs if getattr(each, side)]
        numbers = sorted(number for place in places for number in range(place.first, place.first + place.count))
        assert numbers == list(range(len(blocks(text))))
    assert all((each.old is None or each.new is None) == (each.matched_by is PairOrigin.NONE) for each in found.pairs)


@given(PAIRS)
def test_no_two_neighbouring_spans_are_of_one_kind(pair: tuple[str, str]) -> None:
    for each in compare(*pair).pairs:
        kinds = [span.kind for span in each.spans]
        assert all(first is not second for first, second in pairwise(kinds))
        assert all(span.text for span in each.spans)


@given(PAIRS)
def test_the_other_way_round_as_many_blocks_are_unchanged(pair: tuple[str, str]) -> None:
    there, back = compare(*pair), compare(pair[1], pair[0])
    assert _exact(there) == _exact(back)
    assert sorted((field.key, field.old, field.new) for field in there.fields) == sorted(
        (field.key, field.new, field.old) for field in back.fields
    )


def _exact(found: Difference) -> int:
    return sum(each.matched_by is PairOrigin.EXACT for each in found.pairs)


def _longest(old: Sequence[int], new: Sequence[int]) -> int:
    """The table as textbooks have it."""
    row = [0] * (len(new) + 1)
    for item in old:
        above, row = row, [0]
        for place, other in enumerate(new):
            row.append(above[place] + 1 if item == other else max(above[place + 1], row[-1]))
    return row[-1]


@given(st.lists(st.integers(0, 4), max_size=60), st.lists(st.integers(0, 4), max_size=60))
def test_the_common_subsequence_is_one_and_the_longest(old: list[int], new: list[int]) -> None:
    matches = common(old, new)
    assert all(old[place] == new[other] for place, other in matches)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(matches))
    assert len(matches) == common_length(old, new) == _longest(old, new)


@given(*[st.one_of(st.lists(st.integers(0, 30), max_size=60), st.lists(st.integers(0, 30), unique=True))] * 2)
def test_a_table_that_would_be_too_large_is_replaced_by_anchors(old: list[int], new: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.diff.lcs.MAX_TABLE_CELLS", 0)
        matches = common(old, new)
    assert all(old[place] == new[other] for place, other in matches)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(matches))
    if len(set(old)) == len(old) and len(set(new)) == len(new):  # then anchors are all there is, and the longest run
        assert len(matches) == _longest(old, new)


@given(PAIRS)
def test_a_unified_diff_makes_the_one_text_into_the_other(pair: tuple[str, str]) -> None:
    old, new = pair
    found = list(unified(old, new, "a", "b"))
    assert bool(found) == (old != new)
    assert patched(old, found) == new


def patched(text: str, shown: list[str]) -> str:
    """Carry out a unified diff, each line checked."""
    lines, made, place = text.split("\n"), [], 0
    ended = [True, True]  # whether each side ends with a line end
    for number, line in enumerate(shown[2:], 2):
        if line.startswith("@@ -"):
            first, _, count = line.split(" ")[1][1:].partition(",")
            start = int(first) - (count != "0")
            made += lines[place:start]
            place = start
        elif line.startswith("\\"):
            sides = {"-": (0,), "+": (1,), " ": (0, 1)}[shown[number - 1][0]]
            for side in sides:
                ended[side] = False
        else:
            if line[0] in " -":
                assert lines[place] == line[1:]
                place += 1
            if line[0] in " +":
                made.append(line[1:])
    rest = lines[place:]
    if rest and rest != [""]:
        return "\n".join(made + rest)
    return "\n".join(made) + ("\n" if made and ended[1] else "")


@given(PAIRS)
def test_rows_show_each_changed_line(pair: tuple[str, str]) -> None:
    found = compare(*pair)
    shown = list(diff_lines(found))
    assert bool(shown) == bool(found)
    told = "".join(text for row in shown for kind, text in row.pieces if kind is not SpanKind.EQUAL)
    wanted = [span.text for each in found.changed() for span in each.spans if span.kind is not SpanKind.EQUAL]
    for text in wanted:
        assert all(word in told for word in text.replace("\xa0", "⍽").split())


@given(edited())
def test_a_ledger_is_a_difference_of_source_and_clean_text(pair: tuple[str, str]) -> None:
    old, new = pair
    entries: list[Entry] = []
    place = other = 0
    for here, there in [*common(old, new), (len(old), len(new))]:
        if here > place or there > other:
            span, gone, come = Span(place, here), old[place:here], new[other:there]
            known = ("stage", f"rule-{len(entries)}", 1, gone)
            entries.append(Rewrite(span, *known, come) if come else Removal(span, *known))
        place, other = here + 1, there + 1
    assert apply_entries(old, tuple(entries)) == new
    found = by_ledger(old, entries)
    assert (found.old_text, found.new_text) == (old, new)
    assert bool(found) == (old != new)
    named = {rule for each in found.pairs for span in each.spans for rule in span.rules}
    assert named == {entry.rule for entry in entries}
