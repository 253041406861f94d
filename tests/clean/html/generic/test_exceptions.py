"""What structure says of a choice of blocks, whatever the scores are: small pages of each kind, and laws.

In these pages a class `gone` marks what the model cut; everything else it kept.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clean.html.generic.blocks import Block, Box, cut_into_blocks
from clean.html.generic.box_sums import sum_up
from clean.html.generic.exceptions import CorrectedChoice, correct_choice
from clean.html.parse import parse_html

FIRST = (
    "<p>The vat is stirred with a stick until the fibres float evenly in it, and then left to stand for an hour.</p>"
)
SECOND = "<p>Two people lift the mould together, and let the water run off before they lay the sheet upon the felt.</p>"


def corrected(source: str, title: str = "") -> tuple[list[Block], CorrectedChoice]:
    """Return the blocks of a page and the choice after all exceptions."""
    body = parse_html(f"<html><body>{source}</body></html>").find("body")
    assert body is not None
    page = cut_into_blocks(body)
    sum_up(page)
    chosen = {block: not is_gone(block) for block in page.blocks if block.text}
    return page.blocks, correct_choice(page.blocks, chosen, dict.fromkeys(chosen, 0.5), body, title)


def is_gone(block: Block) -> bool:
    """Whether the model cut a block of such a page."""
    box: Box | None = block.box
    while box is not None and "gone" not in (box.element.get("class") or "").split():
        box = box.above
    return box is not None


def kept_texts(source: str, title: str = "") -> list[str]:
    """Return the texts that stay."""
    blocks, choice = corrected(source, title)
    return [block.text for block in blocks if block.text and choice.kept[block]]


def pictures(source: str, title: str = "") -> list[str]:
    """Return the addresses of the pictures that stay."""
    blocks, choice = corrected(source, title)
    return [
        piece.element.get("src") or ""
        for block in blocks
        if choice.kept[block]
        for piece in block.pieces
        if piece.kind == "medium"
    ]


# What stands between kept parts of one box.


@pytest.mark.parametrize(
    ("part", "texts"),
    [
        ("<ul class=gone><li>bark of mulberry<li>straw of rice</ul>", ["bark of mulberry", "straw of rice"]),
        (
            "<ul class=gone><li><a href=/a>Jing county</a><li><a href=/b>She county</a></ul>",
            ["Jing county", "She county"],
        ),
        ("<blockquote class=gone>Paper lives a thousand years.</blockquote>", ["Paper lives a thousand years."]),
        ("<div class='gone pullquote'>Paper lives a thousand years, silk eight hundred of them.</div>", None),
        ("<figure class=gone><img src=/v.jpg><figcaption>A vat.</figcaption></figure>", ["A vat."]),
        ("<div class='thumb gone'><img src=/v.jpg><div>The wall on which sheets dry</div></div>", None),
        ("<table class=gone><tr><td>Bark<td>six parts<tr><td>Straw<td>four parts</table>", None),
        ("<p class=gone>Nobody knows who began with it, or in which of the valleys.</p>", None),
        ("<dl class=gone><dt>felt<dd>the cloth on which a sheet is laid</dl>", None),
        ("<aside class='gone onebox'><a href=https://walls.example/w>Walls of brick</a><p>Hollow.</p></aside>", None),
        ("<section class='gone alert alert-note'><p>Do not stir while the sheet is being lifted.</p></section>", None),
    ],
)
def test_what_stands_between_kept_texts_stays(part: str, texts: list[str] | None) -> None:
    blocks, choice = corrected(f"<article>{FIRST}{part}{SECOND}</article>")
    assert all(choice.kept[block] for block in blocks)
    if texts is not None:
        assert [block.text for block in blocks if block.text][1:-1] == texts


@pytest.mark.parametrize(
    "part",
    [
        "<div class='gone share-bar'><p>Tell your friends what you have read here today.</p></div>",
        "<div class='gone newsletter'><p>Get the news of the mill every week in your letter box.</p></div>",
        "<p class=gone><a href=/other>How the mill in the next valley burned down twice</a></p>",
        "<p class=gone>Read more: <a href=/other>How the mill in the next valley burned down</a></p>",
        "<p class=gone>Lire aussi : comment le moulin de la vallée a brûlé deux fois</p>",
        "<p class=gone>延伸阅读：山那边的纸坊两次失火的经过</p>",
        "<div class=gone>Advertisement</div>",
        "<div class='gone adSlot'><p>Felt of the best wool, sold by the yard and by the bale.</p></div>",
        "<aside class='gone related-stories'><h4><a href=/b>A mill burned down</a></h4><p>It was old.</p></aside>",
        "<div class=gone><label>Your address</label><input type=email><button>Send it to me now</button></div>",
        "<ul class=gone><li><a href=/1>How the mill in the next valley burned down</a>"
        "<li><a href=/2>Why the price of straw has risen in every county</a></ul>",
        "<div class='gone player'><p>The film about the mill begins in a moment.</p></div>",
        "<div class='hidden gone'><p>You have to be a member to see who said this.</p></div>",
        "<nav class=gone><p>On this page you find all about vats and moulds.</p></nav>",
    ],
)
def test_what_bears_a_sign_of_its_own_goes_even_there(part: str) -> None:
    texts = kept_texts(f"<article>{FIRST}{part}{SECOND}</article>")
    assert len(texts) == 2


def test_of_an_article_that_says_a_promotion_twice_it_stays_out_both_times() -> None:
    promotion = "<p class=gone>Saving money never hurt anyone, so look at our coupons for felt.</p>"
    assert (
        len(kept_texts(f"<article>{FIRST}{promotion}{SECOND}{promotion}{FIRST}</article>".replace("<p>", "<p>A: ", 1)))
        == 3
    )


def test_names_above_kept_descriptions_stay_in_a_row() -> None:
    rows = "".join(f"<div class='name gone'><a href=/{n}>Mill number {n}</a></div>{SECOND}{n}" for n in range(4))
    assert [text for text in kept_texts(f"<div>{FIRST}{rows}</div>") if text.startswith("Mill")] == [
        f"Mill number {n}" for n in range(4)
    ]


@pytest.mark.parametrize(
    "last",
    [
        "<div class='fj gone'>附件：<a href=/f/plan.xls>开放时间表.xls</a></div>",
        "<ul class=gone><li><a href=/a.pdf>Minutes</a><li><a href=/b.docx?v=2>Letter</a></ul>",
        "<figure class=gone><img src=/last.jpg><figcaption>The last of the mills.</figcaption></figure>",
    ],
)
def test_attachments_and_figures_that_end_a_text_stay(last: str) -> None:
    blocks, choice = corrected(f"<h1>Mills</h1><div>{FIRST}{SECOND}{last}</div><footer class=gone>Terms</footer>")
    assert [block.text for block in blocks if not choice.kept[block]] == ["Terms"]


def test_a_quote_that_a_post_answers_stays() -> None:
    quote = "<aside class='quote gone'><blockquote>How hot must the wall be?</blockquote></aside>"
    post = f"<div class=post>{quote}<p>Sixty degrees are enough; hotter walls curl the sheet at its edges.</p></div>"
    assert "How hot must the wall be?" in kept_texts(f"{FIRST}{post}")


# The head of an article.


TITLE = "The last mill of the valley"
HEADLINE = f"<h1 class=gone>{TITLE}</h1>"
BYLINE = "<div class='byline gone'>By Ann Author</div><div class='date gone'>12 May 2021, 10:30</div>"
STANDFIRST = "For six hundred years sheets were made here; the family that still does so has no heir."


@pytest.mark.parametrize("kicker", ["", "<div class=gone>Crafts</div>"])
@pytest.mark.parametrize("form", ["p class=gone", "h2 class=gone", "div class='lead teaser gone'"])
def test_the_standfirst_stays_and_the_byline_goes(kicker: str, form: str) -> None:
    said = f"<{form}>{STANDFIRST}</{form.partition(' ')[0]}>"
    texts = kept_texts(
        f"<article><header>{kicker}{HEADLINE}{said}{BYLINE}</header><div>{FIRST}{SECOND}</div></article>", TITLE
    )
    assert [text[:20] for text in texts if text != TITLE] == [
        "For six hundred year",
        "The vat is stirred w",
        "Two people lift the ",
    ]


def test_a_title_said_again_and_a_caption_are_no_standfirst() -> None:
    again = f"<div class='top-bar gone'><div>{TITLE}, a report in three parts</div></div>"
    texts = kept_texts(f"{HEADLINE}{again}{BYLINE}<div>{FIRST}{SECOND}</div>", TITLE)
    assert [text[:10] for text in texts if text != TITLE] == ["The vat is", "Two people"]


@pytest.mark.parametrize(
    "picture",
    [
        "<figure class=gone><img src=/own.jpg><figcaption>The mill in May.</figcaption></figure>",
        "<figure class=gone><div><img src=/own.jpg></div><div><span>The mill in May.</span></div></figure>",
        "<div class='hero-image gone'><img src=/own.jpg></div>",
        "<div class='articleImage gone'><a href=/all><img src=/own.jpg></a><p class=caption>The mill in May.</p></div>",
        "<div class='gallery gone'><div><img src=/own.jpg></div><div><img src=/own.jpg></div></div>",
    ],
)
@pytest.mark.parametrize("share", ["", "<ul class='share gone'>" + "<li><a href=/s>Send</a>" * 8 + "</ul>"])
def test_the_picture_of_an_article_stays(picture: str, share: str) -> None:
    page = f"<article>{HEADLINE}{BYLINE}{share}{picture}<div>{FIRST}{SECOND}</div></article>"
    assert set(pictures(page, TITLE)) == {"/own.jpg"}


def test_a_picture_before_the_headline_in_the_same_article_stays() -> None:
    picture = "<div class='hero-image gone'><img src=/own.jpg><p class=caption>The mill in May.</p></div>"
    page = f"<article>{picture}<div>{HEADLINE}{BYLINE}<div>{FIRST}{SECOND}</div></div></article>"
    assert pictures(page, TITLE) == ["/own.jpg"]
    assert pictures(f"<div>{picture}</div><div>{HEADLINE}{BYLINE}<div>{FIRST}{SECOND}</div></div>", TITLE) == []


@pytest.mark.parametrize(
    "picture",
    [
        "<div class='author-image gone'><img src=/face.jpg></div>",
        "<div class='logo gone'><img src=/logo.png></div>",
        "<figure class=gone><img src=/sign.svg></figure>",
        "<figure class=gone><img src=/face.jpg width=48 height=48></figure>",
        "<div class='related gone'><figure><img src=/other.jpg></figure></div>",
        "<div class='image gone'><img src=/other.jpg><h3><a href=/other>Why straw is dear</a></h3></div>",
        "<ul class='share gone'><li><a href=/s><img src=/pin.png></a></ul>",
    ],
)
def test_faces_logos_and_pictures_of_other_stories_go(picture: str) -> None:
    assert pictures(f"<article>{HEADLINE}{BYLINE}{picture}<div>{FIRST}{SECOND}</div></article>", TITLE) == []


def test_the_picture_that_the_page_names_as_its_own_stays_wherever_it_stands_in_the_head() -> None:
    source = (
        "<html><head><meta property=og:image content='https://img.example/w1200/mill-in-the-valley-2021.jpg?x=1'></head>"
        f"<body><article>{HEADLINE}<div class='x gone'><img src=/cache/w600/mill-in-the-valley-2021.jpg></div>"
        f"<div>{FIRST}{SECOND}</div></article></body></html>"
    )
    body = parse_html(source).find("body")
    assert body is not None
    page = cut_into_blocks(body)
    sum_up(page)
    chosen = {block: not is_gone(block) for block in page.blocks if block.text}
    kept = correct_choice(page.blocks, chosen, dict.fromkeys(chosen, 0.5), body, TITLE).kept
    assert [kept[block] for block in page.blocks if block.media] == [True]


# What is whole or nothing.


CELL = st.text("abcdefgh ", min_size=1, max_size=12).map(lambda text: f"w{text}")
FATE = st.booleans()


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Return a table of data with some of its cells cut."""
    width, rows = draw(st.integers(2, 4)), draw(st.integers(3, 6))
    head = draw(st.booleans())

    def row(tag: str) -> str:
        cells = ((draw(CELL), draw(FATE)) for _ in range(width))
        return "<tr>" + "".join(f"<{tag} class={'gone' if gone else 'cell'}>{text}</{tag}>" for text, gone in cells)

    return "<table>" + (row("th") if head else "") + "".join(row("td") for _ in range(rows)) + "</table>"


