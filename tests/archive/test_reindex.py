"""The catalogue made again from the files alone is the catalogue that was there, whatever happened."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from draws import draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from visitor import cleaned, html, visit

from archive.collection.collection import Collection, Snapshot, prepare
from archive.collection.reader import catalogue_of
from archive.errors import Busy
from archive.ingest.prepared import Visit
from archive.ingest.visit import prepare_visit
from archive.maintenance.check import verify_collection
from archive.maintenance.rebuild import reindex
from capture.errors import HostBlocks

pytestmark = pytest.mark.slow

Make = Callable[..., Snapshot]
Opened = Callable[..., Collection]
Whole = Callable[[Path], dict[str, Any]]

URLS = [
    "https://a.example/1",
    "https://mp.weixin.qq.com/s/AbCdEfGh",
    "https://mp.weixin.qq.com/s/aBcDeFgH",
    "https://mp.weixin.qq.com/s?__biz=MzI=&mid=1&idx=1&sn=abc",
    "https://mp.weixin.qq.com/s?__biz=MzI=&mid=2&idx=1&sn=def",
]
TEXTS = ["甲\n", "乙\n", "丙\n"]

operations = st.lists(
    st.tuples(
        st.sampled_from(["snapshot", "recleaned", "visit", "304", "uncleaned", "deleted", "gone", "blocked"]),
        st.sampled_from(URLS),
        st.sampled_from(TEXTS),
        st.integers(0, 3),
        st.sampled_from([*URLS[1:], ""]),
        st.booleans(),
    ),
    max_size=9,
)


def operate(collection: Collection, make: Make, operation: tuple[str, str, str, int, str, bool]) -> Snapshot | Visit:
    kind, url, text, hours, alias, named = operation
    if kind in {"snapshot", "recleaned"}:
        rules = ("1" if kind == "recleaned" else "0") * 64
        state = "deleted" if kind == "recleaned" and named else "live"
        title = "同名" if named else f"题{hours}"
        return make(
            1, url=url, fetch_date=f"2026-11-22T0{hours}:00:00", clean=text, ruleset=rules, title=title, state=state
        )
    if kind == "304":
        known = collection.lookups.validators(url)
        fields = (f"If-None-Match: {known.etag}",) if known else ()
        return visit(1, url=url, hours=hours, answer=b"HTTP/1.1 304 Not Modified\r\n\r\n", fields=fields, cleaned=None)
    if kind == "uncleaned":
        return visit(1, url=url, hours=hours, text=text, cleaned=None)
    if kind == "gone":
        return visit(1, url=url, hours=hours, answer=html("没有", status="404 Not Found"))
    if kind == "blocked":
        return visit(1, url=url)._replace(page=None, error=HostBlocks("left alone"))
    given = {"title": "同名"} if named else {}
    made = cleaned(None, state="deleted") if kind == "deleted" else cleaned(text, url=alias, **given)
    return visit(1, url=url, hours=hours, text=text, cleaned=made)


@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, st.integers(1, 3))
def test_whatever_happened(
    make: Make, whole: Whole, all_operations: list[tuple[str, str, str, int, str, bool]], batch: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with Collection.open(folder, limit=20_000) as collection:
            for start in range(0, len(all_operations), batch):
                items = [operate(collection, make, one) for one in all_operations[start : start + batch]]
                context = collection.context()
                added = collection.commit(
                    [
                        prepare(each, context) if isinstance(each, Snapshot) else prepare_visit(each, context)
                        for each in items
                    ]
                )
                assert len(added) == len(items)
        whole(Path(folder))
        assert list(verify_collection(folder)) == []


def test_a_lost_catalogue_comes_back(tmp_path: Path, make: Make, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        collection.keep([visit(1)])
    first = whole(tmp_path)["tables"]
    (tmp_path / "catalogue.sqlite").unlink()
    result = reindex(tmp_path)
    assert (result.captures, result.damage, result.lost) == (2, (), ())
    assert whole(tmp_path)["tables"] == first
    assert sorted(each.name for each in tmp_path.glob("catalogue*")) == ["catalogue.sqlite"]


def test_a_torn_tail_is_left_out_and_cut_off_at_the_next_opening(tmp_path: Path, opened: Opened, whole: Whole) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
    (file,) = (tmp_path / "warc").iterdir()
    data = file.read_bytes()
    with file.open("ab") as stream:
        stream.write(data[:300])
    assert reindex(tmp_path).damage == ()
    Collection.open(tmp_path).close()
    assert file.read_bytes() == data
    whole(tmp_path)


def test_damage_is_reported_and_costs_nothing_behind_it(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        for number in range(3):
            collection.keep([visit(number)])
    (file,) = (tmp_path / "warc").iterdir()
    data = bytearray(file.read_bytes())
    offset = data.index(b"\x1f\x8b\x08\x04", 400)
    data[offset + 40] ^= 0xFF
    file.write_bytes(data)
    result = reindex(tmp_path)
    assert [(each.file, each.offset) for each in result.damage] == [(file.name, offset)]
    with Collection.open(tmp_path) as collection:
        assert catalogue_of(collection).one("SELECT count(*) FROM capture")[0] == 3
    assert file.read_bytes() == data  # nothing was cut off


def test_a_text_that_is_gone_is_told(tmp_path: Path, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.keep([visit(1)])
    for file in (tmp_path / "derived").iterdir():
        file.unlink()
    assert len(reindex(tmp_path).lost) == 1


def test_a_file_that_somebody_renamed_keeps_its_name(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        (added,) = collection.add([make(1)])
    assert added.markdown
    (tmp_path / added.markdown).rename(tmp_path / "markdown" / "别名.md")
    reindex(tmp_path)
    with opened(tmp_path) as collection:
        assert catalogue_of(collection).one("SELECT markdown, pending FROM article") == ("markdown/别名.md", 0)


def test_a_file_that_somebody_deleted_is_written_again(
    tmp_path: Path, make: Make, opened: Opened, whole: Whole
) -> None:
    with opened(tmp_path) as collection:
        (added,) = collection.add([make(1)])
    assert added.markdown
    shutil.rmtree(tmp_path / "markdown")
    reindex(tmp_path)
    Collection.open(tmp_path).close()
    assert (tmp_path / added.markdown).exists()
    whole(tmp_path)


def test_nobody_may_be_writing(tmp_path: Path, make: Make, opened: Opened) -> None:
    with opened(tmp_path) as collection:
        collection.add([make(1)])
        with catalogue_of(collection).transaction(), pytest.raises(Busy):
            reindex(tmp_path)
        assert catalogue_of(collection).one("SELECT count(*) FROM capture")[0] == 1
