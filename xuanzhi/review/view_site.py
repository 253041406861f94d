"""Views of the site: settings with the list of keys, and statistics."""

from starlette.responses import Response

from xuanzhi.review.request import LANGUAGES, ReviewRequest, redirect, return_address, set_cookie, set_reviewer
from xuanzhi.review.rows import columns, ranked

__all__ = ["KEYS", "save_settings", "settings", "statistics"]

KEYS = (
    ("j k", "next-item"),
    ("n p", "next-change"),
    ("a", "accept"),
    ("r", "reject"),
    ("x", "needs-work"),
    ("e", "note"),
    ("u", "undo"),
    ("b", "removed"),
    ("/", "filter"),
    ("?", "help"),
)
"""Keys, and the word for what they do; `review.js` has the same."""


def settings(request: ReviewRequest) -> Response:
    """Show the settings and the keys."""
    return request.page("settings.html", keys=KEYS)


def save_settings(request: ReviewRequest) -> Response:
    """Keep what was set."""
    answer = redirect(return_address(request, "/settings"))
    language, reviewer, keys = (request.form.get(name) for name in ("language", "reviewer", "keys"))
    if language in LANGUAGES:
        set_cookie(answer, "language", language)
    if reviewer is not None:
        set_reviewer(request, answer, " ".join(reviewer.split())[:100])
    if keys in {"on", "off"}:
        set_cookie(answer, "keys", keys)
    return answer


# Statistics, with small plots: captures and disappearances, removal by source, use of rules.


MOST = 20
"""Bars of a plot."""


def statistics(request: ReviewRequest) -> Response:
    """Show the statistics."""
    with request.app.open_collection() as collection:
        counted = collection.statistics()
    taken: dict[str, tuple[int, int, int]] = {}
    for item in request.app.queue.items():
        before = taken.get(item.change.source, (0, 0, 0))
        facts = item.facts
        taken[item.change.source] = before[0] + facts.taken, before[1] + facts.source_length, before[2] + 1
    shares = {source: (part / whole if whole else 0.0, count) for source, (part, whole, count) in taken.items()}
    uses = {rule: (float(count), count) for rule, count in request.app.queue.uses().items()}
    return request.page(
        "statistics.html", counted=counted, columns=columns(counted.months), shares=ranked(shares, MOST),
        uses=ranked(uses, MOST), rules=len(uses), sources=len(shares),
    )  # fmt: skip
