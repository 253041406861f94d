"""Speed on pages, beside the peers.

    python benchmarks/pages.py FOLDER [--larger-than KB] [--rounds N] [--most N]

FOLDER holds pages (.html, .mhtml) or sets of them (.jsonl.xz, one object with `html` a line). Every page goes through
each contestant in the same run; the time is the processor's, the best of the rounds.
"""

import argparse
import contextlib
import json
import logging
import lzma
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.html
import trafilatura
from readability import Document

from clean.errors import CleanError
from clean.page import clean_page


def pages(folder: Path, larger_than: int) -> Iterator[bytes]:
    """Yield the bytes of all pages of a folder."""
    for path in sorted(folder.iterdir()):
        if path.suffix in {".html", ".htm", ".mhtml"} and path.stat().st_size > larger_than:
            yield path.read_bytes()
        elif path.name.endswith(".jsonl.xz"):
            with lzma.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    page = json.loads(line)["html"].encode()
                    if len(page) > larger_than:
                        yield page


def as_markdown(page: bytes) -> None:
    """Run trafilatura as one runs it for Markdown."""
    trafilatura.extract(
        page, output_format="markdown", include_images=True, include_links=True, include_formatting=True
    )


CONTESTANTS: dict[str, Callable[[bytes], object]] = {
    "xuanzhi": clean_page,
    "trafilatura, Markdown": as_markdown,
    "trafilatura, text": trafilatura.extract,
    "readability-lxml": lambda page: Document(page).summary(),
    "bare lxml parse": lxml.html.document_fromstring,
}


def best(contestant: Callable[[bytes], object], page: bytes, rounds: int) -> float:
    """Seconds of processor time, the best of some rounds; a page that a contestant refuses counts all the same."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        with contextlib.suppress(CleanError, lxml.etree.LxmlError, ValueError, TypeError, AttributeError):
            contestant(page)
        times.append(time.process_time() - begin)
    return min(times)


def main() -> None:
    """Print the mean and the median of each contestant, and its ratio to ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--larger-than", type=int, default=0, metavar="KB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=300, help="pages, spread over all that are there")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found = list(pages(options.folder, options.larger_than * 1024))
    if not found:
        sys.exit(f"no pages in {options.folder}")
    found = found[:: max(1, len(found) // options.most)]
    for contestant in CONTESTANTS.values():
        contestant(found[0])  # imports and tables
    times = {name: [best(run, page, options.rounds) for page in found] for name, run in CONTESTANTS.items()}
    ours = sum(times["xuanzhi"])
    print(f"{len(found)} pages, {sum(map(len, found)) / len(found) / 1024:,.0f} KB each")
    for name, seconds in times.items():
        mean, median = 1000 * statistics.mean(seconds), 1000 * statistics.median(seconds)
        print(f"{name:22}  mean {mean:7.1f} ms  median {median:7.1f} ms  {sum(seconds) / ours:5.2f} times ours")


if __name__ == "__main__":
    main()
