"""Revisits that are imported before the pages that they repeat, and become captures when those come."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from foreign import answer, article, page, record, response, sha1, wacz, zipped

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

IDENTICAL = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
HTTP = "Content-Type: application/http; msgtype=response"
HEAD = answer(b"").replace(b"Content-Length: 0", b"ETag: 1")
ID = "urn:uuid:00000000-0000-4000-8000-{:012}"


def revisit(number: int, *says: str, url: str, date: str = "2024-06-01T00:00:00Z") -> bytes:
    return record("revisit", HEAD, HTTP, IDENTICAL, *says, number=number, url=url, date=date)


def digest(number: int) -> str:
    return f"WARC-Payload-Digest: {sha1(article(number))}"


# In "later" each revisit names its page in another way; "again" repeats a revisit; "pages" has what they repeat.
FILES = {
    "pages.warc.gz": zipped(page(1, digest(1)), page(2, digest(2)), page(3, digest(3))),
    "later.warc.gz": zipped(
        revisit(11, f"WARC-Refers-To: <{ID.format(1)}>", url="http://paper.example/1"),
        revisit(12, digest(2), url="http://paper.example/2"),
        revisit(
            13, "WARC-Refers-To-Target-URI: http://paper.example/3", "WARC-Refers-To-Date: 2024-05-06T07:08:09Z",
            url="http://paper.example/3",
        ),
        revisit(14, digest(9), url="http://paper.example/9"),  # whose page never comes
    ),
    "again.warc.gz": zipped(
        revisit(21, f"WARC-Refers-To: <{ID.format(11)}>", url="http://paper.example/1", date="2024-07-01T00:00:00Z")
    ),
}  # fmt: skip


def captures(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    tables = found["tables"]
    return {(each["url"], each["fetched_at"][:10], each["state"]) for each in tables["capture"]}


def written(*names: str) -> None:
    for name in names:
        Path(name).write_bytes(FILES[name])


@pytest.mark.parametrize("order", list(permutations(FILES)), ids=lambda order: "-".join(each[:5] for each in order))
def test_in_any_order(run: Run, look: Callable[[], dict[str, Any]], order: tuple[str, ...]) -> None:
    written(*order)
    for name in order:
        assert run("archive", "import", name).code == 0
    found = look()
    assert captures(found) == {
        *((f"http://paper.example/{number}", "2024-05-06", "live") for number in (1, 2, 3)),
        *((f"http://paper.example/{number}", "2024-06-01", "live") for number in (1, 2, 3)),
        ("http://paper.example/1", "2024-07-01", "live"),
    }
    assert len(found["tables"]["version"]) == 3
    assert {each["imported_payload"] for each in found["tables"]["visit"]} == {ID.format(each) for each in (1, 2, 3)}
    assert run("archive", "reindex").code == 0
    assert look()["tables"] == found["tables"]
    for name in order:  # nothing is there to be done any more
        done = run("archive", "import", "--json", name)
        assert [each["event"] for each in done.events] == ["imported"]
    assert run("archive", "reclean", "--json").events[-1]["unchanged"] == 7


def test_what_is_said(run: Run) -> None:
    written(*FILES)
    done = run("archive", "import", "later.warc.gz", "again.warc.gz")
    assert "4 revisits of pages that are not here" in done.out
    assert "1 revisit of a page that is not here" in done.out
    assert run("archive", "reindex").code == 0  # which knows them from the description of the import
    done = run("archive", "import", "pages.warc.gz")
    assert done.code == 0
    assert "\n4 revisits imported earlier have their pages now\n" in done.out
    assert run("archive", "verify").code == 0


def test_in_one_command(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    written(*FILES)
    done = run("archive", "import", "--json", "again.warc.gz", "later.warc.gz", "pages.warc.gz")
    assert done.code == 0
    pages = [(each["file"], each["url"][-1]) for each in done.events if each["event"] == "page"]
    assert sorted(pages) == [("again.warc.gz", "1")] + [
        (file, number) for file in ("later.warc.gz", "pages.warc.gz") for number in "123"
    ]
    assert len(captures(look())) == 7


def test_what_nobody_wants_waits_on(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    other = revisit(31, digest(1), url="http://other.example/1")
    Path("other.warc").write_bytes(other)
    written("pages.warc.gz")
    run("archive", "import", "--host", "paper.example", "other.warc", "pages.warc.gz")
    assert {url for url, _, _ in captures(look())} == {f"http://paper.example/{number}" for number in (1, 2, 3)}
    Path("more.warc").write_bytes(page(5))
    run("archive", "import", "more.warc")
    assert "http://other.example/1" in {url for url, _, _ in captures(look())}


def test_the_list_of_a_wacz_still_says_what_is_a_page(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    two = revisit(12, digest(2), url="http://paper.example/2") + revisit(13, digest(3), url="http://paper.example/3")
    lists = b'{"format": "json-pages-1.0"}\n{"url": "http://paper.example/2", "title": "its title"}\n'
    wacz(Path("a.wacz"), [("archive/a.warc", two), ("pages/pages.jsonl", lists)])
    written("pages.warc.gz")
    run("archive", "import", "a.wacz")
    run("archive", "import", "pages.warc.gz")
    assert ("http://paper.example/2", "2024-06-01", "live") in captures(look())
    assert ("http://paper.example/3", "2024-06-01", "live") not in captures(look())


def test_a_revisit_without_a_date_of_its_own(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    info = record("warcinfo", b"software: other\r\n", "Content-Type: application/warc-fields", number=40)
    undated = revisit(41, digest(1), url="http://paper.example/1", date="someday")
    Path("undated.warc").write_bytes(info + undated)
    written("pages.warc.gz")
    run("archive", "import", "undated.warc")
    run("archive", "import", "pages.warc.gz")
    (capture,) = [each for each in look()["tables"]["capture"] if each["fetched_at"].startswith("2024-05-06")][:1]
    assert len(captures(look())) == 3  # dated as its file is, which is when the page was captured too
    assert len(look()["tables"]["capture"]) == 4
    assert capture["state"] == "live"


def test_a_page_that_is_cut_resolves_nothing(run: Run, look: Callable[[], dict[str, Any]]) -> None:
    Path("later.warc").write_bytes(revisit(12, f"WARC-Refers-To: <{ID.format(2)}>", url="http://paper.example/2"))
    Path("cut.warc").write_bytes(page(1) + response(2, answer(article(2))[:300], "WARC-Truncated: length"))
    run("archive", "import", "later.warc")
    run("archive", "import", "cut.warc")
    assert len(captures(look())) == 2
