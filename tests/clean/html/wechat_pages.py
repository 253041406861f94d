"""Specimens of WeChat pages: the true make of each era and kind, words of our own."""

# ruff: noqa: E501 -- markup as the platform writes it
__all__ = [
    "ERA_A", "ERA_B", "ERA_C", "ERA_D", "IMAGE_POST", "INNER_PAGE", "MHTML", "PAID", "REBUILT", "SHARED", "TEXT_POST",
    "VIDEO_POST", "data_script",
]  # fmt: skip

ERA_A = """<!DOCTYPE html><!-- saved from url=(0064)http://mp.weixin.qq.com/s?__biz=MzA=&mid=11&idx=1&sn=ab&key=secret#rd -->
<html><head><title>造纸</title><script>var e = function () { var ct = "1"; var msg_title = "no"; };</script></head>
<body id="activity-detail"><div id="js_article" class="rich_media"><div class="rich_media_inner">
<h2 class="rich_media_title" id="activity-name"> 造纸 </h2>
<div class="rich_media_meta_list"><em id="post-date" class="rich_media_meta rich_media_meta_text">2017-01-18</em>
<em class="rich_media_meta rich_media_meta_text">蔡伦</em>
<a class="rich_media_meta rich_media_meta_link rich_media_meta_nickname" id="post-user">纸上谈书</a>
<span class="rich_media_meta rich_media_meta_text rich_media_meta_nickname">纸上谈书</span></div>
<div class="rich_media_content" id="js_content"><p>先把树皮泡在水里。</p></div></div></div>
<script>var nickname = "纸上谈书"; var ct = "1484711400"*1;
var publish_time = "2017-01-18" || "";
var msg_cdn_url = "http://mmbiz.qpic.cn/mmbiz/a/0"; var msg_desc = "一步\\x0a两步";</script></body></html>"""

ERA_B = """<!DOCTYPE html><html><head><title></title></head><body id="activity-detail"><div id="js_article">
<h2 class="rich_media_title" id="activity-name">抄书人</h2>
<div id="meta_content" class="rich_media_meta_list"><span id="copyright_logo">原创：</span>
<span class="rich_media_meta rich_media_meta_text"><span id="js_author_name">小楷</span></span>
<span class="rich_media_meta rich_media_meta_nickname" id="profileBt"><a id="js_name"> 纸上谈书
</a><div id="js_profile_qrcode" style="display:none;"><strong class="profile_nickname">纸上谈书</strong></div></span>
<em id="publish_time" class="rich_media_meta rich_media_meta_text">昨天</em></div>
<div class="rich_media_content" id="js_content"><p>抄完一卷，天就亮了。</p></div>
<a id="js_view_source" href="##">阅读原文</a></div>
<script type="text/javascript">var biz = "MzA="||""; var sn = "cd" || ""|| ""; var mid = "22" || ""|| ""; var idx = "1";</script>
<script type="text/javascript">
    var item_show_type = "0";
    var ct = "1546608540";
    var copyright_stat = "1" * 1;
    var msg_title = "抄书人";
    var msg_source_url = 'https://example.org/a?b=1\\x26amp;c=2';
    var modify_time = "1546744264";
    var svr_time = "1547980456" * 1;
</script></body></html>"""

ERA_C = """<!DOCTYPE html><html><head><meta property="og:title" content="两种纸"><meta name="author" content="小楷"></head>
<body id="activity-detail" class="zh_CN"><div id="js_article" class="rich_media"><h1 class="rich_media_title " id="activity-name">
两种纸</h1><div id="meta_content" class="rich_media_meta_list"><a id="js_name">纸上谈书</a>
<em id="publish_time"></em><em id="js_ip_wording_wrp" style="display: none;"><span id="js_ip_wording"></span></em></div>
<div class="original_area_primary"><p class="original_primary_card_tips"><span>以下文章来源于新纸周刊</span>
<span>，作者何纸</span></p></div>
<div class="rich_media_content " id="js_content" style="visibility: hidden;"><p>生宣与熟宣。</p></div></div>
<script>function htmlDecode(str) { return str.replace(/&#39;/g, '\\''); }
var nickname = htmlDecode("纸上谈书"); var ct = "1669000000"; var create_time = "1669000000" * 1;
var msg_title = '两种纸 &amp;amp; 一支笔'.html(false);
var ip_wording = { countryName: '中国', countryId: '156', provinceName: '安徽' };
var is_temp_url = "" ? 1 : 0; var uin = ("0" || "") * 1;
</script></body></html>"""


