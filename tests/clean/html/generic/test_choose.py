"""Which blocks of a page are its content: small pages of each kind, hostile shapes, and laws."""

import json
from collections import Counter
from importlib.resources import files

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, tostring

from clean.html.generic.blocks import Block, BlockNode, cut_into_blocks, text_units
from clean.html.generic.box_sums import sum_up
from clean.html.generic.choice import MANY, Choice, all_marks, choose, decide, lower_after_end, middle_of
from clean.html.generic.confidence import NO_CONFIDENCE
from clean.html.generic.exceptions.headings import keep_headings
from clean.html.generic.exceptions.notes import keep_notes
from clean.html.generic.exceptions.wholes import keep_cells, keep_listings
from clean.html.generic.explain import SIGNS, STAGE
from clean.html.generic.features import NAMES, read_clues
from clean.html.generic.model import LOOKS, Forest, load_model
from clean.html.generic.rows import feature_rows
from clean.html.generic.vocabulary import groups_of, names_groups
from clean.html.generic.witnesses import TOO_INTRICATE, VOTES, ask_witnesses, share_covered
from clean.html.model import NO_CUTS
from clean.html.parse import parse_html
from clean.rules import built_in

RULES = {rule.id: rule for rule in built_in().of(STAGE, STAGE)}

SENTENCES = [
    "The harbour was built in three stages, and the oldest wall still stands at low tide.",
    "Every spring the keeper paints the lamp room, a job that takes two people most of a week.",
    "When the storm came, nobody on the island had slept, and the boats were already ashore.",
    "She wrote down the height of the water each hour, as her father had done before her.",
    "By morning the wind had turned, and the first letters could be carried across again.",
]
ARTICLE = "".join(f"<p>{one} {two}</p>" for one, two in zip(SENTENCES, reversed(SENTENCES), strict=True))
MENU = "<nav class=menu><ul>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(12)) + "</ul></nav>"
FOOT = "<footer class=footer><p>Copyright 2020 Example Press. All rights reserved.</p><a href=/t>Terms</a></footer>"
RELATED = (
    "<div class=related-posts><h3>Related articles</h3><ul>"
    + "".join(f"<li><a href=/r{n}>Another story with number {n}</a></li>" for n in range(8))
    + "</ul></div>"
)


def html(body: str, head: str = "") -> HtmlElement:
    return parse_html(f"<html><head>{head}</head><body>{body}</body></html>")


def kept_text(root: HtmlElement, choice: Choice) -> str:
    """Return the text that is not cut, as one who walks the page reads it."""
    cuts, parts = choice.cuts, []

    def walk(element: HtmlElement) -> None:
        if element in cuts.elements or not isinstance(element.tag, str):
            return
        if element.text and element not in cuts.texts:
            parts.append(element.text)
        for child in element:
            walk(child)
            if child.tail and child not in cuts.tails:
                parts.append(child.tail)

    walk(root.find("body"))
    return " ".join(" ".join(parts).split())


def test_an_article_stays_and_the_site_around_it_goes() -> None:
    root = html(f"{MENU}<main><article class=post-content><h1>Storm</h1>{ARTICLE}</article></main>{RELATED}{FOOT}")
    choice = choose(root)
    text = kept_text(root, choice)
    assert all(sentence in text for sentence in SENTENCES)
    assert "Section 3" not in text
    assert "Another story" not in text
    assert "All rights reserved" not in text
    assert choice.content
    assert choice.confidence.score > 0.5
    assert all(why.stage == STAGE and why.rule in RULES for part in choice.cuts for why in part.values())


def test_the_largest_subtrees_are_cut() -> None:
    root = html(f"{MENU}<article class=post>{ARTICLE}</article>{FOOT}")
    cut = [element.tag for element in choose(root).cuts.elements]
    assert "nav" in cut
    assert "footer" in cut
    assert "li" not in cut


def test_a_note_says_score_and_terms() -> None:
    root = html(f"{MENU}<article class=post>{ARTICLE}</article>{FOOT}")
    why = choose(root).cuts.elements[root.find(".//nav")]
    assert why.rule in ("generic.navigation", "generic.link-list")
    assert why.note.startswith("score 0.")


