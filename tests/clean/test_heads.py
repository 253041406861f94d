"""Heads of other tools: what they say becomes facts, whatever the title; what is no head stays text."""

from collections.abc import Callable, Mapping

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clean.document import Cleaned, State
from clean.errors import SourceError
from clean.ledger import restore_bytes
from clean.pipeline import clean
from clean.rules import HEAD, built_in
from clean.stages.heads import _date as read_date

WECHAT = "https://mp.weixin.qq.com/s/ZhiShangTanShu0123456A"
ELSEWHERE = "https://paper.example/2024/05/zhuzhi.html?from=feed#top"
TEXT = "捞纸要趁早，天热浆会发酸。\n\n夏天多在夜里干活。\n"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# Each writes a head as one tool does, of a title and an address.
HEADS: Mapping[str, Callable[[str, str], str]] = {
    "jina": lambda title, url: (
        f"Title: {title}\n\nURL Source: {url}\n\nPublished Time: Mon, 06 May 2024 08:00:00 GMT\n\n"
        "Warning: This is a cached snapshot.\n\nMarkdown Content:\n"
    ),
    "obsidian": lambda title, url: (
        f'---\ntitle: {quoted(title)}\nsource: {quoted(url)}\nauthor:\n  - "[[王小纸]]"\npublished: 2024-05-06\n'
        'created: 2024-05-07\ndescription: "嫩竹为料"\ntags:\n  - "clippings"\n---\n'
    ),
    "markdownload": lambda title, url: (
        f"---\ncreated: 2024-05-07T14:37:23 (UTC +08:00)\ntags: [纸]\nsource: {url}\nauthor: 王小纸\n---\n\n"
        f"# {title}\n\n> ## Excerpt\n> 嫩竹为料\n\n---\n"
    ),
    "joplin": lambda title, url: (
        f"---\ntitle: {quoted(title)}\nupdated: 2024-05-08 10:00:00Z\ncreated: 2024-05-07 09:18:04Z\nsource: {url}\n"
        "author: 王小纸\nlatitude: 30.2\ncompleted?: no\n---\n\n"
    ),
    "evernote": lambda title, url: f"---\ntitle: {quoted(title)}\nsource-url: {url}\ncreated: 2024/5/7 9:18\n---\n\n",
    "hugo": lambda title, url: (
        f"+++\ntitle = {quoted(title)}\ndate = 2024-05-06\nauthors = ['王小纸']\n[params]\nsource = '{url}'\n+++\n\n"
    ),
    "json": lambda title, url: f'{{\n  "title": {quoted(title)},\n  "date": "2024-05-06",\n  "source": "{url}"\n}}\n\n',
    "simpread": lambda title, url: (
        f"> 本文由 [简悦 SimpRead](http://ksria.com/simpread/) 转码， 原文地址 [paper.example]({url})\n\n# {title}\n\n"
    ),
    "singlefile": lambda title, url: (
        f"<!--\n Page saved with SingleFile \n url: {url} \n"
        " saved date: Tue May 07 2024 14:37:23 GMT+0800 (中国标准时间)\n-->\n\n"
        f"# {title}\n\n"
    ),
    "script": lambda title, url: f"---\ntitle: {quoted(title)}\nlink: {url}\nfetched_at: 2024-05-07 14:37:23\n---\n\n",
    "own": lambda title, url: (
        f"---\ntitle: {title}\nurl: {url}\nsource: 纸上谈书\ndate: 2024-05-06\n"
        "fetch_date: 2024-05-07T14:37:23.1\n---\n\n"
    ),
}
EXPECTED = {
    "jina": ("2024-05-06T08:00:00Z", "", ""),
    "obsidian": ("2024-05-06", "2024-05-07", "王小纸"),
    "markdownload": ("", "2024-05-07T14:37:23+08:00", "王小纸"),
    "joplin": ("", "2024-05-07T09:18:04Z", "王小纸"),
    "evernote": ("", "2024-05-07T09:18", ""),
    "hugo": ("2024-05-06", "", "王小纸"),
    "json": ("2024-05-06", "", ""),
    "simpread": ("", "", ""),
    "singlefile": ("", "2024-05-07T14:37:23+0800", ""),
    "script": ("", "2024-05-07T14:37:23", ""),
    "own": ("2024-05-06", "2024-05-07T14:37:23.1", ""),
}
"""Date, time of fetching and author that each head tells."""

