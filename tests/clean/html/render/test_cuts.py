"""What another stage cut off: never in the Markdown, always among the dropped, and nothing empty stays behind."""

import re
from itertools import pairwise

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("lxml")

import lxml.html
from lxml import etree
from lxml.etree import _Element
from markdown_it import MarkdownIt

from clean.html.model import CutReason, NodeCuts
from clean.html.render import Options, render
from clean.rules import built_in

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WHY = CutReason("cutting", "test.cut", "noted")
WORD = re.compile(r"t\d+x")
IMAGE = re.compile(r"p\d+x\.png")

INLINE = ("span", "b", "em", "code", "sup", "a", "q", "ruby", "rt", "kbd", "del", "button", "label")
BOXES = (
    "div", "p", "section", "blockquote", "ul", "ol", "li", "h2", "h3", "pre", "table", "tr", "td", "th", "caption",
    "figure", "figcaption", "article", "details", "dl", "dt", "dd", "aside", "noscript", "svg", "video", "iframe",
    "summary", "math", "mi", "mrow", "object", "picture", "mp-common-profile", "tbody", "form", "center",
)  # fmt: skip
CLASSES = (
    "",
    "",
    "",
    "comment",
    "callout note",
    "admonition-title",
    "line",
    "gutter",
    "katex",
    "anchor",
    "cm-content",
    "block",
)
STYLES = ("", "", "", "display:block", "display:none", "white-space:pre", "font-size:0", "user-select:none")


def named(element: _Element, words: list[int]) -> _Element:
    """Give an element text of its own before and after it."""
    element.text = f"t{len(words)}x"
    element.tail = f" t{len(words) + 1}x "
    words += [0, 0]
    return element


@st.composite
def trees(draw: st.DrawFn) -> _Element:
    """Return a page of which each text and each image has a name of its own."""
    words: list[int] = []
    root = named(lxml.html.Element("div"), words)
    root.tail = None
    nodes = [root]
    for number in range(draw(st.integers(0, 25))):
        parent = draw(st.sampled_from(nodes[-6:]))
        tag = draw(st.sampled_from((*INLINE, *BOXES, "img", "br", "img")))
        element = etree.SubElement(parent, tag)
        named(element, words)
        if tag in ("img", "br"):
            element.text = None
            element.set("src", f"/p{number}x.png")
            continue
        nodes.append(element)
        element.set("class", draw(st.sampled_from(CLASSES)))
        element.set("style", draw(st.sampled_from(STYLES)))
        if tag == "a":
            element.set("href", draw(st.sampled_from(("/x", "#n", "javascript:;"))))
    return root


@st.composite
def cut_trees(draw: st.DrawFn) -> tuple[_Element, NodeCuts]:
    """Return a page and what is cut off of it."""
    root = draw(trees())
    nodes = list(root.iter("*"))
    chosen = [dict.fromkeys(draw(st.lists(st.sampled_from(nodes), max_size=3)), WHY) for _ in range(3)]
    chosen[0].pop(root, None)
    return root, NodeCuts(*chosen)


def cut_words(root: _Element, cuts: NodeCuts) -> str:
    """Return all that is cut, texts and image names."""
    parts = []
    for element in cuts.elements:
        parts += [str(text) for text in element.itertext(with_tail=False)]
        parts += [one.get("src") or "" for one in element.iter("img")]
    parts += [element.text or "" for element in cuts.texts]
    parts += [element.tail or "" for element in cuts.tails if element is not root]
    return " ".join(parts)


