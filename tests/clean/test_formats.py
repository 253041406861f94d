"""What is no page is told by its content, whatever its name; what only looks like it stays a page or a snapshot."""

import json
from collections.abc import Callable

import pytest
from draws import draws
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clean.errors import NotAPage, NotText
from clean.formats.model import FORMATS
from clean.formats.text import other_format
from clean.page import clean_page
from clean.pipeline import clean

CLEANERS: list[Callable[[bytes], object]] = [clean, clean_page]

ITEM = "<item><title>皮纸</title><link>https://paper.example/2</link></item>"
NAMESPACES = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
ENTRY = {"request": {"url": "https://paper.example/"}, "response": {"content": {"text": "<p>纸</p>"}}}
KEY = "example,paper)/a 20260304050607"
LOG = '192.0.2.7 - - [04/Mar/2026:05:06:07 +0800] "GET /{} HTTP/1.1" 200 512 "-" "Browser"\n'
LETTER = (
    "From: 周 <zhou@paper.example>\nTo: li@paper.example\nSubject: =?utf-8?q?=E7=BA=B8?=\nMessage-ID: <1@a.example>\n"
)

EXAMPLES = {
    "rss": [
        f'<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><!-- 纸 --><rss version="2.0">{ITEM}</rss>',
        f'\n <rss version="0.91" xmlns:a="urn:a"><channel>{ITEM}</channel></rss>\n',
        f'<?xml version="1.0"?><rss version="2.0"><channel>{ITEM}<item><title>cut of',
    ],
    "atom": ['<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh"><title>纸</title></feed>'],
    "rdf": [f'<?xml version="1.0"?>\n<rdf:RDF {NAMESPACES}>{ITEM}</rdf:RDF>'],
    "sitemap": [
        f'<?xml version="1.0"?><urlset xmlns="{SITEMAP}"><url><loc>https://paper.example/</loc></url></urlset>',
        f'<sitemapindex xmlns="{SITEMAP}"><sitemap><loc>https://paper.example/s.xml</loc></sitemap></sitemapindex>',
    ],
    "opml": [
        '<?xml version="1.0"?><opml version="2.0"><body><outline xmlUrl="https://paper.example/f"/></body></opml>'
    ],
    "plist": ['<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//A//B" "http://c.example/"><plist><dict/></plist>'],
    "svg": ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text>纸</text></svg>'],
    "json": [
        '{"ret": 0, "title": "竹纸", "content": "<p>竹纸以嫩竹为料。</p>"}',
        '[{"title": "竹纸"}, {"title": "皮纸"}]',
        '["竹", "皮", "麻"]',
        ")]}',\n" + '{"data": [1, 2]}',
        'for(;;);{"data": [1, 2]}',
        '{"title": "竹纸", "content": "<p>竹纸以嫩竹为',
        '{"title": "竹纸", "likes": 12, "open": tr',
        json.dumps({"title": "竹纸"}, indent=2),
        "[" * 200_000,
    ],
    "json-feed": ['{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}]}'],
    "har": [
        json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}}),
        json.dumps({"log": {"version": "1.2", "entries": [ENTRY, ENTRY]}})[:-90],
    ],
    "json-lines": [
        '{"url": "https://paper.example/"}\n{"url": "https://paper.example/b"}\n',
        '{"a": 1}\n[2, 3]\n{"c": "cut o',
    ],
    "cdx": [
        " CDX N b a m s k r M S V g\ncom,a)/ 20260304050607 http://a.example/ text/html 200 AAAA - - 12 34 a.warc.gz\n",
        f"{KEY} https://paper.example/a text/html 200 AAAA - - 812 333 a.warc.gz\n" * 3,
    ],
    "cdxj": [
        f'{KEY} {{"url": "https://paper.example/a", "filename": "a.warc.gz", "offset": "0"}}\n',
        f'!meta 0 {{"format": "a"}}\n{KEY} {{"url": "https://paper.example/a"}}\n'
        f'{KEY} {{"url": "https://b.example/"}}\n',
    ],
    "javascript": [
        '(function () {\n  "use strict";\n  var paper = "宣纸 is made of 青檀"; // 各地不同\n  show(paper);\n})();\n',
        '/*! paper.js v1.2, see the licence */\n!function(e,t){"object"==typeof exports?t(exports):t(e.p={})}(this,f);',
        "window.__DATA__ = {title: '竹纸', parts: [1, 2, 3]};",
        "import { a } from './a.js';\nexport default function main() { return a(/[\"']/g); }",
        'callback({"title": "竹纸", "items": [1, 2]});',
        'document.write("<p>竹纸是怎样做的，各地不同。</p>"); document.close();',
    ],
    "css": [
        '@charset "utf-8";\n/* 正文 */\nbody { font: 14px/1.5 "宋体", serif }\n.a > .b, #c { color: red; }\n',
        "@media (max-width: 40em) { .a { width: 10px } @supports (display: grid) { .b { display: grid; } } }",
        ":root{--paper:#fffdf5;--ink:#111}.a::before{content:'{';background:url(data:image/png;base64,AA==)}",
        ".a { color: red }\n.b { color: blu",
    ],
    "mail": [
        LETTER + "Date: Wed, 4 Mar 2026 05:06:07 +0800\nMIME-Version: 1.0\nContent-Type: text/plain\n\n纸已寄出。\n",
        "Return-Path: <a@b.example>\nReceived: from a\n by b; Wed, 4 Mar 2026\n" + LETTER + "\n纸已寄出。\n",
        LETTER
        + "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n纸\n--b--",
    ],
    "mailbox": ["From zhou@paper.example Wed Mar  4 05:06:07 2026\n" + LETTER + "\n纸已寄出。\n"],
    "robots": [
        "# robots.txt of paper.example\nUser-agent: *\nDisallow: /admin/\n\nUser-agent: Bot # any\nAllow: /\n",
        "Sitemap: https://paper.example/sitemap.xml\n",
        "User-Agent: *\nCrawl-delay: 10\nHost: paper.example\nDisallow:\nAllow: /a\n",
    ],
    "log": [
        "".join(LOG.format(number) for number in range(4)),
        "#Software: IIS\n#Fields: date time cs-method cs-uri-stem sc-status\n2026-03-04 05:06:07 GET /a 200\n",
    ],
    "csv": [
        '"书名","作者","说明"\n"竹纸","周","以嫩竹为料，各地不同。"\n"皮纸","李","以树皮为料。"\n',
        "name\tplace\tnote\n竹纸\t夹江\t嫩竹\n皮纸\t泾县\t青檀\n",
        "date,sheets\n" + "".join(f"2026-03-0{number},{number * 7}\n" for number in range(1, 7)),
        "name,place,maker\n" + "".join(f"竹纸{number},夹江,周\n" for number in range(5)),
        "年,产量,价\n"
        + "".join(f"{1990 + number};甲,乙,{number}\n".replace(";甲", "").replace("乙", "3") for number in range(6)),
        "书名,年份,页数\n" + "".join(f'"竹纸, 第{number}卷",{1990 + number},{number * 7}\n' for number in range(6)),
    ],
    "addresses": [
        "https://paper.example/1\nhttps://paper.example/2\n",
        "http://paper.example/竹纸\n\nhttps://paper.example/a?b=c#d\n  https://paper.example/3",
    ],
    "shortcut": ["[InternetShortcut]\nURL=https://paper.example/1\nIconIndex=0\n"],
    "xslt": [
        '<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="/"><html><body><p>纸</p></body></html></xsl:template></xsl:stylesheet>',
    ],
    "soap": [
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>',
    ],
    "xml": [
        '<?xml version="1.0"?>\n<!-- 账目 -->\n<kml xmlns="http://www.opengis.net/kml/2.2"><Point>1,2</Point></kml>',
        '<?xml version="1.0" encoding="UTF-8"?><metadata><title>竹纸</title><creator>周</creator></metadata>',
    ],
    "yaml": [
        "services:\n  web:\n    image: nginx:1.25 # 网页\n    ports:\n      - '80:80'\n  db:\n    image: postgres\n",
        "%YAML 1.2\n---\na_list:\n- name: 竹纸\n  text: |\n    竹纸以嫩竹为料。\n\n    各地不同。\n"
        "- name: 皮纸\n  of: {bark: 1}\n"
        "more:\n  deep: true\n",
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: a\n---\napiVersion: v1\n"
        "kind: Pod\nmetadata:\n  name: b\n",
    ],
    "toml": [
        'title = "竹纸"\nyear = 2026\n\n[made]\nof = ["bamboo", "lime"]\nnote = """\n各地不同。\n"""\n',
        "[[paper]]\nname = 'a'\nweight = 35.5\n[[paper]]\nname = 'b'\n",
    ],
    "ini": [
        "; 设置\n[main]\nname = paper\npath: /var/paper\n[other]\nsize=3\nlist =\n  one\n  two\n",
        "[Unit]\nDescription=Paper\nAfter=network.target\n[Service]\nExecStart=/bin/paper --now\n",
        "PAPER_HOST=127.0.0.1\nPAPER_PORT=80\nexport PAPER_SECRET=none\n",
        "[Desktop Entry]\nName=Paper\nName[zh_CN]=宣纸\nExec=paper %U\n",
    ],
    "sql": [
        "-- dump of papers; 2026\nCREATE TABLE `paper` (\n  `id` int NOT NULL, `name` text COMMENT '纸名; 必填'\n);\n"
        "INSERT INTO `paper` VALUES (1,'竹纸; it''s old'),(2,'皮纸');\n/*!40101 SET NAMES utf8 */;\n",
        "SET client_encoding = 'UTF8';\nCOPY paper (id, name) FROM stdin;\n1\t竹纸; 皮纸\n"
        "\\.\nALTER TABLE paper OWNER TO zhou;\n",
    ],
    "diff": [
        "diff --git a/a.py b/a.py\nindex 12ab34c..56de78f 100644\n--- a/a.py\n"
        "+++ b/a.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n",
        "--- old.txt\t2026-03-04\n+++ new.txt\t2026-03-05\n@@ -3 +3 @@ 竹纸\n-旧\n+新\n\\ No newline at end of file\n",
        f"From {'0a' * 20} Mon Sep 17 00:00:00 2001\nFrom: 周 <z@a.example>\nSubject: 纸\n\n说明。\n---\n a | 2 +-\n\n"
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n",
    ],
    "translations": [
        '# 翻译\nmsgid ""\nmsgstr ""\n"Language: zh\\n"\n\n#: a.c:3\n#, c-format\n'
        'msgid "paper \\"%s\\""\nmsgstr "纸“%s”"\n',
        'msgctxt "menu"\nmsgid "sheet"\nmsgid_plural "sheets"\nmsgstr[0] "张"\n',
    ],
    "srt": [
        "1\n00:00:01,000 --> 00:00:04,200\n竹纸以嫩竹为料。\n\n"
        "2\n00:00:04,500 --> 00:00:07,000\n<i>各地不同。</i>\n第二行\n",
        "1\n0:00:01.0 --> 0:00:04.2\nBamboo paper\n\n2\n0:00:04.5 --> 0:0",
    ],
    "vtt": [
        "WEBVTT - 竹纸\n\nNOTE 听写\n\nintro\n00:01.000 --> 00:04.000 line:0\n<v 周>竹纸以嫩竹为料。\n"
        "\n00:05.000 --> 00:06.000\n好\n",
        "WEBVTT\n",
    ],
    "ass": [
        "[Script Info]\nTitle: 竹纸\nScriptType: v4.00+\n\n[V4+ Styles]\n"
        "Format: Name, Fontname\nStyle: Default,宋体\n\n"
        "[Events]\nFormat: Layer, Start, Text\nDialogue: 0,0:00:01.00,竹纸以嫩竹为料。\n",
    ],
    "ttml": [
        '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body>'
        '<div><p begin="1s" end="2s">竹纸</p></div></body></tt>'
    ],
    "lyrics": [
        "[ti:竹纸谣]\n[ar:周]\n[00:01.20]嫩竹青青\n[00:05.61][00:25.61]水塘深\n[00:09.00]\n",
        "[00:01.20]one\n[00:05.61]two\n[00:09.00]three\n",
    ],
    "playlist": [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9.9,\nhttps://paper.example/a.ts?x=1\n#EXTINF:9.9,\nb.ts\n#EXT-X-ENDLIST\n",
        "竹纸 第一讲.mp3\n竹纸 第二讲.mp3\n",
        '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList/></playlist>',
    ],
    "references": [
        "% 文献\n@book{song1637,\n  author = {宋应星},\n  title = {{天工}开物 a) b},\n"
        '  year = 1637\n}\n\n@string{x = "纸"}\n',
        "TY  - BOOK\nAU  - 宋应星\nTI  - 天工开物\nPY  - 1637\nER  - \n\nTY  - JOUR\nTI  - 竹纸\nER  -\n",
        "%0 Book\n%A 宋应星\n%T 天工开物\n%D 1637\n",
        "PMID- 123\nOWN - NLM\nTI  - Bamboo paper\n      and lime.\nAU  - Zhou\n",
    ],
    "pem": [
        "-----BEGIN CERTIFICATE-----\nMIIBszCCARygAwIBAgIB\nAAAA==\n-----END CERTIFICATE-----\n",
        "# 测试\nsubject=CN = paper.example\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n"
        "-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBFXY\n=aB3+\n-----END PGP PUBLIC KEY BLOCK-----\n",
    ],
    "program-log": [
        "2026-03-04 05:06:07,123 INFO  [main] paper.App - 开始\n"
        "2026-03-04 05:06:08,001 ERROR [main] paper.App - 失败\n"
        "java.io.IOException: no paper\n    at paper.App.main(App.java:7)\n"
        "2026-03-04 05:06:09,000 WARN [main] a - b\n",
        "".join(f"Mar  4 05:06:0{n} host paperd[{n}]: sheet {n} made\n" for n in range(4)),
        "".join(f"2026/03/04 05:06:0{n} [error] 12#0: *1 open() failed\n" for n in range(3)),
    ],
    "calendar": ["BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n"],
    "contacts": ["BEGIN:VCARD\nVERSION:3.0\nFN:周\nEND:VCARD\n"],
}


