"""Healing what is derived: catalogue, Markdown files, torn tails, leftovers, damaged records of the derived files.

Capture files are never touched. In this order: what is damaged in the catalogue must not decide about anything else.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from archive import settings as configs
from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection
from archive.files import CATALOGUE
from archive.finding import Finding
from archive.leftovers import leftovers, remove
from archive.maintenance.check_texts import check_catalogue
from archive.maintenance.rebuild import reindex
from archive.maintenance.repair import rewrite
from archive.reader import Place
from clean.rules import Ruleset

__all__ = ["HEALABLE", "Repaired", "repair"]

_CATALOGUE = frozenset({"catalogue-damaged", "catalogue-differs", "not-indexed", "not-there"})
_MARKDOWN = frozenset({"markdown-missing", "markdown-changed", "markdown-due"})
HEALABLE = frozenset({*_CATALOGUE, *_MARKDOWN, "leftover", "tail", "settings-changed"})
"""Codes of findings that cost nothing that was captured, wherever they are found."""


class Repaired(NamedTuple):
    """What was done."""

    reindexed: bool
    records: int
    """Written anew in the derived files."""
    markdown: int
    """Articles whose file was written again."""
    removed: int
    """Leftovers."""
    problems: tuple[str, ...]
    """What could not be done, and why."""


def repair(
    root: Path, findings: Sequence[Finding], ruleset: Ruleset, watch: Callable[[int], None] | None = None
) -> Repaired:
    """Heal what can be healed of what was found. `watch` hears of the bytes of each record that is indexed.

    Raises Busy, DiskFull, NotWritable or StorageError; what was healed before stays healed, and it can be run again.
    """
    codes = {each.code for each in findings}
    problems: list[str] = []
    in_files = [each for each in findings if each.file.endswith(".warc.gz") and each.code not in HEALABLE]
    damaged = "catalogue-damaged" in codes
    written = 0
    if damaged:
        reindex(root, watch=watch)
    if derived := {each.file for each in in_files if each.file.startswith("xuanzhi-derived-")}:
        written, problems = _rewrite(root, in_files, derived, ruleset)
    # A sound catalogue knows more than damaged files do: it is made again where nothing is damaged any more.
    captures = [each for each in in_files if each.file not in derived]
    again = not damaged and bool(codes & _CATALOGUE)
    if again and written:  # perhaps the damage in the files was all that was wrong
        again = any(True for _ in check_catalogue(root))
    if "not-a-decision" in codes:
        problems.append("decisions.jsonl has lines that are no decisions: mend them, or put it back from a copy")
    if again and (captures or problems):
        problems.append("the catalogue is not made again until the damaged files are put back: it knows what they held")
        again = False
    if again:
        reindex(root, watch=watch)
    removed = 0
    for path in leftovers(root):
        remove(path)
        removed += 1
    with Collection.open(root, create=False) as collection:  # cuts torn tails, writes what is due
        markdown = collection.write_markdown()
    return Repaired(damaged or again, written, markdown, removed, tuple(problems))


def _rewrite(root: Path, findings: Sequence[Finding], names: set[str], ruleset: Ruleset) -> tuple[int, list[str]]:
    settings = configs.read(root / configs.FILE)
    written = 0
    problems: list[str] = []
    with closing(Catalogue(root / CATALOGUE)) as catalogue, catalogue.transaction():
        for name in sorted(names):
            gone = any(each.file == name and each.code == "missing-file" for each in findings)
            offsets = {each.offset for each in findings if each.file == name}

            def is_damaged(place: Place, gone: bool = gone, offsets: set[int] = offsets) -> bool:
                return gone or place.offset in offsets

            result = rewrite(catalogue, root, settings, name, is_damaged, ruleset)
            written += result.healed
            problems += result.problems
    return written, problems
