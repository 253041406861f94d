"""Records decisions: a program for tests that need real processes.

python decider.py COLLECTION NAME COUNT    prints each decision's note after it was reported recorded
"""

import sys
from pathlib import Path

from archive.collection import Collection
from archive.decisions import Decisions, Draft, Item


def main() -> None:
    """Record `COUNT` decisions by reviewer `NAME`, one by one."""
    folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with Collection.open(folder) as collection:
        decisions = Decisions(folder, collection.catalogue)
        for number in range(count):
            item = Item("wechat:1", "a" * 64, "b" * 64)
            decisions.record([Draft(item, "d" * 64, "r" * 64, "accepted", f"{name}-{number}", name)])
            print(f"{name}-{number}", flush=True)


if __name__ == "__main__":
    main()
