"""Provenance of a capture: source of the text, time of fetching, and what cleaning did.

One JSON object, written as a metadata record that refers to the source's record. What was given stays as
given; what was read from it stands beside it. Together with the records it holds everything that the
catalogue knows.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from archive.dates import DateReading
from archive.model import Judgement, Subject, VisitDescription, to_json
from archive.naming import markdown_path
from archive.storage import storable
from archive.warc import records
from archive.warc.records import Record
from capture.identity import Identity
from clean.document import Cleaned
from clean.frontmatter import PROVENANCE_KEYS
from clean.source import Encoding
from clean.version import versions_at_hand

__all__ = [
    "CONTENT_TYPE",
    "NO_ARGUMENTS",
    "PageArguments",
    "Provenance",
    "SnapshotOrigin",
    "file_name",
    "judgement_in",
    "preferred_path",
    "recleaned_provenance",
    "snapshot_provenance",
    "subject_in",
    "visit_provenance",
]

FORMAT = 1
CONTENT_TYPE = "application/json"


class Provenance(NamedTuple):
    """A provenance before it is written: a metadata record that is still plain data."""

    record_id: str
    date: str
    """WARC-Date: the moment of the judgement."""
    uri: str
    """WARC-Target-URI, `urn:provenance:` …"""
    refers_to: str
    """The record of what was judged."""
    values: Mapping[str, object]
    """The JSON object."""

    def updated(self, **values: object) -> "Provenance":
        """Return the provenance with other values of these keys, in the order in which they stood."""
        return self._replace(values={**self.values, **values})

    def record(self) -> Record:
        """Return the record."""
        return records.metadata(
            record_id=self.record_id,
            date=self.date,
            uri=self.uri,
            refers_to=self.refers_to,
            content_type=CONTENT_TYPE,
            block=to_json(self.values),
        )


class SnapshotOrigin(NamedTuple):
    """The origin of a snapshot, besides what its cleaning tells."""

    file: str
    """The file's name, without the folders of the machine that it lay on."""
    size: int
    """Of the source, in bytes."""
    key: str
    """Of the article."""
    kind: str
    """How the key was made: `wechat`, `url`, or `content` where there is no address."""
    canonical: str
    """Address of the article, the same for all its links; the `ni` URI where there is none."""


class PageArguments(NamedTuple):
    """The arguments that a page was cleaned with, besides its bytes; empty where unknown."""

    url: str = ""
    charset: str = ""
    """The value of its Content-Type header."""
    fetch_date: str = ""


NO_ARGUMENTS = PageArguments()


def file_name(name: str) -> str:
    """Return the last part of a path of any system: the folders of a machine are nobody's business."""
    name = PureWindowsPath(PurePosixPath(name).name).name
    return "".join(character if character.isprintable() else "�" for character in name)


def snapshot_provenance(
    cleaned: Cleaned, origin: SnapshotOrigin, reading: DateReading, page: PageArguments = NO_ARGUMENTS
) -> dict[str, object]:
    """Return the provenance as plain data, in a fixed order; a page's has what it takes to clean it again."""
    ledger = cleaned.ledger
    return {
        "provenance": FORMAT,
        **{key: cleaned.fact(key) for key in PROVENANCE_KEYS},
        "fetch_date_utc": reading.warc_date,
        "fetch_date_from": reading.field,
        "fetch_date_zone": reading.zone,
        "fetch_date_precision": reading.precision,
        "fetch_date_note": reading.note,
        "article": origin.key,
        "article_kind": origin.kind,
        "article_url": origin.canonical,
        "file": origin.file,
        "size": origin.size,
        "encoding": ledger.encoding.name,
        "byte_order_mark": ledger.encoding.byte_order_mark,
        "line_end": ledger.encoding.line_end,
        "source_sha256": ledger.source_sha256,
        "state": str(cleaned.state),
        "notice": cleaned.notice,
        "profile": cleaned.profile,
        "facts": {key: value for key, value in cleaned.facts.items() if key not in PROVENANCE_KEYS},
        "clean_sha256": ledger.clean_sha256 if cleaned.markdown is not None else None,
        "ruleset_sha256": ledger.ruleset_sha256,
        "software": ledger.software,
        **_engine(ledger.engine),
        **({} if cleaned.confidence is None else {"confidence": cleaned.confidence}),
        **({} if cleaned.media_type == "text/markdown" else {"page": page._asdict()}),
    }