TEASERS = (
    "The council will vote on the new road in March, after two years of talks with the farmers.",
    "A school in the north has opened its library to everybody who lives nearby, on two evenings.",
    "What the oldest orchard of the valley can tell about winters of the last three hundred years.",
    "Nobody knew the name of the painter until a letter was found behind the frame of a mirror.",
)


def test_stories_of_others_behind_an_article_go() -> None:
    cards = "".join(
        f"<div class=item><a href=/n/{n}><img src=/t{n}.jpg></a><h4><a href=/n/{n}>News of day {n}</a></h4>"
        f"<p>{text}</p></div>"
        for n, text in enumerate(TEASERS)
    )
    byline = "<p class=byline>By <a href=/by/ada>Ada Bell</a>, <time>4 March 2020</time></p>"
    text = f"<h1>The harbour</h1>{byline}{ARTICLE * 3}"
    page = html(
        f"<div class=page>{MENU}<div class=story>{text}</div><div class=line>{cards}</div>{FOOT}</div>",
        "<title>The harbour</title><meta property=og:type content=article>",
    )
    choice = choose(page, address="https://paper.example/2020/03/the-harbour-and-its-keeper")
    text = kept_text(page, choice)
    assert choice.kind is not None
    assert choice.kind.name == "article"
    assert all(sentence in text for sentence in SENTENCES)
    assert not any(teaser in text for teaser in TEASERS)


@given(st.lists(st.tuples(st.integers(-9000, 9000), st.integers(1, 400)), min_size=1, max_size=60))
def test_behind_the_end_of_an_article_points_are_lowered_and_nowhere_else(blocks: list[tuple[int, int]]) -> None:
    points, sizes = [one for one, _ in blocks], [size for _, size in blocks]
    lowered = lower_after_end(points, sizes)
    assert all(after <= before for before, after in zip(points, lowered, strict=True))
    changed = [at for at, (before, after) in enumerate(zip(points, lowered, strict=True)) if before != after]
    assert all(at > middle_of(points, sizes) for at in changed)


def test_what_stands_apart_behind_the_end_is_lowered_and_what_stands_in_the_text_is_not() -> None:
    text, foreign, menu = 4000, 900, -4000
    points = [menu, foreign, menu, text, text, foreign, text, text, menu, foreign, menu, foreign, menu]
    lowered = lower_after_end(points, [50] * len(points))
    assert lowered[:8] == points[:8]  # a standfirst above the text, and a block amid it
    assert lowered[9] < 0
    assert lowered[11] < 0


def test_replies_of_a_thread_are_content() -> None:
    posts = "".join(
        f"<div class=post id=post-{n}><div class=author>user{n}</div>"
        f"<div class=postbody><p>{one} {SENTENCES[0]}</p></div></div>"
        for n, one in enumerate(SENTENCES)
    )
    root = html(f"{MENU}<div class=thread><h1>A question about harbours</h1>{posts}</div>{FOOT}")
    text = kept_text(root, choose(root))
    assert all(sentence in text for sentence in SENTENCES)
    assert "Section 3" not in text


def test_a_short_chinese_item_is_content() -> None:
    item = (
        "昨天下午，镇上的老码头迎来了今年第一批渡船，岸边的居民纷纷前来观看。"
        "据介绍，这条航线停运了六年，经过修缮以后重新开放，每天往返八次。"
    )
    links = "".join(f"<li><a href=/{n}>第{n}个栏目</a></li>" for n in range(20))
    root = html(
        f"<div class=nav><ul>{links}</ul></div><div class=content><h1>渡船</h1><p>{item}</p></div>"
        "<div class=footer>版权所有</div>"
    )
    text = kept_text(root, choose(root))
    assert item in text
    assert "第3个栏目" not in text


