"""A WeChat article of 2025 make as a server sends it: the platform's structure, words of our own.

What a reader sees is hidden until a script lifts it, pictures have their address in `data-src`, the data stands in
`cgiDataNew`, and most bytes are scripts. On the platform the lifting is done by scripts from elsewhere; here it is one
line, because those are the platform's own.
"""

# ruff: noqa: E501 -- markup as the platform writes it
from string import Template

__all__ = ["ARTICLE_PATH", "COLOUR", "TEXT", "TITLE", "WALL_PATH", "article", "deep_style", "deleted", "shell", "style", "wall"]  # fmt: skip

ARTICLE_PATH = "/s/XuanZhiBambooPaper0001"
WALL_PATH = "/mp/wappoc_appmsgcaptcha"

TITLE = "竹纸与皮纸"
TEXT = "竹纸脆，皮纸韧；两者相合，便是一张好纸。"
COLOUR = "rgb(32, 96, 64)"
"""Of the text, by the style sheet."""

_ARTICLE = Template("""<!DOCTYPE html>
<html class=""><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1.0"><title></title>
<meta property="og:title" content="$title"><meta property="og:image" content="$pictures/mmbiz_jpg/cover/0?wx_fmt=jpeg">
<meta property="og:url" content="$host/s?__biz=MzA%3D&amp;mid=33&amp;idx=2&amp;sn=ef">
<link rel="stylesheet" href="$styles/mmbizappmsg/zh_CN/article.css">
<script>window.PAGE_MID="mmbizwap:appmsg/newindex.html"</script></head>
<body id="activity-detail" class="zh_CN wx_wap_page">
<script>var __INLINE_SCRIPT__ = (function () { 'use strict'; window.cgiDataNew = window.cgiDataNew || {};
$bundle
var t = { item_show_type: 7, title: 'no' }; return /[/'"]{2}/.test(t); })();</script>
<div id="js_article" class="rich_media"><div id="js_row_immersive_stream_wrap"><img alt="cover_image" class="cover" data-src="$pictures/mmbiz_jpg/cover/0?wx_fmt=jpeg"></div>
<h1 class="rich_media_title " id="activity-name"><span class="js_title_inner">$title</span></h1>
<div id="meta_content" class="rich_media_meta_list"><span id="js_author_name">小楷</span> <a id="js_name">纸上谈书</a>
<em id="publish_time" class="rich_media_meta rich_media_meta_text"></em></div>
<div class="rich_media_content js_underline_content" id="js_content" style="visibility: hidden; opacity: 0; ">
<section><span leaf="">$text</span></section>
<p><img class="rich_pages wxw-img" data-type="png" data-w="96" data-ratio="0.5" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" data-src="$pictures/mmbiz_png/bamboo/640?wx_fmt=png&amp;from=appmsg"></p>
<section style="background-image: url(&quot;$pictures/mmbiz_png/frame/640?wx_fmt=png&quot;);"><span leaf="">一帘一张，日晒夜露。</span></section>
<p><img class="rich_pages wxw-img" data-type="jpeg" data-w="80" data-src="$pictures/mmbiz_jpg/vat/640?wx_fmt=jpeg#imgIndex=1"></p>
<p style="display: none;"><mp-style-type data-value="3"></mp-style-type></p></div>
<div id="js_tags_preview_toast" style="display:none">预览时标签不可点</div></div>
<div id="js_pc_qr_code" style="display:none"><p>微信扫一扫<br>关注该公众号</p></div>
<script type="text/javascript" h5only>(function() { function JsDecode(str) { return str && str.replace(/\\\\x22/g, '"').replace(/\\\\x26/g, '&'); } try { window.cgiDataNew = {
base_resp: { ret: '0' * 1, }, nick_name: JsDecode('纸上谈书'), bizuin: JsDecode('MzA='), mid: '33' * 1, idx: '2' * 1, sn: JsDecode('ef'),
title: JsDecode('$title'), item_show_type: '0' * 1, ori_create_time: '1762747210' * 1, create_time: JsDecode('2025-11-10 12:00'),
link: JsDecode('$host$path'), cdn_url: JsDecode('$pictures/mmbiz_jpg/cover/0?wx_fmt=jpeg'), source_url: JsDecode(''),
copyright_info: { copyright_stat: '1' * 1, }, ip_wording: { province_name: JsDecode('安徽'), },
}; } catch (e) { window.cgiError = e; } })();</script>
<script>document.querySelectorAll('[data-src]').forEach(function (e) { e.src = e.getAttribute('data-src'); }); document.getElementById('js_content').style.cssText = '';</script>
</body></html>
""")

_NOTICE = """<!DOCTYPE html><html><head><title></title></head><body><div class="weui-msg"><div class="weui-msg__text-area">
<div class="weui-msg__title warn">该内容已被发布者删除</div></div></div></body></html>"""

_WALL = """<!DOCTYPE html><html><head><title></title></head><body><div class="weui-msg"><h2 class="weui-msg__title">环境异常</h2>
<p class="weui-msg__desc">当前环境异常，完成验证后即可继续访问。</p><a id="js_verify" href="javascript:;">去验证</a></div></body></html>"""

_SHELL = """<!DOCTYPE html><html><head><title></title></head><body><div class="weui-msg"></div>
<script>var PAGE_MID='mmbizwap:secitptpage/verify.html'; var cap_sid = ''; var poc_token = 'HExample';</script></body></html>"""

_STYLE = Template("""@charset "UTF-8";
@import url("deep.css");
body { margin: 0 auto; max-width: 677px; background: #fafaf5 url("../images/paper.png") repeat; }
.rich_media_title { font-size: 34px; font-weight: 400; }
.rich_media_content { color: $colour; font-size: 20px; }
.cover { width: 100%; height: 120px; object-fit: cover; }
""")


def _bundle() -> str:
    """Return scripts that mean nothing: 200 KB, no two lines alike."""
    return "\n".join(
        f"function f{n}(e) {{ var item_show_type = '{n % 20}'; return e && e.length > {n * 7919 % 104729} ? e : {n}; }}"
        for n in range(2000)
    )


def article(port: int, text: str = TEXT) -> str:
    """Return the article; the hosts that it names answer at this port."""
    return _ARTICLE.substitute(
        title=TITLE,
        text=text,
        bundle=_bundle(),
        path=ARTICLE_PATH,
        host=f"http://mp.weixin.qq.com:{port}",
        pictures=f"http://mmbiz.qpic.cn:{port}",
        styles=f"http://res.wx.qq.com:{port}",
    )


def style() -> str:
    """Return the style sheet of the article."""
    return _STYLE.substitute(colour=COLOUR)


def deep_style() -> str:
    """Return the style that the style sheet imports."""
    return "#js_name { color: rgb(87, 107, 149); border-bottom: 1px solid; }"


def deleted() -> str:
    """Return the notice that stands for an article whose author took it back."""
    return _NOTICE


def wall() -> str:
    """Return the wall that asks for a person, in words."""
    return _WALL


def shell() -> str:
    """Return the wall that has no words: scripts fetch the captcha."""
    return _SHELL