@st.composite
def lists(draw: st.DrawFn) -> str:
    """Return a list of short items with some of them cut."""
    items = draw(st.lists(st.tuples(CELL, FATE), min_size=2, max_size=8))
    tag = draw(st.sampled_from(["ul", "ol"]))
    return f"<{tag}>" + "".join(f"<li class={'gone' if gone else 'item'}>{text}" for text, gone in items) + f"</{tag}>"


@st.composite
def listings(draw: st.DrawFn) -> str:
    """Return a listing, each line in a box of its own, with some of them cut."""
    lines = draw(st.lists(st.tuples(CELL, FATE), min_size=2, max_size=8))
    return "<pre>" + "".join(f"<div class={'gone' if gone else 'line'}>{text}</div>" for text, gone in lines) + "</pre>"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(tables(), lists(), listings()), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_no_cell_no_item_and_no_line_goes_alone(parts: list[str], begins: bool, ends: bool) -> None:
    page = "".join(f"<div>{part}</div>" for part in parts)
    blocks, choice = corrected(f"<div>{FIRST if begins else ''}{page}{SECOND if ends else ''}</div>")
    fates: dict[object, set[bool]] = {}
    for block in blocks:
        box = block.box
        while box.above is not None and box.tag not in ("table", "ul", "ol", "pre"):
            box = box.above
        if box.above is not None:
            fates.setdefault(box, set()).add(choice.kept[block])
    assert all(len(fate) == 1 for fate in fates.values())


