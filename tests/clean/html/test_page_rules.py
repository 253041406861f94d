"""The rules for pages: every headline is known in every frame. Their own examples are tried with all the others."""

import pytest

from clean.html.wechat.states import STATE
from clean.page import clean_page
from clean.rules import Rule, built_in

HEADLINES = [rule for rule in built_in().of(STATE, "wechat") if rule.match == "prefix"]


@pytest.mark.parametrize("rule", HEADLINES, ids=lambda rule: rule.id)
def test_every_headline_is_known_in_every_frame(rule: Rule) -> None:
    for text in rule.texts:
        for frame in (
            f'<div class="weui-msg"><h2 class="weui-msg__title">\n {text} </h2><p class="tips">因为别的。</p></div>',
            f'<div class="weui-msg"><div><div class="weui-msg__title warn">{text}</div></div></div>',
            f'<div class="mesg-block"><p>{text}，请稍后。</p></div>',
            f'<p class="global_error_msg">{text}</p>',
        ):
            cleaned = clean_page(f"<html><body>{frame}</body></html>".encode())
            assert cleaned.state == rule.options["state"]
            assert cleaned.ledger.counts() == {rule.id: 1}
