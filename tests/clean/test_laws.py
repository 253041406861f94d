"""Laws that hold for every input: nothing is lost, the source comes back, cleaning twice is cleaning once."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
import yaml
from draws import draws
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clean.document import Cleaned, State
from clean.errors import SourceError
from clean.frontmatter import Value, read_front_matter
from clean.ledger import (
    Edit,
    Ledger,
    Removal,
    SourceEdit,
    apply_entries,
    apply_source_edits,
    compose_edits,
    restore_bytes,
    tiles,
)
from clean.pipeline import STAGES, clean
from clean.rules import Rule, Ruleset, built_in
from clean.source import decode

pytestmark = pytest.mark.slow

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

CHROME = sorted({word for rule in built_in().rules for text in rule.texts for word in text.split("|")})
WRAPPED = st.sampled_from(["{}", "**{}**", "[{}](javascript:;)", "{}  ", " {}", "# {}", "## {}", "> {}", "{}..."])
PROSE = st.text("纸上谈书，。：“”（）！ab1*_#>-[]()`\\|~<&! \t\u00a0\u200b\u3000\ufeff", max_size=12)
MARKDOWN = st.sampled_from(
    [
        "# 一封信", "# 又一封信", "#", "##\xa0", "## 二", "![]()", "![](x.png)", "![cover_image](c.png)",
        "![Image 4](x)知道了", "纸上谈书", "王小纸", "**“纸”**的", "****", "**纸 **", "* 一", "- 二", "1. 三",
        "1.\xa0四", "> 五", "```", "```py", "~~~", "`", "    缩进", "\t缩进", "|  |", "| --- |", "| 框 |",
        "| 甲 | 乙 |", "| --- | --- |", "---", "***", "===", "title: 信", "<b>", "<!--", "以下文章来源于墨池",
        "，作者李小墨", "**墨池**", ".", "微信号", "zhishang", "功能介绍", "在小说阅读器读本章", "去阅读",
        "发表于安徽", "2026年4月30日 11:00", "预览时标...", "CancelAllow", "VideoMini ProgramLike", ",", ",  ,",
        "\\n", "\x07", "\x85", "\u2028", "\x0c",
        "关闭更多名称已清空![赞赏二维码]()**微信扫一扫赞赏作者**喜欢作者¥0123", "作者提示: 内容由AI生成",
        "广东,2025年4月30日 11:00,", "&nbsp;",
    ]
)  # fmt: skip
LINE = st.one_of(PROSE, MARKDOWN, st.sampled_from(CHROME), st.builds(str.format, WRAPPED, st.sampled_from(CHROME)))
END = st.sampled_from(["\n", "\n", "\n\n", "\n\n", "\n\n\n", "", "  \n", "\\\n", "\r\n", "\r", "\xa0\n", "\n \n"])
BODY = st.lists(st.tuples(LINE, END), max_size=14).map(lambda pairs: "".join(line + end for line, end in pairs))
TAIL = (
    "预览时标签不可点\n\n阅读原文\n\n![]()\n\n微信扫一扫\n关注该公众号\n\n"
    "轻触阅读原文\n\n![](a)\n\n纸上谈书\n\n向上滑动看下一个\n\n知道了\n"
)
TAILS = st.tuples(st.sampled_from(["", TAIL, "![]()\n微信扫一扫\n使用小程序\n\n取消\n允许\n"]), st.integers(0, 99)).map(
    lambda tail: tail[0][: tail[1] or None]
)

KEY = st.sampled_from(
    ["title", "url", "source", "date", "fetch_date", "author", "kind", "original", "tags", "no", "x-y"]
)
ADDRESS = st.sampled_from(["https://mp.weixin.qq.com/s/x", "http://example.org/a?b#c", "https://mp.weixin.qq.com", ""])
VALUE = st.one_of(
    st.sampled_from(
        [
            "纸上谈书", "一封信", "[纸] 信", '他说\\"好\\"', '"引"', "'引'", "", "true", "null", "2024-12-31",
            "2024-13-45", "1e3", "0x1f", "a: b", "a #b", "- a", "|", ">", "? x", "&x", "*x", "!x", "%x", "@x", "`x",
            "今天。\\n\\n明天。", "2025-10-06T19:41:42.929239", "12:30:45", "\x85", "{", "tab\there", "---", "...",
            "article", "\U0001f600", "2024-12-31 25:00", "'", '"', "''", "a'b", "=", "<<", "1_000", "~", "\u2028",
        ]
    ),
    st.text(max_size=8),
)  # fmt: skip
FIELD = st.builds(lambda key, value: f"{key}: {value}", KEY, VALUE) | ADDRESS.map("url: {}".format)
MORE = st.sampled_from(["续行", "", "- 甲", "- 'b'", "  缩进: 值", "---x", "无键"])
FRONT = st.tuples(
    st.lists(FIELD | FIELD | FIELD | MORE, max_size=6),
    st.sampled_from(["---\n\n", "---\n", "--- \n\n", "...\n\n", "\n", "", "\n\n---\n"]),
).map(lambda front: "---\n" + "".join(line + "\n" for line in front[0]) + front[1])

HEAD = (
    "# 一封信\n\n![cover_image](c.png)\n\n# 一封信\n\n原创\n\n王小纸\n\n王小纸\n\n纸上谈书\n\n"
    "以下文章来源于墨池\n，作者李小墨\n\n![](a)\n\n**墨池**\n.\n\n"
)
HEADS = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda cut: HEAD[cut[0] : cut[1]])
DOCUMENT = st.tuples(FRONT | st.just(""), HEADS | st.just(HEAD) | st.just(""), BODY, TAILS).map("".join)
ENCODED = st.tuples(
    DOCUMENT, st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
).map(lambda pair: pair[0].encode(pair[1], "replace"))
BROKEN = st.tuples(ENCODED, st.binary(min_size=1, max_size=3), st.integers(0, 400)).map(
    lambda parts: parts[0][: parts[2]] + parts[1] + parts[0][parts[2] :]
)
PROFILE = st.sampled_from([None, None, "wechat", "generic"])
STAGE_NAMES = {name for table in STAGES.values() for name, _ in table} | {"front-matter", "state"}


def cleaned(data: bytes, profile: str | None, ruleset: Ruleset) -> Cleaned | None:
    """Clean, or return None for what is no text; any other exception is a failure."""
    try:
        return clean(data, profile=profile, ruleset=ruleset)
    except SourceError:
        return None


def check(data: bytes, profile: str | None, ruleset: Ruleset | None = None) -> None:
    """Hold one input against all laws."""
    ruleset = ruleset or built_in()
    result = cleaned(data, profile, ruleset)
    if result is None:
        return
    source = decode(data)
    ledger = result.ledger
    kept_nothing = result.markdown is None
    assert kept_nothing == (result.state is not State.LIVE)
    markdown = result.markdown or ""

    # The source comes back, byte for byte.
    assert restore_bytes(markdown, ledger) == data
    assert apply_entries(source.text, ledger.entries) == markdown

    # What was kept and what was taken tile the source, and every entry is accounted for.
    spans = [entry.span for entry in ledger.entries]
    assert spans == sorted(spans)
    assert tiles(sorted([*spans, *ledger.kept(len(source.text))]), len(source.text))
    for entry in ledger.entries:
        assert entry.text == source.text[entry.span.start : entry.span.end]
        assert entry.line == source.text.count("\n", 0, entry.span.start) + 1
        assert entry.rule in ruleset.by_id
        assert entry.stage in STAGE_NAMES
        assert entry.text != entry.replacement
        assert isinstance(entry, Removal) == (not entry.replacement)

    # The ledger survives being written and read, and the same input gives the same result.
    assert Ledger.from_json_lines(ledger.to_json_lines()) == ledger
    assert clean(data, profile=profile, ruleset=ruleset) == result

    if kept_nothing:
        return
    assert markdown.endswith("\n")
    assert not markdown.endswith("\n\n")
    assert "\r" not in markdown
    front_matter_is_yaml(result, source.text)

    # Cleaning what is clean changes nothing.
    again = clean(markdown.encode(), profile=profile, ruleset=ruleset)
    assert again.markdown == markdown
    assert without_empty(again) == without_empty(result)
    assert again.ledger.entries == ()


def without_empty(result: Cleaned) -> dict[str, Value]:
    return {key: value for key, value in result.facts.items() if value}


def front_matter_is_yaml(result: Cleaned, text: str) -> None:
    """Another YAML parser reads the front matter, and reads the values that were given."""
    assert result.markdown
    front = read_front_matter(result.markdown)
    assert bool(front.end) == bool(result.facts)
    if not front.end:
        return
    assert result.markdown.startswith("---\n")
    block = result.markdown.removeprefix("---\n").partition("\n---\n")[0]
    values = yaml.load(block, yaml.BaseLoader)
    assert isinstance(yaml.safe_load(block), dict)
    for key, value in read_front_matter(text).values.items():
        wanted = list(value) if isinstance(value, tuple) else value
        assert not wanted or values[key] == wanted or "\ufffd" in str(values[key])


WRITTEN = {
    "首页": ["首页", "* 首页", "首\u200b页"],
    "往期推荐": ["**往期推荐**", "往期推荐", "<strong>往期推荐</strong>"],
    "# 二": ["## 二", "# 二", "- # 二"],
    "image:x.png": ["![](x.png)", "![图](x.png?tp=webp)"],
    "[更多](/more)": ["[更多](/more?from=a)", "* [**更多**](/more)"],
    "纸上谈书": ["纸上谈书", "> 纸上谈书", "1. 纸上谈书"],
    "[image:a.png](/b)": ["[![](a.png)](/b)"],
    "[旧文](/1)": ["[旧文](/1)", "- [旧文](https://mp.weixin.qq.com/s?__biz=M)"],
    "2026-01-01": ["2026-01-01", "**2026-01-01**"],
    "发布时间": ["发布时间：2025-01-02", "**发布时间** : <昨天>\udc80", "发布时间：\U0001f600 - 'a: b"],
    "三": ["三", "三&nbsp;", "    三"],
}
"""Lines as learned rules write them, and as pages have them."""
NUMBER = st.sampled_from([0, 1, 1, 2, 3, 9])
RUN = st.builds(
    lambda number, texts, zone, least, reach, prose: Rule(
        f"learned.{number}", "learned", "list" if number % 2 and zone == "tail" else "run", tuple(texts),
        "", "", "any", (), (),
        {
            "zone": zone, "least": max(1, min(least, len(texts))), "reach": reach, "prose": prose,
            "state": "approved", "source": ["wechat:M", "host:example.org", "source:纸上谈书"],
        }, "",
    ),
    st.integers(0, 10**6), st.lists(st.sampled_from(list(WRITTEN)), min_size=1, max_size=4),
    st.sampled_from(["head", "tail", "middle"]), NUMBER, NUMBER, NUMBER,
)  # fmt: skip
LABEL = st.builds(
    lambda number, zone, reach: Rule(
        f"learned.fact.{number}", "learned", "label", ("发布时间",), "", "", "any", (), (),
        {
            "zone": zone, "reach": reach, "prose": 0, "state": "approved", "fact": "published",
            "source": ["wechat:M", "host:example.org", "source:纸上谈书"],
        }, "",
    ),
    st.integers(0, 10**6), st.sampled_from(["head", "tail"]), st.integers(1, 6),
)  # fmt: skip
RUNS = st.lists(RUN | RUN | RUN | LABEL, min_size=1, max_size=4, unique_by=lambda rule: rule.id)
URL = st.sampled_from(["https://mp.weixin.qq.com/s?__biz=M&mid=1", "http://example.org/a", "https://weixin.qq.com"])
ENOUGH = st.sampled_from(
    ["墨是一种颜色。" * 20 + "\n\n", "墨是一种颜色。" * 20 + "\n\n" + "纸是另一种。" * 9 + "\n", ""]
)


@st.composite
def pages_of_a_source(draw: st.DrawFn) -> tuple[str, list[Rule]]:
    """Draw the rules of a source, and a page that has some of their lines in some places."""
    rules = draw(RUNS)

    def part() -> str:
        text = ""
        for _ in range(draw(st.integers(0, 4))):
            for line in draw(st.sampled_from([*(rule.texts for rule in rules), None])) or [draw(LINE)]:
                text += draw(st.sampled_from(WRITTEN.get(line, [line]))) + draw(END)
        return text

    title = draw(st.sampled_from(["信", "二"]))
    head = f"---\ntitle: {title}\nurl: {draw(URL)}\nsource: 纸上谈书\n---\n\n" + draw(st.sampled_from(["", "# 信\n\n"]))
    return head + part() + draw(ENOUGH) + part() + draw(ENOUGH) + part() + draw(TAILS), rules


@settings(max_examples=draws(500), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(pages_of_a_source(), PROFILE)
def test_pages_of_a_source_with_learned_rules(drawn: tuple[str, list[Rule]], profile: str | None) -> None:
    text, rules = drawn
    check(text.encode("utf-8", "surrogateescape"), profile, Ruleset([*built_in().rules, *rules]))


@settings(max_examples=draws(400), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(ENCODED, PROFILE)
@example("一".encode() + b"\xff\xfe\xff", "wechat")
def test_every_document(data: bytes, profile: str | None) -> None:
    check(data, profile)


@settings(max_examples=draws(150), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(BROKEN, PROFILE)
def test_documents_with_broken_bytes(data: bytes, profile: str | None) -> None:
    check(data, profile)


@settings(max_examples=draws(100), deadline=None, derandomize=True)
@given(st.text(max_size=200), PROFILE)
def test_any_text(text: str, profile: str | None) -> None:
    check(text.encode("utf-8", "replace"), profile)


@settings(max_examples=draws(100), deadline=None, derandomize=True)
@given(st.binary(max_size=200), PROFILE)
def test_any_bytes(data: bytes, profile: str | None) -> None:
    check(data, profile)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[str, list[list[Edit]]]:
    """Draw a text and the edits of up to four stages, each on the text that the one before it left."""
    text = current = draw(st.text("纸上谈书abc\n", max_size=20))
    stages: list[list[Edit]] = []
    for number in range(draw(st.integers(1, 4))):
        cuts = sorted(draw(st.lists(st.integers(0, len(current)), max_size=8)))
        edits = []
        for start, end in zip(cuts[::2], cuts[1::2], strict=False):
            if edits and start == end == edits[-1].end:
                continue
            edits.append(Edit(start, end, draw(st.text("XY", max_size=3)), f"rule-{number}"))
        stages.append(edits)
        current = one_after_the_other(current, edits)
    return text, stages


def one_after_the_other(text: str, edits: Sequence[Edit]) -> str:
    """Carry out one stage's edits on a string, from the last to the first."""
    for start, end, replacement, _ in reversed(edits):
        text = text[:start] + replacement + text[end:]
    return text


@settings(max_examples=draws(300), deadline=None, derandomize=True)
@given(rounds())
def test_composed_edits_equal_edits_made_one_after_the_other(drawn: tuple[str, list[list[Edit]]]) -> None:
    text, stages = drawn
    claims: list[SourceEdit] = []
    current = text
    for number, edits in enumerate(stages):
        claims = compose_edits(claims, edits, f"stage-{number}", len(text))
        current = one_after_the_other(current, edits)
        assert apply_source_edits(text, claims) == current
        places = [(claim.start, claim.end) for claim in claims]
        assert places == sorted(places)
        assert all(one[1] <= other[0] for one, other in pairwise(places))
