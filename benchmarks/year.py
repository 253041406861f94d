"""A year of visits to a scripted site of 2,000 articles, under a virtual clock: what each policy sees, and how soon.

    python benchmarks/year.py [--articles N] [--kept N]

The site publishes, edits (most articles never, some in their first days, a few all year), deletes, restores, shows
walls and breaks down, all from a fixed seed. Articles are put on the schedule when they come out. A visit sees what the
site shows at its moment. The first table compares policies; beside each is `fixed` with the interval that makes as many
visits, to 1 % of them. There the pure functions of `archive.schedule` decide, without a catalogue. The second part
keeps every visit of the first `--kept` articles in a real collection, and compares its report, event by event, with
what a visitor with a notebook would say: an oracle of a few lines that shares no code with the project. The fetching is
simulated: a visit is made by hand at the place where `Collection.keep` takes it, with a text and a state as cleaning
would give them.
"""

import argparse
import heapq
import random
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "archive"))

from visitor import cleaned, exchange, html, page  # visits made by hand, as the tests make them

from archive.collection.collection import Collection
from archive.dates import warc_date_at
from archive.ingest.prepared import Visit
from archive.maintenance.rebuild import reindex
from archive.schedule.due import next_due
from archive.schedule.outcomes import PastVisit, visit_outcomes
from archive.schedule.policies import DAY, HOUR, Plan, ScheduleDefaults
from archive.schedule.queue import Claims
from archive.schedule.report import change_report
from archive.schedule.table import Schedule

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
END = START + 365 * DAY
WINDOW = {"adaptive": 110}
"""Visits that a policy looks at, 12 for the others; more would change nothing."""


class Article(NamedTuple):
    """What happens to one article: moments in order, with what the site shows from then on."""

    number: int
    born: float
    moments: list[float]
    shown: list[str]
    """`1`, `2` … for texts, `deleted`."""

    def at(self, now: float) -> str:
        """Return what the site shows at a moment."""
        return self.shown[bisect_right(self.moments, now) - 1]


class Site(NamedTuple):
    """The scripted site."""

    articles: list[Article]
    walls: list[tuple[float, float]]
    outages: list[tuple[float, float]]

    def shows(self, article: Article, now: float) -> str:
        """Return what a visit sees: a text, `deleted`, `wall` or `error`."""
        if any(start <= now < end for start, end in self.walls):
            return "wall"
        if any(start <= now < end for start, end in self.outages):
            return "error"
        return article.at(now)


def site(count: int) -> Site:
    """Make the script of the year."""
    chance = random.Random(2026)
    articles = []
    for number in range(count):
        born = START + chance.uniform(0, 300) * DAY
        kind = chance.random()
        edits = [chance.expovariate(1 / (2 * DAY)) for _ in range(chance.randrange(1, 4))] if kind < 0.25 else []
        if kind > 0.95:
            edits = list(_every(chance, 10 * DAY))
        happened = {born: "1"}
        happened |= {born + after: str(text) for text, after in enumerate(sorted(edits), 2) if born + after < END}
        if chance.random() < 0.1:
            gone = born + chance.expovariate(1 / (6 * DAY))
            happened = {at: what for at, what in happened.items() if at < gone or at == born} | {gone: "deleted"}
            if chance.random() < 0.2:
                texts = [what for what in happened.values() if what != "deleted"]
                happened[gone + chance.expovariate(1 / (20 * DAY))] = texts[-1]
        moments = sorted(at for at in happened if at < END)
        articles.append(Article(number, born, moments, [happened[at] for at in moments]))
    windows = [[(at, at + length) for at in (START + chance.uniform(0, 365) * DAY for _ in range(many))]
               for many, length in ((25, 8 * HOUR), (30, 4 * HOUR))]  # fmt: skip
    return Site(articles, *windows)


def _every(chance: random.Random, mean: float) -> Iterator[float]:
    at = 0.0
    while at < 365 * DAY:
        at += chance.expovariate(1 / mean)
        yield at


STATES = {"wall": ("verification", 200), "error": ("unavailable", 500), "deleted": ("deleted", 200)}


