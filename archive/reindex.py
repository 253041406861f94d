"""The catalogue's rows, made from the WARC files alone: plain files are the truth.

A pure function over records that somebody reads in the order of the files. `archive reindex` will fill a
catalogue with it; until then it proves that the catalogue holds nothing that is not in a record.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from archive.catalogue import storable
from archive.reader import Found

__all__ = ["ArticleFacts", "CaptureFacts", "Rebuilt", "VersionFacts", "rebuild"]

Place = tuple[str, int, int]
"""File, offset, length."""


class CaptureFacts(NamedTuple):
    """A capture with its latest judgement."""

    article: str
    source_sha256: str
    state: str
    notice: str
    fetch_date: str
    file_name: str
    clean_sha256: str | None
    record: Place


class VersionFacts(NamedTuple):
    """One distinct clean text of an article."""

    article: str
    clean_sha256: str
    ruleset_sha256: str
    record: Place


class ArticleFacts(NamedTuple):
    """An article and its current text."""

    key: str
    kind: str
    url: str
    title: str
    current: str | None
    """The clean_sha256 of the current version."""


class _Live(NamedTuple):
    """A live capture; the greatest one gives the current version."""

    fetched: tuple[str, str]
    order: int
    clean_sha256: str
    title: str


class Rebuilt(NamedTuple):
    """What the catalogue says, by the keys that do not depend on the order of rows."""

    articles: dict[str, ArticleFacts]
    captures: dict[str, CaptureFacts]
    versions: dict[tuple[str, str], VersionFacts]


def rebuild(warc: Iterable[tuple[str, Found]], derived: Iterable[tuple[str, Found]]) -> Rebuilt:
    """Return articles, captures and versions from the records of both folders, each with its file's name.

    Raises KeyError or ValueError where a provenance record is none of ours.
    """
    resources: dict[str, Place] = {}
    conversions: dict[str, tuple[Place, str]] = {}  # by digest and source record
    judgements: list[tuple[str, dict[str, Any]]] = []
    for file, found in (*warc, *derived):
        record, place = found.record, (file, found.offset, found.length)
        if record.type == "resource":
            resources[record.record_id] = place
        elif record.type == "conversion":
            digest = record.get("WARC-Payload-Digest").removeprefix("sha256:")
            conversions[record.refers_to + digest] = place, record.get("WARC-Conversion-Options")
        elif record.get("WARC-Target-URI").startswith("urn:provenance:"):
            judgements.append((record.refers_to, json.loads(record.block)))
    captures: dict[str, CaptureFacts] = {}
    versions: dict[tuple[str, str], VersionFacts] = {}
    articles: dict[str, ArticleFacts] = {}
    order: dict[str, int] = {}  # in which the sources came
    live: dict[str, dict[str, _Live]] = {}  # by article, then by source
    for source, said in judgements:
        key, sha256, clean = said["article"], said["source_sha256"], said["clean_sha256"]
        captures[sha256] = CaptureFacts(
            key,
            sha256,
            said["state"],
            storable(said["notice"]),
            storable(said["fetch_date"]),
            said["file"],
            clean,
            resources[source],
        )
        order.setdefault(sha256, len(order))
        conversion = conversions.get(source + clean) if clean else None
        if conversion and (key, clean) not in versions:
            place, options = conversion
            ruleset = options.partition("sha256:")[2].partition(";")[0]
            versions[key, clean] = VersionFacts(key, clean, ruleset, place)
        alive = live.setdefault(key, {})
        alive.pop(sha256, None)
        if clean:
            # The date's whole part sorts as text, and so does its fraction.
            whole, _, fraction = said["fetch_date_utc"].rstrip("Z").partition(".")
            alive[sha256] = _Live((whole, fraction), order[sha256], clean, storable(said["title"]))
        current: str | None
        if alive:
            newest = max(alive.values())
            title, current = newest.title, newest.clean_sha256
        elif key in articles:  # nothing moves
            title, current = articles[key].title, articles[key].current
        else:
            title, current = storable(said["title"]), None
        articles[key] = ArticleFacts(key, said["article_kind"], said["article_url"], title, current)
    return Rebuilt(articles, captures, versions)
