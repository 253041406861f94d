"""The queue as numbers: risk, filters, groups, and what rules that changed do to a text."""

from pathlib import Path

from letters import FIRST, keep, text

from archive.catalogue.history import CAPTURED, RECLEANED, changes
from archive.catalogue.history import FIRST as FIRST_TEXT
from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import CollectionReader, catalogue_of
from archive.maintenance.rebuild import reindex
from clean.document import LOW_CONFIDENCE
from clean.page import clean_page
from clean.pipeline import clean
from clean.rules import Ruleset, load_rules
from xuanzhi.review.queue import (
    FEW,
    RISKS,
    QueueFilter,
    ReviewQueue,
    filter_items,
    group_items,
    queue_place,
    sort_items,
)

MINE = """
[[rule]]
id = "local.join"
stage = "lines"
match = "line"
text = "扫码入群，领取资料"
reason = "Advertisement."
[[rule.example]]
before = "正文。\\n\\n扫码入群，领取资料\\n"
after = "正文。\\n"
[[rule.counter-example]]
text = "怎样扫码入群，领取资料？\\n"
"""


def keep_with(path: Path, ruleset: Ruleset, *sources: bytes) -> None:
    with Collection.open(path) as collection:
        for number, source in enumerate(sources):
            collection.add([Snapshot(f"{number}.txt", source, clean(source, ruleset=ruleset))])


def kinds(path: Path) -> list[tuple[str, str, bool]]:
    with CollectionReader.open(path) as holdings:
        return [(change.title, change.kind, change.held) for change in changes(catalogue_of(holdings))]


def test_why_a_text_came(collection: Path) -> None:
    assert kinds(collection) == [
        ("第1封信", FIRST_TEXT, True),
        ("第2封信", FIRST_TEXT, True),
        ("第3封信", FIRST_TEXT, True),
        ("第1封信", CAPTURED, True),
    ]
    keep_with(collection, load_rules([("mine.toml", MINE)]), text(1, FIRST))
    assert kinds(collection)[4:] == [("第1封信", RECLEANED, True)]
    assert kinds(collection)[0] == ("第1封信", FIRST_TEXT, False)


def test_an_older_capture_that_arrives_later_follows_nothing(collection: Path) -> None:
    keep(collection, text(1, "更早的一版。", day="2026-01-01"))
    assert kinds(collection)[-1] == ("第1封信", FIRST_TEXT, True)


def test_changes_are_the_same_after_a_reindex(collection: Path) -> None:
    keep_with(collection, load_rules([("mine.toml", MINE)]), text(1, FIRST), text(2, "另一封信，短。"))
    with CollectionReader.open(collection) as holdings:
        before = [change.id for change in changes(catalogue_of(holdings))]
    reindex(collection)
    with CollectionReader.open(collection) as holdings:
        assert [change.id for change in changes(catalogue_of(holdings))] == before
        (one,) = changes(catalogue_of(holdings), [2])
        assert one.title == "第2封信"


def test_what_a_rule_newly_takes_is_one_group_and_explained(tmp_path: Path) -> None:
    path = tmp_path / "c"
    sources = [text(number, FIRST.replace("八百", f"{number}百")) for number in range(1, 5)]
    keep(path, *sources)
    keep_with(path, load_rules([("mine.toml", MINE)]), *sources)
    items = sort_items(filter_items(ReviewQueue(path).items(), QueueFilter(came=RECLEANED)), "risk")
    assert [len(group) for group in group_items(items)] == [4]
    assert {item.facts.traits for item in items} == {("prose-gone",)}
    assert {item.facts.removed for item in items} == {len("扫码入群，领取资料\n\n")}


def test_text_that_goes_without_a_rule_is_looked_at_first(tmp_path: Path) -> None:
    # The rules took the line by a rule; then they keep it and lose another one, as software with a mistake might.
    path = tmp_path / "c"
    keep(path, text(1, FIRST))
    source = text(1, FIRST)
    good = clean(source, ruleset=load_rules([("mine.toml", MINE)]))
    assert good.markdown is not None
    lost = good.markdown.replace("墨分五色，笔有四德，都要靠纸来承受。", "")
    bad = good._replace(markdown=lost, ledger=good.ledger._replace(clean_sha256=_sha256(lost)))
    with Collection.open(path) as collection:
        collection.add([Snapshot("1.txt", source, bad)])
    item, _ = sort_items(ReviewQueue(path).items(), "risk")
    assert (item.risk, item.level, item.reasons) == (100, "high", ("unexplained", "prose-gone"))


