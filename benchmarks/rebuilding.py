"""Whether a rebuilt catalogue is the one that was there, on many articles, and what rebuilding costs.

    python benchmarks/rebuilding.py [--articles N] [--folder DIR]

The articles come from snapshots, visits, visits without change, pages that are gone, cleanings anew, short links that
turn out to be known articles, and accounts that moved; mixed by chance, the same every time.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests" / "archive"))

from adder import snapshot
from visitor import cleaned, visit

from archive.catalogue.connection import Catalogue
from archive.collection.collection import Collection, prepare
from archive.collection.reader import catalogue_of
from archive.ingest.visit import prepare_visit
from archive.maintenance.compare import compare_catalogues, tables
from archive.maintenance.rebuild import reindex
from archive.storage import CATALOGUE

BATCH = 200


def long(number: int) -> str:
    """Return the address of an article by its parameters."""
    return f"https://mp.weixin.qq.com/s?__biz=MzI=&mid={number}&idx=1&sn=abc"


def made(number: int, chance: random.Random, collection: Collection) -> list[object]:
    """Return what happens to one article."""
    url, short = f"https://a.example/{number}", f"https://mp.weixin.qq.com/s/Short{number:06}"
    context = collection.context()

    def seen(**given: object) -> object:
        return prepare_visit(visit(number, **given), context)

    def given(**facts: object) -> object:
        return prepare(snapshot(number, **facts), context)

    kind = chance.randrange(6)
    if kind == 0:
        return [given()]
    if kind == 1:  # cleaned anew with other rules
        return [given(), given(clean=f"新{number}\n", ruleset="1" * 64)]
    if kind == 2:
        return [seen(url=url), seen(url=url, hours=1)]
    if kind == 3:
        return [seen(url=url), seen(url=url, hours=2, cleaned=cleaned(None, state="deleted", notice="已删除"))]
    if kind == 4:  # a short link, a long one, and then a visit that shows that they are one
        text = f"同一篇{number}\n"
        return [given(url=short), given(), seen(url=short, hours=3, text=text, cleaned=cleaned(text, url=long(number)))]
    moved = visit(number, url=long(number), cleaned=cleaned(None, state="migrated", notice="已迁移"))
    return [given(), prepare_visit(moved._replace(target=long(number + 10**6)), context)]


def main() -> None:
    """Fill a collection; rebuild its catalogue beside it and in its place; compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        root = Path(name) / "c"
        begin = time.monotonic()
        with Collection.open(root, limit=2_000_000) as collection:
            for start in range(0, options.articles, BATCH):
                numbers = range(start, min(start + BATCH, options.articles))
                collection.commit([each for number in numbers for each in made(number, chance, collection)])
            counts = {
                table: catalogue_of(collection).one(f"SELECT count(*) FROM {table}")[0]
                for table in ("article", "capture", "version", "cleaning", "record", "file")
            }
        print(f"filled in {time.monotonic() - begin:.1f} s: {counts}")
        with closing(Catalogue(root / CATALOGUE)) as index:
            begin = time.monotonic()
            found = list(compare_catalogues(root, index))
            print(f"rebuilt beside and compared in {time.monotonic() - begin:.1f} s: {len(found)} rows differ")
            before = tables(index)
        begin = time.monotonic()
        result = reindex(root)
        took = time.monotonic() - begin
        with closing(Catalogue(root / CATALOGUE)) as index:
            equal = tables(index) == before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"reindex in {took:.1f} s: {result.records:,} records, {result.captures:,} captures, every table"
            f" {'equal' if equal else 'NOT EQUAL'}; {len(result.damage)} damaged, {len(result.lost)} lost;"
            f" peak of memory {peak:.0f} MB"
        )
        if found or not equal:
            sys.exit(1)


if __name__ == "__main__":
    main()
