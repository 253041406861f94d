"""The source with every removal struck: nothing of it is missing, and every entry of the ledger is named."""

from hypothesis import given
from hypothesis import strategies as st
from letters import FIRST, text
from specimens import snapshot

from clean.ledger import Ledger, restore
from clean.pipeline import clean
from xuanzhi.review.rows import FOLDED, KEPT, SourceRow, shown, source_rows


def rows_of(source: bytes) -> tuple[str, Ledger, list[SourceRow]]:
    cleaned = clean(source)
    restored = restore(cleaned.markdown or "", cleaned.ledger)
    return restored, cleaned.ledger, source_rows(restored, cleaned.ledger)


def visible(text: str) -> str:
    return "".join(text.replace("⏎", "").split())


LINES = [
    "正文一段。",
    "**“粗”**字",
    "知道了",
    "a\xa0b",
    "",
    "",
    "![](https://a.example/x.png)",
    "分享",
    "- 一",
    "长" * 900,
]


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_the_rows_hold_the_whole_source_and_name_every_rule(lines: list[str]) -> None:
    source, ledger, rows = rows_of(snapshot(1, body="\n".join(lines) or "空").encode())
    assert visible("".join(piece.old for row in rows for piece in row.pieces)) == visible(shown(source))
    assert {why.rule for row in rows for why in row.whys} == set(ledger.counts())
    assert [row.kind for row in rows if row.whys and row.kind in {KEPT, FOLDED}] == []


def test_lines_that_one_rule_took_stand_in_one_row_and_changes_inside_with_their_paragraph() -> None:
    source, _, rows = rows_of(text(1, FIRST.replace("墨分五色", "墨**“分”**五色")))
    assert source
    removed = [row for row in rows if row.kind == "removed"]
    commas = next(row for row in removed if row.whys[0].rule == "wechat.tail.screen-reader")
    assert len(commas.whys) == 1
    assert [piece.old for piece in commas.pieces][:4] == ["：", "，", "，", "，"]
    changed = [row for row in rows if row.kind == "changed" and row.whys[0].rule == "markdown.emphasis-flanking"]
    assert [(piece.old, piece.new) for piece in changed[0].pieces if piece.is_changed] == [
        ("**", "<strong>"),
        ("**", "</strong>"),
    ]
    assert changed[0].pieces[-1].old == "五色，笔有四德，都要靠纸来承受。\n\n"
    front = rows[0]
    assert next(piece.new for piece in front.pieces if piece.is_changed).startswith("kind: article\n")
