"""The first law, on pages that nobody wrote: what a reader sees is in the Markdown or in the ledger.

Pages are drawn from the content model of the HTML standard (https://html.spec.whatwg.org/#elements-3), with elements
of components and what loaders and savers of pages add. Each text and each attribute that shows something bears a mark
of its own. What is left out here is what the standard says is not shown: scripts, styles, templates, hidden fields,
and the other sources of a medium whose first one is shown.

`XUANZHI_DRAWS=3000` draws so many pages of each kind, which have about thirty marks each.
"""

import os
import re
from typing import NamedTuple

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clean.page import clean_page

DRAWS = int(os.environ.get("XUANZHI_DRAWS") or draws(60))

PHRASING = """
abbr b bdi bdo cite code data del dfn em i ins kbd label mark output q s samp small span strong sub sup time u var
font big tt strike nobr acronym x-word app-text
"""
FLOW = """
address article aside blockquote center details dialog div fieldset figure footer form header hgroup main nav p pre
search section h2 h3 h4 ul ol dl table x-card doc-section ne-p app-block
"""
EMBEDDED = """
img picture picture-sources video audio embed object iframe iframe-srcdoc svg svg-image svg-title canvas math map
amp-img amp-anim amp-video amp-audio amp-iframe amp-youtube lite-youtube lite-vimeo box-bg box-lazy-bg svg-bg
foreign-bg td-bg shadow slotted slotted-deep
"""
CONTROLS = """
button input-text input-button input-image select textarea meter progress a a-dead a-jump area br hr
"""
ADDRESSES = (
    *("src", "data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-echo", "data-url"),
    *("data-image-loader", "file", "srcset", "data-srcset", "data-real-src", "data-loadsrc", "data-lazy-img"),
)
BACKGROUNDS = ("data-bg", "data-background", "data-background-image", "data-lazy-bgimg", "data-setbg")
HOVERS = ("title", "data-tooltip", "data-original-title", "data-text", "data-footnote")


FORMS = {
    "select": '<select{hover}><optgroup label="{words}"><option>{words}</option></optgroup></select>',
    "picture": '<picture{hover}><img src="{jpg}"></picture>',
    "picture-sources": '<picture{hover}><source srcset="{webp}"></picture>',
    "audio": '<audio{hover}><source src="{mp3}">{words}</audio>',
    "embed": '<embed{hover} src="{swf}">',
    "object": '<object{hover} data="{pdf}">{words}</object>',
    "iframe": '<iframe{hover} src="https://e.org/{mark}"></iframe>',
    "iframe-srcdoc": '<iframe{hover} srcdoc="&lt;p&gt;{words}&lt;/p&gt;"></iframe>',
    "svg": "<svg{hover}><text>{words}</text></svg>",
    "svg-image": '<svg{hover}><image href="{png}"/></svg>',
    "svg-title": '<svg{hover}><title>{words}</title><path d="M0"/></svg>',
    "svg-bg": '<svg{hover} style="background-image:url({jpg})"><animate/></svg>',
    "map": '<map{hover}><area href="{html}" alt="{words}"></map>',
    "area": '<area{hover} href="{html}" alt="{words}">',
    "math": "<math{hover}><mi>{mark}</mi></math>",
    "amp-img": '<amp-img{hover} src="{jpg}"></amp-img>',
    "amp-anim": '<amp-anim{hover} src="{gif}"></amp-anim>',
    "amp-video": '<amp-video{hover} src="{mp4}" poster="{jpg}"></amp-video>',
    "amp-audio": '<amp-audio{hover} src="{mp3}"></amp-audio>',
    "amp-iframe": '<amp-iframe{hover} src="https://e.org/{mark}"></amp-iframe>',
    "amp-youtube": '<amp-youtube{hover} data-videoid="abc{mark}"></amp-youtube>',
    "lite-youtube": '<lite-youtube{hover} videoid="abc{mark}"></lite-youtube>',
    "lite-vimeo": '<lite-vimeo{hover} videoid="abc{mark}"></lite-vimeo>',
    "input-text": '<input{hover} readonly value="{words}" placeholder="{words}">',
    "input-button": '<input{hover} type="button" value="{words}">',
    "input-image": '<input{hover} type="image" src="{png}">',
    "textarea": "<textarea{hover}>{words}</textarea>",
    "hr": "<hr{hover}>",
}
"""Elements that are written as they are: `words`, a `mark` alone, or an address with this ending."""