def visits_of(article: Article, scripted: Site, plan: Plan) -> list[tuple[float, str]]:
    """Return when an article is visited, and what the visit sees, by the pure functions alone."""
    defaults, seen, captures = ScheduleDefaults(), [], []
    now = article.born
    while now < END:
        shown = scripted.shows(article, now)
        seen.append((now, shown))
        state, status = STATES.get(shown, ("live", 200))
        version = int(shown) if shown.isdigit() else None
        captures.append(PastVisit(str(len(seen)), warc_date_at(now), state, status, version, f"{len(seen)}", "rules"))
        noticed = list(visit_outcomes(captures[-WINDOW.get(plan.policy, 12) :], defaults.confirmations))
        due = next_due(plan, defaults, f"url:{article.number}", noticed, article.born, article.born)
        assert due is not None
        now = due
    return seen


def oracle(article: int, seen: list[tuple[float, str]]) -> list[tuple[int, str, str]]:
    """Return what somebody with a notebook would report: article, event, moment."""
    found, text, gone = [], "", 0
    for at, shown in seen:
        if shown in {"wall", "error"}:
            continue
        if shown == "deleted":
            gone += 1
            if gone == 3:
                found.append((article, "gone", warc_date_at(at)))
            continue
        if gone >= 3:
            found.append((article, "restored", warc_date_at(at)))
        if text != shown:
            found.append((article, "changed" if text else "new", warc_date_at(at)))
        gone, text = 0, shown
    return found


class Row(NamedTuple):
    """One row of the table."""

    visits: float
    edits: int
    edits_seen: int
    edit_delay: float
    gone: int
    gone_reported: int
    gone_delay: float
    saved: int
    """Articles of which a visit saw a text."""


def judge(scripted: Site, plan: Plan) -> Row:
    """Visit all articles by one plan."""
    total, edits, gone, saved, edits_seen, gone_reported = 0, 0, 0, 0, 0, 0
    edit_delays: list[float] = []
    gone_delays: list[float] = []
    for article in scripted.articles:
        seen = visits_of(article, scripted, plan)
        total += len(seen)
        saved += any(shown.isdigit() for _, shown in seen)
        reported = oracle(article.number, seen)
        for at, shown in zip(article.moments[1:], article.shown[1:], strict=True):
            if shown == "deleted":
                gone += 1
                when = [_seconds(each[2]) for each in reported if each[1] == "gone" and _seconds(each[2]) >= at]
                gone_reported += bool(when)
                gone_delays += [when[0] - at] if when else []
            elif int(shown) > 1 and article.shown[article.moments.index(at) - 1] != "deleted":
                edits += 1
                when = [each for each, what in seen if what == shown and each >= at]
                edits_seen += bool(when)
                edit_delays += [when[0] - at] if when else []
    return Row(
        total / len(scripted.articles), edits, edits_seen, median(edit_delays) / HOUR, gone, gone_reported,
        median(gone_delays) / HOUR, saved,
    )  # fmt: skip


def as_many(scripted: Site, visits: float) -> tuple[float, Row]:
    """Return the fixed interval, in seconds, that makes so many visits an article, to 1 % of them, and its row.

    The first visit of an article, walls, breakdowns and confirmations make visits that no interval asks for, so it
    cannot be computed from the number alone. Raises ValueError where no interval is found.
    """
    every = sum(END - each.born for each in scripted.articles) / len(scripted.articles) / visits
    for _ in range(50):
        row = judge(scripted, Plan("fixed", every=every))
        if abs(row.visits / visits - 1) <= 0.01:
            return every, row
        every *= row.visits / visits  # too many visits: longer
    raise ValueError(f"no fixed interval makes {visits:.2f} visits an article")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def visit(article: Article, shown: str, now: float) -> Visit:
    """Return a visit as capturing and cleaning would give it."""
    url = f"https://site.example/{article.number}"
    text = f"第{article.number}篇\n\n这是第{shown}次写的。\n"
    state, status = STATES.get(shown, ("live", 200))
    answer = html(f"{text}<!-- {now} -->", status=f"{status} OK")
    at = datetime.fromtimestamp(now, UTC)
    made = page(url, exchange(url, answer, at=at), wall="captcha-redirect" if shown == "wall" else "")
    result = cleaned(text if state == "live" else None, state=state, notice="" if state == "live" else shown,
                     source=sha256(answer).digest(), url=url, title=f"题目{article.number}",
                     date=warc_date_at(article.born)[:19])  # fmt: skip
    return Visit(url, made, result if status == 200 and shown != "wall" else None)