def test_of_a_kept_list_only_interface_goes() -> None:
    items = (
        "<li>bark of mulberry<li>straw of rice<li class='share gone'>Share this<li class=gone>42<li class=gone>water"
    )
    assert kept_texts(f"{FIRST}<ul>{items}</ul>")[1:] == ["bark of mulberry", "straw of rice", "water"]


def test_a_page_laid_out_by_a_table_is_no_table_of_data() -> None:
    foot = "<tr><td class=gone>Copyright<td class=gone>2021"
    assert len(kept_texts(f"<table><tr><td class=gone><a href=/>Home</a><td>{FIRST}{SECOND}{foot}</table>")) == 2


def test_a_note_set_apart_keeps_what_it_says_with_its_title() -> None:
    note = "<div class='markdown-alert markdown-alert-tip'><p>Tip</p><p class=gone>Stir slowly.</p></div>"
    assert kept_texts(f"{FIRST}{note}")[1:] == ["Tip", "Stir slowly."]


# Cards, other stories, notices, lines of controls.


def card(name: str, price: str) -> str:
    """Return a card of something that is sold."""
    return f"<li class='item gone'><a href=/{name}><img src=/{name}.jpg><h3>{name}</h3></a><span>{price}</span></li>"


GOODS = "<ul>" + card("Felt", "$25.00") + card("Mould", "$35.00") + card("Vat", "$45.00") + "</ul>"


