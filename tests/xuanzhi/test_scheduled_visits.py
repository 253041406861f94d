"""Scheduled visits as librarians and timers make them, against servers of our own on this machine."""

import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Answer, Server, ok

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.dates import timestamp_of
from archive.maintenance.check import verify_collection
from archive.maintenance.rebuild import reindex
from archive.schedule.table import Schedule

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("XUANZHI_KILLS", "4"))
"""Runners that are killed; 100 of them are for whoever wants to be sure."""

HTML = b"Content-Type: text/html; charset=utf-8"
LOST_BYTES = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
LOST = Answer(LOST_BYTES)
WALL = Answer(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
QUICK = """
[schedule]
allow-private = true
confirm = ["0.2s", "0.2s"]
gone = ["1s"]
patience = ["0.2s"]
rest = "1s"
lease = "3s"
"""


def answered(text: str, *fields: bytes) -> bytes:
    body = (
        f"<html><head><title>竹纸</title></head><body><article><h1>竹纸是怎样做的</h1><p>{text}</p>"
        "<p>煮过的竹丝要舂成浆，抄纸的人端着帘子，一荡一抬，就是一张。</p>"
        "<p>湿纸一张张叠起来，压去水，揭开，贴在火墙上焙干，这才成了纸。</p></article></body></html>"
    )
    return ok(body.encode(), HTML, *fields)


def article(text: str, *fields: bytes) -> Answer:
    return Answer(answered(text, *fields))


BAMBOO = "竹子砍下来，先在水里泡上三个月，等皮肉分开，再拿石灰煮。"
EDITED = "竹子砍下来，先在水里泡上四个月，等皮肉分开，再拿石灰煮。"


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, Any]], Server]]:
    started: list[Server] = []

    def start(answers: dict[str, Any]) -> Server:
        started.append(Server({"*": LOST, **answers}))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def written(run: Callable) -> Callable[[str], None]:
    """Make a collection with this at the end of its collection.toml."""

    def write(text: str) -> None:
        Collection.open("collection").close()
        file = Path("collection/collection.toml")
        known = file.read_text().replace('contact = ""', 'contact = "archive@library.example"')
        file.write_text(known + text)

    return write


def visits(server: Server, path: str) -> int:
    return sum(each.target == path for each in server.asked)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def sound() -> bool:
    return list(verify_collection(Path("collection"))) == []


def news(run: Callable) -> list[tuple[str, str]]:
    told = run("archive", "report", "--json").events
    return [(each["news"], each["url"].rpartition("/")[2]) for each in told if each["event"] == "news"]


def test_a_loop_notices_an_edit_a_deletion_a_return_and_a_wall(
    run: Callable, spawn: Callable, serve: Callable, written: Callable
) -> None:
    server = serve({"/bamboo": article(BAMBOO), "/lost": article("会消失的一篇。"), "/still": article("不会变。")})
    told = Path("told.jsonl").resolve()
    script = f"import sys; open({str(told)!r}, 'a').write(sys.stdin.read() + chr(10))"
    written(QUICK + f"\n[[hook]]\ncommand = {json.dumps(['python3', '-c', script])}\n")
    urls = [f"{server.url}/{name}" for name in ("bamboo", "lost", "still")]
    assert run("archive", "add", "--every", "0.5s", "--label", "Paper", *urls).code == 0
    with spawn("archive", "run", "--loop", "--verbose") as loop:
        until(lambda: visits(server, "/bamboo") >= 2)
        server.answers["/bamboo"] = [article(EDITED)]
        server.answers["/lost"] = [LOST]
        seen = visits(server, "/bamboo"), visits(server, "/lost")
        until(lambda: visits(server, "/bamboo") > seen[0] + 1 and visits(server, "/lost") > seen[1] + 3)
        server.answers["/still"] = [WALL]
        seen_walls = visits(server, "/still")
        until(lambda: visits(server, "/still") > seen_walls + 2)
        server.answers["/still"] = [article("不会变。")]
        server.answers["/lost"] = [article("会消失的一篇。")]
        seen = visits(server, "/still"), visits(server, "/lost")
        until(lambda: visits(server, "/still") > seen[0] + 1 and visits(server, "/lost") > seen[1] + 1)
        loop.send_signal(signal.SIGTERM)
        out, err = loop.communicate(timeout=60)
    assert loop.returncode == 0, (out, err)  # there was a wall, but a loop that ends when it is told to did its work
    assert "verification wall, will be visited again later" in out.decode()
    found = news(run)
    assert sorted(found) == sorted(
        [
            ("new", "bamboo"),
            ("new", "lost"),
            ("new", "still"),
            ("changed", "bamboo"),
            ("gone", "lost"),
            ("restored", "lost"),
        ]
    )
    # The hook was told all of it, each once; nobody was killed.
    messages = [json.loads(line) for line in told.read_text().splitlines()]
    assert sorted((each["event"], each["url"].rpartition("/")[2]) for each in messages) == sorted(found)
    assert len({each["id"] for each in messages}) == len(messages)
    (changed,) = [each for each in messages if each["event"] == "changed"]
    assert 0 < changed["amount"] < 0.1
    # The last good version stayed, the edit is a version, and all of it can be made again.
    texts = {path.read_text() for path in Path("collection/markdown").rglob("*.md")}
    assert [sum(text in each for each in texts) for text in ("四个月", "会消失的一篇", "不会变")] == [1, 1, 1]
    before = run("archive", "report", "--json").out, run("archive", "due", "--all").out.replace("due for", "")
    reindex("collection")
    assert run("archive", "report", "--json").out == before[0]
    assert sound()