@pytest.mark.slow
@settings(max_examples=draws(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(cut_trees())
def test_nothing_is_lost_and_nothing_cut_stays(page: tuple[_Element, NodeCuts]) -> None:
    root, cuts = page
    before = etree.tostring(root)
    source = f"{before.decode()}\n{cut_words(root, cuts)}"
    rendered = render(root, Options(cuts=cuts))
    named_as_dropped = " ".join(one.text for one in rendered.dropped)
    # Text.
    everything = set(WORD.findall(" ".join(str(text) for text in root.itertext())))
    in_markdown = set(WORD.findall(rendered.markdown))
    assert everything <= in_markdown | set(WORD.findall(named_as_dropped)), source
    cut = cut_words(root, cuts)
    assert not in_markdown & set(WORD.findall(cut)), source
    # Images.
    pictures = {name for one in root.iter("img") for name in IMAGE.findall(one.get("src") or "")}
    shown = set(IMAGE.findall(rendered.markdown))
    assert pictures <= shown | set(IMAGE.findall(named_as_dropped)), source
    assert not shown & set(IMAGE.findall(cut)), source
    # The reasons, and the tree.
    assert {one.rule for one in rendered.dropped} <= built_in().by_id.keys() | {WHY.rule}
    assert all(one.stage == WHY.stage and one.note == WHY.note for one in rendered.dropped if one.rule == WHY.rule)
    assert etree.tostring(root) == before
    assert not hollow(rendered.markdown), source


def hollow(markdown: str) -> list[str]:
    """Return the kinds of blocks and links in which there is nothing."""
    found = []
    tokens = PARSER.parse(markdown)
    for token, after in pairwise(tokens):
        if token.type in ("blockquote_open", "list_item_open", "bullet_list_open", "ordered_list_open"):
            if after.type == token.type.replace("_open", "_close"):
                found.append(token.type)
        elif token.type == "heading_open" and not after.content:
            found.append(token.type)
    for token in tokens:
        inside = token.children or []
        found += ["link" for a, b in pairwise(inside) if (a.type, b.type) == ("link_open", "link_close")]
    return found


NOTED = "<p>一<sup><a href='#n'>1</a></sup></p><ol><li id='n'>A <i>short</i> note</li></ol>"

TABLE = "|  | 二 |\n| --- | --- |\n| 三 | 四 |\n"

SPECIMENS = (
    (NOTED, "//ol", "一<sup>1</sup>\n"),
    (NOTED, "//sup", "一\n\n1. A *short* note\n"),
    (NOTED, "//i", "一<sup>1</sup>\n\n1. A note\n"),
    ("<p>一<i>二</i>三</p>", "//i", "一三\n"),
    ("<ul><li>一</li></ul><p>二</p>", "//li", "二\n"),
    ("<ul><li>一</li><li><a href='/x'>二</a></li></ul>", "//a", "- 一\n"),
    ("<blockquote><p>一</p></blockquote>二", "//p", "二\n"),
    ("<table><tr><td>一</td><td>二</td></tr></table><p>三</p>", "//td", "三\n"),
    ("<table><tr><th>一</th><th>二</th></tr><tr><td>三</td><td>四</td></tr></table>", "//th[1]", TABLE),
    ("<h2><a href='/x'>一</a></h2>二", "//a", "二\n"),
    ("<pre><code>a\n<span>b</span>\nc</code></pre>", "//span", "```\na\n\nc\n```\n"),
    ("<pre><code>a</code></pre>二", "//code", "二\n"),
    ("<p><code>a<b>b</b></code></p>", "//b", "`a`\n"),
    ("<p>一<q><i>二</i></q><ruby>漢<rt><i>かん</i></rt></ruby></p>", "//i", "一漢\n"),
    ("<figure><img src='/a.png'><figcaption>一</figcaption></figure>", "//figcaption", "![](/a.png)\n"),
    ("<p><a href='/x'><img src='/a.png'></a>一</p>", "//img", "一\n"),
    ("<p>一</p><div class='alert alert-info'><p>二</p></div>", "//p[text()='二']", "一\n"),
    ("<p>一<math><mi>x</mi></math></p>", "//mi", "一\n"),
    (
        "<table><tr><td class='gutter'>1</td><td>a</td></tr><tr><td class='gutter'>2</td><td>b</td></tr></table>",
        "//tr[2]",
        "```\na\n```\n",
    ),
)


@pytest.mark.parametrize(("page", "path", "markdown"), SPECIMENS)
def test_an_emptied_element_leaves_nothing_behind(page: str, path: str, markdown: str) -> None:
    root = lxml.html.fromstring(f"<div>{page}</div>")
    rendered = render(root, Options(cuts=NodeCuts(dict.fromkeys(root.xpath(path), WHY), {}, {})))
    assert rendered.markdown == markdown
    assert any(one.rule == WHY.rule for one in rendered.dropped)


def test_texts_and_tails_are_cut_by_themselves() -> None:
    root = etree.fromstring("<div>零<p>一<b>二</b>三</p>四</div>")
    p, b = root.find("p"), root.find("p/b")
    rendered = render(root, Options(cuts=NodeCuts({}, {p: WHY}, {b: WHY, p: WHY})))
    assert rendered.markdown == "零\n\n**二**\n"
    assert [(one.path, one.text) for one in rendered.dropped] == [
        ("/div/p[1]", "一"),
        ("/div/p[1]", "三"),
        ("/div", "四"),
    ]


def test_a_script_is_no_text_of_what_is_cut() -> None:
    root = lxml.html.fromstring("<div><nav>一<script>var x</script>二</nav></div>")
    (dropped,) = render(root, Options(cuts=NodeCuts({root.find("nav"): WHY}, {}, {}))).dropped
    assert (dropped.text, dropped.rule, dropped.stage, dropped.note) == ("一二", "test.cut", "cutting", "noted")


ENCYCLOPEDIA = (
    '<div><aside>产地：富阳<sup><a href="#n1">[1]</a></sup></aside>'
    '<p>竹纸宜书<sup><a href="#n2">[2]</a></sup>，也宜印<sup><a href="#n3">[3]</a></sup>。</p>'
    '<ol><li id="n1"><a href="#r1">^</a> 县志，卷三。</li><li id="n2"><a href="#r2">^</a> 纸谱，一页。</li>'
    '<li id="n3">书史，九页。</li></ol></div>'
)


def test_notes_stay_footnotes_where_the_box_that_also_mentions_one_is_cut() -> None:
    root = lxml.html.fromstring(ENCYCLOPEDIA)
    rendered = render(root, Options(cuts=NodeCuts({root[0]: WHY}, {}, {})))
    assert rendered.markdown == (
        "竹纸宜书[^2]，也宜印[^3]。\n\n1. 县志，卷三。\n\n[^2]: 纸谱，一页。 &#32;\n\n[^3]: 书史，九页。 &#32;\n"
    )
    assert [(one.rule, one.text) for one in rendered.dropped] == [
        ("test.cut", "产地：富阳[1]"),
        ("html.note-return", "^"),
        ("html.note-return", "^"),
    ]


def test_notes_of_a_series_of_letters_keep_their_label_where_nothing_leads_to_them() -> None:
    root = lxml.html.fromstring(
        '<div><p>甲<a href="#fn-a">[a]</a></p><p>乙<a href="#fn-b">[b]</a></p>'
        '<ul><li id="fn-a">注 甲</li><li id="fn-b">注 乙</li></ul></div>'
    )
    rendered = render(root, Options(cuts=NodeCuts({root[0]: WHY}, {}, {})))
    assert rendered.markdown == "乙[^b]\n\n[a] 注 甲\n\n[^b]: 注 乙\n"


def test_notes_to_which_only_cut_text_leads_are_a_list() -> None:
    root = lxml.html.fromstring(ENCYCLOPEDIA)
    rendered = render(root, Options(cuts=NodeCuts({root[0]: WHY, root[1]: WHY}, {}, {})))
    assert rendered.markdown.startswith("1. 县志，卷三。\n2. 纸谱，一页。\n3. 书史，九页。\n")