class Node(NamedTuple):
    """An element to be written."""

    name: str
    choice: int
    hover: str
    inside: tuple["Node | None", ...]
    """None is a text."""


def nodes(names: str, inside: st.SearchStrategy[tuple[Node | None, ...]]) -> st.SearchStrategy[Node]:
    hover = st.sampled_from(("", "", "", "", *HOVERS))
    return st.builds(Node, st.sampled_from(names.split()), st.integers(0, 11), hover, inside)


LEAVES = st.lists(st.none() | nodes(EMBEDDED + CONTROLS, st.just((None,))), max_size=4).map(tuple)
WORDS = st.lists(st.none() | nodes(PHRASING + EMBEDDED + CONTROLS, LEAVES), min_size=1, max_size=4).map(tuple)
BLOCKS = nodes(FLOW + EMBEDDED, st.lists(st.none() | nodes(FLOW + PHRASING, WORDS), min_size=1, max_size=4).map(tuple))
PAGES = st.lists(BLOCKS, min_size=1, max_size=5)


class Writer:
    """Writes nodes as HTML, and notes the marks that a reader sees."""

    def __init__(self) -> None:
        self.count = 0
        self.stand_ins: dict[str, str] = {}
        """Of the mark of an image's alternative text the mark of its address: it shows where the image does not."""

    def mark(self) -> str:
        self.count += 1
        return f"K{self.count}Z"

    def words(self) -> str:
        return f"{self.mark()} 捞纸的人"

    def address(self, ending: str = "jpg") -> str:
        return f"https://e.org/{self.mark()}.{ending}"

    def __getitem__(self, key: str) -> str:
        """Return what a place of a form stands for, each time with a mark of its own."""
        return {"words": self.words, "mark": self.mark}[key]() if key in ("words", "mark") else self.address(key)

    def write(self, node: "Node | None") -> str:
        if node is None:
            return self.words()
        special = getattr(self, "write_" + node.name.replace("-", "_"), None)
        hover = f' {node.hover}="{self.words()}"' if node.hover else ""
        if special is not None:
            return str(special(node, hover))
        if node.name in FORMS:
            return FORMS[node.name].replace("{hover}", hover).format_map(self)
        return f"<{node.name}{hover}>{self.inside(node)}</{node.name}>"

    def inside(self, node: Node) -> str:
        return "".join(map(self.write, node.inside))

    # Elements whose content is of their own kind

    def _items(self, node: Node, item: str) -> str:
        return "".join(f"<{item}>{self.write(each)}</{item}>" for each in node.inside)

    def write_ul(self, node: Node, hover: str) -> str:
        return f"<ul{hover}>{self._items(node, 'li')}</ul>"

    def write_ol(self, node: Node, hover: str) -> str:
        return f"<ol{hover}>{self._items(node, 'li')}</ol>"

    def write_dl(self, node: Node, hover: str) -> str:
        return f"<dl{hover}><dt>{self.words()}</dt>{self._items(node, 'dd')}</dl>"

    def write_table(self, node: Node, hover: str) -> str:
        return f"<table{hover}><caption>{self.words()}</caption><tr>{self._items(node, 'td')}</tr></table>"

    def write_td_bg(self, node: Node, hover: str) -> str:
        return f'<table{hover}><tr><td background="{self.address()}">{self.inside(node)}</td><td>乙</td></tr></table>'

    def write_details(self, node: Node, hover: str) -> str:
        return f"<details{hover}><summary>{self.words()}</summary>{self.inside(node)}</details>"

    def write_figure(self, node: Node, hover: str) -> str:
        return f"<figure{hover}>{self.inside(node)}<figcaption>{self.words()}</figcaption></figure>"

    # Embedded content

    def _image_at(self, name: str) -> str:
        stand_in = "" if name in ("src", "srcset") else ' src="data:image/gif;base64,R0lGODlhAQABAAAAACw="'
        size = " 2x" if name.endswith("srcset") else ""
        return f'{stand_in} {name}="{self.address()}{size}"'

    def write_img(self, node: Node, hover: str) -> str:
        image = self._image_at(ADDRESSES[node.choice])
        self.stand_ins[f"K{self.count + 1}Z"] = f"K{self.count}Z"
        return f'<img{hover}{image} alt="{self.words()}">'

    def write_video(self, node: Node, hover: str) -> str:
        tracks = f'<track src="{self.address("vtt")}" label="{self.words()}">'
        return f'<video{hover} src="{self.address("mp4")}" poster="{self.address()}">{tracks}{self.words()}</video>'

    def write_foreign_bg(self, node: Node, hover: str) -> str:
        box = f'<section style="background-image:url({self.address()})"></section>'
        return f"<svg{hover}><foreignObject>{box}</foreignObject></svg>"

    def write_box_bg(self, node: Node, hover: str) -> str:
        inside = ("", "<br>", "&nbsp;", f"<p>{self.words()}</p>")[node.choice % 4]
        return f"<section{hover} style=\"background: url('{self.address()}') no-repeat\">{inside}</section>"

    def write_box_lazy_bg(self, node: Node, hover: str) -> str:
        name = BACKGROUNDS[node.choice % len(BACKGROUNDS)]
        return (
            f'<div{hover} class="lazy" {name}="{self.address()}">{self.inside(node) if node.choice % 2 else ""}</div>'
        )

    def write_shadow(self, node: Node, hover: str) -> str:
        name = ("shadowrootmode", "shadowroot")[node.choice % 2]
        return f'<x-a{hover}><template {name}="open"><p>{self.inside(node)}</p></template></x-a>'

    def write_slotted(self, node: Node, hover: str) -> str:
        slots = '<b><slot name="a"></slot></b><slot></slot>'
        light = f'<i slot="a">{self.words()}</i>{self.inside(node)}<u slot="none">{self.words()}</u>'
        return f'<x-b{hover}><template shadowrootmode="open">{slots}</template>{light}</x-b>'

    def write_slotted_deep(self, node: Node, hover: str) -> str:
        inner = f'<x-c><template shadowrootmode="open"><slot>instead</slot></template>{self.inside(node)}</x-c>'
        light = f"<i>{self.words()}</i>"
        return f'<x-b{hover}><template shadowrootmode="open">{inner}</template>{light}</x-b>'

    # Controls

    def write_a(self, node: Node, hover: str) -> str:
        return f'<a{hover} href="https://e.org/">{self.inside(node)}</a>'

    def write_a_dead(self, node: Node, hover: str) -> str:
        return f'<a{hover} href="javascript:;">{self.inside(node)}</a>'

    def write_a_jump(self, node: Node, hover: str) -> str:
        return f'<a{hover} href="#here">{self.inside(node)}</a>'

    def write_br(self, node: Node, hover: str) -> str:
        return "<br>"


