"""Panels that were closed when the page was saved, and the names of all of them, as a reader opens them."""

from clean.page import clean_page

OPENING = (
    "<p>The vat is filled before dawn, and the pulp is beaten until no knot is left in it, as the old manual says.</p>"
    "<p>Two ways of steaming are known in the valley, and both of them have their friends among the makers.</p>"
)
CLOSING = "<p>Whatever way is taken, the sheets dry on the wall for a day, and are brushed flat before they are.</p>"


def markdown(inside: str) -> str:
    page = f"<html><head><title>Steaming</title></head><body><article><h1>Steaming</h1>{OPENING}{inside}{CLOSING}"
    return clean_page(f"{page}</article></body></html>".encode()).markdown


def test_closed_tab_stands_with_the_open_one_and_both_names() -> None:
    got = markdown(
        """<div><div role="tablist"><button role="tab" aria-controls="s">Slow</button><button role="tab"
        aria-controls="q">Quick</button></div>
        <div id="s"><p>Steam the bark for a night over a low fire of pine.</p></div>
        <div id="q" hidden><p>Boil the bark with lime for an hour, which saves wood.</p></div></div>"""
    )
    places = [got.index(words) for words in ("Slow", "for a night", "Quick", "with lime", "Whatever way")]
    assert places == sorted(places)


def test_closed_answer_stands_below_its_question() -> None:
    got = markdown(
        """<div class="faq"><div><button aria-expanded="false">How long does a sheet last?</button><div
        style="display:none"><p>A good one lasts a thousand years, where it is dry and dark.</p></div></div></div>"""
    )
    assert got.index("How long does") < got.index("thousand years") < got.index("Whatever way")


def test_what_no_name_opens_stays_closed() -> None:
    got = markdown("""<div style="display:none"><p>Your session ended, please enter your name once more.</p></div>""")
    assert "session ended" not in got


def test_closed_text_of_a_term_stands_below_it() -> None:
    got = markdown(
        """<dl><dt>How long does a sheet last?</dt><dd hidden>A good one lasts a thousand years in a dry house.</dd>
        <dt>Which wood burns best?</dt><dd style="display: none"><p>Pine gives an even fire for all the night.</p></dd>
        </dl>"""
    )
    places = [got.index(words) for words in ("How long", "thousand years", "Which wood", "even fire", "Whatever way")]
    assert places == sorted(places)


def test_a_tab_whose_panel_goes_goes_with_it() -> None:
    got = markdown(
        """<div class="tabs-box"><ul role="tablist">
        <li><a role="tab" href="#about" aria-controls="about">About it</a></li>
        <li><a role="tab" href="#said" aria-controls="said">Reviews (0)</a></li></ul>
        <div id="about" role="tabpanel"><h2>About it</h2><p>The bark of old trees gives a grey sheet that lasts.</p>
        <p>Young bark gives a white one, which tears sooner.</p></div>
        <div id="said" role="tabpanel" style="display:none"><a href="/in">Log in to write one</a></div></div>"""
    )
    assert "## About it" in got
    assert "**About it**" not in got
    assert "Reviews" not in got


def test_panels_that_their_tabs_do_not_name_stand_below_them_in_their_order() -> None:
    listing = '<pre class="language-bash"><code>{}</code></pre><div><button type="button">Copy</button></div>'
    got = markdown(
        '<div><ul role="tablist"><li role="tab" aria-selected="true">npm</li><li role="tab">Yarn</li></ul><div>'
        f'<div role="tabpanel">{listing.format("npm install paper")}</div>'
        f'<div role="tabpanel" hidden>{listing.format("yarn add paper")}</div></div></div>'
    )
    words = ("**npm**", "npm install paper", "**Yarn**", "yarn add paper", "Whatever way")
    places = [got.index(one) for one in words]
    assert places == sorted(places)
