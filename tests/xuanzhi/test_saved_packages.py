"""Pages in zip files, MAFF, self-extracting files and folders of ArchiveBox: read alike by both commands."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from draws import draws
from foreign import article, page, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

URL = "https://paper.example/2026/bamboo.html"
RDF = """<?xml version="1.0"?>
<RDF:RDF xmlns:MAF="http://maf.mozdev.org/metadata/rdf#" xmlns:RDF="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <RDF:Description RDF:about="urn:root">
    <MAF:originalurl RDF:resource="{url}"/>
    <MAF:title RDF:resource="竹纸"/>
    <MAF:archivetime RDF:resource="{date}"/>
    <MAF:indexfilename RDF:resource="{index}"/>
    <MAF:charset RDF:resource="{charset}"/>
  </RDF:Description>
</RDF:RDF>"""


def pack(name: str, *files: tuple[str, bytes | str]) -> Path:
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as file:
        for each, data in files:
            file.writestr(each, data)
    return Path(name)


def described(number: int, **given: str) -> str:
    usual = {"url": f"https://paper.example/{number}?a=1&amp;b=2", "date": "Wed, 04 Mar 2026 13:06:07 +0800"}
    return RDF.format(**{**usual, "index": "index.html", "charset": "UTF-8", **given})


def of_pages(run: Run, name: str) -> list[tuple[str, str, str]]:
    """Return title, address and date of each page, as both commands give them."""
    found = []
    for command in (("clean", "-c", "one"), ("archive", "import", "-c", "two")):
        done = run(*command, "--json", name)
        assert done.code == 0, done.out
        events = [each for each in done.events if each["event"] == "cleaned"]
        texts = [Path(each["output"]).read_text() for each in events]
        found.append([tuple(_front(text, key) for key in ("title", "url", "fetch_date")) for text in texts])
    assert found[0] == found[1]
    assert run("archive", "verify", "-c", "two").code == 0
    return found[1]


def _front(text: str, key: str) -> str:
    return next((line.partition(": ")[2] for line in text.splitlines() if line.startswith(f"{key}: ")), "")


def test_a_zip_of_pages(run: Run) -> None:
    pack(
        "pages.zip",
        ("a.html", article(1)),
        ("a_files/frame.html", article(7)),
        ("deep/b.htm", article(2)),
        ("__MACOSX/._a.html", b"\x00\x05\x16\x07"),
        (
            "c.mhtml",
            b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Location: "
            + URL.encode()
            + b"\n\n"
            + article(3),
        ),
        ("style.css", ".a { color: red }"),
        ("readme.txt", "what this is"),
    )
    assert of_pages(run, "pages.zip") == [("第1种纸", "", ""), ("第2种纸", "", ""), ("第3种纸", URL, "")]
    assert "\n# 第2种纸\n" in run("clean", "--stdout", "pages.zip#2").out
    assert run("clean", "--stdout", "pages.zip#4").code == 4
    kept = run("archive", "import", "--json", "-c", "three", "pages.zip").events[0]
    assert (kept["event"], kept["format"], kept["pages"], kept["records"]) == ("imported", "zip", 3, {})
    again = run("archive", "import", "--json", "-c", "three", "pages.zip").events
    assert [each["status"] for each in again] == ["unchanged"] * 4
    assert run("archive", "reindex", "-c", "three").code == 0
    assert run("archive", "verify", "-c", "three").code == 0


def test_every_file_of_a_zip_is_kept_to_the_byte(run: Run) -> None:
    import warcio

    files = {"a.html": article(1), "a_files/1.png": b"\x89PNG\r\n" + bytes(range(256)), "b.css": b".a { color: red }"}
    pack("pages.zip", *files.items())
    assert run("archive", "import", "pages.zip").code == 0
    (warc,) = Path("collection/warc").glob("xuanzhi-import-*")
    with warc.open("rb") as file:
        stored = {
            record.rec_headers["WARC-Target-URI"].rpartition(":")[2]: record.content_stream().read()
            for record in warcio.ArchiveIterator(file)
            if record.rec_type == "resource"
        }
    assert stored == files


def test_maff_says_where_its_pages_come_from(run: Run) -> None:
    pack(
        "x.maff",
        ("1772600767/index.html", article(1)),
        ("1772600767/index.rdf", described(1)),
        ("1772600767/index_files/ad.html", article(8)),
        ("1772600768/page.html", article(2).decode().encode("gbk")),
        (
            "1772600768/index.rdf",
            described(2, index="page.html", charset="GBK", date="Wed Mar 04 2026 13:06:07 GMT+0800"),
        ),
        ("1772600769/index.xhtml", article(3)),
        ("1772600769/index.rdf", "<RDF:RDF/>"),
    )
    date = "2026-03-04T13:06:07+08:00"
    assert of_pages(run, "x.maff") == [
        ("第1种纸", "https://paper.example/1?a=1&b=2", date),
        ("第2种纸", "https://paper.example/2?a=1&b=2", date),
        ("第3种纸", "", ""),
    ]


def test_texts_where_there_is_no_page(run: Run) -> None:
    pack(
        "texts.zip",
        ("a.md", "---\ntitle: 竹纸\nurl: " + URL + "\n---\n\n# 竹纸\n\n竹纸以嫩竹为料。\n"),
        ("a.png", b"\x89PNG"),
    )
    assert of_pages(run, "texts.zip") == [("竹纸", URL, "")]


def test_chinese_names_of_windows(run: Run) -> None:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("zhu.html", article(1))
        file.writestr("zhi.txt", b"")
    raw = data.getvalue().replace(b"zhu.html", "竹".encode("gbk") + b"_.html").replace(b"zhi.txt", b"zhi.txt")
    Path("pages.zip").write_bytes(raw)
    assert of_pages(run, "pages.zip") == [("第1种纸", "", "")]
    events = run("archive", "log", "--json").out
    assert "cp437" not in events


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ([("mimetype", "application/epub+zip"), ("text/1.xhtml", article(1))], "an e-book"),
        ([("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>")], "an office document"),
        ([("a.json", "{}"), ("b.json", "{}")], "2 files (2 × .json)"),
        ([("里/b.zip", b"PK\x05\x06" + bytes(18)), ("c.7z", b"7z"), ("d.txt.gz", b"")], "(里/b.zip, c.7z)"),
    ],
)  # fmt: skip
def test_what_else_is_zipped_is_named(run: Run, files: list[tuple[str, bytes | str]], word: str) -> None:
    pack("x.zip", *files)
    for command in (("clean",), ("archive", "import")):
        done = run(*command, "--json", "x.zip")
        assert (done.code, done.events[0]["code"]) == (4, "no-records")
        assert word in done.events[0]["message"]


def test_damage_and_bombs_cost_one_page(run: Run) -> None:
    data = pack("x.zip", ("a.html", article(1)), ("b.html", article(2)), ("c.html", article(3))).read_bytes()
    at = data.index(b"b.html") + 40
    Path("x.zip").write_bytes(data[:at] + bytes(20) + data[at + 20 :])
    for command in (("clean",), ("archive", "import")):
        done = run(*command, "--json", "-c", command[0], "x.zip")
        assert done.code == 3
        assert sum(each["event"] == "cleaned" for each in done.events) == 2
        assert {each["code"] for each in done.events if each["event"] == "error"} <= {"bad-wacz", "damaged-records"}
    pack("bomb.zip", ("a.html", article(1)), ("b.html", b"<p>" + bytes(3 << 20)))
    done = run("clean", "--json", "--max-megabytes", "1", "bomb.zip")
    assert [(each["event"], each.get("code")) for each in done.events] == [("cleaned", None), ("error", "too-large")]


def test_a_broken_download_of_pages(run: Run) -> None:
    data = pack("x.zip", ("a.html", article(1)), ("b.html", article(2))).read_bytes()
    Path("x.zip").write_bytes(data[: data.index(b"PK\x01\x02")])
    done = run("archive", "import", "--json", "x.zip")
    assert done.code == 3
    assert sum(each["event"] == "cleaned" for each in done.events) == 2
    assert run("clean", "--json", "-o", "out", "x.zip").code == 0


def test_records_come_before_pages(run: Run) -> None:
    pack("x.zip", ("archive/a.warc.gz", zipped(page(1))), ("index.html", article(2)))
    events = run("archive", "import", "--json", "x.zip").events
    assert [(each["event"], each.get("url")) for each in events] == [
        ("imported", None),
        ("page", "http://paper.example/1"),
    ]


@pytest.mark.parametrize("data", [b"", b"no record", b"\x1f\x8b\x08\x00"])
def test_a_package_of_which_nothing_can_be_taken_is_an_error(run: Run, data: bytes) -> None:
    pack("x.wacz", ("archive/a.warc.gz", data), ("datapackage.json", "{}"))
    for options in ((), ("-n",)):
        done = run("archive", "import", "--json", *options, "x.wacz")
        assert done.code == 4
        assert [(each["event"], each["code"]) for each in done.events] == [("error", "no-records")]
        assert done.events[0]["message"].startswith("nothing can be taken from this file: ")


def test_a_folder_of_which_nothing_can_be_taken_is_an_error(run: Run) -> None:
    Path("site/css").mkdir(parents=True)
    Path("site/css/a.css").write_text(".a { color: red }")
    Path("site/b.js").write_text("b();")
    done = run("archive", "import", "--json", "site")
    assert (done.code, done.events[0]["code"]) == (4, "no-input")
    assert ".css, .js" in done.events[0]["message"]


NOTE = (
    f"<!--\n Page saved with SingleFile{{}} \n url: {URL} \n saved date: Wed Mar 04 2026 13:06:07 GMT+0800 (中国)\n-->"
)


def self_extracting(data: bytes, *, old: bool = False, name: str = "index.html") -> bytes:
    """Return a page as SingleFile packs it: HTML, a zip file in a comment, and a program behind it."""
    body = BytesIO()
    body.write(
        f"<!DOCTYPE html><html{'' if old else ' data-sfz'}>{NOTE.format('Z' if old else '')}<meta charset=x>".encode()
    )
    body.write("<title>竹纸</title><body hidden><div>请等待</div><!--".encode())
    with zipfile.ZipFile(body, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images/0.png", b"\x89PNG")
        file.writestr(name, data)
        file.writestr("frames/0/index.html", f"<p>框中的话。{'纸' * 60}</p><iframe src=frames/1/index.html></iframe>")
        file.writestr("frames/0/frames/1/index.html", f"<p>里层的话。{'墨' * 60}</p>")
    return body.getvalue() + b"--><script>" + b"x" * 70_000 + b"</script></html>"


@pytest.mark.parametrize("old", [False, True])
def test_self_extracting_pages(run: Run, old: bool) -> None:
    frame = b"<iframe src=frames/0/index.html></iframe><p>" + "最后一段。".encode() * 20 + b"</p></article>"
    Path("x.html").write_bytes(self_extracting(article(1).replace(b"</article>", frame), old=old))
    assert of_pages(run, "x.html") == [("第1种纸", URL, "2026-03-04T13:06:07+08:00")]
    out = run("clean", "--stdout", "x.html").out
    places = [out.find(text) for text in ("一张纸的厚薄", "框中的话", "里层的话", "最后一段")]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["other.html", "index.html"])
def test_self_extracting_pages_that_are_broken(run: Run, name: str) -> None:
    data = self_extracting(article(1), name=name)
    Path("x.html").write_bytes(data if name == "other.html" else data.replace(b"\x50\x4b\x01\x02", b"\x50\x4b\x09\x09"))
    done = run("clean", "--json", "x.html")
    assert (done.code, done.events[0]["code"]) == (4, "bad-source")


@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=draws(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_to_a_zip_is_told(run: Run, noise: bytes, at: int) -> None:
    data = pack(
        "x.zip", ("a.html", article(1)), ("1/index.rdf", described(1)), ("1/index.html", article(2))
    ).read_bytes()
    Path("x.zip").write_bytes(data[:at] + noise + data[at + len(noise) :])
    done = run("clean", "--json", "-n", "x.zip")
    assert done.events
    assert {each.get("code") for each in done.events} <= {
        None,
        "bad-wacz",
        "no-records",
        "not-text",
        "unsupported",
        "empty",
    }


def box(folder: str, *, singlefile: bool = True, warc: bool = True, stamp: str = "1772600767.0") -> Path:
    """Write a folder as ArchiveBox keeps a page."""
    place = Path(folder) / "archive" / stamp
    (place / "readability").mkdir(parents=True)
    (place / "warc").mkdir()
    (place / "index.json").write_text(json.dumps({"url": "http://paper.example/1", "timestamp": stamp, "history": {}}))
    (place / "index.html").write_text("<html><title>ArchiveBox</title><h1>盒子</h1><a href=warc/>warc</a></html>")
    (place / "output.html").write_bytes(article(1))
    (place / "readability" / "content.html").write_bytes(article(1))
    (place / "readability" / "content.txt").write_text("竹纸的做法")
    if singlefile:
        (place / "singlefile.html").write_bytes(article(1))
    if warc:
        (place / "warc" / f"{stamp}.warc.gz").write_bytes(zipped(page(1)))
    (Path(folder) / "index.html").write_text("<html><title>ArchiveBox</title><h1>Archived Sites</h1></html>")
    (Path(folder) / "sources").mkdir(exist_ok=True)
    (Path(folder) / "sources" / "1.txt").write_text("http://paper.example/1\n")
    return place


@pytest.mark.parametrize(("singlefile", "warc"), [(True, True), (True, False), (False, False)])
def test_a_folder_of_archivebox_is_one_article_for_one_page(run: Run, singlefile: bool, warc: bool) -> None:
    place = box("box", singlefile=singlefile, warc=warc)
    box("box", singlefile=singlefile, warc=warc, stamp="1772600999.5")
    done = run("archive", "import", "box")
    assert done.code == 0
    (text,) = Path("collection/markdown").rglob("*.md")
    assert text.parent.name == "paper.example"
    assert _front(text.read_text(), "url") == "http://paper.example/1"
    assert "of this page beside it" in done.err
    listed = json.loads(run("archive", "list", "--json").out.splitlines()[0])
    assert listed["url"] == "http://paper.example/1"
    if not warc:
        assert _front(text.read_text(), "fetch_date") == "2026-03-04T05:09:59Z"
        assert ("singlefile" if singlefile else "output") in done.out
    assert run("archive", "import", str(place)).code == 0
    assert run("archive", "verify").code == 0


def test_a_folder_with_an_index_of_its_own_is_a_folder(run: Run) -> None:
    Path("site").mkdir()
    Path("site/index.json").write_text('{"url": "https://paper.example/", "title": "纸"}')
    Path("site/index.html").write_bytes(article(1))
    Path("site/b.html").write_bytes(article(2))
    done = run("archive", "import", "--json", "site")
    assert [each["event"] for each in done.events] == ["cleaned", "cleaned"]
