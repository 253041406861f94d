#!/usr/bin/env python3
"""Fit the weights that tell notices by their wording, and say how they do on texts and sites they have not seen.

    python benchmarks/fit_wording.py CORPUS [--write clean/stages/wording.json]

`benchmarks/wording/*.jsonl` holds short texts written for this purpose, by several writers who saw no rules: what pages
say in an article's place, and true short texts, half of which a careless reader would take for a notice. Examples and
counter-examples of the rules about notices and the pages of `tests/clean/walls.toml` are added. CORPUS holds
`web/*.jsonl.xz` as in `fit_blocks.py`: the beginnings of its pages are true texts as well. Each writer's texts are
judged by weights that were fitted without them. Needs numpy, scipy, scikit-learn.
"""

import argparse
import json
import lzma
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import scipy.sparse
from sklearn.linear_model import LogisticRegression

from clean.document import State
from clean.html.generic.blocks import HEADINGS, Block, cut_into_blocks
from clean.html.generic.choice import choose
from clean.html.parse import parse_html
from clean.rules import NOTICE, built_in
from clean.stages.notice import ShownLine, ShownText, wording_of
from clean.stages.wording import columns, points_of, traits

TEXTS = Path(__file__).with_name("wording")
WALLS = Path(__file__).parents[1] / "tests" / "clean" / "walls.toml"
RULES = built_in()
STRENGTH = 30.0
"""How freely weights may grow (C of a logistic regression)."""
BEGINNINGS = 3
"""Texts that are made of each page of the corpus."""
CORPUS_WEIGHT = 0.5
LEAST_TIMES = 2
"""Texts that have a word at least."""
MOST_WORDS = 25_000
"""Words of the table."""


class ShortText(NamedTuple):
    """One short text with its traits."""

    writer: str
    language: str
    notice: bool
    traits: set[str]


