"""Versions of an article, found again by number, moment and digest, with what their images were."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.catalogue.articles import ArticleDetail, NoSuchVersion, Selection, article_detail, iter_articles
from archive.collection.collection import Collection
from archive.collection.content import last_change, ledger_of, payloads_of, version_named, version_text
from archive.collection.reader import CollectionReader, catalogue_of
from archive.diff.compare import compare
from archive.diff.model import Relation
from archive.errors import Damaged
from archive.ingest.prepared import Visit

Look = Callable[[], tuple[CollectionReader, ArticleDetail]]

URL = "https://a.example/1"


@pytest.fixture
def collection(tmp_path: Path, opened: Callable[..., Collection]) -> Iterator[Collection]:
    with opened(tmp_path / "c") as found:
        yield found


def pictured(hours: float, address: str, bytes_: str) -> Visit:
    """Return a visit whose text has one picture."""
    text = f"从前慢\n\n![]({address}#imgIndex=0)\n"
    made = visit(1, hours=hours, text=f"<p>{hours}", cleaned=cleaned(text, url=URL))
    answer = made.page.hops[0]  # type: ignore[union-attr]
    picture = exchange(address, html(bytes_, kind="image/png"), at=answer.started)
    return made._replace(page=page(URL, answer, requisites=(picture,)))


@pytest.fixture
def look(collection: Collection) -> Iterator[Callable[[], tuple[CollectionReader, ArticleDetail]]]:
    """Look at the only article, as it is at this moment."""
    opened: list[CollectionReader] = []

    def looker() -> tuple[CollectionReader, ArticleDetail]:
        holdings = CollectionReader.open(collection.path)
        opened.append(holdings)
        return holdings, article_detail(
            catalogue_of(holdings), next(iter_articles(catalogue_of(holdings), Selection()))
        )

    yield looker
    for each in opened:
        each.close()


def test_the_text_of_a_moment_is_the_last_one_seen_by_then(collection: Collection, look: Look) -> None:
    for hours, text in ((0, "甲"), (24, "乙"), (48, "甲"), (72, "丙")):
        collection.keep([visit(1, hours=hours, text=f"<p>{hours}", cleaned=cleaned(f"{text}\n", url=URL))])
    holdings, found = look()
    assert [version_text(holdings, each) for each in found.versions] == ["甲\n", "乙\n", "丙\n"]
    moments = {"1": 1, "3": 3, "2026-11-22": 1, "2026-11-23": 2, "2026-11-24T23": 1, "2027-01": 3}
    assert {name: version_named(found, name).number for name in moments} == moments
    assert version_named(found, found.versions[1].clean_sha256[:6]).number == 2
    assert ledger_of(holdings, found.versions[0])
    for name in ("0", "4", "2026-11-21", "zzzzzz", "", "-1"):
        with pytest.raises(NoSuchVersion):
            version_named(found, name)


def test_the_last_change_is_from_the_text_before_the_current_one(collection: Collection, look: Look) -> None:
    for hours, text in ((0, "甲"), (72, "丙"), (24, "乙")):  # the last one is older, and arrives late
        collection.keep([visit(1, hours=hours, text=f"<p>{hours}", cleaned=cleaned(f"{text}\n", url=URL))])
        holdings, found = look()
        told = [version_text(holdings, each) for each in last_change(holdings, found)]
        assert told == (["甲\n", "甲\n"] if text == "甲" else ["甲\n", "丙\n"])


def test_an_image_at_another_address_is_known_by_its_bytes(collection: Collection, look: Look) -> None:
    for hours, address, data in ((0, "old", "A"), (24, "new", "A"), (48, "other", "B")):
        collection.keep([pictured(hours, f"https://a.example/{address}.png", data * 20)])
    holdings, found = look()
    told: list[Any] = [(version_text(holdings, each), payloads_of(holdings, each)) for each in found.versions]
    assert [list(payloads) for _, payloads in told] == [
        ["https://a.example/old.png"], ["https://a.example/new.png"], ["https://a.example/other.png"],
    ]  # fmt: skip
    relations = []
    for (old, before), (new, after) in pairwise(told):
        changes = compare(old, new, old_payloads=before, new_payloads=after)
        relations += [image.relation for each in changes.pairs for image in each.images]
    assert relations == [Relation.SAME_PAYLOAD, Relation.REPLACED]


def test_of_an_image_no_more_is_read_than_its_head(collection: Collection, look: Look) -> None:
    picture = Random(0).randbytes(300_000).hex()
    collection.keep([pictured(0, "https://a.example/old.png", picture)])
    holdings, found = look()
    (row,) = catalogue_of(holdings).one("SELECT max(id) FROM record WHERE length > 200000")
    place = catalogue_of(holdings).place(row)
    with (holdings.path / place.folder / place.name).open("r+b") as file:
        file.seek(place.offset + place.length - 100)
        file.write(bytes(50))
    with pytest.raises(Damaged):
        holdings.record_at(row)
    (digest,) = payloads_of(holdings, found.versions[0]).values()
    assert digest == sha256(picture.encode()).hexdigest()