def test_a_page_laid_out_in_tables() -> None:
    lines = "<br><br>".join(f"{one} {two}" for one, two in zip(SENTENCES, reversed(SENTENCES), strict=True))
    links = "".join(f"<tr><td><a href=/{n}>Link {n}</a></td></tr>" for n in range(15))
    root = html(
        f"<table><tr><td width=150><table>{links}</table></td><td><font size=2>{lines}</font></td></tr></table>"
    )
    text = kept_text(root, choose(root))
    assert all(sentence in text for sentence in SENTENCES)
    assert "Link 7" not in text


def test_a_hidden_container_is_shown_when_it_is_the_content() -> None:
    faint = html(f"{MENU}<div id=content style='visibility: hidden; opacity: 0'>{ARTICLE}</div>{FOOT}")
    assert SENTENCES[2] in kept_text(faint, choose(faint))
    gone = html(f"{MENU}<div id=content class=article style='display:none'>{ARTICLE}</div>{FOOT}")
    choice = choose(gone)
    assert gone.get_element_by_id("content") in choice.revealed


def test_a_noscript_that_holds_the_text_is_content() -> None:
    root = html(f"{MENU}<noscript><div class=post>{ARTICLE}</div></noscript>{FOOT}")
    assert root.find(".//noscript") in choose(root).revealed


def test_images_go_with_what_stands_around_them() -> None:
    first, rest = ARTICLE.split("</p>", 1)
    root = html(
        f"<nav class=menu><img id=logo src=l.png>{MENU}</nav>"
        f"<article>{first}</p><figure><img id=photo src=p.jpg></figure>{rest}</article>"
    )
    cut = {inner.get("id") for element in choose(root).cuts.elements for inner in element.iter()}
    assert "logo" in cut
    assert "photo" not in cut


@pytest.mark.parametrize("body", ["", "<div></div>", "<script>var a = 'words in a script';</script>", "<!-- a -->"])
def test_an_empty_shell_has_no_content(body: str) -> None:
    choice = choose(html(body))
    assert not choice.content
    assert choice.confidence.score == 0
    assert not choice.cuts.elements


