"""Nothing disappears silently: what a reader sees of a page is in its Markdown or in its ledger."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st

from clean.errors import SourceError
from clean.ledger import Ledger, restore
from clean.page import clean_page
from clean.pipeline import clean
from clean.rules import built_in

HERE = Path(__file__).parent
check = SimpleNamespace(**runpy.run_path(str(HERE / "conserved.py")))
PAGES = {
    name: text
    for name, text in runpy.run_path(str(HERE / "wechat_pages.py")).items()
    if name.isupper() and name[0] != "_" and isinstance(text, str)
}


@pytest.mark.parametrize("name", PAGES)
def test_every_era_and_kind(name: str) -> None:
    obeys_all_laws(PAGES[name].encode())


# Pieces that pages are made of; put together at random they open what they do not close.
PIECES = [
    "<div id=js_content>", "<div id=js_article>", "<h1 id=activity-name>", "<div id=meta_content>", "</div>", "<p>",
    "</p>", "宣纸", "纸 寿\n千年", "<b>", "</b>", "**", "<table><tr><td>", "</td></tr></table>", "<ul><li>", "</ul>",
    "<pre><code>", "</code></pre>", "<a href='https://e.org/a'>", "<a href='#'>", "</a>",
    "<img data-src='https://e.org/a.png'>",
    "<img src=b.png>", "<p style='display:none'>", "<span style='font-size:0'>", "<blockquote>", "</blockquote>",
    "<h2>", "</h2>", "<br>", "&nbsp;", "&amp;nbsp;", "<svg>", "<text>", "</svg>",
    "<script>var ct = '1762747210';</script>",
    "<style>", "</style>", "<!-- c -->", "<mp-common-profile data-nickname=纸>", "<button>", "</button>", "_", "#",
    "<mpvoice name=声>", "<iframe data-src='https://v.qq.com/x'>",
    "<section style='background-image:url(https://e.org/c.png)'>",
]  # fmt: skip

# What is no element and has a text behind it all the same; half a comment and half an instruction as well.
NO_ELEMENTS = [
    "<!-- c -->", "<!---->", "<!-->", "<!-- <b>", "-->", "<?pi a?>", "<?pi", "<![CDATA[纸]]>", "<![CDATA[", "]]>",
    "<!doctype html>", "<!>", "</>", "<![if !vml]>", "<!--[if mso]>纸<![endif]-->", "&#0;",
]  # fmt: skip

PIECE, NO_ELEMENT = st.sampled_from(PIECES), st.sampled_from(NO_ELEMENTS)
BEHIND = st.tuples(PIECE, NO_ELEMENT, st.just("宣纸")).map("".join)
BEGINNINGS = st.sampled_from(["", "<div id=js_content>"])
HTML = st.lists(PIECE | NO_ELEMENT | BEHIND, max_size=30).map("".join)


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["wechat", "generic"])
@given(BEGINNINGS, HTML)
@settings(max_examples=draws(400), deadline=None)
def test_any_page(profile: str, beginning: str, html: str) -> None:
    obeys_all_laws((beginning + html).encode(), profile=profile)


def obeys_all_laws(data: bytes, profile: str | None = None) -> None:
    try:
        cleaned = clean_page(data, profile=profile)
    except SourceError:
        return
    lost, pictures = check.missing(data, cleaned)
    assert not lost
    assert not pictures
    ledger = cleaned.ledger
    assert {node.rule for node in ledger.nodes} <= built_in().by_id.keys()
    assert Ledger.from_json_lines(ledger.to_json_lines()) == ledger
    assert clean_page(data, profile=profile) == cleaned
    if cleaned.markdown is not None:
        restore(cleaned.markdown, ledger)
        assert clean(cleaned.markdown.encode(), profile=cleaned.profile).markdown == cleaned.markdown
