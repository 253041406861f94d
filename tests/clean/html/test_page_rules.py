"""The rules for pages against their own examples: each takes what it says, and nothing of its counter-examples."""

import pytest

from clean.document import State
from clean.html.wechat.page import WechatPage, read_page
from clean.html.wechat.rules import CHROME, STATE, page_rules
from clean.html.wechat.text import lines_of
from clean.rules import Rule

RULES = page_rules().rules


def read(html: str) -> WechatPage:
    return read_page(html.encode())


def kept(page: WechatPage) -> str:
    gone = {dropped.element for dropped in page.dropped}
    for part in page.content:
        for node in list(part.element.iter()):
            if node in gone:
                node.drop_tree()
    return "\n".join(line for part in page.content for line in lines_of(part.element))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.stage == STATE], ids=lambda rule: rule.id)
def test_a_state_is_told_and_an_article_about_it_is_one(rule: Rule) -> None:
    for example in rule.examples:
        page = read(example.before)
        assert (page.rule, page.state) == (rule.id, State(rule.options["state"]))
        assert not page.content
    for counter in rule.counter_examples:
        page = read(counter.before)
        assert (page.rule, page.state) == ("", State.LIVE)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.stage == CHROME], ids=lambda rule: rule.id)
def test_interface_is_named_and_the_rest_stays(rule: Rule) -> None:
    for example in rule.examples:
        page = read(example.before)
        assert {dropped.rule for dropped in page.dropped} == {rule.id}
        assert kept(page) == example.after
    for counter in rule.counter_examples:
        assert not read(counter.before).dropped


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.match == "prefix"], ids=lambda rule: rule.id)
def test_every_headline_is_known_in_every_frame(rule: Rule) -> None:
    for text in rule.texts:
        for frame in (
            f'<div class="weui-msg"><h2 class="weui-msg__title">\n {text} </h2><p class="tips">因为别的。</p></div>',
            f'<div class="weui-msg"><div><div class="weui-msg__title warn">{text}</div></div></div>',
            f'<div class="mesg-block"><p>{text}，请稍后。</p></div>',
            f'<p class="global_error_msg">{text}</p>',
        ):
            assert read(f"<html><body>{frame}</body></html>").rule == rule.id