def recleaned_provenance(before: Mapping[str, Any], cleaned: Cleaned | None, judgement: Judgement) -> dict[str, Any]:
    """Return the provenance of a recleaned capture, made from its previous provenance.

    What was given or measured when it was captured stays; what cleaning says is new.
    """
    changed: dict[str, object] = {
        "source_sha256": judgement.source_sha256,
        "state": judgement.state,
        "notice": judgement.notice,
        "clean_sha256": judgement.clean_sha256,
        "ruleset_sha256": judgement.ruleset_sha256,
        "software": judgement.software,
        **_engine(judgement.engine),
    }
    if cleaned is not None:
        encoding = cleaned.ledger.encoding
        changed |= {
            **{key: cleaned.fact(key) for key in ("title", "source", "date")},
            **({"page_url": cleaned.fact("url")} if "visit" in before else {}),
            "encoding": encoding.name,
            "byte_order_mark": encoding.byte_order_mark,
            "line_end": encoding.line_end,
            "profile": cleaned.profile,
            "facts": {key: value for key, value in cleaned.facts.items() if key not in PROVENANCE_KEYS},
            **({} if cleaned.confidence is None and "confidence" not in before else {"confidence": cleaned.confidence}),
        }
    return {**before, **changed}


def _engine(engine: str) -> dict[str, object]:
    """Return an engine as its name and its versions, which a digest does not tell; nothing where nobody noted it."""
    return {"engine": engine, "engine_versions": versions_at_hand(engine)} if engine else {}


def preferred_path(values: Mapping[str, Any]) -> str:
    """Return the name for a Markdown file of the text that a provenance is of, where no other article has it."""
    facts = {**values["facts"], **{key: values[key] for key in ("title", "source", "date", "url")}}
    facts["url"] = values.get("page_url", values["url"])
    return markdown_path(lambda key: str(facts.get(key, "")), values["article"])


def subject_in(values: Mapping[str, Any], identities: tuple[Identity, ...]) -> Subject:
    """Return the subject in a provenance. Raises KeyError where it is none of ours."""
    whole, _, fraction = values["fetch_date_utc"].rstrip("Z").partition(".")
    return Subject(
        name=values.get("file", values["url"]),
        identities=identities,
        url=storable(values["url"]),
        title=storable(values["title"]),
        source=storable(values["source"]),
        date=storable(values["date"]),
        fetch_date=storable(values["fetch_date"]),
        fetched_at=f"{whole}.{fraction[:6].ljust(6, '0')}Z",
    )


def judgement_in(values: Mapping[str, Any], at: str) -> Judgement:
    """Return the judgement in a provenance of this moment. Raises KeyError where it is none of ours."""
    return Judgement(
        at=at,
        state=values["state"],
        notice=storable(values["notice"]),
        source_sha256=values["source_sha256"],
        clean_sha256=values["clean_sha256"],
        ruleset_sha256=values["ruleset_sha256"],
        software=values["software"],
        engine=values.get("engine", ""),
    )


def visit_provenance(description: VisitDescription, cleaned: Cleaned | None, judgement: Judgement) -> dict[str, object]:
    """Return the provenance of a visit as plain data, in a fixed order. What was not cleaned has empty values."""
    fact = cleaned.fact if cleaned is not None else lambda key: ""
    article = description.identities[0]
    encoding = cleaned.ledger.encoding if cleaned is not None else Encoding("", line_end="")
    return {
        "provenance": FORMAT,
        "title": fact("title"),
        "url": description.url,
        "source": fact("source"),
        "date": fact("date"),
        "fetch_date": description.started,
        "fetch_date_utc": description.started,
        "fetch_date_from": "visit",
        "article": article.key,
        "article_kind": article.kind,
        "article_url": article.canonical,
        "visit": description.visit_id,
        "inherits": False,
        "page_url": fact("url"),
        "encoding": encoding.name,
        "byte_order_mark": encoding.byte_order_mark,
        "line_end": encoding.line_end,
        "source_sha256": judgement.source_sha256,
        "state": judgement.state,
        "notice": judgement.notice,
        "profile": cleaned.profile if cleaned is not None else "",
        "facts": {key: value for key, value in cleaned.facts.items() if key not in PROVENANCE_KEYS} if cleaned else {},
        "clean_sha256": judgement.clean_sha256,
        "ruleset_sha256": judgement.ruleset_sha256,
        "software": judgement.software,
        **_engine(judgement.engine),
        "confidence": cleaned.confidence if cleaned is not None else None,
    }
