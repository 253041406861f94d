"""How long a difference takes, beside Python's difflib on the same texts.

    python benchmarks/diffing.py SEED

The seed is compared with copies of it that were edited as people edit. A long article is made from nothing and edited
in 600 places, then in every paragraph, then replaced; and shapes that are made to be slow are doubled, which should
double the time.
"""

import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from archive.diff.compare import compare
from archive.diff.model import SpanKind

ROUNDS = 15
PARAGRAPHS = 3_391
EDITS = 600
LETTERS = [chr(0x4E00 + number) for number in range(3_000)]


def measure(function: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median of the rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        function()
        times.append((perf_counter() - start) * 1000)
    return median(times)


def row(name: str, value: float, what: str = "") -> None:
    """Print one row."""
    print(f"{name:52} {value:10,.1f} ms  {what}".rstrip())


def edited(seed: str) -> str:
    """Return the seed as somebody left it: sentences reworded, a paragraph moved, images changed, the tail gone."""
    blocks = seed[: seed.rfind("预览时标签不可点")].split("\n\n")
    long = sorted(range(len(blocks)), key=lambda place: -len(blocks[place].split("](")[0]))[:6]
    for place in long[:3]:
        middle = len(blocks[place]) // 2
        blocks[place] = f"{blocks[place][:middle]}改写{blocks[place][middle + 3 :]}"
    moved = blocks.pop(max(long[3:]))
    blocks.insert(len(blocks) // 3, moved)
    return "\n\n".join(blocks).replace("/640?", "/0?", 2)


def article(random: Random) -> list[str]:
    """Return the paragraphs of a long article."""
    return ["".join(random.choices(LETTERS, k=65)) + "。" for _ in range(PARAGRAPHS)]


def edit(random: Random, paragraph: str) -> str:
    """Return a paragraph with three ideographs replaced by two."""
    place = random.randrange(60)
    return f"{paragraph[:place]}改动{paragraph[place + 3 :]}"


def changed(old: str, new: str) -> str:
    """Say how much is marked."""
    marked = sum(
        len(span.text) for pair in compare(old, new).pairs for span in pair.spans if span.kind is not SpanKind.EQUAL
    )
    return f"{marked:,} characters marked"


def on_the_seed(seed: str) -> None:
    """Measure what happens most: one article, a few edits."""
    new = edited(seed)
    print(f"the seed, {len(seed):,} characters, against an edited copy; median of {ROUNDS}")
    row("archive.diff", measure(lambda: compare(seed, new)), changed(seed, new))
    for name, old, other in (("lines", seed.split("\n"), new.split("\n")), ("characters", seed, new)):
        matcher = SequenceMatcher(None, old, other, autojunk=False)
        opcodes = [each for each in matcher.get_opcodes() if each[0] != "equal"]
        marked = sum(len("\n".join(old[a:b])) + len("\n".join(other[c:d])) for _, a, b, c, d in opcodes)
        if name == "characters":
            marked = sum(b - a + d - c for _, a, b, c, d in opcodes)
        time = measure(lambda old=old, other=other: SequenceMatcher(None, old, other, autojunk=False).get_opcodes(), 3)
        row(f"difflib, {name}", time, f"{marked:,} characters marked, {len(opcodes)} edits")


def on_a_long_article() -> None:
    """Measure a book's length: few edits, all edited, all new."""
    random = Random(1)
    paragraphs = article(random)
    places = set(random.sample(range(PARAGRAPHS), EDITS))
    few = [edit(random, each) if place in places else each for place, each in enumerate(paragraphs)]
    every = [edit(random, each) for each in paragraphs]
    old = "\n\n".join(paragraphs)
    print(f"\na long article, {len(old):,} characters in {PARAGRAPHS:,} paragraphs; median of 3")
    texts = {f"{EDITS} edits": few, "every paragraph edited": every, "all of it new": article(random)}
    for name, new in texts.items():
        row(name, measure(lambda new=new: compare(old, "\n\n".join(new)), 3))
    lines = old.split("\n"), "\n\n".join(few).split("\n")
    row("difflib, lines, 600 edits", measure(lambda: SequenceMatcher(None, *lines, autojunk=False).get_opcodes(), 3))


def on_hostile_texts() -> None:
    """Measure shapes that are made to be slow, and their doubles."""
    print("\nmade to be slow: once, and twice as long")
    random = Random(2)
    shapes: dict[str, Callable[[int], tuple[str, str]]] = {
        "one line of 250,000 characters, 100 edits": lambda times: _one_line(random, 250_000 * times),
        "50,000 blank lines more": lambda times: ("甲\n\n乙", "甲" + "\n" * 50_000 * times + "乙"),
        "25,000 short paragraphs, all edited": lambda times: (
            "".join(f"第{number}段的文字\n\n" for number in range(25_000 * times)),
            "".join(f"第{number}段的文本\n\n" for number in range(25_000 * times)),
        ),
        "25,000 equal paragraphs against as many others": lambda times: (
            "甲\n\n" * 25_000 * times,
            "乙\n\n" * 25_000 * times,
        ),
        "a table of 10,000 rows, all edited": lambda times: (
            _table(10_000 * times, "甲"),
            _table(10_000 * times, "乙"),
        ),
        "100,000 opening brackets": lambda times: ("![[" * 33_000 * times, "![(" * 33_000 * times),
    }
    for name, make in shapes.items():
        once, twice = make(1), make(2)
        first, second = measure(lambda once=once: compare(*once), 1), measure(lambda twice=twice: compare(*twice), 1)
        row(name, first, f"{second:10,.1f} ms  ×{second / first:.1f}")


def _one_line(random: Random, length: int) -> tuple[str, str]:
    line = random.choices(LETTERS, k=length)
    other = list(line)
    for place in random.sample(range(length), 100):
        other[place] = "改"
    return "".join(line), "".join(other)


def _table(rows: int, word: str) -> str:
    return "| 号 | 字 |\n| --- | --- |\n" + "".join(f"| {number} | {word} |\n" for number in range(rows))


def main() -> None:
    """Measure all of it."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    on_the_seed(Path(sys.argv[1]).read_text("utf-8"))
    on_a_long_article()
    on_hostile_texts()


if __name__ == "__main__":
    main()