def test_cards_of_a_collection_stay_whole_and_the_banner_goes() -> None:
    banner = "<div class=announcement><p>FREE shipping on orders of $59 and more, until the end of the week.</p></div>"
    page = f"{banner}<h1 class=gone>Tools</h1>{GOODS}"
    assert kept_texts(page) == ["Tools", "Felt", "$25.00", "Mould", "$35.00", "Vat", "$45.00"]
    assert pictures(page) == ["/Felt.jpg", "/Mould.jpg", "/Vat.jpg"]


def test_below_a_text_cards_are_those_of_other_goods() -> None:
    assert len(kept_texts(f"<h1>Tools</h1>{FIRST}{SECOND}{FIRST}{SECOND}{FIRST}<section>{GOODS}</section>")) <= 6


def story(number: int) -> str:
    """Return what a site tells of another of its stories."""
    said = f"The river rose for the {number}th time this year, and the boats lay on the meadow for days."
    head = f"<span>The Post, {number} hours ago</span><h4><a href=/{number}>Flood number {number}</a></h4>"
    return f"<li><a href=/{number}><img src=/{number}.jpg></a>{head}<p>{said}</p></li>"


def test_stories_outside_of_the_one_article_go() -> None:
    feed = "<ul>" + "".join(map(story, range(2, 6))) + "</ul>"
    blocks, choice = corrected(f"<article><h1>Mills</h1>{FIRST}</article><div>{feed}</div>")
    assert [block.text[:7] for block in blocks if choice.kept[block]] == ["Mills", "The vat"]
    assert set(choice.dropped.values()) == {"generic.related"}
    assert pictures(f"<article><h1>Mills</h1>{FIRST}</article><div>{feed}</div>") == []