TITLES = [
    "竹纸是怎样做的",
    "问: 纸能放多久？",
    "[转载] {纸} #手艺 & 墨",
    "他说“好”，她说'不'",
    "🌾 稻草纸 — a 'rough' kind: of paper",
    "纸" * 400,
    "- 一, 二",
    "2024-05-06",
    "C:\\纸\\new",
]


def cleaned(text: str) -> Cleaned:
    """Clean, and hold the result against the laws that every snapshot obeys."""
    data = text.encode()
    result = clean(data)
    assert restore_bytes(result.markdown or "", result.ledger) == data
    if result.markdown is not None:
        again = clean(result.markdown.encode())
        assert again.markdown == result.markdown
        assert again.ledger.entries == ()
    return result


@pytest.mark.slow
@pytest.mark.parametrize("url", [WECHAT, ELSEWHERE])
@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("tool", HEADS)
def test_what_a_head_says_becomes_facts(tool: str, title: str, url: str) -> None:
    result = cleaned(HEADS[tool](title, url) + TEXT)
    assert result.state is State.LIVE
    assert result.fact("title") == title
    assert result.fact("url") == url
    assert (result.fact("date"), result.fact("fetch_date"), result.fact("author")) == EXPECTED[tool]
    assert result.fact("source") == ("纸上谈书" if tool == "own" else url.split("/")[2])
    assert (result.profile == "wechat") == (url == WECHAT)
    assert result.markdown is not None
    assert result.markdown.endswith(
        "\n---\n\n" + (f"# {title}\n\n" if f"# {title}\n" in HEADS[tool](title, url) else "") + TEXT
    )
    assert not [warning for warning in result.warnings if warning.code in {"no-front-matter", "no-url"}]


@pytest.mark.slow
@pytest.mark.parametrize("change", ["crlf", "mark", "gb18030", "utf-16"])
@pytest.mark.parametrize("tool", HEADS)
def test_a_head_is_read_in_any_encoding_and_with_any_line_ends(tool: str, change: str) -> None:
    text = HEADS[tool]("竹纸: 一种", ELSEWHERE) + TEXT
    data = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "mark": text.encode("utf-8-sig"),
        "gb18030": text.encode("gb18030"),
        "utf-16": text.encode("utf-16"),
    }[change]
    result = clean(data)
    assert (result.fact("title"), result.fact("url")) == ("竹纸: 一种", ELSEWHERE)
    assert restore_bytes(result.markdown or "", result.ledger) == data
    assert result.markdown == clean(text.encode()).markdown


def test_the_ledger_names_the_tool() -> None:
    for tool, text in HEADS.items():
        result = clean((text("竹纸", ELSEWHERE) + TEXT).encode())
        rules = {entry.rule for entry in result.ledger.entries if entry.stage == HEAD}
        assert tool == "own" or any(built_in().by_id[rule].options.get("maker") for rule in rules)


def test_lists_below_the_text_go_only_under_their_tools_head() -> None:
    lists = "\nImages:\n- ![Image 1](https://paper.example/1.png)\n\n"
    lists += "Links/Buttons:\n- [首页](https://paper.example/)\n- [关于](/a)\n"
    result = cleaned(HEADS["jina"]("竹纸", ELSEWHERE) + TEXT + lists)
    assert result.markdown is not None
    assert result.markdown.endswith(TEXT)
    own = cleaned(HEADS["own"]("竹纸", ELSEWHERE) + TEXT + lists)
    assert own.markdown is not None
    assert own.markdown.endswith(lists)
    followed = cleaned(HEADS["jina"]("竹纸", ELSEWHERE) + TEXT + lists + "\n又是正文。\n")
    assert followed.markdown is not None
    assert "Images:" in followed.markdown


