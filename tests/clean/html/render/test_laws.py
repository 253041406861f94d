"""Laws on generated pages, with an independent CommonMark parser: nothing lost, nothing added, bold looks bold."""

import re
import sys

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("lxml")

import lxml.html
from lxml import etree
from lxml.etree import _Element
from markdown_it import MarkdownIt

from clean.html.render import Options, RenderedMarkdown, render
from clean.rules import built_in

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BLANKS = re.compile(r"[\s\u200b\u2060\ufeff\u200c\u200d\u00ad]+")

# What authors write, and what CommonMark could take for markup.
WORDS = (
    "字", "你好", "“引文”", "（注）", "，", "。", "：", "a", "word", "B", "1", "x y", " ", "  ", "\n", "\xa0",
    "\u3000", "\u200b", "*", "**", "_", "__", "`", "``", "```", "~", "~~", "~~~", "[", "]", "](x)", "[a]: b", "!",
    "![", "<", "<b>", "<div>", "</p>", "<!--", ">", "&amp;", "&lt;", "&", "#", "# ", "## x", "- ", "-", "---", "+ ",
    "1. ", "2) ", "10.", "=", "===", "|", "| a |", "|---|", ":-:", "\\", "\\*", "\\\\", "$", "😀", "￥",
    "http://e.org/a_b", "*a*", "_a_", "5*3", "a_b_c", "<https://e.org>", "%",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=0, max_size=5).map("".join)
ADDRESSES = (
    "https://e.org/a", "/x", "a b", "https://e.org/(x)", "x)(", "y?a=1&copy;=2", "z\\*", "中文", "<q>", "#top", 'q"',
    "a|b", "*_*", "v\\",
)  # fmt: skip
addresses = st.sampled_from(ADDRESSES)
INLINE = ("span", "strong", "b", "em", "i", "del", "code", "sub", "sup", "a", "br", "img", "mark", "font")
BOXES = (
    "div", "section", "p", "blockquote", "ul", "ol", "li", "h2", "h4", "hr", "pre", "table", "figure", "dl", "details",
)  # fmt: skip
STYLES = (
    "font-weight: 700", "font-weight:normal", "font-style:italic", "display:none", "font-size:0", "font-size:16px",
    "display:block", "text-decoration: line-through", "white-space:pre-wrap", "color: red",
    "height:0;overflow:hidden", "display: inline",
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> _Element:
    """Return an element with text and children, well nested or not."""
    tag = draw(st.sampled_from(INLINE + (BOXES if depth > 0 else ())))
    element = lxml.html.Element(tag)
    if tag == "a":
        element.set("href", draw(addresses))
        if draw(st.booleans()):
            element.set("title", draw(texts))
    if tag == "img":
        element.set("src", draw(addresses))
        element.set("alt", draw(texts))
        element.set("title", draw(texts))
        return element
    if tag in ("br", "hr"):
        return element
    if draw(st.integers(0, 3)) == 0:
        element.set("style", draw(st.sampled_from(STYLES)))
    if tag == "table":
        for _ in range(draw(st.integers(1, 3))):
            row = etree.SubElement(element, "tr")
            for _ in range(draw(st.integers(1, 3))):
                cell = etree.SubElement(row, draw(st.sampled_from(("td", "th"))))
                cell.set("colspan", draw(st.sampled_from(("1", "2"))))
                cell.set("rowspan", draw(st.sampled_from(("1", "2"))))
                fill(draw, cell, depth - 2)
        return element
    fill(draw, element, depth - 1)
    return element


def fill(draw: st.DrawFn, element: _Element, depth: int) -> None:
    element.text = draw(texts)
    if depth < 0:
        return
    for _ in range(draw(st.integers(0, 3))):
        child = draw(elements(depth=depth))
        child.tail = draw(texts)
        element.append(child)


@st.composite
def pages(draw: st.DrawFn) -> _Element:
    root = lxml.html.Element("div")
    fill(draw, root, 4)
    return root


def squeezed(text: str) -> str:
    return BLANKS.sub("", text)


def read(markdown: str) -> tuple[str, list[str], list[str]]:
    """Return the text, the images and the link targets that a CommonMark parser finds."""
    text: list[str] = []
    images: list[str] = []
    links: list[str] = []
    for token in PARSER.parse(markdown):
        assert token.type != "html_block", token.content
        if token.type in ("fence", "code_block"):
            text.append(token.content)
        for child in token.children or []:
            if child.type in ("text", "code_inline"):
                text.append(child.content)
            elif child.type == "image":
                images.append(str(child.attrs["src"]))
            elif child.type == "link_open":
                links.append(str(child.attrs["href"]))
            elif child.type == "html_inline":
                assert re.fullmatch(r"</?(?:strong|em|del|sub|sup|mark|kbd|br)>", child.content), child.content
    return squeezed("".join(text)), images, links


def shown(root: _Element, rendered: RenderedMarkdown) -> tuple[str, list[str]]:
    """Return the text and the images under the root that are not among the dropped, in order."""
    tree = root.getroottree()
    # A title is named by its element, whose text stays where it is.
    left_out = [one for one in rendered.dropped if one.kind == "text" and one.rule != "html.hover-text"]
    gone = {node for one in left_out for node in tree.xpath(one.path)}
    zero = {node for one in rendered.dropped if one.rule == "html.zero-size" for node in tree.xpath(one.path)}
    text: list[str] = []
    images: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        if event == "end":
            if node is not root and not (node in zero and node.getparent().get("style") == "font-size:0"):
                text.append(node.tail or "")
            continue
        if node is not root and node in gone:
            walker.skip_subtree()
            continue
        text.append(node.text or "")
        if node.tag == "img":
            images.append(PARSER.normalizeLink(node.get("src")))
    return squeezed("".join(text)), images


def without_list_marks(root: _Element) -> bool:
    """Return whether no list stands in a cell or a heading, where its marks become text."""
    return not root.xpath(".//td//ul|.//td//ol|.//th//ul|.//th//ol")


@pytest.mark.slow
@settings(max_examples=draws(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(pages())
def test_text_images_and_links_come_back(root: _Element) -> None:
    rendered = render(root)
    text, images, links = read(rendered.markdown)
    for one in rendered.dropped:
        assert one.rule in built_in().by_id
        assert root.getroottree().xpath(one.path)
    if any(one.rule == "html.zero-size" for one in rendered.dropped):
        return  # whose text is whose, when only some of an element's texts show, is tested by name
    if any(one.rule == "html.note-number" for one in rendered.dropped):
        return  # a mark whose title became its note: the specimens have it
    wanted, pictures = shown(root, rendered)
    if without_list_marks(root):
        assert text == wanted, rendered.markdown
    assert sorted(images) == sorted(pictures), rendered.markdown
    targets = {PARSER.normalizeLink(str(node.get("href"))) for node in root.iter("a")}
    assert set(links) <= targets, rendered.markdown


@settings(max_examples=draws(150), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("", "strong", "em", "del", "b", "code")), texts), max_size=6))
def test_what_is_bold_looks_bold(parts: list[tuple[str, str]]) -> None:
    root = lxml.html.Element("p")
    for tag, text in parts:
        node = etree.SubElement(root, tag or "span")
        node.text = text
    wanted = []
    for tag, text in parts:
        look = {"strong": "strong", "b": "strong", "em": "em", "del": "s"}.get(tag, "")
        wanted += [(char, look) for char in squeezed(text)]
    markdown = render(root).markdown
    got: list[tuple[str, str]] = []
    for token in PARSER.parse(markdown):
        if token.type in ("fence", "code_block"):
            got += [(char, "") for char in squeezed(token.content)]
        look = ""
        for child in token.children or []:
            if child.type.endswith("_open"):
                look = child.type.removesuffix("_open")
            elif child.type.endswith("_close"):
                look = ""
            elif child.type == "html_inline":
                look = {"<strong>": "strong", "<em>": "em", "<del>": "s"}.get(child.content, "")
            elif child.content:
                got += [(char, look) for char in squeezed(child.content)]
    assert without_marks(got) == without_marks(wanted), markdown


