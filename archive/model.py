"""Data types that all layers of a collection share: captures, judgements, visits.

A visit is described by one JSON object, in the metadata record that ends the visit's records; its target is
`urn:visit:` and the address as given. With it a visit can be put together again from the WARC file alone: it names
every exchange. `VisitDescription` is that object; the table in docs/collection.md is made of its fields.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, Self

from capture.identity import Identity

__all__ = [
    "DOUBTFUL",
    "IMPORT_URN",
    "JUDGED_ANEW",
    "UNCLEANED",
    "UNINDEXED",
    "FailedRequisite",
    "ImportSource",
    "Judgement",
    "Subject",
    "VisitDescription",
    "VisitExchange",
    "to_json",
]

FORMAT = 1

IMPORT_URN = "urn:import:"
"""What the target of an import's description begins with; the `ni` URI (RFC 6920) of the imported file follows."""

DOUBTFUL = "doubtful"
"""State of a capture that looks like an article, but not like the one that stood there."""

UNCLEANED = "uncleaned"
"""The state of a capture that could not be cleaned, because of the machine; the notice says why."""


class Judgement(NamedTuple):
    """A judgement of a capture."""

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
    engine: str = ""
    """What else decided it, as the ledger names it; empty where nothing was cleaned, and where nobody noted it."""

    @property
    def makers(self) -> dict[str, str]:
        """What decided it beside the source, by the names of the catalogue's columns."""
        return {"ruleset_sha256": self.ruleset_sha256, "software": self.software, "engine": self.engine}


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


class VisitExchange(NamedTuple):
    """An exchange of a visit, as the description of the visit lists it."""

    record: str
    """The record that stands for it: its answer, or where nothing came its description."""
    role: str
    """`page`, `redirect`, `attempt`, `requisite` or `robots`; see `archive.warc.exchanges`."""
    via: str
    """Record of the exchange that led to this one; empty where there is none."""
    url: str
    status: int
    """0 where nothing answered."""


class FailedRequisite(NamedTuple):
    """A requisite without an answer."""

    url: str
    code: str
    """Of the error."""
    message: str


