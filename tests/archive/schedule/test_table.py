"""The schedule in the catalogue: made of plain files and captures, and the same when all is made again."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from visitor import START, cleaned, exchange, html, page, visit

from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.errors import BadConfig, Damaged
from archive.ingest.prepared import Visit
from archive.schedule.policies import DAY, HOUR
from archive.schedule.queue import Claim, Claims, SharedPace, renew_claims
from archive.schedule.table import Schedule
from capture.errors import HostBlocks
from capture.settings import Settings

pytestmark = pytest.mark.slow

Whole = Callable[[Path], dict[str, Any]]
AT = "2026-11-22T08:00:00.000000Z"
NOW = START.timestamp()


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def add(source: str, *urls: str, kind: str = "page", **plan: str) -> dict[str, Any]:
    return {"do": "add", "at": AT, "source": source, "kind": kind, "urls": list(urls), "plan": plan}


def do(what: str, source: str, *urls: str) -> dict[str, Any]:
    return {"do": what, "at": AT, "source": source, "urls": list(urls)}


def url(number: int, host: str = "a.example") -> str:
    return f"https://{host}/{number}"


def scheduled(collection: Collection) -> dict[str, float]:
    """Return the addresses on the schedule with the hours until they are due."""
    Schedule.of(collection).sync()
    rows = catalogue_of(collection).execute("SELECT url, next_due FROM schedule ORDER BY url").fetchall()
    return {address: round((due - NOW) / HOUR, 2) for address, due in rows}


def runner(collection: Collection, clock: Clock, name: str = "one", pace: float = 0.0) -> Claims:
    schedule = Schedule.of(collection)
    return Claims(schedule, name, clock=clock, process=1, pace_of=lambda _: pace)


def numbers(claims: list[Claim]) -> list[int]:
    return sorted(int(each.url.rpartition("/")[2]) for each in claims)


def gone(number: int, hours: float) -> Visit:
    made = visit(number, hours=hours, text="该内容已被发布者删除")
    return made._replace(cleaned=cleaned(None, state="deleted", notice="该内容已被发布者删除"))


def test_what_people_write_and_what_commands_add(tmp_path: Path, whole: Whole) -> None:
    with Collection.open(tmp_path) as collection:
        schedule = Schedule.of(collection)
        (tmp_path / "list.txt").write_text("# a list\nhttps://b.example/1 # remark\n\nhttps://b.example/2\n")
        toml = tmp_path / "collection.toml"
        toml.write_text(
            toml.read_text()
            + '[schedule]\npace = "5s"\n[[source]]\nurl = "https://a.example/1"\nevery = "1d"\n'
            + '[[source]]\nlist = "list.txt"\ncron = "30 4 * * *"\n'
        )
        schedule.change([add("mine", url(2), url(3), policy="adaptive")])
        assert (
            list(scheduled(collection)) == [url(n, host) for host in ("a.example", "b.example") for n in (1, 2, 3)][:5]
        )
        assert schedule.settings.pace == 5
        schedule.change([do("pause", "list.txt"), do("remove", "mine", url(3))])
        assert list(scheduled(collection)) == [url(1), url(2)]
        schedule.change([do("resume", "list.txt"), add("mine", url(3), policy="adaptive")])
        assert len(scheduled(collection)) == 5
        (tmp_path / "list.txt").write_text("https://b.example/2")
        assert list(scheduled(collection)) == [url(1), url(2), url(3), url(2, "b.example")]
    kept = whole(tmp_path)
    assert [(each["name"], each["origin"]) for each in kept["tables"]["source"]] == [
        ("https://a.example/1", "collection.toml"),
        ("list.txt", "collection.toml"),
        ("mine", "schedule.jsonl"),
    ]


def test_visits_of_anybody_move_what_is_due(tmp_path: Path, whole: Whole) -> None:
    with Collection.open(tmp_path) as collection:
        Schedule.of(collection).change([add("day", url(1), every="1d"), add("late", url(2))])
        assert scheduled(collection) == {url(1): 0, url(2): 0}
        collection.keep([visit(1), visit(2), visit(3)])
        due = scheduled(collection)
        assert 23.5 <= due[url(1)] <= 24
        assert due[url(2)] > 1000  # it came out in 2024
        collection.keep([gone(1, 24)])
        assert scheduled(collection)[url(1)] == pytest.approx(25, abs=0.1)
    whole(tmp_path)


def test_an_article_in_two_sources_is_visited_once(tmp_path: Path, whole: Whole) -> None:
    with Collection.open(tmp_path) as collection:
        schedule = Schedule.of(collection)
        schedule.change([add("often", url(1), every="1h"), add("seldom", url(1) + "?utm_source=x", every="30d")])
        collection.keep([visit(1)])
        assert list(scheduled(collection)) == [url(1)]
        schedule.change([do("remove", "often")])
        ((address, due),) = scheduled(collection).items()
        assert address == url(1) + "?utm_source=x"
        assert due > 29 * 24
    whole(tmp_path)


def test_two_names_of_one_article_are_one_visit(tmp_path: Path, whole: Whole) -> None:
    short, long = "https://mp.weixin.qq.com/s/abcdefgh", "https://mp.weixin.qq.com/s?__biz=MzA==&mid=1&idx=1&sn=aa"
    with Collection.open(tmp_path) as collection:
        Schedule.of(collection).change([add("both", short, long, every="1d")])
        assert len(scheduled(collection)) == 2
        made = Visit(short, page(short, exchange(short, html("文"))), cleaned("文\n", url=long), aliases=(long,))
        collection.keep([made])
        assert len(scheduled(collection)) == 1
    whole(tmp_path)


def test_a_torn_line_was_never_reported_and_is_cut_off(tmp_path: Path) -> None:
    with Collection.open(tmp_path) as collection:
        schedule = Schedule.of(collection)
        schedule.change([add("one", url(1))])
        with schedule.journal.path.open("ab") as file:
            file.write(b'{"do": "add", "so')
        assert list(scheduled(collection)) == [url(1)]
        schedule.change([add("two", url(2))])
        assert list(scheduled(collection)) == [url(1), url(2)]
        with schedule.journal.path.open("ab") as file:
            file.write(b"nonsense\n")
        with pytest.raises(Damaged, match=r"schedule\.jsonl: the line at byte \d+ cannot be read"):
            schedule.sync()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[[source]]\nevery = "1d"', "each has one of url, urls, list, feed"),
        ('[[source]]\nurl = "https://a.example/"\nevery = "often"', "'often' is no length of time"),
        ('[[source]]\nurl = "https://a.example/"\nevry = "1d"', "unknown key 'evry'"),
        ('[[source]]\nurl = "https://a.example/"\n' * 2, "two sources are named"),
        ('[schedule]\npatience = "1h"', "must be a list of texts"),
        ("[schedule]\nat-once = 0", "at least 1"),
        ('[[hook]]\nevent = "changed"', "either a command or a url"),
        ('[[hook]]\nevent = "lost"\nurl = "http://a.example"', "known are new, changed, gone, restored, failing"),
        ("[[schedule]]", r"write \[schedule\]"),
    ],
)
def test_mistakes_in_collection_toml_are_told(tmp_path: Path, text: str, reason: str) -> None:
    Collection.open(tmp_path).close()
    file = tmp_path / "collection.toml"
    file.write_text(f"{file.read_text()}\n{text}\n")
    with Collection.open(tmp_path) as collection, pytest.raises(BadConfig, match=reason):
        Schedule.of(collection).sync()


@pytest.mark.parametrize("seed", range(6))
def test_any_history_gives_the_same_schedule_when_it_is_made_again(tmp_path: Path, whole: Whole, seed: int) -> None:
    chance = random.Random(seed)
    with Collection.open(tmp_path) as collection:
        schedule = Schedule.of(collection)
        for hour in range(25):
            some = [url(n) for n in chance.sample(range(8), 3)]
            name = chance.choice(["one", "two", "three"])
            plan = chance.choice([{"every": "5h"}, {"policy": "adaptive"}, {"cron": "7 * * * *"}, {}])
            lines = [add(name, *some, **plan), do(chance.choice(["pause", "resume", "remove"]), name, *some[:1])]
            lines += [do(chance.choice(["pause", "resume", "remove"]), name)] if chance.random() < 0.3 else []
            schedule.change(chance.choices(lines, k=2))
            number = chance.randrange(8)
            collection.keep(
                [gone(number, hour) if chance.random() < 0.3 else visit(number, hours=hour, text=chance.choice("甲乙"))]
            )
    whole(tmp_path)


def test_runners_share_and_never_take_the_same(tmp_path: Path, clock: Clock) -> None:
    with Collection.open(tmp_path) as collection, Collection.open(tmp_path) as other:
        Schedule.of(collection).change([add("all", *map(url, range(10)), every="1d")])
        one, two = runner(collection, clock, "one"), runner(other, clock, "two")
        one.begin(early=False)
        two.begin(early=False)
        first, second = one.claim(4), two.claim(10)
        assert sorted(numbers(first) + numbers(second)) == list(range(10))
        assert (one.claim(10), two.claim(10)) == ([], [])
        # What was kept is done; what was given back is there at once, what was not, when its lease is over.
        collection.keep([visit(number) for number in numbers(first)])
        two.release(second[:1], after=0)
        assert one.claim(10) == second[:1]
        clock.now += 200
        assert renew_claims(Schedule.of(collection), "one", now=clock(), lease=300, done=1) == {second[0].key}
        clock.now += 200
        assert sorted(each.url for each in one.claim(10)) == sorted(each.url for each in second[1:])
        assert not two.holds(second[1])
        assert one.holds(second[0])


def test_a_killed_runner_that_had_kept_its_visit_is_not_repeated(tmp_path: Path, clock: Clock) -> None:
    with Collection.open(tmp_path) as collection:
        Schedule.of(collection).change([add("all", url(1), url(2), every="1d")])
        dead = runner(collection, clock, "dead")
        dead.begin(early=False)
        assert numbers(dead.claim(2)) == [1, 2]
        collection.keep([visit(1)])
        clock.now += 1000
        assert numbers(runner(collection, clock, "next").claim(10)) == [2]


def test_no_more_of_a_host_is_taken_than_its_pace_allows(tmp_path: Path, clock: Clock) -> None:
    with Collection.open(tmp_path) as collection, Collection.open(tmp_path) as other:
        urls = [*map(url, range(20)), *(url(n, "b.example") for n in range(20))]
        Schedule.of(collection).change([add("all", *urls)])
        one, two = runner(collection, clock, "one", 10.0), runner(other, clock, "two", 10.0)
        hosts = [each.host for each in one.claim(100)]
        assert sorted(hosts) == ["a.example"] * 3 + ["b.example"] * 3
        assert two.claim(100) == []


def test_the_pace_of_a_host_holds_for_all_runners(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(jitter=0, walls=1, rest=600)
    with Collection.open(tmp_path) as collection, Collection.open(tmp_path) as other:
        Schedule.of(collection).change([add("all", url(1), url(2, "b.example"))])
        one, two = (SharedPace(settings, random.Random(0), Schedule.of(each), clock) for each in (collection, other))
        assert [each.reserve("a.example", 0, 10) for each in (one, two, one)] == [0, 10, 20]
        assert two.reserve("b.example", 0, 10) == 0
        assert two.reserve("a.example", 0, 0.1) == 0  # a picture of a page
        one.walled("a.example", 0)
        for pace in (one, two):
            with pytest.raises(HostBlocks, match="another 600 s"):
                pace.reserve("a.example", 0, 10)
        assert [each.host for each in runner(collection, clock).claim(10)] == ["b.example"]
        collection.keep([visit(2, url=url(2, "b.example"))])
        clock.now += 601
        assert [each.host for each in runner(collection, clock).claim(10)] == ["a.example"]
        assert two.reserve("a.example", 601, 10) == 0


def test_a_clock_that_was_ahead_does_no_harm(tmp_path: Path, clock: Clock) -> None:
    with Collection.open(tmp_path) as collection:
        Schedule.of(collection).change([add("all", *map(url, range(3)), every="1d")])
        pace = SharedPace(Settings(walls=1), random.Random(0), Schedule.of(collection), clock)
        years = 3 * 365 * DAY
        clock.now += years
        held = runner(collection, clock, "ahead")
        held.begin(early=False)
        held.claim(1)
        pace.walled("a.example", 0)
        collection.keep([visit(1, hours=years / HOUR)])
        scheduled(collection)
        clock.now -= years  # somebody put it right
        behind = runner(collection, clock, "right")
        behind.begin(early=False)
        clock.now += 1
        assert numbers(behind.claim(10)) == [1, 2]
        collection.keep([visit(1, hours=0.1, text="新")])
        assert 23 < scheduled(collection)[url(1)] < 25


def test_a_timer_that_is_a_little_early_takes_what_is_nearly_due(tmp_path: Path, clock: Clock) -> None:
    with Collection.open(tmp_path) as collection:
        Schedule.of(collection).change([add("all", url(1), every="1d")])
        collection.keep([visit(1)])
        clock.now += 23 * HOUR
        loop = runner(collection, clock)
        loop.begin(early=False)
        assert loop.claim(1) == []
        loop.begin(early=True)
        assert numbers(loop.claim(1)) == [1]


def test_processes_killed_while_they_change_the_schedule(
    tmp_path: Path, environment: dict[str, str], whole: Whole
) -> None:
    Collection.open(tmp_path).close()
    script = f"""
import sys
from archive.collection.collection import Collection
from archive.collection.reader import catalogue_of
from archive.schedule.table import Schedule
with Collection.open({str(tmp_path)!r}) as collection:
    schedule = Schedule.of(collection)
    for number in range(int(sys.argv[1]), 10**6):
        schedule.change([{{"do": "add", "at": {AT!r}, "source": "all", "kind": "page", "plan": {{}},
            "urls": [f"https://a.example/{{number}}"]}}])
        print(number, flush=True)
"""
    reported: set[str] = set()
    for turn in range(8):
        command = [sys.executable, "-c", script, str(turn * 1000)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            reported |= {process.stdout.readline().strip() for _ in range(turn * 3)}
            process.kill()
            with suppress(ValueError):
                reported |= {line.strip() for line in process.stdout if line.endswith("\n")}
    kept = whole(tmp_path)["tables"]
    assert {each["url"].rpartition("/")[2] for each in kept["schedule"]} >= reported - {""}
    for line in (tmp_path / "schedule.jsonl").read_text().splitlines():
        json.loads(line)
