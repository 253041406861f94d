"""How fast the pure function is: snapshots a second on one core, beside two peers on the same texts.

    python benchmarks/cleaning.py FOLDER [FOLDER …]

The peers are a parse by markdown-it-py, which a cleaner built on a Markdown parser could not undercut, and ten lines
that cut at the interface's first words and explain nothing.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from markdown_it import MarkdownIt

from clean.pipeline import clean

ROUNDS = 7


def cutter(data: bytes) -> str:
    """Cut a text at the interface, as scripts do."""
    kept: list[str] = []
    for line in data.decode("utf-8", "replace").split("\n"):
        if line.strip() in {"预览时标签不可点", "微信扫一扫"}:
            break
        if line.strip() != "![]()":
            kept.append(line)
    return "\n".join(kept)


def measure(name: str, function: Callable[[bytes], object], texts: list[bytes]) -> float:
    """Print one row; return texts a second, the median of the rounds."""
    for text in texts[:50]:
        function(text)
    rates = []
    for _ in range(ROUNDS):
        start = process_time()
        for text in texts:
            function(text)
        rates.append(len(texts) / (process_time() - start))
    print(f"{name:32} {median(rates):10,.0f} {min(rates):10,.0f} {max(rates):10,.0f}")
    return median(rates)


def main() -> None:
    """Measure all texts of the folders."""
    paths = [path for folder in sys.argv[1:] for path in sorted(Path(folder).rglob("*.txt"))]
    if not paths:
        sys.exit(__doc__)
    texts = [path.read_bytes() for path in paths]
    size = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} snapshots, {size:,.0f} bytes on average; a second of one core, {ROUNDS} rounds")
    print(f"{'':32} {'median':>10} {'least':>10} {'most':>10}")
    parser = MarkdownIt("commonmark").enable("table")
    ours = measure("clean", clean, texts)
    parsed = measure("markdown-it-py, parse only", lambda data: parser.parse(data.decode("utf-8", "replace")), texts)
    measure("ten-line cutter", cutter, texts)
    print(f"clean is {ours / parsed:.1f} times as fast as the parse")


if __name__ == "__main__":
    main()
