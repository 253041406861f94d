"""Hostile shapes: each comes back whole, and a step that were quadratic would take minutes over it."""

import pytest

from clean.ledger import restore_bytes
from clean.pipeline import clean
from clean.rules import Rule, Ruleset, built_in

pytestmark = pytest.mark.slow

FRONT = "---\nurl: https://mp.weixin.qq.com/s/x\n---\n\n# 题\n\n"
MANY = 30_000

SHAPES = {
    "one long line": "纸" * MANY * 10,
    "quote marks": ">" * MANY,
    "asterisks": "*" * MANY,
    "brackets": "[" * MANY,
    "open images": "![](" * MANY,
    "empty images after back ticks": "`纸![]()" * MANY,
    "non-breaking spaces": "\xa0" * MANY + "纸",
    "spaces before a non-breaking one": "纸" + " " * MANY * 10 + "\xa0",
    "blank lines": "上" + "\n \n" * MANY + "下",
    "white space at line ends": ("纸" + " " * 1000 + "\n") * 1000,
    "heading marks and spaces": ("#" + " " * 1000) * 1000,
    "links that run scripts": "预览时标签不可点\n\n" + "[取消](javascript:" * MANY,
    "a link that runs a long script": "预览时标签不可点\n\n[取消](javascript:" + "a" * MANY * 10,
    "buttons": "预览时标签不可点\n\n" + "取消\n允许\n" * (MANY // 4),
    "preview notices": "预览时标签不可点\n" * (MANY // 4),
    "panel words in one line": "纸![赞赏二维码]()" + "喜欢作者其它金额¥最低赞赏" * (MANY // 4),
    "panel anchors": "微信扫一扫赞赏作者。" * MANY,
    "fences": "```\n" * MANY,
    "tables of one cell": "| 纸 |\n| --- |\n\n" * (MANY // 4),
    "spaces in a cell": "| 纸" + " " * MANY * 3 + "墨 |\n| --- |\n",
    "spaces in a title": "# 纸" + " " * MANY * 10 + "墨\n\n王小纸",
    "covers": "![cover_image](" * MANY,
}
BLOCKS = {
    "long value": "title: " + "纸" * MANY * 10,
    "back slashes in quotes": 'title: "' + "\\" * MANY * 10,
    "quotes": "title: '" + "''" * MANY * 5 + "x",
    "spaces in a value": "title: 上" + " " * MANY * 10 + "下",
    "digits": "title: " + "1.-" * MANY * 3 + "x",
    "many keys": "\n".join(f"key{number}: 纸" for number in range(MANY // 2)),
    "lines without a key": "title: 纸\n" + "纸\n" * MANY,
    "blank lines between keys": "title: 纸" + "\n\nnote: 墨" * MANY,
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_text(text: str) -> None:
    data = (FRONT + text).encode()
    cleaned = clean(data)
    assert restore_bytes(cleaned.markdown or "", cleaned.ledger) == data


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_front_matter(block: str) -> None:
    data = f"---\n{block}\n---\n\n纸\n".encode()
    cleaned = clean(data)
    assert restore_bytes(cleaned.markdown or "", cleaned.ledger) == data


def learned(match: str, zone: str, *texts: str) -> Rule:
    options = {
        "source": "source:纸", "zone": zone, "least": len(texts), "reach": MANY, "prose": MANY, "state": "approved",
    }  # fmt: skip
    return Rule(f"learned.{zone}.{match}", "learned", match, texts, "", "", "any", (), (), options, "")


LEARNED = Ruleset(
    [
        *built_in().rules,
        learned("run", "head", "甲", "乙"),
        learned("run", "tail", "丙", "丁"),
        learned("run", "middle", "戊", "己"),
        learned("list", "tail", "往期"),
    ]
)
RUNS = {
    "many runs": "甲\n\n乙\n\n戊\n\n己\n\n丙\n\n丁\n\n" * (MANY // 20),
    "runs within runs": "\n\n".join("戊" * (MANY // 20)) + "\n\n" + "\n\n".join("己" * (MANY // 20)),
    "beginnings of runs": "甲\n\n丁\n\n戊\n\n" * (MANY // 20),
    "a long list": "往期\n\n" + "[信](https://mp.weixin.qq.com/s/a)\n\n" * (MANY // 10),
    "a long list without a heading": "[信](https://mp.weixin.qq.com/s/a)\n\n" * (MANY // 10),
    "open links": "[纸](" * MANY,
    "links with open titles": '[纸](a "' * MANY,
    "marks of lists": "- " * MANY + "纸",
    "open images": SHAPES["open images"],
}


@pytest.mark.parametrize("text", RUNS.values(), ids=RUNS)
def test_a_text_of_a_source_with_learned_rules(text: str) -> None:
    front = "---\nurl: https://mp.weixin.qq.com/s/x\nsource: 纸\nkind: article\n---\n\n"
    data = (front + text + "\n\n" + "墨是一种颜色，纸是另一种。" * 9 + "\n\n" + text).encode()
    cleaned = clean(data, ruleset=LEARNED)
    assert restore_bytes(cleaned.markdown or "", cleaned.ledger) == data
