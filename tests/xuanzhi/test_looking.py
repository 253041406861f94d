"""`archive` as a librarian uses it to look into a collection."""

import json
import os
import pty
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from specimens import deleted, shell, snapshot
from visitor import cleaned, html, visit

from archive.collection.collection import Collection
from archive.settings import read
from clean.ledger import Ledger, restore_bytes

pytestmark = pytest.mark.slow

TITLE = "第1封信"


def fill(run: Callable) -> None:
    """Make a collection: one article with two versions that is gone, one that never had a text, one of another site."""
    Path("a.txt").write_text(snapshot(1))
    later = snapshot(1, body="纸寿千年，绢保八百。改过一次。").replace("2026-03-04", "2026-04-04")
    Path("b.txt").write_text(later)
    Path("c.txt").write_text(shell(2))
    assert run("clean", "a.txt", "b.txt", "c.txt").code == 0
    url = "https://paper.example/bamboo"
    with Collection.open("collection") as collection:
        made = cleaned("竹纸 by hand\n", title="竹\x1b[31m纸")
        made = made._replace(facts={**made.facts, "source": "纸网"})
        collection.keep([visit(1, url=url, answer=html("<p>竹纸</p>"), cleaned=made)])


@pytest.fixture
def full(run: Callable) -> Callable:
    fill(run)
    return run


def test_list_lines_up_and_shows_control_characters(full: Callable) -> None:
    result = full("archive", "list")
    assert result.code == 0
    assert result.out.splitlines() == [
        "LAST        STATE  TIMES  SOURCE    TITLE",
        "2026-04-04  live       2  纸上谈书  第1封信",
        *[line for line in result.out.splitlines() if "empty" in line],
        "2026-11-22  live       1  纸网      竹\\x1b[31m纸",
    ]
    assert result.err == "archive: articles: 3\n"


def test_list_selects_sorts_and_limits(full: Callable) -> None:
    def titles(*options: str) -> list[str]:
        return [event["title"] for event in full("archive", "list", "--json", *options).events]

    assert titles("--source", "纸上谈书", "--state", "live") == [TITLE]
    assert titles("--host", "paper.example") == ["竹\x1b[31m纸"]
    assert titles("--sort", "last", "--reverse", "--limit", "1") == ["竹\x1b[31m纸"]
    assert titles("--until", "2026-03-05", "--state", "live") == [TITLE]
    assert titles(TITLE) == [TITLE]
    (event,) = full("archive", "list", "--json", TITLE).events
    assert event["event"] == "article"
    assert (event["captures"], event["versions"], event["state"]) == (2, 2, "live")
    assert Path(event["output"]).exists()


def test_show_tells_everything(full: Callable) -> None:
    (event,) = full("archive", "show", TITLE, "--json").events
    assert [(each["number"], each["current"]) for each in event["versions"]] == [(1, False), (2, True)]
    assert [each["file_name"] for each in event["captures"]] == ["a.txt", "b.txt"]
    assert event["captures"][0]["version"] == event["versions"][0]["clean_sha256"]
    place = event["versions"][0]["place"]
    assert (Path("collection") / place["folder"] / place["name"]).stat().st_size > place["offset"]
    lines = full("archive", "show", TITLE, "竹").out.splitlines()
    assert lines[0] == TITLE
    assert "  versions (2):" in lines
    assert "    article  2026-03-04 05:06:07  2026-04-04 05:06:07  2" in lines
    assert "竹\\x1b[31m纸" in lines


def test_show_tells_of_one_that_is_not_there_and_goes_on(full: Callable) -> None:
    result = full("archive", "show", "没有这篇", TITLE)
    assert result.code == 3
    assert TITLE in result.out
    assert "没有这篇: error: the collection has no article" in result.err
    assert "hint:" in result.err


def test_log_is_in_order_and_knows_days(full: Callable) -> None:
    types = [event["type"] for event in full("archive", "log", "--json").events]
    assert types == ["ingestion", "ingestion", "ingestion", "capture"]
    assert len(full("archive", "log", TITLE).out.splitlines()) == 2
    assert full("archive", "log", "--since", "2099").out == ""
    assert full("archive", "log", "--until", "2099", "--host", "paper.example").out.count("capture") == 1


def data(spawn: Callable, *arguments: str) -> bytes:
    process: subprocess.Popen[bytes] = spawn("archive", "cat", *arguments)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    return out


