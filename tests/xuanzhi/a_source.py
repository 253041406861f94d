"""Snapshots of one made-up source: a WeChat account that puts the same frame around each of its letters, and a site."""

from random import Random

WORDS = "纸墨笔砚书页卷轴竹简帛绢印刷装订抄写修补晾晒虫蛀潮湿黄变酸化纤维浆料抄造砑光染色洒金云母蜡笺信札函套题跋藏印"
ACCOUNT = "wechat:MzA3NTExMjE4Mw=="

HEAD = [
    "![](https://mmbiz.qpic.cn/mmbiz_png/AbannerOfTheAccount0123456789/640?wx_fmt=png&tp=webp)",
    "**点击上方蓝字 关注我们的来信**",
]
TAIL = [
    "![](https://mmbiz.qpic.cn/mmbiz_jpg/AcodeToBeScannedOfTheAccount0123/640?wx_fmt=jpeg)",
    "长按识别二维码，关注我们的来信",
    "每周一封，从不间断",
    "**写信给我们：letters@example.org**",
    "— 纸上谈书编辑部 —",
]
LIST = "往期推荐"


def sentence(random: Random) -> str:
    """Return a sentence that no other page has."""
    return "".join(random.choice(WORDS) for _ in range(40)) + "。"


def letter(number: int, *, tail: list[str] = TAIL, listed: bool = True) -> str:
    """Return the snapshot of one letter; its day follows from its number."""
    random = Random(number)
    title = f"第{number}封信"
    body = [f"# {title}", *HEAD, *(sentence(random) for _ in range(4)), "参考链接：", f"https://example.com/{number}"]
    if listed:
        body += [LIST]
        body += [
            f"[第{number - back}封信](https://mp.weixin.qq.com/s?__biz=MzA3NTExMjE4Mw==&mid={number - back}&idx=1&sn=a)"
            for back in (1, 2, 3)
        ]
    head = [
        "---", f"title: {title}",
        f"url: https://mp.weixin.qq.com/s?__biz=MzA3NTExMjE4Mw==&mid={number}&idx=1&sn=a&scene=58",
        "source: 纸上谈书", f"date: 2025-{1 + number // 28:02}-{1 + number % 28:02}",
        "fetch_date: 2025-12-01T08:00:00", "kind: article", "---",
    ]  # fmt: skip
    return "\n".join([*head, "", "\n\n".join([*body, *tail]), ""])


NAVIGATION = [
    "* [首页](https://paper.example/)",
    "* [文章](/articles)",
    "* [馆藏](/holdings)",
    "* [关于](/about)",
    "登录",
]
FOOTER = ["版权所有 © 纸的网站", "[联系](/contact)", "[隐私](/privacy)", "ICP备00000001号", "本站使用小型文本文件"]


def web_page(number: int) -> str:
    """Return the snapshot of a page of a site."""
    random = Random(1000 + number)
    body = [f"# 纸的故事 {number}", "\n".join(NAVIGATION), f"发布时间：2025-03-{1 + number % 28:02} 10:00"]
    body += [sentence(random) for _ in range(5)]
    head = [
        "---", f"title: 纸的故事 {number}", f"url: https://paper.example/{number}", "source: 纸的网站",
        f"fetch_date: 2025-{1 + number // 28:02}-{1 + number % 28:02}T08:00:00", "---",
    ]  # fmt: skip
    return "\n".join([*head, "", "\n\n".join([*body, *FOOTER]), ""])
