"""Where loaders and styles keep pictures, and what a reader sees of a box: whole outputs."""

import lxml.html
import pytest

from clean.html.render import render

ONE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
SEEN = "竹\n\n![](/zhi.jpg)\n\n纸\n"


def rendered(html: str) -> str:
    return render(lxml.html.fragment_fromstring(html, create_parent="div")).markdown


def named(html: str) -> list[tuple[str, str]]:
    dropped = render(lxml.html.fragment_fromstring(html, create_parent="div")).dropped
    return [(one.rule, one.text) for one in dropped]


@pytest.mark.parametrize(
    "attributes",
    [
        f'src="{ONE}" data-loadsrc="/zhi.jpg"',
        f'src="{ONE}" data-lazy-img="/zhi.jpg"',
        'src="//g.example/s.gif" data-ks-lazyload="/zhi.jpg"',
        'src="//tb.example/blank.gif" data-tb-lazyload="/zhi.jpg"',
        f'src="{ONE}" data-large-file="/zhi.jpg" data-thumb-file="/xiao.jpg"',
        f'src="{ONE}" data-thumbnail="/xiao.jpg" data-full="/zhi.jpg"',
        f'src="{ONE}" nitro-lazy-src="/zhi.jpg"',
        f'src="{ONE}" original="/zhi.jpg"',
        'data-splide-lazy="/zhi.jpg"',
        'ng-src="/zhi.jpg"',
        'src="data:image/svg+xml,%3Csvg/%3E" data-opt-src="/zhi.jpg"',
        f'src="{ONE}" style="background-image:url(/zhi.jpg)"',
    ],
)
def test_loaders_that_nobody_listed_are_read(attributes: str) -> None:
    assert rendered(f"<p>竹</p><p><img {attributes}></p><p>纸</p>") == SEEN


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ('src="/zhi.jpg" data-lazy-img="done"', "/zhi.jpg"),
        ('src="/zhi.jpg" lazy="loaded" data-error="/cuo.png"', "/zhi.jpg"),
        ('src="/zhi.jpg" data-full="/da.jpg"', "/zhi.jpg"),
        (f'src="{ONE}" onclick="show(/da.jpg)" data-src="/zhi.jpg"', "/zhi.jpg"),
    ],
)
def test_an_address_that_is_there_stays(attributes: str, address: str) -> None:
    assert rendered(f"<p><img {attributes}></p>") == f"![]({address})\n"


BEHIND = "background-image:url(/zhi.jpg)"


@pytest.mark.parametrize(
    "box",
    [
        f'<svg style="{BEHIND}" viewBox="0 0 9 9"><animate attributeName="opacity" begin="click"/></svg>',
        f'<section style="{BEHIND}"><svg viewBox="0 0 9 9"><rect width="9" height="9" opacity="0">'
        f'<set attributeName="visibility" to="hidden" begin="click"/></rect></svg></section>',
        f'<section style="{BEHIND}"><svg viewBox="0 0 9 9"><rect style="fill:none"/></svg></section>',
        f'<section style="{BEHIND}"><p>\u200b</p><br></section>',
        "<section style=\"background:url('/zhi.jpg') no-repeat\"><section></section></section>",
        '<section data-bg-image="/zhi.jpg"></section>',
        '<section data-ll-bg="/zhi.jpg"><br></section>',
    ],
)
def test_a_picture_behind_a_box_in_which_nothing_is_seen_is_shown(box: str) -> None:
    assert rendered(f"<p>竹</p>{box}<p>纸</p>") == SEEN


@pytest.mark.parametrize(
    ("box", "pictures"),
    [
        (f'<section style="{BEHIND}"><p>字</p></section>', ["/zhi.jpg"]),
        (f'<section style="{BEHIND}"><svg viewBox="0 0 9 9"><path d="M0 0L9 9"/></svg></section>', ["/zhi.jpg"]),
        ('<section style="background:url(/yi.png),url(/er.png)"><p>字</p></section>', ["/yi.png", "/er.png"]),
        ('<ul style="list-style-image:url(dian.png)"><li>字</li></ul>', ["dian.png"]),
        ('<section style="border-image:url(/kuang.png) 30 round"><p>字</p></section>', ["/kuang.png"]),
        ('<p><span style="content:url(/ti.png)">字</span></p>', ["/ti.png"]),
        ('<p style="clip-path:url(#a);filter:url(#b)">字</p>', []),
    ],
)
def test_every_other_picture_of_a_style_is_named(box: str, pictures: list[str]) -> None:
    assert [text for rule, text in named(box) if rule == "html.background"] == pictures