def data_script(fields: str) -> str:
    """Return the script that holds the data of a page of 2025."""
    return (
        "<script type='text/javascript' h5only>(function() { function JsDecode(str) { return str && str"
        ".replace(/\\\\x22/g, '\"').replace(/\\\\x3c/g, '<'); } try { window.cgiDataNew = {\n"
        f"base_resp: {{ ret: '0' * 1, }},\n{fields}\n}}; }} catch (e) {{ window.cgiError = e; }} }})();</script>"
    )


_COMMON = r"""
    nick_name: JsDecode('纸上谈书'), bizuin: JsDecode('MzA='), mid: '33' * 1, idx: '2' * 1, sn: JsDecode('ef'),
    ori_create_time: '1762747210' * 1, create_time: JsDecode('2025-11-10 12:00'), svr_time: '1762926245' * 1,
    link: JsDecode('https://mp.weixin.qq.com/s/AbCdEf'), source_url: JsDecode(''),
    copyright_info: { copyright_stat: '1' * 1, is_cartoon_copyright: '0' * 1, },
    ip_wording: { country_name: JsDecode('中国'), province_name: JsDecode('安徽'), }, show_ip_wording: '1' * 1,
"""

# A bundle that names the same things, as two of its three megabytes do.
_BUNDLE = """<script>var __INLINE_SCRIPT__ = (function () { 'use strict';
var item_show_type = '5'; var ct = '1'; window.cgiDataNew = window.cgiDataNew || {};
var t = { item_show_type: 7, title: 'no' }; return /[/'"]{2}/.test(t); })();</script>"""

ERA_D = (
    """<!DOCTYPE html><html><head><meta property="og:url" content="https://mp.weixin.qq.com/s?__biz=MzA=&amp;mid=33"></head>
<body id="activity-detail"><script>window.PAGE_MID="mmbizwap:appmsg/newindex.html"</script>"""
    + _BUNDLE
    + """<div id="js_article" class="rich_media"><h1 class="rich_media_title " id="activity-name">
<span class="js_title_inner">竹纸与皮纸</span></h1><a id="js_name">纸上谈书 </a>
<em id="publish_time" class="rich_media_meta rich_media_meta_text"></em>
<div class="rich_media_content" id="js_content" style="visibility: hidden; opacity: 0; "><section><span leaf="">竹纸脆，皮纸韧。</span>
</section><p style="display: none;"><mp-style-type data-value="3"></mp-style-type></p></div></div>"""
    + data_script(
        _COMMON
        + r"""title: JsDecode('竹纸与皮纸'), item_show_type: '0' * 1, modify_time: '1762750000' * 1,
    desc: JsDecode('\x22脆\x22与\x0a韧'), content_noencode: JsDecode('\x3cp\x3e竹纸脆。\x3c/p\x3e'),
    appmsgalbuminfo: { title: JsDecode('纸 \x26amp; 墨'), }, claim_source: { claim_source: JsDecode('内容由AI生成') },"""
    )
    + "</body></html>"
)

IMAGE_POST = (
    """<html><body class="page_share_img"><script>window.PAGE_MID="mmbizwap:pages/common_share.html"</script>
<div id="js_article" class="share_content_page"><div id="img_swiper_placeholder"></div></div>"""
    + data_script(
        _COMMON
        + r"""title: JsDecode('三张纸'), item_show_type: '8' * 1,
    content_noencode: JsDecode('第一张是竹纸。\x0a\x0a第二张是皮纸。\x0a第三张 \x3ca class=\x22wx_topic_link\x22\x3e#宣纸\x3c/a\x3e'),
    picture_page_info_list: [
      { cdn_url: JsDecode('https://mmbiz.qpic.cn/mmbiz_jpg/one/640?wx_fmt=jpeg\x26amp;from=appmsg'), width: '1080' * 1,
        watermark_info: { cdn_url: JsDecode('https://mmbiz.qpic.cn/mmbiz_jpg/mark/0'), },
        share_cover: { cdn_url: JsDecode('https://mmbiz.qpic.cn/mmbiz_jpg/cover/0'), }, },
      { cdn_url: JsDecode('https://mmbiz.qpic.cn/mmbiz_jpg/two/640'), },
    ],"""
    )
    + "</body></html>"
)

