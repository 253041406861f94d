"""What is proposed from the pages of a source."""

import pytest
from a_source import FOOTER, HEAD, LIST, NAVIGATION, TAIL, letter, web_page
from hypothesis import given
from hypothesis import strategies as st

from clean.learn.apply import RuleRun
from clean.learn.counts import SourceCounts, count_page, line_digest, pack_counts, unpack_counts
from clean.learn.page import LearnedLine, LearnedPage, ListPlace, read_learned_page
from clean.learn.propose import LearnResult, learn
from clean.normalise import LineKind, normalise_line
from clean.pipeline import clean


def page(text: str, name: str = "") -> LearnedPage:
    cleaned = clean(text.encode()).markdown
    assert cleaned is not None
    return read_learned_page(cleaned, name=name)


def proposed(found: LearnResult) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return sorted(
        (one.tier, one.run.zone, "list" if one.run.lists else one.fact or "run", one.texts) for one in found.proposals
    )


def normals(lines: list[str]) -> tuple[str, ...]:
    return tuple(normalise_line(line).text for line in lines)


def test_the_frame_of_an_account_is_proposed_and_its_labels_are_not() -> None:
    found = learn(SourceCounts.of(page(letter(number)) for number in range(40)))
    assert proposed(found) == [
        ("A", "tail", "run", normals(TAIL)),
        ("B", "head", "run", ("image:AbannerOfTheAccount0123456789", "点击上方蓝字 关注我们的来信")),
        ("B", "tail", "list", (LIST,)),
    ]


def test_the_frame_of_a_site_is_proposed_and_a_label_becomes_a_fact() -> None:
    found = learn(SourceCounts.of(page(web_page(number)) for number in range(40)))
    texts = proposed(found)
    assert ("D", "head", "published", ("发布时间",)) in texts
    assert ("A", "head", "run", normals(NAVIGATION[:-1])) in texts
    tail = [one for one in texts if one[1] == "tail"]
    assert {text for one in tail for text in one[3]} == set(normals(FOOTER))


def test_the_order_in_which_pages_come_does_not_matter() -> None:
    pages = [page(letter(number)) for number in range(30)]
    assert learn(SourceCounts.of(pages)) == learn(SourceCounts.of(reversed(pages)))


def test_pages_that_were_counted_before_give_the_same_and_few_are_read_for_their_texts() -> None:
    pages = [page(web_page(number)) for number in range(20)] + [page(letter(number)) for number in range(30)]
    pages.append(page(letter(50).replace("kind: article", "kind: article\nreposted_from: 墨池"), "repost"))
    by_name = {one.name: one for one in pages}
    read = []

    def reading(name: str) -> LearnedPage:
        read.append(name)
        return by_name[name]

    known = [count_page(one) for one in pages]
    again = [unpack_counts(pack_counts(one)) for one in known]
    assert again == known
    assert learn(SourceCounts(again, reading)) == learn(SourceCounts.of(pages))
    assert len(read) < 10


@given(
    st.lists(
        st.tuples(st.text(max_size=5), st.sampled_from(LineKind), st.integers(0, 99_999), st.sampled_from(ListPlace))
    )
)
def test_what_is_counted_of_any_page_comes_back_from_its_bytes(
    lines: list[tuple[str, LineKind, int, ListPlace]],
) -> None:
    given = tuple(LearnedLine(place, *line) for place, line in enumerate(lines))
    known = count_page(LearnedPage("名 \ud800", "2026", given, wechat=True, cut=True))
    assert unpack_counts(pack_counts(known)) == known
    with pytest.raises(ValueError, match=r"\d+ bytes for \d+ lines"):
        unpack_counts(pack_counts(known) + b"x")


def test_few_pages_give_no_ticked_proposals_and_fewer_none() -> None:
    assert {one.tier for one in learn(SourceCounts.of(page(letter(number)) for number in range(12))).proposals} == {"B"}
    assert learn(SourceCounts.of(page(letter(number)) for number in range(9))).proposals == ()


def test_copies_and_frames_are_set_aside() -> None:
    pages = [page(letter(number)) for number in range(20)]
    copy = pages[3]._replace(name="copy", date="2026-01-01")
    frame = pages[0]._replace(name="frame", lines=pages[0].lines[:2] + pages[0].lines[-5:])
    repost = page(letter(50).replace("kind: article", "kind: article\nreposted_from: 墨池"), "repost")
    found = learn(SourceCounts.of([*pages, copy, frame, repost])).admitted
    assert (found.copies, found.frames, found.reposts, len(found.rows)) == (("copy",), ("frame",), ("repost",), 20)


def test_what_a_person_decided_is_not_proposed_again() -> None:
    counts = SourceCounts.of(page(letter(number)) for number in range(40))
    decided = RuleRun("r", tuple(line_digest(text) for text in normals(TAIL)), "tail", 1, 0, 0)
    assert [one[2] for one in proposed(learn(counts, [decided]))] == ["run", "list"]


def test_code_tables_and_advisory_skeletons_are_never_proposed() -> None:
    skeleton = "\n\n".join(
        ["## 漏洞概述", "| 漏洞编号 | 无 |\n| --- | --- |", "```\nbreak\n```", "## 处置建议", "本文转载自：网络"]
    )

    def advisory(number: int) -> str:
        return letter(number, tail=[], listed=False).replace("参考链接：", skeleton)

    texts = {
        text
        for one in learn(SourceCounts.of(page(advisory(number)) for number in range(40))).proposals
        for text in one.texts
    }
    assert texts == {"image:AbannerOfTheAccount0123456789", "点击上方蓝字 关注我们的来信"}


def test_a_template_that_lived_for_a_time_is_found() -> None:
    old = [
        letter(
            number, tail=["旧的二维码在这里", "旧的口号在这里", "旧的地址在这里", "旧的落款在这里", "旧的电话在这里"]
        )
        for number in range(25)
    ]
    new = [letter(number) for number in range(25, 150)]
    found = learn(SourceCounts.of(page(text) for text in old + new))
    ticked = [one for one in found.proposals if one.tier == "A"]
    assert {one.texts[-1]: (one.hits, one.first[:10], one.last[:10]) for one in ticked} == {
        "— 纸上谈书编辑部 —": (125, "2025-01-26", "2025-06-10"),
        "旧的电话在这里": (25, "2025-01-01", "2025-01-25"),
    }


def test_pages_with_another_frame_are_learned_by_themselves_and_never_ticked() -> None:
    other = ["旧站的导航在这里", "旧站的搜索在这里", "旧站的登录在这里", "旧站的地图在这里", "旧站的版权在这里"]
    pages = [letter(number, tail=other if number % 8 == 0 else TAIL, listed=False) for number in range(112)]
    plain = [text.replace("\n\n".join(HEAD) + "\n\n", "") for text in pages]
    found = learn(SourceCounts.of(page(text) for text in plain))
    assert proposed(found) == [("A", "tail", "run", normals(TAIL)), ("B", "tail", "run", normals(other))]
    assert [one.variant for one in found.proposals] == [False, True]


def test_a_link_that_stands_twice_in_a_navigation_loses_none_of_the_others() -> None:
    twice = [*NAVIGATION[:3], "* [最新](/latest)", NAVIGATION[1], *NAVIGATION[3:]]
    texts = [web_page(number).replace("\n".join(NAVIGATION), "\n".join(twice)) for number in range(40)]
    found = {
        text
        for one in learn(SourceCounts.of(map(page, texts))).proposals
        if one.run.zone == "head"
        for text in one.texts
    }
    assert found >= set(normals(twice))
