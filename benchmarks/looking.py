"""How fast one looks into a large collection, and whether adding slows down as it grows.

    python benchmarks/looking.py [--number N] [--folder DIR] [--keep]

Makes a collection of N synthetic articles (100,000) through `prepare` and `commit`, with texts of about 2,000
characters, mostly Chinese, whose words are as unequally frequent as those of a language (Zipf's law). One of eight
was captured twice, one of thirty disappeared. Questions are asked in one process, the best of five; beside it stands
the whole command, from its start to its end. With --folder an existing one there is used, with --keep a new one stays.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from itertools import accumulate, islice, pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.catalogue.articles import Selection, article_detail, iter_articles
from archive.catalogue.history import statistics
from archive.catalogue.search import phrases, search
from archive.collection.collection import Collection, Context, Snapshot, prepare
from archive.collection.reader import CollectionReader, catalogue_of
from archive.ingest.prepared import PreparedSnapshot
from clean.document import Cleaned, State
from clean.ledger import Ledger, Removal, Span, apply
from clean.source import Encoding

ROOT = Path(__file__).resolve().parents[1]
BATCH = 100
TAIL = "\n预览时标签不可点\n\n微信扫一扫\n关注该公众号\n\n知道了\n"


def vocabulary() -> tuple[list[str], list[float]]:
    """Return words, the most frequent first, and their cumulative weights."""
    chance = random.Random(0)
    characters = [chr(0x4E00 + chance.randrange(20_000)) for _ in range(4_000)]
    weights = [1 / (place + 10) for place in range(len(characters))]
    words = list("的一是了在不有和人这")
    while len(words) < 30_000:
        size = chance.choices((1, 2, 3, 4), (5, 65, 18, 12))[0]
        words.append("".join(chance.choices(characters, weights, k=size)))
    words[300::40] = [f"word{place}" for place in range(len(words[300::40]))]
    return words, list(accumulate(1 / (place + 3) for place in range(len(words))))


WORDS, WEIGHTS = vocabulary()


def prose(chance: random.Random, size: int) -> str:
    """Return about so many characters of sentences in paragraphs."""
    found: list[str] = []
    length = 0
    while length < size:
        clause = "".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=chance.randrange(3, 12)))
        clause += chance.choices(("，", "。", "。\n\n"), (6, 3, 1))[0]
        found.append(clause)
        length += len(clause)
    return "".join(found).rstrip() + "\n"


def snapshot(number: int, again: bool = False) -> Snapshot:
    """Return an article's snapshot, or what was found there half a year later."""
    chance = random.Random(number * 2 + again)
    gone = again and number % 30 == 0
    facts = {
        "title": prose(chance, 16).replace("\n", "").strip("，。"),
        "url": f"https://mp.weixin.qq.com/s?__biz=MzI{number % 400}==&mid={number}&idx=1&sn={number:032x}",
        "source": f"公众号{number % 400}",
        "date": f"20{10 + number % 15}-{number % 12 + 1:02}-01",
        "fetch_date": f"2025-{number % 6 + (7 if again else 1):02}-06T19:41:42.{number:06}",
    }
    head = "---\n" + "".join(f"{key}: {value}\n" for key, value in facts.items()) + "---\n\n"
    text = head + prose(chance, min(int(chance.lognormvariate(7.3, 0.7)), 20_000)) + TAIL
    data = text.encode()
    entries = (Removal(Span(len(text) - len(TAIL), len(text)), "cut-tail", "wechat.tail.preview", 40, TAIL),)
    clean = apply(text, entries)
    state = State.DELETED if gone else State.LIVE
    ledger = Ledger(
        sha256(data).hexdigest(), sha256(clean.encode()).hexdigest(), "0" * 64, "xuanzhi/0.1.0", state, Encoding(),
        entries,
    )  # fmt: skip
    cleaned = Cleaned(state, "wechat", None if gone else clean, facts, ledger, "删除" if gone else "", ())
    return Snapshot(f"{number:06}.txt", data, cleaned)


def prepare_some(start: int, end: int, context: Context) -> list[PreparedSnapshot]:
    """Prepare the snapshots of a stretch of articles, in a worker."""
    numbers = range(start, end)
    items = [snapshot(number) for number in numbers]
    items += [snapshot(number, again=True) for number in numbers if number % 8 == 0 or number % 30 == 0]
    return [prepare(item, context) for item in items]


def batches(number: int, collection: Collection) -> Iterator[list[PreparedSnapshot]]:
    """Yield prepared batches in order."""
    starts = iter(range(0, number, BATCH))
    with ProcessPoolExecutor(max(1, (os.cpu_count() or 2) - 1)) as pool:

        def submit(start: int) -> object:
            return pool.submit(prepare_some, start, min(start + BATCH, number), collection.context())

        running = [submit(start) for start in islice(starts, 4)]
        while running:
            yield running.pop(0).result()  # type: ignore[attr-defined]
            running += [submit(start) for start in islice(starts, 1)]