def test_sections_of_an_article_that_link_their_headings_stay() -> None:
    sections = "".join(map(story, range(2, 6)))
    texts = kept_texts(f"<article><h1>Mills</h1>{FIRST}<ul>{sections}</ul></article>")
    assert sum(text.startswith("The river rose") for text in texts) == 4


def test_a_single_kept_story_of_a_feed_goes_as_well() -> None:
    feed = "".join(map(story, range(2, 6))).replace("<p>", "<p class=gone>", 3)
    texts = kept_texts(f"<article><h1>Mills</h1>{FIRST}</article><div><ul>{feed}</ul></div>")
    assert not any(text.startswith("The river rose") for text in texts)


def test_references_that_a_text_cites_stay_with_their_heading() -> None:
    cites = "<p>The order of mixing matters, as two have shown [<a href='#bib.b1'>1</a>, <a href='#bib.b2'>2</a>].</p>"
    items = "<li id=bib.b1 class=gone>A. Writer. On vats. 1999.<li id=bib.b2 class=gone>B. Writer. On moulds. 2001."
    texts = kept_texts(
        f"<article>{FIRST}{cites}<section><h2 class=gone>References</h2><ul>{items}</ul></section></article>"
    )
    assert texts[2:] == ["References", "A. Writer. On vats. 1999.", "B. Writer. On moulds. 2001."]


CONSENT = (
    "<p>This notice explains how we use cookies on our sites and in our applications, and which choices you have.</p>"
    "<p>You may change your cookie preferences at any time by the link at the bottom of each page of the site.</p>"
)


def test_a_notice_of_consent_above_the_headline_goes() -> None:
    blocks, choice = corrected(f"<div id=layer><h2>Cookies</h2>{CONSENT}</div><article><h1>Mills</h1>{FIRST}</article>")
    assert [block.text[:7] for block in blocks if choice.kept[block]] == ["Mills", "The vat"]
    assert set(choice.dropped.values()) == {"generic.notice"}


def test_a_page_about_cookies_stays() -> None:
    assert len(kept_texts(f"<main><h1>Our cookies</h1>{CONSENT}</main>")) == 3


def test_a_line_of_facts_and_controls_above_the_text_goes() -> None:
    tools = "<a href='javascript:;'>【字体：大 中 小】</a> <a href=#>打印</a>"
    line = f"<div>发布日期：2023-07-01 信息来源：市图书馆 {tools}</div>"
    assert len(kept_texts(f"<h1>开放时间</h1>{line}<p>各位读者：</p>{FIRST}")) == 3