HOSTILE = [
    "<div>" * 5000 + "deep" + "</div>" * 5000,
    "<p>a" * 3000,
    "<br>" * 5000 + "x",
    "<span>" * 900 + "words " * 200,
    "<a href=x>" * 500,
    "<table><tr><td>" * 300 + "cell",
    "<ul>" + "<li><a href=x>one more</a>" * 3000,
    "\x00<p>&#0;\ud83d</p>".encode("utf-8", "replace").decode("utf-8"),
    "<div style='" + "x:y;" * 3000 + "'>text</div>",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_shapes_give_a_choice(body: str) -> None:
    root = html(body)
    before = tostring(root)
    choose(root)
    assert tostring(root) == before


def test_same_in_same_out() -> None:
    source = f"{MENU}<div>{ARTICLE}</div>{RELATED}{FOOT}"
    said = []
    for _ in range(2):
        root = html(source)
        tree = root.getroottree()
        choice = choose(root)
        said.append(([(tree.getpath(e), why) for part in choice.cuts for e, why in part.items()], choice.confidence))
    assert said[0] == said[1]


def test_the_model_names_the_features_that_are_measured() -> None:
    forests = load_model()["forests"]
    assert forests["alone"].names == NAMES
    assert forests["asked"].names == (*NAMES, *VOTES)
    assert len(set(NAMES)) == len(NAMES)


def test_the_shares_of_the_features_add_up_to_the_score() -> None:
    data = json.loads(files("clean.html.generic").joinpath("model.json").read_text(encoding="utf-8"))
    first = Forest({**data["forests"]["alone"], "trees": data["forests"]["alone"]["trees"][: min(LOOKS)]})
    row = [0.0] * len(NAMES)
    roots = sum(tree.points[0] for tree in first.trees)
    assert first.score(row) == first.base + roots + sum(first.shares(row).values())


def test_a_clear_block_is_what_all_trees_make_of_it() -> None:
    alone = load_model()["forests"]["alone"]
    for row in ([0.0] * len(NAMES), [1.0] * len(NAMES), [50.0] * len(NAMES)):
        whole = alone.base + sum(tree.points[0] for tree in alone.trees) + sum(alone.shares(row).values())
        assert (alone.score(row) > 0) == (whole > 0)


def test_every_rule_has_sentences() -> None:
    assert set(SIGNS) <= set(RULES)
    assert all(rule.reason and rule.reason_zh for rule in RULES.values())


def test_units_know_chinese() -> None:
    assert text_units("three short words") == 15
    assert text_units("三个字") == 9


def test_cover_finds_a_text_where_it_stood() -> None:
    assert share_covered(["home", "one two three four five", "home"], "one two three four five\n") == [0, 1, 0]


def test_decide_keeps_what_is_sure() -> None:
    assert decide([0.9, 0.1, 0.7], [10, 10, 10]).kept == (True, False, True)


TAGS = st.sampled_from(["div", "p", "li", "span", "a", "b", "section", "td", "nav", "h2", "img", "br"])
WORDS = st.sampled_from(["", "word", "a longer run, of words.", "汉字，句子。", "Share"])


@st.composite
def trees(draw: st.DrawFn, depth: int = 4) -> str:
    tag = draw(TAGS)
    inner = draw(WORDS)
    if depth and tag not in ("img", "br"):
        inner += "".join(draw(st.lists(trees(depth=depth - 1), max_size=3)))
    return f"<{tag}>{inner}" + ("" if tag in ("img", "br") else f"</{tag}>") + draw(WORDS)


@pytest.mark.slow
@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(trees(), max_size=5))
def test_every_visible_text_is_in_one_block_and_cuts_are_disjoint(parts: list[str]) -> None:
    root = html("".join(parts))
    body = root.find("body")
    pieces = Counter(piece for block in cut_into_blocks(body).blocks for piece in block.pieces)
    texts = [BlockNode(e, "text") for e in body.iter() if (e.text or "").strip()]
    tails = [BlockNode(e, "tail") for e in body.iterdescendants() if (e.tail or "").strip()]
    media = [BlockNode(e, "medium") for e in body.iter("img")]
    assert pieces == Counter([*texts, *tails, *media])
    cuts = choose(root).cuts
    for element in cuts.elements:
        assert not any(above in cuts.elements for above in element.iterancestors())
    for element in cuts.texts:
        assert not any(one in cuts.elements for one in (element, *element.iterancestors()))
    for element in cuts.tails:
        assert not any(above in cuts.elements for above in element.iterancestors())


@pytest.mark.slow
def test_a_page_of_too_many_blocks_is_kept_whole() -> None:
    choice = choose(parse_html("<body>" + "<p>纸" * (MANY + 1)))
    assert (choice.cuts, choice.content, choice.confidence) == (NO_CUTS, True, NO_CONFIDENCE)


def test_a_page_of_little_else_than_tags_is_kept_whole() -> None:
    source = f"<body>{MENU}" + "<p>纸" * 4000
    assert choose(parse_html(source), size=len(source.encode())).cuts == NO_CUTS
    written = f"<body>{MENU}" + "<p>纸墨竹木，一荡一抬。</p>" * 4000
    assert choose(parse_html(written), size=len(written.encode())).cuts.elements


def test_no_witness_is_asked_about_a_page_of_little_else_than_tags() -> None:
    assert ask_witnesses(html("<i>纸</i>" * 1500), None, []).trafilatura.state == TOO_INTRICATE
    assert ask_witnesses(html("<i>纸</i>" * 1500 + "墨" * 40_000), None, []).trafilatura.state == "heard"


def test_a_formula_is_a_word_of_its_sentence() -> None:
    power = "<math><msup><mi>h</mi><mn>2</mn></msup></math>"
    drawn = "<mjx-container><mjx-math><mjx-mi><mjx-c>h</mjx-c></mjx-mi></mjx-math></mjx-container>"
    for formula in (power, drawn):
        after = ARTICLE.replace(" the ", " their ")
        root = html(f"{MENU}<article class=post>{ARTICLE}<p>The wall is {formula} feet high.</p>{after}</article>")
        assert any(block.text.endswith("feet high.") for block in cut_into_blocks(root.find("body")).blocks[12:])
        assert not any(element.tag != "nav" for part in choose(root).cuts for element in part)


