"""What a line is compared by."""

import pytest

from clean.learn.page import scope_of
from clean.normalise import LineKind, normalise_line

ASSET = "AbCdEfGhIjKlMnOpQrStUvWxYz0123"


@pytest.mark.parametrize(
    ("line", "text", "kind"),
    [
        ("**往期推荐**", "往期推荐", LineKind.TEXT),
        ("<strong>往期</strong>推\u200b荐  ", "往期推荐", LineKind.TEXT),
        ("＃Ｗｅｃｈａｔ！", "#Wechat!", LineKind.TEXT),
        ("* 1. 关注我们", "关注我们", LineKind.TEXT),
        ("> 关注\u3000我们&nbsp;", "关注 我们", LineKind.TEXT),
        ("\\* 一行", "一行", LineKind.TEXT),
        ("### 相关文章", "# 相关文章", LineKind.HEADING),
        ("- ##### [题目](/post/1)", "# [题目](/post/1)", LineKind.HEADING),
        ("[更多](https://example.org/more?utm_source=a&id=2#top)", "[更多](example.org/more?id=2)", LineKind.LINK),
        ("[关闭](javascript:void(0))", "关闭", LineKind.LINK),
        (f"![](https://mmbiz.qpic.cn/sz_mmbiz_png/{ASSET}/640?tp=webp&from=appmsg)", f"image:{ASSET}", LineKind.IMAGE),
        (f"![图](http://mmbiz.qpic.cn/mmbiz_jpg/{ASSET}/0)", f"image:{ASSET}", LineKind.IMAGE),
        ("![](https://p0.example.net/t014757b72460d855bf.png)", "image:t014757b72460d855bf.png", LineKind.IMAGE),
        ("![](https://p1.example.net/t014757b72460d855bf.png)", "image:t014757b72460d855bf.png", LineKind.IMAGE),
        ("![](/img/logo.png)", "image:/img/logo.png", LineKind.IMAGE),
        ("[![](a.png)](/b)", "[image:a.png](/b)", LineKind.IMAGE),
        (
            "详情见[此处](https://example.org/a)，谢谢大家来信",
            "详情见[此处](example.org/a),谢谢大家来信",
            LineKind.TEXT,
        ),
        ("| 甲 | 乙 |", "| 甲 | 乙 |", LineKind.TABLE),
        ("    缩进的代码", "缩进的代码", LineKind.CODE),
        ("        + [缩进的链接](/a)", "[缩进的链接](/a)", LineKind.LINK),
        ("[![](a.png)", "[image:a.png", LineKind.PART),
        ("题目](https://example.org)", "题目](https://example.org)", LineKind.PART),
        ("<div>", "<div>", LineKind.PART),
        ("* * *", "", LineKind.TEXT),
        ("✦", "", LineKind.TEXT),
        ("![]()", "", LineKind.TEXT),
        ("", "", LineKind.TEXT),
    ],
)
def test_lines(line: str, text: str, kind: LineKind) -> None:
    found = normalise_line(line)
    assert (found.text, found.kind) == (text, kind)


@pytest.mark.parametrize(
    ("url", "source", "scope"),
    [
        ("https://mp.weixin.qq.com/s?__biz=MzA3+TEx==&mid=1", "纸上谈书", "wechat:MzA3+TEx=="),
        ("http://mp.weixin.qq.com/s/abcdef", "纸上谈书", "source:纸上谈书"),
        ("https://www.Paper.example/a", "纸", "host:paper.example"),
        ("", "纸上谈书", "source:纸上谈书"),
        ("", "", ""),
        ("http://[broken", "纸", "source:纸"),
    ],
)
def test_scopes(url: str, source: str, scope: str) -> None:
    assert scope_of(url, source) == scope
