"""What the collection comes to, with small plots: captures and disappearances, removal by source, use of rules."""

from starlette.responses import Response

from archive.catalogue.history import statistics as count_all
from xuanzhi.review.plots import columns, ranked
from xuanzhi.review.request import Asked

__all__ = ["statistics"]

MOST = 20
"""Bars of a plot."""


def statistics(asked: Asked) -> Response:
    """Show the statistics."""
    with asked.room.holdings() as holdings:
        counted = count_all(holdings.catalogue, holdings.path)
    taken: dict[str, tuple[int, int, int]] = {}
    for item in asked.room.queue.items():
        before = taken.get(item.change.source, (0, 0, 0))
        facts = item.facts
        taken[item.change.source] = before[0] + facts.taken, before[1] + facts.source_length, before[2] + 1
    shares = {source: (part / whole if whole else 0.0, count) for source, (part, whole, count) in taken.items()}
    uses = {rule: (float(count), count) for rule, count in asked.room.queue.uses().items()}
    return asked.page(
        "statistics.html", counted=counted, columns=columns(counted.months), shares=ranked(shares, MOST),
        uses=ranked(uses, MOST), rules=len(uses), sources=len(shares),
    )  # fmt: skip