def test_a_hidden_word_hides_no_more_than_itself() -> None:
    """Wikipedia keeps the MathML of a formula, hidden, beside the picture of it."""
    formula = '<span><span style="display: none;"><math><mi>h</mi></math></span><img src="h.svg" alt="h"></span>'
    root = html(f"<article><h1>Tides</h1>{ARTICLE}<h2>The oldest wall</h2><p>{SENTENCES[0]} {formula}.</p></article>")
    blocks = cut_into_blocks(root.body).blocks
    assert next(block for block in blocks if "oldest wall still" in block.text).sight == 0
    said = kept_text(root, choose(root))
    assert "The oldest wall" in said
    hidden = html('<p style="display:none">One word, and <span>another</span>.</p><p><span hidden>Words</span> , </p>')
    assert all(block.sight >= 2 for block in cut_into_blocks(hidden.body).blocks)


def test_a_heading_stays_with_the_text_below_it() -> None:
    page = f"<h1 class=post-title>The night of the storm</h1>{ARTICLE}<h2>After</h2>{ARTICLE}"
    root = html(f"{MENU}<article class=post>{page}</article>{RELATED}{FOOT}", "<title>Storm</title>")
    text = kept_text(root, choose(root))
    assert text.startswith("The night of the storm")
    assert " After " in text
    assert "Related articles" not in text


def blocks_of(body: str) -> tuple[list[Block], dict[Block, bool]]:
    """Return the blocks of a body; those that are named `gone` are not kept."""
    blocks = cut_into_blocks(html(body).find("body")).blocks
    return blocks, {block: "gone" not in (block.box.element.get("class") or "") for block in blocks}


def test_a_note_stays_that_kept_text_refers_to() -> None:
    blocks, kept = blocks_of(
        "<p class=gone id=fn9>Above.</p>"
        "<p>The wall<sup><a href=#fn1>1</a></sup> stands, <a href=#fn9>all</a> say.</p>"
        "<div><p class=gone id=fn1>It fell in 1881.</p><p class=gone id=fn2>Nobody asked.</p></div>"
    )
    noted = keep_notes(blocks, kept)
    assert [block.text for block in blocks if noted[block] and not kept[block]] == ["It fell in 1881."]


def test_a_term_stays_with_its_meaning() -> None:
    blocks, kept = blocks_of(
        "<dl><dt class=gone>stir(vat) <a href=/source>[source]</a></dt><dd><p>Stir the vat until it foams.</p></dd>"
        "<dt class=gone>old(vat)</dt><dd><p class=gone>Nobody does.</p></dd></dl>"
    )
    whole = keep_headings(blocks, kept, dict.fromkeys(blocks, 0.01))
    assert [block.text for block in blocks if whole[block] and not kept[block]] == ["stir(vat) [source]"]


def test_notes_stay_under_every_form_of_their_number() -> None:
    """Sphinx, Wikipedia and books write brackets as elements, letters, circles and pictures."""
    blocks, kept = blocks_of(
        "<p>The wall<a href=#f1 role=doc-noteref><i>[</i>1<i>]</i></a> stands<sup><a href=#cite_a>[a]</a></sup>,"
        "<sup><a href=#n1>①</a></sup> all<a href=#n2 epub:type=noteref><img src=note.png></a> say.</p>"
        "<aside class=gone id=f1>In 1881.</aside><p class=gone id=cite_a>Or later.</p>"
        "<aside class=gone id=n1>By hand.</aside><aside class=gone id=n2>Nearly.</aside><p class=gone id=n3>Print</p>"
    )
    noted = keep_notes(blocks, kept)
    stay = [block.text for block in blocks if noted[block] and not kept[block]]
    assert stay == ["In 1881.", "Or later.", "By hand.", "Nearly."]