def without_marks(looks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return characters and their looks; a mark of punctuation that looks like neither neighbour has none."""
    found = list(looks)
    for at, (char, look) in enumerate(looks):
        around = [looks[near][1] for near in (at - 1, at + 1) if 0 <= near < len(looks)]
        if look not in around and not char.isalnum():
            found[at] = (char, "")
    return found


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(texts, st.sampled_from(("span", "code", "b"))), min_size=1, max_size=6))
def test_what_is_code_is_code(parts: list[tuple[str, str]]) -> None:
    root = lxml.html.Element("div")
    wanted: list[tuple[str, bool]] = []
    for text, tag in parts:
        part = etree.SubElement(root, tag)
        part.text = text
        wanted += [(char, tag == "code") for char in squeezed(text)]
    found = [
        (char, child.type == "code_inline")
        for token in PARSER.parse(render(root).markdown)
        for child in token.children or []
        if child.type in ("text", "code_inline")
        for char in squeezed(child.content)
    ]
    assert found == wanted


@settings(max_examples=draws(150), deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_rendering_what_was_rendered_changes_nothing(lines: list[str]) -> None:
    root = lxml.html.Element("div")
    for line in lines:
        etree.SubElement(root, "p").text = line
    once = render(root).markdown
    again = render(lxml.html.fromstring(f"<div>{PARSER.render(once)}</div>")).markdown
    assert again == once


NESTED = (
    "div", "span", "b", "blockquote", "ul", "table", "a", "sup", "mp-common-profile", "svg", "pre", "h2", "td", "code",
    "q", "math", "rt", "aside",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("tag", NESTED)
def test_more_levels_than_python_has_frames(tag: str) -> None:
    root = here = lxml.html.Element("div")
    for _ in range(3 * sys.getrecursionlimit()):
        here = etree.SubElement(here, tag)
        if tag == "a":
            here.set("href", "https://e.org/")
    etree.SubElement(here, "text").text = "深处"
    assert "深处" in render(root).markdown


def test_a_tree_without_a_document() -> None:
    assert render(lxml.html.fromstring("<p>一</p>"), Options()).markdown == "一\n"
