"""The provenance of a snapshot: where its text comes from, when it was fetched, and what cleaning made of it.

One JSON object, written as a metadata record that refers to the source's record. What was given stays as
given; what was read from it stands beside it. Together with the records it holds everything that the
catalogue knows.
"""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

from archive.dates import DateReading
from archive.model import Judgement, VisitFacts
from archive.naming import markdown_path
from clean.document import Cleaned
from clean.frontmatter import GIVEN
from clean.source import Encoding

__all__ = [
    "CONTENT_TYPE",
    "NOTHING_TOLD",
    "PageArguments",
    "SnapshotOrigin",
    "file_name",
    "of_visit",
    "provenance",
    "said_again",
    "to_json",
    "wanted_path",
]  # fmt: skip

FORMAT = 1
CONTENT_TYPE = "application/json"


class SnapshotOrigin(NamedTuple):
    """What is known of a snapshot besides what cleaning says of it."""

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
    """What cleaning was told about a page besides its bytes; empty where nobody knew."""

    url: str = ""
    charset: str = ""
    """The value of its Content-Type header."""
    fetch_date: str = ""


NOTHING_TOLD = PageArguments()


def file_name(name: str) -> str:
    """Return the last part of a path of any system: the folders of a machine are nobody's business."""
    name = PureWindowsPath(PurePosixPath(name).name).name
    return "".join(character if character.isprintable() else "�" for character in name)


def provenance(
    cleaned: Cleaned, origin: SnapshotOrigin, reading: DateReading, page: PageArguments = NOTHING_TOLD
) -> dict[str, object]:
    """Return the provenance as plain data, in a fixed order; a page's has what it takes to clean it again."""
    ledger = cleaned.ledger
    given = {key: cleaned.fact(key) for key in GIVEN}
    return {
        "provenance": FORMAT,
        **given,
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
        "facts": {key: value for key, value in cleaned.facts.items() if key not in GIVEN},
        "clean_sha256": ledger.clean_sha256 if cleaned.markdown is not None else None,
        "ruleset_sha256": ledger.ruleset_sha256,
        "software": ledger.software,
        **({} if cleaned.confidence is None else {"confidence": cleaned.confidence}),
        **({} if cleaned.media_type == "text/markdown" else {"page": page._asdict()}),
    }


def said_again(said: Mapping[str, Any], cleaned: Cleaned | None, judgement: Judgement) -> dict[str, object]:
    """Return the provenance of a capture that was cleaned anew: `said` is the one before.

    What was given or measured when it was captured stays; what cleaning says is new.
    """
    changed: dict[str, object] = {
        "source_sha256": judgement.source_sha256,
        "state": judgement.state,
        "notice": judgement.notice,
        "clean_sha256": judgement.clean_sha256,
        "ruleset_sha256": judgement.ruleset_sha256,
        "software": judgement.software,
    }
    if cleaned is not None:
        encoding = cleaned.ledger.encoding
        changed |= {
            **{key: cleaned.fact(key) for key in ("title", "source", "date")},
            **({"page_url": cleaned.fact("url")} if "visit" in said else {}),
            "encoding": encoding.name,
            "byte_order_mark": encoding.byte_order_mark,
            "line_end": encoding.line_end,
            "profile": cleaned.profile,
            "facts": {key: value for key, value in cleaned.facts.items() if key not in GIVEN},
            **({} if cleaned.confidence is None and "confidence" not in said else {"confidence": cleaned.confidence}),
        }
    return {**said, **changed}


def wanted_path(said: Mapping[str, Any]) -> str:
    """Return the name that a Markdown file of the text that a provenance is of would like."""
    facts = {**said["facts"], **{key: said[key] for key in ("title", "source", "date", "url")}}
    facts["url"] = said.get("page_url", said["url"])
    return markdown_path(lambda key: str(facts.get(key, "")), said["article"])


def of_visit(facts: VisitFacts, cleaned: Cleaned | None, judgement: Judgement) -> dict[str, object]:
    """Return the provenance of a visit as plain data, in a fixed order. What was not cleaned has empty values."""
    fact = cleaned.fact if cleaned is not None else lambda key: ""
    article = facts.identities[0]
    encoding = cleaned.ledger.encoding if cleaned is not None else Encoding("", line_end="")
    return {
        "provenance": FORMAT,
        "title": fact("title"),
        "url": facts.url,
        "source": fact("source"),
        "date": fact("date"),
        "fetch_date": facts.started,
        "fetch_date_utc": facts.started,
        "fetch_date_from": "visit",
        "article": article.key,
        "article_kind": article.kind,
        "article_url": article.canonical,
        "visit": facts.visit_id,
        "inherits": False,
        "page_url": fact("url"),
        "encoding": encoding.name,
        "byte_order_mark": encoding.byte_order_mark,
        "line_end": encoding.line_end,
        "source_sha256": judgement.source_sha256,
        "state": judgement.state,
        "notice": judgement.notice,
        "profile": cleaned.profile if cleaned is not None else "",
        "facts": {key: value for key, value in cleaned.facts.items() if key not in GIVEN} if cleaned else {},
        "clean_sha256": judgement.clean_sha256,
        "ruleset_sha256": judgement.ruleset_sha256,
        "software": judgement.software,
        "confidence": cleaned.confidence if cleaned is not None else None,
    }


def to_json(value: Mapping[str, object]) -> bytes:
    """Return the object as JSON on lines a person can read, ended by a newline. Same object, same bytes."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # a stray byte of the source stands in a title as a lone surrogate
        return json.dumps(value, indent=1).encode() + b"\n"