def test_a_note_stays_below_a_heading_that_is_its_number() -> None:
    blocks, kept = blocks_of(
        "<p>The wall<a href=#FOOT1><sup>1</sup></a> stands.</p>"
        "<h5 class=gone><a id=FOOT1>(1)</a></h5><p class=gone>It fell in 1881.</p><p class=gone>Print this page</p>"
    )
    noted = keep_notes(blocks, kept)
    assert [block.text for block in blocks if noted[block] and not kept[block]] == ["(1)", "It fell in 1881."]


def test_the_figure_below_the_title_stays() -> None:
    figure = "<figure><img src=/storm.jpg alt=Waves><figcaption class=gone>Waves at the wall</figcaption></figure>"
    root = html(
        f"{MENU}<main><h1>Storm</h1><p class=byline>By A. Keeper</p>{figure}{ARTICLE}{ARTICLE}</main>{RELATED}{FOOT}"
    )
    cuts = choose(root).cuts
    assert not any(element.tag in ("figure", "img") for element in cuts.elements)


def test_a_table_with_heads_stays_whole() -> None:
    page = (
        "<table><tr><th class=gone>Year</th><th>What happened to the harbour</th></tr>"
        "<tr><td class=gone>1871</td><td>The wall was built in three stages</td></tr></table>"
        "<table><tr><td class=gone>Year</td><td>A table that only puts things side by side</td></tr></table>"
        "<table><tr><th>No.</th><td class=gone>What is mostly cut is not the text's</td></tr></table>"
    )
    blocks, kept = blocks_of(page)
    whole = keep_cells(blocks, kept)
    assert [block.text for block in blocks if whole[block] and not kept[block]] == ["Year", "1871"]


@pytest.mark.parametrize(
    "listing",
    [
        "<pre><div>def fold(sheet):</div><div class=gone>{{</div><div>return sheet</div><div class=gone>}}</div></pre>",
        "<div><div><code>def fold(sheet):</code></div><div class=gone><code>{{</code></div>"
        "<div><code>return sheet</code></div><div class=gone><code>}}</code></div></div>",
    ],
)
def test_a_listing_stays_whole(listing: str) -> None:
    alone = listing.replace("<div>", "<div class=gone>")
    root = html(f"<p>Before.</p>{listing}{alone}<p class=gone>Print this page</p>").find("body")
    blocks = cut_into_blocks(root).blocks
    kept = {block: "gone" not in (block.box.element.get("class") or "") for block in blocks}
    whole = keep_listings(blocks, kept, root)
    assert [block.text for block in blocks if whole[block] and not kept[block]] == ["{{", "}}"]


SENTENCE = "The vat is stirred with a stick until the fibres float evenly in it."
CODE = "<pre>def stir(vat):\n    vat.move(stick)</pre>"
EQUATION = "<table><tr><td><math><mi>Wet</mi><mo>=</mo><mi>Dry</mi></math></td></tr></table>"


@pytest.mark.parametrize(
    ("page", "stays"),
    [
        (f"<p>{SENTENCE}</p><div>{CODE}</div><p>{SENTENCE}</p>", True),
        (f"<p>{SENTENCE}</p>{EQUATION}{CODE}<p>{SENTENCE}</p>", True),
        (f"<p>{SENTENCE}</p><p class=gone>$$w = m g$$</p><p>{SENTENCE}</p>", True),
        (f"<section><p>{SENTENCE}</p>{EQUATION}</section><p class=gone>Print this page</p>", True),
        (f"<p>{SENTENCE}</p><div><p class=gone>Code: <a href=#>Select all</a></p>{CODE}</div><p>{SENTENCE}</p>", True),
        (f"<p>{SENTENCE}</p><div><p class=gone>Ad</p><p class=gone>Ad</p>{CODE}</div><p>{SENTENCE}</p>", False),
        (f"<section><p>{SENTENCE}</p></section><aside>{CODE}</aside><p class=gone>Print this page</p>", False),
        (f"<section><p>{SENTENCE}</p><p class=gone>Ad</p>{CODE}</section><p class=gone>Print this page</p>", False),
        (f"<section><p>{SENTENCE}</p></section><aside>{CODE}<p class=gone>Ad</p></aside>", False),
        (f"<p class=gone>{SENTENCE}</p>{CODE}<p>{SENTENCE}</p>", False),
        (f"<p>Menu</p>{CODE}<p class=gone>Print this page</p>", False),
    ],
)
def test_a_listing_or_a_formula_stays_amid_kept_text(page: str, stays: bool) -> None:
    root = html(page).find("body")
    cut = cut_into_blocks(root)
    sum_up(cut)
    blocks = cut.blocks
    asked = [block for block in blocks if "stir(vat)" in block.text or "Wet" in block.text or "$$" in block.text]
    kept = {block: "gone" not in (block.box.element.get("class") or "") and block not in asked for block in blocks}
    whole = keep_listings(blocks, kept, root)
    assert [whole[block] for block in asked] == [stays] * len(asked)


