"""The description of a visit: one JSON object, in the metadata record that ends the visit's records.

The record's target is `urn:visit:` and the address as given. With it a visit can be put together again from the WARC
file alone: it names every exchange. Every key is there in every description; what is not known is null, empty or zero.

| key | value |
| --- | --- |
| `visit` | format of this object: 1 |
| `url` | as given |
| `started` | UTC, to the microsecond: of the exchange that answered, else of the visit |
| `answer` | record of the exchange that answered: a response or a revisit; null where nothing did |
| `final_url`, `status` | of that exchange; empty and 0 where nothing answered |
| `etag`, `last_modified` | what it said about its version |
| `payload_sha256` | of its body, where that is whole and not empty |
| `wall` | kind of the wall before the page; empty where there is none |
| `error`, `message` | code and words of the error that ended the visit; empty where none did |
| `robots` | what was decided about robots.txt: `decision`, `url`, `reason` |
| `insecure` | whether certificates were not verified, by the operator's wish |
| `failures` | requisites without an answer: `url`, `code`, `message` |
| `shared` | requisites that were fetched for an earlier page of the run, and not again |
| `article`, `article_kind`, `article_url` | the article's key, how it was made, its canonical address; null where the \
address was not contacted |
| `aliases` | other keys of the same article |
| `target`, `target_key` | where a migrated article went; empty where it did not or nobody says |
| `run`, `item` | the run that the visit belongs to and the place in its list; null and 0 where there is none |
| `exchanges` | in the order of their start: `record`, `role`, `via`, `url`, `status` |
| `certificates` | certificates that servers sent: base64 of the DER, by sha256 |
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from capture.identity import Identity

__all__ = ["FORMAT", "Judgement", "Subject", "VisitFacts", "facts_in"]

FORMAT = 1


class Judgement(NamedTuple):
    """One judgement of one capture."""

    at: str
    """The moment of adding, as WARC-Date."""
    state: str
    notice: str
    source_sha256: str
    """Of what cleaning read; empty where nothing was cleaned."""
    clean_sha256: str | None
    """None unless the state is live."""
    ruleset_sha256: str
    software: str


class Subject(NamedTuple):
    """What was captured, as the catalogue has it; texts are storable."""

    name: str
    """The snapshot's file, or the address as given."""
    identities: tuple[Identity, ...]
    """Names of the article; the first is its key where none of them is known. None where nothing was captured."""
    url: str
    title: str
    source: str
    date: str
    fetch_date: str
    """As given."""
    fetched_at: str
    """In UTC, to the microsecond: sorts as text."""

    @property
    def identity(self) -> Identity:
        """The name by which a new article is called."""
        return self.identities[0]


class VisitFacts(NamedTuple):
    """What the catalogue keeps of a visit; the names are the keys of the description."""

    visit_id: str
    url: str
    started: str
    answer: str
    final_url: str
    status: int
    etag: str
    last_modified: str
    payload_sha256: str
    wall: str
    error: str
    message: str
    target: str
    target_key: str
    run: str
    item: int
    identities: tuple[Identity, ...]
    imported_payload: str = ""
    """Of what others captured, the record that has the payload; empty for a visit of ours, as the next."""
    imported_digest: str = ""
    """The payload's digest as they wrote it; empty where they wrote none."""

    @property
    def is_imported(self) -> bool:
        """Whether others captured it."""
        return bool(self.imported_payload)

    @property
    def event(self) -> str:
        """What happened, by the names of PREMIS 3: we captured it, or took over what others had captured."""
        return "ingestion" if self.is_imported else "capture"


def facts_in(visit_id: str, said: Mapping[str, Any]) -> VisitFacts:
    """Return the facts in a visit's description. Raises KeyError where it is none of ours."""
    identities: tuple[Identity, ...] = ()
    if said["article"]:
        first = Identity(said["article"], said["article_kind"], said["article_url"])
        identities = (first, *(Identity(key, said["article_kind"], "") for key in said["aliases"]))
    imported: Mapping[str, Any] | None = said.get("import")
    return VisitFacts(
        visit_id,
        said["url"],
        said["started"],
        said["answer"] or "",
        said["final_url"],
        said["status"],
        said["etag"],
        said["last_modified"],
        said["payload_sha256"],
        said["wall"],
        said["error"],
        said["message"],
        said["target"],
        said["target_key"],
        said["run"] or "",
        said["item"],
        identities,
        (imported["origin"] or said["answer"]) if imported else "",
        imported.get("digest", "") if imported else "",
    )
