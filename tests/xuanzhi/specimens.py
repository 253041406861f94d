"""Snapshots with the true structure of real ones, in words of our own."""

TAIL = """预览时标签不可点

![]()

微信扫一扫
关注该公众号

继续滑动看下一个

轻触阅读原文

![](http://mmbiz.qpic.cn/avatar/0?wx_fmt=png)

{account}

向上滑动看下一个

知道了

![]()
微信扫一扫
使用小程序

取消
允许

取消
允许

取消
允许

×
分析

![跳转二维码]()

![作者头像](http://mmbiz.qpic.cn/avatar/0?wx_fmt=png)

微信扫一扫可打开此内容，
使用完整服务

：
，
，
，
，
，
，
，
，
，
，
，
，
。

视频
小程序
赞
，轻点两下取消赞
在看
，轻点两下取消在看
分享
留言
收藏
听过"""

SHELL_TAIL = """：
，
。

视频
小程序
赞
，轻点两下取消赞
在看
，轻点两下取消在看"""


def snapshot(number: int = 1, *, body: str = "纸寿千年，绢保八百。", title: str = "", account: str = "纸上谈书") -> str:
    """Return a full snapshot of an article; each number is another article."""
    title = title or f"第{number}封信"
    url = f"https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&mid={number}&idx=1&sn={number:032x}&chksm=ab&scene=58#rd"
    return (
        f"---\ntitle: {title}\nurl: {url}\nsource: {account}\ndate: 2026-01-02\n"
        f"fetch_date: 2026-03-04T05:06:07.890123\n---\n\n"
        f"# {title}\n\n![cover_image](https://mmbiz.qpic.cn/cover/0?wx_fmt=jpeg)\n\n# {title}\n\n"
        f"原创\n\n王小纸\n\n{account}\n\n{body}\n\n{TAIL.format(account=account)}"
    )


def shell(number: int = 1) -> str:
    """Return a snapshot of a page that its script would have filled."""
    head = snapshot(number).partition("\n---\n\n")[0]
    return f"{head}\n---\n\n# 第{number}封信\n\n{SHELL_TAIL}"


def deleted(number: int = 1) -> str:
    """Return a snapshot of the notice that the author deleted the article."""
    notice = "该内容已被发布者删除\n\n[微信公众平台运营中心](https://mp.weixin.qq.com/webpoc/ruleCenter?type=oa)"
    return shell(number).replace("：\n，\n。", f"{notice}\n\n：\n，\n。")


PAGE = """<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><meta property="og:url" content="{url}">
<script>var ct = '1767312000'; var msg_link = "{link}"; var PAGE_MID='mmbizwap:appmsg/newindex.html';</script></head>
<body id="activity-detail">
<div id="js_article"><div id="img-content">
<h1 class="rich_media_title" id="activity-name">{title}</h1>
<div id="meta_content"><span id="copyright_logo">原创</span> <span id="js_author_name">王小纸</span>
<a id="js_name">纸上谈书</a></div>
<div id="js_content" style="visibility: hidden; opacity: 0;">{body}</div>
</div>
<div class="rich_media_tool" id="js_toobar3"><a id="js_view_source">阅读原文</a></div></div>
<div id="js_pc_qr_code"><p>微信扫一扫<br>关注该公众号</p><img src="//mp.weixin.qq.com/mp/qrcode?scene=1"></div>
<div id="js_alert_panel"><a>知道了</a></div>
<span id="js_a11y_comma" class="weui-a11y_ref" style="display:none">，</span>
</body></html>
"""


def page(number: int = 1, *, body: str = "<p>纸寿千年，绢保八百。</p>", title: str = "") -> str:
    """Return the page of the article that `snapshot` of the same number is of."""
    url = f"https://mp.weixin.qq.com/s?__biz=MzA5ODc2NTQzMg==&amp;mid={number}&amp;idx=1&amp;sn={number:032x}"
    link = url.replace("&amp;", "\\x26amp;")
    return PAGE.format(url=url, link=link, title=title or f"第{number}封信", body=body)


def deleted_page() -> str:
    """Return the page that says that the author deleted the article."""
    return (
        '<!DOCTYPE html><html><body><div class="weui-msg"><div class="weui-msg__title warn">该内容已被发布者删除</div>'
        '<div class="weui-footer"><a>微信公众平台运营中心</a></div></div></body></html>'
    )