def test_cat_is_exact(full: Callable, spawn: Callable) -> None:
    current = data(spawn, TITLE)
    (event,) = full("archive", "show", TITLE, "--json").events
    assert sha256(current).hexdigest() == event["versions"][1]["clean_sha256"]
    assert current == Path(event["output"]).read_bytes()
    assert data(spawn, TITLE, "--version", "2") == data(spawn, TITLE, "--capture", "2") == current
    first = data(spawn, TITLE, "--version", event["versions"][0]["clean_sha256"][:10])
    assert first == data(spawn, TITLE, "--capture", event["captures"][0]["record_id"][9:20]) != current
    assert data(spawn, TITLE, "--raw", "--capture", "1") == Path("a.txt").read_bytes()
    assert data(spawn, TITLE, "--raw") == Path("b.txt").read_bytes()
    ledger = Ledger.from_json_lines(data(spawn, TITLE, "--ledger").decode())
    assert restore_bytes(current.decode(), ledger) == Path("b.txt").read_bytes()
    assert json.loads(data(spawn, TITLE, "--provenance"))["file"] == "b.txt"


def test_cat_of_a_visit_gives_the_content_or_the_message(full: Callable, spawn: Callable) -> None:
    assert "<p>竹纸</p>" in data(spawn, "竹", "--raw").decode()
    message = data(spawn, "竹", "--http")
    assert message.startswith(b"HTTP/1.1 200 OK\r\n")
    assert message.endswith(data(spawn, "竹", "--raw"))


def test_cat_of_a_revisit_gives_what_it_refers_to(full: Callable, spawn: Callable) -> None:
    url = "https://paper.example/bamboo"
    before = data(spawn, url, "--raw")
    with Collection.open("collection") as collection:
        answer = html("<p>竹纸</p>")
        collection.keep([visit(2, url=url, hours=5, answer=answer, cleaned=None)])
        made = visit(3, url=url, hours=9, answer=b"HTTP/1.1 304 Not Modified\r\n\r\n", cleaned=None)
        collection.keep([made])
    assert data(spawn, url, "--raw", "--capture", "2") == before
    assert data(spawn, url, "--http", "--capture", "2") + before == data(spawn, url, "--http", "--capture", "1")
    assert data(spawn, url, "--http", "--capture", "3") == b"HTTP/1.1 304 Not Modified\r\n\r\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", ""), 4, "no article"),
        (("cat", "没有"), 2, "no article"),
        (("cat", TITLE, "--version", "9"), 2, "has 2 versions; none of them is '9'"),
        (("cat", TITLE, "--capture", "zzzz"), 2, "has 2 captures; none of them is 'zzzz'"),
        (("cat", TITLE, "--http"), 2, "no HTTP message"),
        (("search", "，。"), 2, "no words to search for"),
        (("search", ""), 2, "no words to search for"),
        (("list", "--sort", "colour"), 2, "cannot be sorted by colour"),
        (("list", "--limit", "-1"), 2, "not a number of results"),
        (("list", "--state", "dead"), 2, "dead is not a state"),
        (("log", "--since", "yesterday"), 2, "yesterday is not a date"),
        (("stats", "-c", "nowhere"), 2, "nowhere is not a collection"),
    ],
)
def test_mistakes_are_told(full: Callable, arguments: tuple[str, ...], code: int, message: str) -> None:
    result = full("archive", *arguments)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert "hint:" in result.err
    assert not Path("nowhere").exists()


def test_an_article_without_a_text(full: Callable, spawn: Callable) -> None:
    (event,) = full("archive", "list", "--state", "empty", "--json").events
    result = full("archive", "cat", event["article"])
    assert (result.code, result.out) == (2, "")
    assert "it has no text: its state is empty" in result.err
    assert data(spawn, event["article"], "--raw") == Path("c.txt").read_bytes()


def test_search_marks_what_it_found(full: Callable) -> None:
    result = full("archive", "search", "千年", "ＢＹ")
    assert (result.out, result.err) == ("", "archive: nothing found\n")
    result = full("archive", "search", "千年")
    assert result.out.splitlines()[0].startswith("第1封信  纸上谈书  2026-01-02")
    assert "纸寿«千年»，绢保八百。改过一次。" in result.out
    assert full("archive", "search", "竹纸").out.splitlines()[1].endswith("«竹纸» by hand")
    match, summary = full("archive", "search", "改", "--json").events
    assert [match["snippet"][start:end] for start, end in match["marks"]] == ["改"]
    assert summary == {"event": "searched", "total": 1, "more": False, "not_indexed": 0}
    everywhere = full("archive", "search", "千年", "--all-versions", "--article", TITLE)
    assert everywhere.out.count("千年") == 2
    assert "earlier version" in everywhere.out
    assert full("archive", "search", "封信", "--title").out.startswith("第1«封信»")


