"""What learning does on pages that its guards were not tuned on.

    python benchmarks/learning/held_out.py FOLDER…

The folders hold snapshots (.txt), pages (.html, .mhtml) and JSON lines with the keys `html` and `url` (.jsonl.xz). The
first table says how many pages with a text each source has, those that have most: from 10 on there are proposals. The
second takes pages of strangers, one of each source, as if they were of one source: what is proposed there repeats by
chance, or is of the platform and not of the source.
"""

import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

from clean.errors import CleanError
from clean.frontmatter import read_front_matter
from clean.learn.counts import LEAST_PAGES, SourceCounts
from clean.learn.page import LearnedPage, read_learned_page, scope_of
from clean.learn.propose import learn
from clean.page import clean_page
from clean.pipeline import clean

MOST = 10
"""Sources that the first table names."""


def texts(folder: Path) -> Iterator[str]:
    """Yield the clean text of every page that has one."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xz":
            with lzma.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    record = json.loads(line)
                    yield from _page(record["html"].encode("utf-8", "surrogatepass"), record.get("url", ""))
        elif path.suffix in {".html", ".mhtml"}:
            yield from _page(path.read_bytes(), "")
        elif path.suffix == ".txt":
            yield from filter(None, [clean(path.read_bytes()).markdown])


def _page(data: bytes, url: str) -> Iterator[str]:
    try:
        yield from filter(None, [clean_page(data, url=url).markdown])
    except CleanError as error:  # a page that nobody can read, such as an empty one
        print(f"left out: {url or 'a page'}: {error}", file=sys.stderr)


def main() -> None:
    """Print both tables."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sources: dict[str, dict[str, LearnedPage]] = {}
    without = 0
    for name in sys.argv[1:]:
        for text in texts(Path(name)):
            front, page = read_front_matter(text), read_learned_page(text)
            if scope := scope_of(front.get("url"), front.get("source")):
                sources.setdefault(scope, {})[page.name] = page
            else:
                without += 1
    counts = sorted(((len(pages), scope) for scope, pages in sources.items()), reverse=True)
    print(f"{sum(count for count, _ in counts)} pages of {len(counts)} sources; {without} pages tell no source")
    for count, scope in counts[:MOST]:
        print(f"{count:6}  {scope}")
    for count, scope in counts:
        if count >= LEAST_PAGES:
            told(scope, list(sources[scope].values()))
    for kind in ("wechat", "host"):
        pages = [min(own.items())[1] for scope, own in sorted(sources.items()) if scope.startswith(f"{kind}:")]
        told(f"one page of each {kind}", pages)


def told(name: str, pages: list[LearnedPage]) -> None:
    """Print what is proposed from some pages."""
    learned = learn(SourceCounts.of(pages))
    print(f"learned from {name}: {len(pages)} pages, {len(learned.proposals)} proposals")
    for one in learned.proposals:
        print(
            f"  {one.tier} {one.run.zone}, on {one.hits} pages, {len(one.texts)} lines, the first: {one.texts[0][:60]}"
        )


if __name__ == "__main__":
    main()
