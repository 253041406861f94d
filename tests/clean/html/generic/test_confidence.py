"""Confidence: monotone where it must be, the same each time, low for what is no article, and said to who cleans."""

import runpy
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clean.document import LOW_CONFIDENCE, State
from clean.html.generic import choice as chooser
from clean.html.generic.confidence import (
    FALLING,
    FEATURES,
    RISING,
    Judged,
    choice_features,
    confidence_in,
    expected_score,
)
from clean.html.generic.model import load_model
from clean.html.parse import parse_html
from clean.page import clean_page
from clean.rules import NOTICE, Ruleset, built_in

TESTS = Path(__file__).parents[2]
NO_NOTICES = Ruleset([rule for rule in built_in().rules if rule.stage != NOTICE])

SENTENCES = (
    "The mill stands where the two streams meet, and in April the water is so loud that nobody hears the hammers.",
    "Rags came by boat from the city, sorted by colour, and lay in the cellar until they began to warm.",
    "An old vatman told me that you learn the stroke in a week, and need ten years before you forget it.",
    "The felts were washed on Saturdays, which is why the river below the bridge was white until Monday morning.",
    "Of the eleven moulds that the family owned, two are in the museum, and nobody knows who has the others.",
)
ARTICLE = "".join(f"<p>{one} {two}</p>" for one in SENTENCES for two in SENTENCES if one != two)
MENU = "<nav><ul>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(12)) + "</ul></nav>"
FOOT = "<footer><p>© 2024 Paper Valley. All rights reserved.</p><a href=/imprint>Imprint</a></footer>"
CARDS = "".join(
    f"<div class=card><a href=/{n}><img src=/{n}.jpg></a><h3><a href=/{n}>Paper no. {n}</a></h3>"
    f"<span>{n + 3} €</span><button>Add to basket</button></div>"
    for n in range(30)
)

PAGES = {
    "article": f"{MENU}<main><article class=post><h1>The mill</h1>{ARTICLE}</article></main>{FOOT}",
    "short": f"{MENU}<main><h1>The mill</h1><p>{SENTENCES[0]}</p></main>{FOOT}",
    "line": "<h1>Papers</h1><p>We count our papers until spring.</p>",
    "cards": f"{MENU}<main><h1>Papers</h1>{CARDS}</main>{FOOT}",
    "thread": f"{MENU}<div class=thread>"
    + "".join(f"<div class=post><b>user{n}</b><div class=body>{one}</div></div>" for n, one in enumerate(SENTENCES))
    + f"</div>{FOOT}",
    "Chinese": "<div class=content><h1>竹纸</h1>"
    + "<p>竹子砍下来先在水里泡三个月，等皮肉分开，再用石灰煮。</p>" * 9
    + "</div>",
}


def judged(body: str) -> Judged:
    """Return what the confidence in the choice on a page is told from."""
    found: list[Judged] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chooser, "confidence_in", lambda each: (found.append(each), confidence_in(each))[1])
        chooser.choose(parse_html(f"<html><head><title>Paper</title></head><body>{body}</body></html>"))
    return found[0]


@cache
def features(name: str) -> tuple[float, ...]:
    return tuple(choice_features(judged(PAGES[name])))


def test_the_fitted_file_is_for_the_features_that_are_measured() -> None:
    forest = load_model("confidence.json")["forests"]["confidence"]
    assert forest.names == FEATURES
    assert all(len(features(name)) == len(FEATURES) for name in PAGES)


@given(
    page=st.sampled_from(sorted(PAGES)),
    name=st.sampled_from([*RISING, *FALLING]),
    values=st.lists(st.floats(0, 2), min_size=2, max_size=2).map(sorted),
)
def test_what_speaks_for_a_choice_never_lowers_the_confidence(page: str, name: str, values: list[float]) -> None:
    scores = []
    for value in values if name in RISING else reversed(values):
        row = list(features(page))
        row[FEATURES.index(name)] = value
        scores.append(expected_score(row))
    assert scores == sorted(scores)


@given(st.lists(st.floats(-1, 1e6, allow_nan=False), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_a_confidence_is_a_share_whatever_is_measured(row: list[float]) -> None:
    assert 0 <= expected_score(row) <= 1


@pytest.mark.parametrize("name", PAGES)
def test_the_same_page_has_the_same_confidence(name: str) -> None:
    first, second = judged(PAGES[name]), judged(PAGES[name])
    assert choice_features(first) == choice_features(second) == list(features(name))
    assert confidence_in(first) == confidence_in(second)


def test_the_less_there_is_to_read_the_less_certain_it_is_an_article() -> None:
    stated = [expected_score(features(name)) for name in ("line", "short", "article")]
    assert stated == sorted(stated)
    assert stated[0] < 0.3
    assert stated[-1] > 0.9


def test_more_menus_and_stories_around_a_text_do_not_make_it_more_certain() -> None:
    stories = "".join(
        f"<div class=story><h2><a href=/{n}>Story {n}</a></h2><p>{SENTENCES[n]}</p></div>" for n in range(5)
    )
    plain = expected_score(choice_features(judged(f"<main><h1>The mill</h1>{ARTICLE}</main>")))
    among = expected_score(
        choice_features(judged(f"{MENU}<main><h1>The mill</h1>{ARTICLE}</main>{stories}{stories}{FOOT}"))
    )
    assert round(among, 2) <= round(plain, 2)


@pytest.mark.slow
def test_walls_that_no_rule_knows_have_a_low_confidence() -> None:
    pages = runpy.run_path(str(TESTS / "test_walls.py"))["PAGES"]
    walls = [page for page in pages if not page.text and page.group != "article"]
    stated = [clean_page(page.page(), ruleset=NO_NOTICES).confidence or 0.0 for page in walls]
    assert len(stated) > 150
    assert sum(one > 0.5 for one in stated) <= 0.05 * len(stated)


def test_a_low_confidence_is_a_warning_that_says_where_to_look() -> None:
    page = f"<html><head><title>Paper</title></head><body>{PAGES['line']}</body></html>".encode()
    cleaned = clean_page(page, url="https://paper.example/papers")
    assert cleaned.state == State.LIVE
    assert cleaned.confidence is not None
    assert cleaned.confidence < LOW_CONFIDENCE
    (warning,) = cleaned.warnings
    assert warning.code == "low-confidence"
    assert f"{cleaned.confidence:.2f}" in warning.message
    assert "little text" in warning.hint


def test_a_clear_article_has_no_warning() -> None:
    page = f"<html><head><title>Paper</title></head><body>{PAGES['article']}</body></html>".encode()
    assert clean_page(page, url="https://paper.example/mill").warnings == ()


def test_nothing_is_stated_where_nothing_had_to_be_chosen() -> None:
    page = f'<html><body><div class="rich_media_content" id="js_content">{ARTICLE}</div></body></html>'.encode()
    cleaned = clean_page(page, url="https://mp.weixin.qq.com/s/abc")
    assert (cleaned.profile, cleaned.confidence) == ("wechat", None)
