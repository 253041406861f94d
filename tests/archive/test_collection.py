"""A collection as its user meets it: what is added, what is not, what a second run does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.collection.collection import Collection, Snapshot
from archive.collection.reader import catalogue_of
from archive.errors import (
    BadConfig,
    Busy,
    Damaged,
    NewerSchema,
    NoCatalogue,
    NotACollection,
    NotWritable,
)
from clean.ledger import Ledger, restore_bytes

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]


def files(path: Path) -> dict[str, tuple[bytes, int]]:
    """Every WARC and Markdown file with content and time."""
    kept = [each for each in path.rglob("*") if each.is_file() and not each.name.startswith("catalogue")]
    return {str(each.relative_to(path)): (each.read_bytes(), each.stat().st_mtime_ns) for each in kept}


def test_a_snapshot_becomes_records_a_markdown_file_and_a_row(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    folder = tmp_path / "我的 馆藏"
    item = make(1)
    with opened(folder) as collection:
        (added,) = collection.add([item])
    assert tuple(added) == (
        "001.txt", "added", "live", "wechat:MzI=/1/1/abc", "markdown/技术团队/2024-12-31-题目1.md", True, (),
    )  # fmt: skip
    assert added.markdown
    assert (folder / added.markdown).read_text() == item.cleaned.markdown
    kept = whole(folder)
    assert [each.type for each in kept["warc"]] == ["warcinfo", "resource", "metadata"]
    assert [each.type for each in kept["derived"]] == ["warcinfo", "conversion", "metadata"]
    _, conversion, ledger = kept["derived"]
    assert kept["warc"][1].block == item.data
    assert restore_bytes(conversion.block.decode(), Ledger.from_json_lines(ledger.block.decode())) == item.data


def test_a_second_run_adds_nothing_and_says_so(tmp_path: Path, make: Make, opened: Opened) -> None:
    items = [make(1), make(2, state="deleted", notice="该内容已被发布者删除"), make(3)]
    with opened(tmp_path) as collection:
        collection.add(items)
    before = files(tmp_path)
    with opened(tmp_path) as collection:
        added = collection.add(items)
        events = catalogue_of(collection).one("SELECT count(*) FROM event")[0]
    assert [each.status for each in added] == ["unchanged"] * 3
    assert files(tmp_path) == before
    assert events == 3


def test_a_snapshot_twice_in_one_batch_is_kept_once(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        added = collection.add([make(1, name="a.txt"), make(1, name="b.txt")])
    assert [each.status for each in added] == ["added", "unchanged"]
    assert len(whole(tmp_path)["warc"]) == 3


def test_cleaning_anew_adds_a_version_and_no_capture(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        captures = files(tmp_path / "warc")
        text = make(1).cleaned.markdown
        (added,) = collection.add([make(1, ruleset="1" * 64, clean=f"{text}补\n")])
        assert (added.status, added.current) == ("recleaned", True)
        assert files(tmp_path / "warc") == captures
        assert catalogue_of(collection).one("SELECT count(*) FROM version")[0] == 2
    kept = whole(tmp_path)
    _, source, _ = kept["warc"]
    _, _, _, provenance, conversion, ledger = kept["derived"]
    assert provenance.refers_to == conversion.refers_to == source.record_id
    assert ledger.refers_to == conversion.record_id
    assert list(kept["texts"].values()) == [f"{text}补\n".encode()]


def test_new_rules_with_the_same_result_add_nothing(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        assert collection.add([make(1, ruleset="1" * 64)])[0].status == "unchanged"


def test_an_earlier_text_can_become_the_current_one_again(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        collection.add([make(1, ruleset="1" * 64, clean="别的\n")])
        (added,) = collection.add([make(1)])
        assert added.status == "recleaned"
        assert catalogue_of(collection).one("SELECT count(*) FROM version")[0] == 2
    kept = whole(tmp_path)
    assert list(kept["texts"].values()) == [make(1).cleaned.markdown.encode()]  # type: ignore[union-attr]
    assert kept["derived"][-1].refers_to == kept["derived"][1].record_id  # the ledger: to the first conversion


def test_a_page_that_is_no_article_is_a_fact_without_a_file(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        (added,) = collection.add([make(1, state="violation", notice="此内容因违规无法查看")])
    assert (added.status, added.state, added.markdown, added.current) == ("added", "violation", None, False)
    kept = whole(tmp_path)
    assert kept["derived"] == []
    assert "此内容因违规无法查看" in kept["warc"][2].block.decode()


def test_a_later_notice_does_not_take_the_text_away(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        later = make(1, state="deleted", notice="已删除", fetch_date="2026-01-01T00:00:00")
        (added,) = collection.add([later])
    assert added.markdown == "markdown/技术团队/2024-12-31-题目1.md"
    assert not added.current
    assert list(whole(tmp_path)["texts"].values()) == [make(1).cleaned.markdown.encode()]  # type: ignore[union-attr]


def test_rules_that_find_a_notice_in_the_only_capture_take_nothing_away(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        assert collection.add([make(1, state="deleted")])[0].status == "recleaned"
        row = catalogue_of(collection).one("SELECT state, version FROM capture")
    assert row == ("deleted", None)
    assert len(whole(tmp_path)["texts"]) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_file_holds_the_newest_fetch_whatever_came_first(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, order: tuple[int, int]
) -> None:
    both = [
        make(1, fetch_date="2025-01-01T00:00:00.5", title="旧题", body="旧"),
        make(1, fetch_date="2025-01-01T00:00:00.75", title="新题", body="新"),
    ]
    with opened(tmp_path) as collection:
        for each in order:
            collection.add([both[each]])
        assert catalogue_of(collection).one("SELECT count(*), max(title) FROM article") == (1, "新题")
        assert catalogue_of(collection).one("SELECT count(*) FROM version")[0] == 2
    kept = whole(tmp_path)
    assert list(kept["texts"].values()) == [both[1].cleaned.markdown.encode()]  # type: ignore[union-attr]


def test_one_batch_says_which_of_two_captures_is_current(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        added = collection.add(
            [
                make(1, fetch_date="2025-01-01"),
                make(1, fetch_date="2025-01-02"),
                make(1, fetch_date="2024-01-01"),
            ]
        )
    assert [each.current for each in added] == [False, True, False]


def test_captures_with_equal_text_share_a_version_but_not_a_ledger(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1, clean="同\n", fetch_date="2025-01-01")])
        collection.add([make(1, clean="同\n", fetch_date="2025-02-01")])
        assert catalogue_of(collection).one("SELECT count(*) FROM version")[0] == 1
        assert catalogue_of(collection).one("SELECT count(ledger) FROM cleaning")[0] == 2
    derived = whole(tmp_path)["derived"]
    assert [each.type for each in derived] == ["warcinfo", "conversion", "metadata", "metadata"]
    assert derived[2].refers_to == derived[3].refers_to == derived[1].record_id


def test_two_articles_of_one_name_get_two_files_and_keep_them(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    items = [make(number, title="分享图片") for number in (1, 2)]
    with opened(tmp_path) as collection:
        names = [each.markdown for each in collection.add(items)]
        again = [each.markdown for each in collection.add([make(2, title="改了", fetch_date="2026-01-01")])]
    assert names[0] == "markdown/技术团队/2024-12-31-分享图片.md"
    assert names[1]
    assert names[1].startswith("markdown/技术团队/2024-12-31-分享图片-")
    assert again == [names[1]]
    assert len(whole(tmp_path)["texts"]) == 2


def test_a_file_of_the_user_is_not_overwritten(tmp_path: Path, make: Make, opened: Opened) -> None:
    own = tmp_path / "markdown/技术团队/2024-12-31-题目1.md"
    own.parent.mkdir(parents=True)
    own.write_text("我的笔记")
    with opened(tmp_path) as collection:
        (added,) = collection.add([make(1)])
    assert own.read_text() == "我的笔记"
    assert added.markdown != "markdown/技术团队/2024-12-31-题目1.md"


def test_a_thing_in_the_place_of_a_folder_costs_no_other_article(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    (tmp_path / "markdown").mkdir()
    (tmp_path / "markdown" / "甲").write_text("")
    with opened(tmp_path) as collection:
        with pytest.raises(NotWritable, match="甲"):
            collection.add([make(1, source="甲"), make(2, source="乙")])
        (added,) = collection.add([make(3, source="乙")])
        assert added.status == "added"
    assert len(list((tmp_path / "markdown" / "乙").iterdir())) == 2
    (tmp_path / "markdown" / "甲").unlink()
    assert len(whole(tmp_path)["texts"]) == 3  # opening it made up for it


def test_a_markdown_file_that_somebody_deleted_comes_back(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        (added,) = collection.add([make(1)])
        assert added.markdown
        (tmp_path / added.markdown).unlink()
        assert collection.add([make(1)])[0].status == "unchanged"
    whole(tmp_path)


@pytest.mark.parametrize(
    "given",
    [
        {"url": "https://例子.中国/路径 有空格?q=值"},
        {"url": "https://a.example/" + "长" * 3400},
        {"url": "https://a.example/" + "x" * 100_000},
        {"url": "https://a.example/\r\nWARC-Type: response"},
        {"url": "javascript:alert(1)"},
        {"url": None, "source": None, "date": None, "title": None, "fetch_date": None},
        {"url": "无"},
        {"fetch_date": "昨天"},
        {"fetch_date": "9999-99-99", "date": "0000-00-00"},
        {"title": "/" * 8000},
        {"title": "长" * 8000},
        {"title": "\x00\x1b[31m\u202e..\\..\\con"},
        {"title": "坏\udcff字"},
        {"source": "../../etc"},
        {"source": "CON"},
        {"source": ".git"},
        {"title": ("a", "b")},
    ],
    ids=str,
)
def test_absurd_front_matter_is_kept_as_given_and_harms_nothing(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole, given: dict[str, Any]
) -> None:
    # The text's own head is decent; only the facts are absurd, as a lenient reader may give them.
    plain = make(1)
    facts = {**plain.cleaned.facts, **given}
    facts = {key: value for key, value in facts.items() if value is not None}
    item = plain._replace(cleaned=plain.cleaned._replace(facts=facts))
    folder = tmp_path / "c"
    with opened(folder) as collection:
        (added,) = collection.add([item])
        assert collection.add([item])[0].status == "unchanged"
    kept = whole(folder)
    assert added.markdown in kept["texts"]
    assert [each.name for each in tmp_path.iterdir()] == ["c"]
    assert {each.parent.parent.name for each in (folder / "markdown").rglob("*.md")} == {"markdown"}
    assert [each.type for each in kept["warc"]] == ["warcinfo", "resource", "metadata"]
    assert set(kept["warc"][1].get("WARC-Target-URI")) <= set(map(chr, range(0x21, 0x7F)))


def test_a_full_file_is_followed_by_another(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path, limit=1000) as collection:
        for number in range(1, 5):
            collection.add([make(number)])
    names = sorted(each.name for each in (tmp_path / "warc").iterdir())
    assert names[0] == "xuanzhi-20261122083000-00001.warc.gz"
    assert len(names) > 1
    kept = whole(tmp_path)
    assert [each.type for each in kept["warc"]].count("warcinfo") == len(names)
    assert {each.get("WARC-Filename") for each in kept["warc"] if each.type == "warcinfo"} == set(names)


def test_a_record_is_found_by_its_identifier(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        assert collection.record("urn:uuid:00000000-0000-4000-8000-000000000001").block == make(1).data
        with pytest.raises(KeyError):
            collection.record("urn:uuid:none")


def test_the_settings_stand_in_every_file(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    opened(tmp_path).close()
    settings = tmp_path / "collection.toml"
    text = settings.read_text().replace('operator = ""', 'operator = "馆员 <a@b.example>"')
    settings.write_text(text.replace('"UTC"', '"Asia/Shanghai"'))
    with opened(tmp_path) as collection:
        collection.add([make(1)])
    kept = whole(tmp_path)
    assert "operator: 馆员 <a@b.example>\r\n" in kept["warc"][0].block.decode()
    assert kept["warc"][1].get("WARC-Date") == "2025-10-06T11:41:42.929239Z"
    assert "no zone given; read as Asia/Shanghai" in kept["warc"][2].block.decode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('timezon = "UTC"', "unknown key 'timezon'; did you mean 'timezone'?"),
        ('timezone = "Mars/Base"', "no time zone is named 'Mars/Base'"),
        ("name = 3", "name must be a text in quotes"),
        ("name = ", "Invalid value"),
        ('operator = "a\\nb"', "operator must be one line"),
        ("limits = 3", "limits must be a table [limits], not 3"),
        ("# cpu-seconds = 1\n[limits]\ncpu-seconds = -1", "collection.toml:3: cpu-seconds must be a number from 0"),
        ('[limits]\n\n"cpu-seconds"=nan', "collection.toml:3: cpu-seconds must be a number from 0"),
        ("limits.cpu-seconds = '9'", "collection.toml:1: cpu-seconds must be a number from 0"),
        ("[limits]\nmemory-megabytes = 1.5", "collection.toml:2: memory-megabytes must be a whole number from 0"),
        ("limits = { memory-megabytes = true }", "collection.toml:1: memory-megabytes must be a whole number"),
        ("[limits]\nmegabytes = 9", "collection.toml:2: unknown key 'megabytes' in [limits]; did you mean 'memory-me"),
    ],
)
def test_a_mistake_in_the_settings_is_explained(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "collection.toml").write_text(text)
    with pytest.raises(BadConfig, match=r"collection\.toml") as caught:
        Collection.open(tmp_path)
    assert message in str(caught.value)
    assert caught.value.hint


def test_no_collection_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(NotACollection):
        Collection.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("")
    with pytest.raises(NotWritable, match="c"):
        Collection.open(tmp_path / "c")


def test_a_lost_catalogue_is_not_silently_begun_anew(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
    (tmp_path / "catalogue.sqlite").unlink()
    before = files(tmp_path)
    with pytest.raises(NoCatalogue):
        Collection.open(tmp_path)
    assert files(tmp_path) == before


def test_a_catalogue_of_the_future_is_left_alone(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        catalogue_of(collection).execute("PRAGMA user_version = 99")
    with pytest.raises(NewerSchema, match="99"):
        Collection.open(tmp_path)


def test_a_catalogue_that_is_none(tmp_path: Path, opened: Opened) -> None:
    opened(tmp_path).close()
    (tmp_path / "catalogue.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(Damaged) as caught:
        Collection.open(tmp_path)
    assert "reindex" in caught.value.hint


def test_a_warc_file_that_lost_bytes_takes_no_more(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        (file,) = (tmp_path / "warc").iterdir()
        cut = file.read_bytes()[:-10]
        file.write_bytes(cut)
        with pytest.raises(Damaged, match=file.name):
            collection.add([make(2)])
        assert file.read_bytes() == cut
        file.unlink()
        with pytest.raises(Damaged, match="gone"):
            collection.add([make(2)])


def test_who_waits_too_long_is_told(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as one, opened(tmp_path, timeout=0) as other:
        one.add([make(1)])
        with catalogue_of(one).transaction(), pytest.raises(Busy):
            other.add([make(2)])
        assert other.add([make(2)])[0].status == "added"
