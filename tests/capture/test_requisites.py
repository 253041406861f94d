"""What a page needs, wherever it hides the address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.heads import parse_head
from capture.requisites import find, find_in_style, in_style, is_wanted, referer_for

BASE = "https://example.org/a/page"
WECHAT = "https://mp.weixin.qq.com/s/abc"


@pytest.mark.parametrize(
    ("html", "kind", "urls"),
    [
        ("<img src=x.png>", "image", ["/a/x.png"]),
        ("<img data-src=x.png src='data:image/gif;base64,R0'>", "image", ["/a/x.png"]),
        ("<img data-src=/x.png data-croporisrc=/y.png>", "image", ["/x.png", "/y.png"]),
        (
            "<img srcset='a.png, b.png 2x,c.png 3x , d,e.png 100w'>",
            "image",
            ["/a/a.png", "/a/b.png", "/a/c.png", "/a/d,e.png"],
        ),
        ("<picture><source srcset=/a.webp><img src=/a.png></picture>", "image", ["/a.webp", "/a.png"]),
        ("<video src=/f.mp4 poster=/p.jpg></video>", "media", ["/f.mp4"]),
        ("<video poster=/p.jpg></video>", "image", ["/p.jpg"]),
        ("<video><source src=/f.mp4></video><audio src=/s.mp3></audio>", "media", ["/f.mp4", "/s.mp3"]),
        ("<p style=\"background:url('/x.png')\">", "image", ["/x.png"]),
        ("<section data-lazy-bgimg=/x.png>", "image", ["/x.png"]),
        ("<table background=/x.png>", "image", ["/x.png"]),
        ("<link rel='Shortcut ICON' href=/x.ico>", "image", ["/x.ico"]),
        ("<link rel=stylesheet href=/x.css>", "style", ["/x.css"]),
        ("<link rel=preload as=font href=/x.woff2>", "font", ["/x.woff2"]),
        ("<style>@import '/x.css';</style>", "style", ["/x.css"]),
        ("<style>@font-face{src:url(/x.woff)}</style>", "font", ["/x.woff"]),
        ("<meta property=og:image content=/x.jpg>", "image", ["/x.jpg"]),
        ("<svg><image xlink:href=/x.png /></svg>", "image", ["/x.png"]),
        ("<iframe data-cover='https%3A%2F%2Fexample.org%2Fx.jpg'></iframe>", "image", ["/x.jpg"]),
        ("<base href=/b/><img src=x.png>", "image", ["/b/x.png"]),
        ("<img src='  x.png\n'>", "image", ["/a/x.png"]),
        ("<img src=x.png#part><img src=x.png>", "image", ["/a/x.png"]),
    ],
)
def test_a_page_names_what_it_needs(html: str, kind: str, urls: list[str]) -> None:
    found = find(html.encode(), BASE)
    assert [each.url for each in found if each.kind == kind] == ["https://example.org" + url for url in urls]


@pytest.mark.parametrize(
    "html",
    [
        *("", "   ", "<!-- -->", "text", "<img>", "<img src=''>", "<img src=#x>", "<img src='http://['>"),
        *("<img src='blob:x'>", "<img src='javascript:x'>", "<script src=/x.js></script>", "<link rel=next href=/b>"),
        *("<a href=/x.png>", "<iframe src=/x>", "<?xml?><?php?>", "\0\0\0", "<style>a{}</style>"),
    ],
)
def test_nothing_is_needed(html: str) -> None:
    assert find(html.encode(), BASE) == []


@pytest.mark.parametrize("kind", [b"text/html; charset=gb2312", b"text/html", b"text/html; charset=nonsense"])
def test_the_charset_does_not_matter_to_addresses(kind: bytes) -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n")
    found = find("<p>宣纸<img src=/x.png><img src=/纸.png>".encode("gb18030"), BASE, head)
    assert found[0].url == "https://example.org/x.png"
    if kind != b"text/html; charset=nonsense":
        assert found[1].url == "https://example.org/%E7%BA%B8.png"


# As in a picture post of 2025: the list, twice in different forms; watermarked and shared forms one level down.
POST = r"""<html><script>window.picture_page_info_list = [
  { width: '1' * 1, cdn_url: 'https://mmbiz.qpic.cn/mmbiz_png/AAA/0?wx_fmt=png\x26amp;from=appmsg',
    live_photo: { vid: '', format_info: [ ] }, watermark_info: { cdn_url: 'http://mmbiz.qpic.cn/mmbiz_png/WM/0' } },
  { "cdn_url": JsDecode('https://mmbiz.qpic.cn/mmbiz_jpg/BBB/0?wx_fmt=jpeg'), title: 'a ] in { a \' string',
    share_cover: { cdn_url: 'http://mmbiz.qpic.cn/mmbiz_png/SC/0' } } ];
  var other = { cdn_url: 'https://mmbiz.qpic.cn/mmbiz_png/OTHER/0' };
  var picture_page_info_list = window.picture_page_info_list && window.picture_page_info_list[0];
