"""Learned rules in cleaning: only approved ones, only in their place, only on their own source's pages."""

import pytest
from a_source import ACCOUNT, TAIL, letter

from clean.errors import RuleError
from clean.pipeline import clean
from clean.rules import Ruleset, built_in, load_rules

RULE = """
[[rule]]
id = "learned.letters.tail-1"
stage = "learned"
match = "{match}"
state = "{state}"
tier = "A"
source = {source}
zone = "{zone}"
least = {least}
reach = {reach}
prose = 0
text = {text}
reason = "Stands below each letter."
[rule.evidence]
pages = 40
[rule.decision]
by = ""
[[rule.example]]
before = "一"
after = "二"
[[rule.counter-example]]
text = "三"
"""
TEXT = '["长按识别二维码,关注我们的来信", "每周一封,从不间断"]'


USUAL: dict[str, object] = {
    "match": "run",
    "state": "approved",
    "source": f'"{ACCOUNT}"',
    "zone": "tail",
    "least": 2,
    "reach": 2,
    "text": TEXT,
}


def ruleset(rule: str = RULE, /, **values: object) -> Ruleset:
    return load_rules([("letters.toml", rule.format(**(USUAL | values)))])


def gone(page: str, /, **values: object) -> list[str]:
    """Return the lines that the rule takes."""
    result = clean(page.encode(), ruleset=ruleset(**values))
    return [entry.text.strip() for entry in result.ledger.entries if entry.stage == "learned"]


def withheld(page: str, /, **values: object) -> dict[str, int]:
    return dict(clean(page.encode(), ruleset=ruleset(**values)).withheld)


RUN = ["长按识别二维码，关注我们的来信", "每周一封，从不间断"]


def test_an_approved_run_goes_with_its_rule_in_the_ledger() -> None:
    result = clean(letter(1).encode(), ruleset=ruleset())
    entries = [entry for entry in result.ledger.entries if entry.stage == "learned"]
    assert [(entry.rule, entry.text.strip()) for entry in entries] == [("learned.letters.tail-1", line) for line in RUN]
    assert [line for line in RUN if line in (result.markdown or "")] == []


@pytest.mark.parametrize("state", ["proposed", "rejected", "suspended"])
def test_rules_that_nobody_approved_do_nothing_and_are_not_in_the_hash(state: str) -> None:
    assert gone(letter(1), state=state) == []
    assert ruleset(state=state).sha256 == built_in().sha256


def test_a_dormant_rule_still_applies_to_old_pages_and_has_the_same_hash() -> None:
    assert gone(letter(1), state="dormant") == RUN
    assert ruleset(state="dormant").sha256 == ruleset().sha256 != built_in().sha256


def test_evidence_and_decision_do_not_change_the_hash() -> None:
    changed = RULE.replace("pages = 40", "pages = 41").replace('by = ""', 'by = "a librarian"')
    assert ruleset(changed).sha256 == ruleset().sha256
    assert ruleset(reach=3).sha256 != ruleset().sha256


def test_a_rule_is_for_its_own_source_alone() -> None:
    other = letter(1).replace("MzA3NTExMjE4Mw", "MzAwMDAwMDAwMA")
    assert gone(other) == []
    assert gone(other, source='["wechat:MzAwMDAwMDAwMA==", "host:example.org"]') == RUN


def test_a_run_outside_its_guard_stays_and_is_counted() -> None:
    above = letter(1).replace("参考链接：", "\n\n".join([*RUN, "参考链接："]))
    assert gone(above) == RUN
    assert withheld(above) == {"learned.letters.tail-1": 1}
    below = letter(1) + "\n\n又及：" + "墨" * 40 + "。\n"
    assert gone(below, reach=9) == []
    assert withheld(below, reach=9) == {"learned.letters.tail-1": 1}


def test_of_a_cut_page_nothing_is_tail() -> None:
    cut = letter(1).replace("kind: article", "kind: article\ntruncated: true")
    assert gone(cut) == []


def test_a_page_that_would_keep_next_to_nothing_stays_as_it_is() -> None:
    head, _, rest = letter(1).partition("\n---\n\n")
    short = f"{head}\n---\n\n# 第1封信\n\n今天没有信。\n\n" + "\n\n".join(RUN) + "\n"
    assert rest
    assert gone(short) == []
    assert withheld(short) == {"learned.letters.tail-1": 1}


def test_a_list_of_other_articles_goes_with_its_heading() -> None:
    values = {"match": "list", "text": '"往期推荐"', "least": 1, "reach": 9}
    page = letter(5, tail=TAIL[2:])
    assert [line[:5] for line in gone(page, **values)] == ["往期推荐", "[第4封信", "[第3封信", "[第2封信"]
    elsewhere = page.replace("mp.weixin.qq.com/s?__biz=MzA3NTExMjE4Mw==&mid=4", "example.org/4")
    assert gone(elsewhere, **values) == []  # a list that begins with somebody else's page is the author's


def test_code_that_looks_like_the_run_stays() -> None:
    code = letter(1).replace(RUN[0], "```\n" + RUN[0]).replace(RUN[1], RUN[1] + "\n```")
    assert gone(code) == []


def test_a_label_becomes_a_fact_and_stays() -> None:
    text = letter(1).replace("参考链接：", "发布时间：2025-03-04 10:00\n\n参考链接：")
    values = {"match": "label", "text": '"发布时间"', "reach": 30, "zone": "head"}
    rules = ruleset(RULE.replace("prose = 0", 'prose = 0\nfact = "published"'), least=1, **values)
    result = clean(text.encode(), ruleset=rules)
    assert result.fact("published") == "2025-03-04 10:00"
    assert "发布时间：2025-03-04 10:00" in (result.markdown or "")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"state": "aproved"}, "the state 'aproved' is not known in a learned rule; did you mean 'approved'?"),
        ({"zone": "anywhere"}, "the zone 'anywhere' is not known in a learned rule; known are head, middle, tail"),
        ({"source": '""'}, "a learned rule needs a 'source'"),
        ({"least": 3}, "'least' is 3, and the rule has only 2 lines"),
        ({"reach": -1}, "a learned rule needs 'reach', a whole number from 0 on"),
        ({"text": '"**每周一封**"'}, "'**每周一封**' is not as lines are compared, so it would never be found"),
        ({"match": "line"}, "the stage 'learned' has no match 'line'; known are label, list, run"),
        (
            {"match": "list", "zone": "head"},
            "lists of other articles stand in the 'tail'; elsewhere they are an article's own",
        ),
        ({"match": "label"}, "a rule that matches by 'label' needs a 'fact'"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_file_and_line(values: dict[str, object], message: str) -> None:
    with pytest.raises(RuleError) as error:
        ruleset(**({"least": 1} | values))
    assert str(error.value) == f"letters.toml:2: {message}"
