"""What goes from the chosen text by a rule of its own: copies, titles again, empty headings, offers to subscribe."""

import pytest

from clean.page import clean_page

PARAGRAPHS = (
    "The harbour was built in three stages, and the oldest wall still stands at low tide, as it did when it was new.",
    "Every spring the keeper paints the lamp room, a job that takes two people most of a week if the weather holds.",
    "When the storm came, nobody on the island had slept, and the boats were already ashore, tied to the old poles.",
    "She wrote down the height of the water each hour, as her father had done before her, in a book with a blue cover.",
)
TEXT = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)


def read(article: str, head: str = "") -> tuple[str, dict[str, list[str]]]:
    """Return the Markdown of an article, and by rule what stage `generic` took from it."""
    page = f"<html><head><title>The lamp</title>{head}</head><body><article>{article}</article></body></html>"
    cleaned = clean_page(page.encode(), charset="utf-8", url="https://a.example/1")
    assert cleaned.markdown is not None
    gone: dict[str, list[str]] = {}
    for node in cleaned.ledger.nodes:
        gone.setdefault(node.rule, []).append(node.text)
    return cleaned.markdown.partition("\n---\n")[2].strip(), gone


@pytest.mark.parametrize(
    "again", ["<h2>The lamp</h2>", "<h3>The  lamp</h3>", "<p><b>The lamp</b></p>", "<h1>The lamp</h1>"]
)
def test_the_title_stands_once(again: str) -> None:
    body, gone = read(f"<h1>The lamp</h1>{again}{TEXT}")
    assert body.count("The lamp") == 1
    assert body.startswith("# The lamp\n")
    assert gone["generic.title"] == ["The lamp"]


def test_a_section_may_be_called_like_the_page() -> None:
    body, _ = read(
        f"<h1>The lamp</h1>{TEXT}<h2>The lamp</h2><p>Its glass came from the mainland in a box of straw.</p>"
    )
    assert "\n## The lamp\n" in body


def test_a_standfirst_that_is_the_first_paragraph_stands_once() -> None:
    body, gone = read(f"<h1>The lamp</h1><div class=lead>{PARAGRAPHS[0]}</div>{TEXT}")
    assert body.count(PARAGRAPHS[0]) == 1
    assert gone["generic.twice"] == [PARAGRAPHS[0]]


def test_a_text_for_desktops_and_one_for_telephones_is_one() -> None:
    body, gone = read(f"<h1>The lamp</h1><div class=desktop>{TEXT}</div><div class=mobile>{TEXT}</div>")
    assert [body.count(one) for one in PARAGRAPHS] == [1, 1, 1, 1]
    assert "".join(gone["generic.twice"]).replace(" ", "") == "".join(PARAGRAPHS).replace(" ", "")


@pytest.mark.parametrize(
    "meant",
    [
        f"<blockquote><p>{PARAGRAPHS[0]}</p></blockquote>",
        f"<h2>Once more</h2><p>{PARAGRAPHS[0]}</p><p>So it says.</p>",
        f"<ul><li>{PARAGRAPHS[0]}</li></ul>",
        f"<p>{PARAGRAPHS[0]} And it will.</p>",
    ],
)
def test_what_is_said_again_on_purpose_stays(meant: str) -> None:
    body, gone = read(f"<h1>The lamp</h1>{TEXT}{meant}")
    assert body.count(PARAGRAPHS[0]) == 2
    assert "generic.twice" not in gone


def test_what_is_said_again_and_again_stays() -> None:
    body, _ = read(f"<h1>The lamp</h1>{f'<p>{PARAGRAPHS[0]}</p>' * 4}")
    assert body.count(PARAGRAPHS[0]) == 4


def test_a_refrain_stays() -> None:
    body, _ = read(f"<h1>The lamp</h1><p>Row, row.</p>{TEXT}<p>Row, row.</p>")
    assert body.count("Row, row.") == 2


def test_a_heading_whose_text_went_goes_too() -> None:
    links = "".join(f"<li><a href=/{n}>Another story with number {n}</a></li>" for n in range(8))
    body, gone = read(
        f"<h1>The lamp</h1>{TEXT}<h2>Storms</h2>{TEXT.replace('the', 'a')}<h2>Elsewhere</h2><ul>{links}</ul>"
    )
    if "Another story" not in body:  # the list is none of the author's, as the model sees it
        assert "Elsewhere" not in body
        assert any("Elsewhere" in text for texts in gone.values() for text in texts)
    assert "## Storms" in body


def test_a_heading_at_the_end_goes() -> None:
    body, gone = read(f"<h1>The lamp</h1>{TEXT}<h2>Storms</h2>{TEXT.replace('the', 'a')}<h2>See also</h2>")
    assert body.endswith("\n" + PARAGRAPHS[3].replace("the", "a"))
    assert gone["generic.empty-heading"] == ["See also"]


@pytest.mark.parametrize(
    "article",
    [
        f"<h1>The lamp</h1>{TEXT}<h2>Storms</h2><h3>The first</h3>{TEXT.replace('the', 'a')}",
        f"<h1>The lamp</h1>{TEXT}<h2>Part two</h2><h2>Storms</h2>{TEXT.replace('the', 'a')}",
        f"<h1>The lamp</h1>{TEXT}<h2>Storms</h2>{TEXT.replace('the', 'a')}<h2>And so it stands.</h2>",
    ],
)
def test_headings_that_say_something_stay(article: str) -> None:
    _, gone = read(article)
    assert "generic.empty-heading" not in gone


PAID = (
    '<script type="application/ld+json">{"@type": "NewsArticle", '
    '"headline": "The lamp",'
    ' "isAccessibleForFree": "False", "hasPart": {'
    '"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".locked"}}</script>'
)
OFFER = (
    "<h3>For members alone</h3><p>Log in to read on, or subscribe for three a month and read everything.</p>"
    "<a href=/s>Subscribe</a>"
)


@pytest.mark.parametrize("name", ["locked", "paywall-box", "c-regwall"])
def test_an_offer_goes(name: str) -> None:
    body, gone = read(f"<h1>The lamp</h1>{TEXT}<div class={name}>{OFFER}</div>", PAID)
    assert body.endswith(PARAGRAPHS[3])
    assert "For members alone" in "".join(gone["generic.offer"])


def test_what_is_paid_for_stays() -> None:
    article = f"<article><h1>The lamp</h1><div class=locked>{TEXT}</div></article>"
    page = f"<html><head>{PAID}</head><body>{article}</body></html>"
    cleaned = clean_page(page.encode(), charset="utf-8", url="https://a.example/1")
    assert cleaned.fact("paid") == "true"
    assert all(one in str(cleaned.markdown) for one in PARAGRAPHS)