def test_a_tip_at_a_picture_takes_it_from_nobody() -> None:
    tip = "<div><div role=tooltip><span>Download</span></div></div>"
    root = html(f"{MENU}<main class=post>{ARTICLE}<div><img src=/room.jpg>{tip}</div>{ARTICLE}</main>{FOOT}")
    assert not any(element.tag == "img" or len(element.xpath(".//img")) for element in choose(root).cuts.elements)


def test_a_picture_that_only_a_noscript_holds_goes_with_its_caption() -> None:
    inside = "<div></div><noscript><img src=/wall.jpg></noscript><figcaption>The wall</figcaption>"
    root = html(f"{MENU}<main class=post>{ARTICLE}<figure>{inside}</figure>{ARTICLE}</main>{FOOT}")
    assert not any(list(element.iter("noscript")) for element in choose(root).cuts.elements)


PARTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "<p>墨</p>", "<p>墨</p>", "<p>竹纸墨香，一荡一抬，水就成了纸。</p>", "<td>a", "<tr><td>1<td>2</tr>",
                "<h2>评论</h2>", "<div class=card><a href=/1>墨</a> 3</div>", "<li>one, two, three.", "<br><br>墨",
                "<div>墨<p>纸</p></div>", "<blockquote>", "</ul><ul>", "<p hidden>墨</p>", "<h1>磨墨</h1>",
            ]
        ),
        st.integers(1, 30),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=draws(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PARTS)
def test_blocks_of_one_kind_have_the_same_points(parts: list[tuple[str, int]]) -> None:
    """What is worked out once for many blocks is what each of them would have got by itself."""
    root = html("<title>磨墨</title><table><ul>" + "".join(one * times for one, times in parts))
    page = cut_into_blocks(root.find("body"))
    if not any(block.text for block in page.blocks):
        return
    rows = feature_rows(page, sum_up(page), read_clues(root))
    kinds = rows.kinds(all_marks())
    assert len(kinds) == len(rows)
    for forest in load_model()["forests"].values():
        votes = [0.0] * (len(forest.names) - len(NAMES))
        by_itself = [forest.score(row + votes) for row in rows]
        assert forest.scores(lambda at, more=votes: rows[at] + more, kinds) == by_itself
        shares: dict[object, object] = {}
        for row, kind in zip(rows, kinds, strict=True):
            assert shares.setdefault(kind, forest.shares(row + votes)) == forest.shares(row + votes)


def test_blocks_that_differ_in_their_place_alone_are_of_few_kinds() -> None:
    root = html("<p>磨墨要慢。</p>" * 2000)
    page = cut_into_blocks(root.find("body"))
    assert len(set(feature_rows(page, sum_up(page), read_clues(root)).kinds(all_marks()))) < 200


@given(st.text(st.sampled_from("th1267adsfoot- _九"), max_size=12))
def test_numbers_in_names_tell_no_more_than_their_first_digit(name: str) -> None:
    """Names are looked into without their numbers; what they say is the same."""
    element = html(f"<p class='{name}'>墨</p>").find("body/p")
    assert groups_of(element, "p") == names_groups(f"{name}   ", "p")
