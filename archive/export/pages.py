"""The list of pages in a WACZ: every visit that a server answered, with the clean text once for each version."""

import json
from collections.abc import Iterator

from archive.export.chosen import Article, Capture, Chosen
from clean.frontmatter import read

__all__ = ["pages"]

_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}


def pages(chosen: Chosen) -> Iterator[bytes]:
    """Yield the lines of pages.jsonl (WACZ 1.1.1): the header, then the visits of each article, oldest first.

    `ts` is cut to the second, as it stands in the index. Additional properties are `state`, `article`, the key of the
    article, and `notice`, what stood in the place of an article.

    Raises Damaged or StorageError.
    """
    yield _line(_HEADER)
    for article in chosen.each():
        told: set[str] = set()
        for capture in chosen.captures(article.id):
            if capture.status:
                yield _line(_page(chosen, article, capture, told))


def _page(chosen: Chosen, article: Article, capture: Capture, told: set[str]) -> dict[str, str]:
    live = capture.state == "live"
    page = {
        "id": capture.visit_id.rpartition(":")[2],
        "url": capture.final_url,
        "ts": capture.fetched_at[:19] + "Z",
        "title": (capture.title if live else capture.notice) or article.title or capture.final_url,
        "state": capture.state,
        "article": article.key,
    }
    if capture.notice:
        page["notice"] = capture.notice
    if capture.conversion and capture.clean_sha256 not in told:
        told.add(capture.clean_sha256)
        text = chosen.collection.record(capture.conversion).block.decode()
        page["text"] = text[read(text).end :].strip()
    return page


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