def test_every_format_has_an_example() -> None:
    assert EXAMPLES.keys() == FORMATS.keys()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in EXAMPLES.items() for text in texts])
@pytest.mark.parametrize("dress", ["bare", "mark", "windows", "utf-16"])
def test_what_is_no_page_is_refused_with_what_it_is(name: str, text: str, dress: str) -> None:
    data = text.encode()
    if dress == "mark":
        data = b"\xef\xbb\xbf" + data
    elif dress == "windows":
        data = text.replace("\n", "\r\n").encode()
    elif dress == "utf-16":
        data = text.encode("utf-16")
    for cleaner in CLEANERS:
        with pytest.raises(NotAPage) as caught:
            cleaner(data)
        assert (caught.value.name, caught.value.code) == (name, "unsupported")
        assert str(caught.value) == f"this is {FORMATS[name].what}, not a page"
        assert caught.value.hint == FORMATS[name].hint != ""


LISTING = EXAMPLES["rss"][0]
PROSE = "竹纸以嫩竹为料，砍下后浸在塘里一百天，再用石灰煮。"

TEXTS = [
    f'{{"title": "竹纸"}}\n\n{PROSE}',
    '---\ntitle: 接口\n---\n{"title": "竹纸"}\n',
    f"# 怎样写订阅源\n\n```xml\n{LISTING}\n```\n\n{PROSE}\n",
    f"<rss version='2.0'>\n\n上面是订阅源的第一行。{PROSE}",
    "# robots.txt\n\nUser-agent: *\nDisallow: /\n\n这两行不让任何程序访问。\n",
    "From: the first line of a poem\nTo: nobody in particular\nDate: never\nSubject: paper\n\nand so it goes on\n",
    f"他在信里写道：\n\nFrom: zhou@paper.example\nTo: li@paper.example\nMessage-ID: <1@a>\n\n{PROSE}",
    f"Title: 竹纸\n\nURL Source: https://paper.example/1\n\nMarkdown Content:\n{PROSE}",
    "[竹纸](https://paper.example/1)\n[皮纸](https://paper.example/2)\n",
    "[1] 宋应星：《天工开物》。\n[2] 苏易简：《文房四谱》。\n",
    "[2026]",
    "{注意}",
    "var 是一个关键字，(见下文); {如此}",
    "let us begin (again); it is = {a} b;",
    "function words are (mostly) short; see {the list} = [below];",
    "import duties (on paper) are low; see the table [1] = {2};",
    "a { b } c; d: e; f",
    "Note: see {below}; it is short.\n",
    "one, two, 3\nfour, five, 6\nseven eight, nine\nten, eleven, 12\nthirteen, fourteen, 15\n",
    "纸，墨，笔，砚\n" * 6,
    "| a, 1, 2 |\n|---|\n" + "| b, 3, 4 |\n" * 6,
    "20260304050607 是时间戳的写法。\n",
    f"1\n00:00:01,000 --> 00:00:04,200\n竹纸\n\n上面是字幕文件的一段。{PROSE}\n\n下面再说。\n",
    f"WEBVTT 是字幕的一种格式。\n\n{PROSE}",
    "[00:12] 问：竹纸怎么做？\n[00:15] 答：先砍嫩竹。\n[00:40] 问：然后呢？\n[00:44] 答：浸在塘里。\n",
    "[01:10:12] 主持人：今天说竹纸。\n[01:10:40] 周：竹纸要用嫩竹。\n[01:12:01] 主持人：哦。\n",
    "2026-03-04 05:06:07 张三: 到了吗\n2026-03-04 05:07:07 李四: 还没有\n2026-03-04 05:08:07 张三: 好\n",
    "2026-03-04 到夹江\n2026-03-05 看纸坊\n2026-03-06 回成都\n",
    "人有悲欢离合,月有阴晴圆缺,此事古难全\n" * 6,
    "Paper, ink, brush\nWater, fire, stone\nBamboo, lime, time\nHand, eye, breath\nSun, wind, shade\n",
    "材料:\n- 嫩竹\n- 石灰\n做法:\n- 浸\n- 煮\n- 抄\n",
    "Ingredients:\n- bamboo\n- lime\nMethod:\n- soak it\n- boil it\n",
    "Q: What is paper?\nA: A sheet.\nQ: Of what?\nA: Of fibres.\n",
    "title: 竹纸\nauthor: 周\n\n" + PROSE,
    "---\ntitle: 竹纸\nmeta:\n  a: 1\n  b: 2\n---\n\n" + PROSE,
    "---\ntitle: 竹纸\nmeta:\n  a: 1\n  b: 2\n---\n\n```yaml\na:\n  b: 1\n  c: 2\n```\n",
    f"[设置]\n\n{PROSE}\n\nname = paper\n",
    "[注一]\n甲=乙\n丙=丁\n",
    "E = m c\n",
    f"https://paper.example/1\n\n{PROSE}",
    "https://paper.example/1\n",
    f"#EXTM3U 是播放列表的第一行。\n\n{PROSE}",
    f"-- 这是注释\nSELECT 是一个词; INSERT INTO 是两个。{PROSE}",
    "Select a paper; insert into the press; set it aside; create a table of sheets.\n",
    f"CREATE TABLE paper (id int);\n\n上面的语句建一张表。{PROSE}",
    f"--- a/纸\n+++ b/纸\n\n{PROSE}",
    f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{PROSE}\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n"
    "-----END PGP SIGNATURE-----\n",
    f"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n\n证书如上。{PROSE}",
    f'msgid "paper"\nmsgstr "纸"\n\n{PROSE}',
    f"@book{{song1637,\n  title = {{天工开物}}\n}}\n\n{PROSE}",
    "@周 你好，见(附件)。\n",
    f"TY  - BOOK\nER  -\n\n{PROSE}",
    "BM 是一种纸。ID3 不是纸。RIFF",
    "GIF8 是什么？",
]