def test_a_title_over_several_lines_in_a_head_of_lines() -> None:
    head = HEADS["jina"]("第一行\n\n二、第二行\nAuthor: 不是键", ELSEWHERE)
    result = cleaned(head + TEXT)
    assert result.fact("title") == "第一行\n二、第二行\nAuthor: 不是键"
    assert result.markdown is not None
    assert result.markdown.endswith("---\n\n" + TEXT)
    text = f"URL Source: {ELSEWHERE}\n\nTitle: 竹纸\n\n第一段。\n\nWarning: 第二段。\n"
    assert cleaned(text).fact("title") == "竹纸"
    assert "第一段。" in str(clean(text.encode()).markdown)
    without = cleaned("Title: 第一行\n\n二、第二行\n\n正文里提到 URL Source: https://paper.example/\n")
    assert without.facts == {}


def test_a_head_below_front_matter_is_read_where_it_is_of_the_same_page() -> None:
    own, below = HEADS["own"]("竹纸", ELSEWHERE), HEADS["jina"]("竹纸 - 纸网", ELSEWHERE)
    result = cleaned(own + below + TEXT)
    assert result.markdown == own + TEXT
    assert result.facts == clean((own + TEXT).encode()).facts
    other = cleaned(own + HEADS["jina"]("桑皮纸", WECHAT) + TEXT)
    assert other.markdown is not None
    assert "Markdown Content:" in other.markdown


NO_HEADS = [
    "Title: 一则启事\n\nAuthor: 佚名\n\n寻一张旧纸。\n",
    "Title: 怎样读 URL Source\n\nURL Source: 是一个标签，不是地址。\n",
    "---\n\n一篇以横线开头的文章。\n\n---\n\n又一段。\n",
    "---\nTip: 先浸后煮。\n\n又一段。\n\n---\n\n再一段。\n",
    "+++\n春眠不觉晓，\n处处闻啼鸟。\n+++\n",
    "+++\na = 1\n+++\n\n算式。\n",
    '{"a": 1} 是 JSON。\n',
    "> 本文由编辑部整理， 原文地址 [paper.example](https://paper.example/1)\n\n正文。\n",
    "# 译文\n\n> 原文链接: https://paper.example/original\n\n---\n\n正文。\n",
    "\nTitle: 空行之后\n\nURL Source: https://paper.example/\n\n正文。\n",
    "正文。\n\nTitle: 竹纸\n\nURL Source: https://paper.example/\n",
    "<!-- url: https://paper.example/ -->\n\n正文。\n",
]


