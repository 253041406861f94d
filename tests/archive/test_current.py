"""Which text of an article is current: edits arrive, walls and front pages do not, whatever they look like."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from visitor import cleaned, visit

from archive.catalogue.current import DOUBTS, sketch
from archive.catalogue.history import changes
from archive.collection.collection import Collection, CommitResult
from archive.collection.decisions import ReviewBasis, record_decision
from archive.collection.reader import CollectionReader, catalogue_of
from archive.ingest.prepared import Visit
from archive.maintenance.rebuild import reindex

pytestmark = pytest.mark.slow

Opened = Callable[..., Collection]

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)

URL = "https://paper.example/2026/bamboo"

PARAGRAPHS = [
    f"第{number}池的竹子泡足了百日，{verb}去青皮，再和石灰同煮；{word}工守着火，{time}才肯回去歇息。"
    for number, (verb, word, time) in enumerate(
        (verb, word, time)
        for verb in ("捶", "刮", "削", "撕")
        for word in ("老", "小", "女", "外来的", "邻村的")
        for time in ("天亮", "三更", "鸡叫")
    )
]
ARTICLE = "\n\n".join(PARAGRAPHS)
OTHER = "\n\n".join(f"{line[::-1]}" for line in PARAGRAPHS)


def anew(number: int, sentences: int) -> str:
    """Return sentences of three clauses each, which no text with another number has."""
    random = Random(number)
    clauses = ("".join(chr(random.randrange(0x4E00, 0x6E00)) for _ in range(8)) for _ in range(3 * sentences))
    return "。\n\n".join("，".join(three) for three in zip(*[clauses] * 3, strict=True)) + "。"


WALLS = {
    "refresh": ("请稍候", "正在跳转，请稍候…"),
    "challenge": ("One moment", "Making sure that you are human. This takes a few seconds. Request 8d2f31ab."),
    "log-in": ("登录", "请先登录。登录后才能查看全文。"),
    "maintenance": ("系统维护中", "本站正在升级，预计今晚八点恢复访问，给您带来不便，敬请谅解。"),
    "missing": ("404", "抱歉，您访问的页面不存在或已被删除。"),
    "for sale": ("paper.example", "This domain is for sale. Make an offer now."),
    "error": ("", "Fatal error: Uncaught exception in /srv/www/index.php:12"),
    "news": ("首页", "\n\n".join(f"[新闻标题{chr(0x4E00 + n)}：某地举行活动](/n{n})" for n in range(60))),
}


def saw(title: str, text: str, hours: float, url: str = URL) -> Visit:
    """Return a visit that got a page with this title and text."""
    made = cleaned(f"---\ntitle: {title}\n---\n{text}\n", url=url, title=title)
    return visit(hours=hours, url=url, text=f"{title}{text}", cleaned=made)


def keep(collection: Collection, *visits: Visit) -> list[CommitResult]:
    return [collection.keep([each])[0] for each in visits]


def current(path: Path) -> str:
    (file,) = (path / "markdown").rglob("*.md")
    return file.read_text().partition("\n---\n")[2].strip()


@pytest.mark.parametrize("wall", WALLS)
def test_a_wall_that_nobody_knows_never_replaces_an_article(tmp_path: Path, opened: Opened, wall: str) -> None:
    title, text = WALLS[wall]
    with opened(tmp_path) as collection:
        first, *later = keep(
            collection, saw("竹纸", ARTICLE, 0), *(saw(title, f"{text} {n}", 24 * n) for n in range(1, 5))
        )
        assert (first.state, first.current) == ("live", True)
        assert [(each.state, each.current) for each in later] == [("doubtful", False)] * 4
        assert all(each.doubts for each in later)
        (back,) = keep(collection, saw("竹纸", ARTICLE, 200))
        assert (back.state, back.current) == ("live", True)
    assert current(tmp_path) == ARTICLE


@given(st.lists(st.booleans(), min_size=len(PARAGRAPHS), max_size=len(PARAGRAPHS)), st.booleans())
@settings(max_examples=draws(30), deadline=None)
def test_an_edit_of_any_size_is_current_at_the_second_visit_at_the_latest(
    tmp_path_factory: pytest.TempPathFactory, edited: list[bool], is_cut: bool
) -> None:
    path = tmp_path_factory.mktemp("edit")
    lines = [
        other if is_edited and not is_cut else line
        for line, other, is_edited in zip(PARAGRAPHS, OTHER.split("\n\n"), edited, strict=True)
        if not (is_edited and is_cut)
    ]
    text = "\n\n".join(lines) or PARAGRAPHS[0]
    kept = 1 - sum(edited) / len(edited)
    with Collection.open(path) as collection:
        _, once, twice = keep(collection, *(saw("竹纸", each, n) for n, each in enumerate((ARTICLE, text, text))))
    assert (twice.state, twice.current) == ("live", True)
    assert current(path) == text
    is_beginning = is_cut and edited == sorted(edited)
    if kept > 0.15 and not is_beginning:
        assert (once.state, once.current) == ("live", True)


OFFERS = [
    "……",
    "\n\n余下的内容，订阅后可读。\n\n已是会员？登录",
    "Subscribe to read on. Log in",
    "\n\n订阅后阅读全文，本月还可免费读{}篇。",
    "\n\n"
    + "登录后可以读完这个故事，没有账号的读者一分钟就能注册，第一个月不收钱。合作图书馆的读者请输入借书证号码。" * 3,
]


@pytest.mark.parametrize("share", [0.07, 0.12, 0.2, 0.3])
@pytest.mark.parametrize("offer", OFFERS)
def test_the_beginning_of_an_article_with_an_offer_waits_for_a_person_however_often_it_is_seen(
    tmp_path: Path, opened: Opened, whole: Callable[..., object], share: float, offer: str
) -> None:
    beginning = ARTICLE[: int(share * len(ARTICLE))]
    with opened(tmp_path) as collection:
        _, *later = keep(
            collection,
            saw("竹纸", ARTICLE, 0),
            *(saw("竹纸", beginning + offer.format(5 - n), n) for n in range(1, 5)),
        )
        assert [(each.state, each.current) for each in later] == [("doubtful", False)] * 4
        assert "teaser" in later[0].doubts
        (back,) = keep(collection, saw("竹纸", ARTICLE, 9))
        assert (back.state, back.current) == ("live", True)
    assert current(tmp_path) == ARTICLE
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


@pytest.mark.parametrize("paragraphs", [4, 8, 25])
def test_an_author_who_cuts_a_text_down_is_believed_the_second_time(
    tmp_path: Path, opened: Opened, paragraphs: int
) -> None:
    beginning = "\n\n".join(PARAGRAPHS[:paragraphs])
    with opened(tmp_path) as collection:
        _, once, back, again, twice = keep(
            collection,
            *(saw("竹纸", text, n) for n, text in enumerate((ARTICLE, beginning, ARTICLE, beginning, beginning))),
        )
    assert [each.state for each in (once, back, again, twice)] == ["doubtful", "live", "doubtful", "live"]
    assert "teaser" in once.doubts
    assert current(tmp_path) == beginning


WALL_UNDER_THE_TITLE = "\n\n".join(
    f"本文只向{reader}开放，请先{action}，再回到这一页继续阅读。"
    for reader in ("订户", "会员", "本校读者")
    for action in ("登录", "扫码")
)


@pytest.mark.parametrize(
    "last",
    ["第{}次访问。", "编号 {0}xKq{0}Wz。", "今天是星期{1}。", "{2}"],
    ids=["number", "token", "weekday", "headline"],
)
@pytest.mark.parametrize("times", [1, 6])
def test_a_wall_that_is_another_text_each_time_confirms_nothing(
    tmp_path: Path, opened: Opened, last: str, times: int
) -> None:
    articles = PARAGRAPHS[: 12 * times]
    with opened(tmp_path) as collection:
        _, *later = keep(
            collection,
            saw("竹纸", "\n\n".join(articles), 0),
            *(
                saw("竹纸", WALL_UNDER_THE_TITLE + "\n\n" + last.format(n, "一二三四五"[n], anew(n, 1)), 24 * n)
                for n in range(1, 5)
            ),
        )
    assert [each.current for each in later] == [False] * 4
    assert current(tmp_path) == "\n\n".join(articles)


def test_a_text_written_anew_may_change_a_little_before_it_is_seen_again(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        _, once, twice = keep(
            collection,
            saw("竹纸", ARTICLE, 0),
            saw("竹纸", anew(1, 90), 24),
            saw("竹纸", anew(1, 90) + "\n\n补记：后来又去了一次。", 48),
        )
    assert [(each.state, each.current) for each in (once, twice)] == [("doubtful", False), ("live", True)]


def test_an_article_comes_back_at_once_after_another_text_was_believed(
    tmp_path: Path, opened: Opened, whole: Callable[..., object]
) -> None:
    with opened(tmp_path) as collection:
        *_, wrong, back, doubted = keep(
            collection,
            saw("竹纸", ARTICLE, 0),
            *(saw("竹纸", OTHER, 24 * n) for n in (1, 2)),
            saw("竹纸", ARTICLE + "\n\n补记：后来又去了一次。", 72),
            saw("竹纸", "\n\n".join(PARAGRAPHS[3:6]) * 9, 96),
        )
    assert [(each.state, each.current) for each in (wrong, back)] == [("live", True), ("live", True)]
    assert doubted.state == "doubtful"
    assert current(tmp_path).startswith(ARTICLE)
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


@pytest.mark.parametrize("left", [PARAGRAPHS[::4], PARAGRAPHS[30:], PARAGRAPHS[:31], PARAGRAPHS[:6] + PARAGRAPHS[-9:]])
def test_a_text_that_lost_other_parts_than_its_end_is_an_edit(tmp_path: Path, opened: Opened, left: list[str]) -> None:
    with opened(tmp_path) as collection:
        _, edited = keep(collection, saw("竹纸", ARTICLE, 0), saw("竹纸", "\n\n".join(left), 1))
    assert (edited.state, edited.current) == ("live", True)


def test_other_words_under_the_title_wait_for_a_person_however_often_they_are_seen(
    tmp_path: Path, opened: Opened
) -> None:
    with opened(tmp_path) as collection:
        _, *later = keep(
            collection,
            saw("竹纸", ARTICLE, 0),
            *(saw("竹纸", "余下的内容仅在手机上可见，请打开应用查看。", hours) for hours in (1, 2, 3)),
        )
    assert [each.current for each in later] == [False] * 3
    assert current(tmp_path) == ARTICLE


def test_a_new_title_over_the_same_text_is_an_edit(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        _, edited = keep(collection, saw("竹纸", ARTICLE, 0), saw("一张纸怎样活过千年", ARTICLE + "\n\n补记。", 1))
    assert (edited.state, edited.current) == ("live", True)


def test_an_article_that_comes_after_a_notice_takes_its_place(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        _, article = keep(collection, saw("系统维护中", "本站正在升级。", 0), saw("竹纸", ARTICLE, 24))
    assert (article.state, article.current) == ("live", True)
    assert current(tmp_path) == ARTICLE


def test_the_same_text_under_several_addresses_replaces_none_of_them(tmp_path: Path, opened: Opened) -> None:
    addresses = [f"https://paper.example/{n}" for n in range(3)]
    notice = "竹纸专题已经迁走。\n\n" + "\n\n".join(
        f"我们{verb}了新的园地，欢迎前去，多看看。" for verb in "搬建开设立办"
    )
    with opened(tmp_path) as collection:
        for n, url in enumerate(addresses):
            keep(collection, saw(f"竹纸之{n}", "\n\n".join(PARAGRAPHS[n * 20 : n * 20 + 20]), 0, url))
        results = [keep(collection, saw("竹纸之0", notice, hours, url)) for hours in (24, 48, 72) for url in addresses]
    states = {(each.name, each.state) for (each,) in results[1:]}
    assert ("https://paper.example/1", "live") not in states
    assert ("https://paper.example/2", "live") not in states


NOTICE = "请先登录。登录后才能查看全文，没有账号的读者可以免费注册一个。"


def files(path: Path) -> list[str]:
    return sorted(each.read_text().partition("\n---\n")[2].strip() for each in (path / "markdown").rglob("*.md"))


@pytest.mark.parametrize("titles", [("登录", "登录", "登录"), ("竹纸", "皮纸", "麻纸")])
def test_a_short_text_that_new_addresses_of_a_host_share_is_current_at_none_of_them(
    tmp_path: Path, opened: Opened, whole: Callable[..., object], titles: tuple[str, ...]
) -> None:
    with opened(tmp_path) as collection:
        results = keep(
            collection,
            *(saw(title, f"{NOTICE} {n}", n, f"https://paper.example/{n}") for n, title in enumerate(titles)),
        )
        assert [(each.state, each.current) for each in results] == [
            ("live", True),
            ("doubtful", False),
            ("doubtful", False),
        ]
        assert {each.doubts for each in results[1:]} == {("shared",)}
        (again,) = keep(collection, saw(titles[0], NOTICE, 8, "https://paper.example/0"))
        assert (again.state, again.current, again.markdown) == ("doubtful", False, None)
    assert files(tmp_path) == []
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before
    with opened(tmp_path) as collection:
        articles = (saw(f"{n}", PARAGRAPHS[n] * 3, 24, f"https://paper.example/{n}") for n in range(3))
        assert [(each.state, each.current) for each in keep(collection, *articles)] == [("live", True)] * 3
        walled = keep(collection, *(saw("", NOTICE, 48, f"https://paper.example/{n}") for n in range(3)))
        assert not any(each.current for each in walled)
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


WALLS_AT_AN_ADDRESS = {
    "its title": "想读《{title}》？请先登录，没有账号的读者可以免费注册一个。",
    "its title in English": "“{title}” – please prove that you are a person, and we let you through.",
    "its address": "{url} 需要先登录才能查看",
    "its path": "Sign in to see ({path}). Accounts cost nothing with us",
    "a word": "Ihre Sitzung im Bereich {word} ist abgelaufen und Sie werden gleich neu angemeldet, bitte warten Sie",
    "a token": "Заявка {token}Zq принята и проверяется, это займёт несколько секунд",
    "nothing": "続きは会員の方のみご覧いただけます、月額二百円から",
}


@pytest.mark.parametrize("wall", WALLS_AT_AN_ADDRESS)
@pytest.mark.parametrize("is_titled", [True, False])
def test_a_wall_with_the_address_or_the_title_in_it_is_the_same_wall(
    tmp_path: Path, opened: Opened, whole: Callable[..., object], wall: str, is_titled: bool
) -> None:
    visits = []
    for n, name in enumerate(("Kalkmilch", "Büttenrand", "Siebform")):
        url = f"https://paper.example/{n}/{name.lower()}.html"
        title = f"{name} von {name[::-1]}"
        text = WALLS_AT_AN_ADDRESS[wall].format(
            title=title, url=url, path=url[21:], word=name, token=f"{n}x{n}{name[:3]}"
        )
        visits.append(saw(title if is_titled else "Anmelden", f"# {title}\n\n{text}" if is_titled else text, n, url))
    with opened(tmp_path) as collection:
        keep(collection, *visits)
    assert files(tmp_path) == []
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


def test_a_whole_batch_of_one_wall_is_kept_and_no_file_is_left(
    tmp_path: Path, opened: Opened, whole: Callable[..., object]
) -> None:
    visits = [saw(f"竹纸{n}", NOTICE, n, f"https://paper.example/{n}") for n in range(4)]
    with opened(tmp_path) as collection:
        assert [each.status for each in collection.keep(visits)] == ["added"] * 4
    assert files(tmp_path) == []
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before


@pytest.mark.parametrize(
    "texts",
    [
        [f"{word}天抄纸，{word}月晒纸，{word}年以后再卖。" for word in ("春雨", "夏日", "秋风", "冬雪")],
        [anew(n, 4) for n in range(4)],
        [
            "".join(f"第{n}段，{word}：先浸竹，再煮，然后抄成纸张。" for n in range(9))
            for word in ("甲", "乙", "丙", "丁")
        ],
    ],
    ids=["of one mould", "short", "says everything again and again"],
)
def test_short_texts_of_one_site_are_articles(tmp_path: Path, opened: Opened, texts: list[str]) -> None:
    with opened(tmp_path) as collection:
        results = keep(
            collection, *(saw("每日一纸", text, n, f"https://paper.example/{n}") for n, text in enumerate(texts))
        )
    assert [(each.state, each.current) for each in results] == [("live", True)] * len(texts)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        (ARTICLE, ("https://paper.example/a", "https://paper.example/b")),
        (NOTICE, ("https://paper.example/a", "https://ink.example/a")),
        (NOTICE, ("https://mp.weixin.qq.com/s?__biz=a&mid=1&idx=1&sn=a", "https://mp.weixin.qq.com/s?__biz=b&mid=2&idx=1&sn=b")),
        ("![图片](https://paper.example/i.png)\n\n![图片](https://paper.example/j.png)", ("https://paper.example/a", "https://paper.example/b")),
    ],
)  # fmt: skip
def test_what_is_published_twice_is_current_at_both_addresses(
    tmp_path: Path, opened: Opened, text: str, addresses: tuple[str, ...]
) -> None:
    with opened(tmp_path) as collection:
        results = keep(collection, *(saw("竹纸", text, n, url) for n, url in enumerate(addresses)))
    assert [(each.state, each.current) for each in results] == [("live", True)] * 2


def test_a_person_may_confirm_a_short_text_that_is_shared(
    tmp_path: Path, opened: Opened, whole: Callable[..., object]
) -> None:
    with opened(tmp_path) as collection:
        keep(collection, *(saw(f"竹纸{n}", f"{NOTICE}第{n}号", n, f"https://paper.example/{n}") for n in range(2)))
    assert files(tmp_path) == []
    decide(tmp_path, "第0号", "accepted")
    assert files(tmp_path) == [f"{NOTICE}第0号"]
    decide(tmp_path, "第1号", "accepted")
    assert files(tmp_path) == [f"{NOTICE}第0号", f"{NOTICE}第1号"]
    names = sorted((tmp_path / "markdown").rglob("*.md"))
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before
    assert sorted((tmp_path / "markdown").rglob("*.md")) == names
    decide(tmp_path, "第0号", "pending")
    assert files(tmp_path) == [f"{NOTICE}第1号"]


def test_a_rebuilt_catalogue_has_the_same_doubts(tmp_path: Path, opened: Opened, whole: Callable[..., object]) -> None:
    with opened(tmp_path) as collection:
        keep(
            collection,
            saw("竹纸", ARTICLE, 0),
            saw("登录", "请先登录。登录后才能查看全文。", 24),
            saw("竹纸", OTHER, 48),
            saw("竹纸", OTHER, 72),
            saw("", "Fatal error", 96),
        )
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before
    assert current(tmp_path) == OTHER


def decide(path: Path, doubtful: str, verdict: str) -> None:
    """Decide about the change to the text that has these words."""
    with CollectionReader.open(path) as collection:
        catalogue = catalogue_of(collection)
        (change,) = (each for each in changes(catalogue) if doubtful in collection.text_at(each.after_record))
    seen = ReviewBasis(change.id, "d" * 64, change.ruleset_sha256, change.key)
    record_decision(path, [seen], verdict, note="", reviewer="林书", at=AT)


def test_a_person_may_confirm_what_is_doubtful_and_take_it_back(
    tmp_path: Path, opened: Opened, whole: Callable[..., object]
) -> None:
    with opened(tmp_path) as collection:
        keep(collection, saw("竹纸", ARTICLE, 0), saw("造纸", OTHER, 24))
    assert current(tmp_path) == ARTICLE
    for verdict, text in (("accepted", OTHER), ("pending", ARTICLE), ("accepted", OTHER)):
        decide(tmp_path, PARAGRAPHS[0][::-1], verdict)
        assert current(tmp_path) == text
        before = whole(tmp_path)
        reindex(tmp_path)
        assert whole(tmp_path) == before
    with opened(tmp_path) as collection:
        (edited,) = keep(collection, saw("造纸", OTHER + "\n\n补记：后来又去了一次。", 48))
        assert (edited.state, edited.current) == ("live", True)


def test_what_a_person_rejects_gives_way_to_the_text_before_it(
    tmp_path: Path, opened: Opened, whole: Callable[..., object]
) -> None:
    edit = ARTICLE + "\n\n广告：纸品八折。"
    with opened(tmp_path) as collection:
        keep(collection, saw("竹纸", ARTICLE, 0), saw("竹纸", edit, 24))
    assert current(tmp_path) == edit
    decide(tmp_path, "纸品八折", "rejected")
    assert current(tmp_path) == ARTICLE
    with opened(tmp_path) as collection:  # seen again it stays what it is
        (again,) = keep(collection, saw("竹纸", edit, 48))
        assert not again.current
    before = whole(tmp_path)
    reindex(tmp_path)
    assert whole(tmp_path) == before
    assert current(tmp_path) == ARTICLE


def test_the_only_text_of_an_article_stays_though_it_is_rejected(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        keep(collection, saw("竹纸", ARTICLE, 0))
    decide(tmp_path, PARAGRAPHS[0], "rejected")
    assert current(tmp_path) == ARTICLE


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_symmetric_and_whole_for_equal_texts(one: str, other: str) -> None:
    first, second = sketch(one), sketch(other)
    assert first.common(second) == second.common(first)
    assert first.common(first) == 1.0
    assert 0 <= first.kept_in(second) <= 1


def test_every_doubt_has_its_words() -> None:
    from xuanzhi.output.labels import TEXT_DOUBTS

    assert tuple(TEXT_DOUBTS) == DOUBTS
