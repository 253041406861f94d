"""State of an article at a visit, judged from the server's answer and from cleaning.

| what happened | state | notice |
| --- | --- | --- |
| nothing answered, or the redirects lead nowhere | `unavailable` | the error |
| a wall | `verification` | its kind |
| the answer was cut | `unavailable` | why |
| status 304 | that of the earlier visit, where there is one that it can mean; else `unavailable` | the status |
| another status than 2xx, or a part (206) | what cleaning read on the page, such as `deleted`; else `unavailable` \
| the status |
| a page that this machine could not clean | `uncleaned` | why |
| no page, whatever its content type says | `not-article` | what it is |
| a page that was not cleaned, such as a picture | `not-article` | its content type |
| else | what cleaning says | what cleaning says |

So an error page, however much it looks like an article, or half a page, never becomes an article's text.
"""

from typing import NamedTuple

from archive.warc.pages import PARTIAL_CONTENT
from capture.errors import CaptureError
from capture.page import Page
from clean.document import Cleaned, State

__all__ = ["VisitState", "judge", "judge_answer"]

# What a page states in its own words stands, whatever status it came with. An empty page of an error is no such word.
_OWN_WORDS = frozenset(
    {
        State.DELETED, State.VIOLATION, State.ACCOUNT_BLOCKED, State.MIGRATED, State.EXPIRED, State.BAD_LINK,
        State.VERIFICATION, State.UNAVAILABLE,
    }
)  # fmt: skip


class VisitState(NamedTuple):
    """State and notice of one visit."""

    state: State
    notice: str


def judge(
    page: Page | None, cleaned: Cleaned | None, error: CaptureError | None, uncleaned: str = "", refused: str = ""
) -> VisitState:
    """Return the state of the article at a visit. A pure function.

    `uncleaned` is why this machine could not clean it; empty where it could, or had nothing to clean. `refused` is what
    the content is, where it is no page whatever the server says; else empty.
    """
    if error is not None or page is None or not page.hops:
        reason = f"{error.code}: {error}" if error is not None else "nothing answered"
        return VisitState(State.UNAVAILABLE, reason)
    answer = page.answer
    if page.wall:
        return VisitState(State.VERIFICATION, page.wall)
    if not answer.whole:
        return VisitState(State.UNAVAILABLE, f"the answer is cut: {answer.framing or answer.message or answer.outcome}")
    reason = answer.head.reason.decode("utf-8", "replace") if answer.head else ""
    kind = answer.head.get("Content-Type") if answer.head else ""
    return judge_answer(answer.status, reason, kind, cleaned, uncleaned, refused)


def judge_answer(
    status: int, reason: str, kind: str, cleaned: Cleaned | None, uncleaned: str = "", refused: str = ""
) -> VisitState:
    """Return the state of the article in a whole answer, by its head and what cleaning made of it; see `judge`."""
    if status // 100 != 2 or status == PARTIAL_CONTENT:
        if status != 304 and cleaned is not None and cleaned.state in _OWN_WORDS:
            return VisitState(cleaned.state, cleaned.notice)
        return VisitState(State.UNAVAILABLE, f"{status} {reason}".strip())
    if uncleaned:
        return VisitState(State.UNCLEANED, uncleaned)
    if cleaned is None:
        return VisitState(State.NOT_ARTICLE, refused or kind or "no content type")
    return VisitState(cleaned.state, cleaned.notice)