def build(path: Path, number: int) -> None:
    """Make the collection; print what adding costs as it grows: CPU of this process, which commits."""
    marks: list[tuple[int, float]] = [(0, 0.0)]
    used, step = 0.0, max(1_000, number // 10)
    begin = time.monotonic()
    with Collection.open(path) as collection:
        done = 0
        for batch in batches(number, collection):
            start = time.process_time()
            collection.commit(batch)
            used += time.process_time() - start
            done += BATCH
            if done == 1_000 or done % step == 0 or done == number - 1_000 or done >= number:
                marks.append((done, used))
    print(f"made {number:,} articles in {time.monotonic() - begin:,.0f} s; adding them, CPU each:")
    for (start_at, before), (end_at, after) in pairwise(marks):
        print(f"  {start_at:>7,} to {end_at:>7,}: {(after - before) / (end_at - start_at) * 1000:5.2f} ms")


def best(question: Callable[[], object]) -> float:
    """Return the least of five times, in milliseconds."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        question()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def whole(*arguments: str) -> float:
    """Return how long a whole command takes, the least of three, in milliseconds."""
    command = [sys.executable, "-m", "xuanzhi", "archive", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def measure(path: Path) -> None:
    """Print the table."""
    with CollectionReader.open(path) as holdings:
        catalogue = catalogue_of(holdings)
        (total,) = catalogue.one("SELECT count(*) FROM article")
        middle = next(iter_articles(catalogue, Selection(articles=(f"markdown/{_some(holdings)}",))))
        size = statistics(catalogue, path).sizes["catalogue"].bytes
        (index,) = catalogue.one("SELECT sum(length(block)) FROM words_data")
        print(f"{total:,} articles; catalogue {size / 1e6:,.0f} MB, of which full text {index / 1e6:,.0f} MB")
        print(f"{'':44}{'query':>8}{'command':>10}   milliseconds")

        def row(name: str, question: Callable[[], object], *arguments: str) -> None:
            took = best(question)
            print(f"{name:44}{took:8.1f}{whole(*arguments, '-c', str(path)):10.0f}", flush=True)

        def listing(name: str, selection: Selection, *arguments: str, limit: int = 50, sort: str = "added") -> None:
            row(name, lambda: list(iter_articles(catalogue, selection, limit=limit, sort=sort)), "list", *arguments)

        listing("list, the first 50", Selection(), "--limit", "50")
        listing("list, sorted by title, 50", Selection(), "--limit", "50", "--sort", "title", sort="title")
        listing("list --state deleted, all", Selection(states=("deleted",)), "--state", "deleted", limit=0)
        listing("list --source, all", Selection(sources=("公众号7",)), "--source", "公众号7", limit=0)
        listing("list --host, 50", Selection(hosts=("weixin.qq.com",)), "--host", "weixin.qq.com", "--limit", "50")
        listing("list --since, 50", Selection(since="2025-11"), "--since", "2025-11", "--limit", "50")
        listing("list, all", Selection(), limit=0)
        row("show", lambda: article_detail(catalogue, middle), "show", middle.url)
        for name, query in (
            ("one character, frequent", "的"),
            ("one character, rare", WORDS[9_000][0]),
            ("two characters, frequent", next(word for word in WORDS[20:] if len(word) == 2)),
            ("two characters", next(word for word in WORDS[500:] if len(word) == 2)),
            ("two characters, rare", next(word for word in WORDS[9_000:] if len(word) == 2)),
            ("four characters", next(word for word in WORDS[500:] if len(word) == 4)),
            ("phrase of frequent words", WORDS[10] + WORDS[0] + WORDS[11]),
            ("two words", f"{WORDS[40]} {WORDS[900]}"),
            ("Latin, frequent", "word1"),
            ("Latin, rare", "word500"),
        ):
            asked = phrases(query)
            found = search(catalogue, asked, Selection(), limit=20)
            label = f"search, {name} ({found.total:,}{'+' if found.more else ''})"
            row(label, lambda asked=asked: search(catalogue, asked, Selection(), limit=20), "search", query)  # type: ignore[misc]
        narrow = Selection(sources=("公众号7",))
        narrow_option = ("--source", "公众号7")
        question = lambda: search(catalogue, phrases("的"), narrow, limit=20)  # noqa: E731
        row("search --source, one character, frequent", question, "search", "的", *narrow_option)
        row("stats", lambda: statistics(catalogue, path), "stats")


def _some(holdings: CollectionReader) -> str:
    (path,) = catalogue_of(holdings).one("SELECT markdown FROM article WHERE markdown IS NOT NULL ORDER BY id LIMIT 1")
    return str(path).removeprefix("markdown/")


def main() -> None:
    """Make and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if options.folder and options.folder.exists():
        measure(options.folder)
    elif options.keep:
        build(options.folder, options.number)
        measure(options.folder)
    else:
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark-") as name:
            build(Path(name) / "c", options.number)
            measure(Path(name) / "c")


if __name__ == "__main__":
    main()