HEAD = '<head><meta charset="utf-8"><title>竹纸</title></head>'
PAGES = [
    f"<!DOCTYPE html><html>{HEAD}<body><pre>User-agent: *\nDisallow: /</pre><p>{PROSE}</p></body></html>",
    f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/'
    f'TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml">{HEAD}<body><p>{PROSE}</p></body></html>',
    f"<html>{HEAD}<body><svg xmlns='http://www.w3.org/2000/svg'><text>图</text></svg><p>{PROSE}</p></body></html>",
    f"<html>{HEAD}<body><xmp>{LISTING}</xmp><p>{PROSE}</p></body></html>",
    f"<p>{PROSE}</p><script>{EXAMPLES['javascript'][0]}</script>",
    f"<style>{EXAMPLES['css'][0]}</style><article><p>{PROSE}</p></article>",
    f'<script type="application/json">{EXAMPLES["json"][0]}</script><p>{PROSE}</p>',
    f"<feed-list><p>{PROSE}</p></feed-list>",
    f"<?xml version='1.0'?><TEI xmlns='http://www.tei-c.org/ns/1.0'><text><body><p>{PROSE}</p></body></text></TEI>",
    f"<?xml version='1.0'?><?xml-stylesheet href='a.xsl' type='text/xsl'?><paper><line>{PROSE}</line></paper>",
    f"<html>{HEAD}<body><pre>&lt;soap:Envelope&gt;</pre><p>{PROSE}</p></body></html>",
    f"<!-- <rss version='2.0'> --><p>{PROSE}</p>",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_about_formats_stays_a_text(text: str) -> None:
    cleaned = clean(text.encode())
    assert cleaned.markdown is not None


@pytest.mark.parametrize("text", PAGES)
def test_a_page_with_formats_in_it_stays_a_page(text: str) -> None:
    cleaned = clean_page(text.encode())
    assert PROSE in (cleaned.markdown or "")


@pytest.mark.parametrize("mark", ["", "X-Mailer: a\n"])
def test_a_saved_page_is_no_message(mark: str) -> None:
    head = f"From: <Saved by Blink>\n{mark}Subject: a\nDate: Wed, 4 Mar 2026 05:06:07 -0000\nMIME-Version: 1.0\n"
    part = f"--b\nContent-Type: text/html; charset=utf-8\nContent-Location: https://paper.example/\n\n<p>{PROSE}</p>\n--b--\n"
    for written in (
        head,
        head.replace("<Saved by Blink>", "zhou@paper.example").replace("Subject", "To: a@b\nSubject"),
    ):
        data = f"{written}Content-Type: multipart/related; boundary=b\n\n{part}".encode()
        assert clean_page(data).fact("url") == "https://paper.example/"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00", "an icon"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture"),
        (b"%PDF-1.4\n%%EOF\n", "a PDF"),
        (b"wOF2\x00\x01\x00\x00", "a font"),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36", "a BMP picture"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "a WebP picture or a recording"),
        (b"BZh91AY&SY\x00", "a bzip2 file"),
        (b"{\\rtf1\\ansi }", "a rich text document"),
        (b"bplist00\xd1\x01\x02", "a binary property list"),
        (b"a.txt" + bytes(252) + b"ustar\x0000", "a tar archive"),
    ],
)
def test_binaries_are_named_alike_whatever_reads_them(data: bytes, word: str) -> None:
    for cleaner in CLEANERS:
        with pytest.raises(NotText, match=word):
            cleaner(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(min_size=1, max_size=8), JSON, min_size=1, max_size=5), st.sampled_from([None, 2]))
