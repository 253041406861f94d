"""Tabs and notes in the forms of common tools: whole outputs."""

import lxml.html
import pytest

from clean.html.render import render

NOTE = "见 Tsien 的书第二卷。"
TEXT = f"纸寿千年[^1]，绢寿八百。\n\n[^1]: {NOTE}\n"


def rendered(html: str) -> str:
    return render(lxml.html.fragment_fromstring(html, create_parent="div")).markdown


@pytest.mark.parametrize(
    "note",
    [
        f'<label for="s1" class="margin-toggle sidenote-number"></label><input type="checkbox" id="s1">'
        f'<span class="sidenote">{NOTE}</span>',
        f'<span class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">1</sup><span class="ltx_note_outer">'
        f'<span class="ltx_note_content"><sup class="ltx_note_mark">1</sup><span class="ltx_tag ltx_tag_note">1</span>'
        f"{NOTE}</span></span></span>",
        f'<sup class="modern-footnotes-footnote" data-mfn="1"><a href="javascript:void(0)">1</a></sup>'
        f'<span class="modern-footnotes-footnote__note" data-mfn="1">{NOTE}</span>',
        f'<span class="footnote_referrer"><a role="button"><sup class="footnote_plugin_tooltip_text">[1]</sup></a>'
        f'<span class="footnote_tooltip">{NOTE}</span></span>',
        f"<d-footnote>{NOTE}</d-footnote>",
        f'<small class="sidenote">{NOTE}</small>',
        f'<span class="inline-footnote">1<span class="footnoteContent">{NOTE}</span></span>',
        f'<span class="tooltip">[1]<span class="tooltiptext">{NOTE}</span></span>',
        f'<span class="footnote-inline">{NOTE}</span>',
    ],
)
def test_a_note_in_its_line_is_a_footnote(note: str) -> None:
    assert rendered(f"<p>纸寿千年{note}，绢寿八百。</p>") == TEXT


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        ('<a epub:type="noteref" href="#n1">1</a>', f'<aside epub:type="footnote" id="n1"><p>{NOTE}</p></aside>'),
        ('<a role="doc-noteref" href="#n1">1</a>', f'<div role="doc-footnote" id="n1"><p>{NOTE}</p></div>'),
        (
            '<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1">1</a>',
            '<div class="footnote"><a id="footnote-1" href="#footnote-anchor-1" class="footnote-number">1</a>'
            f'<div class="footnote-content"><p>{NOTE}</p></div></div>',
        ),
        (
            '<span class="easy-footnote"><a href="#easy-footnote-bottom-1" title="注"><sup>1</sup></a></span>',
            f'<ol><li class="easy-footnote-single"><span id="easy-footnote-bottom-1"></span>{NOTE}</li></ol>',
        ),
        (
            '<sup data-text="注" data-numero="1"><a href="#ref_1" id="ref_1_0">[1]</a></sup>',
            f'<ol class="ReferenceList"><li id="ref_1"><a href="#ref_1_0">^</a><span>{NOTE}</span></li></ol>',
        ),
        (
            '<a href="#_edn1" name="_ednref1"><span class=MsoEndnoteReference>[i]</span></a>',
            '<div style="mso-element:endnote" id=edn1><p class=MsoEndnoteText><a href="#_ednref1" name="_edn1">'
            f"<span class=MsoEndnoteReference>[i]</span></a> {NOTE}</p></div>",
        ),
        (
            '<sup><a href="#user-content-fn-1" data-footnote-ref>1</a></sup>',
            f'<ol><li id="user-content-fn-1"><p>{NOTE} <a href="#user-content-fnref-1">↩</a></p></li></ol>',
        ),
    ],
)
def test_a_mark_and_its_note_are_a_footnote(mark: str, note: str) -> None:
    assert rendered(f"<p>纸寿千年{mark}，绢寿八百。</p>{note}") == TEXT


def test_a_number_whose_note_is_elsewhere_stays() -> None:
    html = '<p>纸寿千年<sup class="sidenote-ref">1</sup>，绢寿八百。</p><aside class="sidenote">见书画谱。</aside>'
    assert rendered(html) == "纸寿千年<sup>1</sup>，绢寿八百。\n\n见书画谱。\n"


PANELS = "<p>甲的做法。</p>", "<p>乙的做法。</p>"


@pytest.mark.parametrize(
    "html",
    [
        '<ul role="tablist"><li role="tab" aria-controls="a">甲</li><li role="tab" aria-controls="b">乙</li></ul>'
        '<div role="tabpanel" id="a">{}</div><div role="tabpanel" id="b">{}</div>',
        '<div role="tablist"><button role="tab" id="ta">甲</button><button role="tab" id="tb">乙</button></div>'
        '<div role="tabpanel" aria-labelledby="ta">{}</div><div role="tabpanel" aria-labelledby="tb">{}</div>',
        '<ul><li><a data-toggle="tab" href="#a">甲</a></li><li><a data-toggle="tab" href="#b">乙</a></li></ul>'
        '<div class="tab-content"><div id="a">{}</div><div id="b">{}</div></div>',
        '<ul class="nav"><li><button data-bs-toggle="pill" data-bs-target="#a">甲</button></li>'
        '<li><button data-bs-toggle="pill" data-bs-target="#b">乙</button></li></ul>'
        '<div id="a">{}</div><div id="b">{}</div>',
    ],
)
def test_the_name_of_each_tab_stands_before_its_panel(html: str) -> None:
    assert rendered(html.format(*PANELS)) == "**甲**\n\n甲的做法。\n\n**乙**\n\n乙的做法。\n"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (  # one has no panel: they stay where they are
            '<ul role="tablist"><li role="tab" aria-controls="a">甲</li><li role="tab">乙</li></ul>'
            '<div id="a">甲的做法。</div>',
            "- 甲\n- 乙\n\n甲的做法。\n",
        ),
        (  # panels before their tabs
            '<div id="a">甲的做法。</div><div id="b">乙的做法。</div>'
            '<ul role="tablist"><li role="tab" aria-controls="a">甲</li><li role="tab" aria-controls="b">乙</li></ul>',
            "甲的做法。\n\n乙的做法。\n\n- 甲\n- 乙\n",
        ),
    ],
)
def test_tabs_without_panels_behind_them_stay_where_they_are(html: str, markdown: str) -> None:
    assert rendered(html) == markdown
