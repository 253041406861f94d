"""What an answer of others says: read and judged the same way when it is taken over and when it is cleaned anew."""

from typing import NamedTuple

from archive.ingest.answers import Candidate, candidate
from archive.ingest.state import Found, judge_answer
from archive.warc.content import content_of
from archive.warc.records import Record
from clean.document import Cleaned, State
from clean.errors import CleanError
from clean.rules import Ruleset

__all__ = ["BEGINNING", "Answer", "found_in", "read_answer"]

BEGINNING = 64 * 1024
"""Bytes of a block that are looked at for the head of an answer."""


class Answer(NamedTuple):
    """What was read."""

    cleaned: Cleaned | None
    """None where it is cut, or no text."""
    found: Found
    """State and notice."""


def found_in(record: Record) -> Candidate | None:
    """Return what a record of the collection says of its answer; None where it has none."""
    return candidate(record.record_id, record.fields, record.block[:BEGINNING])


def read_answer(said: Candidate, holding: Record, ruleset: Ruleset, limit: int) -> Answer:
    """Clean an answer and judge it; `holding` is the record with the payload: another one where it is a revisit.

    Raises ContentTooLarge where it has more than `limit` bytes of content.
    """
    data, cut = holding.block, said.truncated
    if holding.type.lower() == "response":
        data, broken = content_of(holding.block, limit)
        cut = broken or cut
    if cut:  # half a text is none
        return Answer(None, Found(State.UNAVAILABLE, f"the answer is cut: {cut}"))
    kind = said.content_type
    if not kind and (origin := found_in(holding)) is not None:
        kind = origin.content_type
    cleaned = _cleaned(data, said.url, kind, ruleset)
    status = 200 if said.is_not_modified else said.status or 200
    return Answer(cleaned, judge_answer(status, said.reason, kind, cleaned))


def _cleaned(data: bytes, url: str, kind: str, ruleset: Ruleset) -> Cleaned | None:
    from clean.page import clean_page  # heavy

    try:
        return clean_page(data, url=url, charset=kind or None, ruleset=ruleset)
    except CleanError:  # no text; the bytes are kept all the same
        return None
