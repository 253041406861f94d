"""The date of a record of others, in any form: no page is lost to it, and every command reads the same moment."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, arc, article, page, record, zipped
from taken import COLLECTION, kept

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

UNDATED = "1970-01-01T00:00:00.000000Z"

FORMS = {
    "2021-02-03T04:05:06Z": ("2021-02-03T04:05:06.000000Z", ""),
    "2021-02-03T04:05:06.7Z": ("2021-02-03T04:05:06.700000Z", ""),
    "2021-02-03T04:05:06.123456789Z": ("2021-02-03T04:05:06.123456Z", ""),
    "2021": ("2021-01-01T00:00:00.000000Z", "date-reduced"),
    "2021-02": ("2021-02-01T00:00:00.000000Z", "date-reduced"),
    "2021-02-03": ("2021-02-03T00:00:00.000000Z", "date-reduced"),
    "2021-02-03T04:05Z": ("2021-02-03T04:05:00.000000Z", "date-reduced"),
    "2015-06-30T23:59:60Z": ("2015-06-30T23:59:59.000000Z", "date-form"),
    "2020-12-31T24:00:00Z": ("2021-01-01T00:00:00.000000Z", "date-form"),
    "2021-02-03T04:05:06-0330": ("2021-02-03T07:35:06.000000Z", "date-form"),
    "2021-02-03 04:05:06": ("2021-02-03T04:05:06.000000Z", "date-form"),
    "20210203040506": ("2021-02-03T04:05:06.000000Z", "date-form"),
    "20210203040506789": ("2021-02-03T04:05:06.789000Z", "date-form"),
    "Wed, 03 Feb 2021 04:05:06 GMT": ("2021-02-03T04:05:06.000000Z", "date-form"),
    "Wed Feb  3 04:05:06 2021": ("2021-02-03T04:05:06.000000Z", "date-form"),
    "2009-02-054T08:43:19-0800": ("2009-02-23T16:43:19.000000Z", "date-form"),
    "٢٠٢١-02-03T04:05:06Z": ("2021-02-03T04:05:06.000000Z", "date-form"),
    "2021-02-30T04:05:06Z": ("2021-02-01T00:00:00.000000Z", "date-partial"),
    "2021-17-01T04:05:06Z": ("2021-01-01T00:00:00.000000Z", "date-partial"),
    "2009-03-294T08:43:19Z": ("2009-03-01T00:00:00.000000Z", "date-partial"),
    "2021-02-03T25:05:06Z": ("2021-02-03T00:00:00.000000Z", "date-partial"),
    "2021-02-03T04:05:77Z": ("2021-02-03T04:05:00.000000Z", "date-partial"),
    "0000-00-00T00:00:00Z": (UNDATED, "date-unknown"),
    "9999-99-99T99:99:99Z": (UNDATED, "date-unknown"),
    "9999999-01-01T00:00:00Z": (UNDATED, "date-unknown"),
    "yesterday": (UNDATED, "date-unknown"),
    "": (UNDATED, "date-unknown"),
}


def captured() -> dict[str, str]:
    """Return when each page of the collection was captured, by its address."""
    from archive.collection.reader import CollectionReader, catalogue_of

    with CollectionReader.open(COLLECTION) as collection:
        rows = catalogue_of(collection).execute("SELECT url, fetched_at FROM capture ORDER BY id").fetchall()
    return {str(url): str(at) for url, at in rows}


def test_every_form_is_read_and_the_pages_stay(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    pages = [page(number, date=date) for number, date in enumerate(FORMS, 1)]
    Path("a.warc").write_bytes(b"".join(pages))
    done = run("archive", "import", "--json", "a.warc")
    assert done.code == 0
    events = [each for each in done.events if each["event"] == "page"]
    codes = [[warning["code"] for warning in each["warnings"]] for each in events]
    assert codes == [[code] if code else [] for _, code in FORMS.values()]
    assert [each["state"] for each in events] == ["live"] * len(FORMS)
    assert list(captured().values()) == [moment for moment, _ in FORMS.values()]
    assert kept()[1:-1] == pages
    before = look()["tables"]["capture"]
    assert run("archive", "verify").code == 0
    assert run("archive", "reindex").code == 0
    assert look()["tables"]["capture"] == before


def test_clean_reads_the_same_moments(run: Run) -> None:
    Path("a.warc").write_bytes(b"".join(page(number, date=date) for number, date in enumerate(FORMS, 1)))
    done = run("clean", "--json", "a.warc")
    assert done.code == 0
    codes = [[each["code"] for each in event["warnings"] if each["code"].startswith("date")] for event in done.events]
    assert codes == [[code] if code else [] for _, code in FORMS.values()]
    assert list(captured().values()) == [moment for moment, _ in FORMS.values()]
    text = run("clean", "--stdout", "a.warc#5").out
    assert "\nfetch_date: 2021-02\n" in text.replace("'", "").replace('"', "")


@pytest.mark.parametrize("form", ["", "never", "0000-00-00T00:00:00Z"])
def test_what_stands_in(run: Run, form: str) -> None:
    info = record("warcinfo", b"software: x\r\n", "Content-Type: application/warc-fields", date="2019-05", number=50)
    broken = record("warcinfo", b"software: x\r\n", date="?", number=51)
    Path("rec-20170809101112-0.warc").write_bytes(
        page(1, date=form) + info + page(2, date=form) + broken + page(3, date=form)
    )
    Path("rec-123456-20241341.warc").write_bytes(page(4, date=form))  # no date, either of them
    done = run("archive", "import", "--json", "rec-20170809101112-0.warc", "rec-123456-20241341.warc")
    codes = [each["warnings"][0]["code"] for each in done.events if each["event"] == "page"]
    assert codes == ["date-substituted"] * 3 + ["date-unknown"]
    moments = ["2017-08-09T10:11:12.000000Z", "2019-05-01T00:00:00.000000Z", "2017-08-09T10:11:12.000000Z", UNDATED]
    assert list(captured().values()) == moments
    assert "undated     live" in run("archive", "list").out


def test_an_undated_page_replaces_none(run: Run) -> None:
    Path("a.warc").write_bytes(page(1, date="2003"))
    other = answer(article(1, "另一个时候。"))
    Path("b.warc").write_bytes(page(1, date="?").replace(answer(article(1)), other))
    old, new = answer(article(1)), other
    Path("b.warc").write_bytes(
        record("response", new, "Content-Type: application/http", number=7, url="http://paper.example/1", date="?")
    )
    assert old != new
    run("archive", "import", "a.warc", "b.warc")
    (text,) = (COLLECTION / "markdown").rglob("*.md")
    assert "另一个时候" not in text.read_text("utf-8")
    assert "undated" in run("archive", "show", "url://paper.example/1").out


@pytest.mark.parametrize(
    "date", ["20040230000000", "200402301122334", "20040506070809123", "200405060708", "00000000000000"]
)
def test_arc(run: Run, date: str) -> None:
    good = arc("http://paper.example/2", answer(article(2)))
    Path("a.arc").write_bytes(arc("http://paper.example/1", answer(article(1)), date=date) + good)
    done = run("archive", "import", "--json", "a.arc")
    assert [each["event"] for each in done.events] == ["imported", "page", "page"]
    assert done.code == 0
    moments = {
        "20040230000000": "2004-02-01T00:00:00.000000Z",
        "200402301122334": "2004-02-01T00:00:00.000000Z",
        "20040506070809123": "2004-05-06T07:08:09.123000Z",
        "200405060708": "2004-05-06T07:08:00.000000Z",
    }
    assert captured()["http://paper.example/1"] == moments.get(date, UNDATED)


def test_exports_have_the_dates_of_the_collection(run: Run) -> None:
    dates = ["2021", "Wed, 03 Feb 2021 04:05:06 GMT", "", "2021-02-30T01:02:03Z"]
    Path("a-20220101000000.warc.gz").write_bytes(zipped(*(page(n, date=date) for n, date in enumerate(dates, 1))))
    run("archive", "import", "a-20220101000000.warc.gz")
    wanted = ["20210101000000", "20210203040506", "20220101000000", "20210201000000"]
    assert run("archive", "export", "cdxj", "a.cdxj").code == 0
    assert [line.split(" ")[1] for line in Path("a.cdxj").read_text().splitlines()] == wanted
    assert run("archive", "export", "wacz", "a.wacz").code == 0
    with zipfile.ZipFile("a.wacz") as package:
        lines = package.read("pages/pages.jsonl").splitlines()[1:]
        index = gzip.decompress(package.read("indexes/index.cdx.gz")).splitlines()
    seconds = ["".join(filter(str.isdigit, json.loads(line)["ts"])) for line in lines]
    assert seconds == wanted
    assert [line.split(b" ")[1].decode() for line in index] == [each + "000" for each in wanted]


def test_a_revisit_finds_its_origin_by_a_reduced_date(run: Run) -> None:
    Path("a.warc").write_bytes(page(1, date="2021-02"))
    again = record(
        "revisit", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "Content-Type: application/http",
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To-Target-URI: http://paper.example/1", "WARC-Refers-To-Date: 2021-02",
        number=9, url="http://paper.example/1", date="2021-03",
    )  # fmt: skip
    Path("b.warc").write_bytes(again)
    run("archive", "import", "a.warc")
    done = run("archive", "import", "--json", "b.warc")
    assert [each["state"] for each in done.events if each["event"] == "page"] == ["live"]
