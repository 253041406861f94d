"""A collection put together from the files of two moments: no record is lost, and reindexing lists every capture.

Each of catalogue, its log, WARC files, derived files, Markdown, decisions, schedule, runs, settings and rules is from
an earlier or from a later moment, as after restoring some of them from a backup, or copying while somebody wrote.
`XUANZHI_MIXTURES=1` tries all of them; else those of the first four, the rest now so and now so.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from test_reclean import RULES, snapshot
from test_recovery import names, records
from visitor import visit

from archive.collection.collection import Collection
from archive.collection.decisions import ReviewBasis, record_decision

pytestmark = pytest.mark.slow

CATALOGUE, LOG = "catalogue.sqlite", "catalogue.sqlite-wal"
BOUND = (CATALOGUE, LOG, "warc", "derived")
OTHERS = ("markdown", "decisions.jsonl", "schedule.jsonl", "runs.jsonl", "collection.toml", "rules")
JOURNALS = ("decisions.jsonl", "schedule.jsonl", "runs.jsonl")
ACTS = ("write", "verify", "repair", "reindex")


class Moments(NamedTuple):
    """Copies of one collection, each taken while it was open for writing, so that there is a log."""

    earlier: Path
    later: Path


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> Moments:
    """Make a collection and copy it at two moments."""
    from xuanzhi.cli.main import main

    work = tmp_path_factory.mktemp("mixtures")
    root = work / "collection"

    def clean(*numbers: int) -> None:
        for number in numbers:
            (work / f"{number}.txt").write_text(snapshot(number, f"第{number}篇。\n\n扫码入群"))
        assert main(["clean", "-q", "-c", str(root), *(str(work / f"{number}.txt") for number in numbers)]) == 0

    def rest(turn: int) -> None:
        """Change what is no record."""
        seen = ReviewBasis("0123456789abcdef", "d" * 64, "e" * 64, "")
        record_decision(root, [seen], "accepted", note=f"{turn}", reviewer="r", at=datetime(2026, 11, turn, tzinfo=UTC))
        assert main(["archive", "add", "-q", "-c", str(root), "--every", "1d", f"https://paper.example/{turn}"]) == 0
        (root / "rules").mkdir(exist_ok=True)
        (root / "rules" / "mine.toml").write_text(RULES.replace("local.join", f"local.join-{turn}"))
        settings = root / "collection.toml"
        settings.write_text(settings.read_text() + f"# {turn}\n")

    def copy(name: str) -> Path:
        shutil.copytree(root, work / name, ignore=shutil.ignore_patterns("*-shm"))
        return work / name

    clean(1, 2)
    with Collection.open(root) as collection:
        rest(1)
        collection.keep([visit(1)])
        clean(3)
        earlier = copy("earlier")
    clean(4)
    with Collection.open(root) as collection:
        rest(2)
        collection.keep([visit(2), visit(3)])
        clean(5, 6)
        later = copy("later")
    return Moments(earlier, later)


def mixtures() -> Iterator[tuple[str, ...]]:
    """Yield for each part the moment that it is from; the log may be lost."""
    everything = bool(os.environ.get("XUANZHI_MIXTURES"))
    for turn, bound in enumerate(product(("earlier", "later"), ("earlier", "later", ""), *[("earlier", "later")] * 2)):
        if everything:
            yield from (bound + rest for rest in product(("earlier", "later"), repeat=len(OTHERS)))
        else:
            yield bound + tuple(("earlier", "later")[(turn * 37 + 11) >> place & 1] for place in range(len(OTHERS)))


def put_together(moments: Moments, mixture: tuple[str, ...], root: Path) -> None:
    root.mkdir()
    for part, moment in zip(BOUND + OTHERS, mixture, strict=True):
        source = getattr(moments, moment) / part if moment else None
        if source and source.is_dir():
            shutil.copytree(source, root / part)
        elif source and source.exists():
            shutil.copyfile(source, root / part)


def lines(root: Path) -> dict[str, list[bytes]]:
    return {name: (root / name).read_bytes().splitlines() if (root / name).exists() else [] for name in JOURNALS}


@pytest.mark.parametrize("act", ACTS)
def test_no_record_is_lost_whatever_was_restored(act: str, moments: Moments, run: Callable, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text(snapshot(9, "新的一篇。"))
    commands = {
        "write": ["clean", "new.txt"],
        "verify": ["archive", "verify", "--quick"],
        "repair": ["archive", "verify", "--quick", "--repair"],
        "reindex": ["archive", "reindex"],
    }
    for number, mixture in enumerate(mixtures()):
        root = tmp_path / "collection"
        put_together(moments, mixture, root)
        before, written = records(root), lines(root)
        result = run(*commands[act])
        assert "Traceback" not in result.err, (mixture, result)
        assert set(records(root)) >= set(before), (mixture, result)
        assert all(set(after) >= set(written[name]) for name, after in lines(root).items()), (mixture, result)
        if act == "verify":
            assert records(root) == before, mixture
        assert run("archive", "reindex").code in {0, 3}
        wanted = {"1.txt", "2.txt", "3.txt"} | ({"4.txt", "5.txt", "6.txt"} if mixture[2] == "later" else set())
        held = names(root)
        assert wanted <= held, (mixture, result)
        assert sum(each.startswith("https://") for each in held) == (3 if mixture[2] == "later" else 1), mixture
        assert ("new.txt" in held) == (act == "write" and result.code == 0), (mixture, result)
        root.rename(tmp_path / f"done-{number}")