</script></html>"""


def test_pictures_of_a_wechat_post_are_found_in_its_script() -> None:
    assert [each.url for each in find(POST.encode(), WECHAT)] == [
        "https://mmbiz.qpic.cn/mmbiz_png/AAA/0?wx_fmt=png&from=appmsg",
        "https://mmbiz.qpic.cn/mmbiz_jpg/BBB/0?wx_fmt=jpeg",
    ]
    assert find(POST.encode(), BASE) == []  # another site means something else by it


def test_styles() -> None:
    css = """@charset "utf-8"; @import "a.css"; @IMPORT url(b.css) screen; @import url("c?d");
    /* url(no.png) @import "no.css"; */ a { background: URL( "x y.png" ), url('d\\)a.png') } /* open url(no.png)"""
    assert list(in_style(css)) == [
        *(("a.css", "style"), ("b.css", "style"), ("c?d", "style"), ("x y.png", "image"), ("d)a.png", "image")),
    ]
    assert [each.url for each in find_in_style(b"a{b:url(../x.png)}", "https://example.org/css/a.css")] == [
        "https://example.org/x.png"
    ]


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Type: TEXT/CSS; charset=utf-8\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", False),
        (b"HTTP/1.1 404 No\r\nContent-Type: text/html\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1001\r\n\r\n", False),
        (b"HTTP/1.1 404 No\r\nContent-Length: 1001\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", True),
    ],
)
def test_what_is_worth_reading(head: bytes, wanted: bool) -> None:
    parsed = parse_head(head)
    assert parsed
    assert is_wanted(parsed, 1000) is wanted


@pytest.mark.parametrize(
    ("page", "requisite", "referer"),
    [
        ("https://example.org/a?b", "https://example.org/x.png", "https://example.org/a?b"),
        ("https://example.org/a?b", "https://cdn.example/x.png", "https://example.org/"),
        ("https://example.org/a", "http://example.org/x.png", ""),
        ("http://example.org/a", "https://example.org/x.png", "http://example.org/"),
        (WECHAT, "https://mmbiz.qpic.cn/x", "https://mp.weixin.qq.com/"),
        (WECHAT.replace("https", "http"), "http://mmbiz.qpic.cn/x", "https://mp.weixin.qq.com/"),
    ],
)
def test_the_referer_is_that_of_a_browser(page: str, requisite: str, referer: str) -> None:
    assert referer_for(page, requisite) == referer


_MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "<img src=",
                "x.png",
                ">",
                "<style>",
                "</style>",
                "url(",
                "'",
                '"',
                ")",
                "@import ",
                "/*",
                "*/",
                "\\",
                "\0",
            ),
            *(
                "picture_page_info_list = ",
                "[",
                "]",
                "{",
                "}",
                "cdn_url",
                ": 'x',",
                "<base href=",
                "http://[",
                " srcset=",
            ),
        ]
    ),
    max_size=40,
).map("".join)


@given(_MARKUP)
def test_no_page_makes_it_fail(html: str) -> None:
    for base in (BASE, WECHAT):
        for each in [*find(html.encode(), base), *find_in_style(html.encode(), base)]:
            assert each.url.startswith(("http://", "https://"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["url(", 'url("', "@import ", "/*", "\\", "picture_page_info_list = [", "{cdn_url:'", "<img srcset=',"]
)
def test_hostile_shapes_come_back(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    find((f"<style>{text}</style><p style='{text}'>{text}<script>{text}").encode(), WECHAT)
    find_in_style(text.encode(), BASE)