TEXT_POST = (
    """<html><body class="page_share_text"><div id="js_article" class="page_pages share_content_page"><div id="js_content">
<div class="wx_follow_nickname">纸上谈书</div><h1 id="js_text_title" class="rich_media_title "></h1></div></div>"""
    + data_script(
        _COMMON
        + r"""title: JsDecode('今天下雨。\x0a\x0a纸都潮了 \x26lt;三天\x26gt;。'), item_show_type: '10' * 1, content_noencode: JsDecode(''),
    text_page_info: { content_noencode: JsDecode('今天下雨。\x0a\x0a纸都潮了 \x26lt;三天\x26gt;。'), is_user_title: '0' * 1, },"""
    )
    + "</body></html>"
)

VIDEO_POST = (
    """<html><body><div id="js_article" class="share_content_page"></div>"""
    + data_script(
        _COMMON
        + r"""title: JsDecode('抄纸'), item_show_type: '5' * 1, desc: JsDecode('一帘一张。'),
    video_page_info: { video_id: JsDecode('wxv_1'), cover_url: JsDecode('http://mmbiz.qpic.cn/c/0?a=1\x26amp;b=2'),
      mp_video_trans_info: [ { url: JsDecode('http://mpvideo.qpic.cn/1.mp4?x=1\x26amp;y=2') } ], },"""
    )
    + "</body></html>"
)

SHARED = (
    """<html><body><div id="js_article"><div id="img-content" class="original_page"><h1 id="activity-name">一份旧纸</h1>
<a id="js_name">转纸的人</a><p id="js_share_notice"></p><div id="js_share_content"><div id="js_share_author">新纸周刊</div>
<div class="original_panel_content" id="js_content" aria-hidden="true"></div>
<span id="js_share_source" data-url="http://mp.weixin.qq.com/s?__biz=MzB%3D&amp;mid=4&amp;idx=1">阅读全文</span></div></div></div>"""
    + data_script(
        r"""nick_name: JsDecode('转纸的人'), title: JsDecode('一份旧纸'), item_show_type: '0' * 1, ori_create_time: '1574683643' * 1,
    copyright_info: { copyright_stat: '2' * 1, },
    content_noencode: JsDecode('\x3cp\x3e原文 a \x26lt; b。\x3c/p\x3e\x3cp\x3e\x3cimg data-src=\x22https://mmbiz.qpic.cn/x/640\x22\x3e\x3c/p\x3e'),"""
    )
    + "</body></html>"
)

PAID = ERA_D.replace("item_show_type: '0' * 1,", "item_show_type: '0' * 1, is_pay_subscribe: '1' * 1,")

REBUILT = """<html><head><meta charset="UTF-8"><title>旧文</title></head><body><div class="article-header"><h1 class="article-title">旧文</h1>
<div class="article-meta"><p><strong>来源:</strong> 纸上谈书</p><p><strong>发布时间:</strong> 2016-08-22</p>
<p><strong>原文链接:</strong> <a href="http://mp.weixin.qq.com/s?__biz=MzA=&amp;mid=5&amp;idx=1&amp;sn=aa">http://mp.weixin.qq.com/s?__biz=MzA=&amp;mid=5&amp;idx=1&amp;sn=aa</a></p></div></div>
<div><div id="js_content"><p>三月初，写了四篇。</p></div></div><div class="article-footer"><p>本文抓取时间: 2026-03-28</p></div></body></html>"""

INNER_PAGE = """<section data-mpa-powered-by="yiban.io"><p><span leaf="">只剩里面这一段。</span></p></section>
<p><img data-src="https://mmbiz.qpic.cn/mmbiz_png/inner/640"></p>"""

_MHTML_PAGE = ERA_B.partition("<script")[0].replace("昨天", "4天前").replace("=", "=3D") + "</body></html>"

MHTML = (
    "From: <Saved by WebKit>\r\nSubject: ???\r\nDate: Sat, 7 Dec 2018 21:40:15 +0800\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----=_Part"\r\n\r\n'
    "------=_Part\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    "------=_Part\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    "Content-Location: https://mp.weixin.qq.com/s?__biz=MzA=&mid=7&idx=1&sn=x&pass_ticket=secret#rd\r\n\r\n"
    + _MHTML_PAGE.replace("抄完", "抄=\r\n完")
    + "\r\n------=_Part--\r\n"
)