def test_exit_codes_tell_a_timer_the_truth(run: Callable, serve: Callable, written: Callable) -> None:
    server = serve({"/a": article("一"), "/down": Answer(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")})
    written(QUICK.replace('rest = "1s"', 'rest = "1h"'))
    assert run("archive", "run").code == 0  # nothing was due
    run("archive", "add", "--every", "1d", f"{server.url}/down")
    assert run("archive", "run").code == 4
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    result = run("archive", "run", "--json")
    assert (result.code, sorted(each["outcome"] for each in result.events)) == (3, ["error", "new"])
    server.answers["/wall"] = [WALL]
    run("archive", "pause", f"{server.url}/down")
    run("archive", "add", f"{server.url}/wall")
    assert run("archive", "run").code == 5
    said = run("archive", "runs", "--json").events[0]
    assert said["runs"][0]["exit"] == 5
    assert said["resting"][0]["host"] == "127.0.0.1"


def logged() -> list[dict[str, Any]]:
    """Return the lines of runs.jsonl, the first one first."""
    file = Path("collection/runs.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_failed_round_of_a_loop_marks_no_later_one(
    run: Callable, spawn: Callable, serve: Callable, written: Callable
) -> None:
    server = serve({"/a": Answer(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")})
    written(QUICK)
    assert run("archive", "add", "--every", "0.5s", f"{server.url}/a").code == 0
    with spawn("archive", "run", "--loop") as loop:
        until(lambda: any("error" in line["outcomes"] for line in logged()))
        server.answers["/a"] = [WALL]
        until(lambda: any("wall" in line["outcomes"] for line in logged()))
        server.answers["/a"] = [article(BAMBOO)]
        until(lambda: any(set(line["outcomes"]) == {"unchanged"} for line in logged()))
        loop.send_signal(signal.SIGTERM)
        _, err = loop.communicate(timeout=60)
    assert loop.returncode == 0
    rounds = [(line["outcomes"], line["news"], line["exit"]) for line in logged()]
    total = Counter[str]()
    for outcomes, noticed, code in rounds:  # on a busy machine a round may hold several visits
        total.update(outcomes)
        failed = 0 if "error" not in outcomes else 3 if outcomes.keys() - {"error", "wall"} else 4
        assert code == (5 if "wall" in outcomes else failed), rounds
        assert noticed.get("new", 0) == outcomes.get("new", 0), rounds
    # At its end a loop sums up all of its rounds.
    seen = total["error"] + total["new"] + total["unchanged"]
    assert total.keys() == {"error", "wall", "new", "unchanged"}
    assert re.search(rf"^archive: {seen} visited, .*new 1, {total['error']} failed$", err.decode(), re.MULTILINE), err
    assert re.search(rf"archive: {total['wall']} visits? met a verification wall", err.decode())


PATIENT = """
import sys
from xuanzhi.cli.start import xuanzhi
from xuanzhi.jobs import stopping
stopping.GRACE, stopping.CLEANING, stopping.CANCEL = 60, 60, 200
sys.exit(xuanzhi())
"""
"""The commands, with minutes to end in: on a busy machine an answer may need longer than the usual seconds."""


@pytest.mark.parametrize("loop", [True, False])
def test_a_run_that_is_told_to_stop_keeps_what_is_under_way(
    run: Callable, spawn_script: Callable, serve: Callable, written: Callable, loop: bool
) -> None:
    told = threading.Event()

    def slowly() -> Iterator[bytes]:
        told.wait(60)
        yield answered(BAMBOO)

    server = serve({"/a": Answer(slowly())})
    written(QUICK.replace('lease = "3s"', ""))
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    with spawn_script(PATIENT, "archive", "run", *["--loop"][:loop]) as process:
        until(lambda: visits(server, "/a") == 1)
        process.send_signal(signal.SIGTERM)
        told.set()
        process.communicate(timeout=60)
    assert (process.returncode, news(run)) == (0, [("new", "a")])
    assert [(line["outcomes"], line["exit"], line["loop"]) for line in logged()] == [({"new": 1}, 0, loop)]
    assert sound()


@pytest.mark.parametrize("loop", [True, False])
def test_an_interrupted_run_says_so(
    run: Callable, spawn: Callable, serve: Callable, written: Callable, loop: bool
) -> None:
    server = serve({"/a": article(BAMBOO), "/hangs": Answer(b"", "hang")})
    written(QUICK.replace('lease = "3s"', ""))
    run("archive", "add", "--every", "1d", f"{server.url}/a", f"{server.url}/hangs")
    with spawn("archive", "run", "--json", *["--loop"][:loop]) as process:
        until(lambda: visits(server, "/hangs") == 1)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["outcome"] == "new"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in err) == (130, False)
    assert [(line["outcomes"], line["exit"]) for line in logged()] == [({"new": 1, "interrupted": 1}, 130)]
    assert run("archive", "due").out.count("/hangs") == 1  # given back
    assert sound()


def test_a_run_that_a_mistake_ended_says_so(run: Callable, serve: Callable, written: Callable) -> None:
    def meddling() -> Iterator[bytes]:
        Path("collection/collection.toml").write_text("this is no TOML")
        yield answered(BAMBOO)

    server = serve({"/a": Answer(meddling())})
    written(QUICK)
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    result = run("archive", "run")
    assert (result.code, "collection.toml" in result.err) == (2, True)
    assert [line["exit"] for line in logged()] == [2]


def test_a_server_that_knows_versions_is_asked_for_them(run: Callable, serve: Callable, written: Callable) -> None:
    server = serve({"/a": article(BAMBOO, b'ETag: "1"')})
    written(QUICK)
    run("archive", "add", "--every", "1s", f"{server.url}/a")
    assert run("archive", "run").code == 0
    server.answers["/a"] = [Answer(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')]
    with Collection.open("collection") as collection:
        schedule = Schedule.of(collection)
        until(lambda: schedule.catalogue.one("SELECT next_due FROM schedule")[0] < time.time())
    (event,) = run("archive", "run", "--json").events
    assert (event["outcome"], event["status"], event["news"]) == ("unchanged", 304, [])
    assert [each.field("If-None-Match") for each in server.asked if each.target == "/a"] == ["", '"1"']


FEEDS = {
    "rss": '<rss version="2.0"><channel><title>t</title><item><link>{0}/a</link>'
    "<pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate></item><item><link>/b</link></item></channel></rss>",
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{0}/a"/>'
    '<published>2026-11-22T16:00:00+08:00</published></entry><entry><link href="/b"/></entry></feed>',
    "json": '{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "1", "url": "{0}/a",'
    ' "date_published": "2026-11-22T16:00:00+08:00"}}, {{"id": "2", "url": "/b"}}]}}',
    "sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{0}/a</loc></url>'
    "<url><loc>{0}/b</loc></url></urlset>",
}


@pytest.mark.parametrize("kind", FEEDS)
def test_what_a_feed_lists_becomes_articles(run: Callable, serve: Callable, written: Callable, kind: str) -> None:
    server = serve({"/a": article("一" * 50), "/b": article("二" * 50), "/c": article("三" * 50)})
    feed = FEEDS[kind].format(server.url)
    server.answers["/feed"] = [Answer(ok(feed.encode(), b"Content-Type: application/xml"))]
    written(QUICK)
    run("archive", "add", "--feed", "--every", "1s", f"{server.url}/feed")
    result = run("archive", "run")
    assert result.code == 0, result
    assert sorted(news(run)) == [("new", "a"), ("new", "b")]
    with Collection.open("collection") as collection:
        (published,) = catalogue_of(collection).one("SELECT published FROM member WHERE url LIKE '%/a'")
    assert published == ("" if kind == "sitemap" else "2026-11-22T08:00:00Z")
    # What was taken off stays off, though the feed still lists it.
    assert run("archive", "remove", f"{server.url}/b").code == 0
    server.answers["/feed"] = [Answer(ok(feed.replace("/b", "/c").encode() + b" ", b"Content-Type: application/xml"))]
    until(lambda: bool(run("archive", "run")) and ("new", "c") in news(run))
    assert visits(server, "/b") == 1
    assert sound()


def test_what_is_no_feed_is_an_error_and_stays_on_the_schedule(
    run: Callable, serve: Callable, written: Callable
) -> None:
    server = serve({"/feed": Answer(ok(b"hello", b"Content-Type: text/plain"))})
    written(QUICK)
    run("archive", "add", "--feed", "--every", "1d", f"{server.url}/feed")
    result = run("archive", "run")
    assert result.code == 4
    assert "neither RSS nor Atom" in result.out
    assert run("archive", "due", "--all").out.count("/feed") >= 1


def test_hooks_that_fail_are_told_again_and_block_nothing(
    run: Callable, serve: Callable, written: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(
        {"/a": article(BAMBOO), "/hook": [Answer(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), Answer(ok(b""))]}
    )
    written(QUICK + f'\n[[hook]]\nevent = "new"\nurl = "{server.url}/hook"\n')
    monkeypatch.setattr("archive.schedule.outbox.RETRIES", (0.01,))
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    first = run("archive", "run")
    assert (first.code, "answered 503" in first.err) == (0, True)
    assert (run("archive", "run").code, visits(server, "/hook")) == (0, 2)
    run("archive", "run")
    assert visits(server, "/hook") == 2
    bodies = [each.raw.split(b"\r\n\r\n", 1)[0] for each in server.asked if each.target == "/hook"]
    names = {re.search(rb"Idempotency-Key: (\S+)", each, re.IGNORECASE)[1] for each in bodies}  # type: ignore[index]
    assert len(names) == 1


def test_reports_for_browsers_and_feed_readers(run: Callable, serve: Callable, written: Callable) -> None:
    import feedparser

    server = serve({"/a": article(BAMBOO)})
    written(QUICK)
    run("archive", "add", "--every", "1d", f"{server.url}/a")
    run("archive", "run")
    page = run("archive", "report", "--html", "--since", "1d").out
    assert page.startswith("<!doctype html>")
    assert f'<a href="{server.url}/a"' in page
    assert run("archive", "report", "--atom", "-o", "news.atom").code == 0
    feed = feedparser.parse(Path("news.atom").read_bytes())
    assert (feed.bozo, [each.link for each in feed.entries]) == (False, [f"{server.url}/a"])
    assert run("archive", "report", "--since", "2199-01-01").out.startswith("0 visits")
    assert re.fullmatch(r"\S+Z  new\n", run("archive", "report", f"{server.url}/a").out)


def test_mistakes_are_told(run: Callable, written: Callable) -> None:
    written('\n[[source]]\nurl = "https://a.example/1"\nlabel = "Written"\n')
    for arguments, code, reason in (
        (("add",), 2, "no address given"),
        (("add", "nonsense"), 4, "not a web address"),
        (("add", "--every", "often", "https://a.example/"), 2, "no length of time"),
        (("add", "--label", "Written", "https://a.example/"), 2, "is defined in"),
        (("remove", "Written"), 2, "is defined in"),
        (("pause", "Nothing"), 2, "sources are: Written"),
        (("report", "--since", "soon"), 2, "is not a date"),
        (("timer", "--every", "5s"), 2, "too frequent"),
        (("run", "-c", "nowhere"), 2, "no collection"),
    ):
        result = run("archive", *arguments)
        assert (result.code, reason in result.err) == (code, True), (arguments, result)
    assert run("archive", "pause", "Written").code == 0
    assert run("archive", "due", "--all").out == ""


def test_a_timer_is_ready_to_be_installed(run: Callable, written: Callable) -> None:
    written("")
    said = run("archive", "timer", "--every", "2h").out
    assert "OnCalendar=0/2:00" in said
    assert "SuccessExitStatus=5" in said
    assert re.search(r"^\d+ \*/2 \* \* \* \S+ -m xuanzhi archive run -q -c \S+$", said, re.MULTILINE)


class Busy:
    """A site that knows which of its pages are asked for at this moment, and when each page began."""

    def __init__(self, server: Server, pages: int) -> None:
        self.lock = threading.Lock()
        self.now: Counter[int] = Counter()
        self.worst = 0
        for number in range(pages):
            server.answers[f"/{number}"] = [Answer(self.slowly(number))] * 1000

    def slowly(self, number: int) -> Any:
        answer = answered(f"第{number}篇的正文。" * 5)
        busy = self

        class Slow:
            def __iter__(self) -> Iterator[bytes]:
                with busy.lock:
                    busy.now[number] += 1
                    busy.worst = max(busy.worst, busy.now[number])
                try:
                    yield answer[:100]
                    time.sleep(0.01)  # so that two requests at once would meet
                    yield answer[100:]
                finally:
                    with busy.lock:
                        busy.now[number] -= 1

        return Slow()


def test_two_runners_share_the_work_and_keep_one_pace(
    run: Callable, spawn: Callable, serve: Callable, written: Callable
) -> None:
    # Each runner asks for robots.txt once, with its first pages taken already. Neither hears the answer before both
    # have asked, so both are at work, however long the machine took to start them.
    begun: list[float] = []
    both_asked = threading.Barrier(2, action=lambda: begun.append(time.time()))

    def together() -> Iterator[bytes]:
        both_asked.wait(60)
        yield LOST_BYTES

    server = serve({"/robots.txt": [Answer(together()) for _ in range(2)]})
    busy = Busy(server, 24)
    written(QUICK.replace('lease = "3s"', 'pace = "0.15s"\nrequisites = false'))
    run("archive", "add", "--every", "1d", *(f"{server.url}/{number}" for number in range(24)))
    both = [spawn("archive", "run", "--json") for _ in range(2)]
    said = [each.communicate(timeout=120)[0].decode().splitlines() for each in both]
    assert [each.returncode for each in both] == [0, 0]
    done = [json.loads(line)["url"].rpartition("/")[2] for lines in said for line in lines]
    assert sorted(done, key=int) == [str(number) for number in range(24)]
    assert all(len(lines) >= 8 for lines in said)  # what each had taken at first
    assert busy.worst == 1
    with Collection.open("collection") as collection:
        rows = catalogue_of(collection).execute("SELECT fetched_at FROM capture ORDER BY fetched_at").fetchall()
    # A turn may be taken late, never early.
    turns = [timestamp_of(at) - begun[0] for (at,) in rows]
    assert [turn for number, turn in enumerate(turns) if turn < number * 0.15] == []
    assert sound()


def test_runners_killed_at_random_lose_and_double_nothing(
    run: Callable, spawn: Callable, serve: Callable, written: Callable
) -> None:
    pages, chance = 12, random.Random(KILLS)
    server = serve({})
    busy = Busy(server, pages)
    written(QUICK.replace('lease = "3s"', 'lease = "1s"\nrequisites = false'))
    run("archive", "add", "--every", "0.3s", *(f"{server.url}/{number}" for number in range(pages)))
    reported = 0
    for _ in range(KILLS):
        runners = [spawn("archive", "run", "--loop", "--verbose", "--json") for _ in range(2)]
        asked = len(server.asked) + chance.randrange(1, 4 * pages)
        until(lambda: len(server.asked) >= asked)  # noqa: B023  # it is called at once
        for each in runners:
            each.send_signal(signal.SIGKILL)
        for each in runners:
            lines = each.communicate(timeout=60)[0].decode().splitlines(keepends=True)
            reported += sum(line.endswith("\n") for line in lines)
    until(lambda: run("archive", "run", "-q").code == 0)
    assert busy.worst == 1
    with Collection.open("collection") as collection:
        count = catalogue_of(collection).one("SELECT count(*), count(DISTINCT visit_id) FROM visit")
        planned = catalogue_of(collection).one("SELECT count(*) FROM schedule")
        per_moment = catalogue_of(collection).one(
            "SELECT count(*) FROM (SELECT DISTINCT article, fetched_at FROM capture)"
        )
    assert count[0] == count[1] == per_moment[0] >= reported > 0
    assert count[0] <= sum(each.target != "/robots.txt" for each in server.asked)
    assert planned == (pages,)
    assert sorted({name for kind, name in news(run) if kind == "new"}, key=int) == [str(n) for n in range(pages)]
    assert len(news(run)) == pages  # nothing else was invented
    assert sound()
    print(f"{KILLS} times two runners killed, {count[0]} visits kept, {reported} of them reported")
