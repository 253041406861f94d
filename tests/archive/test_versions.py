"""Versions of an article, found again by number, moment and digest, with what their images were."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from visitor import cleaned, exchange, html, page, visit

from archive.collection import Collection
from archive.diff.engine import compare
from archive.diff.model import Relation
from archive.versions import NoSuchVersion, ledger_of, payloads_of, pick, text_of, versions
from archive.visit import Visit

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


def test_the_text_of_a_moment_is_the_last_one_seen_by_then(collection: Collection) -> None:
    for hours, text in ((0, "甲"), (24, "乙"), (48, "甲"), (72, "丙")):
        collection.keep([visit(1, hours=hours, text=f"<p>{hours}", cleaned=cleaned(f"{text}\n", url=URL))])
    found = versions(collection, 1)
    assert [(each.number, text_of(collection, each), len(each.seen)) for each in found] == [
        (1, "甲\n", 2), (2, "乙\n", 1), (3, "丙\n", 1),
    ]  # fmt: skip
    named = {name: pick(found, name).number for name in ("1", "3", "2026-11-22", "2026-11-23", "2026-11-24T23")}
    assert named == {"1": 1, "3": 3, "2026-11-22": 1, "2026-11-23": 2, "2026-11-24T23": 1}
    assert pick(found, found[1].clean_sha256[:6]).number == 2
    assert ledger_of(collection, found[0])
    for name in ("0", "4", "2026-11-21", "zzzzzz", "", "-1"):
        with pytest.raises(NoSuchVersion):
            pick(found, name)


def test_an_image_at_another_address_is_known_by_its_bytes(collection: Collection) -> None:
    for hours, address, data in ((0, "old", "A"), (24, "new", "A"), (48, "other", "B")):
        collection.keep([pictured(hours, f"https://a.example/{address}.png", data * 20)])
    found = versions(collection, 1)
    told: list[Any] = [(text_of(collection, each), payloads_of(collection, each)) for each in found]
    assert [list(payloads) for _, payloads in told] == [
        ["https://a.example/old.png"], ["https://a.example/new.png"], ["https://a.example/other.png"],
    ]  # fmt: skip
    relations = []
    for (old, before), (new, after) in pairwise(told):
        found_changes = compare(old, new, old_payloads=before, new_payloads=after)
        relations += [image.relation for each in found_changes.pairs for image in each.images]
    assert relations == [Relation.SAME_PAYLOAD, Relation.REPLACED]
