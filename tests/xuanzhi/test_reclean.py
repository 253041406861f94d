"""Cleaning anew what is kept: snapshots, pages and visits, with other rules."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import Answer, Server, ok
from small_site import ARTICLE, page, site

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.maintenance.check import verify_collection
from archive.maintenance.compare import compare_catalogues

pytestmark = pytest.mark.slow

RULES = """
[[rule]]
id = "local.join"
stage = "lines"
match = "line"
text = "扫码入群"
reason = "The account puts this below each of its articles."
[[rule.example]]
before = "正文。\\n\\n扫码入群\\n"
after = "正文。\\n"
[[rule.counter-example]]
text = "怎样扫码入群，上期已经讲过。\\n"
"""

JOIN = ARTICLE.replace("</article>", "<p>扫码入群</p></article>")


@pytest.fixture
def rules(folder: Path) -> str:
    (folder / "rules.toml").write_text(RULES)
    return "rules.toml"


def snapshot(number: int, text: str) -> str:
    head = f"title: 第{number}篇\nurl: https://a.example/{number}\nsource: 刊物\ndate: 2026-01-0{number}\n"
    return f"---\n{head}fetch_date: 2026-02-01T08:00:00Z\n---\n\n{text}\n"


def is_sound(folder: str = "collection") -> bool:
    return list(verify_collection(Path(folder))) == []


def size(folder: str = "collection") -> int:
    """Return the bytes of a collection's plain files."""
    return sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file() and "sqlite" not in each.name)


def differences(folder: str = "collection") -> list[Any]:
    with Collection.open(folder, create=False) as collection:
        return list(compare_catalogues(Path(folder), catalogue_of(collection)))


def texts(folder: str = "collection") -> list[str]:
    return [each.read_text() for each in sorted(Path(folder, "markdown").rglob("*.md"))]


def test_another_rule_makes_new_versions_of_the_texts_that_it_changes(run: Callable, folder: Path, rules: str) -> None:
    for number, text in enumerate(("甲。\n\n扫码入群", "乙。", "丙。\n\n扫码入群"), 1):
        (folder / f"{number}.txt").write_text(snapshot(number, text))
    run("clean", "1.txt", "2.txt", "3.txt")
    *events, summary = run("archive", "reclean", "--rules", rules, "--json").events
    assert [(each["file"], each["state"], each["rules"], each["changed"]) for each in events] == [
        ("1.txt", "live", {"local.join": 1, "text.white-space": 1}, 4),
        ("3.txt", "live", {"local.join": 1, "text.white-space": 1}, 4),
    ]
    assert (summary["captures"], summary["unchanged"], summary["changed"], summary["states"]) == (3, 1, 2, 0)
    assert summary["rules"] == {"local.join": 2, "text.white-space": 2}
    assert summary["removed"] - summary["removed_before"] == 2 * len("扫码入群\n\n")
    assert [text.count("扫码入群") for text in texts()] == [0, 0, 0]
    assert is_sound()
    assert differences() == []
    # Once more nothing changes, and not a byte is added.
    before = size()
    assert run("archive", "reclean", "--rules", rules).err == (
        "archive reclean: 3 of 3 captures cleaned again, 3 unchanged, 0 changed\n"
    )
    assert size() == before
    # Without the rule the first texts come back, and no conversion is kept twice.
    assert run("archive", "reclean", "--json").events[-1]["changed"] == 2
    with Collection.open("collection") as collection:
        assert catalogue_of(collection).one("SELECT count(*) FROM version") == (5,)
    assert [text.count("扫码入群") for text in texts()] == [1, 0, 1]
    assert is_sound()
    assert differences() == []


def test_a_dry_run_tells_and_keeps_nothing(run: Callable, folder: Path, rules: str) -> None:
    (folder / "1.txt").write_text(snapshot(1, "甲。\n\n扫码入群"))
    run("clean", "1.txt")
    before = size()
    result = run("archive", "reclean", "--rules", rules, "--dry-run")
    assert result.out == "1.txt  4 characters differ\n"
    assert result.err.splitlines() == [
        "archive reclean: 1 of 1 captures cleaned again, 1 changed",
        "archive reclean: removed from the changed texts: 0 characters before, 6 now",
        "archive reclean: +1  local.join",
        "archive reclean: +1  text.white-space",
        "archive reclean: nothing was written",
    ]
    assert size() == before
    assert differences() == []


def test_what_cleaning_adds_makes_up_for_nothing_that_it_removes(run: Callable, folder: Path, rules: str) -> None:
    """The front matter gains quotes, the text its marks of emphasis in full and a last newline: none of it removes."""
    text = snapshot(1, "**“甲”**是也。\n\n扫码入群").rstrip("\n").replace("title: 第1篇", "title: 甲: 第1篇")
    (folder / "1.txt").write_text(text)
    run("clean", "1.txt")
    event, summary = run("archive", "reclean", "--rules", rules, "--json").events
    assert (event["removed_before"], event["removed"]) == (0, len("\n扫码入群"))
    assert (summary["removed_before"], summary["removed"]) == (0, len("\n扫码入群"))
    back = run("archive", "reclean").err.splitlines()
    assert "archive reclean: removed from the changed texts: 5 characters before, 0 now" in back


def test_only_the_articles_that_are_meant(run: Callable, folder: Path, rules: str) -> None:
    for number in (1, 2):
        (folder / f"{number}.txt").write_text(snapshot(number, "甲。\n\n扫码入群"))
    run("clean", "1.txt", "2.txt")
    summary = run("archive", "reclean", "https://a.example/2", "--rules", rules, "--json").events[-1]
    assert (summary["captures"], summary["changed"]) == (1, 1)
    assert [text.count("扫码入群") for text in texts()] == [1, 0]


