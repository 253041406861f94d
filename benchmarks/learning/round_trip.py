"""Learned rules approved, carried out and taken back: what they take of each source, and whether all of it comes back.

    python benchmarks/learning/round_trip.py FOLDER

FOLDER holds folders of snapshots, one folder a source. Each goes into a collection of its own, is learned from, and is
cleaned anew three times: with the rules of tiers A and B approved, with those of C as well, and with all rejected.
Every page is checked each time. The exit code is 1 where a check found anything.
"""

import sys
import tempfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from desk import Desk, Kept, folders

from archive.maintenance.check import verify_collection
from clean.errors import LedgerError
from clean.ledger import apply_entries, restore, restore_bytes, tiles
from clean.pipeline import clean
from clean.rules import STAGE, Ruleset

CHECKS = ("restore", "tile", "idempotent", "verify", "again", "back")
"""What is checked of every page: the ledger gives the snapshot's bytes back; what is kept and what the ledger names
tile the source, and with the entries carried out are the text; cleaning the text changes nothing; the collection is
sound; cleaning all anew a second time changes nothing; with all rejected, the Markdown files are as at first."""


class Row(NamedTuple):
    """What was seen of one source."""

    name: str
    pages: int
    whole: int
    """Characters of all texts before any rule was approved, with front matter."""
    taken: Counter[str]
    """Characters that rules of each tier took."""
    before: int
    after: int
    """Characters that `archive reclean` says were removed from the changed pages, before approval and after."""
    alone: int
    """Pages from which rules of tiers A and B take nothing: they have none of the lines, or would keep too little."""
    faults: Counter[str]
    seconds: float
    """Of learning, approving and cleaning anew with tiers A and B."""


def seen(snapshots: Path, work: Path) -> Row:
    """Take one source through all of it."""
    known = {sha256(data).hexdigest(): data for data in (file.read_bytes() for file in snapshots.glob("*.txt"))}
    desk = Desk(work / snapshots.name, snapshots)
    first, pages = desk.files(), desk.kept()
    whole = sum(len(page.markdown) for page in pages)
    faults: Counter[str] = Counter()
    start = perf_counter()
    desk.do("archive", "rules", "learn")
    desk.approve("AB")
    summary = desk.reclean()
    seconds = perf_counter() - start
    taken, alone = _taken(desk, faults, known)
    desk.approve("C")
    desk.reclean()
    with_c, _ = _taken(desk, faults, known)
    taken["C"] = with_c["C"]
    desk.reject()
    desk.reclean()
    _check(desk, faults, known)
    last = desk.files()
    faults["back"] += sum(first.get(name) != last.get(name) for name in first.keys() | last.keys())
    return Row(
        snapshots.name, len(pages), whole, taken, summary["removed_before"], summary["removed"], alone, faults, seconds
    )


def _taken(desk: Desk, faults: Counter[str], known: dict[str, bytes]) -> tuple[Counter[str], int]:
    """Check the collection; return what rules of each tier took, and how many pages they left alone."""
    tiers, taken, alone = desk.tiers(), Counter[str](), 0
    for page in _check(desk, faults, known):
        learned = [entry for entry in page.ledger.entries if entry.stage == STAGE]
        alone += not learned
        for entry in learned:
            taken[tiers[entry.rule]] += len(entry.text)
    return taken, alone


def _check(desk: Desk, faults: Counter[str], known: dict[str, bytes]) -> list[Kept]:
    """Check every page, and the collection; count what is wrong."""
    pages, ruleset = desk.kept(), desk.ruleset()
    for page in pages:
        faults.update(_wrong(page, ruleset, known))
    faults["verify"] += len(list(verify_collection(desk.path)))
    faults["again"] += desk.reclean()["changed"]
    return pages


def _wrong(page: Kept, ruleset: Ruleset, known: dict[str, bytes]) -> list[str]:
    """Return which checks of one page fail."""
    wrong = []
    ledger = page.ledger
    try:
        is_restored = restore_bytes(page.markdown, ledger) == known.get(ledger.source_sha256)
    except LedgerError:
        return ["restore"]
    if not is_restored:
        wrong.append("restore")
    source = restore(page.markdown, ledger)
    spans = sorted([*ledger.kept(len(source)), *(entry.span for entry in ledger.entries)])
    is_named = all(source[entry.span.start : entry.span.end] == entry.text for entry in ledger.entries)
    if not (tiles(spans, len(source)) and is_named and apply_entries(source, ledger.entries) == page.markdown):
        wrong.append("tile")
    again = clean(page.markdown.encode("utf-8", "surrogateescape"), ruleset=ruleset)
    if again.markdown != page.markdown:
        wrong.append("idempotent")
    return wrong


def main() -> int:
    """Print a line for each source, and one for all."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as work:
        rows = [seen(folder, Path(work)) for folder in folders(Path(sys.argv[1]))]
    print(
        f"{'source':20}{'pages':>6}{'alone':>6}{'text':>10}{'A':>8}{'':>8}{'B':>8}{'':>8}{'C':>8}{'':>8}"
        f"{'reclean says':>17}{'seconds':>8}  faults"
    )
    for row in rows:
        _print(row)
    sums = [
        sum(values) for values in zip(*((row.pages, row.whole, row.before, row.after) for row in rows), strict=True)
    ]
    taken, faults = sum((row.taken for row in rows), Counter()), sum((row.faults for row in rows), Counter())
    seconds = sum(row.seconds for row in rows)
    _print(Row("all", sums[0], sums[1], taken, sums[2], sums[3], sum(row.alone for row in rows), faults, seconds))
    return int(any(faults.values()))


def _print(row: Row) -> None:
    tiers = "".join(f"{row.taken[tier]:8,}{100 * row.taken[tier] / row.whole:6.1f} %" for tier in "ABC")
    faults = ", ".join(f"{name} {row.faults[name]}" for name in CHECKS if row.faults[name]) or "none"
    said = f"{row.before:,} → {row.after:,}"
    print(f"{row.name:20}{row.pages:6}{row.alone:6}{row.whole:10,}{tiers}{said:>17}{row.seconds:8.1f}  {faults}")


if __name__ == "__main__":
    sys.exit(main())