P = "<p>这一页讲造纸的几道工序，先讲浸泡和蒸煮，再讲捞纸和晒纸，每一道都有要点，外行容易看漏。</p>"
MARKS = re.compile(r"K[0-9]+Z")
PROFILES = {
    "generic": (
        "https://paper.example/a",
        "<html><head><meta charset=utf-8><title>纸</title></head>"
        "<body><article><h1>造纸</h1>%s</article></body></html>",
    ),
    "wechat": (
        "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv",
        '<html><head><meta charset=utf-8></head><body id="activity-detail"><div id="js_article">'
        '<h1 id="activity-name">造纸</h1><div class="rich_media_content" id="js_content">%s</div></div></body></html>',
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=DRAWS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(PAGES)
def test_what_a_reader_sees_is_kept_or_named(profile: str, page: list[Node]) -> None:
    writer = Writer()
    body = "\n".join(map(writer.write, page))
    url, frame = PROFILES[profile]
    cleaned = clean_page((frame % (P + P + body + P)).encode(), url=url)
    found = set(MARKS.findall(cleaned.markdown or ""))
    for node in cleaned.ledger.nodes:
        found.update(MARKS.findall(node.text))
    for entry in cleaned.ledger.entries:
        found.update(MARKS.findall(entry.text))
    instead = {mark for mark, image in writer.stand_ins.items() if image in found}
    assert set(MARKS.findall(body)) - found - instead == set(), body