def test_visits_and_those_that_took_over_a_text(
    run: Callable,
    capture: Callable,
    serve: Callable,
    rules: str,
) -> None:
    unchanged = Answer(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    server: Server = serve(site(a=[page(JOIN, b'ETag: "1"'), unchanged, page(JOIN, b'ETag: "1"'), unchanged]))
    for _ in range(4):
        capture(f"{server.url}/a")
    (first,) = texts()
    *events, summary = run("archive", "reclean", "--rules", rules, "--json").events
    assert summary["captures"] == summary["changed"] == len(events) == 4
    assert differences() == []
    assert is_sound()
    with Collection.open("collection") as collection:
        catalogue = catalogue_of(collection)
        rows = catalogue.execute(
            "SELECT DISTINCT state, version = current_version FROM capture JOIN article ON article.id = capture.article"
        ).fetchall()
        ledgers = catalogue.one("SELECT count(*), count(ledger) FROM cleaning")
        assert (rows, ledgers) == ([("live", 1)], (8, 4))  # a text that is taken over has no ledger of its own
    assert texts() == [first.replace("\n扫码入群\n", "")]
    before = size()
    assert run("archive", "reclean", "--rules", rules, "--json").events[-1]["changed"] == 0
    assert size() == before
    run("archive", "reclean")
    assert texts() == [first]
    assert differences() == []


def test_what_is_no_page_stays_what_it_was(run: Callable, capture: Callable, serve: Callable) -> None:
    picture = Answer(ok(b"\x89PNG", b"Content-Type: image/png"))
    server: Server = serve(site(a=picture, b=Answer(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")))
    capture(f"{server.url}/a", f"{server.url}/b", "--tries", "1")
    assert run("archive", "reclean").err == (
        "archive reclean: 2 of 2 captures cleaned again, 0 changed, 2 without anything to clean\n"
    )
    assert differences() == []


def test_pages_of_a_web_archive_are_cleaned_as_they_were(run: Callable, capture: Callable, serve: Callable) -> None:
    latin = ARTICLE.replace("竹纸", "竹紙").encode("big5", "ignore")
    server: Server = serve(site(a=Answer(ok(latin, b"Content-Type: text/html; charset=big5"))))
    capture(f"{server.url}/a", "-c", "first")
    (warc,) = Path("first", "warc").iterdir()
    run("clean", str(warc), "-c", "second")
    assert run("archive", "reclean", "-c", "second").err.endswith(
        "1 of 1 captures cleaned again, 1 unchanged, 0 changed\n"
    )


def test_a_damaged_source_costs_no_other_its_text(run: Callable, folder: Path, rules: str) -> None:
    for number in (1, 2):
        (folder / f"{number}.txt").write_text(snapshot(number, "甲。\n\n扫码入群"))
    run("clean", "1.txt", "2.txt")
    (warc,) = Path("collection", "warc").iterdir()
    data = bytearray(warc.read_bytes())
    with Collection.open("collection") as collection:
        place = catalogue_of(collection).place(catalogue_of(collection).one("SELECT record FROM capture")[0])
    data[place.offset + place.length // 2] ^= 0xFF
    warc.write_bytes(data)
    result = run("archive", "reclean", "--rules", rules)
    assert result.code == 3
    assert result.err.startswith("archive reclean: 1.txt: error: ")
    assert [text.count("扫码入群") for text in texts()] == [1, 0]


def test_many_in_processes_of_their_own(run: Callable, folder: Path, rules: str) -> None:
    for number in range(80):
        (folder / f"{number:02}.txt").write_text(snapshot(1, f"第{number}次。\n\n扫码入群"))
    run("clean", "*.txt")
    summary = run("archive", "reclean", "--rules", rules, "--jobs", "2", "--json").events[-1]
    assert summary["changed"] == summary["captures"] == 80
    assert len(summary["largest"]) == 10
    assert differences() == []


def test_a_killed_run_goes_on_to_the_same_end(run: Callable, spawn: Callable, folder: Path, rules: str) -> None:
    for number in range(60):
        (folder / f"{number:02}.txt").write_text(snapshot(1, f"第{number}次。\n\n扫码入群"))
    run("clean", "*.txt")
    process: subprocess.Popen[bytes] = spawn("archive", "reclean", "--rules", rules, "--json", "--jobs", "1")
    assert process.stdout
    told = [process.stdout.readline() for _ in range(3)]
    process.kill()
    told += process.communicate()[0].splitlines(keepends=True)
    done = {json.loads(line)["file"] for line in told if line.endswith(b"}\n") and b'"recleaned"' in line}
    rest = run("archive", "reclean", "--rules", rules, "--json").events[:-1]
    assert done.isdisjoint({each["file"] for each in rest})
    assert len(texts()) == 1
    assert differences() == []
    assert run("archive", "reclean", "--rules", rules, "--json").events[-1]["unchanged"] == 60


def test_a_trial_shows_what_would_change_and_by_which_rule(run: Callable, folder: Path, rules: str) -> None:
    (folder / "1.txt").write_text(snapshot(1, "甲。\n\n扫码入群"))
    run("clean", "1.txt")
    shown = run("archive", "reclean", "--dry-run", "--diff", "--rules", rules)
    assert shown.out.splitlines() == [
        "── 1.txt → article ──",
        "       … 7 lines unchanged",
        " 9 9   甲。",
        "11   - 扫码入群  ‹local.join›",
    ]
    assert texts() == [(folder / "1.txt").read_text()]
