"""Settings that live in the browser: language, name, keys; and the list of the keys."""

from starlette.responses import Response

from xuanzhi.review.language import LANGUAGES
from xuanzhi.review.request import Asked, back, see, settle

__all__ = ["KEYS", "keep", "settings"]

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


def settings(asked: Asked) -> Response:
    """Show the settings and the keys."""
    return asked.page("settings.html", keys=KEYS)


def keep(asked: Asked) -> Response:
    """Keep what was set."""
    answer = see(back(asked, "/settings"))
    language, reviewer, keys = (asked.form.get(name) for name in ("language", "reviewer", "keys"))
    if language in LANGUAGES:
        settle(answer, "language", language)
    if reviewer is not None:
        settle(answer, "reviewer", " ".join(reviewer.split())[:100])
    if keys in {"on", "off"}:
        settle(answer, "keys", keys)
    return answer