@pytest.mark.parametrize("text", NO_HEADS)
def test_what_is_no_head_stays_text(text: str) -> None:
    result = cleaned(text)
    assert result.facts == {}
    assert result.markdown is not None
    assert result.markdown.strip() == text.strip()


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        # An address in `source` is the address; one beside an address stays what was given.
        (f"title: 纸\nsource: {ELSEWHERE}", {"title": "纸", "url": ELSEWHERE, "source": "paper.example"}),
        (f"title: 纸\nurl: {WECHAT}\nsource: {ELSEWHERE}", {"title": "纸", "url": WECHAT, "source": ELSEWHERE}),
        # A path on somebody's own site is no address.
        (
            f"title: 纸\nurl: /posts/zhi/\nsource: {ELSEWHERE}",
            {"title": "纸", "url": ELSEWHERE, "permalink": "/posts/zhi/", "source": "paper.example"},
        ),
        (f"source: '[全文]({ELSEWHERE})'", {"url": ELSEWHERE, "source": "paper.example"}),
        (f"source: <{ELSEWHERE}>", {"url": ELSEWHERE, "source": "paper.example"}),
        # Names of people, with the marks of wiki links or as a list.
        (
            f"url: {ELSEWHERE}\nauthor: [[纸上谈书]]",
            {"url": ELSEWHERE, "author": "纸上谈书", "source": "paper.example"},
        ),
        (
            f"link: {ELSEWHERE}\nauthor: '[[人/王小纸|小纸]], [[李墨]]'",
            {"url": ELSEWHERE, "author": "小纸, 李墨", "source": "paper.example"},
        ),
        (
            f'link: {ELSEWHERE}\nauthor: ["[[王小纸]]", "李墨"]',
            {"url": ELSEWHERE, "author": "王小纸, 李墨", "source": "paper.example"},
        ),
        # Names as the keys have them count in any letter case.
        (
            f"Title: 纸\nSource: {ELSEWHERE}\nByline: 王小纸",
            {"title": "纸", "url": ELSEWHERE, "author": "王小纸", "source": "paper.example"},
        ),
        (
            f"Title: 纸\nURL: {ELSEWHERE}\nDate: 2024/5/6",
            {"title": "纸", "url": ELSEWHERE, "date": "2024-05-06", "source": "paper.example"},
        ),
        ("title: 纸\ndate: 昨天\nsource: 纸上谈书", {"title": "纸", "date": "昨天", "source": "纸上谈书"}),
        (f"link: {ELSEWHERE}\npublisher: 纸上谈书", {"url": ELSEWHERE, "source": "纸上谈书"}),
    ],
)
def test_what_keys_mean(head: str, facts: dict[str, str]) -> None:
    assert cleaned(f"---\n{head}\n---\n\n{TEXT}").facts == facts | ({"kind": "article"} if "weixin" in head else {})


DATES = [
    ("2024-05-06", "2024-05-06"),
    ("2024-05-06T08:00:00.123Z", "2024-05-06T08:00:00.123Z"),
    ("2024-05-06 08:00:00+0800", "2024-05-06T08:00:00+0800"),
    ("2024年5月6日 08:07", "2024-05-06T08:07"),
    ("2024/5/6", "2024-05-06"),
    ("2024.05.06", "2024-05-06"),
    ("[[2024-05-06]]", "2024-05-06"),
    ("2024-05-06T14:37:23 (UTC +08:00)", "2024-05-06T14:37:23+08:00"),
    ("Mon, 06 May 2024 08:00:00 GMT", "2024-05-06T08:00:00Z"),
    ("6 May 2024", "2024-05-06"),
    ("06-May-2024", "2024-05-06"),
    ("May 6, 2024", "2024-05-06"),
    ("Monday, September 2nd, 2024", "2024-09-02"),
    ("Mon May 06 2024 08:00:00 GMT+0800 (China Standard Time)", "2024-05-06T08:00:00+0800"),
    ("2024-13-06", "2024-13-06"),
    ("31 Foo 2024", "31 Foo 2024"),
    ("昨天", "昨天"),
    ("", ""),
]


@pytest.mark.parametrize(("given_date", "wanted"), DATES)
def test_dates(given_date: str, wanted: str) -> None:
    assert read_date(given_date) == wanted
    assert read_date(wanted) == wanted