def keep(scripted: Site, count: int) -> None:
    """Live through the year with a real collection, and compare its report with the oracle's."""
    began = time.perf_counter()
    clock = [START]
    coming = [(each.born, each.number) for each in scripted.articles[:count]]
    heapq.heapify(coming)
    seen: dict[int, list[tuple[float, str]]] = {number: [] for _, number in coming}
    with tempfile.TemporaryDirectory() as folder:
        with Collection.open(folder, clock=lambda: datetime.fromtimestamp(clock[0], UTC)) as collection:
            schedule = Schedule.open(collection.path)
            claims = Claims(schedule, "year", clock=lambda: clock[0], process=1, pace_of=lambda _: 0.0)
            claims.begin(early=False)
            while True:
                wait = claims.next_ready()
                ready = END if wait is None else clock[0] + wait
                if coming and coming[0][0] <= ready:
                    born, number = heapq.heappop(coming)
                    clock[0] = max(clock[0], born)
                    url = f"https://site.example/{number}"
                    line = {"source": f"{number}", "kind": "page", "urls": [url], "plan": {"policy": "survival"}}
                    schedule.change([{"do": "add", "at": warc_date_at(born), **line}])
                    continue
                if ready >= END:
                    break
                clock[0] = ready + 0.001
                visits = []
                for claim in claims.claim(64):
                    number = int(claim.url.rpartition("/")[2])
                    shown = scripted.shows(scripted.articles[number], clock[0])
                    seen[number].append((clock[0], shown))
                    visits.append(visit(scripted.articles[number], shown, clock[0]))
                collection.keep(visits)
                schedule.sync()
            claims.end()
            schedule.close()
        expected = sorted(each for number, moments in seen.items() for each in oracle(number, moments))
        reported = report(folder)
        total = sum(len(each) for each in seen.values())
        print(f"\n{count:,} articles kept for a year, policy survival: {total:,} visits, "
              f"{time.perf_counter() - began:,.0f} s")  # fmt: skip
        for event in ("new", "changed", "gone", "restored"):
            ours, theirs = ([each for each in found if each[1] == event] for found in (reported, expected))
            missed, invented = len(set(theirs) - set(ours)), len(set(ours) - set(theirs))
            print(f"  {event:9} {len(ours):>6,} reported, {len(theirs):>6,} to be seen: {missed} missed, "
                  f"{invented} invented, {len(ours) - len(set(ours))} told twice")  # fmt: skip
        reindex(folder)
        print("  the same after the catalogue was made again:", report(folder) == reported)


def report(folder: str) -> list[tuple[int, str, str]]:
    """Return what the collection reports: article, event, moment."""
    with Collection.open(folder) as collection:
        found = change_report(Schedule.of(collection), "", "", lambda _: True)
    told = [(int(each.url.rpartition("/")[2]), each.event, each.at) for each in found.events]
    return sorted(each for each in told if each[1] != "failing")


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--kept", type=int, default=2000)
    options = parser.parse_args()
    scripted = site(options.articles)
    print("policy               visits/article  edits seen     median h  deletions reported  median h  saved")
    for policy in ("survival", "adaptive"):
        row = judge(scripted, Plan(policy))
        show(policy, row)
        every, beside = as_many(scripted, row.visits)
        show(f"  fixed, {every / DAY:.1f} days", beside)
    for name, every in (("daily", DAY), ("weekly", 7 * DAY)):
        show(f"fixed, {name}", judge(scripted, Plan("fixed", every=every)))
    keep(scripted, min(options.kept, options.articles))


def show(name: str, row: Row) -> None:
    """Print one row."""
    print(f"{name:18} {row.visits:>16.2f}  {row.edits_seen:>5,} of {row.edits:<5,} {row.edit_delay:>7.1f}  "
          f"{row.gone_reported:>7,} of {row.gone:<7,} {row.gone_delay:>8.1f} {row.saved:>6,}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