def main() -> None:
    """Read, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--write", type=Path, help="the table to write")
    args = parser.parse_args()
    written = [text for path in sorted(TEXTS.glob("*.jsonl")) for text in read_texts(path)]
    texts = [*written, *examples(), *beginnings(args.corpus)]
    for writer in sorted({text.writer for text in written}):
        weights = fit([text for text in texts if text.writer != writer])
        report(writer, [text for text in texts if text.writer == writer], weights)
    weights = fit(texts)
    report("corpus, fitted on", [text for text in texts if text.writer == "corpus"], weights)
    if args.write:
        counts = Counter((text.writer, "notices" if text.notice else "texts") for text in texts)
        data = {
            "fitted on": {" ".join(key): count for key, count in sorted(counts.items())},
            "weights": dict(sorted(weights.items())),
        }
        args.write.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        print(len(weights), "weights,", args.write.stat().st_size, "bytes")


def read_texts(path: Path) -> Iterator[ShortText]:
    """Read the texts of one writer. Words of buttons are lines of their own, or links."""
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        entry: dict[str, Any] = json.loads(line)
        buttons = entry.get("buttons", [])
        as_links = number % 2 == 0  # pages have them as both
        shown = [
            *(ShownLine(text, heading=True) for text in (entry["heading"],) if text),
            *map(ShownLine, entry["lines"]),
            *(ShownLine(text, linked=as_links) for text in buttons),
        ]
        wording = wording_of(ShownText(entry["title"], shown), RULES)
        yield ShortText(path.stem, entry["lang"], entry["wall"], traits(wording))


def examples() -> Iterator[ShortText]:
    """Read what the rules about notices and the tests of them show, and what must be left alone."""
    for rule in RULES.of(NOTICE, "generic"):
        shown = [(one.before, rule.options.get("state") != State.LIVE.value) for one in rule.examples]
        for text, notice in [*shown, *((one.before, False) for one in rule.counter_examples)]:
            yield ShortText("rules", "", notice, traits(wording_of(shown_of(text), RULES)))
    for page in tomllib.loads(WALLS.read_text("utf-8"))["page"]:
        text = f"<title>{page['title']}</title>{page['body']}" if not page.get("text") else page["body"]
        yield ShortText("rules", "", page["state"] != State.LIVE.value, traits(wording_of(shown_of(text), RULES)))


def shown_of(text: str) -> ShownText:
    """Return what a page shows, or a text in Markdown."""
    if not text.lstrip().startswith("<"):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return ShownText("", [ShownLine(line.lstrip("# "), line.startswith("#")) for line in lines])
    root = parse_html(text)
    title = next((element.text or "" for element in root.iter("title")), "")
    body = root.find("body")
    blocks = cut_into_blocks(root if body is None else body).blocks
    return ShownText(title, [line_of(block, block.text) for block in blocks if block.text])


def line_of(block: Block, text: str) -> ShownLine:
    """Return a block as a line, with its text or the beginning of it."""
    return ShownLine(text, block.box.tag in HEADINGS, 10 * block.linked >= 9 * block.units)


def beginnings(corpus: Path) -> Iterator[ShortText]:
    """Make short texts of the pages of a corpus: some paragraphs from the beginning, or from anywhere."""
    drawn = random.Random(3)
    for path in sorted(corpus.glob("web/*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield from parts_of(json.loads(line), drawn)


def parts_of(page: dict[str, Any], drawn: random.Random) -> Iterator[ShortText]:
    """Make short texts of one page."""
    root = parse_html(page["html"])
    title = next((element.text or "" for element in root.iter("title")), "")
    blocks = [one.block for one in choose(root).seen if one.kept][:60]
    for _ in range(BEGINNINGS if blocks else 0):
        start = drawn.choice((0, 0, 0, drawn.randrange(len(blocks))))
        part: list[ShownLine] = []
        width = 0
        for block in blocks[start : start + drawn.choice((1, 2, 2, 3, 4, 6))]:
            part.append(line_of(block, block.text if width + columns(block.text) <= 900 else block.text[:300]))
            width += columns(block.text)
        shown = ShownText(title if drawn.random() < 0.8 else "", part)
        yield ShortText("corpus", "", False, traits(wording_of(shown, RULES)))


def fit(texts: Sequence[ShortText]) -> dict[str, int]:
    """Return the weights of the most telling words, in points; that of the empty one is the base.

    They are fitted twice: on all words that several texts have, and on those that told most.
    """
    times = Counter(trait for text in texts for trait in text.traits)
    weights = fit_words(texts, sorted(trait for trait, count in times.items() if count >= LEAST_TIMES))
    del weights[""]
    telling = sorted(weights, key=lambda name: (-abs(weights[name]), name))[:MOST_WORDS]
    return fit_words(texts, sorted(telling))


def fit_words(texts: Sequence[ShortText], words: Sequence[str]) -> dict[str, int]:
    """Return the weights of these words."""
    place = {word: at for at, word in enumerate(words)}
    known = [sorted(place[one] for one in text.traits if one in place) for text in texts]
    values = [1 / len(text.traits) ** 0.5 for text, own in zip(texts, known, strict=True) for _ in own]
    rows = [row for row, own in enumerate(known) for _ in own]
    where = (rows, [at for own in known for at in own])
    matrix = scipy.sparse.csr_matrix((values, where), shape=(len(texts), len(words)))
    weight = [CORPUS_WEIGHT if text.writer == "corpus" else 1.0 for text in texts]
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(matrix, [text.notice for text in texts], weight)
    points = [round(1000 * value) for value in model.coef_[0]]
    return {"": round(1000 * model.intercept_[0]), **dict(zip(words, points, strict=True))}


def report(name: str, texts: Sequence[ShortText], weights: dict[str, int]) -> None:
    """Print how many notices are missed, and how many true texts are taken for one, at several thresholds.

    That nothing is said of a few words alone is left out.
    """
    points = [points_of(text.traits, weights) for text in texts]
    parts = []
    for least in (0, 500, 1000, 1500, 2000):
        missed = sum(text.notice and one < least for text, one in zip(texts, points, strict=True))
        wrong = sum(not text.notice and one >= least for text, one in zip(texts, points, strict=True))
        parts.append(f"at {least}: missed {missed}, wrong {wrong}")
    notices = sum(text.notice for text in texts)
    print(f"{name:18s} {notices} notices, {len(texts) - notices} texts;  " + ";  ".join(parts), flush=True)


if __name__ == "__main__":
    main()
