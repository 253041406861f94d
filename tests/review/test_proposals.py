"""TOML made from what a reviewer saw."""

import re
import tomllib
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import FIRST, ROOT, text
from specimens import page

from archive.collection.collection import Collection, Snapshot
from clean.page import clean_page
from clean.pipeline import clean
from clean.rules import Ruleset, built_in, load_rules
from clean.trial import try_examples
from xuanzhi.review.proposals import new_rule, toml, wrong_removal

pytestmark = pytest.mark.slow


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_toml_reads_back_as_what_was_written(given: str) -> None:
    # TOML 1.0 trims the line feed behind the opening quotation marks, and reads CR LF as it likes.
    assert tomllib.loads(f"a = {toml(given)}\n")["a"] == given


def test_toml_of_hostile_text() -> None:
    for hostile in ('"""\n', "\\", '"""', '\'\'\'\n""""', "\x00\x1b\x7f\n", "a\r\nb", '\n"'):
        assert tomllib.loads(f"a = {toml(hostile)}\n")["a"] == hostile
    assert tomllib.loads(f"a = {toml(chr(0xDC80))}\n")["a"] == "\ufffd"


def test_a_wrong_removal_gives_a_counter_example_on_which_the_rule_fires() -> None:
    source = text(1, FIRST).decode()
    cleaned = clean(source.encode())
    for number, entry in enumerate(cleaned.ledger.entries):
        proposal = wrong_removal(source, cleaned.ledger, number, built_in())
        assert proposal is not None
        assert proposal.fails, entry.rule
        (case,) = tomllib.loads(proposal.toml.replace("[[rule.counter-example]]", "[[case]]"))["case"]
        assert entry.rule in clean(case["text"].encode(), profile="wechat").ledger.counts()


def test_of_a_rule_that_is_no_more_nothing_is_proposed() -> None:
    source = text(1, FIRST).decode()
    assert wrong_removal(source, clean(source.encode()).ledger, 0, Ruleset([])) is None


def test_selected_lines_give_a_rules_file_that_is_good_and_takes_them() -> None:
    source = text(1, FIRST)
    markdown = clean(source).markdown or ""
    proposal = new_rule("扫码入群，领取", markdown, built_in(), reason="每篇末尾的推广。")
    assert proposal is not None
    assert (proposal.fails, proposal.good, proposal.problem) == (True, True, "")
    ruleset = load_rules([("mine.toml", proposal.toml)])
    rule = ruleset.by_id["local.proposal-1"]
    assert list(try_examples(rule, ruleset)) == [None, None]
    assert (rule.texts, rule.options) == (("扫码入群，领取资料",), {"zone": "tail", "source": "纸上谈书"})
    assert "扫码入群" not in (clean(source, ruleset=ruleset).markdown or "")


@pytest.mark.parametrize("selected", ["", "  \n", "这里没有的字"])
def test_what_is_not_in_the_text_is_no_rule(selected: str) -> None:
    assert new_rule(selected, clean(text(1, FIRST)).markdown or "", built_in(), reason="x") is None


def test_several_lines_are_one_rule() -> None:
    markdown = '---\nsource: 甲\n---\n\n正文在前。\n\n长按\n\n识别 "二维码"\n'
    proposal = new_rule('长按\n识别 "二维码"', markdown, built_in(), reason="x")
    assert proposal is not None
    assert proposal.good
    assert load_rules([("mine.toml", proposal.toml)]).by_id["local.proposal-1"].texts == ("长按", '识别 "二维码"')


def test_both_are_on_the_page_with_how_they_fare(collection: Path, opened: Callable) -> None:
    client = opened(collection)
    item = re.findall(rf'href="{ROOT}/item/(\w+)', client.get("/").text)[0]
    removed = client.get(f"/item/{item}?view=removed").text
    wrong = client.get(re.findall(r'class="wrong" href="([^"]*)"', removed)[-1]).text
    assert "[[rule.counter-example]]" in wrong
    assert "The current rules fail on it, as expected" in wrong
    proposed = client.get(f"/item/{item}/propose", params={"text": "扫码入群，领取资料"}).text
    found = unescape(re.findall(r"<textarea class=\"toml\"[^>]*>(.*?)</textarea>", proposed, re.DOTALL)[0])
    assert load_rules([("mine.toml", found)]).by_id["local.proposal-1"].texts == ("扫码入群，领取资料",)
    assert "With the proposed rule, the example and the counter-example pass." in proposed
    none = client.get(f"/item/{item}/propose", params={"text": "<script>"}).text
    assert "No line of the clean text is in the selection" in none


def test_a_wrong_removal_of_a_page_gives_a_page_of_a_few_lines(tmp_path: Path, opened: Callable) -> None:
    source = page(1, body="<p>见字如面。</p><p>纸寿千年，绢保八百。</p>").encode()
    cleaned = clean_page(source)
    with Collection.open(tmp_path / "c") as collection:
        collection.add([Snapshot("1.html", source, cleaned)])
    client = opened(tmp_path / "c")
    item = re.findall(rf'href="{ROOT}/item/(\w+)', client.get("/").text)[0]
    removed = client.get(f"/item/{item}?view=removed").text
    assert "微信扫一扫 关注该公众号" in removed
    links = re.findall(r'class="wrong" href="([^"]*/wrong-node/\d+)"', removed)
    assert links
    fails = 0
    for link in links:
        found = client.get(link).text
        text = unescape(re.findall(r"<textarea class=\"toml\"[^>]*>(.*?)</textarea>", found, re.DOTALL)[0])
        assert len(tomllib.loads(text.replace("[[rule.counter-example]]", "[[case]]"))["case"]) == 1
        fails += "The current rules fail on it, as expected" in found
    assert fails == len(links)
    assert client.get(f"/item/{item}/wrong-node/999").status_code == 404
