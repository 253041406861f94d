"""Records decisions: a program for tests that need real processes.

python decider.py COLLECTION NAME COUNT    prints each decision's note after it was reported recorded
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from archive.collection.decisions import ReviewBasis, record_decision

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def main() -> None:
    """Record `COUNT` decisions of reviewer `NAME`, one by one."""
    folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for number in range(count):
        seen = ReviewBasis("0123456789abcdef", "d" * 64, "e" * 64, "")
        record_decision(folder, [seen], "accepted", note=f"{name}-{number}", reviewer=name, at=AT)
        print(f"{name}-{number}", flush=True)


if __name__ == "__main__":
    main()
