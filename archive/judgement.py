"""What a visit found: the state of the article, from what the server said and what cleaning made of it.

| what happened | state | notice |
| --- | --- | --- |
| nothing answered, or the redirects lead nowhere | `unavailable` | the error |
| a wall | `verification` | its kind |
| the answer was cut | `unavailable` | why |
| status 304 | that of the earlier visit, where there is one that it can mean; else `unavailable` | the status |
| another status than 2xx | what cleaning read on the page, such as `deleted`; else `unavailable` | the status |
| a page that was not cleaned, such as a picture | `not-article` | its content type |
| else | what cleaning says | what cleaning says |

So an error page, however much it looks like an article, or half a page, never becomes an article's text.
"""

from typing import NamedTuple

from capture.errors import CaptureError
from capture.page import Page
from clean.document import Cleaned, State

__all__ = ["Found", "judge"]

# What a page says in its own words stands, whatever status it came with. An empty page of an error is no such word.
_SAID = frozenset(
    {
        State.DELETED, State.VIOLATION, State.ACCOUNT_BLOCKED, State.MIGRATED, State.EXPIRED, State.BAD_LINK,
        State.VERIFICATION, State.UNAVAILABLE,
    }
)  # fmt: skip


class Found(NamedTuple):
    """State and notice of one visit."""

    state: State
    notice: str


def judge(page: Page | None, cleaned: Cleaned | None, error: CaptureError | None) -> Found:
    """Return what a visit found. A pure function."""
    if error is not None or page is None or not page.hops:
        reason = f"{error.code}: {error}" if error is not None else "nothing answered"
        return Found(State.UNAVAILABLE, reason)
    answer = page.answer
    if page.wall:
        return Found(State.VERIFICATION, page.wall)
    if not answer.whole:
        return Found(State.UNAVAILABLE, f"the answer is cut: {answer.framing or answer.message or answer.outcome}")
    if answer.status // 100 != 2:
        if answer.status != 304 and cleaned is not None and cleaned.state in _SAID:
            return Found(cleaned.state, cleaned.notice)
        reason = answer.head.reason.decode("utf-8", "replace") if answer.head else ""
        return Found(State.UNAVAILABLE, f"{answer.status} {reason}".strip())
    if cleaned is None:
        kind = answer.head.get("Content-Type") if answer.head else ""
        return Found(State.NOT_ARTICLE, kind or "no content type")
    return Found(cleaned.state, cleaned.notice)
