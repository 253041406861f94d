"""What learned rules leave behind: pages read to the end, after the rules of tiers A and B were approved.

    python benchmarks/learning/left.py FOLDER [--show]

FOLDER holds folders of snapshots, one folder a source. 30 pages are drawn from a fixed seed: three of each source, and
the others from all. left.csv holds what a reader said of each line that was left: content, boilerplate, metadata or
doubtful. It names pages and lines by their digests; a line that stands twice on a page is named once. `--show` prints
the lines, those that have no label yet with a question mark.

Recall is the share of the boilerplate lines that were removed. Of the removed lines, those are not boilerplate that
labels.csv says so of; `--show` prints the ones that it does not name, which are taken for boilerplate.
"""

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from desk import Desk, folders

from clean.learn.counts import line_digest
from clean.learn.page import LearnedLine, read_learned_page
from clean.ledger import apply_entries, restore
from clean.rules import STAGE

LABELS = Path(__file__).with_name("left.csv")
REMOVED = Path(__file__).with_name("labels.csv")
CLASSES = ("content", "boilerplate", "metadata", "doubtful")
SEED = 8
PAGES = 30
EACH = 3
"""Pages that are drawn of every source before the others are."""


class Left(NamedTuple):
    """One page after cleaning with the approved rules."""

    source: str
    page: str
    """Digest of its address."""
    lines: tuple[LearnedLine, ...]
    removed: tuple[str, ...]
    """Texts of the lines that learned rules took."""


def named(text: str) -> str:
    """Return the digest of an address or a line as the table writes it."""
    return f"{line_digest(text) & 0xFFFFFFFFFFFFFFFF:016x}"


def cleaned(folder: Path, work: Path) -> list[Left]:
    """Return the pages of one source, by the digests of their addresses."""
    desk = Desk(work / folder.name, folder)
    desk.do("archive", "rules", "learn")
    desk.approve("AB")
    desk.reclean()
    found = []
    for kept in desk.kept():
        older = tuple(entry for entry in kept.ledger.entries if entry.stage != STAGE)
        before = read_learned_page(apply_entries(restore(kept.markdown, kept.ledger), older)).lines
        lines = read_learned_page(kept.markdown).lines
        removed = Counter(line.text for line in before) - Counter(line.text for line in lines)
        found.append(Left(folder.name, named(kept.url), lines, tuple(removed.elements())))
    return sorted(found, key=lambda page: page.page)


def drawn(sources: list[list[Left]]) -> list[Left]:
    """Draw the pages to be read. Same pages, same draw."""
    random = Random(SEED)
    first = [page for pages in sources for page in random.sample(pages, EACH)]
    others = [page for pages in sources for page in pages if page not in first]
    return sorted([*first, *random.sample(others, PAGES - len(first))], key=lambda page: (page.source, page.page))


def labels() -> dict[tuple[str, str, str], str]:
    """Return the class of each line: by source, page and line. Raises ValueError for a class that is none."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        known = {(row["source"], row["page"], row["line"]): row["class"] for row in csv.DictReader(file)}
    if strange := set(known.values()).difference(CLASSES):
        raise ValueError(f"{LABELS.name} holds classes that there are not: {', '.join(sorted(strange))}")
    return known


def taken() -> dict[tuple[str, str], str]:
    """Return what labels.csv says of removed lines: by source and line, the first letter of the class in capitals."""
    with REMOVED.open(encoding="utf-8", newline="") as file:
        return {(row["source"], row["line"]): row["label"] for row in csv.DictReader(file)}


def shown(pages: list[Left], known: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """Yield the lines that were left, with their labels, and the removed ones that nobody has labelled."""
    before = taken()
    for page in pages:
        yield f"── {page.source} {page.page}: {len(page.removed)} lines removed, {len(page.lines)} left ──"
        yield from (f"   − ? {text}" for text in page.removed if (page.source, named(text)) not in before)
        for number, line in enumerate(page.lines, 1):
            label = known.get((page.source, page.page, named(line.text)), "?")
            yield f"{number:4} {label[0]} {line.text}"


def main() -> None:
    """Print a line for each source, one for those from whose pages something was removed, and one for all."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--show"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as work:
        pages = drawn([cleaned(folder, Path(work)) for folder in folders(Path(arguments[0]))])
    known = labels()
    if "--show" in sys.argv:
        print("\n".join(shown(pages, known)))
        return
    before = taken()
    head = f"{'source':20}{'pages':>6}{'removed':>8}{'other':>6}{'left':>6}"
    print(head + "".join(f"{name:>12}" for name in (*CLASSES, "?")) + f"{'recall':>9}")
    by_source: dict[str, list[Left]] = {}
    for page in pages:
        by_source.setdefault(page.source, []).append(page)
    with_rules = [page for page in pages if any(one.removed for one in by_source[page.source])]
    for name, these in (*by_source.items(), ("where rules are", with_rules), ("all", pages)):
        said = Counter(
            known.get((page.source, page.page, named(line.text)), "?") for page in these for line in page.lines
        )
        gone = Counter(before.get((page.source, named(text)), "B") for page in these for text in page.removed)
        whole = gone["B"] + said["boilerplate"]
        recall = f"{100 * gone['B'] / whole:.1f} %" if whole else "–"
        row = f"{name:20}{len(these):6}{gone.total():8}{gone.total() - gone['B']:6}{said.total():6}"
        print(row + "".join(f"{said[one]:12}" for one in (*CLASSES, "?")) + f"{recall:>9}")


if __name__ == "__main__":
    main()