def test_stats_count(full: Callable) -> None:
    Path("d.txt").write_text(deleted(1).replace("2026-03-04", "2026-06-04"))
    full("clean", "d.txt")
    (event,) = full("archive", "stats", "--json").events
    assert (event["articles"], event["with_text"], event["captures"], event["visits"], event["versions"]) == (
        3,
        2,
        5,
        1,
        3,
    )
    assert {month["month"]: month["disappearances"] for month in event["months"] if month["disappearances"]} == {
        "2026-06": 1
    }
    assert event["states"] == {"deleted": 1, "empty": 1, "live": 1}
    sizes = sum(path.stat().st_size for path in Path("collection/warc").iterdir())
    assert event["sizes"]["warc"] == {"files": 1, "bytes": sizes}
    assert "deleted  1  ████████████████████████" in full("archive", "stats").out


def test_nothing_is_written_by_looking(full: Callable) -> None:
    before = {path: path.read_bytes() for path in Path("collection").rglob("*") if path.is_file()}
    for part in (("list",), ("show", TITLE), ("log",), ("cat", TITLE), ("search", "纸"), ("stats",)):
        assert full("archive", *part).code == 0
    assert {path: path.read_bytes() for path in Path("collection").rglob("*") if path.is_file()} == before


def test_the_c_locale_shows_question_marks_and_a_reader_may_leave(full: Callable, spawn: Callable) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for part in (("list",), ("show", "竹"), ("search", "纸"), ("stats",)):
        out, err = (process := spawn("archive", *part, env=plain)).communicate()
        assert process.returncode == 0
        assert out.isascii()
        assert b"Traceback" not in err
    reading, writing = os.pipe()
    os.close(reading)
    process = spawn("archive", "log", stdout=writing)
    os.close(writing)
    _, err = process.communicate()
    assert (process.returncode, err) in {(0, b""), (0, b"archive: events: 4\n")}


def test_init_describes_a_collection_once(run: Callable) -> None:
    given = (
        "--name",
        "纸上\x7f来信",
        "--subject",
        "造纸",
        "--subject",
        "书信",
        "--rights",
        '"馆内"',
        "--timezone",
        "Asia/Tokyo",
    )
    assert run("archive", "init", "馆", *given).code == 2  # a control character in the name
    assert not Path("馆").exists()
    result = run("archive", "init", "馆", "--name", "纸上来信", *given[2:])
    assert (result.code, result.err) == (0, "")
    settings = read(Path("馆/collection.toml"))
    assert (settings.name, settings.timezone) == ("纸上来信", "Asia/Tokyo")
    assert settings.metadata == {"subject": ("造纸", "书信"), "rights": ('"馆内"',)}
    before = Path("馆/collection.toml").read_bytes()
    again = run("archive", "init", "馆", "--name", "别的")
    assert again.code == 0
    assert "nothing was changed" in again.out
    assert Path("馆/collection.toml").read_bytes() == before
    assert run("archive", "list", "-c", "馆").err == "archive: articles: 0\n"
    assert run("archive", "init", "b", "--timezone", "Mars/Olympus").code == 2
    assert not Path("b").exists()


def test_init_asks(spawn: Callable) -> None:
    parent, child = pty.openpty()
    process = spawn("archive", "init", "--ask", "--contact", "a@library.example", stdin=child)
    os.write(parent, "纸上来信\n造纸的书信\n示例图书馆\n\n\n".encode())
    out, _ = process.communicate()
    os.close(child)
    os.close(parent)
    assert (process.returncode, b"Organisation" in out) == (0, True)
    settings = read(Path("collection/collection.toml"))
    assert settings[:5] == ("纸上来信", "造纸的书信", "", "UTC", "a@library.example")
    assert settings.metadata == {"collector": ("示例图书馆",)}
    out, err = (process := spawn("archive", "init", "other", "--ask")).communicate()
    assert process.returncode == 2
    assert b"not answered" in err
    assert not Path("other").exists()


def test_settings_of_others_are_passed_over_and_mistakes_are_named(run: Callable) -> None:
    run("archive", "init")
    file = Path("collection/collection.toml")
    good = file.read_text()
    file.write_text(good + '\n[[source]]\nurl = "https://paper.example/"\n')
    assert run("archive", "list").code == 0
    file.write_text(good.replace("# subject", "subjekt"))
    result = run("archive", "list")
    assert result.code == 2
    assert "unknown key 'subjekt' in [metadata]; did you mean 'subject'?" in result.err


def test_one_capture_is_counted_in_the_singular(run: Callable) -> None:
    Path("one.txt").write_text(snapshot(1))
    assert run("clean", "one.txt").code == 0
    assert "has 1 version; none of them is '9'" in run("archive", "cat", TITLE, "--version", "9").err
    assert "has 1 capture; none of them is '9'" in run("archive", "cat", TITLE, "--capture", "9").err