def test_any_object_of_json_is_json(value: dict[str, object], indent: int | None) -> None:
    found = other_format(json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass"))
    assert found is not None
    assert found.name in {"json", "json-feed", "har"}


SENTENCES = st.lists(
    st.sampled_from([*PROSE.split("，"), "Paper lasts a thousand years.", "如图1所示。"]), min_size=1
).map("\n".join)
OPENINGS = st.sampled_from([text for texts in EXAMPLES.values() for text in texts if len(text) < 2000])


@given(OPENINGS, SENTENCES)
@example("From: a\nTo: b\nMessage-ID: c\n", PROSE)
def test_prose_around_a_listing_is_never_lost(listing: str, prose: str) -> None:
    """A listing in a fence, with a sentence before and after it, is a text, whatever the listing is of."""
    for text in (f"{prose}\n\n```\n{listing}\n```\n\n{prose}\n", f"{PROSE}\n\n{listing}\n\n{prose}\n"):
        assert other_format(text.encode()) is None


@given(st.text("<>{}[]()\"'/*;:=.,#@-! \n\t0aQ纸\\`&", max_size=60).map(str.encode) | st.binary(max_size=60))
@settings(max_examples=draws(300))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    found = other_format(data)
    assert found is None or found.name in FORMATS


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "(/[",
        "a:\n  b: 1\n",
        "@a{b,c={",
        "1\n00:01.000 --> 00:02.000\n\n",
        "from stdin;\n",
        "x=1\n",
        "[",
        "----",
        " ",
        '\\"',
        "url(",
        "a{b:c;",
        "'\n",
        "{",
        "w",
        "a: b\n",
        "1,2,3\n",
        "<!--",
        "From: x\n",
    ],
)
def test_long_strange_texts_are_read_in_one_pass(piece: str) -> None:
    for begun in ("", 'x="', "a{", "<", "[1"):
        other_format((begun + piece * (100_000 // len(piece))).encode())


def test_nothing_is_no_format() -> None:
    assert other_format(b"") is None
    assert other_format(b"\xef\xbb\xbf \n") is None