LINE = "<h1>Papers</h1><p>We count our papers until spring.</p>"
LINES = "<h1>Papers</h1><p>We count our papers until spring, and then we sell those that nobody wants to keep.</p>"
LETTER = "".join(
    f"<p>In {year} the mill made {year - 1500} reams, sold most of them down the river, and kept the worst to wrap "
    "butter and candles, as the old ledger in the loft still tells whoever can read its hand.</p>"
    for year in range(1801, 1813)
)


def keep_pages(path: Path, *bodies: str) -> None:
    with Collection.open(path) as collection:
        for number, text_of in enumerate(bodies):
            page = f"<html><head><title>Paper {number}</title></head><body>{text_of}</body></html>".encode()
            cleaned = clean_page(page, url=f"https://paper.example/{number}")
            collection.add([Snapshot(f"{number}.html", page, cleaned)])


def test_a_text_of_low_confidence_is_looked_at_first_and_why_is_said(tmp_path: Path) -> None:
    path = tmp_path / "c"
    keep_pages(path, f"<main><h1>Reams</h1>{LETTER}</main>", LINE)
    keep(path, text(1, FIRST))
    first, *others = sort_items(ReviewQueue(path).items(), "risk")
    assert first.change.title == "Paper 1"
    assert first.level == "high"
    assert first.reasons[0] == "low-confidence"
    assert first.facts.confidence is not None
    assert first.facts.confidence < LOW_CONFIDENCE
    stated = {item.change.title: item.facts.confidence for item in others}
    assert stated["第1封信"] is None
    assert (stated["Paper 0"] or 0) > LOW_CONFIDENCE
    assert all("low-confidence" not in item.traits for item in others)
    assert filter_items(ReviewQueue(path).items(), QueueFilter(kind="low-confidence")) == [first]


def test_of_two_uncertain_texts_the_less_certain_comes_first_and_neither_is_accepted_with_a_clear_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "c"
    clear = f"<main><h1>Reams</h1>{LETTER}</main>"
    keep_pages(path, clear, LINES, LINE, clear.replace("18", "17"))
    items = sort_items(ReviewQueue(path).items(), "risk")
    low = [item.facts.confidence or 0.0 for item in items if "low-confidence" in item.traits]
    assert len(low) == 2
    assert low == sorted(low)
    for group in group_items(items):
        assert len({"low-confidence" in item.traits for item in group}) == 1


def _sha256(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()


def test_the_table_of_risks_is_in_order_and_explained() -> None:
    assert [risk.weight for risk in RISKS] == sorted((risk.weight for risk in RISKS), reverse=True)
    assert len({risk.trait for risk in RISKS}) == len(RISKS)
    assert all(risk.why for risk in RISKS)


def test_a_long_queue_is_compared_in_the_background(tmp_path: Path) -> None:
    path = tmp_path / "c"
    keep(path, *(text(number, f"第{number}封。") for number in range(FEW + 5)))
    store = ReviewQueue(path)
    first = store.items()
    assert len(first) == FEW + 5
    store.complete()
    assert all("waiting" not in item.facts.traits for item in store.items())


def test_places(collection: Path) -> None:
    items = sort_items(ReviewQueue(collection).items(), "newest")
    ids = [item.id for item in items]
    assert queue_place(ids[1], items) == (2, 4, ids[0], ids[2])
    assert queue_place(ids[-1], items) == (4, 4, ids[-2], "")
    assert queue_place("none", items) == (0, 4, "", ids[0])


def test_filters_read_back_from_their_own_address() -> None:
    wanted = QueueFilter(state="any", source="甲", kind="text", share=20, order="title")
    assert QueueFilter.of({name: str(value) for name, value in wanted.fields().items()}) == wanted
    assert QueueFilter().fields() == {}


def test_a_picture_in_another_size_is_no_change_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "c"
    picture = "![](https://mmbiz.qpic.cn/mmbiz_png/abcdef/{}?wx_fmt=png)"
    for size, day in (("640", "2026-03-04"), ("0", "2026-04-05")):
        keep(path, text(1, f"见字如面。\n\n{picture.format(size)}\n\n纸寿千年，绢保八百。", day=day))
    item, _ = sort_items(ReviewQueue(path).items(), "newest")
    assert item.facts.traits == ("chrome",)