class ImportSource(NamedTuple):
    """The origin of a page in an imported file."""

    sha256: str
    """Of the imported file."""
    file: str
    """Its name."""
    type: str
    """WARC-Type of the page's record."""
    title: str
    """In the list of pages that came with the file; empty where there is none."""
    origin: str
    """Of a revisit or a segmented record, the record that has the payload; else empty."""
    digest: str = ""
    """WARC-Payload-Digest as the record says it; empty where it says none."""
    date: str = ""
    """WARC-Date as the record says it, where it is not as WARC 1.1 §5.4 writes one to the second; else empty."""
    date_read: str = ""
    """How that was read: a code of `archive.dates`; else empty."""
    date_precision: str = ""
    """The smallest part of that which is known: `year` to `fraction`, or `unknown`; else empty."""

    def values(self) -> dict[str, str]:
        """Return the JSON object as plain data: what is said of the date is there where there is something to say."""
        values = self._asdict()
        return values if self.date_read else {name: values[name] for name in values if not name.startswith("date")}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDescription:
    """A visit as a whole: which exchanges it had and why, what ended it, and which article it is of.

    Names and order of the fields are those of the JSON object, which begins with `visit`, the format of this object.
    What is null there is empty here.
    """

    visit_id: str
    """The record that holds the description; this is no key of it."""
    url: str
    """As given."""
    started: str
    """When the exchange that brought the response began, else the visit: UTC, to the microsecond."""
    answer: str
    """Record of the response to the page: a `response` or a `revisit`; null if there was none."""
    final_url: str
    """Where the response came from, after redirects; empty if there was none."""
    status: int
    """HTTP status of the response; 0 if there was none."""
    etag: str = ""
    """ETag of the response (RFC 9110 §8.8.3); empty if it has none."""
    last_modified: str = ""
    """Last-Modified of the response (RFC 9110 §8.8.2); empty if it has none."""
    payload_sha256: str = ""
    """Of the body of the response, if that is complete and not empty."""
    wall: str = ""
    """Kind of the wall in front of the page; empty if there was none."""
    error: str = ""
    """Code of the error that ended the visit; empty if none did."""
    message: str = ""
    """The error in words."""
    robots: Mapping[str, str] = field(default_factory=dict)
    """What was decided about robots.txt: `decision`, `url`, `reason`."""
    insecure: bool = False
    """Whether the operator had switched off the verification of certificates."""
    failures: tuple[FailedRequisite, ...] = ()
    """Requisites without a response: `url`, `code`, `message`."""
    shared: tuple[str, ...] = ()
    """Requisites that were fetched for an earlier page of the run, and not again for this one."""
    article: str = ""
    """Key of the article; null if the address was not contacted, as are the next two."""
    article_kind: str = ""
    """How the key was made."""
    article_url: str = ""
    """Its canonical address."""
    aliases: tuple[str, ...] = ()
    """Other keys of the same article."""
    target: str = ""
    """Where a migrated article went; empty if it did not, or if the page does not say."""
    target_key: str = ""
    """Key of the article at that address."""
    run: str = ""
    """The run that the visit belongs to; null if there is none."""
    item: int = 0
    """Its position in the list of that run, from 0."""
    exchanges: tuple[VisitExchange, ...] = ()
    """In the order of their start: `record`, `role`, `via`, `url`, `status`."""
    certificates: Mapping[str, str] = field(default_factory=dict)
    """Certificates that servers sent: base64 of the DER, by sha256."""
    imported: ImportSource | None = None
    """Only if others captured the page: `sha256` and `file` of what was imported, `type` of the record, `title` in the
    list of pages that came with it, `origin` (for a revisit or a segmented record, the record that has the payload;
    else empty), `digest` of the payload as the record gives it; where its date could not simply be read also `date`,
    `date_read` and `date_precision`."""

    def with_identities(self, identities: tuple[Identity, ...]) -> Self:
        """Return the description with the names of its article, the one that a new article is called by first."""
        if not identities:
            return self
        first, *others = identities
        return replace(
            self,
            article=first.key,
            article_kind=first.kind,
            article_url=first.canonical,
            aliases=tuple(each.key for each in others),
        )

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The names of the article; none where the address was not contacted."""
        if not self.article:
            return ()
        first = Identity(self.article, self.article_kind, self.article_url)
        return (first, *(Identity(key, self.article_kind, "") for key in self.aliases))

    @property
    def imported_payload(self) -> str:
        """Of what others captured, the record that has the payload; empty for a visit of ours."""
        return (self.imported.origin or self.answer) if self.imported else ""

    @property
    def imported_digest(self) -> str:
        """Of what others captured, the payload's digest as they wrote it; empty where they wrote none."""
        return self.imported.digest if self.imported else ""

    @property
    def event(self) -> str:
        """What happened, by the names of PREMIS 3: we captured it, or took over what others had captured."""
        return "ingestion" if self.imported else "capture"

    def row(self) -> dict[str, object]:
        """Return the columns of the catalogue's table `visit`, all but the capture's."""
        return {name: getattr(self, name) for name in _COLUMNS}

    def values(self) -> dict[str, object]:
        """Return the JSON object as plain data, in its order. Every key is there but `import`, which only imports have.

        What is not known is null, empty or zero.
        """
        values = {each: getattr(self, each) for each in _KEYS}
        values |= {name: values[name] or None for name in _NULLABLE}
        values |= {name: list(values[name]) for name in ("shared", "aliases")}
        values["failures"] = [each._asdict() for each in self.failures]
        values["exchanges"] = [{**each._asdict(), "via": each.via or None} for each in self.exchanges]
        return {"visit": FORMAT, **values, **({"import": self.imported.values()} if self.imported else {})}

    def to_json(self) -> bytes:
        """Return the block of the record that holds it."""
        return to_json(self.values())

    @classmethod
    def read(cls, visit_id: str, values: Mapping[str, Any]) -> Self:
        """Return the description in a JSON object; keys that no row needs may be missing, see `UNINDEXED`.

        Raises KeyError where it is none of ours.
        """
        given = {name: values[name] for name in _KEYS if name in values or name not in UNINDEXED}
        given |= {name: given[name] or "" for name in _NULLABLE}
        given["aliases"] = tuple(given["aliases"])
        given["shared"] = tuple(values.get("shared", ()))
        given["failures"] = tuple(
            FailedRequisite(**_picked(FailedRequisite, each)) for each in values.get("failures", ())
        )
        given["exchanges"] = tuple(
            VisitExchange(**{**_picked(VisitExchange, each), "via": each["via"] or ""})
            for each in values.get("exchanges", ())
        )
        source = values.get("import")
        imported = ImportSource(**_picked(ImportSource, source)) if source else None
        return cls(visit_id=visit_id, imported=imported, **given)


JUDGED_ANEW = "judged_anew"
"""Key of the provenance of a visit whose first judgement is lost: it is true, and nothing else has it."""

UNINDEXED = frozenset({"robots", "insecure", "failures", "shared", "exchanges", "certificates"})
"""Keys of a visit's description that no row of the catalogue needs, and most of its bytes."""

_KEYS = tuple(each.name for each in fields(VisitDescription) if each.name not in {"visit_id", "imported"})

_NULLABLE = ("answer", "article", "article_kind", "article_url", "run")
"""Keys that are null in the JSON object where the field is empty."""

_COLUMNS = (
    "visit_id", "final_url", "status", "etag", "last_modified", "payload_sha256", "wall", "error", "target",
    "target_key", "imported_payload", "imported_digest",
)  # fmt: skip


def _picked(kind: type[NamedTuple], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in kind._fields if name in values}


def to_json(value: Mapping[str, object]) -> bytes:
    """Return the object as JSON on lines a person can read, ended by a newline. Same object, same bytes."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a stray byte of the source stands in a title as a lone surrogate
        return json.dumps(value, indent=1).encode() + b"\n"