TITLE = st.one_of(
    st.sampled_from(TITLES),
    st.text("纸墨: #'\"[]{}-*>&!|%@`\\,.=_~()?/🌾a1 ", min_size=1, max_size=30),
    st.lists(st.text("纸墨：，。 ab", min_size=1, max_size=300), min_size=2, max_size=5).map("\n\n".join),
)
LINE = st.sampled_from([
    "正文一段。", "Title: 又一个", "URL Source: https://paper.example/2", "Markdown Content:", "---", "+++", "***",
    "一\n===", "二\n---", "# 竹纸", "> 引", "> ## Excerpt", "- 条", "Images:", "title: 信", "![]()", "\u200b", "",
    "{\"title\": 1}", "<!--", "-->", "原文链接：https://paper.example/3", "环境异常", "[Read Original](https://a.example/)",
])  # fmt: skip
BODY = st.lists(st.tuples(LINE, st.sampled_from(["\n", "\n\n", "\n\n\n"])), max_size=8).map(
    lambda lines: "".join(line + end for line, end in lines)
)
HEAD_OF = st.tuples(st.sampled_from(list(HEADS)), TITLE, st.sampled_from([WECHAT, ELSEWHERE, "", "/posts/1"])).map(
    lambda parts: HEADS[parts[0]](parts[1], parts[2])
)


@pytest.mark.slow
@settings(max_examples=draws(400), deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(st.lists(HEAD_OF, max_size=2).map("".join), st.integers(0, 500), BODY, st.sampled_from(["", "\r"])))
def test_laws_for_heads_of_any_kind(drawn: tuple[str, int, str, str]) -> None:
    head, cut, body, carriage = drawn
    text = (head[: -cut or None] if cut < 60 else head) + body
    text = text.replace("\n", carriage + "\n")
    try:
        clean(text.encode())
    except SourceError:
        return  # nothing but white space, or data of another kind
    cleaned(text)


# Notices as tools write them: how the heading is marked, what stands above it, what is left of the interface below it.
WALLS = [
    ("verification", WECHAT, "环境异常", "当前环境异常，完成验证后即可继续访问。\n\n去验证"),
    ("deleted", WECHAT, "该内容已被发布者删除", "[微信公众平台运营中心](https://mp.weixin.qq.com/webpoc/ruleCenter)"),
    ("violation", WECHAT, "此内容因违规无法查看", "由用户投诉并经平台审核，此内容涉嫌违反相关规定"),
    ("account-blocked", WECHAT, "此账号已被屏蔽, 内容无法查看", "接相关投诉，此账号涉嫌违反规定"),
    (
        "migrated",
        WECHAT,
        "该公众号已迁移",
        "该公众号已迁移至新的账号，若需访问原文章链接，请点击下方按钮。\n\n访问文章",
    ),
    ("expired", WECHAT, "链接已过期", ""),
    ("bad-link", WECHAT, "参数错误", ""),
    ("unavailable", WECHAT, "该内容暂时无法查看", ""),
    ("verification", ELSEWHERE, "Just a moment...", "Verify you are human by completing the action below."),
    ("bad-link", ELSEWHERE, "404 Not Found", "The page you requested could not be found."),
    ("unavailable", ELSEWHERE, "网站维护中", "本站正在维护，请稍后再来访问。"),
]
MARKED = ["# {}", "## {}", "{}\n===", "{}\n----", "**{}**", "{}", "> {}", "{}\n\n* * *"]
ABOVE = ["", "# {}\n\n", "{}\n===============\n\n", "# {}\n\n# {}\n\n"]
INTERFACE = [
    "",
    "  ： ， ．   Video Mini Program Like ，轻点两下取消赞 Wow ，轻点两下取消在看\n",
    "：\n，\n。\n\n视频\n小程序\n赞\n，轻点两下取消赞\n在看\n，轻点两下取消在看\n",
]


