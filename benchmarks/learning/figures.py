"""How good and how costly learning is, on folders of snapshots, one folder a source.

    python benchmarks/learning/figures.py precision FOLDER   what is proposed, against the labels of labels.csv
    python benchmarks/learning/figures.py yield FOLDER       what approved rules take of each source
    python benchmarks/learning/figures.py cost FOLDER        14,000 pages, made of these: seconds, memory, and again

labels.csv holds what a reader said of each line that is proposed: B boilerplate, M metadata, D doubtful, C content. It
names lines by their digest; `precision --show` prints those that have no label yet.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import process_time

from clean.learn.apply import page_effects, prepare_pages, sum_effects
from clean.learn.counts import SourceCounts, count_page, line_digest, pack_counts, unpack_counts
from clean.learn.files import draft_rule
from clean.learn.page import LearnedPage, read_learned_page
from clean.learn.propose import LearnResult, ProposedRule, learn
from clean.pipeline import clean
from clean.rules import Rule

LABELS = Path(__file__).with_name("labels.csv")
LISTED = 15
"""Lines of each list of other articles that are labelled; they are other ones on every page."""

TOTAL = 14_000


def sources(folder: Path) -> Iterator[tuple[str, list[LearnedPage]]]:
    """Yield the name and the pages of each source."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            results = (clean(file.read_bytes()) for file in sorted(path.glob("*.txt")))
            yield path.name, [read_learned_page(result.markdown) for result in results if result.markdown]


def rules(learned: LearnResult) -> list[tuple[ProposedRule, Rule]]:
    """Return the proposals that remove something, as rules."""
    return [(one, draft_rule("host:x", "x", one)) for one in learned.proposals if not one.fact]


def lines_of(proposal: ProposedRule, rule: Rule, pages: list[LearnedPage]) -> list[str]:
    """Return the distinct lines that a rule takes, of a list of articles only some."""
    found: Counter[str] = Counter()
    for one in page_effects([rule], prepare_pages(pages)):
        found.update(one.page.lines[place].text for place, _ in one.taken)
    if not proposal.run.lists:
        return list(found)
    own = [text for text in found if text in proposal.texts]
    return own + sorted((text for text in found if text not in own), key=line_digest)[:LISTED]


def precision(folder: Path, *, show: bool) -> None:
    """Print what the labels say, by tier."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        known = {(row["source"], row["line"]): row["label"] for row in csv.DictReader(file)}
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for name, pages in sources(folder):
        for proposal, rule in rules(learn(SourceCounts.of(pages))):
            for text in lines_of(proposal, rule, pages):
                line = f"{line_digest(text) & 0xFFFFFFFFFFFFFFFF:016x}"
                label = known.get((name, line), "?")
                table[proposal.tier][label] += 1
                if show and label == "?":
                    print(f"{name},{line},{proposal.tier},{proposal.run.zone},?  {text}")
    print(f"{'tier':6}{'lines':>7}{'B':>6}{'M':>6}{'D':>6}{'C':>6}{'?':>6}{'B of labelled':>16}")
    for tier, counts in [*sorted(table.items()), ("all", sum(table.values(), Counter()))]:
        labelled = sum(counts.values()) - counts["?"]
        part = f"{100 * counts['B'] / labelled:.1f} %" if labelled else "–"
        print(f"{tier:6}{sum(counts.values()):7}" + "".join(f"{counts[key]:6}" for key in "BMDC?") + f"{part:>16}")


def taken(folder: Path) -> None:
    """Print what the rules of tier A take of each source, and what all proposals together would."""
    print(f"{'':37}{'tier A':^18}{'all proposals':^18}")
    print(f"{'source':20}{'pages':>6}{'rules':>7}{'A':>4}{'lines':>9}{'chars':>9}{'lines':>9}{'chars':>9}{'floor':>7}")
    for name, pages in sources(folder):
        found = rules(learn(SourceCounts.of(pages)))
        row = f"{name:20}{len(pages):6}{len(found):7}{sum(one.tier == 'A' for one, _ in found):4}"
        floor = 0
        for chosen in ([rule for one, rule in found if one.tier == "A"], [rule for _, rule in found]):
            total = sum_effects(page_effects(chosen, prepare_pages(pages)))
            whole = sum(len(page.lines) for page in pages)
            row += f"{100 * total.lines / whole:7.1f} %{100 * total.characters / total.whole:7.1f} %"
            floor = total.floor
        print(f"{row}{floor:7}")


def cost(folder: Path) -> None:
    """Print what learning costs on many pages, in many sources and in one; and again, once they are counted."""
    texts = [clean(path.read_bytes()).markdown for path in sorted(folder.rglob("*.txt"))]
    known = [text for text in texts if text]
    for sources in (40, 1):
        seconds = again = slowest = 0.0
        for source in range(sources):
            read = partial(_page, known, source)
            file: list[bytes] = []
            for number in range(TOTAL // sources):
                text, day = _varied(known, source, number)
                start = process_time()
                one = count_page(read_learned_page(text, name=str(number), fetched=day))
                slowest, seconds = max(slowest, process_time() - start), seconds + process_time() - start
                file.append(pack_counts(one))
            start = process_time()
            learn(SourceCounts(map(unpack_counts, file), read))
            took = process_time() - start
            seconds, again = seconds + took, again + took
        most = getrusage(RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{TOTAL:,} pages of {sources} sources: {seconds:.1f} s, again {again:.1f} s, {most:.0f} MB at most;"
            f" the slowest page to count took {1000 * slowest:.1f} ms"
        )


def _page(texts: list[str], source: int, name: str) -> LearnedPage:
    text, day = _varied(texts, source, int(name))
    return read_learned_page(text, name=name, fetched=day)


def _varied(texts: list[str], source: int, number: int) -> tuple[str, str]:
    """Make a page's text and day: half of the lines of prose get words of their own."""
    random = Random(f"{source}/{number}")
    text = texts[(number * 7 + source) % len(texts)]
    lines = [
        f"{line} {random.randrange(10**9)}" if len(line) > 40 and random.random() < 0.5 else line
        for line in text.split("\n")
    ]
    return "\n".join(lines), f"20{10 + number % 15:02}-{1 + number % 12:02}-{1 + number % 28:02}"


def main() -> None:
    """Print the figures that are asked for."""
    if len(sys.argv) < 3 or sys.argv[1] not in {"precision", "yield", "cost"}:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    if sys.argv[1] == "precision":
        precision(folder, show="--show" in sys.argv)
    elif sys.argv[1] == "yield":
        taken(folder)
    else:
        cost(folder)


if __name__ == "__main__":
    main()
