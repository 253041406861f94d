"""The author's words survive: whatever the author wrote stays, whatever interface stands above and below it."""

import pytest

from clean.pipeline import clean

FRONT = """\
---
title: 界面词典
url: https://mp.weixin.qq.com/s?__biz=MzA=&mid=1&idx=1&sn=a&chksm=b
source: 纸上谈书
"""

HEAD = """\
# 界面词典

![cover_image](https://mmbiz.qpic.cn/cover/0)

# 界面词典

王小纸

纸上谈书

"""

BUTTONS = "取消\n允许\n\n取消\n允许\n\n取消\n允许\n\n×\n分析\n\n"
PICTURES = "![跳转二维码]()\n\n![作者头像](http://mmbiz.qpic.cn/avatar/0)\n\n微信扫一扫可打开此内容，\n使用完整服务\n\n"
READER = "：\n，\n，\n，\n。\n\n视频\n小程序\n赞\n，轻点两下取消赞\n在看\n，轻点两下取消在看\n分享\n留言\n收藏\n听过\n"
SCAN = "![]()\n\n微信扫一扫\n关注该公众号\n\n"
MINI = "![]()\n微信扫一扫\n使用小程序\n\n"
CARD = "继续滑动看下一个\n\n轻触阅读原文\n\n![](http://mmbiz.qpic.cn/avatar/0)\n\n纸上谈书\n\n向上滑动看下一个\n\n"

WHOLE = f"预览时标签不可点\n\n阅读原文\n\n{SCAN}{CARD}知道了\n\n{MINI}{BUTTONS}{PICTURES}{READER}"
TAILS = {
    "whole": WHOLE,
    "2026": f"预览时标签不可点\n\n{SCAN}知道了\n\n{MINI}{BUTTONS}{PICTURES}{READER}",
    "without the preview notice": f"{MINI}{BUTTONS}{PICTURES}{READER}",
    "cut early": "预览时标签不可点\n\n阅读原文\n\n![]()...",
    "cut late": WHOLE.partition("×")[0].rstrip() + "...",
    "cut in the notice": "预览时标签不...",
    "old": "： ， 。   视频 小程序 赞 ，轻点两下取消赞 在看 ，轻点两下取消在看\n",
}

# The same as a person copies it: pictures that were never loaded are not in it.
QUOTED = WHOLE.replace("![]()", "（图）")

# What an author wrote, as it stands in the clean file. No text here has a line that cleaning would mend.
TEXTS = {
    "one line": "一行字。\n",
    "one picture": "![](https://mmbiz.qpic.cn/photo/640)\n",
    "one word": "赞\n",
    "words of the interface at the end": "看完别忘了\n\n分享\n收藏\n在看\n知道了\n取消\n允许\n",
    "the same, with blank lines": "看完别忘了\n\n分享\n\n收藏\n\n在看\n\n知道了\n\n取消\n\n允许\n",
    "nothing but words of the interface": "赞\n\n在看\n\n分享\n\n留言\n\n收藏\n",
    "buttons, as they stand in the interface": "弹窗有两个按钮：\n\n取消\n允许\n",
    "a call to read on": "点击「阅读原文」访问官网。\n\n阅读原文\n",
    "a call in the words of the interface": "长按识别二维码，或用\n\n微信扫一扫\n",
    "a picture and its caption": "正文。\n\n![](https://mmbiz.qpic.cn/photo/640)\n\n图：去年的旧纸\n",
    "a picture and the account's name": "正文。\n\n![](https://mmbiz.qpic.cn/photo/640)\n\n纸上谈书\n",
    "three dots at the end": "正文写到一半就...\n",
    "a lone comma": "正文。\n\n，\n",
    "an error sentence first": "该内容已被发布者删除\n\n这行字见得多了。\n",
    "an error sentence alone": "该内容已被发布者删除\n",
    "a wall's words as headings": "## 环境异常\n\n当前环境异常，完成验证后即可继续访问。\n\n这就是我看到的。\n",
    "原创 as first paragraph": "原创\n\n是一种态度。\n",
    "the account's name as first paragraph": "纸上谈书\n\n办了十年。\n",
    "the author's name as first paragraph": "王小纸\n\n是我的笔名。\n",
    "a date as first paragraph": "2025年4月30日\n\n晴，晾纸。\n",
    "a date with a time as first paragraph": "2025-04-30 11:00\n\n晴，晾纸。\n",
    "a place as first paragraph": "发表于安徽\n\n是三年前的事。\n",
    "a button of the head as first paragraph": "去阅读\n\n去晾纸。\n",
    "a source as first paragraph": "以下文章来源于网络\n\n我们改了几处。\n",
    "a picture first": "![](https://mmbiz.qpic.cn/photo/640)\n\n纸上谈书\n\n的新招牌。\n",
    "the title's words in the text": "界面词典\n\n就是这一本。\n",
    "the title as heading further down": "前言\n\n# 界面词典\n\n正文。\n",
    "the preview notice in a sentence": "他写道：预览时标签不可点，然后删掉了。\n",
    "the reward panel in a sentence": "页面底部写着“微信扫一扫赞赏作者”，旁边是一个码。\n",
    "labels of the profile": "功能介绍\n\n揭纸、裱纸、晾纸。\n\n微信号\n\n见文末。\n",
    "the interface in the midst": f"照抄如下：\n\n{QUOTED}\n以下是我的话。\n\n一。\n\n二。\n\n三。\n",
    "the interface quoted": "照抄如下：\n\n" + "".join(f"> {line}\n" for line in QUOTED.split("\n") if line),
    "the interface in a fence at the end": f"照抄如下：\n\n```\n{WHOLE}```\n",
    "the interface in a fence of tildes": f"照抄如下：\n\n~~~ text\n{WHOLE}~~~\n",
    "the interface in a list": "".join(f"- {line}\n" for line in QUOTED.split("\n") if line),
    "a declaration of the author's": "正文。\n\n个人观点，仅供参考\n",
    "an edit mark of the author's": "本文\n\n修改于\n\n昨天。\n",
    "one character a line": "纸\n\n，\n\n墨\n\n。\n",
}


def body(markdown: str | None) -> str:
    assert markdown is not None, "no article was found"
    return markdown.partition("\n---\n")[2]


@pytest.mark.slow
@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_line_stays_above_the_interface(text: str, tail: str) -> None:
    source = f"{FRONT}---\n\n{HEAD}{text}\n{tail}"
    assert body(clean(source.encode()).markdown) == f"\n# 界面词典\n\n{text}"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_line_stays_without_interface(text: str) -> None:
    source = f"{FRONT}---\n\n# 界面词典\n\n开头的话。\n\n{text}"
    assert body(clean(source.encode()).markdown) == f"\n# 界面词典\n\n开头的话。\n\n{text}"


NOTICES = {"an error sentence alone", "a wall's words as headings"}
"""A whole text of these words is a notice on any site but WeChat's, whose own forms are all known."""


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items() if name not in NOTICES])
def test_every_line_stays_on_another_site(text: str) -> None:
    source = f"---\ntitle: 别的词典\nurl: https://example.org/1\nsource: 纸上谈书\n---\n\n# 界面词典\n\n{text}"
    assert clean(source.encode()).markdown == source


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_line_stays_in_a_text_cleaned_before(text: str) -> None:
    source = f"{FRONT}kind: article\n---\n\n# 界面词典\n\n{text}"
    assert clean(source.encode()).markdown == source
