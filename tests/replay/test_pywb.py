"""pywb replays what we kept, as plain HTTP: which capture answers for which moment, and with which bytes."""

import json
from datetime import timedelta

import httpx
import pytest
from article import COLOUR, TEXT, article
from replayer import Replayer
from visits import FIRST_DAY, LATER_TEXT, Kept

pytestmark = pytest.mark.slow

DAYS = {"first": 0, "not modified": 1, "equal": 2, "changed": 7}


def get(url: str, *, follow: bool = True) -> httpx.Response:
    return httpx.get(url, follow_redirects=follow, trust_env=False, timeout=30)


def day(name: str, hours: float = 1) -> timedelta:
    return timedelta(days=DAYS[name], hours=hours)


@pytest.mark.parametrize(("name", "text"), [*((name, TEXT) for name in list(DAYS)[:3]), ("changed", LATER_TEXT)])
def test_every_visit_replays_as_what_it_saw(kept: Kept, replayer: Replayer, name: str, text: str) -> None:
    answer = get(replayer.at(FIRST_DAY + day(name), kept.url()))
    assert answer.status_code == 200
    assert text in answer.text
    # The moment of the visit itself: a revisit is a capture of its own, not a hint at another one.
    assert answer.headers["Memento-Datetime"] == f"{FIRST_DAY + day(name, 0):%a, %d %b %Y %H:%M:%S GMT}"


def test_all_visits_are_listed_once(kept: Kept, replayer: Replayer) -> None:
    listed = [line for line in get(replayer.timemap(kept.url())).text.splitlines() if "memento" in line.split(";")[1]]
    expected = [0, 1, 2, 3, 7]  # the long address led to it on the fourth day
    moments = [line.partition('datetime="')[2].partition('"')[0] for line in listed]
    assert [moment[5:7] for moment in moments] == [f"{2 + number:02}" for number in expected]


def test_pictures_have_their_bytes(kept: Kept, replayer: Replayer) -> None:
    url = kept.url("/mmbiz_png/bamboo/640?wx_fmt=png&from=appmsg", "mmbiz.qpic.cn")
    answers = [get(replayer.at(FIRST_DAY + day(name), url, modifier="im_")) for name in ("first", "equal", "changed")]
    assert {answer.headers["Content-Type"] for answer in answers} == {"image/png"}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].content.startswith(b"\x89PNG\r\n\x1a\n")


def test_styles_are_replayed_with_their_imports(kept: Kept, replayer: Replayer) -> None:
    style = get(replayer.at(FIRST_DAY, kept.url("/mmbizappmsg/zh_CN/article.css", "res.wx.qq.com"), modifier="cs_"))
    assert COLOUR in style.text
    deep = get(replayer.at(FIRST_DAY, kept.url("/mmbizappmsg/zh_CN/deep.css", "res.wx.qq.com"), modifier="cs_"))
    assert "#js_name" in deep.text


def test_a_redirect_leads_to_the_replay_of_its_target(kept: Kept, replayer: Replayer) -> None:
    moment = FIRST_DAY + timedelta(days=3)
    url = replayer.at(moment, kept.url("/s?__biz=MzA=&mid=33&idx=2&sn=ef"))
    answer = get(url, follow=False)
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith(replayer.origin)
    assert TEXT in get(url).text


@pytest.mark.parametrize(
    ("path", "words"), [("/s/deleted", "该内容已被发布者删除"), ("/s/shell", "secitptpage/verify")]
)
def test_what_stood_in_place_of_an_article_is_replayed_as_it_was(
    kept: Kept, replayer: Replayer, path: str, words: str
) -> None:
    answer = get(replayer.at(FIRST_DAY + timedelta(days=5), kept.url(path)))
    assert answer.status_code == 200
    assert words in answer.text


def test_nothing_that_we_say_about_a_capture_is_replayed_as_one(kept: Kept, replayer: Replayer) -> None:
    said = get(f"{replayer.origin}/kept/cdx?url={kept.url()}&output=json").text
    kinds = [json.loads(line)["mime"] for line in said.splitlines()]
    assert kinds == ["text/html", "warc/revisit", "warc/revisit", "warc/revisit", "text/html"]


def test_the_content_can_be_had_unchanged(kept: Kept, replayer: Replayer) -> None:
    assert get(replayer.at(FIRST_DAY, kept.url(), modifier="id_")).content == article(kept.port).encode()