@pytest.mark.slow
@pytest.mark.parametrize("title", ["一篇文章", "Weixin Official Accounts Platform", "第一行\n\n第二行：一、二"])
@pytest.mark.parametrize("tool", HEADS)
@pytest.mark.parametrize(("state", "url", "headline", "more"), WALLS)
def test_a_wall_is_told_under_every_head(state: str, url: str, headline: str, more: str, tool: str, title: str) -> None:
    head = HEADS[tool](title, url)
    if tool in {"markdownload", "simpread", "singlefile"} and "\n" in title:
        return  # their heads hold one line
    for number, marked in enumerate(MARKED):
        for above in (ABOVE[number % 4], ABOVE[(number // 2 + 2) % 4]):
            text = head + above.replace("{}", title) + marked.replace("{}", headline) + f"\n\n{more}\n\n"
            result = clean((text + (INTERFACE[number % 3] if url == WECHAT else "")).encode())
            assert result.state == state, text
            assert result.fact("url") == url


@pytest.mark.slow
@pytest.mark.parametrize("tool", HEADS)
@pytest.mark.parametrize(("state", "url", "headline", "more"), WALLS)
def test_an_article_about_a_wall_is_an_article(state: str, url: str, headline: str, more: str, tool: str) -> None:
    story = (
        "上周我们的抓取任务停了三次，每次都停在同一个地方：页面不长，标题奇怪，正文一个字也没有。查了半天，原来站点换了防护。\n\n"
        f"那一页写着：{headline}。\n\n后来我们放慢了速度，写信给站长说明来意，对方很快就加了白名单。\n"
    )
    for title in (headline, f"为什么总是看到“{headline}”？"):
        for above in ABOVE:
            result = cleaned(HEADS[tool](title, url) + above.replace("{}", title) + story)
            assert result.state is State.LIVE
            assert result.markdown is not None
            assert result.markdown.endswith(story)


RAW = (
    "{title}\n\n{text}\nid: 0a1b2c\nparent_id: 3d4e\ncreated_time: 2024-05-07T09:18:04.000Z\nauthor: 王小纸\n"
    "source_url: {url}\nmarkup_language: 1\ntype_: 1"
)
EXPORTED = "# {title}\n\nAuthor: 王小纸\nCreated: 2024-05-07T09:18:04.000Z\nTags: 纸, 竹\nURL: {url}\n\n{text}"


@pytest.mark.parametrize("title", ["竹纸", "id: 一种写法", "2024-05-06 竹纸", "# 竹纸"])
@pytest.mark.parametrize("form", [RAW, EXPORTED])
@pytest.mark.parametrize("url", [WECHAT, ELSEWHERE])
def test_notes_of_joplin_and_notion_as_they_export_them(title: str, form: str, url: str) -> None:
    data = form.format(title=title.removeprefix("# "), text=TEXT, url=url).encode()
    cleaned = clean(data)
    assert cleaned.state is State.LIVE
    facts = {key: cleaned.fact(key) for key in ("title", "url", "author", "fetch_date")}
    assert facts == {
        "title": title.removeprefix("# "),
        "url": url,
        "author": "王小纸",
        "fetch_date": "2024-05-07T09:18:04.000Z",
    }
    body = (cleaned.markdown or "").partition("\n---\n")[2]
    assert body.strip().removeprefix("# " + title.removeprefix("# ")).strip() == TEXT.strip()
    assert restore_bytes(cleaned.markdown or "", cleaned.ledger) == data
    assert clean((cleaned.markdown or "").encode()).markdown == cleaned.markdown


@pytest.mark.parametrize(
    "text",
    [
        RAW.format(title="竹纸", text=TEXT, url="无"),
        RAW.format(title="竹纸", text=TEXT, url=ELSEWHERE) + "\n\n后记。\n",
        RAW.format(title="竹纸", text=TEXT, url=ELSEWHERE).replace("type_", "kind"),
        RAW.format(title="竹纸", text=TEXT.rstrip(), url=ELSEWHERE),
        f"# 竹纸\n\nURL: {ELSEWHERE} 是网址。\n\n{TEXT}",
        f"# 竹纸\n\n{TEXT}\nURL: {ELSEWHERE}\n",
    ],
)
def test_properties_that_are_not_whole_stay_text(text: str) -> None:
    cleaned = clean(text.encode())
    assert not cleaned.fact("url")
    assert (cleaned.markdown or "").strip() == text.strip()
